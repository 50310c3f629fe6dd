//! A batch's way through the stages, and back where the chain says so.
//!
//! ```text
//!        ┌────────── nothing left ◄──────────────────┐
//!        ▼                                           │
//! queue ─► open ─► fold ─► wrap ─┬─► settle ─► settled│
//!           ▲  └─ proven ahead   │      │             │
//!           │                    ▼      ▼             │
//!           └───── fold again ◄── the root moved ─────┘
//! ```
//!
//! One batch is made at a time: folding and wrapping take all cores there are. While one waits for its turn or to be mined, the
//! next one is made on the state that it leads to. Jobs are in the store at the beginning of each stage, so a process that was
//! killed goes on with the stages that it was in.

mod settling;

use super::{
    batch::{Base, Opened, Proven, Stage, Times, millis},
    context::{Context, View, now},
    fold::{fold, refold, resume},
    intake::stage_failed,
    jobs::{Job, SettleJob, Tag, WrapJob},
    sequence::{AT_ONCE, Done, advance, close, take},
    store::{Change, Place, StepState},
    wrap::{Decider, wrap},
};
use crate::error::Error;
use alloy::primitives::U256;
use notefold_folding::step::StatementHash;
use settling::Settling;
use std::{
    collections::{HashSet, VecDeque},
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::{JoinError, JoinHandle};

/// How often the queue is looked at, if nothing else wakes the pipeline.
const TICK: Duration = Duration::from_millis(500);

/// Work on the batch that is being made.
struct Working {
    task: JoinHandle<Result<Done, Error>>,
    /// Tells it to stop, where it can: whatever else there is is short, or its job is in the store.
    stop: Option<Arc<AtomicBool>>,
    before: U256,
    steps: Vec<StatementHash>,
}

/// The pipeline.
pub(crate) struct Pipeline {
    context: Context,
    decider: Arc<Decider>,
    /// The batch that is being made, while nothing works on it.
    stage: Option<Stage>,
    working: Option<Working>,
    settling: Option<Settling>,
    /// Batches whose root is gone, in order.
    parked: VecDeque<Opened>,
    settled: VecDeque<SettleJob>,
    /// Batches whose steps are archived.
    archived: u64,
    /// Until something happens: work came to nothing.
    resting: bool,
}

impl Pipeline {
    pub(crate) fn new(context: Context, decider: Arc<Decider>) -> Self {
        Self {
            context,
            decider,
            stage: None,
            working: None,
            settling: None,
            parked: VecDeque::new(),
            settled: VecDeque::new(),
            archived: 0,
            resting: false,
        }
    }

    /// Makes batches until the node ends.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        self.restore().await?;
        let mut views = self.context.view.clone();
        let context = self.context.clone();
        while !context.ending() {
            self.decide()?;
            tokio::select! {
                done = ended(self.working.as_mut().map(|w| &mut w.task)) => self.worked(done)?,
                end = ended(self.settling.as_mut().map(|s| &mut s.task)) => self.has_settled(end)?,
                _ = views.changed() => self.resting = false,
                () = context.accepted.notified() => self.resting = false,
                () = tokio::time::sleep(TICK) => self.resting = false,
                () = context.end() => {}
            }
        }
        self.end().await
    }

    /// The stages that the process was in before it ended.
    async fn restore(&mut self) -> Result<(), Error> {
        let mut views = self.context.view.clone();
        let view = tokio::select! {
            seen = views.wait_for(Option::is_some) => seen.ok().and_then(|view| view.clone()),
            () = self.context.end() => None,
        };
        let Some(view) = view else { return Ok(()) };
        let store = self.context.store.clone();
        if let Some(Job::Settle(job)) = store.job(Place::Settling)?
            // Its transaction may be on its way, whatever the root is.
            && (view.root == job.tag.before || job.attempt.is_some())
        {
            under_way(&job.tag);
            let times = Times::resumed(&store, &job.tag);
            self.start_settling(&view, job, None, times);
        }
        let Some(job) = store.job(Place::Making)? else {
            return Ok(());
        };
        let before = job.tag().before;
        let Some(base) = self.base(&view).filter(|base| base.root == before) else {
            return Ok(());
        };
        under_way(job.tag());
        let times = Times::resumed(&store, job.tag());
        let prover = None;
        self.stage = match job {
            Job::Fold(job) => resume(&self.context, base, job).await?.map(Stage::Fold),
            Job::Wrap(job) => Some(Stage::Wrap(Proven { job, prover, times })),
            Job::Settle(job) => Some(Stage::Settle(Proven { job, prover, times })),
        };
        Ok(())
    }

    /// The state that the next batch is made on, unless it is open where the one before it leads.
    fn base(&self, view: &View) -> Option<Base> {
        let chain = Base {
            state: view.state.clone(),
            root: view.root,
            number: view.batches,
        };
        let Some(settling) = &self.settling else {
            return Some(chain);
        };
        let tag = &settling.job.tag;
        if view.root == tag.after {
            return Some(chain);
        }
        let state = settling.after.clone().filter(|_| view.root == tag.before)?;
        Some(Base {
            state,
            root: tag.after,
            number: tag.batch + 1,
        })
    }

    /// Whether a batch on a root can still follow on what the chain has.
    fn holds(&self, before: U256, view: &View) -> bool {
        let next = self.settling.as_ref().map(|settling| &settling.job.tag);
        view.root == before
            || next.is_some_and(|tag| tag.before == view.root && tag.after == before)
    }

    /// Looks at what there is, and begins whatever can be done.
    fn decide(&mut self) -> Result<(), Error> {
        let context = self.context.clone();
        // Which steps are queued depends on the view: both are of one moment.
        let _at_rest = context.at_rest();
        let Some(view) = context.view() else {
            return Ok(());
        };
        self.settle_again(&view)?;
        self.archive(&view)?;
        if let Some(working) = &self.working {
            if let Some(stop) = working
                .stop
                .as_ref()
                .filter(|_| !self.holds(working.before, &view))
            {
                stop.store(true, Ordering::Relaxed);
            }
            return Ok(());
        }
        let stage = self.stage.take();
        self.stage = match stage {
            Some(stage) if !self.holds(stage.before(), &view) => {
                self.parked.extend(stage.reopen());
                None
            }
            other => other,
        };
        if self.stage.is_none() {
            self.open(&view);
        }
        match self.stage.take() {
            Some(Stage::Open(opened)) => self.fill(&view, opened),
            Some(Stage::Fold(closed)) => {
                let (context, tag) = (self.context.clone(), closed.tag.clone());
                let stop = Arc::<AtomicBool>::default();
                let work = fold(context, closed, stop.clone());
                self.work(tag.before, tag.steps, Some(stop), work);
            }
            Some(Stage::Wrap(proven)) => {
                let tag = proven.job.tag.clone();
                let work = wrapped(self.context.clone(), self.decider.clone(), proven);
                self.work(tag.before, tag.steps, None, work);
            }
            Some(Stage::Settle(proven)) if self.settling.is_none() => {
                let Proven { job, prover, times } = proven;
                let kept = Job::Settle(job.clone());
                let jobs = [(Place::Settling, Some(&kept)), (Place::Making, None)];
                self.context.store.set_jobs(&jobs)?;
                self.start_settling(&view, job, prover, times);
            }
            other => self.stage = other,
        }
        Ok(())
    }

    /// Lets go of steps that are final.
    fn archive(&mut self, view: &View) -> Result<(), Error> {
        let below = view.confirmed;
        if below > self.archived && self.context.store.archive(below, &self.spoken_for())? {
            self.archived = below;
        }
        // A reorganisation that took final batches back: there will be others.
        self.archived = self.archived.min(below);
        Ok(())
    }

    /// A batch that lost its root, or a new one, on the state that the chain has or will have.
    fn open(&mut self, view: &View) {
        let Some(base) = self.base(view) else { return };
        if self.taken_back(base.root).is_some() {
            // Its turn comes when the one before it is settled again.
            return;
        }
        if let Some(opened) = self.parked.pop_front() {
            let steps = opened.steps();
            let work = refold(self.context.clone(), base.clone(), opened);
            return self.work(base.root, steps, None, work);
        }
        let free = !self.context.store.oldest(&self.spoken_for(), 1).is_empty();
        if free && !view.turns.is_empty() && !self.resting {
            self.stage = Some(Stage::Open(Opened::new(&self.context, &base)));
        }
    }

    /// Steps that are part of a batch under way.
    fn spoken_for(&self) -> HashSet<StatementHash> {
        let settling = self.settling.iter().flat_map(|s| s.job.tag.steps.clone());
        let parked = self.parked.iter().flat_map(Opened::steps);
        let working = self.working.iter().flat_map(|w| w.steps.clone());
        let stage = self.stage.iter().flat_map(Stage::steps);
        settling.chain(parked).chain(working).chain(stage).collect()
    }

    /// Takes steps, closes, or proves ahead.
    fn fill(&mut self, view: &View, opened: Opened) {
        let config = &self.context.config;
        let steps = opened.steps();
        let (before, context) = (opened.before, self.context.clone());
        let room = config.max_steps.saturating_sub(steps.len()).min(AT_ONCE);
        let mut taken = self.spoken_for();
        taken.extend(&steps);
        let free = context.store.oldest(&taken, room);
        let ours = !view.turns.is_empty();
        let all = steps.len() + context.store.queued().saturating_sub(taken.len());
        let first = steps.first().or(free.first()).copied();
        if context.is_intake_busy() && all < config.max_steps && !self.waited(first) {
            // Nothing is lost by it: what is not proven ahead is proven when the batch is closed.
            self.stage = (!steps.is_empty()).then_some(Stage::Open(opened));
        } else if !free.is_empty() && ours && !self.resting {
            let work = take(context, view.clone(), opened, free);
            self.work(before, steps, None, work);
        } else if steps.is_empty() {
            self.stage = None;
        } else if ours && !self.resting && (steps.len() >= config.max_steps || self.waited(first)) {
            self.work(before, steps, None, close(context, view.clone(), opened));
        } else if !opened.caught_up {
            self.work(before, steps, None, advance(context, opened));
        } else {
            self.stage = Some(Stage::Open(opened));
        }
    }

    /// Whether a batch whose first step is this one waited long enough for others.
    fn waited(&self, first: Option<StatementHash>) -> bool {
        let received = first.and_then(|x| Some(self.context.store.get(x)?.received));
        let waited = received.map_or(0, |received| now().saturating_sub(received));
        Duration::from_millis(waited) >= self.context.config.max_wait
    }

    fn work(
        &mut self,
        before: U256,
        steps: Vec<StatementHash>,
        stop: Option<Arc<AtomicBool>>,
        work: impl Future<Output = Result<Done, Error>> + Send + 'static,
    ) {
        self.working = Some(Working {
            task: tokio::spawn(work),
            stop,
            before,
            steps,
        });
    }

    fn worked(&mut self, done: Result<Result<Done, Error>, JoinError>) -> Result<(), Error> {
        let before = self.working.take().map(|working| working.before);
        let done = done.map_err(stage_failed)??;
        self.resting = !done.progress;
        self.stage = done.stage;
        match before {
            Some(before) => self.refuse(before, done.refused),
            None => Ok(()),
        }
    }

    /// Tells of steps that do not fit, where the state that says so is still the one.
    fn refuse(&self, before: U256, refused: Vec<Change>) -> Result<(), Error> {
        let _at_rest = self.context.at_rest();
        let view = self.context.view();
        if !view.is_some_and(|view| self.holds(before, &view)) {
            return Ok(());
        }
        // Whatever the chain has settled is settled already, and what is being settled is not refused for what comes after it.
        let settling = self.settling.as_ref();
        let is_settling =
            |x: &StatementHash| settling.is_some_and(|settling| settling.job.tag.steps.contains(x));
        let changes: Vec<Change> = refused
            .into_iter()
            .filter(|(x, _)| !is_settling(x) && self.is_queued(*x))
            .collect();
        self.context.store.change(&changes)?;
        self.context.tell_changes(&changes);
        Ok(())
    }

    fn is_queued(&self, x: StatementHash) -> bool {
        let record = self.context.store.get(x);
        record.is_some_and(|record| record.state == StepState::Accepted)
    }

    /// Ends what can be ended: what is proven so far is in the last checkpoint but for a few steps, and those are written now.
    async fn end(&mut self) -> Result<(), Error> {
        if let Some(settling) = self.settling.take() {
            settling.end().await?;
        }
        if let Some(working) = self.working.take()
            && let Some(stop) = working.stop
        {
            stop.store(true, Ordering::Relaxed);
            working.task.await.map_err(stage_failed)??;
        }
        Ok(())
    }
}

fn under_way(tag: &Tag) {
    tracing::info!(
        batch = tag.batch,
        steps = tag.steps.len(),
        "a batch was under way"
    );
}

/// What a task comes to, if there is one.
async fn ended<T>(task: Option<&mut JoinHandle<T>>) -> Result<T, JoinError> {
    match task {
        Some(task) => task.await,
        None => std::future::pending().await,
    }
}

/// Wraps a proven batch.
async fn wrapped(
    context: Context,
    decider: Arc<Decider>,
    proven: Proven<WrapJob>,
) -> Result<Done, Error> {
    let start = Instant::now();
    let Proven {
        job,
        prover,
        mut times,
    } = proven;
    let job = wrap(&context, &decider, job).await?;
    let elapsed = start.elapsed();
    times.report.wrap_ms += millis(elapsed);
    context.metrics.observe("wrap", elapsed);
    let kept = Job::Settle(job.clone());
    context.store.set_jobs(&[(Place::Making, Some(&kept))])?;
    tracing::info!(batch = job.tag.batch, ms = millis(elapsed), "wrapped");
    Ok(Stage::Settle(Proven { job, prover, times }).into())
}
