//! A batch's way through the stages, and back where the chain says so.
//!
//! ```text
//!            ┌──────────────── nothing left ◄───────────────┐
//!            ▼                                               │
//! queue ─► sequence ─► fold ─► wrap ─► settle ─► settled     │
//!                       ▲  │     │       │                   │
//!                       │  └─────┴───────┴── the root moved ─► fold again
//!                       └───────────────────────────────────────┘
//! ```
//!
//! One batch is under way at a time: folding and wrapping take all cores there are. Jobs are in the store at the beginning of each
//! stage, so a process that was killed goes on with the stage that it was in.

use super::{
    context::{Context, View, now},
    fold::{Folded, fold, moved, refold, resume},
    jobs::{Job, SettleJob, Tag, WrapJob},
    metrics::BatchReport,
    sequence::{Sequenced, sequence},
    settle::{Settlement, settle},
    store::{Change, StepState},
    wrap::{Decider, wrap},
};
use crate::{
    error::Error,
    rpc::{Folded as FoldedStatus, Outcome, Reason},
};
use notefold_folding::batch::BatchProver;
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

/// Settled batches whose calls are kept: after a reorganisation they settle again as they are.
const KEPT: usize = 16;
/// How often the queue is looked at, if nothing else wakes the pipeline.
const TICK: Duration = Duration::from_millis(500);

/// Where a batch is, with what the stage needs.
enum Stage {
    Fold(Sequenced),
    Wrap(WrapJob, Option<Box<BatchProver>>),
    Settle(SettleJob, Option<Box<BatchProver>>),
}

/// The pipeline.
pub(crate) struct Pipeline {
    context: Context,
    decider: Arc<Decider>,
    settled: VecDeque<SettleJob>,
    report: BatchReport,
    first_received: u64,
}

impl Pipeline {
    pub(crate) fn new(context: Context, decider: Arc<Decider>) -> Self {
        Self {
            context,
            decider,
            settled: VecDeque::new(),
            report: BatchReport::default(),
            first_received: now(),
        }
    }

