//! `notefold note`: the local state, and a wallet's notes in it.

use super::{
    files::{ParamsArgs, read_step},
    values,
};
use crate::{
    error::Error,
    keystore::{self, PasswordArgs},
    state_dir::StateDir,
    wallet,
};
use clap::Subcommand;
use notefold_folding::{
    keys::SpendingKey,
    step::{Deployment, verify_batch},
};
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a state without notes
    Init {
        /// Folder of the state
        #[arg(long, value_name = "FOLDER", default_value = "state")]
        state: PathBuf,
        /// Chain of the deployment
        #[arg(long, default_value_t = 31_337)]
        chain_id: u64,
        /// Rollup contract of the deployment
        #[arg(
            long,
            value_parser = values::bytes::<20>,
            default_value = "0x0000000000000000000000000000000000000000"
        )]
        contract: [u8; 20],
    },
    /// List the notes that a key owns
    List {
        /// Folder of the state
        #[arg(long, value_name = "FOLDER", default_value = "state")]
        state: PathBuf,
        /// Wallet key file
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Check step proofs and apply them to the state as one batch, all or none
    Accept {
        /// Folder of the state
        #[arg(long, value_name = "FOLDER", default_value = "state")]
        state: PathBuf,
        #[command(flatten)]
        params: ParamsArgs,
        /// Step proof files, in order
        #[arg(required = true)]
        steps: Vec<PathBuf>,
    },
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Init {
            state,
            chain_id,
            contract,
        } => {
            let dir = StateDir::create(&state, Deployment::new(chain_id, contract))?;
            println!("state  {}", dir.state().root());
            Ok(())
        }
        Command::List {
            state,
            key,
            password,
        } => list(&state, &key, &password),
        Command::Accept {
            state,
            params,
            steps,
        } => accept(&state, &params, &steps),
    }
}

fn list(state: &Path, key: &Path, password: &PasswordArgs) -> Result<(), Error> {
    let dir = StateDir::open(state)?;
    let key = SpendingKey::from_seed(&keystore::read(key, password)?);
    let notes = wallet::scan(&dir, &key);
    for owned in &notes {
        let status = if owned.spent { "spent" } else { "unspent" };
        let note = &owned.note;
        println!(
            "note {:<6} {status:<8} {} {}",
            owned.position, note.value, note.asset
        );
    }
    for (asset, sum) in wallet::balances(&notes) {
        println!("balance  {sum} {asset}");
    }
    if notes.is_empty() {
        println!("no notes");
    }
    Ok(())
}

fn accept(state: &Path, params: &ParamsArgs, paths: &[PathBuf]) -> Result<(), Error> {
    let mut dir = StateDir::open(state)?;
    let params = params.load()?;
    let proofs = paths
        .iter()
        .map(|path| read_step(&params, path))
        .collect::<Result<Vec<_>, _>>()?;
    let mut statements = Vec::with_capacity(paths.len());
    for (path, verdict) in paths.iter().zip(verify_batch(&params, proofs)) {
        let step = verdict.map_err(|source| Error::Refused {
            path: path.to_owned(),
            source,
        })?;
        let (expected, got) = (dir.deployment(), step.statement().deployment);
        if got != expected {
            let (expected, got) = (expected.to_string(), got.to_string());
            return Err(Error::WrongDeployment {
                path: path.to_owned(),
                expected,
                got,
            });
        }
        statements.push(*step.statement());
    }
    dir.settle(&statements)?
        .map_err(|(index, source)| Error::Apply {
            path: paths[index].clone(),
            source,
        })?;
    let state = dir.state();
    println!(
        "batch  {} with {} steps",
        state.batch_number() - 1,
        statements.len()
    );
    println!(
        "notes  {} under {}",
        state.notes().count(),
        state.notes().root()
    );
    println!("state  {}", state.root());
    Ok(())
}
