//! `notefold bench settle`: gas of settlements with real proofs, of refused ones, of slots, and of what all this replaces.
//!
//! - `world`: the contracts on a chain in process
//! - `story`: steps and batches with real proofs

mod story;
mod world;

use crate::{
    contracts::{DeciderVerifier, Rollup, SlotQueue, calldata_gas},
    error::Error,
};
use notefold_folding::{
    commitment_key::{DEVELOPMENT_SEED, generate_insecure},
    ivc::FoldingParams,
};
use notefold_wrapper::{keys::generate_insecure as setup, wrap::Wrapper};
use serde::Serialize;
use story::{Batch, Story};
use world::{DEPOSITOR, HOLDER, OTHER, World};

/// Transfers in the measured batches.
const SIZES: [usize; 3] = [1, 16, 64];

/// Gas of one settled batch of transfers.
#[derive(Debug, Serialize)]
struct SettledBatch {
    steps: usize,
    gas: u64,
    gas_next_fork: u64,
    calldata_bytes: usize,
    calldata_gas: u64,
    calldata_floor_gas: u64,
}

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct SettleReport {
    fixed_gas: f64,
    fixed_gas_first_in_slot: f64,
    fixed_gas_in_rotation: f64,
    step_gas: f64,
    step_calldata_gas: f64,
    step_ratio: f64,
    deposit_step_gas: f64,
    refused_stale_gas: u64,
    refused_stale_execution_gas: u64,
    refused_not_eligible_gas: u64,
    refused_not_eligible_execution_gas: u64,
    join_gas: u64,
    request_slot_gas: u64,
    outbid_gas: u64,
    escrow_gas: u64,
    withdraw_gas: u64,
    single_proof_gas: u64,
    single_proof_collision_gas: u64,
    collision_gas: u64,
    rollup_code_bytes: usize,
    slot_queue_code_bytes: usize,
    verifier_code_bytes: usize,
    batches: Vec<SettledBatch>,
}

pub(crate) fn run() -> Result<SettleReport, Error> {
    let params = FoldingParams::new(generate_insecure(17, DEVELOPMENT_SEED))
        .expect("invariant: 2^17 powers are enough");
    params.tabulate();
    eprintln!("building the circuit …");
    let wrapper = Wrapper::new(&params);
    let keys = setup(&params, wrapper.matrices(), DEVELOPMENT_SEED, |part| {
        eprintln!("setup: {part} …");
    })?;

    let mut world = World::new()?;
    let mut story = Story::new((&params, &wrapper, &keys), world.rollup, DEPOSITOR);
    let slots = world.take_slots()?;
    let deposits = story.deposits(SIZES.iter().sum());
    let escrow_gas = world.escrow(&deposits)?;
    let funding = story.settle(&deposits, HOLDER)?;
    world.enter(0);
    let funding_gas = world.settle(&funding.calldata)?;

    let before = world.clone();
    let mut batches = Vec::new();
    let mut proven = Vec::new();
    for size in SIZES {
        let steps = story.transfers(size);
        let batch = story.settle(&steps, HOLDER)?;
        let gas_next_fork = world.clone().on_next_fork().settle(&batch.calldata)?;
        batches.push(measured(
            &batch,
            world.settle(&batch.calldata)?,
            gas_next_fork,
        ));
        proven.push(batch);
    }
    let [one, small, large] = &batches[..] else {
        unreachable!("invariant: three sizes");
    };
    let slope = |of: fn(&SettledBatch) -> u64| {
        let steps = large.steps - small.steps;
        (of(large) as f64 - of(small) as f64) / steps as f64
    };
    let step_gas = slope(|batch| batch.gas);
    let step_calldata_gas = slope(|batch| batch.calldata_gas);

    // The batch of one step again, where the chain was before it: as the first of a slot, and in rotation.
    let single = &proven[0].calldata;
    let mut again = before.clone();
    again.enter(1);
    let first_in_slot = again.settle(single)? as f64 - step_gas;
    let mut again = before.clone();
    again.enter_rotation(2)?;
    let in_rotation = again.settle(single)? as f64 - step_gas;

    // Another staker has the same data at hand. It asks before it sends, and so sends nothing.
    let not_eligible = before.preflight(OTHER, single)?;
    let stale = world.preflight(HOLDER, single)?;
    let [stale_gas, not_eligible_gas] = [stale, not_eligible].map(|outcome| {
        assert!(outcome.result.is_err(), "invariant: it is refused");
        outcome.gas
    });
    let execution = world.execution_gas(HOLDER, single)?;
    let execution_not_eligible = before.execution_gas(OTHER, single)?;
    let [single_proof_gas, single_proof_collision_gas] = world::single_proofs(DEVELOPMENT_SEED)?;
    Ok(SettleReport {
        fixed_gas: one.gas as f64 - step_gas,
        fixed_gas_first_in_slot: first_in_slot,
        fixed_gas_in_rotation: in_rotation,
        step_gas,
        step_calldata_gas,
        step_ratio: step_gas / step_calldata_gas,
        deposit_step_gas: (funding_gas as f64 - first_in_slot) / funding.steps as f64,
        refused_stale_gas: stale_gas,
        refused_stale_execution_gas: execution,
        refused_not_eligible_gas: not_eligible_gas,
        refused_not_eligible_execution_gas: execution_not_eligible,
        join_gas: slots.join,
        request_slot_gas: slots.request,
        outbid_gas: slots.outbid,
        escrow_gas,
        withdraw_gas: world.withdraw()?,
        single_proof_gas,
        single_proof_collision_gas,
        collision_gas: world.chain.reverted_gas(),
        rollup_code_bytes: Rollup::DEPLOYED_BYTECODE.len(),
        slot_queue_code_bytes: SlotQueue::DEPLOYED_BYTECODE.len(),
        verifier_code_bytes: DeciderVerifier::DEPLOYED_BYTECODE.len(),
        batches,
    })
}

fn measured(batch: &Batch, gas: u64, gas_next_fork: u64) -> SettledBatch {
    let (calldata_gas, calldata_floor_gas) = calldata_gas(&batch.calldata);
    SettledBatch {
        steps: batch.steps,
        gas,
        gas_next_fork,
        calldata_bytes: batch.calldata.len(),
        calldata_gas,
        calldata_floor_gas,
    }
}
