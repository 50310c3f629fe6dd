//! What the builder refuses, each with what it expected and what it got.

use crate::{
    keys::{Seed, SpendingKey},
    note::Asset,
    step::{BuildError, DepositId, Mask, ProveError, Recipient, StatementError, prove},
    testing::{Scenario, development_params},
    tree::Anchor,
    value::NoteValue,
};
use ff::Field;

#[test]
fn a_step_that_does_not_balance() {
    let mut s = Scenario::new(2);
    let step = s
        .builder()
        .spend(s.notes[0].clone())
        .pay(s.bob.address(), 101.into());
    let error = step.build(&s.alice, &mut s.rng).expect_err("one too many");
    assert!(matches!(error, BuildError::Unbalanced { .. }));
    assert_eq!(
        error.to_string(),
        "expected outputs, withdrawal and fee to be 100, as inputs and deposit are, got 101"
    );
}

#[test]
fn sums_beyond_64_bits_do_not_wrap() {
    let mut s = Scenario::new(2);
    let max = NoteValue::new(u64::MAX);
    let step = s
        .builder()
        .deposit(DepositId([1; 32]), max)
        .pay(s.bob.address(), max);
    let step = step.pay(s.bob.address(), 1.into());
    assert!(matches!(
        step.build(&s.alice, &mut s.rng),
        Err(BuildError::Unbalanced { .. })
    ));
}

#[test]
fn a_note_that_is_not_in_the_tree() {
    let mut s = Scenario::new(2);
    let mut input = s.notes[0].clone();
    input.note.value = 1000.into();
    let anchor = s.state.notes().root();
    let step = s.builder().spend(input).pay(s.bob.address(), 1000.into());
    match step.build(&s.alice, &mut s.rng) {
        Err(BuildError::NotInTree {
            input: 0,
            position: 6,
            anchor: expected,
            got,
        }) => {
            assert_eq!(expected, anchor);
            assert_ne!(got, Anchor(crate::curves::Fr::ZERO));
        }
        other => panic!("expected NotInTree, got {other:?}"),
    }
}

#[test]
fn one_note_twice() {
    let mut s = Scenario::new(2);
    let input = s.notes[0].clone();
    let step = s
        .builder()
        .spend(input.clone())
        .spend(input)
        .pay(s.bob.address(), 200.into());
    assert_eq!(
        step.build(&s.alice, &mut s.rng).expect_err("twice"),
        BuildError::SameNoteTwice { position: 6 }
    );
}

#[test]
fn somebody_elses_note_and_another_asset() {
    let mut s = Scenario::new(2);
    let thief = SpendingKey::from_seed(&Seed::from_bytes([66; 32]));
    let step = s
        .builder()
        .spend(s.notes[1].clone())
        .pay(thief.address(), 50.into());
    assert_eq!(
        step.build(&thief, &mut s.rng).expect_err("theft"),
        BuildError::NotOwned { input: 0 }
    );
    let mut input = s.notes[0].clone();
    input.note.asset = Asset::new([1; 20]);
    let step = s.builder().spend(input).pay(s.bob.address(), 100.into());
    assert!(matches!(
        step.build(&s.alice, &mut s.rng),
        Err(BuildError::WrongAsset { .. })
    ));
}

#[test]
fn three_outputs() {
    let mut s = Scenario::new(2);
    let bob = s.bob.address();
    let step = s
        .builder()
        .pay(bob, 0.into())
        .pay(bob, 0.into())
        .pay(bob, 0.into());
    assert_eq!(
        step.build(&s.alice, &mut s.rng).expect_err("three"),
        BuildError::TooMany {
            what: "outputs",
            got: 3
        }
    );
}

#[test]
fn amounts_and_whom_they_concern_go_together() {
    let params = development_params();
    let mut s = Scenario::new(2);
    let step = s.builder().withdraw(Recipient([1; 20]), 0.into());
    let step = step.build(&s.alice, &mut s.rng).expect("nothing to nobody");
    let mask = Mask::random(&params, &mut s.rng);
    assert_eq!(
        prove(&params, &step, mask, &mut s.rng).expect_err("a recipient of nothing"),
        ProveError::Statement(StatementError::Withdrawal {
            amount: 0.into(),
            recipient: true
        })
    );
    let mut step = s.transfer();
    step.statement.external.deposit = Some(DepositId([1; 32]));
    assert_eq!(
        step.statement
            .check()
            .expect_err("a deposit of nothing")
            .to_string(),
        "expected a deposit id exactly when an amount is deposited, got amount 0 with one"
    );
}
