//! One forgery per clause: everything else is made consistent, and exactly the named constraint fails, in the circuit
//! and natively.

use crate::{
    curves::Fr,
    domain, note, poseidon,
    step::{Clause, StepAssignment, check, statement::statement_hash, synthesize},
    testing::{NamedCs, Scenario},
};
use ff::Field;
use nova_snark::frontend::ConstraintSystem;

fn honest() -> StepAssignment {
    Scenario::new(1).transfer().assignment
}

fn circuit(assignment: &StepAssignment) -> NamedCs {
    let mut cs = NamedCs::new();
    synthesize(&mut cs, Some(assignment)).expect("synthesis");
    cs
}

/// Recomputes what follows from the notes: commitments, nullifiers, x. Not the anchor.
fn recompute(a: &mut StepAssignment) {
    let nk = poseidon::hash(&[domain::tag(domain::NULLIFIER_KEY), a.sk]);
    let asset = a.asset;
    for input in &mut a.inputs {
        input.commitment = note::commitment(input.value, asset, input.owner, input.rho);
        let position = Fr::from(u64::from(input.path.position));
        input.nullifier = note::nullifier(nk, input.commitment, position);
    }
    for output in &mut a.outputs {
        output.commitment = note::commitment(output.value, asset, output.owner, output.rho);
    }
    rehash(a);
}

fn rehash(a: &mut StepAssignment) {
    a.x = statement_hash(&a.statement_elements());
}

/// Asserts that the forgery breaks one clause only, at the constraint named, and that the native check agrees.
fn refused(assignment: &StepAssignment, clause: Clause, constraint: &str) {
    let cs = circuit(assignment);
    assert_eq!(cs.unsatisfied(), [format!("{clause}/{constraint}")]);
    let violation = check(assignment).expect_err("a forgery");
    assert_eq!(violation.clause(), clause);
    assert!(
        violation.to_string().starts_with(clause.name()),
        "{violation}"
    );
    assert!(violation.to_string().contains("expected"), "{violation}");
    assert!(violation.to_string().contains("got"), "{violation}");
}

#[test]
fn an_honest_step_satisfies_every_clause() {
    let assignment = honest();
    assert_eq!(check(&assignment), Ok(()));
    assert!(circuit(&assignment).unsatisfied().is_empty());
}

#[test]
fn a_step_of_dummies_satisfies_every_clause() {
    let mut scenario = Scenario::new(1);
    let step = scenario
        .builder()
        .build(&scenario.alice, &mut scenario.rng)
        .expect("a step");
    assert_eq!(check(&step.assignment), Ok(()));
    assert!(circuit(&step.assignment).unsatisfied().is_empty());
}

#[test]
fn every_private_value_of_a_spend_is_constrained() {
    let cs = circuit(&honest());
    assert_eq!(cs.unconstrained(), Vec::<&str>::new());
}

/// Theft: Bob's note, Bob's path, Alice's key.
#[test]
fn key_ownership() {
    let mut scenario = Scenario::new(1);
    let mut a = scenario.transfer().assignment;
    let thief = crate::keys::SpendingKey::from_seed(&crate::keys::Seed::from_bytes([66; 32]));
    a.sk = thief.sk();
    // The thief's own note as the second input, of value zero so that it needs no leaf.
    a.inputs[1].owner = thief.owner().0;
    a.outputs[1].value -= a.inputs[1].value - Fr::from(43);
    a.inputs[1].value = Fr::ZERO;
    a.outputs[0].value -= Fr::from(43);
    recompute(&mut a);
    refused(&a, Clause::KeyOwnership, "input 0/owner");
}

/// A leaf of 100 spent as one of 1,000.
#[test]
fn input_commitment_integrity() {
    let mut a = honest();
    a.inputs[0].value += Fr::from(900);
    a.outputs[0].value += Fr::from(900);
    let [first, second] = [a.inputs[0].commitment, a.inputs[1].commitment];
    recompute(&mut a);
    let nk = poseidon::hash(&[domain::tag(domain::NULLIFIER_KEY), a.sk]);
    for (input, commitment) in a.inputs.iter_mut().zip([first, second]) {
        input.commitment = commitment;
        let position = Fr::from(u64::from(input.path.position));
        input.nullifier = note::nullifier(nk, commitment, position);
    }
    rehash(&mut a);
    refused(&a, Clause::InputCommitmentIntegrity, "input 0/commitment");
}

/// Money from nothing: a note that no tree holds.
#[test]
fn membership_at_anchor() {
    let mut a = honest();
    a.inputs[0].value += Fr::from(900);
    a.outputs[0].value += Fr::from(900);
    recompute(&mut a);
    refused(
        &a,
        Clause::MembershipAtAnchor,
        "input 0/root is the anchor or the value is zero",
    );
}

