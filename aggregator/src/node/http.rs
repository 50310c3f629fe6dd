//! Metrics, health, readiness and status over HTTP.
//!
//! - `/metrics`: for Prometheus
//! - `/health`: the process answers
//! - `/ready`: the chain was seen, so steps are taken
//! - `/status`: JSON for people and scripts

use super::{
    context::{Context, Turn},
    metrics::BatchReport,
};
use crate::{
    chain::{BlockRef, Eligibility},
    error::Error,
};
use alloy::primitives::{Address, U256};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use serde::Serialize;
use tokio::net::TcpListener;

/// The status page.
#[derive(Debug, Serialize)]
struct Status {
    account: Address,
    endpoint: String,
    head: Option<BlockRef>,
    state: Option<U256>,
    batches: u64,
    now: Option<Eligibility>,
    may_settle: bool,
    turns: Vec<Turn>,
    queued: usize,
    received: u64,
    received_bytes: u64,
    accepted: u64,
    waits: u64,
    settled_steps: u64,
    refolds: u64,
    reorganisations: u64,
    preflight_refused: u64,
    reverted_transactions: u64,
    rescues: u64,
    handed_over: u64,
    resident_bytes: u64,
    reports: Vec<BatchReport>,
}

/// Serves until the node ends.
pub(crate) async fn serve(context: Context, listener: TcpListener) -> Result<(), Error> {
    let ending = context.clone();
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/health", get(|| async { "ok" }))
        .route("/ready", get(ready))
        .route("/status", get(status))
        .with_state(context);
    axum::serve(listener, router)
        .with_graceful_shutdown(async move { ending.end().await })
        .await
        .map_err(|error| Error::Node {
            what: "the HTTP server",
            got: error.to_string(),
        })
}

async fn metrics(State(context): State<Context>) -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, context.metrics.text())
}

async fn ready(State(context): State<Context>) -> (StatusCode, &'static str) {
    if context.ending() {
        (StatusCode::SERVICE_UNAVAILABLE, "going down")
    } else if context.view().is_none() {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the chain was not seen yet",
        )
    } else {
        (StatusCode::OK, "ready")
    }
}

async fn status(State(context): State<Context>) -> Json<Status> {
    let view = context.view();
    let metrics = &context.metrics;
    Json(Status {
        account: context.account.address(),
        endpoint: context.config.endpoint.clone(),
        head: view.as_ref().map(|view| view.head),
        state: view.as_ref().map(|view| view.root),
        batches: view.as_ref().map_or(0, |view| view.batches),
        now: view.as_ref().map(|view| view.now),
        may_settle: view.as_ref().is_some_and(|view| view.may_settle),
        turns: view.map(|view| view.turns).unwrap_or_default(),
        queued: context.store.queued(),
        received: metrics.received.get(),
        received_bytes: metrics.received_bytes.get(),
        accepted: metrics.accepted.get(),
        waits: metrics.waits.get(),
        settled_steps: metrics.settled_steps.get(),
        refolds: metrics.refolds.get(),
        reorganisations: metrics.reorganisations.get(),
        preflight_refused: metrics.preflight_refused.get(),
        reverted_transactions: metrics.reverted.get(),
        rescues: metrics.rescues.get(),
        handed_over: metrics.handed_over.get(),
        resident_bytes: resident_bytes(),
        reports: metrics.reports(),
    })
}

/// Memory of this process; zero where the system does not say.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_whitespace().nth(1);
    pages
        .and_then(|pages| pages.parse::<u64>().ok())
        .unwrap_or(0)
        * 4096
}
