//! The third stage: both chains, step by step, with checkpoints; and once more when the root moved.

use super::{
    context::{Context, View},
    intake::stage_failed,
    jobs::{FoldJob, Job, Tag},
    sequence::{Sequenced, load, reason_of, sequenced},
    store::{Change, StepState},
};
use crate::error::Error;
use alloy::primitives::U256;
use notefold_folding::{
    batch::{BatchProver, Checkpoint, ProvenBatch},
    state::State,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// How folding ended.
pub(crate) enum Folded {
    /// The batch is proven. The prover is kept, for another root.
    Proven(Box<ProvenBatch>, Box<BatchProver>),
    /// The root moved before that.
    Moved(Box<BatchProver>),
    /// The node ends; the batch is in its checkpoint.
    Ending,
}

/// Folds a batch until it is proven, the root moves, or the node ends.
pub(crate) async fn fold(
    context: &Context,
    tag: &Tag,
    prover: Box<BatchProver>,
) -> Result<Folded, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut work = {
        let (context, tag, stop) = (context.clone(), tag.clone(), stop.clone());
        tokio::task::spawn_blocking(move || prove(&context, &tag, prover, &stop))
    };
    let mut views = context.view.clone();
    loop {
        tokio::select! {
            done = &mut work => {
                let (proven, prover) = done.map_err(stage_failed)??;
                return Ok(match proven {
                    Some(proven) => Folded::Proven(Box::new(proven), prover),
                    None if context.ending() => Folded::Ending,
                    None => Folded::Moved(prover),
                });
            }
            Ok(()) = views.changed() => {
                if moved(&views.borrow_and_update(), tag.before) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            () = context.end() => {
                stop.store(true, Ordering::Relaxed);
                // What is proven so far is in the last checkpoint but for a few steps, and those are written now.
                let _ = (&mut work).await;
                return Ok(Folded::Ending);
            }
        }
    }
}

/// Whether the chain has another state than a batch was made on.
pub(crate) fn moved(view: &Option<View>, before: U256) -> bool {
    view.as_ref().is_some_and(|view| view.root != before)
}

type Proof = (Option<ProvenBatch>, Box<BatchProver>);

fn prove(
    context: &Context,
    tag: &Tag,
    mut prover: Box<BatchProver>,
    stop: &AtomicBool,
) -> Result<Proof, Error> {
    let params = &context.params;
    let keep = |prover: &BatchProver| {
        context.store.set_job(Some(&Job::Fold(FoldJob {
            tag: tag.clone(),
            checkpoint: prover.checkpoint(params),
        })))
    };
    keep(&prover)?;
    let mut since = 0;
    while prover.step(params)?.is_some() {
        since += 1;
        let (done, all) = prover.progress();
        if stop.load(Ordering::Relaxed) {
            keep(&prover)?;
            return Ok((None, prover));
        }
        if since == context.config.checkpoint_steps {
            since = 0;
            keep(&prover)?;
            tracing::info!(batch = tag.batch, done, all, "folding");
        }
    }
    Ok((Some(prover.finish(params)?), prover))
}

/// What folding again found.
pub(crate) struct Refolded {
    /// The batch on the new root; nothing, if no step is left.
    pub(crate) batch: Option<Sequenced>,
    /// Steps that are left out.
    pub(crate) dropped: usize,
    /// How long the native part took.
    pub(crate) milliseconds: u64,
}

/// The same batch on the state that the chain has now: intake checks, note accumulator and note chain are kept as far as nothing
/// is dropped before.
pub(crate) async fn refold(
    context: &Context,
    view: &View,
    prover: Box<BatchProver>,
) -> Result<Refolded, Error> {
    let start = Instant::now();
    let work = context.clone();
    let (state, batches) = (view.state.clone(), view.batches);
    let (batch, dropped) =
        tokio::task::spawn_blocking(move || again(&work, (*state).clone(), batches, prover))
            .await
            .map_err(stage_failed)??;
    let elapsed = start.elapsed();
    context.metrics.refolds.inc();
    context
        .metrics
        .refold_seconds
        .observe(elapsed.as_secs_f64());
    // Whatever the chain has settled is settled already; the rest of the dropped is told why.
    let changes: Vec<Change> = dropped
        .iter()
        .filter(|(x, _)| {
            let record = context.store.get(*x);
            record.is_some_and(|record| record.state == StepState::Accepted)
        })
        .cloned()
        .collect();
    context.store.change(&changes)?;
    context.tell_changes(&changes);
    Ok(Refolded {
        batch,
        dropped: dropped.len(),
        milliseconds: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}

fn again(
    context: &Context,
    state: State,
    batches: u64,
    prover: Box<BatchProver>,
) -> Result<(Option<Sequenced>, Vec<Change>), Error> {
    let open = prover.into_batch().reopen();
    let hashes: Vec<_> = open
        .steps()
        .iter()
        .map(|step| step.statement().hash())
        .collect();
    let source = |index: usize| -> Result<_, Error> {
        let (_, step) = load(context, &hashes[index..=index])?
            .pop()
            .ok_or_else(|| lost(hashes[index]))?;
        step.map_err(|_| lost(hashes[index]))
    };
    let (open, dropped) = open.refold(&context.params, state, source)?;
    let changes = dropped
        .into_iter()
        .map(|dropped| {
            let refused = StepState::Refused {
                reason: reason_of(&dropped.reason),
                message: dropped.reason.to_string(),
            };
            (dropped.x, refused)
        })
        .collect();
    let closed = open.close(&context.params).ok();
    Ok((closed.map(|closed| sequenced(closed, batches)), changes))
}

fn lost(x: notefold_folding::step::StatementHash) -> Error {
    Error::Node {
        what: "folding again",
        got: format!("no message of step {x} in the store"),
    }
}

/// A batch from its checkpoint, where the chain still has the state that it was made on.
pub(crate) async fn resume(
    context: &Context,
    view: &View,
    job: FoldJob,
) -> Result<Option<Sequenced>, Error> {
    if view.root != job.tag.before {
        return Ok(None);
    }
    let work = context.clone();
    let state = view.state.clone();
    let tag = job.tag.clone();
    let resumed = tokio::task::spawn_blocking(move || {
        Checkpoint::resume(&work.params, (*state).clone(), &job.checkpoint)
    })
    .await
    .map_err(stage_failed)?;
    match resumed {
        Ok(Checkpoint::Proving(prover)) => {
            let (done, all) = prover.progress();
            tracing::info!(batch = tag.batch, done, all, "resumed from a checkpoint");
            Ok(Some(Sequenced { tag, prover }))
        }
        Ok(Checkpoint::Open(_)) => Ok(None),
        Err(error) => {
            tracing::warn!(%error, "the checkpoint is of no use; its steps are folded anew");
            Ok(None)
        }
    }
}
