//! AUG-4 to AUG-6: the folds of the note step, of the previous augmented step, and of their group operations.

use super::{
    AugmentedClause,
    gadgets::{Challenge, PointWires, chain, challenge, start},
    input::AugmentedInput,
    wires::{
        Accumulators, AugmentedWires, ConstantWires, CycleFoldWires, NoteWires, alloc_grumpkin,
    },
};
use crate::{
    curves::Fr,
    cyclefold::{GrumpkinPoint, OPERATIONS},
    domain,
    nifs::affine,
    points::{ladder, on_curve, sum},
    poseidon::Wire,
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Points that enter the circuit at this step.
pub(super) struct EnteringPoints {
    mask: NoteWires,
    comm_w: PointWires,
    comm_t0: PointWires,
    comm_t1: PointWires,
    results: Vec<PointWires>,
    previous: PointWires,
    augmented: PointWires,
}

const RESULTS: [&str; 5] = [
    "folded comm_W of the step",
    "folded comm_E of the step",
    "T1 and r times it",
    "new comm_W",
    "new comm_E",
];

impl EnteringPoints {
    /// AUG-3.
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        input: Option<&AugmentedInput>,
    ) -> Result<Self, SynthesisError> {
        let mut cs = cs.namespace(|| AugmentedClause::PointLimbs.name());
        let note = input.map(|i| &i.note);
        let incoming = note.map(|n| &n.incoming);
        let mask = NoteWires::alloc(
            &mut cs.namespace(|| "mask"),
            incoming.map(|i| &i.mask),
            true,
        )?;
        let comm_w = incoming.map(|i| affine(i.fresh.comm_W()));
        let comm_t0 = incoming.map(|i| affine(&i.comm_t0));
        let point = PointWires::alloc_in_range;
        Ok(Self {
            mask,
            comm_w: point(&mut cs, "comm_w", comm_w.as_ref())?,
            comm_t0: point(&mut cs, "comm_T0", comm_t0.as_ref())?,
            comm_t1: point(&mut cs, "comm_T1", note.map(|n| &n.comm_t1))?,
            results: (0..)
                .zip(RESULTS)
                .map(|(index, name): (usize, _)| {
                    point(&mut cs, name, note.map(|n| &n.results[index]))
                })
                .collect::<Result<_, _>>()?,
            previous: point(&mut cs, "previous", input.map(|i| &i.comm_previous))?,
            augmented: point(&mut cs, "new U_A", input.map(|i| &i.comm_augmented))?,
        })
    }
}

/// `R = P + r·Q`, to be folded into U_C.
struct Operation<'a> {
    name: &'static str,
    r: &'a Challenge,
    running: &'a PointWires,
    incoming: &'a PointWires,
    result: &'a PointWires,
}

/// All three folds. `x_step` is the public input of the note step, `x` the public value of the previous augmented step.
pub(super) fn fold<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    input: Option<&AugmentedInput>,
    constants: &ConstantWires,
    accumulators: &Accumulators,
    points: EnteringPoints,
    (x, is_start, x_step): (&Wire, &Wire, &Wire),
) -> Result<Accumulators, SynthesisError> {
    let notes = &accumulators.notes;
    let (rho, r, note_digest, u, x_notes) = {
        let mut cs = cs.namespace(|| AugmentedClause::NoteFold.name());
        fold_note(&mut cs, constants, notes, &points, x_step)?
    };
    let (r_augmented, augmented_digest, augmented) = {
        let mut cs = cs.namespace(|| AugmentedClause::AugmentedFold.name());
        fold_augmented(&mut cs, &accumulators.augmented, &points, x, is_start)?
    };

    let [folded_w, folded_e, inner, new_w, new_e] = <[PointWires; 5]>::try_from(points.results)
        .map_err(|_| SynthesisError::Unsatisfiable(String::new()))?;
    let operation = |name, r, running, incoming, result| Operation {
        name,
        r,
        running,
        incoming,
        result,
    };
    let operations: [Operation<'_>; OPERATIONS] = [
        operation(
            "folded comm_W",
            &rho,
            &points.mask.comm_w,
            &points.comm_w,
            &folded_w,
        ),
        operation(
            "folded comm_E",
            &rho,
            &points.mask.comm_e,
            &points.comm_t0,
            &folded_e,
        ),
        operation("inner", &r, &points.comm_t1, &folded_e, &inner),
        operation("comm_W", &r, &notes.comm_w, &folded_w, &new_w),
        operation("comm_E", &r, &notes.comm_e, &inner, &new_e),
        operation(
            "U_A",
            &r_augmented,
            &accumulators.augmented.comm,
            &points.previous,
            &points.augmented,
        ),
    ];
    let mut cs = cs.namespace(|| AugmentedClause::GroupOperations.name());
    let tag = start::<CS>(domain::TRANSCRIPT_CYCLEFOLD);
    let mut state = chain(
        &mut cs.namespace(|| "start"),
        tag,
        &[x.clone(), note_digest],
    )?;
    let mut running: Option<CycleFoldWires> = None;
    for (index, operation) in operations.iter().enumerate() {
        let mut cs = cs.namespace(|| operation.name);
        // The last operation's r and points are bound by the digest of the fold that it belongs to.
        let extra = (index + 1 == OPERATIONS).then_some(&augmented_digest);
        let comm = input.map(|i| &i.comm_operations[index]);
        let before = running.as_ref().unwrap_or(&accumulators.cyclefold);
        let (after, digest) = fold_operation(&mut cs, before, operation, (&state, extra), comm)?;
        running = Some(after);
        state = digest;
    }
    Ok(Accumulators {
        augmented,
        notes: NoteWires {
            comm_w: new_w,
            comm_e: new_e,
            u,
            x: x_notes,
        },
        cyclefold: running.ok_or(SynthesisError::Unsatisfiable(String::new()))?,
    })
}

