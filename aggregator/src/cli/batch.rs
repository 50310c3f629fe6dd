//! `notefold batch verify`: a settled batch, checked again from chain data alone.

use super::{chain::ChainArgs, wrap::KeysArgs};
use crate::{
    chain::{ChainClient, ChainError},
    contracts::Settlement,
    error::Error,
    ledger::{advance, word_of},
};
use alloy::primitives::U256;
use clap::{Args, Subcommand};
use notefold_folding::{
    batch::settled_fingerprint,
    curves::{Fr, reduce_be, to_be_bytes},
    state::State,
};
use notefold_wrapper::{
    keys::DeciderVerifyingKey, public_values::Address, settlement::SettlementProof, verify,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a settled batch again, from the chain alone: proof, data, and the state that they lead to
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    keys: KeysArgs,
    /// Number of the batch, from 0
    number: u64,
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    let Command::Verify(args) = command;
    let (key, _) = args.keys.verifying_key()?;
    super::runtime()?.block_on(async {
        let client = args.chain.connect().await?;
        check_key(&client, &key).await?;
        check(&args, &client, &key).await
    })
}

async fn check_key(client: &ChainClient, key: &DeciderVerifyingKey) -> Result<(), Error> {
    let on_chain = client.key_digest().await?;
    if on_chain.0 == *key.digest() {
        return Ok(());
    }
    Err(ChainError::Mismatch {
        what: "a verifier with the key",
        expected: format!("0x{}", hex::encode(key.digest())),
        got: on_chain.to_string(),
    }
    .into())
}

async fn check(
    args: &VerifyArgs,
    client: &ChainClient,
    key: &DeciderVerifyingKey,
) -> Result<(), Error> {
    let found = client
        .batch_by_number(args.number, args.chain.from_block)
        .await?;
    let (batch, settlement) = found.ok_or(Error::NoBatch {
        number: args.number,
    })?;
    let mut state = State::genesis();
    for earlier in client
        .batches(args.chain.from_block, batch.block.number)
        .await?
    {
        if earlier.number < batch.number {
            advance(&mut state, &earlier)?;
        }
    }
    let steps = batch.steps()?;
    println!("batch     {}", batch.number);
    println!("block     {} {}", batch.block.number, batch.block.hash);
    println!("in        {}", batch.transaction);
    println!("by        {}", batch.aggregator);
    println!("steps     {}", steps.len());

    agree("S before", settlement.stateBefore, word_of(state.root()))?;
    let before = state.root();
    advance(&mut state, &batch)?;
    agree("S after", settlement.stateAfter, word_of(state.root()))?;
    println!(
        "checked   the trees: {} batches from genesis lead to S before, and {} notes and nullifiers more to S after",
        batch.number,
        2 * steps.len()
    );
    agree("number of steps", settlement.steps, U256::from(steps.len()))?;
    let digest = reduce_be(&settlement.dataDigest.to_be_bytes());
    let (challenge, fingerprint) =
        settled_fingerprint([before, state.root()], &digest, &batch.data).map_err(|error| {
            ChainError::Inconsistent {
                expected: "steps as data".into(),
                got: error.to_string(),
            }
        })?;
    println!("checked   the data: challenge and fingerprint follow from every byte of it");
    let account = Address(batch.aggregator.into_array());
    let own = [
        client.deployment().to_scalar(),
        before.to_scalar(),
        state.root().to_scalar(),
        digest,
        challenge,
        fingerprint,
        Fr::from(steps.len() as u64),
        account.to_scalar(),
    ];
    let proof = proof_of(&own, &settlement)?;
    verify(key, &proof)?;
    println!("checked   the proof: for these states, these data, this account and this deployment");
    println!("valid");
    Ok(())
}

fn agree(what: &'static str, got: U256, expected: U256) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(ChainError::Inconsistent {
        expected: format!("{what} {expected}"),
        got: got.to_string(),
    }
    .into())
}

/// The words that the contract forms, then those that it was given.
fn proof_of(own: &[Fr; 8], settlement: &Settlement) -> Result<SettlementProof, Error> {
    let mut bytes: Vec<u8> = own.iter().flat_map(to_be_bytes).collect();
    for word in &settlement.proof {
        bytes.extend_from_slice(&word.to_be_bytes::<32>());
    }
    SettlementProof::from_bytes(&bytes).map_err(|error| {
        ChainError::Inconsistent {
            expected: "a settlement proof".into(),
            got: error.to_string(),
        }
        .into()
    })
}
