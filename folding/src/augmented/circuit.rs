//! F_N and F_S as constraints: one namespace per clause.

use super::{
    AugmentedClause,
    folds::{NotePoints, Operation, PreviousPoints, fold_augmented, fold_note, fold_operations},
    gadgets::{PointWires, chain, equal_if, start},
    input::{AugmentedInstance, NoteInput, StateInput, cyclefold_digest},
    transition::{StatementWires, step_chain, transition},
    wires::{
        ConstantWires, NoteConstantWires, NoteWires, PreviousWires, StateWires, note_hash,
        state_hash,
    },
};
use crate::{curves::Fr, cyclefold::CycleFoldInstance, domain, poseidon::Wire};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Synthesizes F_N, the circuit of the note chain. Without an input only the shape is built. The single public input is
/// the next hash, which is returned where there is an input.
///
/// # Errors
///
/// When the constraint system asks for a value and there is no input.
pub fn synthesize_notes<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    input: Option<&NoteInput>,
) -> Result<Option<Fr>, SynthesisError> {
    let constants =
        NoteConstantWires::alloc(&mut cs.namespace(|| "K_N"), input.map(|i| &i.constants))?;
    let before = PreviousWires::alloc(cs, input.map(|i| &i.previous))?;
    let steps = Wire::alloc(cs, "steps digest", input.map(|i| i.steps_digest))?;
    let notes = NoteWires::alloc(&mut cs.namespace(|| "U_N"), input.map(|i| &i.notes), false)?;

    let (constants_digest, cyclefold, x) = {
        let mut cs = cs.namespace(|| AugmentedClause::PreviousHash.name());
        let tag = start::<CS>(domain::NOTE_CONSTANTS);
        let digest = chain(&mut cs.namespace(|| "K_N"), tag, &constants.all)?;
        let cyclefold = before.cyclefold.digest(&mut cs.namespace(|| "U_C"))?;
        let cyclefold = cyclefold.to_variable(&mut cs, "U_C")?;
        let bound = (&digest, &before.index, &steps);
        let x = note_hash(&mut cs, bound, (&before.augmented, &notes, &cyclefold))?;
        let x = x.to_variable(&mut cs, "x")?;
        (digest, cyclefold, x)
    };
    let is_start = {
        let mut cs = cs.namespace(|| AugmentedClause::Start.name());
        let expected = cyclefold_digest(&CycleFoldInstance::start());
        let expected = Wire::constant::<CS>(expected);
        let is_start = at_start(&mut cs, &before, (&cyclefold, &expected))?;
        notes_at_start(&mut cs, &is_start, &notes, &steps);
        is_start
    };
    let (points, note) = {
        let mut cs = cs.namespace(|| AugmentedClause::PointLimbs.name());
        (
            PreviousPoints::alloc(&mut cs, input.map(|i| &i.previous))?,
            NotePoints::alloc(&mut cs, input.map(|i| &i.note))?,
        )
    };
    let folded = {
        let mut cs = cs.namespace(|| AugmentedClause::NoteFold.name());
        fold_note(&mut cs, &constants, &notes, &note)?
    };
    let (r_augmented, digest, augmented) = {
        let mut cs = cs.namespace(|| AugmentedClause::AugmentedFold.name());
        fold_augmented(&mut cs, &before.augmented, &points, &x, &is_start)?
    };
    let [folded_w, folded_e, inner, new_w, new_e] = &note.results;
    let operation = |name, r, running, incoming, result| Operation {
        name,
        r,
        running,
        incoming,
        result,
        digest: None,
    };
    let (rho, r) = (&folded.rho, &folded.r);
    let operations = [
        operation(
            "folded comm_W",
            rho,
            &note.mask.comm_w,
            &note.comm_w,
            folded_w,
        ),
        operation(
            "folded comm_E",
            rho,
            &note.mask.comm_e,
            &note.comm_t0,
            folded_e,
        ),
        operation("inner", r, &note.comm_t1, folded_e, inner),
        operation("comm_W", r, &notes.comm_w, folded_w, new_w),
        operation("comm_E", r, &notes.comm_e, inner, new_e),
        Operation {
            digest: Some(&digest),
            ..operation(
                "U_A",
                &r_augmented,
                &before.augmented.comm,
                &points.previous,
                &points.augmented,
            )
        },
    ];
    let cyclefold = fold_operations(
        cs,
        before.cyclefold,
        &operations,
        (&x, &folded.digest),
        input.map(|i| i.comm_operations.as_slice()),
    )?;
    let steps = step_chain(cs, &steps, &note.x)?;
    let notes = NoteWires {
        comm_w: new_w.clone(),
        comm_e: new_e.clone(),
        u: folded.u,
        x: folded.x,
    };

    let mut cs = cs.namespace(|| AugmentedClause::NextHash.name());
    let index = before.index.plus_constant(&cs, Fr::ONE);
    let cyclefold = cyclefold.digest(&mut cs.namespace(|| "U_C"))?;
    let bound = (&constants_digest, &index, &steps);
    let hash = note_hash(&mut cs, bound, (&augmented, &notes, &cyclefold))?;
    put_out(&mut cs, &hash)
}

