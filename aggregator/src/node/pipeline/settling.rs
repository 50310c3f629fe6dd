//! The batch that is being settled, beside the next one that is made.

use super::Pipeline;
use crate::{
    contracts::settlement_of,
    error::Error,
    ledger::word_of,
    node::{
        batch::{Proven, Times, millis},
        context::View,
        intake::stage_failed,
        jobs::{Job, SettleJob, Tag},
        settle::{Settlement, settle},
        store::{Change, Place, StepState},
    },
    rpc::Reason,
};
use alloy::primitives::U256;
use notefold_folding::{batch::BatchProver, state::State, step::PublishedStep};
use std::{sync::Arc, time::Instant};
use tokio::task::{JoinError, JoinHandle};

/// Settled batches whose calls are kept: after a reorganisation they settle again as they are.
const KEPT: usize = 16;

/// The batch that is being settled.
pub(super) struct Settling {
    pub(super) task: JoinHandle<Result<Settlement, Error>>,
    pub(super) job: SettleJob,
    /// Where it leads, where its beginning is the chain's state.
    pub(super) after: Option<Arc<State>>,
    prover: Option<Box<BatchProver>>,
    times: Times,
    since: Instant,
}

impl Settling {
    /// Waits until it has written down what it knows.
    pub(super) async fn end(self) -> Result<(), Error> {
        self.task.await.map_err(stage_failed)??;
        Ok(())
    }
}

/// Where a batch leads, if it begins at what the chain has.
fn after(view: &View, job: &SettleJob, prover: Option<&BatchProver>) -> Option<State> {
    if view.root != job.tag.before {
        return None;
    }
    if let Some(prover) = prover {
        return Some(prover.batch().after().clone());
    }
    let settlement = settlement_of(&job.calldata)?;
    let mut state = (*view.state).clone();
    state
        .apply_settled(&PublishedStep::read_all(&settlement.data).ok()?)
        .ok()?;
    (word_of(state.root()) == job.tag.after).then_some(state)
}

impl Pipeline {
    /// Begins to settle a batch whose job is in its place.
    pub(super) fn start_settling(
        &mut self,
        view: &View,
        job: SettleJob,
        prover: Option<Box<BatchProver>>,
        times: Times,
    ) {
        let (context, work) = (self.context.clone(), job.clone());
        self.settling = Some(Settling {
            task: tokio::spawn(async move { settle(&context, work).await }),
            after: after(view, &job, prover.as_deref()).map(Arc::new),
            job,
            prover,
            times,
            since: Instant::now(),
        });
    }

    /// The place of a batch of this node that follows on a root, which a reorganisation took back: its proof is as good as ever.
    pub(super) fn taken_back(&self, root: U256) -> Option<usize> {
        let follows = |job: &SettleJob| {
            job.tag.before == root && job.tag.steps.iter().all(|x| self.is_queued(*x))
        };
        self.settled.iter().position(follows)
    }

    /// Settles a batch again that a reorganisation took back, unless another is made in its place.
    pub(super) fn settle_again(&mut self, view: &View) -> Result<(), Error> {
        let making = self.working.as_ref().map(|working| working.before);
        let making = making.or(self.stage.as_ref().map(super::Stage::before));
        if self.settling.is_some() || making == Some(view.root) {
            return Ok(());
        }
        let at = self.taken_back(view.root);
        let Some(job) = at.and_then(|at| self.settled.remove(at)) else {
            return Ok(());
        };
        tracing::warn!(
            batch = job.tag.batch,
            "taken back by the chain; settling it again"
        );
        let store = &self.context.store;
        let times = Times::resumed(store, &job.tag);
        let kept = Job::Settle(job.clone());
        store.set_jobs(&[(Place::Settling, Some(&kept))])?;
        self.start_settling(view, job, None, times);
        Ok(())
    }

    /// What became of it.
    pub(super) fn has_settled(
        &mut self,
        end: Result<Result<Settlement, Error>, JoinError>,
    ) -> Result<(), Error> {
        let Some(settling) = self.settling.take() else {
            return Ok(());
        };
        let batch = settling.job.tag.batch;
        match end.map_err(stage_failed)?? {
            Settlement::Ending => return Ok(()),
            Settlement::Settled { transaction, gas } => {
                let transaction = transaction.map_or(String::new(), |hash| hash.to_string());
                self.finish(settling, transaction, gas)?;
            }
            Settlement::Moved => {
                let Settling {
                    job, prover, times, ..
                } = settling;
                let proven = Proven { job, prover, times };
                if let Some(opened) = proven.reopen(|job| job.tag) {
                    // Before whatever was made on the state that it leads to.
                    self.parked.push_front(opened);
                }
            }
            Settlement::UnusableDeposit(id) => self.refuse_deposit(&settling.job.tag, id)?,
            Settlement::Rejected => {
                tracing::error!(batch, "the contract refuses the batch; it is made anew");
            }
        }
        self.context.store.set_jobs(&[(Place::Settling, None)])
    }

    fn refuse_deposit(&self, tag: &Tag, id: [u8; 32]) -> Result<(), Error> {
        let store = &self.context.store;
        let changes: Vec<Change> = tag
            .steps
            .iter()
            .filter(|x| {
                let deposit = store.get(**x).and_then(|r| r.statement.external.deposit);
                deposit.is_some_and(|deposit| deposit.0 == id)
            })
            .map(|x| {
                let refused = StepState::Refused {
                    reason: Reason::Deposit,
                    message: format!("expected deposit 0x{} in escrow, got none", hex::encode(id)),
                };
                (*x, refused)
            })
            .collect();
        store.change(&changes)?;
        self.context.tell_changes(&changes);
        Ok(())
    }

    fn finish(&mut self, settling: Settling, transaction: String, gas: u64) -> Result<(), Error> {
        let Settling {
            mut times,
            job,
            since,
            ..
        } = settling;
        let metrics = &self.context.metrics;
        metrics.settled_batches.inc();
        metrics.settled_steps.inc_by(job.tag.steps.len() as u64);
        metrics.observe("settle", since.elapsed());
        times.report.settle_ms = millis(since.elapsed());
        times.report.gas = gas;
        times.report.transaction = transaction;
        let report = times.settled();
        tracing::info!(
            batch = job.tag.batch,
            steps = job.tag.steps.len(),
            gas = report.gas,
            ms = report.total_ms,
            report = serde_json::to_string(&report)?,
            "settled"
        );
        metrics.report(report);
        if self.settled.len() == KEPT {
            self.settled.pop_front();
        }
        // Without its transaction, should it be settled again: the nonce is as free then as it was.
        self.settled.push_back(SettleJob {
            attempt: None,
            ..job
        });
        Ok(())
    }
}
