//! `notefold bench fold`: a batch from intake to its proof, and the same batch re-folded on another root.

use super::{Figure, peak_memory_bytes};
use crate::error::Error;
use notefold_folding::{
    batch::{BatchProver, OpenBatch, ProvenStep},
    ivc::{FoldingParams, StepTimings},
    state::State,
    step::{CheckedStep, Mask, StepProof, prove, verify_batch},
    testing::{Scenario, development_folding_params},
};
use rand_core::OsRng;
use serde::Serialize;
use std::{
    convert::Infallible,
    ops::Range,
    time::{Duration, Instant},
};

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct FoldReport {
    steps: usize,
    threads: usize,
    pub(super) note_chain_constraints: usize,
    pub(super) state_chain_constraints: usize,
    cyclefold_constraints: usize,
    step_constraints: usize,
    setup_ms: f64,
    check_ms_per_step: f64,
    state_ms: Figure,
    note_fold_ms: Figure,
    close_ms_per_step: f64,
    note_chain_commitment_ms: Figure,
    note_chain_cyclefold_ms: Figure,
    note_chain_synthesis_ms: Figure,
    pub(super) note_chain_step_ms: Figure,
    state_chain_commitment_ms: Figure,
    state_chain_cyclefold_ms: Figure,
    state_chain_synthesis_ms: Figure,
    pub(super) state_chain_step_ms: Figure,
    finish_ms: f64,
    pub(super) all_in_ms_per_step: f64,
    refold_ms_per_step: f64,
    refold_ratio: f64,
    verify_ms: f64,
    proof_bytes: usize,
    checkpoint_bytes: usize,
    peak_memory_bytes: Option<u64>,
}

/// Steps that are checked together.
const INTAKE: usize = 16;

