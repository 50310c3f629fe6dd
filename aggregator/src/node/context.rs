//! What all parts of a node share.

use super::{
    config::Config,
    metrics::Metrics,
    store::{Change, Store},
};
use crate::{
    chain::{Account, BlockRef, ChainClient, Eligibility, Schedule},
    rpc::Outcome,
};
use alloy::primitives::U256;
use notefold_folding::{ivc::FoldingParams, state::State, step::StatementHash};
use std::{
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::{broadcast, watch};

/// News of steps that are kept for slow listeners; those who miss some ask the store.
pub(crate) const NEWS: usize = 4096;

/// How long intake counts as busy after many submissions at once.
const BUSY_MS: u64 = 300;

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| {
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    })
}

/// A block at which this node may settle, as the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Turn {
    /// The first block that was asked about.
    pub(crate) block: u64,
    /// Why.
    pub(crate) eligibility: Eligibility,
}

/// The chain as it was last seen.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Its newest block.
    pub(crate) head: BlockRef,
    /// The state after all settled batches.
    pub(crate) state: Arc<State>,
    /// S.
    pub(crate) root: U256,
    /// Number of settled batches.
    pub(crate) batches: u64,
    /// Number of those that are final.
    pub(crate) confirmed: u64,
    /// Who may settle in the next block.
    pub(crate) now: Eligibility,
    /// Whether this node may, in the next block and in as many after it as an inclusion may take.
    pub(crate) may_settle: bool,
    /// This node's turns within the lead.
    pub(crate) turns: Vec<Turn>,
}

/// News of one step.
#[derive(Clone, Debug)]
pub(crate) struct News {
    /// Which.
    pub(crate) x: StatementHash,
    /// What.
    pub(crate) outcome: Outcome,
}

/// What all parts share. Clones share it, too.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) config: Arc<Config>,
    pub(crate) client: ChainClient,
    pub(crate) account: Account,
    pub(crate) schedule: Schedule,
    pub(crate) params: Arc<FoldingParams>,
    pub(crate) store: Arc<Store>,
    pub(crate) metrics: Metrics,
    pub(crate) view: watch::Receiver<Option<View>>,
    pub(crate) shutdown: watch::Receiver<bool>,
    pub(crate) news: broadcast::Sender<News>,
    /// Held while records of steps and the view change together, and while both are read together.
    pub(crate) moving: Arc<RwLock<()>>,
    /// Until when intake counts as busy, in milliseconds since 1970.
    pub(crate) busy: Arc<AtomicU64>,
    /// Wakes the pipeline when steps were accepted.
    pub(crate) accepted: Arc<tokio::sync::Notify>,
}

impl Context {
    /// The chain as it was last seen, once it was seen.
    pub(crate) fn view(&self) -> Option<View> {
        self.view.borrow().clone()
    }

    /// Many submissions came at once: what is not urgent leaves the cores to their checks for a moment.
    pub(crate) fn mark_intake_busy(&self) {
        self.busy.store(now() + BUSY_MS, Ordering::Relaxed);
    }

    /// Whether that is so.
    pub(crate) fn is_intake_busy(&self) -> bool {
        now() < self.busy.load(Ordering::Relaxed)
    }

    /// Keeps whoever reads records and view together from seeing one of them changed.
    pub(crate) fn moving(&self) -> RwLockWriteGuard<'_, ()> {
        self.moving.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps records and view as they are to each other.
    pub(crate) fn at_rest(&self) -> RwLockReadGuard<'_, ()> {
        self.moving.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the node is to end.
    pub(crate) fn ending(&self) -> bool {
        *self.shutdown.borrow()
    }

    /// Resolves when the node is to end.
    pub(crate) async fn end(&self) {
        let mut shutdown = self.shutdown.clone();
        // The sender lives as long as the node.
        let _ = shutdown.wait_for(|end| *end).await;
    }

    /// Listens to news of steps.
    pub(crate) fn listen(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Tells whoever listens.
    pub(crate) fn tell(&self, x: StatementHash, outcome: Outcome) {
        // Nobody listening is no fault.
        let _ = self.news.send(News { x, outcome });
    }

    /// Tells what the store has written.
    pub(crate) fn tell_changes(&self, changes: &[Change]) {
        for (x, state) in changes {
            tracing::info!(step = %x, state = %state.outcome(), "step");
            self.tell(*x, state.outcome());
        }
    }
}
