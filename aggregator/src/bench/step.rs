//! `notefold bench step`: proving, verifying, and the trees.

use super::{Figure, measure, measure_with, peak_memory_bytes};
use crate::error::Error;
use notefold_folding::{
    curves::{Fr, G1},
    msm::FixedBaseTable,
    note::{NoteCommitment, Nullifier},
    step::{Mask, MaskPool, Step, StepParams, StepProof, prove, verify, verify_batch},
    testing::{Scenario, development_params, library_msm},
    tree::{NoteTree, NullifierTree},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, RngCore, SeedableRng};
use serde::Serialize;
use std::{hint::black_box, sync::Arc};

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct StepReport {
    constraints: usize,
    variables: usize,
    message_bytes: usize,
    threads: usize,
    runs: usize,
    table_build_ms: Figure,
    msm_ms: Figure,
    msm_library_ms: Figure,
    mask_ms: Figure,
    prove_ms: Figure,
    prove_without_mask_ms: Figure,
    decode_ms: Figure,
    verify_ms: Figure,
    batch_verify_1_ms_per_step: Figure,
    batch_verify_16_ms_per_step: Figure,
    batch_verify_64_ms_per_step: Figure,
    peak_memory_proving_bytes: Option<u64>,
    note_insert_at_2_10_ms: Figure,
    note_insert_at_2_20_ms: Figure,
    nullifier_insert_at_2_10_ms: Figure,
    nullifier_insert_at_2_20_ms: Figure,
    peak_memory_bytes: Option<u64>,
}

/// Steps of a large batch.
const BATCH: usize = 64;

pub(crate) fn run(runs: usize) -> Result<StepReport, Error> {
    eprintln!("parameters …");
    let params = development_params();
    let bases = &params.key().powers()[..StepParams::key_length()];
    let table_build_ms = measure(runs.min(3), 1, || drop(FixedBaseTable::new(bases)));
    let table = FixedBaseTable::new(bases);
    let scalars: Vec<Fr> = random_scalars(bases.len());
    let msm_ms = measure(runs, 1, || {
        black_box::<G1>(table.msm(&scalars));
    });
    let msm_library_ms = measure(runs, 1, || {
        black_box::<G1>(library_msm(&scalars, bases));
    });

    eprintln!("proving …");
    let step = Scenario::new(1).transfer();
    let mask_ms = measure(runs, 1, || drop(Mask::random(&params, &mut OsRng)));
    let prove_ms = prove_with_pool(&params, &step, runs);
    let prove_without_mask_ms = measure(runs, 1, || {
        let mask = Mask::random(&params, &mut OsRng);
        drop(prove(&params, &step, mask, &mut OsRng));
    });

    eprintln!("verifying …");
    let proof = prove(
        &params,
        &step,
        Mask::random(&params, &mut OsRng),
        &mut OsRng,
    )?;
    let bytes = proof.to_bytes();
    let decode_ms = measure(runs, 1, || drop(StepProof::from_bytes(&params, &bytes)));
    let verify_ms = measure_with(
        runs,
        1,
        || proof.clone(),
        |proof| drop(verify(&params, proof)),
    );
    let batch = |size: usize| {
        let runs = if size == BATCH { runs.min(5) } else { runs };
        let make = || vec![proof.clone(); size];
        measure_with(runs, size, make, |proofs| {
            drop(verify_batch(&params, proofs))
        })
    };
    let [one, sixteen, all] = [batch(1), batch(16), batch(BATCH)];
    let peak_memory_proving_bytes = peak_memory_bytes();

    eprintln!("trees …");
    let [small, large] = [trees(1 << 10, runs), trees(1 << 20, runs)];
    Ok(StepReport {
        constraints: params.shape().num_cons(),
        variables: params.shape().num_vars(),
        message_bytes: bytes.len(),
        threads: rayon::current_num_threads(),
        runs,
        table_build_ms,
        msm_ms,
        msm_library_ms,
        mask_ms,
        prove_ms,
        prove_without_mask_ms,
        decode_ms,
        verify_ms,
        batch_verify_1_ms_per_step: one,
        batch_verify_16_ms_per_step: sixteen,
        batch_verify_64_ms_per_step: all,
        peak_memory_proving_bytes,
        note_insert_at_2_10_ms: small.note,
        note_insert_at_2_20_ms: large.note,
        nullifier_insert_at_2_10_ms: small.nullifier,
        nullifier_insert_at_2_20_ms: large.nullifier,
        peak_memory_bytes: peak_memory_bytes(),
    })
}

fn random_scalars(count: usize) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    (0..count)
        .map(|_| notefold_folding::testing::random_scalar(&mut rng))
        .collect()
}

/// Proving with masks that were made before: the pool is gone whenever the clock runs.
fn prove_with_pool(params: &Arc<StepParams>, step: &Step, runs: usize) -> Figure {
    let pool = MaskPool::start(params.clone(), runs);
    let masks: Vec<Mask> = (0..runs).map(|_| pool.take()).collect();
    drop(pool);
    let mut masks = masks.into_iter();
    measure_with(
        runs,
        1,
        || masks.next().expect("invariant: a mask per run"),
        |mask| drop(prove(params, step, mask, &mut OsRng)),
    )
}

struct TreeFigures {
    note: Figure,
    nullifier: Figure,
}

/// Single insertions, a nullifier's with its witness, into trees that hold so many leaves already.
fn trees(leaves: usize, runs: usize) -> TreeFigures {
    let mut rng = ChaCha20Rng::seed_from_u64(leaves as u64);
    let mut element = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes[..31]);
        bytes
    };
    let canonical = "invariant: 248 bits are below r";
    let mut notes = NoteTree::default();
    let mut nullifiers = NullifierTree::default();
    let chunk = leaves.min(1 << 16);
    for done in (0..leaves).step_by(chunk) {
        if leaves > chunk {
            eprint!("\r  {} of {leaves} leaves", done + chunk);
        }
        let batch: Vec<_> = (0..chunk)
            .map(|_| NoteCommitment::from_bytes(element()).expect(canonical))
            .collect();
        notes.append(&batch).expect("invariant: far from full");
        let batch: Vec<_> = (0..chunk)
            .map(|_| Nullifier::from_bytes(element()).expect(canonical))
            .collect();
        nullifiers
            .insert_batch(&batch)
            .expect("invariant: random values are new");
        drop((notes.take_changes(), nullifiers.take_changes()));
    }
    if leaves > chunk {
        eprintln!();
    }
    let note = measure(runs, 1, || {
        let commitment = NoteCommitment::from_bytes(element()).expect(canonical);
        notes
            .append(&[commitment])
            .expect("invariant: far from full");
    });
    let nullifier = measure(runs, 1, || {
        let nullifier = Nullifier::from_bytes(element()).expect(canonical);
        nullifiers
            .insert(nullifier)
            .expect("invariant: random values are new");
    });
    TreeFigures { note, nullifier }
}
