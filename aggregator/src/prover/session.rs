//! Sends what is in the outbox until the chain has it.

use super::{
    Target, escrow, submit, targets,
    watch::{News, Watches},
};
use crate::{
    chain::{Account, ChainClient, Schedule},
    error::Error,
    rpc::{Outcome, Reason},
    wallet::{Fate, OutboxStep, WalletDir},
};
use alloy::primitives::Address;
use notefold_folding::step::StatementHash;
use std::{
    collections::{HashMap, HashSet},
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
    watches: Watches,
    /// Aggregators that were not reached last, and were told of.
    unreachable: HashSet<Address>,
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
            watches: Watches::default(),
            unreachable: HashSet::new(),
        })
    }

    /// Sends until nothing is left. `said` hears what is said of every step.
    pub(crate) async fn run(
        mut self,
        mut said: impl FnMut(StatementHash, Said<'_>),
    ) -> Result<SessionEnd, Error> {
        let steps: Vec<StatementHash> = self.dir.outbox().iter().map(|step| step.x).collect();
        self.escrow(&steps).await?;
        let mut end = SessionEnd::default();
        loop {
            match self.round(&mut end, &mut said).await {
                Ok(()) if self.dir.outbox().is_empty() => return Ok(end),
                Ok(()) => {}
                Err(Error::Rpc(error)) if error.is_retryable() => eprintln!("warning: {error}"),
                Err(error) => return Err(error),
            }
            let pause = tokio::time::sleep(POLL);
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    news = self.watches.next() => match news {
                        News::Said(account, x, outcome) => {
                            said(x, Said::Aggregator(account, &outcome));
                            if is_unfunded(&outcome) {
                                self.fund(&[x], account).await;
                            }
                        }
                        // When it is back it is sent everything again.
                        News::Gone(gone) => self.sent.retain(|(_, account), _| *account != gone),
                    }
                }
            }
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
            self.send(&target, said).await?;
        }
        Ok(())
    }

    /// Sends what is due to an aggregator, and listens to what becomes of it there.
    async fn send(
        &mut self,
        target: &Target,
        said: &mut impl FnMut(StatementHash, Said<'_>),
    ) -> Result<(), Error> {
        let account = target.account;
        let due = |step: &&OutboxStep| {
            let last = self.sent.get(&(step.x, account));
            last.is_none_or(|at| at.elapsed() >= RESEND)
        };
        let outbox = self.dir.outbox();
        let steps: Vec<_> = outbox
            .iter()
            .filter(due)
            .map(|step| (step.x, step.proof.clone()))
            .collect();
        if steps.is_empty() {
            return Ok(());
        }
        let (sent, watches) = (&mut self.sent, &mut self.watches);
        let mut unfunded = Vec::new();
        let told = |x: StatementHash, outcome: &Outcome| {
            if !matches!(outcome, Outcome::Wait(_)) {
                sent.insert((x, account), Instant::now());
            }
            if is_unfunded(outcome) {
                unfunded.push(x);
            }
            if watches.is_news(account, x, outcome) {
                said(x, Said::Aggregator(account, outcome));
            }
        };
        match submit(&target.endpoint, &steps, told).await {
            Ok(_) => {
                self.unreachable.remove(&account);
                let all = self.dir.outbox().iter().map(|step| step.x).collect();
                self.watches.start(target, all);
            }
            Err(error) => {
                let (x, _) = steps[0];
                if self.unreachable.insert(account) {
                    said(x, Said::Unreachable(account, error.to_string()));
                }
            }
        }
        self.fund(&unfunded, account).await;
        Ok(())
    }

    /// An aggregator says that deposits are missing: a reorganisation may have taken them back. Its word is not taken for it, the
    /// chain is asked.
    async fn fund(&mut self, steps: &[StatementHash], account: Address) {
        match self.escrow(steps).await {
            Ok(paid) => {
                for x in paid {
                    self.sent.remove(&(x, account));
                }
            }
            Err(error) => eprintln!("warning: {error}"),
        }
    }

    /// Makes the deposits of steps that are not in escrow; those that it made.
    async fn escrow(&self, steps: &[StatementHash]) -> Result<Vec<StatementHash>, Error> {
        let mut paid = Vec::new();
        // The block that the outbox was held against: a deposit that is not there, of a step that was not settled by then, was
        // never made. At a later block it could have been consumed already, and would be paid twice.
        let Some(at) = self.dir.cursor() else {
            return Ok(paid);
        };
        for step in self.dir.outbox() {
            let Some(deposit) = step.escrow.as_ref().filter(|_| steps.contains(&step.x)) else {
                continue;
            };
            if escrow(self.client, self.account, deposit, at).await? {
                paid.push(step.x);
            }
        }
        Ok(paid)
    }
}

fn is_unfunded(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(refused) if refused.reason() == Reason::Deposit)
}
