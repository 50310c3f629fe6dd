//! The rollup's state, derived from chain data alone and kept on disk. Spec: `specs/storage.md`, STORE-11 to STORE-14.
//!
//! ```text
//! genesis ─► confirmed state (nodes on disk) ─► recent batches (data on disk) ─► tip
//! ```
//!
//! Batches deeper than [`CONFIRMATIONS`] blocks are part of the confirmed state, whose tree nodes are on disk. Those above it are
//! replayed on opening, and taken back when the chain is reorganised.

mod tables;

use crate::{
    chain::{BlockRef, ChainClient, ChainError, SettledBatch},
    error::Error,
    state_tables,
};
use alloy::primitives::U256;
use notefold_folding::{
    curves::to_be_bytes,
    state::{State, StateRoot},
    step::{Deployment, PublishedStep},
};
use redb::Database;
use std::{
    ops::RangeBounds,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Blocks after which a batch is taken for final: what a reorganisation may replace without everything being read anew.
pub(crate) const CONFIRMATIONS: u64 = 64;

/// What following the chain for a while has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// Batches that are not on the chain any more, oldest first.
    pub(crate) reverted: Vec<SettledBatch>,
    /// Batches that are on it now, oldest first.
    pub(crate) applied: Vec<SettledBatch>,
}

/// The state at a place of the chain.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    database: Arc<Database>,
    confirmed: State,
    /// Batches after the confirmed state.
    recent: Vec<SettledBatch>,
    tip: State,
    /// Up to where the chain was read.
    cursor: Option<BlockRef>,
    /// Where reading begins.
    from_block: u64,
}

impl Ledger {
    /// Opens the ledger in a database, or starts one.
    pub(crate) fn open(
        path: &Path,
        database: Arc<Database>,
        deployment: Deployment,
        from_block: u64,
    ) -> Result<Self, Error> {
        tables::prepare(path, &database, deployment)?;
        let stored = tables::load(path, &database)?;
        let mut ledger = Self {
            path: path.to_owned(),
            database,
            tip: stored.confirmed.clone(),
            confirmed: stored.confirmed,
            recent: Vec::new(),
            cursor: stored.cursor,
            from_block,
        };
        for batch in stored.recent {
            advance(&mut ledger.tip, &batch)?;
            ledger.recent.push(batch);
        }
        Ok(ledger)
    }

    /// The state after all settled batches.
    pub(crate) fn tip(&self) -> &State {
        &self.tip
    }

    /// Up to where the chain was read.
    pub(crate) fn cursor(&self) -> Option<BlockRef> {
        self.cursor
    }

    /// Number of settled batches.
    pub(crate) fn batches(&self) -> u64 {
        self.tip.batch_number() - 1
    }

    /// Number of settled batches that are deep enough to be final.
    pub(crate) fn confirmed(&self) -> u64 {
        self.confirmed.batch_number() - 1
    }

    /// Settled batches of a range of numbers.
    pub(crate) fn batches_in(
        &self,
        numbers: impl RangeBounds<u64>,
    ) -> Result<Vec<SettledBatch>, Error> {
        tables::batches_in(&self.path, &self.database, numbers)
    }

    /// Reads the chain up to its newest block.
    ///
    /// Whatever it finds is checked by the state that it leads to; on an error nothing has changed.
    pub(crate) async fn sync(&mut self, client: &ChainClient) -> Result<Progress, Error> {
        let head = client.head().await?;
        let mut next = self.clone();
        let mut progress = Progress::default();
        match self.cursor {
            Some(cursor) if cursor == head => return Ok(progress),
            // An endpoint that lags: what was read before still stands.
            Some(cursor) if cursor.number > head.number => {
                if !next.is_of_another_branch(client, head).await? {
                    return Ok(progress);
                }
                progress.reverted = next.rewind(client, head).await?;
            }
            Some(cursor) if client.block_at(cursor.number).await? != Some(cursor) => {
                progress.reverted = next.rewind(client, head).await?;
            }
            _ => {}
        }
        let from = next.cursor.map_or(next.from_block, |c| c.number + 1);
        if from <= head.number {
            for batch in client.batches(from, head.number).await? {
                advance(&mut next.tip, &batch)?;
                next.recent.push(batch.clone());
                progress.applied.push(batch);
            }
        }
        // If the chain changed meanwhile, what was read may be of two branches.
        if client.block_at(head.number).await? != Some(head) {
            return Err(ChainError::Inconsistent {
                expected: format!("block {} to stay as it was", head.number),
                got: "a reorganisation while its batches were read".into(),
            }
            .into());
        }
        // An endpoint may have the block and not yet its logs.
        let state = client.state_at(head).await?;
        if state != word_of(next.tip.root()) {
            return Err(ChainError::Inconsistent {
                expected: format!("the batches that lead to state {state}"),
                got: format!("{} batches that do not", next.batches()),
            }
            .into());
        }
        next.cursor = Some(head);
        next.commit(&progress)?;
        *self = next;
        Ok(progress)
    }

