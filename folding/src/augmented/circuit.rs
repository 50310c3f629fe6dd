//! F′ as constraints: one namespace per clause.

use super::{
    AugmentedClause,
    folds::{EnteringPoints, fold},
    gadgets::{PointWires, chain, equal_if, start},
    input::{AugmentedInput, AugmentedInstance},
    transition::{StatementWires, transition},
    wires::{Accumulators, ConstantWires, StateWires, public_hash},
};
use crate::{
    curves::Fr,
    cyclefold::{CycleFoldInstance, start_point},
    domain,
    poseidon::Wire,
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Synthesizes F′. Without an input only the shape is built. The single public input is the next hash, which is
/// returned where there is an input.
///
/// # Errors
///
/// When the constraint system asks for a value and there is no input.
pub fn synthesize<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    input: Option<&AugmentedInput>,
) -> Result<Option<Fr>, SynthesisError> {
    let constants = ConstantWires::alloc(&mut cs.namespace(|| "K"), input.map(|i| &i.constants))?;
    let index = Wire::alloc(cs, "i", input.map(|i| Fr::from(i.index)))?;
    let state = StateWires::alloc(&mut cs.namespace(|| "z"), input.map(|i| &i.state))?;
    let accumulators = Accumulators::alloc(cs, input)?;
    let statement = StatementWires::alloc(
        &mut cs.namespace(|| "statement"),
        input.map(|i| &i.transition.statement),
    )?;

    let is_start = at_start(
        &mut cs.namespace(|| AugmentedClause::Start.name()),
        &constants,
        (&index, &state),
        &accumulators,
    )?;
    let (constants_digest, x) = {
        let mut cs = cs.namespace(|| AugmentedClause::PreviousHash.name());
        let tag = start::<CS>(domain::BATCH);
        let digest = chain(&mut cs.namespace(|| "K"), tag, &constants.all)?;
        let x = public_hash(&mut cs, &digest, &index, &state, &accumulators)?;
        let x = x.to_variable(&mut cs, "x")?;
        (digest, x)
    };
    let points = EnteringPoints::alloc(cs, input)?;
    let x_step = statement.hash(
        &mut cs.namespace(|| AugmentedClause::StatementHash.name()),
        &constants,
    )?;
    let folded = fold(
        cs,
        input,
        &constants,
        &accumulators,
        points,
        (&x, &is_start, &x_step),
    )?;
    let next = transition(cs, input, &constants, (&index, &state), &statement, &x_step)?;

    let mut cs = cs.namespace(|| AugmentedClause::NextHash.name());
    let index = index.plus_constant(&cs, Fr::ONE);
    let hash = public_hash(&mut cs, &constants_digest, &index, &next, &folded)?;
    let value = hash.value();
    let variable = cs.alloc_input(
        || "next x",
        || value.ok_or(SynthesisError::AssignmentMissing),
    )?;
    hash.enforce_equal(&mut cs, "next x", &Wire::variable(variable, value));
    Ok(value)
}

/// The state transition alone, for its size.
///
/// # Errors
///
/// Never: no value is asked for.
#[cfg(any(test, feature = "testing"))]
pub fn synthesize_transition<CS: ConstraintSystem<Fr>>(cs: &mut CS) -> Result<(), SynthesisError> {
    let constants = ConstantWires::alloc(&mut cs.namespace(|| "K"), None)?;
    let index = Wire::alloc(cs, "i", None)?;
    let state = StateWires::alloc(&mut cs.namespace(|| "z"), None)?;
    let statement = StatementWires::alloc(&mut cs.namespace(|| "statement"), None)?;
    let x = statement.hash(&mut cs.namespace(|| "statement hash"), &constants)?;
    transition(cs, None, &constants, (&index, &state), &statement, &x).map(|_| ())
}

/// AUG-1. Returns whether i = 0.
fn at_start<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    constants: &ConstantWires,
    (index, state): (&Wire, &StateWires),
    accumulators: &Accumulators,
) -> Result<Wire, SynthesisError> {
    let one = Wire::constant::<CS>(Fr::ONE);
    let zero = Wire::constant::<CS>(Fr::ZERO);
    let inverse = index.value().map(|i| i.invert().unwrap_or(Fr::ZERO));
    let inverse = Wire::alloc(cs, "inverse of i", inverse)?;
    let product = Wire::product(cs, "i is zero or has an inverse", index, &inverse)?;
    let is_start = one.minus(cs, &product);
    Wire::enforce_product(cs, "i is zero at the start", &is_start, index, &zero);

    let point = PointWires::constant::<CS>(&AugmentedInstance::start().comm);
    let mut equal = |name: String, value: &Wire, expected: &Wire| {
        let mut cs = cs.namespace(|| name);
        equal_if(&mut cs, "equal", &is_start, value, expected);
    };
    let z = [&constants.nullifier_root, &zero, &zero, &one, &one];
    for (position, (value, expected)) in state.elements().into_iter().zip(z).enumerate() {
        equal(format!("z {position}"), value, expected);
    }
    let commitments = [
        ("U_A", &accumulators.augmented.comm),
        ("U_N comm_W", &accumulators.notes.comm_w),
        ("U_N comm_E", &accumulators.notes.comm_e),
    ];
    for (name, commitment) in commitments {
        for (limb, (value, expected)) in commitment.limbs.iter().zip(&point.limbs).enumerate() {
            equal(format!("{name} limb {limb}"), value, expected);
        }
    }
    let zeros = [
        ("U_A u", &accumulators.augmented.u),
        ("U_A x", &accumulators.augmented.x),
        ("U_N u", &accumulators.notes.u),
        ("U_N x", &accumulators.notes.x),
        ("U_C u", &accumulators.cyclefold.u),
    ];
    for (name, value) in zeros {
        equal(name.to_owned(), value, &zero);
    }
    let start = start_point();
    let coordinates = accumulators.cyclefold.comm_wires();
    for (name, value, expected) in [
        ("U_C comm x", &coordinates[0], start.x),
        ("U_C comm y", &coordinates[1], start.y),
    ] {
        equal(name.to_owned(), value, &Wire::constant::<CS>(expected));
    }
    for (limb, value) in accumulators.cyclefold.x.iter().enumerate() {
        equal(format!("U_C x {limb}"), value, &zero);
    }
    debug_assert_eq!(CycleFoldInstance::start().u, Fr::ZERO);
    Ok(is_start)
}
