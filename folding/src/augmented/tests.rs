//! F_N and F_S clause by clause: an honest witness satisfies them, and a forgery breaks the constraint that is there for
//! it.

mod challenges;
mod notes;
mod pins;
mod state;

use super::*;
use crate::{
    batch::{BatchProver, OpenBatch},
    curves::Fr,
    testing::{NamedCs, Scenario, checked, development_folding_params},
};
use ff::Field;
use nova_snark::frontend::ConstraintSystem;
use std::sync::OnceLock;

/// A prover of two steps of which as many chain steps are proven: 0 and 1 lie in the note chain, 2 and 3 in the state
/// chain.
fn prover(steps: usize) -> BatchProver {
    static PROVERS: OnceLock<Vec<BatchProver>> = OnceLock::new();
    let provers = PROVERS.get_or_init(|| {
        let params = development_folding_params();
        let mut scenario = Scenario::new(500);
        let taken = [
            checked(params.step(), &scenario.transfer()),
            checked(params.step(), &scenario.deposit(4)),
        ];
        let state = scenario.state.clone();
        let mut batch = OpenBatch::open(&params, Scenario::deployment(), state);
        for step in &taken {
            batch.push(&params, step).expect("a new step");
        }
        let mut prover = batch.close(&params).expect("two steps").prover();
        let mut provers = vec![prover.clone()];
        while prover.step(&params).expect("proven").is_some() {
            provers.push(prover.clone());
        }
        provers
    });
    provers[steps].clone()
}

/// What F_N takes at the first or the second step.
fn honest_notes(index: usize) -> NoteInput {
    prover(index).next_note_input(&development_folding_params())
}

/// What F_S takes at the first or the second step.
fn honest_state(index: usize) -> StateInput {
    prover(2 + index).next_state_input(&development_folding_params())
}

fn note_circuit(input: &NoteInput) -> NamedCs {
    let mut cs = NamedCs::new();
    synthesize_notes(&mut cs, Some(input)).expect("a witness");
    cs
}

fn state_circuit(input: &StateInput) -> NamedCs {
    let mut cs = NamedCs::new();
    synthesize_state(&mut cs, Some(input)).expect("a witness");
    cs
}

/// Asserts that a forged witness breaks a constraint.
fn breaks(cs: &NamedCs, clause: AugmentedClause, constraint: &str) {
    let failed = cs.unsatisfied();
    let expected = format!("{clause}/{constraint}");
    assert!(
        failed.contains(&expected.as_str()),
        "{expected}: {failed:?}"
    );
}

/// Asserts that it breaks constraints of one clause only, and among them the one that is named.
fn breaks_only(cs: &NamedCs, clause: AugmentedClause, constraint: &str) {
    breaks(cs, clause, constraint);
    let prefix = format!("{clause}/");
    let failed = cs.unsatisfied();
    assert!(
        failed.iter().all(|name| name.starts_with(&prefix)),
        "{prefix} only: {failed:?}"
    );
}

/// Asserts that one value more, in an honest witness, breaks the constraint that defines it.
fn pinned_down(mut cs: NamedCs, clause: AugmentedClause, names: &[&str]) {
    for name in names {
        let full = format!("{clause}/{name}");
        let value = cs.get(&full);
        cs.set(&full, value + Fr::ONE);
        breaks(&cs, clause, name);
        cs.set(&full, value);
    }
}
