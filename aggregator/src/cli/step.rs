//! `notefold step`: prove and verify.

use super::{
    files::{ParamsArgs, read_step, write_new},
    values::{self, Payment},
};
use crate::{
    error::Error,
    keystore::{self, PasswordArgs},
    state_dir::StateDir,
    wallet,
};
use clap::{Args, Subcommand};
use notefold_folding::{
    keys::SpendingKey,
    note::Asset,
    step::{DepositId, Mask, Recipient, Step, StepBuilder, prove, verify_batch},
    value::{NoteValue, ValueSum},
};
use rand_core::{OsRng, RngCore};
use std::{path::PathBuf, time::Instant};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Prove a step: spend notes of a key, pay, deposit, withdraw
    Prove(Box<ProveArgs>),
    /// Verify step proofs
    Verify {
        #[command(flatten)]
        params: ParamsArgs,
        /// Step proof files
        #[arg(required = true)]
        steps: Vec<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct ProveArgs {
    #[command(flatten)]
    params: ParamsArgs,
    /// Folder of the state
    #[arg(long, value_name = "FOLDER", default_value = "state")]
    state: PathBuf,
    /// Wallet key file
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    /// Pay an address; change goes back to the wallet
    #[arg(long, value_name = "ADDRESS=AMOUNT")]
    pay: Vec<Payment>,
    /// Deposit an amount from the chain
    #[arg(long, value_name = "AMOUNT", value_parser = values::amount)]
    deposit: Option<NoteValue>,
    /// The escrowed deposit to consume; random where there is no chain
    #[arg(long, value_name = "ID", value_parser = values::bytes::<32>, requires = "deposit")]
    deposit_id: Option<[u8; 32]>,
    /// Withdraw an amount to the chain
    #[arg(long, value_name = "AMOUNT", value_parser = values::amount, requires = "recipient")]
    withdraw: Option<NoteValue>,
    /// Who may collect the withdrawal
    #[arg(long, value_name = "ACCOUNT", value_parser = values::bytes::<20>, requires = "withdraw")]
    recipient: Option<[u8; 20]>,
    /// Pay the aggregator
    #[arg(long, value_name = "AMOUNT", value_parser = values::amount, default_value = "0")]
    fee: NoteValue,
    /// `ether`, or a token contract
    #[arg(long, value_parser = values::asset, default_value = "ether")]
    asset: Asset,
    /// The step proof file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Prove(args) => run_prove(&args),
        Command::Verify { params, steps } => run_verify(&params, &steps),
    }
}

fn run_prove(args: &ProveArgs) -> Result<(), Error> {
    let key = SpendingKey::from_seed(&keystore::read(&args.key, &args.password)?);
    let dir = StateDir::open(&args.state)?;
    let step = build(args, &key, &dir)?;
    let params = args.params.load()?;
    let start = Instant::now();
    let mask = Mask::random(&params, &mut OsRng);
    let proof = prove(&params, &step, mask, &mut OsRng)?;
    let elapsed = start.elapsed();
    let bytes = proof.to_bytes();
    write_new(&args.out, &bytes)?;
    println!("statement   {}", step.statement.hash());
    println!("anchor      {}", step.statement.anchor);
    for (nullifier, commitment) in step
        .statement
        .nullifiers
        .iter()
        .zip(step.statement.commitments)
    {
        println!("nullifier   {nullifier}");
        println!("commitment  {commitment}");
    }
    println!(
        "proof       {} bytes in {} ms, mask included",
        bytes.len(),
        elapsed.as_millis()
    );
    Ok(())
}

/// Chooses notes, and turns amounts into a step with its change.
fn build(args: &ProveArgs, key: &SpendingKey, dir: &StateDir) -> Result<Step, Error> {
    let out: ValueSum = args
        .pay
        .iter()
        .map(|payment| payment.value)
        .chain(args.withdraw)
        .chain([args.fee])
        .sum();
    let deposit = args.deposit.unwrap_or(NoteValue::ZERO);
    let needed = out.amount().saturating_sub(u128::from(deposit.amount()));
    let inputs = wallet::select(&wallet::scan(dir, key), dir.state(), args.asset, needed)?;
    let into: ValueSum = inputs
        .iter()
        .map(|input| input.note.value)
        .chain([deposit])
        .sum();
    let change = into.minus(out)?;

    let anchor = dir.state().notes().root();
    let mut builder = StepBuilder::new(dir.deployment(), anchor, args.asset).fee(args.fee);
    for input in inputs {
        builder = builder.spend(input);
    }
    for payment in &args.pay {
        builder = builder.pay(payment.to, payment.value);
    }
    if !change.is_zero() {
        builder = builder.pay(key.address(), change);
    }
    if !deposit.is_zero() {
        let id = args.deposit_id.unwrap_or_else(|| {
            let mut id = [0; 32];
            OsRng.fill_bytes(&mut id);
            id
        });
        builder = builder.deposit(DepositId(id), deposit);
    }
    if let (Some(value), Some(recipient)) = (args.withdraw, args.recipient)
        && !value.is_zero()
    {
        builder = builder.withdraw(Recipient(recipient), value);
    }
    Ok(builder.build(key, &mut OsRng)?)
}

fn run_verify(params: &ParamsArgs, paths: &[PathBuf]) -> Result<(), Error> {
    let params = params.load()?;
    let mut proofs = Vec::new();
    let mut decoded = Vec::new();
    let mut refused = 0;
    for path in paths {
        match read_step(&params, path) {
            Ok(proof) => {
                proofs.push(proof);
                decoded.push(path);
            }
            Err(error) => {
                refused += 1;
                println!("refused  {error}");
            }
        }
    }
    for (path, verdict) in decoded.into_iter().zip(verify_batch(&params, proofs)) {
        match verdict {
            Ok(step) => println!("valid    {}: statement {}", path.display(), step.x()),
            Err(error) => {
                refused += 1;
                println!("refused  {}: {error}", path.display());
            }
        }
    }
    match refused {
        0 => Ok(()),
        refused => Err(Error::SomeRefused {
            total: paths.len(),
            refused,
        }),
    }
}
