//! The sizes and shapes of F_N and F_S. A change here is a change of the protocol and needs its reason in the commit.

use super::*;
use crate::{
    curves::{R1CSShape, to_be_bytes},
    ivc::FoldingParams,
};

fn pin(shape: &R1CSShape) -> (usize, usize, String) {
    let digest = hex::encode(to_be_bytes(&shape.digest()));
    (shape.num_cons(), shape.num_vars(), digest)
}

#[test]
fn pinned() {
    let (constraints, variables, digest) = pin(FoldingParams::note_circuit());
    assert_eq!((constraints, variables), (22_184, 21_939));
    assert_eq!(
        digest,
        "0234457f9628d573f9ebe994623701904ae1b7328fd318c26311ebec149bf3c0"
    );
    let (constraints, variables, digest) = pin(FoldingParams::state_circuit());
    assert_eq!((constraints, variables), (36_337, 36_479));
    assert_eq!(
        digest,
        "02f10270f0ba19dcd6ae891d24748a74348afbb8bd6f93c611786cb18a30220e"
    );
}

/// The tables of `specs/augmented-circuit.md`.
#[test]
fn constraints_by_clause() {
    let blocks = |cs: NamedCs| cs.constraints_by_block();
    let named = |expected: &[(&str, usize)]| -> Vec<(String, usize)> {
        expected
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    };
    let expected = [
        ("previous hash", 2186),
        ("start", 26),
        ("point limbs", 6168),
        ("note fold", 1827),
        ("augmented fold", 663),
        ("group operations", 9165),
        ("step chain", 258),
        ("next hash", 1891),
    ];
    assert_eq!(blocks(note_circuit(&honest_notes(1))), named(&expected));
    let expected = [
        ("previous hash", 2165),
        ("start", 17),
        ("point limbs", 1028),
        ("augmented fold", 663),
        ("group operations", 1738),
        ("statement hash", 502),
        ("anchor in ring", 1209),
        ("redirections", 21_322),
        ("nullifiers appended", 2939),
        ("notes appended", 2417),
        ("permutation", 16),
        ("data digest", 462),
        ("fingerprint", 7),
        ("step chain", 258),
        ("next hash", 1594),
    ];
    assert_eq!(blocks(state_circuit(&honest_state(1))), named(&expected));
}

#[test]
fn a_first_and_a_later_step_satisfy_the_circuits() {
    for index in [0, 1] {
        let notes = note_circuit(&honest_notes(index));
        assert_eq!(notes.unsatisfied(), Vec::<&str>::new());
        let state = state_circuit(&honest_state(index));
        assert_eq!(state.unsatisfied(), Vec::<&str>::new());
    }
}

#[test]
fn the_circuits_put_out_the_native_hashes() {
    let params = development_folding_params();
    let hashes = prover(4).last_hashes(&params);
    assert_eq!(hashes.len(), 2);
    for [proven, native] in hashes {
        assert_eq!(proven, native);
    }
}

#[test]
fn every_private_value_is_constrained() {
    for cs in [
        note_circuit(&honest_notes(1)),
        state_circuit(&honest_state(1)),
    ] {
        assert_eq!(cs.unconstrained(), Vec::<&str>::new());
    }
}
