//! Follows the chain: ledger, what became of steps, whose turn it is.

use super::context::{Context, Turn, View};
use crate::{
    chain::{BlockRef, ChainError, Eligibility},
    error::Error,
    ledger::{CONFIRMATIONS, Ledger, word_of},
};
use notefold_folding::step::StatementHash;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Follows the chain until the node ends.
pub(crate) async fn follow(
    context: Context,
    mut ledger: Ledger,
    views: watch::Sender<Option<View>>,
) -> Result<(), Error> {
    let mut blocks = context.client.new_blocks().await;
    let mut pause = context.config.poll;
    loop {
        match look(&context, &mut ledger).await {
            Ok(view) => {
                pause = context.config.poll;
                context
                    .metrics
                    .head
                    .set(i64::try_from(view.head.number).unwrap_or(i64::MAX));
                context
                    .metrics
                    .batches
                    .set(i64::try_from(view.batches).unwrap_or(i64::MAX));
                context.metrics.eligible.set(view.may_settle.into());
                views.send_replace(Some(view));
            }
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

async fn look(context: &Context, ledger: &mut Ledger) -> Result<View, Error> {
    let known = context.view();
    let progress = ledger.sync(&context.client).await?;
    let head = ledger.cursor().ok_or_else(|| ChainError::Inconsistent {
        expected: "a newest block".into(),
        got: "none".into(),
    })?;
    if !progress.reverted.is_empty() {
        context.metrics.reorganisations.inc();
        tracing::warn!(
            batches = progress.reverted.len(),
            head = head.number,
            "the chain was reorganised"
        );
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
    // Everything a reorganisation may still change, and at the first look everything there is: the store may be older.
    let reverted = progress.reverted.first().map(|batch| batch.number);
    if known.is_none() || progress.changed() {
        let recent = ledger.batches().saturating_sub(2 * CONFIRMATIONS);
        let first = match (&known, reverted) {
            (None, _) => 0,
            (Some(_), Some(reverted)) => reverted.min(recent),
            (Some(_), None) => recent,
        };
        let batches = ledger.batches_from(first)?;
        let changes = context.store.reconcile(ledger.tip(), first, &batches)?;
        context.tell_changes(&changes);
        forget(context, ledger, head)?;
        context
            .metrics
            .queued
            .set(i64::try_from(context.store.queued().0).unwrap_or(i64::MAX));
    }
    let (state, root) = match known {
        Some(known) if !progress.changed() => (known.state, known.root),
        _ => (Arc::new(ledger.tip().clone()), word_of(ledger.tip().root())),
    };
    let turns = turns(context, head).await?;
    Ok(View {
        head,
        state,
        root,
        batches: ledger.batches(),
        now: turns.now,
        may_settle: turns.may_settle,
        turns: turns.ours,
    })
}

/// Messages of steps whose batch is deep enough are not needed any more.
fn forget(context: &Context, ledger: &Ledger, head: BlockRef) -> Result<(), Error> {
    let first = ledger.batches().saturating_sub(CONFIRMATIONS);
    let deep: Vec<StatementHash> = ledger
        .batches_from(first)?
        .iter()
        .filter(|batch| batch.block.number + CONFIRMATIONS <= head.number)
        .flat_map(|batch| context.store.settled_in(batch.number))
        .collect();
    if deep.is_empty() {
        return Ok(());
    }
    context.store.forget_proofs(&deep)
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
