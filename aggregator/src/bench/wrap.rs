//! `notefold bench wrap`: the decider, from setup to the gas of its verification.

use super::{peak_memory_bytes, reset_peak_memory};
use crate::error::Error;
use notefold_folding::{
    batch::{OpenBatch, ProvenBatch},
    commitment_key::{DEVELOPMENT_SEED, generate_insecure},
    ivc::FoldingParams,
    testing::{Scenario, checked},
};
use notefold_wrapper::{
    decider::DeciderInput,
    evm::VerifierContract,
    keys::generate_insecure as setup,
    public_values::Address,
    settlement::BYTES,
    verify,
    wrap::{WrapTimes, Wrapper},
};
use rand_core::OsRng;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct WrapReport {
    steps: usize,
    threads: usize,
    constraints: usize,
    constraints_by_part: BTreeMap<String, usize>,
    committed_wires: usize,
    private_wires: usize,
    qap_rows: usize,
    qap_domain: usize,
    matrix_entries: usize,
    circuit_s: f64,
    setup_s: f64,
    setup_peak_memory_bytes: Option<u64>,
    proving_key_bytes: usize,
    prove_s: f64,
    prove_witness_s: f64,
    prove_commit_s: f64,
    prove_quotient_s: f64,
    prove_h_s: f64,
    prove_l_s: f64,
    prove_a_s: f64,
    prove_b_g1_s: f64,
    prove_b_g2_s: f64,
    prove_opening_s: f64,
    prove_peak_memory_bytes: Option<u64>,
    native_verify_ms: f64,
    verify_gas: u64,
    verify_gas_next_fork: u64,
    calldata_bytes: usize,
    contract_code_bytes: usize,
}

pub(crate) fn run(steps: usize) -> Result<WrapReport, Error> {
    // 2^17 powers serve aggregators.
    let params = FoldingParams::new(generate_insecure(17, DEVELOPMENT_SEED))
        .expect("invariant: 2^17 powers are enough");
    params.tabulate();
    let batch = fold(&params, steps);

    eprintln!("building the circuit …");
    let start = Instant::now();
    let wrapper = Wrapper::new(&params);
    let circuit = start.elapsed();
    reset_peak_memory();
    let start = Instant::now();
    let keys = setup(&params, wrapper.matrices(), DEVELOPMENT_SEED, |part| {
        eprintln!("setup: {part} …");
    })?;
    let setup = start.elapsed();
    let setup_peak_memory_bytes = peak_memory_bytes();

    eprintln!("proving …");
    reset_peak_memory();
    let start = Instant::now();
    let input = DeciderInput::new(&params, &batch, Address([0xaa; 20]))
        .expect("invariant: an honest batch");
    let mut times = WrapTimes::default();
    let proof = wrapper.prove(&params, &keys, &input, &mut OsRng, &mut times)?;
    let prove = start.elapsed();
    let prove_peak_memory_bytes = peak_memory_bytes();
    let start = Instant::now();
    verify(&keys.verifying, &proof)?;
    let native = start.elapsed();
    let contract = VerifierContract::committed()?;
    contract.check_key(&keys.verifying)?;

    let matrices = wrapper.matrices();
    let phases = times.groth16;
    let seconds = |time: Duration| time.as_secs_f64();
    Ok(WrapReport {
        steps,
        threads: rayon::current_num_threads(),
        constraints: matrices.constraints(),
        constraints_by_part: wrapper.constraints().clone(),
        committed_wires: matrices.committed,
        private_wires: matrices.private,
        qap_rows: matrices.rows(),
        qap_domain: matrices.rows().next_power_of_two(),
        matrix_entries: [&matrices.a, &matrices.b, &matrices.c]
            .iter()
            .map(|matrix| matrix.entries())
            .sum(),
        circuit_s: seconds(circuit),
        setup_s: seconds(setup),
        setup_peak_memory_bytes,
        proving_key_bytes: keys.proving.bytes(),
        prove_s: seconds(prove),
        prove_witness_s: seconds(times.witness),
        prove_commit_s: seconds(phases.commit),
        prove_quotient_s: seconds(phases.quotient),
        prove_h_s: seconds(phases.h),
        prove_l_s: seconds(phases.l),
        prove_a_s: seconds(phases.a),
        prove_b_g1_s: seconds(phases.b_g1),
        prove_b_g2_s: seconds(phases.b_g2),
        prove_opening_s: seconds(times.opening),
        prove_peak_memory_bytes,
        native_verify_ms: 1000.0 * seconds(native),
        verify_gas: contract.verify(&proof)?,
        contract_code_bytes: contract.code_bytes(),
        verify_gas_next_fork: contract.on_next_fork().verify(&proof)?,
        calldata_bytes: BYTES + 4,
    })
}

/// A batch of a transfer and of deposits.
fn fold(params: &FoldingParams, steps: usize) -> ProvenBatch {
    let mut scenario = Scenario::new(1);
    let mut batch = OpenBatch::open(params, Scenario::deployment(), scenario.state.clone());
    for number in 0..steps {
        eprint!("\rtaking in {number} of {steps} steps …");
        let step = match number {
            0 => scenario.transfer(),
            _ => scenario.deposit(number as u64),
        };
        batch
            .push(params, &checked(params.step(), &step))
            .expect("invariant: distinct steps");
    }
    eprintln!("\rfolding {steps} steps …               ");
    let closed = batch
        .close(params)
        .unwrap_or_else(|_| unreachable!("invariant: at least one step"));
    closed
        .prover()
        .finish(params)
        .expect("invariant: honest steps")
}
