//! `notefold deploy`: verifier, slot queue and rollup.

use super::{chain::connect_account, wrap::KeysArgs};
use crate::{
    deployment::{Parameters, verifier_code},
    error::Error,
    keystore::PasswordArgs,
};
use alloy::primitives::{Address, U256};
use clap::Args;
use notefold_wrapper::evm::VerifierContract;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct DeployArgs {
    /// RPC endpoint of the chain
    #[arg(long, env = "NOTEFOLD_RPC", value_name = "URL")]
    rpc: String,
    /// Key file of the account that pays
    #[arg(long, env = "NOTEFOLD_KEY", value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// File of parameters; those that deployments start from, if none is given
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
    /// Who may schedule another verifier; the account that pays, if nobody is named
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<Address>,
    #[command(flatten)]
    keys: KeysArgs,
}

pub(super) fn run(args: &DeployArgs) -> Result<(), Error> {
    // The verifier's code has its key in it: another key's proofs would be refused for ever.
    let (key, _) = args.keys.verifying_key()?;
    VerifierContract::committed()?.check_key(&key)?;
    let parameters = match &args.parameters {
        Some(path) => Parameters::read(path)?,
        None => Parameters::defaults()?,
    };
    super::runtime()?.block_on(deploy(args, &parameters))
}

async fn deploy(args: &DeployArgs, parameters: &Parameters) -> Result<(), Error> {
    let account = connect_account(&args.rpc, &args.key, &args.password).await?;
    let owner = args.owner.unwrap_or(account.address());
    let nonce = account.nonce().await?;
    let [verifier, queue, rollup] = [0, 1, 2].map(|ahead| account.address().create(nonce + ahead));
    let head = account.head().await?.number;
    let genesis = head + parameters.slots.genesis_delay_blocks;
    let codes = [
        ("verifier", verifier_code()),
        ("queue", parameters.queue_code(rollup, genesis)),
        ("rollup", parameters.rollup_code(queue, verifier, owner)),
    ];
    for (name, code) in codes {
        let (hash, gas) = account.transact(name, None, U256::ZERO, code).await?;
        eprintln!("{name:<8} created, {gas} gas, transaction {hash}");
    }
    println!("rollup    {rollup}");
    println!("queue     {queue}");
    println!("verifier  {verifier}");
    println!("owner     {owner}");
    println!("block     {head}");
    println!("genesis   {genesis}");
    Ok(())
}
