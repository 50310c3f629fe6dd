//! `notefold setup`, `notefold wrap`, `notefold verifier-contract`: the decider.

use super::{
    files::{ParamsArgs, read_bounded, write_new},
    fold::read_batch,
};
use crate::error::Error;
use clap::Args;
use notefold_folding::{
    commitment_key::{DEVELOPMENT_SEED, KeyOrigin},
    curves::to_be_bytes,
    ivc::FoldingParams,
};
use notefold_wrapper::{
    decider::DeciderInput,
    evm::{VerifierContract, solidity_constants},
    keys::{
        DeciderVerifyingKey, find_keys, generate_insecure, read_keys, read_verifying_key,
        write_keys,
    },
    public_values::{Address, PublicValue},
    settlement::{BYTES, SettlementProof},
    verify,
    wrap::{WrapTimes, Wrapper},
};
use rand_core::OsRng;
use std::{
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

/// Where the decider's keys are.
#[derive(Debug, Args)]
pub(super) struct KeysArgs {
    /// File of decider keys, or the folder that holds it, as `notefold setup` makes it
    #[arg(
        long,
        value_name = "PATH",
        default_value = "params",
        env = "NOTEFOLD_DECIDER"
    )]
    decider: PathBuf,
}

impl KeysArgs {
    pub(super) fn path(&self) -> Result<PathBuf, Error> {
        if self.decider.is_file() {
            return Ok(self.decider.clone());
        }
        Ok(find_keys(&self.decider)?)
    }

    pub(super) fn verifying_key(&self) -> Result<(DeciderVerifyingKey, KeyOrigin), Error> {
        let (key, origin) = read_verifying_key(&self.path()?)?;
        warn(&origin);
        Ok((key, origin))
    }
}

#[derive(Debug, Args)]
pub(super) struct SetupArgs {
    #[command(flatten)]
    params: ParamsArgs,
    /// Folder to put the keys in
    #[arg(long, value_name = "FOLDER", default_value = "params")]
    out: PathBuf,
    /// Whoever knows it can prove anything
    #[arg(long, default_value = DEVELOPMENT_SEED)]
    seed: String,
}

#[derive(Debug, Args)]
pub(super) struct WrapArgs {
    #[command(flatten)]
    params: ParamsArgs,
    #[command(flatten)]
    keys: KeysArgs,
    /// Ethereum address of who settles: nobody else can use the proof
    #[arg(long, value_parser = super::values::address)]
    aggregator: Address,
    /// The settlement proof to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The proof file of a batch, as `notefold fold` makes it
    batch: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct SettlementArgs {
    #[command(flatten)]
    keys: KeysArgs,
    /// The settlement proof file
    proof: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ContractArgs {
    #[command(flatten)]
    keys: KeysArgs,
    /// The Solidity file to write
    #[arg(
        long,
        value_name = "FILE",
        default_value = "contracts/src/verifier/DeciderKey.sol"
    )]
    out: PathBuf,
}

/// Parts of a setup that report progress.
const PARTS: usize = 7;

pub(super) fn setup(args: &SetupArgs) -> Result<(), Error> {
    let params = args.params.load_folding()?;
    eprintln!("building the decider's circuit …");
    let start = Instant::now();
    let wrapper = Wrapper::new(&params);
    let mut part = 0;
    let keys = generate_insecure(&params, wrapper.matrices(), &args.seed, |name| {
        let bar = "#".repeat(4 * part) + &"-".repeat(4 * (PARTS - part));
        eprint!("\r[{bar}] {name:<22}");
        part += 1;
        // Progress that cannot be shown is no reason to stop.
        let _ = std::io::stderr().flush();
    })?;
    eprintln!("\r[{}] {:<22}", "#".repeat(4 * PARTS), "done");
    let path = write_keys(&args.out, &keys)?;
    println!("{}", path.display());
    println!("key     {}", hex::encode(keys.verifying.digest()));
    println!("params  {}", keys.verifying.params());
    println!(
        "origin  INSECURE development keys from seed {:?}",
        args.seed
    );
    println!("made in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

pub(super) fn wrap(args: &WrapArgs) -> Result<(), Error> {
    if args.out.exists() {
        return Err(Error::Exists {
            path: args.out.clone(),
        });
    }
    let params = args.params.load_folding()?;
    let batch = read_batch(&params, &args.batch)?;
    eprintln!("verifying the batch …");
    let input =
        DeciderInput::new(&params, &batch, args.aggregator).map_err(|source| Error::Batch {
            path: args.batch.clone(),
            source,
        })?;
    let proof = prove(&params, &args.keys.path()?, &input)?;
    write_new(&args.out, &proof.to_bytes())?;
    report(&proof);
    println!("{}", args.out.display());
    Ok(())
}

fn prove(
    params: &FoldingParams,
    path: &Path,
    input: &DeciderInput,
) -> Result<SettlementProof, Error> {
    eprintln!("reading the decider's keys …");
    let keys = read_keys(path, params.digest())?;
    warn(&keys.origin);
    eprintln!("building the decider's circuit …");
    let wrapper = Wrapper::new(params);
    wrapper.check_keys(&keys)?;
    eprintln!("proving, about half a minute …");
    let mut times = WrapTimes::default();
    let proof = wrapper.prove(params, &keys, input, &mut OsRng, &mut times)?;
    verify(&keys.verifying, &proof)?;
    println!("proven in {:.1} s", times.total.as_secs_f64());
    Ok(proof)
}

pub(super) fn verify_settlement(args: &SettlementArgs) -> Result<(), Error> {
    let (key, _) = args.keys.verifying_key()?;
    let bytes = read_bounded(&args.proof, BYTES)?;
    let proof = SettlementProof::from_bytes(&bytes).map_err(|source| Error::SettlementDecode {
        path: args.proof.clone(),
        source,
    })?;
    verify(&key, &proof)?;
    report(&proof);
    println!("natively    valid");
    let contract = VerifierContract::committed()?;
    contract.check_key(&key)?;
    println!(
        "in the EVM  valid, {} gas for the transaction",
        contract.verify(&proof)?
    );
    Ok(())
}

pub(super) fn contract(args: &ContractArgs) -> Result<(), Error> {
    let (key, origin) = args.keys.verifying_key()?;
    super::files::replace(&args.out, solidity_constants(&key, &origin).as_bytes())?;
    println!("{}", args.out.display());
    println!("compile it with `npm ci && npm run build` in contracts/");
    Ok(())
}

fn report(proof: &SettlementProof) {
    for value in PublicValue::ALL {
        let element = to_be_bytes(&proof.public.get(value));
        println!("{:<15} 0x{}", value.name(), hex::encode(element));
    }
    println!("calldata        {} bytes", BYTES + 4);
}

pub(super) fn warn(origin: &KeyOrigin) {
    if let KeyOrigin::InsecureDevelopment { seed } = origin {
        eprintln!(
            "warning: INSECURE development keys of the decider (seed {seed:?}): anyone can prove anything with them"
        );
    }
}
