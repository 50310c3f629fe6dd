//! The second stage: which steps, in which order. While the batch is open, its note chain is proven ahead.

use super::{
    batch::{Closed, Opened, Stage, millis},
    context::{Context, View},
    intake::{check_deposit, stage_failed},
    store::{Change, StepState},
};
use crate::{
    error::Error,
    rpc::{Outcome, Reason},
};
use futures_util::future::join_all;
use notefold_folding::{
    batch::PushError,
    state::StateError,
    step::{CheckedStep, StatementHash, StepProof, verify_batch},
    tree::NullifierError,
};
use std::time::{Duration, Instant};

/// Steps whose messages are in memory at once.
pub(crate) const AT_ONCE: usize = 16;

/// What work on a batch leaves.
pub(crate) struct Done {
    /// The batch, unless no step of it is left.
    pub(crate) stage: Option<Stage>,
    /// Steps that do not fit. They are told once it is sure that the state, which says so, is still the one.
    pub(crate) refused: Vec<Change>,
    /// Whether anything came of it.
    pub(crate) progress: bool,
}

impl From<Stage> for Done {
    fn from(stage: Stage) -> Self {
        Self {
            stage: Some(stage),
            refused: Vec::new(),
            progress: true,
        }
    }
}

/// Steps whose deposit is in escrow for long enough, and those whose is not. What cannot be looked up now is in neither.
async fn funded(
    context: &Context,
    view: &View,
    steps: &[StatementHash],
) -> (Vec<StatementHash>, Vec<Change>) {
    let records: Vec<_> = steps
        .iter()
        .filter_map(|x| Some((*x, context.store.get(*x)?.statement)))
        .collect();
    let deposits = records.iter().map(|(_, s)| check_deposit(context, view, s));
    let deposits = join_all(deposits).await;
    let (mut usable, mut refused) = (Vec::new(), Vec::new());
    for ((x, _), deposit) in records.into_iter().zip(deposits) {
        match deposit {
            Some(Outcome::Refused(why)) => refused.push((
                x,
                StepState::Refused {
                    reason: why.reason(),
                    message: why.message,
                },
            )),
            Some(_) => {}
            None => usable.push(x),
        }
    }
    (usable, refused)
}

/// Takes steps into an open batch, in order. Those that do not fit are left out.
pub(crate) async fn take(
    context: Context,
    view: View,
    mut opened: Opened,
    steps: Vec<StatementHash>,
) -> Result<Done, Error> {
    let start = Instant::now();
    // Whoever was late to be taken may be too late for its deposit by now.
    let (usable, mut refused) = funded(&context, &view, &steps).await;
    let before = opened.batch.steps().len();
    let work = context.clone();
    let pushed = tokio::task::spawn_blocking(move || {
        push(&work, &mut opened, &usable).map(|refused| (opened, refused))
    });
    let (mut opened, unfit) = pushed.await.map_err(stage_failed)??;
    refused.extend(unfit);
    let taken = opened.batch.steps().len() - before;
    opened.caught_up &= taken == 0;
    opened.times.report.sequence_ms += millis(start.elapsed());
    Ok(Done {
        progress: taken > 0 || !refused.is_empty(),
        stage: Some(Stage::Open(opened)),
        refused,
    })
}

fn push(
    context: &Context,
    opened: &mut Opened,
    steps: &[StatementHash],
) -> Result<Vec<Change>, Error> {
    let params = &context.params;
    let mut refused = Vec::new();
    for (x, step) in load(context, steps)? {
        let reason = match step {
            Err(reason) => reason,
            Ok(step) => match opened.batch.push(params, &step) {
                Ok(_) => continue,
                Err(PushError::Full) => break,
                Err(error) => refusal(&error),
            },
        };
        refused.push((x, reason));
    }
    Ok(refused)
}

/// Proves one step of the note chain of a batch that waits for more steps.
pub(crate) async fn advance(context: Context, mut opened: Opened) -> Result<Done, Error> {
    let start = Instant::now();
    let work = tokio::task::spawn_blocking(move || {
        let proven = opened.batch.advance(&context.params)?;
        opened.caught_up = proven.is_none();
        Ok::<_, Error>(opened)
    });
    let mut opened = work.await.map_err(stage_failed)??;
    opened.times.folded(start.elapsed());
    Ok(Stage::Open(opened).into())
}

/// Closes a batch that has a step. If a deposit is gone or about to expire, the batch is opened anew without its step.
pub(crate) async fn close(context: Context, view: View, opened: Opened) -> Result<Done, Error> {
    let start = Instant::now();
    let steps = opened.steps();
    let (usable, refused) = funded(&context, &view, &steps).await;
    if usable.len() < steps.len() {
        let progress = !refused.is_empty();
        return Ok(Done {
            stage: (!progress).then_some(Stage::Open(opened)),
            refused,
            progress,
        });
    }
    let work = context.clone();
    let Opened {
        batch,
        number,
        mut times,
        ..
    } = opened;
    let closed = tokio::task::spawn_blocking(move || batch.close(&work.params).ok());
    let closed = closed.await.map_err(stage_failed)?;
    times.report.sequence_ms += millis(start.elapsed());
    let stage = closed.map(|closed| {
        let mut closed = Closed::new(closed, number, times);
        closed.announce(&context);
        let sequenced = Duration::from_millis(closed.times.report.sequence_ms);
        context.metrics.observe("sequence", sequenced);
        tracing::info!(batch = number, steps = closed.tag.steps.len(), "closed");
        Stage::Fold(closed)
    });
    Ok(Done {
        stage,
        refused: Vec::new(),
        progress: true,
    })
}

/// A step that was read back, or why it is not one.
type Loaded = (StatementHash, Result<CheckedStep, StepState>);

/// Reads messages of steps, and checks them again: what is on a disk is not what was checked.
pub(crate) fn load(context: &Context, steps: &[StatementHash]) -> Result<Vec<Loaded>, Error> {
    let params = context.params.step();
    let mut proofs = Vec::new();
    let mut loaded = Vec::new();
    for x in steps {
        let proof = context
            .store
            .proof(*x)?
            .and_then(|bytes| StepProof::from_bytes(params, &bytes).ok());
        match proof {
            Some(proof) => {
                proofs.push(proof);
                loaded.push(*x);
            }
            None => tracing::error!(step = %x, "the message of an accepted step cannot be read"),
        }
    }
    let verdicts = verify_batch(params, proofs);
    Ok(loaded
        .into_iter()
        .zip(verdicts)
        .map(|(x, verdict)| {
            let verdict = verdict.map_err(|error| StepState::Refused {
                reason: Reason::Invalid,
                message: error.to_string(),
            });
            (x, verdict)
        })
        .collect())
}

/// Why a step that was accepted cannot be part of a batch.
fn refusal(error: &PushError) -> StepState {
    let reason = match error {
        PushError::State(error) => reason_of(error),
        PushError::Deployment { .. } => Reason::Deployment,
        PushError::Commitments(_) | PushError::Full => Reason::Invalid,
    };
    StepState::Refused {
        reason,
        message: error.to_string(),
    }
}

/// The reason that provers are told for what a state says.
pub(crate) fn reason_of(error: &StateError) -> Reason {
    match error {
        StateError::UnknownAnchor { .. } => Reason::Anchor,
        StateError::Nullifier(NullifierError::Spent { .. }) => Reason::Spent,
        StateError::Nullifier(_) | StateError::Full(_) => Reason::Invalid,
    }
}
