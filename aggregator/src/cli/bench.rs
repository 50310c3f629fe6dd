//! `notefold bench`: measurements.

use crate::{bench, error::Error};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Step proofs and state trees (`specs/benchmarks.md` explains every figure)
    Step {
        /// Print JSON with fixed field names
        #[arg(long)]
        json: bool,
        /// Repetitions of each measurement
        #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
        runs: u32,
    },
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Step { json, runs } => {
            let report = bench::step::run(runs as usize)?;
            if json {
                println!("{}", serde_json::to_string_pretty(&report)?);
            } else {
                bench::print_table(&serde_json::to_value(&report)?);
            }
            Ok(())
        }
    }
}
