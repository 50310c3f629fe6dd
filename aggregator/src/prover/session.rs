//! Sends what is in the outbox until the chain has it.

use super::{submit, targets};
use crate::{
    chain::{Account, ChainClient, Schedule},
    contracts::Rollup,
    error::Error,
    rpc::Outcome,
    wallet::{Escrow, Fate, OutboxStep, WalletDir},
};
use alloy::{
    primitives::{Address, FixedBytes, U256, aliases::U96},
    sol_types::SolCall,
};
use notefold_folding::{
    note::Asset,
    step::{DepositId, StatementHash},
};
use std::{
    collections::HashMap,
    fmt,
    time::{Duration, Instant},
};

/// How often the chain is asked.
const POLL: Duration = Duration::from_millis(700);
/// After how long an aggregator that accepted a step is sent it again.
const RESEND: Duration = Duration::from_secs(60);

/// What is said of a step while it is on its way.
pub(crate) enum Said<'a> {
    /// By an aggregator.
    Aggregator(Address, &'a Outcome),
    /// By the chain: that is what counts.
    Chain(&'a Fate),
    /// An aggregator could not be reached.
    Unreachable(Address, String),
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregator(account, outcome) => write!(f, "{outcome} (by {account})"),
            Self::Chain(fate) => write!(f, "{fate}"),
            Self::Unreachable(account, why) => write!(f, "not sent to {account}: {why}"),
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settled { batch, transaction } => {
                write!(
                    f,
                    "settled in batch {batch}, transaction 0x{}",
                    hex::encode(transaction)
                )
            }
            Self::Spent => f.write_str("one of its notes was spent by another step"),
            Self::Stale => {
                f.write_str("its anchor is none of the last 256 any more: prove it anew")
            }
        }
    }
}

/// How a session ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SessionEnd {
    /// Steps that the chain has.
    pub(crate) settled: usize,
    /// Steps that it never will.
    pub(crate) lost: usize,
}

/// One wallet sending.
pub(crate) struct Session<'a> {
    client: &'a ChainClient,
    account: &'a Account,
    dir: &'a mut WalletDir,
    schedule: Schedule,
    /// When an aggregator was last sent a step.
    sent: HashMap<(StatementHash, Address), Instant>,
}

impl<'a> Session<'a> {
    pub(crate) async fn new(
        client: &'a ChainClient,
        account: &'a Account,
        dir: &'a mut WalletDir,
    ) -> Result<Self, Error> {
        let schedule = client.schedule().await?;
        Ok(Self {
            client,
            account,
            dir,
            schedule,
            sent: HashMap::new(),
        })
    }

    /// Sends until nothing is left. `said` hears what is said of every step.
    pub(crate) async fn run(
        mut self,
        mut said: impl FnMut(StatementHash, Said<'_>),
    ) -> Result<SessionEnd, Error> {
        for step in self.dir.outbox() {
            if let Some(escrow) = &step.escrow {
                Self::escrow(self.client, self.account, escrow).await?;
            }
        }
        let mut end = SessionEnd::default();
        loop {
            match self.round(&mut end, &mut said).await {
                Ok(()) if self.dir.outbox().is_empty() => return Ok(end),
                Ok(()) => {}
                Err(Error::Rpc(error)) if error.is_retryable() => eprintln!("warning: {error}"),
                Err(error) => return Err(error),
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn round(
        &mut self,
        end: &mut SessionEnd,
        said: &mut impl FnMut(StatementHash, Said<'_>),
    ) -> Result<(), Error> {
        for (step, fate) in self.dir.sync(self.client).await? {
            match fate {
                Fate::Settled { .. } => end.settled += 1,
                Fate::Spent | Fate::Stale => end.lost += 1,
            }
            said(step.x, Said::Chain(&fate));
        }
        if self.dir.outbox().is_empty() {
            return Ok(());
        }
        let head = self.client.head().await?;
        for target in targets(self.client, &self.schedule, head).await? {
            let due = |step: &&OutboxStep| {
                let last = self.sent.get(&(step.x, target.account));
                last.is_none_or(|at| at.elapsed() >= RESEND)
            };
            let steps: Vec<_> = self
                .dir
                .outbox()
                .iter()
                .filter(due)
                .map(|step| (step.x, step.proof.clone()))
                .collect();
            if steps.is_empty() {
                continue;
            }
            let sent = &mut self.sent;
            let told = |x: StatementHash, outcome: &Outcome| {
                if !matches!(outcome, Outcome::Wait(_)) {
                    sent.insert((x, target.account), Instant::now());
                }
                said(x, Said::Aggregator(target.account, outcome));
            };
            if let Err(error) = submit(&target.endpoint, &steps, told).await {
                let (x, _) = steps[0];
                said(x, Said::Unreachable(target.account, error.to_string()));
            }
        }
        Ok(())
    }

    /// Makes a deposit, unless the chain has it in escrow.
    ///
    /// A step that was settled is not in the outbox any more, so a deposit that is not there was never made.
    pub(crate) async fn escrow(
        client: &ChainClient,
        account: &Account,
        escrow: &Escrow,
    ) -> Result<(), Error> {
        let asset = Address::from(escrow.asset);
        let DepositId(id) = DepositId::new(account.address().into_array(), escrow.nonce);
        let view = Rollup::expiryOfCall {
            id: FixedBytes(id),
            asset,
            amount: escrow.amount,
            commitments: FixedBytes(escrow.commitments),
        };
        if client.deposit_expiry(&view).await? != 0 {
            return Ok(());
        }
        let unit = client
            .view(
                client.rollup(),
                "unitOf",
                &Rollup::unitOfCall { asset },
                alloy::eips::BlockId::latest(),
            )
            .await?;
        let ether = escrow.asset == *Asset::ETHER.bytes();
        let value = if ether {
            unit * U256::from(escrow.amount)
        } else {
            U256::ZERO
        };
        let call = Rollup::depositCall {
            asset,
            amount: escrow.amount,
            commitments: FixedBytes(escrow.commitments),
            nonce: U96::from_be_slice(&escrow.nonce),
        };
        let rollup = Some(client.rollup());
        account
            .transact("deposit", rollup, value, call.abi_encode())
            .await?;
        Ok(())
    }
}
