//! What the API promises: roots at once, typed refusals, constant size, re-folds.

use super::*;
use crate::{
    note::Asset,
    state::StateError,
    step::{Deployment, DepositId, StepBuilder},
    tree::NullifierError,
};
use std::convert::Infallible;

#[test]
fn a_batch_is_proven_and_verified() {
    let params = development_folding_params();
    let batch = honest();
    batch.verify(&params).expect("valid");
    assert_eq!(batch.data.len(), 2);
    let bytes = batch.to_bytes(&params);
    let again = ProvenBatch::from_bytes(&params, &bytes).expect("decodes");
    assert_eq!(&again, batch);
    again.verify(&params).expect("valid");
}

#[test]
fn the_state_root_is_known_at_once_and_is_the_one_proven() {
    let params = development_folding_params();
    let mut batch = open(&params, &[]);
    let mut native = taken().state.clone();
    for step in &taken().steps[..2] {
        let root = batch.push(&params, step).expect("new");
        native.apply(&step.statement().update()).expect("new");
        assert_eq!(root, native.root());
    }
    native.close_batch();
    assert_eq!(honest().statement.after.root(), native.root());
    assert_eq!(StateParts::of(&native), honest().statement.after);
}

#[test]
fn a_proof_of_one_step_and_one_of_three_have_the_same_size() {
    let params = development_folding_params();
    let sizes = [1, 3].map(|count| {
        let batch = proven(&params, open(&params, &taken().steps[..count]));
        batch.verify(&params).expect("valid");
        batch.proof.to_bytes().len()
    });
    assert_eq!(sizes[0], sizes[1]);
}

#[test]
fn what_does_not_belong_into_a_batch_is_refused_by_name() {
    let params = development_folding_params();
    let mut batch = open(&params, &taken().steps[..2]);
    let root = batch.root();
    assert!(matches!(
        batch.push(&params, &taken().double_spend),
        Err(PushError::State(StateError::Nullifier(
            NullifierError::Spent { .. }
        )))
    ));
    let mut scenario = Scenario::new(601);
    let mut deposit = |deployment, anchor| {
        let step = StepBuilder::new(deployment, anchor, Asset::ETHER)
            .deposit(DepositId([1; 32]), 5.into())
            .pay(scenario.alice.address(), 5.into())
            .build(&scenario.alice, &mut scenario.rng)
            .expect("a deposit");
        checked(params.step(), &step)
    };
    let anchor = taken().state.notes().root();
    let elsewhere = Deployment::new(1, [7; 20]);
    assert_eq!(
        batch.push(&params, &deposit(elsewhere, anchor)),
        Err(PushError::Deployment {
            expected: Scenario::deployment(),
            got: elsewhere
        })
    );
    let unknown = deposit(Scenario::deployment(), batch.working.notes().root());
    assert!(matches!(
        batch.push(&params, &unknown),
        Err(PushError::State(StateError::UnknownAnchor { .. }))
    ));
    assert_eq!((batch.root(), batch.steps().len()), (root, 2));
    batch
        .push(&params, &taken().steps[2])
        .expect("goes on with the others");

    let empty = open(&params, &[]);
    assert!(empty.close(&params).is_err());
}

/// Another batch lands first. Nothing conflicts: everything that does not depend on the root is kept.
#[test]
fn a_refold_without_a_conflict_keeps_the_accumulator() {
    let params = development_folding_params();
    let mut prover = open(&params, &taken().steps[..2])
        .close(&params)
        .expect("two")
        .prover();
    prover.finish(&params).expect("proven on the old root");
    let mut state = taken().state.clone();
    state
        .apply(&taken().steps[2].statement().update())
        .expect("lands first");
    state.close_batch();
    let before = prover.batch().open().clone();
    let (batch, dropped) = prover
        .into_batch()
        .reopen()
        .refold(&params, state.clone(), |_| -> Result<_, Infallible> {
            panic!("no witness is needed")
        })
        .expect("infallible");
    assert!(dropped.is_empty());
    assert_eq!(batch.steps(), before.steps());
    assert_eq!(batch.notes, before.notes);
    assert_eq!((batch.chain.steps(), before.chain.steps()), (2, 2));
    let proven = proven(&params, batch);
    proven.verify(&params).expect("valid on the new root");
    assert_eq!(proven.statement.before, StateParts::of(&state));
    assert_ne!(proven.statement.before, honest().statement.before);
}

/// Another batch lands first and spends what a step of this one spends.
#[test]
fn a_refold_drops_what_conflicts_and_goes_on() {
    let params = development_folding_params();
    let mut batch = open(&params, &taken().steps);
    while batch.advance(&params).expect("proven").is_some() {}
    let mut state = taken().state.clone();
    state
        .apply(&taken().double_spend.statement().update())
        .expect("lands first");
    state.close_batch();
    let mut asked = Vec::new();
    let (batch, dropped) = batch
        .refold(&params, state, |index| -> Result<_, Infallible> {
            asked.push(index);
            Ok(taken().steps[index].clone())
        })
        .expect("infallible");
    assert_eq!(asked, [1, 2]);
    let [dropped] = dropped.try_into().expect("one");
    assert_eq!((dropped.index, dropped.x), (1, taken().steps[1].x()));
    assert!(matches!(
        dropped.reason,
        StateError::Nullifier(NullifierError::Spent { .. })
    ));
    batch.notes.check(params.step()).expect("satisfied");
    assert_eq!(batch.steps().len(), 2);
    // Folding the two that are left from the start gives the same accumulator.
    let kept = [taken().steps[0].clone(), taken().steps[2].clone()];
    assert_eq!(batch.notes, open(&params, &kept).notes);
    proven(&params, batch).verify(&params).expect("valid");
}

/// Nothing is left: an empty batch cannot be closed, and opens for the next steps.
#[test]
fn a_refold_may_drop_everything() {
    let params = development_folding_params();
    let batch = open(&params, &taken().steps[1..2]);
    let mut state = taken().state.clone();
    state
        .apply(&taken().double_spend.statement().update())
        .expect("lands first");
    state.close_batch();
    let (batch, dropped) = batch
        .refold(&params, state, |_| -> Result<_, Infallible> {
            Ok(taken().steps[1].clone())
        })
        .expect("infallible");
    assert_eq!(dropped.len(), 1);
    let mut batch = *batch.close(&params).expect_err("empty");
    batch.push(&params, &taken().steps[0]).expect("a new step");
    proven(&params, batch).verify(&params).expect("valid");
}
