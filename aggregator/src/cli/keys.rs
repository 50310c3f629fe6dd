//! `notefold keys`: seeds and addresses.

use crate::{error::Error, key_file};
use clap::Subcommand;
use notefold_folding::keys::{Seed, SpendingKey};
use rand_core::OsRng;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a wallet key and print its address
    New {
        /// The key file to write; whoever reads it can spend
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the address of a wallet key
    Address {
        /// The key file
        file: PathBuf,
    },
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    let key = match command {
        Command::New { out } => {
            let seed = Seed::random(&mut OsRng);
            key_file::write(&out, &seed)?;
            SpendingKey::from_seed(&seed)
        }
        Command::Address { file } => key_file::read(&file)?,
    };
    println!("{}", key.address());
    Ok(())
}
