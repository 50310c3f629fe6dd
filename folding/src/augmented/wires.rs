//! The values of F′ that several clauses use.

use super::{
    gadgets::{PointWires, chain, start},
    input::{AugmentedInput, BatchConstants, BatchState},
};
use crate::{
    curves::{Fr, RelaxedR1CSInstance},
    cyclefold::{CycleFoldInstance, GrumpkinPoint, X_LIMBS},
    domain,
    nifs::affine,
    points::{Point, Var},
    poseidon::Wire,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// K.
pub(super) struct ConstantWires {
    pub(super) all: Vec<Wire>,
    pub(super) blind_start: Wire,
    pub(super) blinded_start: Wire,
    pub(super) deployment: Wire,
    pub(super) note_subtrees: [Wire; 2],
    pub(super) nullifier_subtrees: [Wire; 2],
    pub(super) history_root: Wire,
    pub(super) nullifier_root: Wire,
    pub(super) challenge: Wire,
    pub(super) permutation: Wire,
    pub(super) note_offset: Wire,
    pub(super) nullifier_start: Wire,
    pub(super) nullifier_base: Wire,
}

const CONSTANTS: [&str; 15] = [
    "params",
    "blind start",
    "blinded start",
    "deployment",
    "note subtree 0",
    "note subtree 1",
    "nullifier subtree 0",
    "nullifier subtree 1",
    "history root",
    "nullifier root before",
    "challenge",
    "permutation challenge",
    "note offset",
    "nullifier start",
    "nullifier base",
];

fn alloc_all<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    names: &[&'static str],
    values: Option<&[Fr]>,
) -> Result<Vec<Wire>, SynthesisError> {
    (0..)
        .zip(names)
        .map(|(index, name): (usize, _)| Wire::alloc(cs, name, values.map(|v| v[index])))
        .collect()
}

impl ConstantWires {
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        constants: Option<&BatchConstants>,
    ) -> Result<Self, SynthesisError> {
        let values = constants.map(BatchConstants::elements);
        let all = alloc_all(cs, &CONSTANTS, values.as_ref().map(|v| v.as_slice()))?;
        let at = |index: usize| all[index].clone();
        Ok(Self {
            blind_start: at(1),
            blinded_start: at(2),
            deployment: at(3),
            note_subtrees: [at(4), at(5)],
            nullifier_subtrees: [at(6), at(7)],
            history_root: at(8),
            nullifier_root: at(9),
            challenge: at(10),
            permutation: at(11),
            note_offset: at(12),
            nullifier_start: at(13),
            nullifier_base: at(14),
            all,
        })
    }
}

/// z.
pub(super) struct StateWires {
    pub(super) nullifier_root: Wire,
    pub(super) data_digest: Wire,
    pub(super) fingerprint: Wire,
    pub(super) appended: Wire,
    pub(super) redirected: Wire,
}

impl StateWires {
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        state: Option<&BatchState>,
    ) -> Result<Self, SynthesisError> {
        let names = [
            "nullifier root",
            "data digest",
            "fingerprint",
            "appended",
            "redirected",
        ];
        let values = state.map(BatchState::elements);
        let all = alloc_all(cs, &names, values.as_ref().map(|v| v.as_slice()))?;
        let at = |index: usize| all[index].clone();
        Ok(Self {
            nullifier_root: at(0),
            data_digest: at(1),
            fingerprint: at(2),
            appended: at(3),
            redirected: at(4),
        })
    }

    pub(super) fn elements(&self) -> [&Wire; 5] {
        [
            &self.nullifier_root,
            &self.data_digest,
            &self.fingerprint,
            &self.appended,
            &self.redirected,
        ]
    }
}

/// U_A.
pub(super) struct AugmentedWires {
    pub(super) comm: PointWires,
    pub(super) u: Wire,
    pub(super) x: Wire,
}

/// A relaxed instance of the note relation.
pub(super) struct NoteWires {
    pub(super) comm_w: PointWires,
    pub(super) comm_e: PointWires,
    pub(super) u: Wire,
    pub(super) x: Wire,
}

