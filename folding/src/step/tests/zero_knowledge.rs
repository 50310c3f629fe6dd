//! What a proof gives away: tests that fail on a zero or reused blinding, a reused mask, or a value in the clear.
//!
//! The message is simulatable (`specs/security.md`, SEC-2) when W$, u$, X$ and the four blindings are uniform and used
//! once. These tests compute each from the secrets and look at it.

use crate::{
    curves::Fr,
    relaxed::error_term,
    step::{
        Mask, StatementHash, Step, StepParams, StepProof, prove, synthesize, witness_cs::WitnessCs,
    },
    testing::{Scenario, development_params},
};
use ff::{Field, PrimeField};
use halo2curves::group::Group;
use nova_snark::frontend::ConstraintSystem;
use rand_core::{CryptoRng, RngCore};
use std::collections::BTreeSet;

fn witness(step: &Step) -> Vec<Fr> {
    let shape = StepParams::circuit();
    let mut cs = WitnessCs::with_capacity(shape.num_vars(), 1);
    synthesize(&mut cs.namespace(|| "step"), Some(&step.assignment)).expect("synthesis");
    cs.finish().0.to_vec()
}

/// A prover that skips its own checks, for forgeries that must fail at the verifier.
pub(super) fn prove_unchecked(
    params: &StepParams,
    step: &Step,
    rng: &mut (impl RngCore + CryptoRng),
) -> StepProof {
    let w = witness(step);
    let x = step.assignment.x;
    let mask = Mask::random(params, rng);
    let [r_w, r_t] = [Fr::random(&mut *rng), Fr::random(&mut *rng)];
    let shape = params.shape();
    let z = |w: &[Fr], u: Fr, x: Fr| [w, &[u, x]].concat();
    let (a1, b1, c1) = shape
        .multiply_vec(&z(&mask.w, mask.instance.u(), mask.instance.X()[0]))
        .expect("lengths");
    let (a2, b2, c2) = shape.multiply_vec(&z(&w, Fr::ONE, x)).expect("lengths");
    let u = mask.instance.u();
    let t: Vec<Fr> = (0..shape.num_cons())
        .map(|i| a1[i] * b2[i] + a2[i] * b1[i] - u * c2[i] - c1[i])
        .collect();
    let comm_w = params.key().commit(&w, &r_w);
    let comm_t = params.key().commit(&t, &r_t);
    let mut proof = StepProof {
        params: params.digest(),
        statement: step.statement,
        x: StatementHash(x),
        w: Vec::new(),
        r_w: mask.r_w.scalar(),
        r_e: mask.r_e.scalar(),
        mask: mask.instance.clone(),
        comm_w,
        comm_t,
    };
    let rho = proof.incoming(params).challenge(&params.fold_context());
    proof.w = mask.w.iter().zip(&w).map(|(a, b)| *a + rho * *b).collect();
    proof.r_w += rho * r_w;
    proof.r_e += rho * r_t;
    proof
}

/// Two proofs of one step, its witness, and what each hides it with.
struct Opened {
    proof: StepProof,
    rho: Fr,
    /// W − rho·w.
    mask_w: Vec<Fr>,
}

fn open_two() -> (Vec<Fr>, [Opened; 2]) {
    let params = development_params();
    let mut s = Scenario::new(9);
    let step = s.transfer();
    let w = witness(&step);
    let opened = [(); 2].map(|()| {
        let mask = Mask::random(&params, &mut s.rng);
        let proof = prove(&params, &step, mask, &mut s.rng).expect("an honest step");
        let rho = proof.incoming(&params).challenge(&params.fold_context());
        let mask_w = proof
            .w
            .iter()
            .zip(&w)
            .map(|(folded, w)| *folded - rho * *w)
            .collect();
        Opened { proof, rho, mask_w }
    });
    (w, opened)
}

