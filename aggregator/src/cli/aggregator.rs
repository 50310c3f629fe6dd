//! `notefold aggregator`: the node.

use super::{files::ParamsArgs, wrap::KeysArgs};
use crate::{
    error::Error,
    node::{self, Decider, Settings},
};
use clap::{Args, Subcommand};
use notefold_wrapper::{keys::read_keys, wrap::Wrapper};
use std::{path::PathBuf, sync::Arc};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take step proofs, fold, wrap and settle them, until SIGTERM
    Run(Box<RunArgs>),
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// File of settings, TOML, named as the flags; flags and environment come first
    #[arg(long, value_name = "FILE", env = "NOTEFOLD_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    params: ParamsArgs,
    #[command(flatten)]
    keys: KeysArgs,
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    let Command::Run(args) = command;
    let file = match &args.config {
        Some(path) => Settings::read(path)?,
        None => Settings::default(),
    };
    let config = args.settings.or(file).validate()?;
    log(config.log_json);
    let params = Arc::new(args.params.load_folding()?);
    let path = args.keys.path()?;
    // Each of the three takes seconds on one core, and none needs another.
    let (keys, (wrapper, ())) = rayon::join(
        || read_keys(&path, params.digest()),
        || rayon::join(|| Wrapper::new(&params), || params.tabulate()),
    );
    let keys = keys?;
    super::wrap::warn(&keys.origin);
    wrapper.check_keys(&keys)?;
    let decider = Arc::new(Decider {
        wrapper,
        keys,
        path,
    });
    let runtime = super::runtime()?;
    let outcome = runtime.block_on(node::run(config, params, decider));
    // A proof that is being made cannot be stopped, and does not have to be: its job is in the store.
    runtime.shutdown_background();
    outcome
}

/// Logs to standard error; `RUST_LOG` says what.
fn log(json: bool) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,alloy=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        builder.json().flatten_event(true).init();
    } else {
        builder.with_ansi(false).with_target(false).init();
    }
}