/// Synthesizes F_S, the circuit of the state chain, likewise.
///
/// # Errors
///
/// When the constraint system asks for a value and there is no input.
pub fn synthesize_state<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    input: Option<&StateInput>,
) -> Result<Option<Fr>, SynthesisError> {
    let constants = ConstantWires::alloc(&mut cs.namespace(|| "K_S"), input.map(|i| &i.constants))?;
    let before = PreviousWires::alloc(cs, input.map(|i| &i.previous))?;
    let state = StateWires::alloc(&mut cs.namespace(|| "z"), input.map(|i| &i.state))?;
    let statement = StatementWires::alloc(
        &mut cs.namespace(|| "statement"),
        input.map(|i| &i.transition.statement),
    )?;

    let (constants_digest, cyclefold, x) = {
        let mut cs = cs.namespace(|| AugmentedClause::PreviousHash.name());
        let tag = start::<CS>(domain::BATCH);
        let digest = chain(&mut cs.namespace(|| "K_S"), tag, &constants.all)?;
        let cyclefold = before.cyclefold.digest(&mut cs.namespace(|| "U_C"))?;
        let cyclefold = cyclefold.to_variable(&mut cs, "U_C")?;
        let bound = (&digest, &before.index, &state);
        let x = state_hash(&mut cs, bound, (&before.augmented, &cyclefold))?;
        let x = x.to_variable(&mut cs, "x")?;
        (digest, cyclefold, x)
    };
    let is_start = {
        let mut cs = cs.namespace(|| AugmentedClause::Start.name());
        let is_start = at_start(&mut cs, &before, (&cyclefold, &constants.cyclefold_start))?;
        state_at_start(&mut cs, &is_start, &state, &constants);
        is_start
    };
    let points = PreviousPoints::alloc(
        &mut cs.namespace(|| AugmentedClause::PointLimbs.name()),
        input.map(|i| &i.previous),
    )?;
    let (r, digest, augmented) = {
        let mut cs = cs.namespace(|| AugmentedClause::AugmentedFold.name());
        fold_augmented(&mut cs, &before.augmented, &points, &x, &is_start)?
    };
    let operation = Operation {
        name: "U_A",
        r: &r,
        running: &before.augmented.comm,
        incoming: &points.previous,
        result: &points.augmented,
        digest: None,
    };
    let comm = input.map(|i| [i.comm_operation]);
    let cyclefold = fold_operations(
        cs,
        before.cyclefold,
        &[operation],
        (&x, &digest),
        comm.as_ref().map(|comm| comm.as_slice()),
    )?;
    let x_step = statement.hash(
        &mut cs.namespace(|| AugmentedClause::StatementHash.name()),
        &constants,
    )?;
    let next = transition(
        cs,
        input.map(|i| &i.transition),
        &constants,
        (&before.index, &state),
        &statement,
        &x_step,
    )?;

    let mut cs = cs.namespace(|| AugmentedClause::NextHash.name());
    let index = before.index.plus_constant(&cs, Fr::ONE);
    let cyclefold = cyclefold.digest(&mut cs.namespace(|| "U_C"))?;
    let bound = (&constants_digest, &index, &next);
    let hash = state_hash(&mut cs, bound, (&augmented, &cyclefold))?;
    put_out(&mut cs, &hash)
}

