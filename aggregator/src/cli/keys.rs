//! `notefold keys`: seeds, addresses, accounts.

use crate::{
    chain::account_of,
    error::Error,
    keystore::{self, PasswordArgs},
};
use clap::{Args, Subcommand};
use notefold_folding::keys::{SEED_BYTES, Seed, SpendingKey};
use rand_core::OsRng;
use std::{
    io::{BufRead, IsTerminal},
    path::PathBuf,
};
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key and print its address
    New {
        /// The key file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Make a key file of a seed that is read from standard input: 64 hexadecimal digits
    Recover {
        /// The key file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Print the address that notes are sent to
    Address(FileArgs),
    /// Print the Ethereum account that deposits, and settles for an aggregator
    Account(FileArgs),
    /// Print the seed: whoever reads it can spend
    Seed(FileArgs),
}

#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// The key file
    file: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
}

impl FileArgs {
    fn read(&self) -> Result<Seed, Error> {
        keystore::read(&self.file, &self.password)
    }
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::New { out, password } => {
            let seed = Seed::random(&mut OsRng);
            keystore::write(&out, &seed, &password.get(true)?)?;
            println!("{}", SpendingKey::from_seed(&seed).address());
        }
        Command::Recover { out, password } => {
            let seed = read_seed()?;
            keystore::write(&out, &seed, &password.get(true)?)?;
            println!("{}", SpendingKey::from_seed(&seed).address());
        }
        Command::Address(args) => println!("{}", SpendingKey::from_seed(&args.read()?).address()),
        Command::Account(args) => println!("{}", account_of(&args.read()?).address()),
        Command::Seed(args) => {
            let digits = Zeroizing::new(hex::encode(args.read()?.expose()));
            println!("{}", digits.as_str());
        }
    }
    Ok(())
}

fn read_seed() -> Result<Seed, Error> {
    if std::io::stdin().is_terminal() {
        eprintln!("seed, 64 hexadecimal digits:");
    }
    let mut line = Zeroizing::new(String::new());
    // A seed that cannot be read is no seed.
    let _ = std::io::stdin().lock().read_line(&mut line);
    let mut bytes = Zeroizing::new([0; SEED_BYTES]);
    hex::decode_to_slice(line.trim(), bytes.as_mut_slice()).map_err(|_| Error::Seed)?;
    Ok(Seed::from_bytes(*bytes))
}
