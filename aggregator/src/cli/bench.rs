//! `notefold bench`: measurements.

use crate::{bench, error::Error};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Step proofs and state trees (`specs/benchmarks.md` explains every figure)
    Step(BenchArgs),
    /// Multi-scalar multiplication beside the libraries'
    Msm(BenchArgs),
    /// A batch from intake to its proof, and folded again on another root
    Fold(StepsArgs),
    /// The decider: setup, proof, verification natively and in an EVM
    Wrap(StepsArgs),
    /// Settlements on the contracts in an EVM, beside a pool with one proof a step
    Settle {
        /// Print JSON with fixed field names
        #[arg(long)]
        json: bool,
    },
    /// Steps from a prover's stream to settled batches: a node on a local chain
    E2e {
        #[command(flatten)]
        steps: StepsArgs,
        /// anvil, as `npm ci` in contracts/ installs it
        #[arg(
            long,
            value_name = "FILE",
            default_value = "contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
        )]
        anvil: PathBuf,
    },
    /// Other implementations of Nova beside ours, in one run
    Peers(StepsArgs),
}

#[derive(Debug, Args)]
pub(super) struct StepsArgs {
    /// Print JSON with fixed field names
    #[arg(long)]
    json: bool,
    /// Steps of the batch
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=4096))]
    steps: u32,
}

#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// Print JSON with fixed field names
    #[arg(long)]
    json: bool,
    /// Repetitions of each measurement
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Step(args) => report(args.json, &bench::step::run(args.runs as usize)?),
        Command::Fold(args) => report(args.json, &bench::fold::run(args.steps as usize)?),
        Command::Wrap(args) => report(args.json, &bench::wrap::run(args.steps as usize)?),
        Command::Settle { json } => report(json, &bench::settle::run()?),
        Command::E2e { steps, anvil } => {
            let run = bench::e2e::run(steps.steps as usize, &anvil);
            report(steps.json, &super::runtime()?.block_on(run)?)
        }
        Command::Peers(args) => report(args.json, &bench::peers::run(args.steps as usize)?),
        Command::Msm(args) => report(args.json, &bench::msm::run(args.runs as usize)),
    }
}

fn report(json: bool, report: &impl Serialize) -> Result<(), Error> {
    if json {
        println!("{}", serde_json::to_string_pretty(report)?);
    } else {
        bench::print_table(&serde_json::to_value(report)?);
    }
    Ok(())
}
