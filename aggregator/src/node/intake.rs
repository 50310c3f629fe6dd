//! The first stage: step proofs in, acknowledged once they are durable.
//!
//! ```text
//! service (a stream a sender) ─► bounded queue ─► decode ─► known? ─► verify in one batch ─► deposits ─► store ─► ack
//! ```
//!
//! Submissions that arrive together are checked together, with one multi-scalar multiplication. What costs nothing is checked
//! first. A full queue answers `Wait`; so does a store that cannot be written, and then nothing was acknowledged.

mod limits;
mod service;

pub(crate) use service::Service;

use super::{
    context::{Context, View, now},
    store::NewStep,
};
use crate::{
    contracts::Rollup,
    error::Error,
    rpc::{Accepted, Outcome, Reason, Wait},
};
use alloy::{
    eips::BlockId,
    primitives::{Address, FixedBytes},
};
use futures_util::future::join_all;
use notefold_folding::{
    note::Nullifier,
    state::StateError,
    step::{DepositId, StatementHash, StepProof, StepStatement, VerifyError, verify_batch},
    tree::HISTORY_ROOTS,
};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Submissions that wait to be checked, over all senders.
pub(crate) const QUEUE: usize = 128;
/// Submissions checked together.
const TOGETHER: usize = 32;
/// So many at once are a stream that wants all there is.
const MANY: usize = 8;
/// How long the first of them waits for others.
const GATHER: Duration = Duration::from_millis(5);
/// What a sender is asked to wait when there is no room.
pub(crate) const WAIT_MS: u64 = 500;

/// A submission under way.
pub(crate) struct Submission {
    /// The bytes.
    pub(crate) proof: Vec<u8>,
    /// Its place in its stream.
    pub(crate) place: u64,
    /// Where the answer goes.
    pub(crate) answer: mpsc::Sender<Answer>,
}

/// What is said about a submission.
pub(crate) struct Answer {
    /// Its place in its stream.
    pub(crate) place: u64,
    /// The step, where the proof decodes.
    pub(crate) x: Option<StatementHash>,
    /// What is said.
    pub(crate) outcome: Outcome,
}

/// What came at the same time.
#[derive(Default)]
struct Together {
    steps: HashSet<StatementHash>,
    nullifiers: HashSet<Nullifier>,
}

/// A submission that decodes.
struct Candidate {
    submission: Submission,
    x: StatementHash,
    statement: StepStatement,
}

/// Takes submissions until the node ends and all senders are gone.
pub(crate) async fn run(
    context: Context,
    mut submissions: mpsc::Receiver<Submission>,
) -> Result<(), Error> {
    while let Some(first) = submissions.recv().await {
        let mut together = vec![first];
        let deadline = tokio::time::Instant::now() + GATHER;
        while together.len() < TOGETHER {
            match tokio::time::timeout_at(deadline, submissions.recv()).await {
                Ok(Some(next)) => together.push(next),
                Ok(None) | Err(_) => break,
            }
        }
        if together.len() >= MANY {
            context.mark_intake_busy();
        }
        let start = Instant::now();
        take(&context, together).await?;
        context.metrics.observe("intake", start.elapsed());
    }
    Ok(())
}

async fn take(context: &Context, submissions: Vec<Submission>) -> Result<(), Error> {
    let Some(view) = context.view() else {
        for submission in submissions {
            say(context, &submission, None, wait()).await;
        }
        return Ok(());
    };
    let (mut candidates, mut proofs) = (Vec::new(), Vec::new());
    let mut together = Together::default();
    for submission in submissions {
        match decode(context, &view, &mut together, &submission) {
            Ok((proof, x)) => {
                candidates.push(Candidate {
                    statement: *proof.statement(),
                    submission,
                    x,
                });
                proofs.push(proof);
            }
            Err((x, outcome)) => say(context, &submission, x, outcome).await,
        }
    }
    let candidates = verify(context, candidates, proofs).await?;
    let mut steps = Vec::new();
    let mut accepted = Vec::new();
    let statements = candidates.iter().map(|candidate| &candidate.statement);
    let deposits = join_all(statements.map(|s| check_deposit(context, &view, s))).await;
    for (candidate, refused) in candidates.into_iter().zip(deposits) {
        match refused {
            None => {
                accepted.push((
                    candidate.submission.place,
                    candidate.x,
                    candidate.submission.answer,
                ));
                steps.push(NewStep {
                    statement: candidate.statement,
                    proof: candidate.submission.proof,
                    received: now(),
                });
            }
            Some(outcome) => {
                say(context, &candidate.submission, Some(candidate.x), outcome).await;
            }
        }
    }
    if steps.is_empty() {
        return Ok(());
    }
    let store = context.store.clone();
    let count = steps.len();
    let written = tokio::task::spawn_blocking(move || store.accept(&steps)).await;
    let outcome = match written {
        Ok(Ok(())) => {
            context.metrics.accepted.inc_by(count as u64);
            Outcome::Accepted(Accepted {})
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the store cannot be written; nothing is acknowledged");
            wait()
        }
        Err(panic) => return Err(stage_failed(panic)),
    };
    for (place, x, answer) in accepted {
        if matches!(outcome, Outcome::Accepted(_)) {
            tracing::info!(step = %x, "accepted");
        }
        // A sender that is gone asks again.
        let _ = answer
            .send(Answer {
                place,
                x: Some(x),
                outcome: outcome.clone(),
            })
            .await;
    }
    let queued = context.store.queued();
    context
        .metrics
        .queued
        .set(i64::try_from(queued).unwrap_or(i64::MAX));
    context.accepted.notify_one();
    Ok(())
}

