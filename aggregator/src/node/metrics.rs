//! Numbers for Prometheus, and the same for people as JSON. Names are listed in `specs/node.md`.

use prometheus::{
    Encoder, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder,
};
use serde::Serialize;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Batches that the status page remembers.
const REMEMBERED: usize = 256;

/// Where the time of a batch went.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct BatchReport {
    /// Its number on the chain.
    pub(crate) batch: u64,
    /// Its steps.
    pub(crate) steps: usize,
    /// From the receipt of its first step to that of its last.
    pub(crate) stream_ms: u64,
    /// From there to its closing, but for what was proven meanwhile.
    pub(crate) queue_ms: u64,
    /// Steps checked again and taken in, with their cross terms.
    pub(crate) sequence_ms: u64,
    /// Both chains, with what was proven while it was open.
    pub(crate) fold_ms: u64,
    /// The Groth16 proof.
    pub(crate) wrap_ms: u64,
    /// From the proof to the receipt, waiting for a turn included.
    pub(crate) settle_ms: u64,
    /// From the receipt of its first step to the block that settled it.
    pub(crate) total_ms: u64,
    /// How often it was folded again.
    pub(crate) refolds: u64,
    /// What that took, both chains included.
    pub(crate) refold_ms: u64,
    /// Steps that were dropped in doing so.
    pub(crate) dropped: usize,
    /// Gas of its transaction.
    pub(crate) gas: u64,
    /// Its transaction.
    pub(crate) transaction: String,
}

/// All counters.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) received: IntCounter,
    pub(crate) received_bytes: IntCounter,
    pub(crate) accepted: IntCounter,
    pub(crate) refused: IntCounterVec,
    pub(crate) waits: IntCounter,
    pub(crate) settled_steps: IntCounter,
    pub(crate) settled_batches: IntCounter,
    pub(crate) reverted: IntCounter,
    pub(crate) preflight_refused: IntCounter,
    pub(crate) refolds: IntCounter,
    pub(crate) refold_seconds: Histogram,
    stage_seconds: HistogramVec,
    pub(crate) reorganisations: IntCounter,
    pub(crate) rescues: IntCounter,
    pub(crate) handed_over: IntCounter,
    pub(crate) queued: IntGauge,
    pub(crate) head: IntGauge,
    pub(crate) batches: IntGauge,
    pub(crate) eligible: IntGauge,
    reports: Arc<Mutex<VecDeque<BatchReport>>>,
}

impl Metrics {
    /// Counters that begin at zero.
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new_custom(Some("notefold".into()), None)?;
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let gauge = |name: &str, help: &str| -> Result<IntGauge, prometheus::Error> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let refused = IntCounterVec::new(
            Opts::new("steps_refused_total", "Steps refused, by reason"),
            &["reason"],
        )?;
        registry.register(Box::new(refused.clone()))?;
        let buckets = prometheus::exponential_buckets(0.005, 2.0, 18)?;
        let refold_seconds = Histogram::with_opts(
            HistogramOpts::new("refold_seconds", "Native part of folding a batch again")
                .buckets(buckets.clone()),
        )?;
        registry.register(Box::new(refold_seconds.clone()))?;
        let stage_seconds = HistogramVec::new(
            HistogramOpts::new("stage_seconds", "Time in each stage").buckets(buckets),
            &["stage"],
        )?;
        registry.register(Box::new(stage_seconds.clone()))?;
        Ok(Self {
            received: counter("steps_received_total", "Submissions received")?,
            received_bytes: counter("received_bytes_total", "Bytes of submissions received")?,
            accepted: counter("steps_accepted_total", "Steps made durable")?,
            refused,
            waits: counter("waits_total", "Submissions that were told to wait")?,
            settled_steps: counter("steps_settled_total", "Steps settled by this node")?,
            settled_batches: counter("batches_settled_total", "Batches settled by this node")?,
            reverted: counter(
                "reverted_transactions_total",
                "Settlements of this node that reverted on the chain",
            )?,
            preflight_refused: counter(
                "preflight_refused_total",
                "Settlements that a preflight kept from being sent",
            )?,
            refolds: counter("refolds_total", "Batches folded again on another state")?,
            refold_seconds,
            stage_seconds,
            reorganisations: counter("reorganisations_total", "Reorganisations that took batches")?,
            rescues: counter("rescues_total", "Idle holders slashed")?,
            handed_over: counter(
                "steps_handed_over_total",
                "Steps handed to another aggregator",
            )?,
            queued: gauge("steps_queued", "Steps accepted and not settled")?,
            head: gauge("head_block", "Newest block followed")?,
            batches: gauge("batches_on_chain", "Batches on the chain")?,
            eligible: gauge("eligible", "Whether this node may settle in the next block")?,
            registry,
            reports: Arc::default(),
        })
    }

    /// Notes how long a stage took.
    pub(crate) fn observe(&self, stage: &str, elapsed: Duration) {
        let stage = self.stage_seconds.with_label_values(&[stage]);
        stage.observe(elapsed.as_secs_f64());
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut buffer = Vec::new();
        // Text encoding of valid names cannot fail; an empty page would be noticed.
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut buffer);
        String::from_utf8(buffer).unwrap_or_default()
    }

    /// Notes a settled batch.
    pub(crate) fn report(&self, report: BatchReport) {
        let mut reports = self.lock();
        if reports.len() == REMEMBERED {
            reports.pop_front();
        }
        reports.push_back(report);
    }

    /// The batches that this node settled.
    pub(crate) fn reports(&self) -> Vec<BatchReport> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<BatchReport>> {
        self.reports
            .lock()
            .expect("invariant: nothing panics while it holds the lock")
    }
}