/// Spending the note at another position than where it is, for a second nullifier.
#[test]
fn membership_binds_the_position() {
    let mut a = honest();
    a.inputs[0].path.position ^= 1;
    recompute(&mut a);
    refused(
        &a,
        Clause::MembershipAtAnchor,
        "input 0/root is the anchor or the value is zero",
    );

    // With the honest siblings kept in place and only the position bit changed, the selection itself fails.
    let mut cs = circuit(&honest());
    let bit = format!("{}/input 0/level 0/low bit", Clause::MembershipAtAnchor);
    let flipped = Fr::ONE - cs.get(&bit);
    cs.set(&bit, flipped);
    let failed = cs.unsatisfied();
    let selection = format!("{}/input 0/level 0/select", Clause::MembershipAtAnchor);
    assert!(
        failed.iter().any(|name| name.starts_with(&selection)),
        "{failed:?}"
    );
}

/// A position bit that is neither zero nor one.
#[test]
fn position_bits_are_bits() {
    let mut cs = circuit(&honest());
    let bit = format!("{}/input 1/level 3/high bit", Clause::MembershipAtAnchor);
    cs.set(&bit, Fr::from(2));
    assert!(cs.unsatisfied().contains(&bit.as_str()));
}

/// Spending one note twice under another nullifier.
#[test]
fn nullifier_integrity() {
    let mut a = honest();
    a.inputs[1].nullifier += Fr::ONE;
    rehash(&mut a);
    refused(&a, Clause::NullifierIntegrity, "input 1/nullifier");
}

/// Publishing a commitment to another note than the one that is paid for.
#[test]
fn output_commitment_integrity() {
    let mut a = honest();
    let output = &mut a.outputs[0];
    output.commitment = note::commitment(
        output.value + Fr::from(900),
        a.asset,
        output.owner,
        output.rho,
    );
    rehash(&mut a);
    refused(&a, Clause::OutputCommitmentIntegrity, "output 0/commitment");
}

/// Money from wrapping around: an output of r − 1,000 pays for one of 1,000 more.
#[test]
fn value_range() {
    let names = [
        "output 0",
        "output 1",
        "public amount in",
        "public amount out",
        "fee",
    ];
    for (index, name) in names.into_iter().enumerate() {
        let mut a = honest();
        let StepAssignment {
            outputs: [first, second],
            public_in,
            public_out,
            fee,
            ..
        } = &mut a;
        let amount = Fr::from(1000);
        // Takes 1,000 out of one amount and puts it right in another.
        match index {
            0 => (first.value, second.value) = (first.value - amount, second.value + amount),
            1 => (second.value, first.value) = (second.value - amount, first.value + amount),
            2 => (*public_in, first.value) = (*public_in - amount, first.value - Fr::from(100)),
            3 => (*public_out, first.value) = (*public_out - amount, first.value + amount),
            _ => (*fee, first.value) = (*fee - amount, first.value + amount),
        }
        if index == 2 {
            // 900 less to hand out than the deposit of −1,000 takes away: the fee and withdrawal of 23 cannot cover
            // it, so the other output goes negative as well; make it a note of the input side instead.
            a.public_in = Fr::from(1 << 32).square();
            a.outputs[0].value = Fr::from(u64::MAX);
            a.outputs[1].value = a.inputs[0].value + a.inputs[1].value + a.public_in
                - a.outputs[0].value
                - a.public_out
                - a.fee;
        }
        recompute(&mut a);
        refused(&a, Clause::ValueRange, &format!("{name}/64 bits"));
    }
}

#[test]
fn the_range_ends_at_two_to_the_64() {
    let mut scenario = Scenario::new(1);
    let mut a = scenario.transfer().assignment;
    a.public_in = Fr::from(u64::MAX);
    a.outputs[0].value = Fr::from(u64::MAX);
    a.outputs[1].value += Fr::from(120);
    recompute(&mut a);
    assert_eq!(check(&a), Ok(()));
    assert!(circuit(&a).unsatisfied().is_empty());
}

/// One unit more out than in.
#[test]
fn balance() {
    let mut a = honest();
    a.outputs[0].value += Fr::ONE;
    recompute(&mut a);
    refused(&a, Clause::Balance, "inputs equal outputs");
}

/// One note as both inputs.
#[test]
fn distinct_nullifiers() {
    let mut a = honest();
    a.inputs[1] = a.inputs[0].clone();
    a.outputs[0].value += Fr::from(50);
    recompute(&mut a);
    refused(
        &a,
        Clause::DistinctNullifiers,
        "the difference is invertible",
    );
}

/// A proof of one statement shown with another: each public value is in the hash.
#[test]
fn statement_hash_binds_every_public_value() {
    let mut a = honest();
    a.x += Fr::ONE;
    refused(&a, Clause::StatementHash, "x");

    let names = [
        "statement/deployment",
        "statement/anchor",
        "input 0/nullifier",
        "input 1/nullifier",
        "output 0/commitment",
        "output 1/commitment",
        "statement/public amount in",
        "statement/public amount out",
        "statement/asset",
        "statement/fee",
        "statement/ext_hash",
    ];
    assert_eq!(names.len(), honest().statement_elements().len());
    for name in names {
        let mut cs = circuit(&honest());
        let changed = cs.get(name) + Fr::ONE;
        cs.set(name, changed);
        let failed = cs.unsatisfied();
        let clause = Clause::StatementHash.name();
        assert!(
            failed.iter().any(|f| f.starts_with(clause)),
            "{name}: {failed:?}"
        );
    }
}
