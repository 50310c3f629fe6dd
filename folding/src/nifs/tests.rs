//! Folds satisfy, agree with their verifier and with the library, and whatever is changed is refused by name.

use super::*;
use crate::{
    curves::{E1, G1Affine},
    relaxed::{RelaxedError, check_relaxed},
    step::{Mask, StepParams, prove, verify},
    testing::{Scenario, development_params, library_key},
};

fn steps(count: u64) -> Vec<CheckedStep> {
    let params = development_params();
    (0..count)
        .map(|seed| {
            let mut s = Scenario::new(200 + seed);
            let step = s.transfer();
            let mask = Mask::random(&params, &mut s.rng);
            let proof = prove(&params, &step, mask, &mut s.rng).expect("an honest step");
            verify(&params, proof).expect("an honest proof")
        })
        .collect()
}

fn check(params: &StepParams, pair: &RunningPair) -> Result<(), RelaxedError> {
    check_relaxed(params.shape(), params.key(), &pair.instance, &pair.witness)
}

fn generator() -> Commitment {
    Commitment::new(G1Affine::generator().into())
}

#[test]
fn the_start_pair_satisfies_and_is_not_infinity() {
    let params = development_params();
    let start = NoteAccumulator::start(&params);
    start.check(&params).expect("satisfied");
    let infinity = Commitment::default();
    assert_ne!(*start.instance().comm_W(), infinity);
    assert_ne!(*start.instance().comm_E(), infinity);
}

#[test]
fn many_steps_fold_into_one_pair_of_the_same_size() {
    let params = development_params();
    let context = params.fold_context();
    let mut accumulator = NoteAccumulator::start(&params);
    let mut instance = accumulator.instance().clone();
    for (done, step) in (1..).zip(steps(3)) {
        let comm_t1 = accumulator.push(&params, &step);
        instance = verify_blinded(&context, &instance, step.incoming(), &comm_t1);
        assert_eq!(
            (&instance, accumulator.steps()),
            (accumulator.instance(), done)
        );
        accumulator.check(&params).expect("satisfied");
    }
    assert_eq!(accumulator.witness().w.len(), params.shape().num_vars());
}

/// The library's own check of the same pair.
#[test]
fn the_library_agrees() {
    let params = development_params();
    let context = params.fold_context();
    let (folded, _) = fold_blinded(&context, &start_pair(&context), &steps(1)[0]);
    let w = folded.witness.clone();
    let witness =
        nova_snark::r1cs::RelaxedR1CSWitness::<E1>::new(params.shape(), w.w, w.r_w, w.e, w.r_e)
            .expect("lengths of the shape");
    params
        .shape()
        .is_sat_relaxed(&library_key(params.key()), &folded.instance, &witness)
        .expect("satisfied");
}

/// FOLD-2 written out: the combination of five commitments is what two folds give.
#[test]
fn a_blinded_fold_is_the_combination_of_its_parts() {
    let params = development_params();
    let context = params.fold_context();
    let running = start_pair(&context);
    let step = steps(1).remove(0);
    let (folded, comm_t1) = fold_blinded(&context, &running, &step);
    let BlindedInstance {
        mask,
        fresh,
        comm_t0,
    } = step.incoming();
    let rho = step.rho();
    // r from u' = u + r·(u$ + rho).
    let r = (folded.instance.u() - running.instance.u()) * (mask.u() + rho).invert().expect("u");
    let comm_w = *running.instance.comm_W() + (*mask.comm_W() + *fresh.comm_W() * rho) * r;
    let comm_e =
        *running.instance.comm_E() + comm_t1 * r + (*mask.comm_E() + *comm_t0 * rho) * (r * r);
    assert_eq!(
        (folded.instance.comm_W(), folded.instance.comm_E()),
        (&comm_w, &comm_e)
    );
}