impl NoteWires {
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        instance: Option<&RelaxedR1CSInstance>,
        in_range: bool,
    ) -> Result<Self, SynthesisError> {
        let point = if in_range {
            PointWires::alloc_in_range
        } else {
            PointWires::alloc
        };
        let comm_w = instance.map(|i| affine(i.comm_W()));
        let comm_e = instance.map(|i| affine(i.comm_E()));
        Ok(Self {
            comm_w: point(cs, "comm_W", comm_w.as_ref())?,
            comm_e: point(cs, "comm_E", comm_e.as_ref())?,
            u: Wire::alloc(cs, "u", instance.map(RelaxedR1CSInstance::u))?,
            x: Wire::alloc(cs, "x", instance.map(|i| i.X()[0]))?,
        })
    }

    /// What a transcript absorbs of it.
    pub(super) fn elements<CS: ConstraintSystem<Fr>>(&self, cs: &CS) -> Vec<Wire> {
        let mut elements = self.comm_w.packed(cs).to_vec();
        elements.extend(self.comm_e.packed(cs));
        elements.extend([self.u.clone(), self.x.clone()]);
        elements
    }
}

/// U_C.
pub(super) struct CycleFoldWires {
    pub(super) comm: Point<Fr>,
    pub(super) u: Wire,
    pub(super) x: Vec<Wire>,
}

/// A point of Grumpkin; its coordinates are elements.
pub(super) fn alloc_grumpkin<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    point: Option<&GrumpkinPoint>,
) -> Result<Point<Fr>, SynthesisError> {
    Ok(Point {
        x: Var::alloc(cs, "x", point.map(|p| p.x))?,
        y: Var::alloc(cs, "y", point.map(|p| p.y))?,
    })
}

impl CycleFoldWires {
    fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        instance: Option<&CycleFoldInstance>,
    ) -> Result<Self, SynthesisError> {
        let comm = alloc_grumpkin(&mut cs.namespace(|| "comm"), instance.map(|i| &i.comm))?;
        let u = Wire::alloc(cs, "u", instance.map(|i| i.u))?;
        let x = (0..X_LIMBS)
            .map(|index| {
                let mut cs = cs.namespace(|| format!("x {index}"));
                Wire::alloc(&mut cs, "limb", instance.map(|i| i.x[index]))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { comm, u, x })
    }

    pub(super) fn comm_wires(&self) -> [Wire; 2] {
        [&self.comm.x, &self.comm.y].map(|var| Wire::variable(var.variable, var.value))
    }
}

/// The three accumulators.
pub(super) struct Accumulators {
    pub(super) augmented: AugmentedWires,
    pub(super) notes: NoteWires,
    pub(super) cyclefold: CycleFoldWires,
}

impl Accumulators {
    /// As they come in. A hash binds them to what a previous step put out, where limbs were in range.
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        input: Option<&AugmentedInput>,
    ) -> Result<Self, SynthesisError> {
        let augmented = {
            let mut cs = cs.namespace(|| "U_A");
            let instance = input.map(|i| &i.augmented);
            AugmentedWires {
                comm: PointWires::alloc(&mut cs, "comm", instance.map(|i| &i.comm))?,
                u: Wire::alloc(&mut cs, "u", instance.map(|i| i.u))?,
                x: Wire::alloc(&mut cs, "x", instance.map(|i| i.x))?,
            }
        };
        let notes = NoteWires::alloc(&mut cs.namespace(|| "U_N"), input.map(|i| &i.notes), false)?;
        let cyclefold =
            CycleFoldWires::alloc(&mut cs.namespace(|| "U_C"), input.map(|i| &i.cyclefold))?;
        Ok(Self {
            augmented,
            notes,
            cyclefold,
        })
    }

    /// All elements, in the order in which they are hashed.
    fn elements<CS: ConstraintSystem<Fr>>(&self, cs: &CS) -> Vec<Wire> {
        let mut elements = self.augmented.comm.packed(cs).to_vec();
        elements.extend([self.augmented.u.clone(), self.augmented.x.clone()]);
        elements.extend(self.notes.elements(cs));
        elements.extend(self.cyclefold.comm_wires());
        elements.push(self.cyclefold.u.clone());
        elements.extend(self.cyclefold.x.iter().cloned());
        elements
    }
}

/// `H(K, i, z, U_A, U_N, U_C)`.
pub(super) fn public_hash<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    constants_digest: &Wire,
    index: &Wire,
    state: &StateWires,
    accumulators: &Accumulators,
) -> Result<Wire, SynthesisError> {
    let mut elements = vec![constants_digest.clone(), index.clone()];
    elements.extend(state.elements().into_iter().cloned());
    elements.extend(accumulators.elements(cs));
    chain(cs, start::<CS>(domain::IVC), &elements)
}
