//! The command line: one module per noun.

mod aggregator;
mod batch;
mod bench;
mod chain;
mod deploy;
mod files;
mod fold;
mod keys;
mod note;
mod params;
mod step;
mod values;
mod wallet;
mod wrap;

use crate::error::Error;
use clap::{Parser, Subcommand};

/// Notefold: private notes, blinded step proofs, and the aggregator that folds them.
#[derive(Debug, Parser)]
#[command(name = "notefold", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Commitment keys: powers of tau that provers and aggregators share
    #[command(subcommand)]
    Params(params::Command),
    /// Wallet keys and addresses
    #[command(subcommand)]
    Keys(keys::Command),
    /// The state of a rollup in a local folder, and a wallet's notes in it
    #[command(subcommand)]
    Note(note::Command),
    /// Step proofs: make them, check them
    #[command(subcommand)]
    Step(step::Command),
    /// Fold step proofs into one proof of a batch
    Fold(Box<fold::FoldArgs>),
    /// Verify the proof of a batch
    Verify(fold::VerifyArgs),
    /// Make the INSECURE development keys of the decider
    Setup(wrap::SetupArgs),
    /// Wrap the proof of a batch into one that a contract verifies
    Wrap(wrap::WrapArgs),
    /// Verify a settlement proof natively, and with the contract in an EVM
    VerifySettlement(wrap::SettlementArgs),
    /// Write the constants that the verifier contract is compiled with
    VerifierContract(wrap::ContractArgs),
    /// Deploy verifier, slot queue and rollup
    Deploy(deploy::DeployArgs),
    /// A wallet on a chain: notes, deposits, payments, withdrawals
    #[command(subcommand)]
    Wallet(Box<wallet::Command>),
    /// Sends a wallet's steps until they are settled
    #[command(subcommand)]
    Prover(Box<wallet::ProverCommand>),
    /// The aggregator: takes step proofs, folds them, and settles them on a chain
    #[command(subcommand)]
    Aggregator(aggregator::Command),
    /// Settled batches
    #[command(subcommand)]
    Batch(batch::Command),
    /// Measure this machine
    #[command(subcommand)]
    Bench(bench::Command),
}

/// Runs a command.
pub(crate) fn run(cli: Cli) -> Result<(), Error> {
    match cli.command {
        Command::Params(command) => params::run(command),
        Command::Keys(command) => keys::run(command),
        Command::Note(command) => note::run(command),
        Command::Step(command) => step::run(command),
        Command::Fold(args) => fold::fold(&args),
        Command::Verify(args) => fold::verify(&args),
        Command::Setup(args) => wrap::setup(&args),
        Command::Wrap(args) => wrap::wrap(&args),
        Command::VerifySettlement(args) => wrap::verify_settlement(&args),
        Command::VerifierContract(args) => wrap::contract(&args),
        Command::Deploy(args) => deploy::run(&args),
        Command::Wallet(command) => wallet::run(*command),
        Command::Prover(command) => wallet::run_prover(*command),
        Command::Batch(command) => batch::run(command),
        Command::Aggregator(command) => aggregator::run(command),
        Command::Bench(command) => bench::run(command),
    }
}

/// Where commands that talk to a chain run.
fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Node {
            what: "the runtime",
            got: error.to_string(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    /// `specs/cli.md` holds the help of every command; print it anew with `NOTEFOLD_WRITE_HELP=1`.
    #[test]
    fn help_is_committed() {
        let mut text = String::from(
            "# Command line\n\nThe help of every command, as the binary prints it. A test keeps this page true.\n",
        );
        let mut command = Cli::command();
        command.build();
        write_help(&mut command, &mut text);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/cli.md");
        if std::env::var_os("NOTEFOLD_WRITE_HELP").is_some() {
            std::fs::write(path, &text).expect("written");
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), text);
    }

    fn write_help(command: &mut clap::Command, text: &mut String) {
        let help = command
            .clone()
            .term_width(100)
            .render_long_help()
            .to_string();
        let name = command.get_bin_name().unwrap_or("notefold").to_owned();
        text.push_str(&format!(
            "\n## `{name}`\n\n```text\n{}\n```\n",
            help.trim_end()
        ));
        for subcommand in command
            .get_subcommands_mut()
            .filter(|s| s.get_name() != "help")
        {
            write_help(subcommand, text);
        }
    }
}
