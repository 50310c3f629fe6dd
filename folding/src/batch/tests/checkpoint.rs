//! A process is killed after any step, and another goes on.

use super::*;
use crate::{encoding::DecodeError, state::State};

fn resume(params: &FoldingParams, bytes: &[u8]) -> Result<Checkpoint, CheckpointError> {
    Checkpoint::resume(params, taken().state.clone(), bytes)
}

#[test]
fn an_open_batch_goes_on_after_every_step() {
    let params = development_folding_params();
    for done in 0..=2 {
        let bytes = open(&params, &taken().steps[..done]).checkpoint(&params);
        let Checkpoint::Open(mut batch) = resume(&params, &bytes).expect("resumes") else {
            panic!("an open batch");
        };
        for step in &taken().steps[done..2] {
            batch.push(&params, step).expect("a new step");
        }
        let whole = open(&params, &taken().steps[..2]);
        assert_eq!((batch.steps(), batch.root()), (whole.steps(), whole.root()));
        assert_eq!(batch.notes, whole.notes);
    }
}

#[test]
fn a_prover_goes_on_after_every_step() {
    let params = development_folding_params();
    let mut prover = open(&params, &taken().steps[..2])
        .close(&params)
        .expect("two steps")
        .prover();
    loop {
        let bytes = prover.checkpoint(&params);
        let Checkpoint::Proving(mut resumed) = resume(&params, &bytes).expect("resumes") else {
            panic!("a prover");
        };
        assert_eq!(resumed.progress(), prover.progress());
        let finished = resumed.finish(&params).expect("proven");
        // Folding has no randomness: the proof is the one that was never interrupted.
        assert_eq!(&finished, honest());
        if prover.step(&params).expect("proven").is_none() {
            break;
        }
    }
}

#[test]
fn what_is_no_checkpoint_is_refused_by_name() {
    let params = development_folding_params();
    let mut prover = open(&params, &taken().steps[..1])
        .close(&params)
        .expect("one step")
        .prover();
    prover.step(&params).expect("proven");
    let bytes = prover.checkpoint(&params);
    resume(&params, &bytes).expect("resumes");

    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        resume(&params, &bytes).map(|_| ()).expect_err("refused")
    };
    assert!(matches!(
        changed(0),
        CheckpointError::Decode(DecodeError::WrongMagic { .. })
    ));
    assert!(matches!(
        changed(4),
        CheckpointError::Decode(DecodeError::WrongVersion { .. })
    ));
    assert!(matches!(
        changed(6),
        CheckpointError::Decode(DecodeError::WrongParameters { .. })
    ));
    for at in [40, 200, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(changed(at), CheckpointError::Damaged);
    }
    for length in [0, 5, 37, 60, bytes.len() - 1] {
        resume(&params, &bytes[..length])
            .map(|_| ())
            .expect_err("cut off");
    }
    let other = State::genesis();
    assert!(matches!(
        Checkpoint::resume(&params, other.clone(), &bytes),
        Err(CheckpointError::State { expected, .. }) if expected == other.root()
    ));
}
