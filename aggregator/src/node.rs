//! The aggregator: `notefold aggregator run`. Spec: `specs/node.md`, NODE-1 to NODE-12.
//!
//! ```text
//! provers ─gRPC─► intake ─► store (queue) ─► sequence ─► fold ─► wrap ─► settle ─► chain
//!                    ▲                          ▲          ▲                         │
//!                    └── statuses ◄── follow (ledger, turns) ◄──────────────────────┘
//! ```
//!
//! - `config`, `context`: what it runs with, what its parts share
//! - `intake`, `sequence`, `fold`, `wrap`, `settle`: the stages; `batch`, `jobs`: what they hand on, in memory and as bytes;
//!   `pipeline`: the way through them
//! - `store`: steps and the batch under way; `follow`: the chain
//! - `slots`, `handover`: seats, bids, rescues, and steps that others settle
//! - `http`, `metrics`: for whoever watches

mod batch;
mod config;
mod context;
mod fold;
mod follow;
mod handover;
mod http;
mod intake;
mod jobs;
mod metrics;
mod pipeline;
mod sequence;
mod settle;
mod slots;
mod store;
mod wrap;

pub(crate) use config::{Config, Settings};
pub(crate) use wrap::Decider;

use crate::{
    chain::{Account, ChainClient, account_of},
    error::Error,
    keystore,
    ledger::Ledger,
    rpc::{AggregatorServer, MAX_MESSAGE_BYTES},
};
use context::{Context, NEWS};
use metrics::Metrics;
use notefold_folding::ivc::FoldingParams;
use pipeline::Pipeline;
use std::{future::Future, sync::Arc, time::Duration};
use store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{broadcast, mpsc, watch},
    task::JoinSet,
};
use tokio_stream::wrappers::TcpListenerStream;

/// How long the parts are given to end by themselves.
const GRACE: Duration = Duration::from_secs(20);

/// Runs a node until a signal ends it, or a part fails for good.
pub(crate) async fn run(
    config: Config,
    params: Arc<FoldingParams>,
    decider: Arc<Decider>,
) -> Result<(), Error> {
    let seed = keystore::read(&config.key, &config.password)?;
    let store = Arc::new(Store::open(&config.data)?);
    let client = ChainClient::connect(&config.rpc, config.rollup).await?;
    let account = Account::new(client.clone(), account_of(&seed));
    drop(seed);
    let (expected, got) = (client.key_digest().await?, decider.keys.verifying.digest());
    if expected.0 != *got {
        return Err(Error::Setting {
            name: "decider",
            expected: format!("the keys of the rollup's verifier, {expected}"),
            got: format!("0x{}", hex::encode(got)),
        });
    }
    let schedule = client.schedule().await?;
    let ledger = Ledger::open(
        store.path(),
        store.database(),
        client.deployment(),
        config.from_block,
    )?;
    let metrics = Metrics::new().map_err(|error| Error::Node {
        what: "metrics",
        got: error.to_string(),
    })?;
    let bind = |address| async move {
        TcpListener::bind(address)
            .await
            .map_err(|error| Error::Node {
                what: "listening",
                got: format!("{address}: {error}"),
            })
    };
    let grpc = bind(config.listen).await?;
    let pages = bind(config.http).await?;
    let (views, view) = watch::channel(None);
    let (end, shutdown) = watch::channel(false);
    let context = Context {
        config: Arc::new(config),
        client,
        account,
        schedule,
        params,
        store,
        metrics,
        view,
        shutdown,
        news: broadcast::channel(NEWS).0,
        moving: Arc::default(),
        busy: Arc::default(),
        accepted: Arc::default(),
    };
    tracing::info!(
        account = %context.account.address(),
        rollup = %context.client.rollup(),
        listen = %context.config.listen,
        http = %context.config.http,
        keys = %decider.path.display(),
        "running"
    );
    let (submissions, received) = mpsc::channel(intake::QUEUE);
    let mut parts = Supervisor::default();
    let c = context.clone();
    parts.start(
        "follow",
        async move { follow::follow(c, ledger, views).await },
    );
    parts.start("intake", intake::run(context.clone(), received));
    parts.start("service", serve(context.clone(), grpc, submissions));
    parts.start("http", http::serve(context.clone(), pages));
    parts.start("slots", slots::run(context.clone()));
    parts.start("handover", handover::run(context.clone()));
    parts.start("pipeline", Pipeline::new(context.clone(), decider).run());
    let outcome = tokio::select! {
        outcome = parts.first_failure() => outcome,
        () = ended() => Ok(()),
    };
    // First: no more work is taken, and what is under way is written down. Then whatever is left is cut off: it is durable.
    tracing::info!("ending");
    end.send_replace(true);
    if tokio::time::timeout(GRACE, parts.all()).await.is_err() {
        tracing::warn!("some parts did not end in time and are cut off");
    }
    outcome
}

async fn serve(
    context: Context,
    listener: TcpListener,
    submissions: mpsc::Sender<intake::Submission>,
) -> Result<(), Error> {
    let service = AggregatorServer::new(intake::Service::new(context.clone(), submissions))
        .max_decoding_message_size(MAX_MESSAGE_BYTES);
    tonic::transport::Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .add_service(service)
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async move {
            context.end().await;
        })
        .await
        .map_err(|error| Error::Node {
            what: "the gRPC server",
            got: error.to_string(),
        })
}

/// Resolves with SIGTERM or SIGINT.
async fn ended() {
    let (Ok(mut term), Ok(mut int)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// The parts of a node. A part that fails ends the node: whoever started it starts it again, and nothing is lost.
#[derive(Default)]
struct Supervisor {
    parts: JoinSet<(&'static str, Result<(), Error>)>,
}

impl Supervisor {
    fn start(
        &mut self,
        name: &'static str,
        part: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) {
        self.parts.spawn(async move { (name, part.await) });
    }

    /// Waits until a part fails, panics included.
    async fn first_failure(&mut self) -> Result<(), Error> {
        while let Some(ended) = self.parts.join_next().await {
            match ended {
                Ok((name, Ok(()))) => tracing::debug!(name, "ended"),
                Ok((name, Err(error))) => {
                    tracing::error!(name, %error, "failed");
                    return Err(error);
                }
                Err(panic) => {
                    return Err(Error::Node {
                        what: "a part of the node",
                        got: panic.to_string(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Waits for all.
    async fn all(mut self) {
        while self.parts.join_next().await.is_some() {}
    }
}