pub(crate) fn run(steps: usize) -> Result<FoldReport, Error> {
    eprintln!("parameters …");
    let start = Instant::now();
    let params = development_folding_params();
    let setup_ms = milliseconds(start.elapsed());

    let mut scenario = Scenario::new(1);
    let state = scenario.state.clone();
    let first = scenario.deposit(1);
    let mut batch = OpenBatch::open(&params, Scenario::deployment(), state.clone());
    let mut pushes = Vec::with_capacity(steps);
    let (mut check, mut open) = (Duration::ZERO, Duration::ZERO);
    while pushes.len() < steps {
        let done = pushes.len();
        eprint!("\rtaking in {done} of {steps} steps …");
        let proofs = proofs(&params, &mut scenario, done..steps.min(done + INTAKE))?;
        let start = Instant::now();
        let checked: Vec<CheckedStep> = verify_batch(params.step(), proofs)
            .into_iter()
            .map(|verdict| verdict.expect("invariant: honest proofs"))
            .collect();
        check += start.elapsed();
        let start = Instant::now();
        for step in &checked {
            let (_, timings) = batch
                .push_timed(&params, step)
                .expect("invariant: distinct steps");
            pushes.push(timings);
        }
        open += start.elapsed();
    }
    eprintln!();
    let (mut prover, close) = close(&params, batch);
    let (timings, proving) = prove_all(&params, &mut prover);
    let checkpoint_bytes = prover.checkpoint(&params).len();
    let start = Instant::now();
    let proven = prover
        .finish(&params)
        .expect("invariant: every step is proven");
    let finish = start.elapsed();
    let start = Instant::now();
    proven
        .verify(&params)
        .expect("invariant: an honest proof of an honest batch");
    let verify_ms = milliseconds(start.elapsed());
    let proof_bytes = proven.proof.to_bytes().len();
    drop(proven);

    eprintln!("another batch lands first: folding again on its root …");
    let mut moved: State = state;
    moved
        .apply(&first.statement.update())
        .expect("invariant: a deposit of its own");
    moved.close_batch();
    let start = Instant::now();
    let (batch, dropped) = prover
        .into_batch()
        .reopen()
        .refold(&params, moved, |_| -> Result<_, Infallible> {
            unreachable!("invariant: nothing conflicts")
        })
        .unwrap_or_else(|never| match never {});
    assert!(dropped.is_empty(), "invariant: nothing conflicts");
    let (mut prover, _) = self::close(&params, batch);
    prove_all(&params, &mut prover);
    let proven = prover
        .finish(&params)
        .expect("invariant: every step is proven");
    let refold = start.elapsed();
    proven
        .verify(&params)
        .expect("invariant: an honest proof of an honest batch");

    let all_in = check + open + close + proving + finish;
    let per_step = |time: Duration| milliseconds(time) / steps as f64;
    let figure = |timings: &[StepTimings], pick: fn(&StepTimings) -> Duration| {
        Figure::of(timings.iter().map(|t| milliseconds(pick(t))).collect())
    };
    let note = |pick| figure(&timings.notes, pick);
    let state_figure = |pick| figure(&timings.state, pick);
    Ok(FoldReport {
        steps,
        threads: rayon::current_num_threads(),
        note_chain_constraints: params.note_shape().num_cons(),
        state_chain_constraints: params.state_shape().num_cons(),
        cyclefold_constraints: params.cyclefold().shape().num_cons(),
        step_constraints: params.step().shape().num_cons(),
        setup_ms,
        check_ms_per_step: per_step(check),
        state_ms: Figure::of(pushes.iter().map(|t| milliseconds(t.state)).collect()),
        note_fold_ms: Figure::of(pushes.iter().map(|t| milliseconds(t.fold)).collect()),
        close_ms_per_step: per_step(close),
        note_chain_commitment_ms: note(|t| t.commitment),
        note_chain_cyclefold_ms: note(|t| t.cyclefold),
        note_chain_synthesis_ms: note(|t| t.synthesis),
        note_chain_step_ms: note(|t| t.total),
        state_chain_commitment_ms: state_figure(|t| t.commitment),
        state_chain_cyclefold_ms: state_figure(|t| t.cyclefold),
        state_chain_synthesis_ms: state_figure(|t| t.synthesis),
        state_chain_step_ms: state_figure(|t| t.total),
        finish_ms: milliseconds(finish),
        all_in_ms_per_step: per_step(all_in),
        refold_ms_per_step: per_step(refold),
        refold_ratio: refold.as_secs_f64() / all_in.as_secs_f64(),
        verify_ms,
        proof_bytes,
        checkpoint_bytes,
        peak_memory_bytes: peak_memory_bytes(),
    })
}

/// Transfers are made by wallets; deposits cost an aggregator the same and need no notes.
fn proofs(
    params: &FoldingParams,
    scenario: &mut Scenario,
    steps: Range<usize>,
) -> Result<Vec<StepProof>, Error> {
    let mut proofs = Vec::with_capacity(steps.len());
    for number in steps {
        let step = match number {
            0 => scenario.transfer(),
            _ => scenario.deposit(number as u64),
        };
        let mask = Mask::random(params.step(), &mut OsRng);
        proofs.push(prove(params.step(), &step, mask, &mut OsRng)?);
    }
    Ok(proofs)
}

fn close(params: &FoldingParams, batch: OpenBatch) -> (BatchProver, Duration) {
    let start = Instant::now();
    let closed = batch
        .close(params)
        .unwrap_or_else(|_| unreachable!("invariant: at least one step"));
    let prover = closed.prover();
    (prover, start.elapsed())
}

/// Timings of the steps of both chains.
#[derive(Default)]
struct ChainTimings {
    notes: Vec<StepTimings>,
    state: Vec<StepTimings>,
}

fn prove_all(params: &FoldingParams, prover: &mut BatchProver) -> (ChainTimings, Duration) {
    let start = Instant::now();
    let mut timings = ChainTimings::default();
    while let Some(step) = prover
        .step(params)
        .expect("invariant: a degenerate fold has probability 2^−125")
    {
        match step {
            ProvenStep::Notes(step) => timings.notes.push(step),
            ProvenStep::State(step) => timings.state.push(step),
        }
        let (done, steps) = prover.progress();
        eprint!("\rproving {done} of {steps} …");
    }
    eprintln!();
    (timings, start.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
