//! A batch on its way: what each stage leaves for the next, and where its time went.

use super::{
    context::{Context, now},
    jobs::{SettleJob, Tag, WrapJob},
    metrics::BatchReport,
    store::Store,
};
use crate::{
    ledger::word_of,
    rpc::{Folded, Outcome},
};
use alloy::primitives::U256;
use notefold_folding::{
    batch::{BatchProver, ClosedBatch, OpenBatch},
    state::State,
    step::StatementHash,
};
use std::{sync::Arc, time::Duration};

/// A state that batches are made on: the chain's, or the one that the batch being settled leads to.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) state: Arc<State>,
    /// S.
    pub(crate) root: U256,
    /// Number of the next batch.
    pub(crate) number: u64,
}

/// A batch that takes steps.
pub(crate) struct Opened {
    pub(crate) batch: Box<OpenBatch>,
    /// S before it.
    pub(crate) before: U256,
    /// Its number on the chain.
    pub(crate) number: u64,
    /// It was closed before, and is closed again at once.
    pub(crate) due: bool,
    /// The note chain has all its steps.
    pub(crate) caught_up: bool,
    pub(crate) times: Times,
}

impl Opened {
    pub(crate) fn new(context: &Context, base: &Base) -> Self {
        let deployment = context.client.deployment();
        let batch = OpenBatch::open(&context.params, deployment, (*base.state).clone());
        Self {
            batch: Box::new(batch),
            before: base.root,
            number: base.number,
            due: false,
            caught_up: true,
            times: Times::default(),
        }
    }

    pub(crate) fn steps(&self) -> Vec<StatementHash> {
        let steps = self.batch.steps().iter();
        steps.map(|step| step.statement().hash()).collect()
    }
}

/// A closed batch on its way to its proof.
pub(crate) struct Closed {
    pub(crate) tag: Tag,
    pub(crate) prover: Box<BatchProver>,
    pub(crate) times: Times,
}

impl Closed {
    pub(crate) fn new(closed: ClosedBatch, number: u64, times: Times) -> Self {
        let statement = closed.statement();
        let tag = Tag {
            batch: number,
            before: word_of(statement.before.root()),
            after: word_of(statement.after.root()),
            steps: closed.data().iter().map(|step| step.hash()).collect(),
        };
        Self {
            tag,
            prover: Box::new(closed.prover()),
            times,
        }
    }

    /// Tells whoever listens, and notes how long its steps waited.
    pub(crate) fn announce(&mut self, context: &Context) {
        self.times.closed(&context.store, &self.tag);
        for x in &self.tag.steps {
            let status = Folded {
                batch: self.tag.batch,
            };
            context.tell(*x, Outcome::Folded(status));
        }
    }

    /// The batch takes steps again, for another root.
    pub(crate) fn reopen(self) -> Opened {
        Opened {
            before: self.tag.before,
            number: self.tag.batch,
            due: true,
            caught_up: true,
            batch: Box::new(self.prover.into_batch().reopen()),
            times: self.times,
        }
    }
}

/// A proven batch with the job of its next stage. The prover is kept for another root; a restart loses it.
pub(crate) struct Proven<J> {
    pub(crate) job: J,
    pub(crate) prover: Option<Box<BatchProver>>,
    pub(crate) times: Times,
}

impl<J> Proven<J> {
    /// As [`Closed::reopen`], if the prover is there.
    pub(crate) fn reopen(self, tag: impl FnOnce(J) -> Tag) -> Option<Opened> {
        let tag = tag(self.job);
        let times = self.times;
        self.prover
            .map(|prover| Closed { tag, prover, times }.reopen())
    }
}

/// Where the batch is that is being made.
pub(crate) enum Stage {
    Open(Opened),
    Fold(Closed),
    Wrap(Proven<WrapJob>),
    Settle(Proven<SettleJob>),
}

impl Stage {
    /// S before it.
    pub(crate) fn before(&self) -> U256 {
        match self {
            Self::Open(opened) => opened.before,
            Self::Fold(closed) => closed.tag.before,
            Self::Wrap(proven) => proven.job.tag.before,
            Self::Settle(proven) => proven.job.tag.before,
        }
    }

    /// Its steps, in order.
    pub(crate) fn steps(&self) -> Vec<StatementHash> {
        match self {
            Self::Open(opened) => opened.steps(),
            Self::Fold(closed) => closed.tag.steps.clone(),
            Self::Wrap(proven) => proven.job.tag.steps.clone(),
            Self::Settle(proven) => proven.job.tag.steps.clone(),
        }
    }

    /// To be folded again; nothing, where a restart lost what was folded.
    pub(crate) fn reopen(self) -> Option<Opened> {
        match self {
            Self::Open(opened) => Some(opened),
            Self::Fold(closed) => Some(closed.reopen()),
            Self::Wrap(proven) => proven.reopen(|job| job.tag),
            Self::Settle(proven) => proven.reopen(|job| job.tag),
        }
    }
}

/// Where the time of a batch went. One batch is made at a time, so times of making do not overlap.
#[derive(Default)]
pub(crate) struct Times {
    pub(crate) report: BatchReport,
    /// Receipt of its first step, in milliseconds since 1970.
    first: u64,
}

impl Times {
    /// Notes what a closed batch is, and how long its steps waited.
    pub(crate) fn closed(&mut self, store: &Store, tag: &Tag) {
        let received = |x| store.get(x).map(|record| record.received);
        let times: Vec<u64> = tag.steps.iter().filter_map(|x| received(*x)).collect();
        self.first = times.iter().min().copied().unwrap_or_else(now);
        let last = times.iter().max().copied().unwrap_or(self.first);
        let report = &mut self.report;
        report.batch = tag.batch;
        report.steps = tag.steps.len();
        report.stream_ms = last - self.first;
        report.queue_ms = now()
            .saturating_sub(self.first)
            .saturating_sub(report.stream_ms)
            .saturating_sub(report.sequence_ms + report.fold_ms + report.refold_ms);
    }

    /// Times of a batch that was closed before a restart.
    pub(crate) fn resumed(store: &Store, tag: &Tag) -> Self {
        let mut times = Self::default();
        times.closed(store, tag);
        times
    }

    /// Both chains took so long.
    pub(crate) fn folded(&mut self, elapsed: Duration) {
        let report = &mut self.report;
        let field = match report.refolds {
            0 => &mut report.fold_ms,
            _ => &mut report.refold_ms,
        };
        *field += millis(elapsed);
    }

    /// Folded again: the native part took so long.
    pub(crate) fn refolded(&mut self, elapsed: Duration, dropped: usize) {
        self.report.refolds += 1;
        self.report.refold_ms += millis(elapsed);
        self.report.dropped += dropped;
    }

    /// The report of a batch that settled now.
    pub(crate) fn settled(mut self) -> BatchReport {
        self.report.total_ms = now().saturating_sub(self.first);
        self.report
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
