//! The third stage: both chains, step by step, with checkpoints; and once more when the root moved.

use super::{
    batch::{Base, Closed, Opened, Proven, Stage, Times, millis},
    context::Context,
    intake::stage_failed,
    jobs::{FoldJob, Job, Tag, WrapJob},
    sequence::{Done, load, reason_of},
    store::{Change, Place, StepState},
};
use crate::error::Error;
use notefold_folding::batch::{BatchProver, Checkpoint, ProvenBatch};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// Folds a batch until it is proven, or told to stop: then it is in its checkpoint, and goes on from where it is.
pub(crate) async fn fold(
    context: Context,
    closed: Closed,
    stop: Arc<AtomicBool>,
) -> Result<Done, Error> {
    let start = Instant::now();
    let Closed {
        tag,
        prover,
        mut times,
    } = closed;
    let work = {
        let (context, tag) = (context.clone(), tag.clone());
        tokio::task::spawn_blocking(move || prove(&context, &tag, prover, &stop))
    };
    let (proven, prover) = work.await.map_err(stage_failed)??;
    let elapsed = start.elapsed();
    times.folded(elapsed);
    let Some(proven) = proven else {
        return Ok(Stage::Fold(Closed { tag, prover, times }).into());
    };
    context.metrics.observe("fold", elapsed);
    let job = WrapJob {
        tag,
        proven: proven.to_bytes(&context.params),
    };
    let kept = Job::Wrap(job.clone());
    context.store.set_jobs(&[(Place::Making, Some(&kept))])?;
    tracing::info!(batch = job.tag.batch, ms = millis(elapsed), "folded");
    Ok(Stage::Wrap(Proven {
        job,
        prover: Some(prover),
        times,
    })
    .into())
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
        let job = Job::Fold(FoldJob {
            tag: tag.clone(),
            checkpoint: prover.checkpoint(params),
        });
        context.store.set_jobs(&[(Place::Making, Some(&job))])
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

/// The same batch on another state: intake checks are kept, the note accumulator and the note chain as far as nothing is dropped
/// before.
pub(crate) async fn refold(context: Context, base: Base, opened: Opened) -> Result<Done, Error> {
    let start = Instant::now();
    let work = context.clone();
    let again = tokio::task::spawn_blocking(move || again(&work, &base, opened));
    let (mut stage, dropped) = again.await.map_err(stage_failed)??;
    let elapsed = start.elapsed();
    context.metrics.refolds.inc();
    context
        .metrics
        .refold_seconds
        .observe(elapsed.as_secs_f64());
    match &mut stage {
        Some(Stage::Fold(closed)) => {
            closed.times.refolded(elapsed, dropped.len());
            closed.announce(&context);
            let tag = &closed.tag;
            tracing::info!(
                batch = tag.batch,
                steps = tag.steps.len(),
                dropped = dropped.len(),
                ms = millis(elapsed),
                "re-fold: the root moved"
            );
        }
        Some(Stage::Open(opened)) => {
            opened.times.refolded(elapsed, dropped.len());
            tracing::info!(
                batch = opened.number,
                dropped = dropped.len(),
                ms = millis(elapsed),
                "re-fold of an open batch: the root moved"
            );
        }
        _ => tracing::info!(dropped = dropped.len(), "re-fold: no step is left"),
    }
    Ok(Done {
        stage,
        refused: dropped,
        progress: true,
    })
}

fn again(
    context: &Context,
    base: &Base,
    opened: Opened,
) -> Result<(Option<Stage>, Vec<Change>), Error> {
    let hashes = opened.steps();
    let source = |index: usize| -> Result<_, Option<Error>> {
        let (_, step) = load(context, &hashes[index..=index])?.pop().ok_or(None)?;
        step.map_err(|_| None)
    };
    let Opened {
        batch, due, times, ..
    } = opened;
    let (batch, dropped) = match batch.refold(&context.params, (*base.state).clone(), source) {
        Ok(refolded) => refolded,
        Err(Some(error)) => return Err(error),
        Err(None) => {
            tracing::warn!("a message is not in the store any more; what is left is folded anew");
            return Ok((None, Vec::new()));
        }
    };
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
    if batch.steps().is_empty() {
        return Ok((None, changes));
    }
    let stage = if due {
        let closed = batch.close(&context.params).map_err(|_| Error::Node {
            what: "folding again",
            got: "a batch without steps that has some".into(),
        })?;
        Stage::Fold(Closed::new(closed, base.number, times))
    } else {
        Stage::Open(Opened {
            batch: Box::new(batch),
            before: base.root,
            number: base.number,
            due,
            caught_up: false,
            times,
        })
    };
    Ok((Some(stage), changes))
}

/// A batch from its checkpoint, on the state that it was made on.
pub(crate) async fn resume(
    context: &Context,
    base: Base,
    job: FoldJob,
) -> Result<Option<Closed>, Error> {
    let work = context.clone();
    let tag = job.tag;
    let resumed = tokio::task::spawn_blocking(move || {
        Checkpoint::resume(&work.params, (*base.state).clone(), &job.checkpoint)
    })
    .await
    .map_err(stage_failed)?;
    match resumed {
        Ok(Checkpoint::Proving(prover)) => {
            let (done, all) = prover.progress();
            tracing::info!(batch = tag.batch, done, all, "resumed from a checkpoint");
            let times = Times::resumed(&context.store, &tag);
            Ok(Some(Closed { tag, prover, times }))
        }
        Ok(Checkpoint::Open(_)) => Ok(None),
        Err(error) => {
            tracing::warn!(%error, "the checkpoint is of no use; its steps are folded anew");
            Ok(None)
        }
    }
}