    /// Whether the newest batch that a shorter chain could have is not on it.
    async fn is_of_another_branch(
        &self,
        client: &ChainClient,
        head: BlockRef,
    ) -> Result<bool, Error> {
        let last = self.recent.iter().rfind(|b| b.block.number <= head.number);
        let Some(last) = last else { return Ok(false) };
        Ok(client.block_at(last.block.number).await? != Some(last.block))
    }

    /// Takes back the batches that are not on the chain any more.
    async fn rewind(
        &mut self,
        client: &ChainClient,
        head: BlockRef,
    ) -> Result<Vec<SettledBatch>, Error> {
        let mut reverted = Vec::new();
        while let Some(last) = self.recent.last() {
            if client.block_at(last.block.number).await? == Some(last.block) {
                break;
            }
            reverted.insert(
                0,
                self.recent.pop().expect("invariant: there is a last one"),
            );
        }
        if self.recent.is_empty() && !self.confirmed_holds(client).await? {
            // Deeper than anyone expects: everything is read anew.
            let confirmed = self.confirmed.batch_number() - 1;
            let mut all = self.batches_in(..)?;
            all.truncate(usize::try_from(confirmed).unwrap_or(usize::MAX));
            all.append(&mut reverted);
            reverted = all;
            self.confirmed = State::genesis();
        }
        self.tip = self.confirmed.clone();
        for batch in &self.recent {
            advance(&mut self.tip, batch)?;
        }
        // Blocks up to the last batch that still stands were read; those after it are read again.
        let stands = self.recent.last().map(|batch| batch.block.number);
        let depth = head.number.saturating_sub(CONFIRMATIONS);
        let known = stands.unwrap_or(depth).min(head.number);
        self.cursor = if self.confirmed.batch_number() == 1 && stands.is_none() {
            None
        } else {
            client.block_at(known).await?
        };
        Ok(reverted)
    }

    /// Whether the last confirmed batch is still on the chain.
    async fn confirmed_holds(&self, client: &ChainClient) -> Result<bool, Error> {
        let count = self.confirmed.batch_number() - 1;
        let Some(last) = count.checked_sub(1) else {
            return Ok(true);
        };
        let Some(batch) = self.batches_in(last..=last)?.into_iter().next() else {
            return Ok(false);
        };
        Ok(client.block_at(batch.block.number).await? == Some(batch.block))
    }

    /// Writes what changed in one transaction; batches that are deep enough become part of the confirmed state.
    fn commit(&mut self, progress: &Progress) -> Result<(), Error> {
        let head = self.cursor.map_or(0, |cursor| cursor.number);
        let deep = |batch: &SettledBatch| batch.block.number + CONFIRMATIONS <= head;
        let count = self.recent.iter().take_while(|batch| deep(batch)).count();
        let reset = progress
            .reverted
            .first()
            .is_some_and(|batch| batch.number + 1 < self.confirmed.batch_number())
            || (self.confirmed.batch_number() == 1 && !progress.reverted.is_empty());
        let mut confirmed = self.confirmed.clone();
        let mut steps: Vec<PublishedStep> = Vec::new();
        for batch in self.recent.drain(..count) {
            let batch_steps = batch.steps()?;
            confirmed
                .apply_settled(&batch_steps)
                .expect("invariant: it applied before");
            steps.extend(batch_steps);
        }
        let changes = state_tables::take_changes(&mut confirmed);
        tables::write(
            &self.path,
            &self.database,
            &tables::Update {
                progress,
                cursor: self.cursor,
                reset,
                confirmed: &confirmed,
                changes: &changes,
                steps: &steps,
            },
        )?;
        self.confirmed = confirmed;
        Ok(())
    }
}

/// Moves a state on by a batch, to the one that the chain has. On an error the state is of no use any more.
pub(crate) fn advance(state: &mut State, batch: &SettledBatch) -> Result<(), ChainError> {
    let expected = state.batch_number() - 1;
    if batch.number != expected {
        return Err(ChainError::Inconsistent {
            expected: format!("batch {expected}"),
            got: format!("batch {}", batch.number),
        });
    }
    state
        .apply_settled(&batch.steps()?)
        .map_err(|error| ChainError::Inconsistent {
            expected: format!("steps that apply as batch {}", batch.number),
            got: error.to_string(),
        })?;
    let root = word_of(state.root());
    if root != batch.state_after {
        return Err(ChainError::Inconsistent {
            expected: format!("state {} after batch {}", batch.state_after, batch.number),
            got: format!("data that lead to {root}"),
        });
    }
    Ok(())
}

/// A state root as the contract's word.
pub(crate) fn word_of(root: StateRoot) -> U256 {
    U256::from_be_bytes(to_be_bytes(&root.to_scalar()))
}
