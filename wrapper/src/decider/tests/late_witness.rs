//! The attack that the commitment round is for, and what is left of it.
//!
//! A decider that checks a KZG opening at a point drawn from the commitments alone lets its prover choose W after the
//! point: E := Az∘Bz − u·Cz follows W, so along any line W + t·v the value y(t) is a quadratic in t with a second root.

use super::world;
use crate::decider::polynomials;
use ff::Field;
use notefold_folding::{curves::Fr, joint::JointWitness};

/// `W(c) + c^|W|·E(c)` of the note chain.
fn value(w: &[Fr], u: Fr, x: Fr, c: Fr) -> Fr {
    let shape = world().params.note_shape();
    let vector = JointWitness::from_w(shape, w.to_vec(), u, &[x]).vector();
    vector.iter().rev().fold(Fr::ZERO, |sum, v| sum * c + *v)
}

#[test]
fn a_witness_chosen_after_the_challenge_has_the_same_value_and_no_use() {
    let world = world();
    let proof = world.input.proof();
    let (w, u, x) = (
        &proof.note_chain.w,
        proof.note_chain.augmented.u,
        proof.note_chain.augmented.x,
    );
    let c = Fr::from(0x1234_5678_9abc_def1);
    // y(t) = y + l·t + q·t² along a line that moves two wires; three values give the coefficients.
    let at = |t: Fr| {
        let mut moved = w.clone();
        moved[100] += t;
        moved[101] += t * Fr::from(3);
        moved
    };
    let y = value(w, u, x, c);
    let plus = value(&at(Fr::ONE), u, x, c) - y;
    let minus = value(&at(-Fr::ONE), u, x, c) - y;
    let half = Fr::from(2).invert().expect("two");
    let (linear, quadratic) = ((plus - minus) * half, (plus + minus) * half);
    let root = -linear * quadratic.invert().expect("a quadratic term");
    let forged = at(root);

    // Seconds of work, and another witness has the value of the committed one.
    assert_ne!(root, Fr::ZERO);
    assert_eq!(value(&forged, u, x, c), y);
    // Committed before c, it would have moved c: at any other point the values differ.
    let other = c + Fr::ONE;
    assert_ne!(value(&forged, u, x, other), value(w, u, x, other));

    // As an input the forged witness breaks no constraint, and needs none to: y is opened against the commitment.
    let mut input = world.input.clone();
    input.proof.note_chain.w = forged;
    assert!(world.broken(&input).is_empty());
    let [honest, ..] = polynomials(&world.params, &world.input);
    let [moved, ..] = polynomials(&world.params, &input);
    let key = world.params.step().key();
    assert_ne!(key.commit(&moved, &Fr::ONE), key.commit(&honest, &Fr::ONE));
}