/// A commitment less what it commits to is its blinding times h: zero or equal to another exactly if the blinding is.
#[test]
fn blindings_are_neither_zero_nor_reused() {
    let params = development_params();
    let (w, opened) = open_two();
    let mut blindings = Vec::new();
    for Opened { proof, mask_w, .. } in &opened {
        let u = proof.mask.u();
        let z = [mask_w.as_slice(), &[u], proof.mask.X()].concat();
        let e = error_term(params.shape(), &z, &u);
        let sum_u = u + Fr::ONE;
        let mut sum: Vec<Fr> = mask_w.iter().zip(&w).map(|(a, b)| *a + *b).collect();
        sum.extend([sum_u, proof.mask.X()[0] + proof.x.0]);
        let t = error_term(params.shape(), &sum, &sum_u);
        let t: Vec<Fr> = t.iter().zip(&e).map(|(t, e)| *t - *e).collect();
        for (name, commitment, values) in [
            ("the mask's W", proof.mask.comm_W(), mask_w),
            ("the mask's E", proof.mask.comm_E(), &e),
            ("the witness", &proof.comm_w, &w),
            ("the cross term", &proof.comm_t, &t),
        ] {
            let bare = params.key().commit(values, &Fr::ZERO).into_inner();
            blindings.push((name, commitment.into_inner() - bare));
        }
        assert!(proof.r_w != Fr::ZERO && proof.r_e != Fr::ZERO);
    }
    for (index, (name, blinding)) in blindings.iter().enumerate() {
        assert!(
            !bool::from(blinding.is_identity()),
            "{name} has a zero blinding"
        );
        for (other, before) in &blindings[..index] {
            assert_ne!(blinding, before, "{name} and {other} share a blinding");
        }
    }
}

#[test]
fn masks_are_uniform_looking_and_not_reused() {
    let (w, [first, second]) = open_two();
    assert_ne!(first.proof.mask, second.proof.mask);
    let values = |mask: &[Fr]| -> BTreeSet<[u8; 32]> {
        mask.iter().map(crate::curves::to_be_bytes).collect()
    };
    let (a, b) = (values(&first.mask_w), values(&second.mask_w));
    assert_eq!(
        (a.len(), b.len()),
        (w.len(), w.len()),
        "a mask repeats a value"
    );
    assert!(a.is_disjoint(&b), "two masks share a value");
    // No value is small: a uniform element below 2^200 has probability 2^−54.
    assert!(a.iter().chain(&b).all(|bytes| bytes[..7] != [0; 7]));

    // The attack on a reused mask, run on honest proofs: it would return the witness.
    let inverse = (first.rho - second.rho).invert().expect("two challenges");
    let stolen: Vec<Fr> = first
        .proof
        .w
        .iter()
        .zip(&second.proof.w)
        .map(|(a, b)| (*a - *b) * inverse)
        .collect();
    let hits = stolen
        .iter()
        .zip(&w)
        .filter(|(stolen, w)| stolen == w)
        .count();
    assert_eq!(hits, 0);
}

#[test]
fn the_reuse_attack_works_on_a_reused_mask() {
    // The test above tests something: with one mask for two proofs the same computation finds every value.
    let (w, [first, second]) = open_two();
    let reused: Vec<Fr> = first
        .mask_w
        .iter()
        .zip(&w)
        .map(|(mask, w)| *mask + second.rho * *w)
        .collect();
    let inverse = (first.rho - second.rho).invert().expect("two challenges");
    let stolen: Vec<Fr> = first
        .proof
        .w
        .iter()
        .zip(&reused)
        .map(|(a, b)| (*a - *b) * inverse)
        .collect();
    assert_eq!(stolen, w);
}

#[test]
fn no_private_value_is_in_the_clear() {
    let (w, [first, _]) = open_two();
    let bytes = first.proof.to_bytes();
    let windows: BTreeSet<&[u8]> = bytes.windows(32).collect();
    let public: BTreeSet<[u8; 32]> = {
        let mut s = Scenario::new(9);
        let elements = s.transfer().assignment.statement_elements();
        elements.iter().map(|e| e.to_repr().into()).collect()
    };
    let mut checked = 0;
    for value in &w {
        let repr: [u8; 32] = value.to_repr().into();
        // Bits and small amounts are 31 zero bytes and one more: not evidence either way in a message with counters.
        let small = repr[16..].iter().all(|byte| *byte == 0);
        if small || public.contains(&repr) {
            continue;
        }
        checked += 1;
        assert!(
            !windows.contains(repr.as_slice()),
            "a witness value is in the message"
        );
    }
    assert!(checked > 12_000, "{checked}");
}

#[test]
fn no_secret_is_in_debug_output() {
    let params = development_params();
    let mut s = Scenario::new(9);
    let step = s.transfer();
    let mask = Mask::random(&params, &mut s.rng);
    let shown = format!("{mask:?} {:?}", step.assignment);
    let proof = prove(&params, &step, mask, &mut s.rng).expect("an honest step");
    let shown = format!("{shown} {proof:?}");
    let secrets = [
        step.assignment.sk,
        step.assignment.inputs[0].rho,
        proof.w[0],
        proof.r_w,
    ];
    for secret in secrets {
        assert!(
            !shown.contains(&hex::encode(crate::curves::to_be_bytes(&secret))),
            "{shown}"
        );
    }
}
