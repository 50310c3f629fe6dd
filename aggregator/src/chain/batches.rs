//! Settled batches: from the rollup's events and the input of their transactions, which holds the data (SET-8).

use super::{BlockRef, ChainClient, ChainError, client::answer};
use crate::contracts::{Rollup, Settlement, settlement_of};
use alloy::{
    consensus::Transaction,
    primitives::{Address, B256, U256},
    providers::Provider,
    rpc::types::{Filter, Log},
    sol_types::SolEvent,
};
use notefold_folding::step::PublishedStep;

/// Blocks that one request asks logs of.
const LOG_BLOCKS: u64 = 5_000;

/// A batch on the chain.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SettledBatch {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// Where it is.
    pub(crate) block: BlockRef,
    /// The transaction that settled it.
    pub(crate) transaction: B256,
    /// Who did.
    pub(crate) aggregator: Address,
    /// S after it.
    pub(crate) state_after: U256,
    /// Its steps, as published.
    pub(crate) data: Vec<u8>,
}

impl SettledBatch {
    /// Its steps.
    pub(crate) fn steps(&self) -> Result<Vec<PublishedStep>, ChainError> {
        PublishedStep::read_all(&self.data).map_err(|error| ChainError::Inconsistent {
            expected: format!("steps as the data of batch {}", self.number),
            got: error.to_string(),
        })
    }
}

impl ChainClient {
    /// Batches settled in a range of blocks, both inclusive, in order.
    pub(crate) async fn batches(
        &self,
        from: u64,
        to: u64,
    ) -> Result<Vec<SettledBatch>, ChainError> {
        let mut batches = Vec::new();
        for filter in self.settled(from, to) {
            for log in answer(self.provider.get_logs(&filter)).await? {
                batches.push(self.batch(&log).await?);
            }
        }
        Ok(batches)
    }

    /// Filters for the events of a range of blocks, both inclusive, in pieces that endpoints answer.
    fn settled(&self, from: u64, to: u64) -> impl Iterator<Item = Filter> + use<> {
        let filter = Filter::new()
            .address(self.rollup())
            .event_signature(Rollup::BatchSettled::SIGNATURE_HASH);
        let piece = usize::try_from(LOG_BLOCKS).expect("invariant: a small number");
        (from..=to).step_by(piece).map(move |start| {
            let end = to.min(start + LOG_BLOCKS - 1);
            filter.clone().from_block(start).to_block(end)
        })
    }

    /// One batch by its number, if it is settled.
    pub(crate) async fn batch_by_number(
        &self,
        number: u64,
        from: u64,
    ) -> Result<Option<(SettledBatch, Settlement)>, ChainError> {
        let head = self.head().await?;
        for filter in self.settled(from, head.number) {
            let filter = filter.topic1(U256::from(number));
            if let Some(log) = answer(self.provider.get_logs(&filter)).await?.first() {
                return self.batch_and_settlement(log).await.map(Some);
            }
        }
        Ok(None)
    }

    async fn batch(&self, log: &Log) -> Result<SettledBatch, ChainError> {
        Ok(self.batch_and_settlement(log).await?.0)
    }

    async fn batch_and_settlement(
        &self,
        log: &Log,
    ) -> Result<(SettledBatch, Settlement), ChainError> {
        let inconsistent = |expected: &str, got: String| ChainError::Inconsistent {
            expected: expected.to_owned(),
            got,
        };
        let event = Rollup::BatchSettled::decode_log(&log.inner)
            .map_err(|error| inconsistent("an event of a settled batch", error.to_string()))?;
        let place = log
            .transaction_hash
            .zip(log.block_hash)
            .zip(log.block_number);
        let ((transaction, hash), number) = place
            .ok_or_else(|| inconsistent("an event of a mined block", "a pending one".into()))?;
        let block = BlockRef { number, hash };
        let found = answer(self.provider.get_transaction_by_hash(transaction)).await?;
        let found = found.ok_or_else(|| {
            inconsistent(
                "the transaction of a settled batch",
                format!("no {transaction}"),
            )
        })?;
        let settlement = settlement_of(found.input()).ok_or_else(|| {
            inconsistent(
                "a settlement as a transaction's input",
                format!("another call in {transaction}"),
            )
        })?;
        let batch = SettledBatch {
            number: u64::try_from(event.batchNumber).unwrap_or(u64::MAX),
            block,
            transaction,
            aggregator: event.aggregator,
            state_after: event.stateAfter,
            data: settlement.data.to_vec(),
        };
        if batch.state_after != settlement.stateAfter {
            return Err(inconsistent(
                "the transaction and the event of a batch to agree",
                format!("{} and {}", settlement.stateAfter, batch.state_after),
            ));
        }
        Ok((batch, settlement))
    }
}