/// AUG-4. Returns rho, r, the digest of r, and the new u and X of U_N.
fn fold_note<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    constants: &ConstantWires,
    notes: &NoteWires,
    points: &EnteringPoints,
    x_step: &Wire,
) -> Result<(Challenge, Challenge, Wire, Wire, Wire), SynthesisError> {
    let mut elements = points.mask.elements(cs);
    elements.extend(points.comm_w.packed(cs));
    elements.push(x_step.clone());
    elements.extend(points.comm_t0.packed(cs));
    let blind = chain(
        &mut cs.namespace(|| "rho transcript"),
        constants.blind_start.clone(),
        &elements,
    )?;
    let rho = challenge(&mut cs.namespace(|| "rho"), &blind)?;

    let mut elements = notes.elements(cs);
    elements.push(blind);
    elements.extend(points.comm_t1.packed(cs));
    let digest = chain(
        &mut cs.namespace(|| "r transcript"),
        constants.blinded_start.clone(),
        &elements,
    )?;
    let r = challenge(&mut cs.namespace(|| "r"), &digest)?;

    // u' = u + r·(u$ + rho), X' = X + r·(X$ + rho·x).
    let folded_u = points.mask.u.clone().plus(cs, Fr::ONE, &rho.value);
    let u = Wire::product(cs, "u", &r.value, &folded_u)?.plus(cs, Fr::ONE, &notes.u);
    let folded_x = Wire::product(cs, "rho x", &rho.value, x_step)?;
    let folded_x = folded_x.plus(cs, Fr::ONE, &points.mask.x);
    let x = Wire::product(cs, "x", &r.value, &folded_x)?.plus(cs, Fr::ONE, &notes.x);
    Ok((rho, r, digest, u, x))
}

/// AUG-5. At the start there is no previous step and U_A stays.
fn fold_augmented<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    running: &AugmentedWires,
    points: &EnteringPoints,
    x: &Wire,
    is_start: &Wire,
) -> Result<(Challenge, Wire, AugmentedWires), SynthesisError> {
    let mut elements = vec![x.clone()];
    elements.extend(points.previous.packed(cs));
    let tag = start::<CS>(domain::TRANSCRIPT_AUGMENTED);
    let digest = chain(&mut cs.namespace(|| "transcript"), tag, &elements)?;
    let r = challenge(&mut cs.namespace(|| "r"), &digest)?;
    let u = running.u.clone().plus(cs, Fr::ONE, &r.value);
    let folded = Wire::product(cs, "r x", &r.value, x)?.plus(cs, Fr::ONE, &running.x);
    let mut limbs = Vec::with_capacity(points.augmented.limbs.len());
    for (index, (old, new)) in running
        .comm
        .limbs
        .iter()
        .zip(&points.augmented.limbs)
        .enumerate()
    {
        let mut cs = cs.namespace(|| format!("limb {index}"));
        limbs.push(Wire::select(&mut cs, "select", is_start, old, new)?);
    }
    let augmented = AugmentedWires {
        comm: PointWires { limbs },
        u: Wire::select(cs, "select u", is_start, &running.u, &u)?,
        x: Wire::select(cs, "select x", is_start, &running.x, &folded)?,
    };
    Ok((r, digest, augmented))
}

/// AUG-6 for one operation. Returns the new U_C and the state of the transcript.
fn fold_operation<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    running: &CycleFoldWires,
    operation: &Operation<'_>,
    (state, extra): (&Wire, Option<&Wire>),
    comm: Option<&GrumpkinPoint>,
) -> Result<(CycleFoldWires, Wire), SynthesisError> {
    let point = alloc_grumpkin(&mut cs.namespace(|| "commitment"), comm)?;
    on_curve(
        &mut cs.namespace(|| "commitment on curve"),
        &point,
        -Fr::from(17),
    )?;
    let mut elements: Vec<Wire> = extra.cloned().into_iter().collect();
    elements.extend(operation.result.packed(cs));
    elements.extend([&point.x, &point.y].map(|var| Wire::variable(var.variable, var.value)));
    let digest = chain(&mut cs.namespace(|| "transcript"), state.clone(), &elements)?;
    let r = challenge(&mut cs.namespace(|| "r"), &digest)?;
    let multiple = ladder(&mut cs.namespace(|| "multiple"), &point, &r.bits)?;
    let comm = sum(&mut cs.namespace(|| "sum"), &running.comm, &multiple, None)?;
    let limbs = operation.r.halves.iter().chain(
        [operation.running, operation.incoming, operation.result]
            .into_iter()
            .flat_map(|point| &point.limbs),
    );
    let mut x = Vec::with_capacity(running.x.len());
    for (index, (old, limb)) in running.x.iter().zip(limbs).enumerate() {
        let mut cs = cs.namespace(|| format!("x {index}"));
        let product = Wire::product(&mut cs, "r limb", &r.value, limb)?;
        x.push(product.plus(&cs, Fr::ONE, old));
    }
    let u = running.u.clone().plus(cs, Fr::ONE, &r.value);
    Ok((CycleFoldWires { comm, u, x }, digest))
}
