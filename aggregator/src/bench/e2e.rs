//! `notefold bench e2e`: steps from a prover's stream to a settled batch, on a local chain, with the node as a process of its own.
//!
//! Deposits are proven and escrowed before; then all are streamed at once. What is reported of a batch is what the node says of it.

mod processes;

use crate::{
    chain::{Account, ChainClient, account_of},
    error::Error,
    prover::{self, submit},
    rpc::Outcome,
    wallet::Escrow,
};
use notefold_folding::{
    commitment_key::{DEVELOPMENT_SEED, generate_insecure},
    ivc::FoldingParams,
    keys::{Seed, SpendingKey},
    note::Asset,
    state::State,
    step::{DepositId, Mask, StatementHash, StepBuilder, StepParams, prove},
    value::NoteValue,
};
use processes::{NodeProcess, World};
use rand_core::{OsRng, RngCore};
use serde::Serialize;
use serde_json::Value;
use std::{path::Path, time::Instant};

/// Steps of a batch, at most.
const BATCH: usize = 64;

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct E2eReport {
    steps: usize,
    prove_ms_per_step: f64,
    stream_seconds: f64,
    streamed_steps_per_second: f64,
    wire_bytes: usize,
    wire_bytes_per_step: usize,
    waits: usize,
    batches_settled: usize,
    total_seconds: f64,
    proving_ms: u64,
    transport_and_queueing_ms: u64,
    transport_and_queueing_share: f64,
    memory_after_batches_bytes: Vec<u64>,
    peak_memory_node_bytes: u64,
    reports: Vec<Value>,
}

/// Streams so many deposits through a node on a chain that `anvil` starts.
pub(crate) async fn run(steps: usize, anvil: &Path) -> Result<E2eReport, Error> {
    let params = FoldingParams::new(generate_insecure(17, DEVELOPMENT_SEED))
        .expect("invariant: 2^17 powers are enough");
    let world = World::start(&params, anvil, steps).await?;
    params.tabulate();
    let client = ChainClient::connect(&world.rpc, world.rollup).await?;
    eprintln!("proving and escrowing {steps} deposits …");
    let start = Instant::now();
    let messages = deposits(&client, params.step(), &world.seed, steps).await?;
    let prove_ms_per_step = start.elapsed().as_secs_f64() * 1000.0 / steps as f64;
    world.blocks_every_second().await?;
    eprintln!("starting the node …");
    let mut node = NodeProcess::start(&world, BATCH, steps)?;
    node.wait_for("running").await?;
    world.first_turn().await?;

    eprintln!("streaming …");
    let start = Instant::now();
    let mut waits = 0;
    let told = |_: StatementHash, outcome: &Outcome| {
        waits += usize::from(matches!(outcome, Outcome::Wait(_)));
    };
    let heard = submit(&node.endpoint, &messages, told)
        .await
        .map_err(|error| Error::Node {
            what: "streaming",
            got: error.to_string(),
        })?;
    let stream_seconds = start.elapsed().as_secs_f64();
    if let Some((x, refused)) = heard
        .iter()
        .find(|(_, outcome)| matches!(outcome, Outcome::Refused(_)))
    {
        return Err(Error::Node {
            what: "streaming",
            got: format!("{x}: {refused}"),
        });
    }
    let (mut reports, mut settled, mut memory) = (Vec::new(), 0, Vec::new());
    while settled < steps {
        eprintln!("{settled} of {steps} steps are settled …");
        let report = node.next_report().await?;
        settled += usize::try_from(number(&report, "steps")).unwrap_or(0);
        memory.push(node.memory("VmRSS:"));
        reports.push(report);
    }
    let total_seconds = start.elapsed().as_secs_f64();
    let wire_bytes = messages.iter().map(|(_, proof)| proof.len()).sum::<usize>();
    let sum = |fields: &[&str]| -> u64 {
        let of = |report: &Value| {
            fields
                .iter()
                .map(|field| number(report, field))
                .sum::<u64>()
        };
        reports.iter().map(of).sum()
    };
    let proving_ms = sum(&["sequence_ms", "fold_ms", "wrap_ms", "refold_ms"]);
    // While one batch is proven the next one waits: that is proving, too. What is left is neither.
    let whole = (total_seconds * 1000.0) as u64;
    let other = whole.saturating_sub(proving_ms);
    Ok(E2eReport {
        steps,
        prove_ms_per_step,
        stream_seconds,
        streamed_steps_per_second: steps as f64 / stream_seconds,
        wire_bytes,
        wire_bytes_per_step: wire_bytes / steps,
        waits,
        batches_settled: reports.len(),
        total_seconds,
        proving_ms,
        transport_and_queueing_ms: other,
        transport_and_queueing_share: other as f64 / whole as f64,
        memory_after_batches_bytes: memory,
        peak_memory_node_bytes: node.memory("VmHWM:"),
        reports,
    })
}

fn number(report: &Value, field: &str) -> u64 {
    report[field].as_u64().unwrap_or_default()
}

/// Deposits of one note each, escrowed.
async fn deposits(
    client: &ChainClient,
    params: &StepParams,
    seed: &Seed,
    steps: usize,
) -> Result<Vec<(StatementHash, Vec<u8>)>, Error> {
    let account = Account::new(client.clone(), account_of(seed));
    let key = SpendingKey::from_seed(seed);
    let anchor = State::genesis().notes().root();
    let mut messages = Vec::with_capacity(steps);
    for _ in 0..steps {
        let mut nonce = [0; 12];
        OsRng.fill_bytes(&mut nonce);
        let id = DepositId::new(account.address().into_array(), nonce);
        let step = StepBuilder::new(client.deployment(), anchor, Asset::ETHER)
            .deposit(id, NoteValue::new(1_000))
            .pay(key.address(), NoteValue::new(1_000))
            .build(&key, &mut OsRng)?;
        let proof = prove(params, &step, Mask::random(params, &mut OsRng), &mut OsRng)?;
        let escrow = Escrow {
            asset: *Asset::ETHER.bytes(),
            amount: 1_000,
            commitments: step.statement.commitments_hash(),
            nonce,
        };
        prover::escrow(client, &account, &escrow, client.head().await?).await?;
        messages.push((step.statement.hash(), proof.to_bytes()));
    }
    Ok(messages)
}