/// What costs next to nothing: size, encoding, parameters, deployment, fee, and what the state and the queue say.
fn decode(
    context: &Context,
    view: &View,
    together: &mut Together,
    submission: &Submission,
) -> Result<(StepProof, StatementHash), (Option<StatementHash>, Outcome)> {
    context.metrics.received.inc();
    context
        .metrics
        .received_bytes
        .inc_by(submission.proof.len() as u64);
    let proof = StepProof::from_bytes(context.params.step(), &submission.proof)
        .map_err(|error| (None, Outcome::refused(Reason::Malformed, error)))?;
    let statement = *proof.statement();
    let x = statement.hash();
    match context.store.state(x) {
        Ok(Some(state)) if !state.may_pass() => return Err((Some(x), state.outcome())),
        Ok(_) => {}
        Err(error) => {
            tracing::error!(step = %x, %error, "the store cannot be read");
            return Err((Some(x), wait()));
        }
    }
    if together.steps.contains(&x) {
        // The same step by two ways: what becomes of the first is known in a moment.
        return Err((Some(x), wait()));
    }
    let refuse = |reason, message: String| Err((Some(x), Outcome::refused(reason, message)));
    let expected = context.client.deployment();
    if statement.deployment != expected {
        let got = statement.deployment;
        return refuse(
            Reason::Deployment,
            format!("expected a step of deployment {expected}, got one of {got}"),
        );
    }
    let minimum = context.config.minimum_fee;
    if statement.fee.amount() < minimum {
        return refuse(
            Reason::Fee,
            format!(
                "expected a fee of at least {minimum}, got {}",
                statement.fee
            ),
        );
    }
    if view.state.history().find(statement.anchor).is_none() {
        let error = StateError::UnknownAnchor {
            window: HISTORY_ROOTS,
            anchor: statement.anchor,
        };
        return refuse(Reason::Anchor, error.to_string());
    }
    for nullifier in statement.nullifiers {
        let spent = match (
            view.state.nullifiers().find(nullifier),
            context.store.spender(nullifier),
        ) {
            (Some(index), _) => Some(format!("spent at index {index}")),
            (None, Some(other)) => Some(format!("spent by step {other} in the queue")),
            (None, None) if !together.nullifiers.insert(nullifier) => {
                Some("spent by a step that came with it".into())
            }
            (None, None) => None,
        };
        if let Some(how) = spent {
            let message = format!("expected a nullifier that is not spent, got {nullifier}, {how}");
            return refuse(Reason::Spent, message);
        }
    }
    if context.store.queued() >= context.config.max_queue {
        return Err((Some(x), wait()));
    }
    together.steps.insert(x);
    Ok((proof, x))
}

/// The proofs, all at once.
async fn verify(
    context: &Context,
    candidates: Vec<Candidate>,
    proofs: Vec<StepProof>,
) -> Result<Vec<Candidate>, Error> {
    if candidates.is_empty() {
        return Ok(candidates);
    }
    let params = context.params.clone();
    let verdicts = tokio::task::spawn_blocking(move || {
        // What was checked is dropped: whoever folds reads the message again, and checks it again.
        verify_batch(params.step(), proofs)
            .into_iter()
            .map(|verdict| verdict.map(drop))
            .collect::<Vec<Result<(), VerifyError>>>()
    });
    let verdicts = verdicts.await.map_err(stage_failed)?;
    let mut valid = Vec::new();
    for (candidate, verdict) in candidates.into_iter().zip(verdicts) {
        match verdict {
            Ok(()) => valid.push(candidate),
            Err(error) => {
                let outcome = Outcome::refused(Reason::Invalid, error);
                say(context, &candidate.submission, Some(candidate.x), outcome).await;
            }
        }
    }
    Ok(valid)
}

/// Whether the deposit of a step will still be in escrow when it settles.
pub(crate) async fn check_deposit(
    context: &Context,
    view: &View,
    statement: &StepStatement,
) -> Option<Outcome> {
    let DepositId(id) = statement.external.deposit?;
    let call = Rollup::expiryOfCall {
        id: FixedBytes(id),
        asset: Address::from(*statement.asset.bytes()),
        amount: statement.public_in.amount(),
        commitments: FixedBytes(statement.commitments_hash()),
    };
    let needed = view.head.number + context.config.deposit_margin;
    match context
        .client
        .deposit_expiry(&call, BlockId::latest())
        .await
    {
        Ok(0) => Some(Outcome::refused(
            Reason::Deposit,
            format!("expected deposit 0x{} in escrow, got none", hex::encode(id)),
        )),
        Ok(expiry) if expiry <= needed => Some(Outcome::refused(
            Reason::Deposit,
            format!("expected a deposit that expires after block {needed}, got block {expiry}"),
        )),
        Ok(_) => None,
        Err(error) => {
            tracing::warn!(%error, "a deposit cannot be looked up");
            Some(wait())
        }
    }
}

async fn say(
    context: &Context,
    submission: &Submission,
    x: Option<StatementHash>,
    outcome: Outcome,
) {
    match &outcome {
        Outcome::Refused(refused) => {
            let reason = refused.reason().as_str_name();
            context.metrics.refused.with_label_values(&[reason]).inc();
            tracing::info!(
                step = x.map(tracing::field::display),
                reason,
                message = refused.message,
                "refused"
            );
        }
        Outcome::Wait(_) => context.metrics.waits.inc(),
        _ => {}
    }
    // A sender that is gone asks again.
    let _ = submission
        .answer
        .send(Answer {
            place: submission.place,
            x,
            outcome,
        })
        .await;
}

/// There is no room now.
pub(crate) fn wait() -> Outcome {
    Outcome::Wait(Wait {
        milliseconds: WAIT_MS,
    })
}

pub(crate) fn stage_failed(error: tokio::task::JoinError) -> Error {
    Error::Node {
        what: "a stage",
        got: error.to_string(),
    }
}
