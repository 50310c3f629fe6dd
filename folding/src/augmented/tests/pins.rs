//! The size and shape of F′. A change here is a change of the protocol and needs its reason in the commit.

use super::*;
use crate::ivc::FoldingParams;

#[test]
fn pinned() {
    let shape = FoldingParams::circuit();
    assert_eq!((shape.num_cons(), shape.num_vars()), (50_861, 50_772));
    assert_eq!(
        FoldingParams::shape_digest(),
        "03b1baee1c8865cfc9fbc2a361810f0cf3b9c74ab4d7b88a1a45a29ad3cbd8e4"
    );
}

/// The table of `specs/augmented-circuit.md`.
#[test]
fn constraints_by_clause() {
    let blocks = circuit(&honest(1)).constraints_by_block();
    let expected = [
        ("start", 52),
        ("previous hash", 2359),
        ("point limbs", 6168),
        ("statement hash", 502),
        ("note fold", 1827),
        ("augmented fold", 663),
        ("group operations", 9165),
        ("anchor in ring", 1209),
        ("redirections", 21_322),
        ("nullifiers appended", 2939),
        ("notes appended", 2417),
        ("permutation", 16),
        ("data digest", 462),
        ("fingerprint", 7),
        ("next hash", 1753),
    ]
    .map(|(name, count)| (name.to_owned(), count));
    assert_eq!(blocks, expected);
}

#[test]
fn a_first_and_a_later_step_satisfy_the_circuit() {
    for index in [0, 1] {
        let failed = circuit(&honest(index));
        assert_eq!(failed.unsatisfied(), Vec::<&str>::new());
    }
}

#[test]
fn the_circuit_puts_out_the_native_hash() {
    let params = development_folding_params();
    let mut prover = prover(1);
    let input = honest(1);
    let mut cs = NamedCs::new();
    let next = synthesize(&mut cs, Some(&input)).expect("a witness");
    prover.step(&params).expect("proven");
    assert_eq!(next, Some(prover.last_hash()));
    assert_eq!(next, Some(cs.get("next hash/next x")));
}

#[test]
fn every_private_value_is_constrained() {
    let cs = circuit(&honest(1));
    assert_eq!(cs.unconstrained(), Vec::<&str>::new());
}