/// What a cheating folder would hand over, and the name under which it is refused.
#[test]
fn forged_folds_are_refused_by_name() {
    let params = development_params();
    let context = params.fold_context();
    let [first, step] = steps(2).try_into().expect("two");
    let (running, _) = fold_blinded(&context, &start_pair(&context), &first);
    let (honest, comm_t1) = fold_blinded(&context, &running, &step);
    let verified = |incoming: &BlindedInstance, comm_t1: &Commitment| {
        let instance = verify_blinded(&context, &running.instance, incoming, comm_t1);
        check(
            &params,
            &RunningPair {
                instance,
                witness: honest.witness.clone(),
            },
        )
    };
    let incoming = step.incoming();
    assert_eq!(verified(incoming, &comm_t1), Ok(()));

    let remade = |comm_w, comm_e, u, x| {
        RelaxedR1CSInstance::new(params.shape(), comm_w, comm_e, u, vec![x]).expect("one input")
    };
    let mask = &incoming.mask;
    let (comm_w, comm_e, u, x) = (*mask.comm_W(), *mask.comm_E(), mask.u(), mask.X()[0]);
    let forgeries = [
        ("mask comm_W", remade(comm_w + generator(), comm_e, u, x)),
        ("mask comm_E", remade(comm_w, comm_e + generator(), u, x)),
        (
            "swapped commitments of the mask",
            remade(comm_e, comm_w, u, x),
        ),
        ("mask u", remade(comm_w, comm_e, u + Fr::ONE, x)),
        ("mask x", remade(comm_w, comm_e, u, x + Fr::ONE)),
    ]
    .map(|(name, mask)| {
        (
            name,
            BlindedInstance {
                mask,
                ..incoming.clone()
            },
        )
    });
    for (name, forged) in forgeries {
        // Another instance is another challenge, and with it another relation to satisfy.
        assert!(
            matches!(
                verified(&forged, &comm_t1),
                Err(RelaxedError::Relation { .. })
            ),
            "{name}"
        );
    }
    let missing = Commitment::default();
    assert!(matches!(
        verified(incoming, &missing),
        Err(RelaxedError::Relation { .. })
    ));

    // With the challenge held fixed, each part is refused for what it is.
    let r = blinded_challenge(&context, &running.instance, incoming, &comm_t1);
    let blinded = step.blinded_instance();
    let at = |blinded: &RelaxedR1CSInstance, comm_t1: &Commitment, r: Fr| {
        let instance = running.instance.fold_relaxed(blinded, comm_t1, &r);
        check(
            &params,
            &RunningPair {
                instance,
                witness: honest.witness.clone(),
            },
        )
    };
    assert_eq!(at(&blinded, &comm_t1, r), Ok(()));
    let wrong_challenge = at(&blinded, &comm_t1, r + Fr::ONE);
    assert!(matches!(
        wrong_challenge,
        Err(RelaxedError::Relation { .. })
    ));
    assert_eq!(
        at(&blinded, &missing, r),
        Err(RelaxedError::ErrorCommitment)
    );
    let parts = |comm_w, comm_e, u, x| remade(comm_w, comm_e, u, x);
    let (comm_w, comm_e) = (*blinded.comm_W(), *blinded.comm_E());
    let (u, x) = (blinded.u(), blinded.X()[0]);
    let refused = |forged: RelaxedR1CSInstance| at(&forged, &comm_t1, r).expect_err("forged");
    assert_eq!(
        refused(parts(comm_e, comm_w, u, x)),
        RelaxedError::WitnessCommitment
    );
    assert_eq!(
        refused(parts(comm_w, comm_w, u, x)),
        RelaxedError::ErrorCommitment
    );
    assert!(matches!(
        refused(parts(comm_w, comm_e, u + Fr::ONE, x)),
        RelaxedError::Relation { .. }
    ));
    assert!(matches!(
        refused(parts(comm_w, comm_e, u, x + Fr::ONE)),
        RelaxedError::Relation { .. }
    ));
}

/// The running instance is absorbed: two different ones never share a challenge.
#[test]
fn the_challenge_depends_on_the_running_instance() {
    let params = development_params();
    let context = params.fold_context();
    let start = start_pair(&context);
    let step = steps(1).remove(0);
    let (next, comm_t1) = fold_blinded(&context, &start, &step);
    let challenge = |running: &RunningPair| {
        blinded_challenge(&context, &running.instance, step.incoming(), &comm_t1)
    };
    assert_ne!(challenge(&start), challenge(&next));
}

#[test]
fn short_vectors_are_an_error_not_a_panic() {
    let params = development_params();
    let mut pair = start_pair(&params.fold_context());
    pair.witness.e.pop();
    let (expected, got) = (params.shape().num_cons(), params.shape().num_cons() - 1);
    assert_eq!(
        check(&params, &pair),
        Err(RelaxedError::Length {
            what: "E",
            expected,
            got
        })
    );
    pair.witness.w.clear();
    let expected = params.shape().num_vars();
    assert_eq!(
        check(&params, &pair),
        Err(RelaxedError::Length {
            what: "W",
            expected,
            got: 0
        })
    );
}