/// The state transition alone, for its size.
///
/// # Errors
///
/// Never: no value is asked for.
#[cfg(any(test, feature = "testing"))]
pub fn synthesize_transition<CS: ConstraintSystem<Fr>>(cs: &mut CS) -> Result<(), SynthesisError> {
    let constants = ConstantWires::alloc(&mut cs.namespace(|| "K_S"), None)?;
    let index = Wire::alloc(cs, "i", None)?;
    let state = StateWires::alloc(&mut cs.namespace(|| "z"), None)?;
    let statement = StatementWires::alloc(&mut cs.namespace(|| "statement"), None)?;
    let x = statement.hash(&mut cs.namespace(|| "statement hash"), &constants)?;
    transition(cs, None, &constants, (&index, &state), &statement, &x).map(|_| ())
}

/// The one public input.
fn put_out<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    hash: &Wire,
) -> Result<Option<Fr>, SynthesisError> {
    let value = hash.value();
    let variable = cs.alloc_input(
        || "next x",
        || value.ok_or(SynthesisError::AssignmentMissing),
    )?;
    hash.enforce_equal(cs, "next x", &Wire::variable(variable, value));
    Ok(value)
}

fn equal_at_start<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    name: String,
    is_start: &Wire,
    value: &Wire,
    expected: &Wire,
) {
    let mut cs = cs.namespace(|| name);
    equal_if(&mut cs, "equal", is_start, value, expected);
}

/// AUG-1 of both chains: U_A and U_C. Returns whether i = 0.
fn at_start<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    before: &PreviousWires,
    (cyclefold, expected): (&Wire, &Wire),
) -> Result<Wire, SynthesisError> {
    let one = Wire::constant::<CS>(Fr::ONE);
    let zero = Wire::constant::<CS>(Fr::ZERO);
    let index = &before.index;
    let inverse = index.value().map(|i| i.invert().unwrap_or(Fr::ZERO));
    let inverse = Wire::alloc(cs, "inverse of i", inverse)?;
    let product = Wire::product(cs, "i is zero or has an inverse", index, &inverse)?;
    let is_start = one.minus(cs, &product);
    Wire::enforce_product(cs, "i is zero at the start", &is_start, index, &zero);

    let augmented = &before.augmented;
    point_at_start(cs, "U_A", &is_start, &augmented.comm);
    for (name, value) in [("U_A u", &augmented.u), ("U_A x", &augmented.x)] {
        equal_at_start(cs, name.to_owned(), &is_start, value, &zero);
    }
    equal_at_start(cs, "U_C".to_owned(), &is_start, cyclefold, expected);
    Ok(is_start)
}

/// A commitment is the blinding generator: that to zeros with blinding one.
fn point_at_start<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    name: &str,
    is_start: &Wire,
    point: &PointWires,
) {
    let start = PointWires::constant::<CS>(&AugmentedInstance::start().comm);
    for (limb, (value, expected)) in point.limbs.iter().zip(&start.limbs).enumerate() {
        equal_at_start(cs, format!("{name} limb {limb}"), is_start, value, expected);
    }
}

fn notes_at_start<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    is_start: &Wire,
    notes: &NoteWires,
    steps: &Wire,
) {
    let zero = Wire::constant::<CS>(Fr::ZERO);
    point_at_start(cs, "U_N comm_W", is_start, &notes.comm_w);
    point_at_start(cs, "U_N comm_E", is_start, &notes.comm_e);
    for (name, value) in [
        ("U_N u", &notes.u),
        ("U_N x", &notes.x),
        ("steps digest", steps),
    ] {
        equal_at_start(cs, name.to_owned(), is_start, value, &zero);
    }
}

fn state_at_start<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    is_start: &Wire,
    state: &StateWires,
    constants: &ConstantWires,
) {
    let one = Wire::constant::<CS>(Fr::ONE);
    let zero = Wire::constant::<CS>(Fr::ZERO);
    let z = [&constants.nullifier_root, &zero, &zero, &one, &one, &zero];
    for (position, (value, expected)) in state.elements().into_iter().zip(z).enumerate() {
        equal_at_start(cs, format!("z {position}"), is_start, value, expected);
    }
}
