//! Proofs verify; anything else is refused by name; a batch names the guilty.

use crate::{
    commitment_key::generate_insecure,
    curves::{Commitment, Fr, G1Affine, R1CSInstance, RelaxedR1CSInstance},
    step::{
        Mask, MaskPool, StatementError, StepParams, StepProof, VerifyError, prove, verify,
        verify_batch,
    },
    testing::{Scenario, development_params, library_key},
};
use ff::Field;

fn proofs(count: u64) -> Vec<StepProof> {
    let params = development_params();
    (0..count)
        .map(|seed| {
            let mut s = Scenario::new(100 + seed);
            let step = s.transfer();
            let mask = Mask::random(&params, &mut s.rng);
            prove(&params, &step, mask, &mut s.rng).expect("an honest step")
        })
        .collect()
}

#[test]
fn an_honest_proof_verifies_alone_and_in_a_batch() {
    let params = development_params();
    let proofs = proofs(3);
    for proof in &proofs {
        let checked = verify(&params, proof.clone()).expect("an honest proof");
        assert_eq!(checked.statement(), proof.statement());
        assert_eq!(checked.x(), proof.statement().hash());
    }
    let statements: Vec<_> = proofs.iter().map(|proof| *proof.statement()).collect();
    let checked = verify_batch(&params, proofs);
    for (checked, statement) in checked.iter().zip(statements) {
        assert_eq!(
            checked.as_ref().expect("an honest proof").statement(),
            &statement
        );
    }
    assert!(verify_batch(&params, Vec::new()).is_empty());
}

/// The checked step is what the library's own folding gives, and its own satisfiability check accepts it.
#[test]
fn the_fold_agrees_with_the_library() {
    let params = development_params();
    let proof = proofs(1).remove(0);
    let fresh = R1CSInstance::new(params.shape(), &proof.comm_w, &[proof.x.0]).expect("one input");
    let checked = verify(&params, proof.clone()).expect("an honest proof");
    let folded = proof.mask.fold(&fresh, &proof.comm_t, &checked.rho());
    let blinded = checked.blinded_instance();
    assert_eq!(blinded, folded);

    let w = checked.witness();
    let witness = nova_snark::r1cs::RelaxedR1CSWitness::new(
        params.shape(),
        w.w.clone(),
        w.r_w,
        w.e.clone(),
        w.r_e,
    )
    .expect("lengths of the shape");
    params
        .shape()
        .is_sat_relaxed(&library_key(params.key()), &folded, &witness)
        .expect("satisfied");
}

#[test]
fn masks_satisfy_the_relation() {
    let params = development_params();
    let mask = Mask::random(&params, &mut rand_core::OsRng);
    let witness = nova_snark::r1cs::RelaxedR1CSWitness::new(
        params.shape(),
        mask.w.to_vec(),
        mask.r_w.scalar(),
        mask.e.to_vec(),
        mask.r_e.scalar(),
    )
    .expect("lengths of the shape");
    let sat = params
        .shape()
        .is_sat_relaxed(&library_key(params.key()), &mask.instance, &witness);
    sat.expect("satisfied");
}

type Tamper = fn(&mut StepProof);

fn with_mask(proof: &mut StepProof, change: fn(&mut (Commitment, Commitment, Fr, Fr))) {
    let mask = &proof.mask;
    let mut parts = (*mask.comm_W(), *mask.comm_E(), mask.u(), mask.X()[0]);
    change(&mut parts);
    let (comm_w, comm_e, u, x) = parts;
    proof.mask = RelaxedR1CSInstance::new(StepParams::circuit(), comm_w, comm_e, u, vec![x])
        .expect("one public input");
}

fn generator() -> Commitment {
    Commitment::new(G1Affine::generator().into())
}

/// Every field of a proof, changed alone.
const FORGERIES: &[(&str, Tamper)] = &[
    ("mask comm_W", |p| with_mask(p, |m| m.0 = m.0 + generator())),
    ("mask comm_E", |p| with_mask(p, |m| m.1 = m.1 + generator())),
    ("mask u", |p| with_mask(p, |m| m.2 += Fr::ONE)),
    ("mask x", |p| with_mask(p, |m| m.3 += Fr::ONE)),
    ("comm_w", |p| p.comm_w = p.comm_w + generator()),
    ("comm_t", |p| p.comm_t = p.comm_t + generator()),
    ("swapped commitments", |p| {
        std::mem::swap(&mut p.comm_w, &mut p.comm_t)
    }),
    ("first of w", |p| p.w[0] += Fr::ONE),
    ("last of w", |p| {
        *p.w.last_mut().expect("not empty") += Fr::ONE
    }),
    ("r_w", |p| p.r_w += Fr::ONE),
    ("r_e", |p| p.r_e += Fr::ONE),
];

