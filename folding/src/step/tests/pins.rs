//! The circuit, pinned. A change here changes what is proven: state the reason with it.

use crate::{
    step::{Clause, StepParams, synthesize},
    testing::{NamedCs, Scenario},
};
use nova_snark::frontend::ConstraintSystem;

#[test]
fn constraints_by_clause() {
    let mut cs = NamedCs::new();
    synthesize(&mut cs, Some(&Scenario::new(1).transfer().assignment)).expect("synthesis");
    let counts: Vec<(String, usize)> = cs.constraints_by_block();
    let expected = [
        (Clause::KeyOwnership, 2 * 237 + 2),
        (Clause::InputCommitmentIntegrity, 2 * (318 + 1)),
        (Clause::MembershipAtAnchor, 2 * (16 * (297 + 3 + 2) + 1)),
        (Clause::NullifierIntegrity, 2 * (294 + 1)),
        (Clause::OutputCommitmentIntegrity, 2 * (318 + 1)),
        (Clause::ValueRange, 5 * 65),
        (Clause::Balance, 1),
        (Clause::DistinctNullifiers, 1),
        (Clause::StatementHash, 501 + 1),
    ]
    .map(|(clause, count)| (clause.name().to_owned(), count));
    assert_eq!(counts, expected);
    assert!(
        expected
            .iter()
            .zip(Clause::ALL)
            .all(|((name, _), clause)| name == clause.name())
    );
}

#[test]
fn shape() {
    let shape = StepParams::circuit();
    assert_eq!(
        (shape.num_cons(), shape.num_vars(), shape.num_io()),
        (12_837, 12_942, 1)
    );
    assert_eq!(
        StepParams::shape_digest(),
        "004b0d704b329d0751a437b97a90241ae41d289673885982eb0a27e1422ac438"
    );
}
