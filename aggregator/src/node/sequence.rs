//! The second stage: which steps, in which order.

use super::{
    context::{Context, View},
    intake::{check_deposit, stage_failed},
    jobs::Tag,
    store::{Change, StepState},
};
use crate::{
    error::Error,
    ledger::word_of,
    rpc::{Outcome, Reason},
};
use notefold_folding::{
    batch::{BatchProver, OpenBatch, PushError},
    state::StateError,
    step::{CheckedStep, StatementHash, StepProof, verify_batch},
    tree::NullifierError,
};

/// Steps whose messages are in memory at once.
const AT_ONCE: usize = 16;

/// A closed batch on its way to the folding stage.
pub(crate) struct Sequenced {
    pub(crate) tag: Tag,
    pub(crate) prover: Box<BatchProver>,
}

/// Takes steps of the queue, oldest first, and closes them as a batch on a state. Steps that do not fit are refused. Nothing,
/// when none is left.
pub(crate) async fn sequence(context: &Context, view: &View) -> Result<Option<Sequenced>, Error> {
    let mut steps = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    for (x, record) in context.store.queue() {
        if steps.len() == context.config.max_steps {
            break;
        }
        // Whoever was late to be folded may be too late for its deposit by now.
        match check_deposit(context, view, &record.statement).await {
            Some(Outcome::Refused(refused)) => changes.push((
                x,
                StepState::Refused {
                    reason: refused.reason(),
                    message: refused.message,
                },
            )),
            Some(_) => {}
            None => steps.push(x),
        }
    }
    let work = context.clone();
    let state = view.state.clone();
    let batch = view.batches;
    let (sequenced, refused) =
        tokio::task::spawn_blocking(move || close(&work, (*state).clone(), batch, &steps))
            .await
            .map_err(stage_failed)??;
    changes.extend(refused);
    context.store.change(&changes)?;
    context.tell_changes(&changes);
    Ok(sequenced)
}

type Closed = (Option<Sequenced>, Vec<Change>);

fn close(
    context: &Context,
    state: notefold_folding::state::State,
    number: u64,
    steps: &[StatementHash],
) -> Result<Closed, Error> {
    let params = &context.params;
    let mut batch = OpenBatch::open(params, context.client.deployment(), state);
    let mut refused = Vec::new();
    for chunk in steps.chunks(AT_ONCE) {
        for (x, step) in load(context, chunk)? {
            let reason = match step {
                Err(reason) => reason,
                Ok(step) => match batch.push(params, &step) {
                    Ok(_) => continue,
                    Err(PushError::Full) => break,
                    Err(error) => refusal(&error),
                },
            };
            refused.push((x, reason));
        }
    }
    let Ok(closed) = batch.close(params) else {
        return Ok((None, refused));
    };
    Ok((Some(sequenced(closed, number)), refused))
}

/// A closed batch with what it is told by.
pub(crate) fn sequenced(closed: notefold_folding::batch::ClosedBatch, number: u64) -> Sequenced {
    let statement = closed.statement();
    let tag = Tag {
        batch: number,
        before: word_of(statement.before.root()),
        after: word_of(statement.after.root()),
        steps: closed.data().iter().map(|step| step.hash()).collect(),
    };
    Sequenced {
        tag,
        prover: Box::new(closed.prover()),
    }
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
