//! F′ clause by clause: an honest witness satisfies it, and a forgery breaks the constraint that is there for it.

mod clauses;
mod pins;

use super::*;
use crate::{
    batch::{BatchProver, OpenBatch},
    testing::{NamedCs, Scenario, checked, development_folding_params},
};
use nova_snark::frontend::ConstraintSystem;
use std::sync::OnceLock;

/// A prover of two steps, the first of which is proven.
fn prover(steps: u64) -> BatchProver {
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
        let first = batch.close(&params).expect("two steps").prover(&params);
        let mut second = first.clone();
        second.step(&params).expect("proven");
        vec![first, second]
    });
    provers[usize::try_from(steps).expect("small")].clone()
}

/// What F′ takes at the first or the second step.
fn honest(index: u64) -> AugmentedInput {
    prover(index).next_input(&development_folding_params())
}

fn circuit(input: &AugmentedInput) -> NamedCs {
    let mut cs = NamedCs::new();
    synthesize(&mut cs, Some(input)).expect("a witness");
    cs
}

/// Asserts that a forged input breaks constraints of one clause only, and among them the one that is named.
fn refused(input: &AugmentedInput, clause: AugmentedClause, constraint: &str) {
    let cs = circuit(input);
    let failed = cs.unsatisfied();
    let expected = format!("{clause}/{constraint}");
    assert!(
        failed.contains(&expected.as_str()),
        "{expected}: {failed:?}"
    );
    let prefix = format!("{clause}/");
    assert!(
        failed.iter().all(|name| name.starts_with(&prefix)),
        "{expected} only: {failed:?}"
    );
}
