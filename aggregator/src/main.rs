//! `notefold`: wallets, step proofs, and the aggregator that folds them.
//!
//! ```text
//! cli/{params,keys,note,step,bench} ─► wallet (what a key owns) ─► state_dir (trees on disk) ─► notefold-folding
//! ```

mod bench;
mod chain;
mod cli;
mod contracts;
mod deployment;
mod error;
mod keystore;
mod ledger;
mod node;
mod prover;
mod rpc;
mod state_dir;
mod state_tables;
mod wallet;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