    /// Makes batches until the node ends.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let mut stage = self.restore().await?;
        loop {
            if self.context.ending() {
                return Ok(());
            }
            stage = match stage {
                None => self.begin().await?,
                Some(Stage::Fold(batch)) => self.fold(batch).await?,
                Some(Stage::Wrap(job, prover)) => self.wrap(job, prover).await?,
                Some(Stage::Settle(job, prover)) => self.settle(job, prover).await?,
            };
        }
    }

    /// The stage that the process was in before it ended.
    async fn restore(&mut self) -> Result<Option<Stage>, Error> {
        let Some(view) = self.seen().await else {
            return Ok(None);
        };
        let Some(job) = self.context.store.job()? else {
            return Ok(None);
        };
        let tag = job.tag().clone();
        self.start_report(&tag, 0);
        tracing::info!(
            batch = tag.batch,
            steps = tag.steps.len(),
            "a batch was under way"
        );
        Ok(match job {
            Job::Fold(job) => resume(&self.context, &view, job).await?.map(Stage::Fold),
            Job::Wrap(job) if view.root == tag.before => Some(Stage::Wrap(job, None)),
            // Its transaction may be on its way, whatever the root is.
            Job::Settle(job) if view.root == tag.before || job.attempt.is_some() => {
                Some(Stage::Settle(job, None))
            }
            Job::Wrap(_) | Job::Settle(_) => None,
        })
    }

    /// The chain, once it was seen.
    async fn seen(&self) -> Option<View> {
        let mut views = self.context.view.clone();
        tokio::select! {
            seen = views.wait_for(Option::is_some) => seen.ok().and_then(|view| view.clone()),
            () = self.context.end() => None,
        }
    }

    /// Waits until there is a batch to make, and closes it.
    async fn begin(&mut self) -> Result<Option<Stage>, Error> {
        let mut views = self.context.view.clone();
        loop {
            if self.context.ending() {
                return Ok(None);
            }
            if let Some(view) = self.context.view() {
                if let Some(job) = self.settled_before(&view) {
                    tracing::warn!(
                        batch = job.tag.batch,
                        "taken back by the chain; settling it again"
                    );
                    self.start_report(&job.tag, 0);
                    self.context
                        .store
                        .set_job(Some(&Job::Settle(job.clone())))?;
                    return Ok(Some(Stage::Settle(job, None)));
                }
                if self.is_due(&view)
                    && let Some(batch) = self.sequence(&view).await?
                {
                    return Ok(Some(Stage::Fold(batch)));
                }
            }
            tokio::select! {
                _ = views.changed() => {}
                () = self.context.accepted.notified() => {}
                () = tokio::time::sleep(TICK) => {}
                () = self.context.end() => {}
            }
        }
    }

    /// Whether steps are there, waited long enough or are enough, and this node has a turn soon.
    fn is_due(&self, view: &View) -> bool {
        let config = &self.context.config;
        let (count, oldest) = self.context.store.queued();
        let waited = oldest.map(|oldest| Duration::from_millis(now().saturating_sub(oldest)));
        let ripe =
            waited.is_some_and(|waited| count >= config.max_steps || waited >= config.max_wait);
        ripe && !view.turns.is_empty()
    }

    async fn sequence(&mut self, view: &View) -> Result<Option<Sequenced>, Error> {
        let start = Instant::now();
        let Some(batch) = sequence(&self.context, view).await? else {
            return Ok(None);
        };
        let elapsed = start.elapsed();
        self.observe("sequence", elapsed);
        self.start_report(&batch.tag, millis(elapsed));
        tracing::info!(
            batch = batch.tag.batch,
            steps = batch.tag.steps.len(),
            "closed"
        );
        Ok(Some(batch))
    }

    /// A batch of this node that follows on the chain's root: a reorganisation took it back, and its proof is as good as ever.
    fn settled_before(&self, view: &View) -> Option<SettleJob> {
        let job = self
            .settled
            .iter()
            .find(|job| job.tag.before == view.root)?;
        let again = |x| {
            let record = self.context.store.get(x);
            record.is_some_and(|record| record.state == StepState::Accepted)
        };
        job.tag.steps.iter().all(|x| again(*x)).then(|| job.clone())
    }

    async fn fold(&mut self, batch: Sequenced) -> Result<Option<Stage>, Error> {
        let Sequenced { tag, prover } = batch;
        for x in &tag.steps {
            let status = FoldedStatus { batch: tag.batch };
            self.context.tell(*x, Outcome::Folded(status));
        }
        let start = Instant::now();
        let folded = fold(&self.context, &tag, prover).await?;
        let elapsed = start.elapsed();
        self.observe("fold", elapsed);
        if self.report.refolds == 0 {
            self.report.fold_ms += millis(elapsed);
        } else {
            self.report.refold_ms += millis(elapsed);
        }
        match folded {
            Folded::Proven(proven, prover) => {
                tracing::info!(batch = tag.batch, ms = millis(elapsed), "folded");
                let job = WrapJob {
                    tag,
                    proven: proven.to_bytes(&self.context.params),
                };
                self.context.store.set_job(Some(&Job::Wrap(job.clone())))?;
                Ok(Some(Stage::Wrap(job, Some(prover))))
            }
            Folded::Moved(prover) => self.again(Some(prover)).await,
            Folded::Ending => Ok(None),
        }
    }

    async fn wrap(
        &mut self,
        job: WrapJob,
        prover: Option<Box<BatchProver>>,
    ) -> Result<Option<Stage>, Error> {
        let start = Instant::now();
        let tag = job.tag.clone();
        let wrapped = tokio::select! {
            wrapped = wrap(&self.context, &self.decider, job) => wrapped?,
            // The job is in the store.
            () = self.context.end() => return Ok(None),
        };
        let elapsed = start.elapsed();
        self.observe("wrap", elapsed);
        self.report.wrap_ms += millis(elapsed);
        tracing::info!(batch = tag.batch, ms = millis(elapsed), "wrapped");
        if moved(&self.context.view(), tag.before) {
            return self.again(prover).await;
        }
        self.context
            .store
            .set_job(Some(&Job::Settle(wrapped.clone())))?;
        Ok(Some(Stage::Settle(wrapped, prover)))
    }

    async fn settle(
        &mut self,
        job: SettleJob,
        prover: Option<Box<BatchProver>>,
    ) -> Result<Option<Stage>, Error> {
        let start = Instant::now();
        let settled = settle(&self.context, job.clone()).await?;
        match settled {
            Settlement::Settled { transaction, gas } => {
                let elapsed = start.elapsed();
                self.observe("settle", elapsed);
                self.report.settle_ms = millis(elapsed);
                self.report.gas = gas;
                self.report.transaction =
                    transaction.map_or(String::new(), |hash| hash.to_string());
                self.finish(job)?;
                Ok(None)
            }
            Settlement::Moved => self.again(prover).await,
            Settlement::UnusableDeposit(id) => {
                self.refuse_deposit(&job.tag, id)?;
                self.drop_batch()
            }
            Settlement::Rejected => {
                tracing::error!(
                    batch = job.tag.batch,
                    "the contract refuses the batch; it is made anew"
                );
                self.drop_batch()
            }
            Settlement::Ending => Ok(None),
        }
    }

    /// The batch on the root that the chain has now, at a fraction of the work; anew from the queue, where a restart lost what was
    /// folded.
    async fn again(&mut self, prover: Option<Box<BatchProver>>) -> Result<Option<Stage>, Error> {
        let (Some(prover), Some(view)) = (prover, self.context.view()) else {
            return self.drop_batch();
        };
        let refolded = refold(&self.context, &view, prover).await?;
        let Some(batch) = refolded.batch else {
            tracing::info!(dropped = refolded.dropped, "re-fold: no step is left");
            return self.drop_batch();
        };
        self.report.refolds += 1;
        self.report.refold_ms += refolded.milliseconds;
        self.report.dropped += refolded.dropped;
        self.report.steps = batch.tag.steps.len();
        self.report.batch = batch.tag.batch;
        tracing::info!(
            batch = batch.tag.batch,
            steps = batch.tag.steps.len(),
            dropped = refolded.dropped,
            ms = refolded.milliseconds,
            "re-fold: the root moved"
        );
        Ok(Some(Stage::Fold(batch)))
    }

    /// Forgets the batch; its steps are in the queue unless they are decided.
    fn drop_batch(&self) -> Result<Option<Stage>, Error> {
        self.context.store.set_job(None)?;
        Ok(None)
    }

    fn refuse_deposit(&self, tag: &Tag, id: [u8; 32]) -> Result<(), Error> {
        let changes: Vec<Change> = tag
            .steps
            .iter()
            .filter(|x| {
                let record = self.context.store.get(**x);
                let deposit = record.and_then(|record| record.statement.external.deposit);
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
        self.context.store.change(&changes)?;
        self.context.tell_changes(&changes);
        Ok(())
    }

    fn finish(&mut self, job: SettleJob) -> Result<(), Error> {
        let metrics = &self.context.metrics;
        metrics.settled_batches.inc();
        metrics.settled_steps.inc_by(job.tag.steps.len() as u64);
        self.report.total_ms = now().saturating_sub(self.first_received);
        let report = std::mem::take(&mut self.report);
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
        // A transaction that a reorganisation took back may still be mined: the attempt stays with the job.
        self.settled.push_back(job);
        self.context.store.set_job(None)
    }

    fn start_report(&mut self, tag: &Tag, sequence_ms: u64) {
        let received = |x| self.context.store.get(x).map(|record| record.received);
        let times: Vec<u64> = tag.steps.iter().filter_map(|x| received(*x)).collect();
        let first = times.iter().min().copied().unwrap_or_else(now);
        let last = times.iter().max().copied().unwrap_or(first);
        self.first_received = first;
        self.report = BatchReport {
            batch: tag.batch,
            steps: tag.steps.len(),
            stream_ms: last - first,
            queue_ms: now().saturating_sub(last).saturating_sub(sequence_ms),
            sequence_ms,
            ..BatchReport::default()
        };
    }

    fn observe(&self, stage: &str, elapsed: Duration) {
        let stages = &self.context.metrics.stage_seconds;
        stages
            .with_label_values(&[stage])
            .observe(elapsed.as_secs_f64());
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
