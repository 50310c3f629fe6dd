//! Operations fold into one pair of the same size, and whatever is changed afterwards is refused.

use super::*;
use crate::{joint::JointWitness, transcript::Transcript};
use std::sync::OnceLock;

fn params() -> &'static CycleFoldParams {
    static PARAMS: OnceLock<CycleFoldParams> = OnceLock::new();
    PARAMS.get_or_init(CycleFoldParams::new)
}

fn operation(seed: u64) -> GroupOperation {
    let [p, q] = points(seed);
    GroupOperation::new(p, q, &challenge(u128::from(seed) << 40)).expect("an operation")
}

/// Three operations folded, with the commitments and challenges of the folds.
fn folded() -> (CycleFoldPair, Vec<CycleFoldStep>) {
    let mut pair = params().start();
    let mut state = Fr::ZERO;
    let steps = (1..=3)
        .map(|seed| {
            let transcript = Transcript::resume(state);
            let step = params().fold(&mut pair, &operation(seed), transcript);
            state = step.digest;
            step
        })
        .collect();
    (pair, steps)
}

#[test]
fn operations_fold_into_one_pair() {
    let (pair, steps) = folded();
    assert_eq!(params().check(&pair.instance, &pair.witness.w), Ok(()));
    assert_eq!(
        params().witness(&pair.instance, pair.witness.w.clone()),
        Ok(pair.witness)
    );
    // CYCLE-6: every public value is the sum of r·limb, as integers.
    let mut x = [Fr::ZERO; X_LIMBS];
    let mut u = Fr::ZERO;
    for (seed, step) in (1..).zip(&steps) {
        let r = crate::transcript::challenge(&step.digest);
        u += r;
        for (sum, limb) in x.iter_mut().zip(operation_limbs(&operation(seed))) {
            *sum += r * limb;
        }
    }
    assert_eq!((pair.instance.x, pair.instance.u), (x, u));
}

#[test]
fn a_start_satisfies() {
    let start = params().start();
    assert_eq!(params().check(&start.instance, &start.witness.w), Ok(()));
}

#[test]
fn what_is_changed_after_the_folds_is_refused() {
    let (pair, steps) = folded();
    let refused = |change: fn(&mut CycleFoldInstance)| {
        let mut instance = pair.instance.clone();
        change(&mut instance);
        params()
            .check(&instance, &pair.witness.w)
            .expect_err("changed")
    };
    assert_eq!(refused(|i| i.u += Fr::ONE), CycleFoldError::Commitment);
    assert_eq!(refused(|i| i.x[0] += Fr::ONE), CycleFoldError::Commitment);
    assert_eq!(refused(|i| i.x[19] += Fr::ONE), CycleFoldError::Commitment);
    assert_eq!(refused(|i| i.comm = -i.comm), CycleFoldError::Commitment);
    assert_eq!(refused(|i| i.x.swap(2, 5)), CycleFoldError::Commitment);
    assert!(matches!(
        refused(|i| i.x[3] = -Fr::ONE),
        CycleFoldError::Range { index: 3 }
    ));
    // Another challenge than the one drawn, with everything else of the fold.
    let mut instance = pair.instance.clone();
    instance.comm = (instance.comm + steps[2].comm).to_affine();
    instance.u += Fr::ONE;
    for (sum, limb) in instance.x.iter_mut().zip(operation_limbs(&operation(3))) {
        *sum += limb;
    }
    assert_eq!(
        params().check(&instance, &pair.witness.w),
        Err(CycleFoldError::Commitment)
    );
    let short = &pair.witness.w[1..];
    assert!(matches!(
        params().check(&pair.instance, short),
        Err(CycleFoldError::Length { .. })
    ));
}

/// Without the cross term the folded pair does not satisfy the relation.
#[test]
fn a_missing_cross_term_leaves_another_error() {
    let (pair, _) = folded();
    let shape = params().shape();
    let mut cs = nova_snark::frontend::solver::SatisfyingAssignment::<E2>::new();
    let next = operation(4);
    synthesize(&mut cs.namespace(|| "cyclefold"), Some(&next)).expect("synthesis");
    let x = vec![Fq::from(5); PUBLIC_INPUTS];
    let u = Fq::from(3);
    let running = JointWitness::from_w(shape, pair.witness.w.clone(), u, &x);
    let public = next.public_inputs();
    let vector = running.fresh_vector(shape, (u, &x), cs.aux_assignment(), &public);
    let r = Fq::from(1 << 20);
    let sum: Vec<Fq> = x.iter().zip(&public).map(|(a, b)| *a + r * b).collect();
    let fits = |vector: &[Fq]| {
        let mut folded = running.clone();
        folded.fold(vector, r);
        JointWitness::from_w(shape, folded.w.clone(), u + r, &sum) == folded
    };
    assert!(fits(&vector));
    let mut missing = vector;
    missing[cs.aux_assignment().len()..].fill(Fq::ZERO);
    assert!(!fits(&missing));
}