#[test]
fn every_changed_field_is_refused() {
    let params = development_params();
    let honest = proofs(1).remove(0);
    for (name, tamper) in FORGERIES {
        let mut forged = honest.clone();
        tamper(&mut forged);
        let error = verify(&params, forged).expect_err(name);
        let expected = match *name {
            "r_e" => VerifyError::Relation,
            _ => VerifyError::WitnessCommitment,
        };
        assert_eq!(error, expected, "{name}");
    }
}

#[test]
fn changed_public_data_are_named() {
    let params = development_params();
    let honest = proofs(1).remove(0);
    let mut forged = honest.clone();
    forged.statement.fee = 4.into();
    assert_eq!(
        verify(&params, forged.clone()).expect_err("another fee"),
        VerifyError::StatementHash {
            expected: forged.statement.hash(),
            got: honest.x
        }
    );
    // With x changed along, the challenge and the public input of the folded instance are others.
    forged.x = forged.statement.hash();
    assert_eq!(
        verify(&params, forged).expect_err("another x"),
        VerifyError::WitnessCommitment
    );

    let mut forged = honest;
    forged.statement.external.recipient = None;
    assert!(matches!(
        verify(&params, forged),
        Err(VerifyError::Statement(StatementError::Withdrawal {
            recipient: false,
            ..
        }))
    ));
}

#[test]
fn an_unsatisfied_step_is_refused_by_its_relation() {
    // Folding a witness that breaks the relation honestly otherwise: the error term that follows from W is not the
    // one committed to.
    let params = development_params();
    let mut s = Scenario::new(5);
    let mut step = s.transfer();
    step.assignment.outputs[0].value += Fr::ONE;
    let mask = Mask::random(&params, &mut s.rng);
    let error = prove(&params, &step, mask, &mut s.rng).expect_err("does not balance");
    assert!(
        error.to_string().starts_with("output commitment integrity"),
        "{error}"
    );

    let forged = super::zero_knowledge::prove_unchecked(&params, &step, &mut s.rng);
    assert_eq!(
        verify(&params, forged).expect_err("unsatisfied"),
        VerifyError::Relation
    );
}

#[test]
fn a_batch_names_the_guilty() {
    let params = development_params();
    let mut proofs = proofs(7);
    proofs[1].w[17] += Fr::ONE;
    proofs[4].r_e += Fr::ONE;
    proofs[5].statement.fee = 9.into();
    let verdicts = verify_batch(&params, proofs);
    let errors: Vec<_> = verdicts.iter().map(|v| v.as_ref().err()).collect();
    assert_eq!(errors[1], Some(&VerifyError::WitnessCommitment));
    assert_eq!(errors[4], Some(&VerifyError::Relation));
    assert!(matches!(errors[5], Some(VerifyError::StatementHash { .. })));
    assert_eq!(errors.iter().filter(|error| error.is_some()).count(), 3);
}

/// Two errors that cancel under equal weights do not cancel under random ones.
#[test]
fn errors_do_not_cancel_in_a_batch() {
    let params = development_params();
    let mut proofs = proofs(2);
    proofs[0].r_w += Fr::ONE;
    proofs[1].r_w -= Fr::ONE;
    let verdicts = verify_batch(&params, proofs);
    assert!(
        verdicts
            .iter()
            .all(|v| v.as_ref().err() == Some(&VerifyError::WitnessCommitment))
    );
}

#[test]
fn a_proof_for_another_key_is_refused() {
    let power = StepParams::key_length().next_power_of_two().ilog2();
    let other = StepParams::new(generate_insecure(power, "another")).expect("long enough");
    let proof = proofs(1).remove(0);
    assert_eq!(
        verify(&other, proof.clone()).expect_err("another key"),
        VerifyError::WrongParameters {
            expected: other.digest(),
            got: proof.params()
        }
    );
}

#[test]
fn a_short_key_is_refused() {
    let error = StepParams::new(generate_insecure(4, "short")).expect_err("too short");
    assert_eq!((error.needed, error.got), (StepParams::key_length(), 16));
}

#[test]
fn the_pool_gives_each_mask_once() {
    let pool = MaskPool::start(development_params(), 2);
    let masks = [pool.take(), pool.take(), pool.take()];
    for (i, a) in masks.iter().enumerate() {
        for b in &masks[..i] {
            assert_ne!(a.instance, b.instance);
            assert_ne!(a.w[0], b.w[0]);
        }
    }
    drop(pool);
}
