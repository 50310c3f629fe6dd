//! `notefold params`: commitment keys.

use super::files::ParamsArgs;
use crate::error::Error;
use clap::Subcommand;
use notefold_folding::{
    commitment_key::{
        DEVELOPMENT_SEED, KeyInfo, KeyOrigin, generate_insecure, import_key, write_key,
    },
    step::StepParams,
};
use rand_core::OsRng;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an INSECURE key from a seed, for development
    Generate {
        /// Folder to put it in
        #[arg(long, value_name = "FOLDER", default_value = "params")]
        out: PathBuf,
        /// Whoever knows it can forge proofs
        #[arg(long, default_value = DEVELOPMENT_SEED)]
        seed: String,
        /// Base-2 logarithm of the number of powers of tau: 14 serves note provers, 17 aggregators as well
        #[arg(long, default_value_t = 17, value_parser = clap::value_parser!(u32).range(14..=24))]
        power: u32,
    },
    /// Check a powers-of-tau file of a ceremony (.ptau) and copy it into the key folder
    Import {
        /// The file
        file: PathBuf,
        /// Folder to put it in
        #[arg(long, value_name = "FOLDER", default_value = "params")]
        out: PathBuf,
    },
    /// Say what the parameters are
    Show {
        #[command(flatten)]
        params: ParamsArgs,
    },
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Generate { out, seed, power } => {
            eprintln!("generating 2^{power} powers of tau …");
            report(&write_key(&out, &generate_insecure(power, &seed))?);
        }
        Command::Import { file, out } => {
            eprintln!("checking {} …", file.display());
            report(&import_key(&out, &file, &mut OsRng)?);
        }
        Command::Show { params } => {
            let params = params.load()?;
            let shape = params.shape();
            println!("parameters   {}", params.digest());
            println!("key          {}", params.key().id());
            println!("circuit      {}", StepParams::shape_digest());
            println!("constraints  {}", shape.num_cons());
            println!("variables    {}", shape.num_vars());
        }
    }
    Ok(())
}

fn report(info: &KeyInfo) {
    println!("{}", info.path.display());
    println!("powers  {}", info.powers);
    match &info.origin {
        KeyOrigin::Imported => println!("origin  imported; its powers are consistent"),
        KeyOrigin::InsecureDevelopment { seed } => {
            println!("origin  INSECURE development key from seed {seed:?}");
        }
    }
}
