//! Follows the chain: ledger, what became of steps, whose turn it is.

use super::context::{Context, Turn, View};
use crate::{
    chain::{BlockRef, ChainError, Eligibility},
    error::Error,
    ledger::{CONFIRMATIONS, Ledger, Progress, word_of},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Follows the chain until the node ends.
pub(crate) async fn follow(
    context: Context,
    ledger: Ledger,
    views: watch::Sender<Option<View>>,
) -> Result<(), Error> {
    let mut blocks = context.client.new_blocks().await;
    let mut pause = context.config.poll;
    let mut follower = Follower {
        ledger,
        views,
        // At the first look everything there is: the store may be older.
        changed: Some(0),
    };
    loop {
        match follower.look(&context).await {
            Ok(()) => pause = context.config.poll,
            Err(Error::Rpc(error)) if error.is_retryable() => {
                tracing::warn!(%error, "the chain cannot be followed now");
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => return Err(error),
        }
        let pushed = async {
            match &mut blocks {
                // A subscription that ended leaves polling.
                Some(blocks) => blocks.recv().await.is_err(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = pushed => if ended { blocks = None },
            () = tokio::time::sleep(pause) => {}
            () = context.end() => return Ok(()),
        }
    }
}

struct Follower {
    ledger: Ledger,
    views: watch::Sender<Option<View>>,
    /// The first batch that is another one than records were held against last.
    changed: Option<u64>,
}

impl Follower {
    async fn look(&mut self, context: &Context) -> Result<(), Error> {
        let progress = self.ledger.sync(&context.client).await?;
        self.note(context, &progress)?;
        let head = self
            .ledger
            .cursor()
            .ok_or_else(|| ChainError::Inconsistent {
                expected: "a newest block".into(),
                got: "none".into(),
            })?;
        let turns = turns(context, head).await?;
        let tip = self.ledger.tip();
        let (state, root) = match context.view() {
            Some(known) if self.changed.is_none() => (known.state, known.root),
            _ => (Arc::new(tip.clone()), word_of(tip.root())),
        };
        let metrics = &context.metrics;
        metrics.head.set(gauge(head.number));
        metrics.batches.set(gauge(self.ledger.batches()));
        metrics.eligible.set(turns.may_settle.into());
        self.publish(
            context,
            View {
                head,
                state,
                root,
                batches: self.ledger.batches(),
                confirmed: self.ledger.confirmed(),
                now: turns.now,
                may_settle: turns.may_settle,
                turns: turns.ours,
            },
        )
    }

    /// Logs what changed, and keeps from where on until records were held against it.
    fn note(&mut self, context: &Context, progress: &Progress) -> Result<(), Error> {
        if let Some(first) = progress.reverted.first() {
            context.metrics.reorganisations.inc();
            tracing::warn!(
                batches = progress.reverted.len(),
                "the chain was reorganised"
            );
            context.store.unarchive(first.number)?;
        }
        for batch in &progress.applied {
            tracing::info!(
                batch = batch.number,
                aggregator = %batch.aggregator,
                transaction = %batch.transaction,
                block = batch.block.number,
                "a batch settled"
            );
        }
        let changed = progress.reverted.first().or(progress.applied.first());
        if let Some(first) = changed.map(|batch| batch.number) {
            self.changed = Some(self.changed.map_or(first, |before| before.min(first)));
        }
        Ok(())
    }

    /// Holds records against the chain and shows the view: both at once for whoever reads both.
    fn publish(&mut self, context: &Context, view: View) -> Result<(), Error> {
        let _moving = context.moving();
        if let Some(changed) = self.changed {
            // Some more than changed: a step may have been accepted just after its batch settled.
            let first = changed.min(self.ledger.batches().saturating_sub(CONFIRMATIONS));
            let batches = self.ledger.batches_in(first..)?;
            let changes = context
                .store
                .reconcile(self.ledger.tip(), first, &batches)?;
            context.tell_changes(&changes);
            let queued = context.store.queued() as u64;
            context.metrics.queued.set(gauge(queued));
            self.changed = None;
        }
        self.views.send_replace(Some(view));
        Ok(())
    }
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Who may settle soon.
struct Turns {
    now: Eligibility,
    may_settle: bool,
    ours: Vec<Turn>,
}

async fn turns(context: &Context, head: BlockRef) -> Result<Turns, Error> {
    let (client, config, schedule) = (&context.client, &context.config, &context.schedule);
    let us = context.account.address();
    let next = head.number + 1;
    let now = client.eligibility(next, head).await?;
    let last = head.number + config.inclusion_blocks;
    let mut may_settle = now.admits(us);
    let mut ours = Vec::new();
    if may_settle {
        ours.push(Turn {
            block: next,
            eligibility: now,
        });
    }
    let mut block = schedule.next_part(next);
    while block <= next + config.lead_blocks {
        let eligibility = client.eligibility(block, head).await?;
        if eligibility.admits(us) {
            ours.push(Turn { block, eligibility });
        } else if block <= last {
            may_settle = false;
        }
        block = schedule.next_part(block);
    }
    if may_settle && schedule.next_part(next) <= last {
        may_settle = client.eligibility(last, head).await?.admits(us);
    }
    Ok(Turns {
        now,
        may_settle,
        ours,
    })
}
