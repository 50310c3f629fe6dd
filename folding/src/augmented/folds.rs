//! AUG-4 to AUG-6: the folds of the note step, of the chain's previous step, and of their group operations.

use super::{
    AugmentedClause,
    gadgets::{Challenge, PointWires, chain, challenge, start},
    input::{NoteFold, PreviousStep},
    wires::{AugmentedWires, CycleFoldWires, NoteConstantWires, NoteWires, alloc_grumpkin},
};
use crate::{
    curves::Fr,
    cyclefold::GrumpkinPoint,
    domain,
    nifs::affine,
    points::{ladder, on_curve, sum},
    poseidon::Wire,
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// The points of the chain's own fold: commit(w ‖ T) of the previous step, and U_A's new commitment.
pub(super) struct PreviousPoints {
    pub(super) previous: PointWires,
    pub(super) augmented: PointWires,
}

impl PreviousPoints {
    /// AUG-3.
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        step: Option<&PreviousStep>,
    ) -> Result<Self, SynthesisError> {
        let point = PointWires::alloc_in_range;
        Ok(Self {
            previous: point(cs, "previous", step.map(|s| &s.comm_previous))?,
            augmented: point(cs, "new U_A", step.map(|s| &s.comm_augmented))?,
        })
    }
}

/// The points of a note step's fold, and the step's public input.
pub(super) struct NotePoints {
    pub(super) mask: NoteWires,
    pub(super) comm_w: PointWires,
    pub(super) comm_t0: PointWires,
    pub(super) comm_t1: PointWires,
    pub(super) results: [PointWires; 5],
    pub(super) x: Wire,
}

impl NotePoints {
    /// AUG-3.
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        note: Option<&NoteFold>,
    ) -> Result<Self, SynthesisError> {
        let incoming = note.map(|n| &n.incoming);
        let mask = NoteWires::alloc(
            &mut cs.namespace(|| "mask"),
            incoming.map(|i| &i.mask),
            true,
        )?;
        let comm_w = incoming.map(|i| affine(i.fresh.comm_W()));
        let comm_t0 = incoming.map(|i| affine(&i.comm_t0));
        let point = PointWires::alloc_in_range;
        let mut result = |name, index: usize| point(cs, name, note.map(|n| &n.results[index]));
        let results = [
            result("folded comm_W", 0)?,
            result("folded comm_E", 1)?,
            result("inner", 2)?,
            result("new comm_W", 3)?,
            result("new comm_E", 4)?,
        ];
        Ok(Self {
            mask,
            results,
            comm_w: point(cs, "comm_w", comm_w.as_ref())?,
            comm_t0: point(cs, "comm_T0", comm_t0.as_ref())?,
            comm_t1: point(cs, "comm_T1", note.map(|n| &n.comm_t1))?,
            x: Wire::alloc(cs, "x", incoming.map(|i| i.fresh.X()[0]))?,
        })
    }
}

/// `R = P + r·Q`, to be folded into U_C.
pub(super) struct Operation<'a> {
    pub(super) name: &'static str,
    pub(super) r: &'a Challenge,
    pub(super) running: &'a PointWires,
    pub(super) incoming: &'a PointWires,
    pub(super) result: &'a PointWires,
    /// What the transcript absorbs before the result, where nothing before it binds r and the points.
    pub(super) digest: Option<&'a Wire>,
}

/// AUG-6. `bound` is the digest that binds the points of the first operation. Returns the new U_C.
pub(super) fn fold_operations<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    before: CycleFoldWires,
    operations: &[Operation<'_>],
    (x, bound): (&Wire, &Wire),
    comms: Option<&[GrumpkinPoint]>,
) -> Result<CycleFoldWires, SynthesisError> {
    let mut cs = cs.namespace(|| AugmentedClause::GroupOperations.name());
    let tag = start::<CS>(domain::TRANSCRIPT_CYCLEFOLD);
    let elements = [x.clone(), bound.clone()];
    let mut state = chain(&mut cs.namespace(|| "start"), tag, &elements)?;
    let mut running = before;
    for (index, operation) in operations.iter().enumerate() {
        let mut cs = cs.namespace(|| operation.name);
        let comm = comms.map(|comms| &comms[index]);
        (running, state) = fold_operation(&mut cs, &running, operation, &state, comm)?;
    }
    Ok(running)
}

/// What AUG-4 yields: both challenges, the digest of r, and the new u and X of U_N.
pub(super) struct FoldedNote {
    pub(super) rho: Challenge,
    pub(super) r: Challenge,
    pub(super) digest: Wire,
    pub(super) u: Wire,
    pub(super) x: Wire,
}

/// AUG-4.
pub(super) fn fold_note<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    constants: &NoteConstantWires,
    notes: &NoteWires,
    points: &NotePoints,
) -> Result<FoldedNote, SynthesisError> {
    let mut elements = points.mask.elements(cs);
    elements.extend(points.comm_w.packed(cs));
    elements.push(points.x.clone());
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
    let folded_x = Wire::product(cs, "rho x", &rho.value, &points.x)?;
    let folded_x = folded_x.plus(cs, Fr::ONE, &points.mask.x);
    let x = Wire::product(cs, "x", &r.value, &folded_x)?.plus(cs, Fr::ONE, &notes.x);
    Ok(FoldedNote {
        rho,
        r,
        digest,
        u,
        x,
    })
}

/// AUG-5. At the start there is no previous step and U_A stays.
pub(super) fn fold_augmented<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    running: &AugmentedWires,
    points: &PreviousPoints,
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
    state: &Wire,
    comm: Option<&GrumpkinPoint>,
) -> Result<(CycleFoldWires, Wire), SynthesisError> {
    let point = alloc_grumpkin(&mut cs.namespace(|| "commitment"), comm)?;
    on_curve(
        &mut cs.namespace(|| "commitment on curve"),
        &point,
        -Fr::from(17),
    )?;
    let mut elements: Vec<Wire> = operation.digest.cloned().into_iter().collect();
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
