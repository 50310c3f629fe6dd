//! The values of F_N and F_S that several clauses use.

use super::{
    gadgets::{PointWires, chain, start},
    input::{BatchConstants, BatchState, NoteConstants, PreviousStep},
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

/// K_N.
pub(super) struct NoteConstantWires {
    pub(super) all: Vec<Wire>,
    pub(super) blind_start: Wire,
    pub(super) blinded_start: Wire,
}

impl NoteConstantWires {
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        constants: Option<&NoteConstants>,
    ) -> Result<Self, SynthesisError> {
        let values = constants.map(NoteConstants::elements);
        let names = ["params", "blind start", "blinded start"];
        let all = alloc_all(cs, &names, values.as_ref().map(|v| v.as_slice()))?;
        Ok(Self {
            blind_start: all[1].clone(),
            blinded_start: all[2].clone(),
            all,
        })
    }
}

/// K_S.
pub(super) struct ConstantWires {
    pub(super) all: Vec<Wire>,
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
    pub(super) cyclefold_start: Wire,
}

const CONSTANTS: [&str; 14] = [
    "params",
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
    "cyclefold start",
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
            deployment: at(1),
            note_subtrees: [at(2), at(3)],
            nullifier_subtrees: [at(4), at(5)],
            history_root: at(6),
            nullifier_root: at(7),
            challenge: at(8),
            permutation: at(9),
            note_offset: at(10),
            nullifier_start: at(11),
            nullifier_base: at(12),
            cyclefold_start: at(13),
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
    pub(super) steps_digest: Wire,
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
            "steps digest",
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
            steps_digest: at(5),
        })
    }

    pub(super) fn elements(&self) -> [&Wire; 6] {
        [
            &self.nullifier_root,
            &self.data_digest,
            &self.fingerprint,
            &self.appended,
            &self.redirected,
            &self.steps_digest,
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

/// What a step of either chain takes of the step before it.
pub(super) struct PreviousWires {
    pub(super) index: Wire,
    pub(super) augmented: AugmentedWires,
    pub(super) cyclefold: CycleFoldWires,
}

impl PreviousWires {
    /// A hash binds them to what a previous step put out, where limbs were in range.
    pub(super) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        previous: Option<&PreviousStep>,
    ) -> Result<Self, SynthesisError> {
        let index = Wire::alloc(cs, "i", previous.map(|p| Fr::from(p.index)))?;
        let augmented = {
            let mut cs = cs.namespace(|| "U_A");
            let instance = previous.map(|p| &p.augmented);
            AugmentedWires {
                comm: PointWires::alloc(&mut cs, "comm", instance.map(|i| &i.comm))?,
                u: Wire::alloc(&mut cs, "u", instance.map(|i| i.u))?,
                x: Wire::alloc(&mut cs, "x", instance.map(|i| i.x))?,
            }
        };
        let cyclefold =
            CycleFoldWires::alloc(&mut cs.namespace(|| "U_C"), previous.map(|p| &p.cyclefold))?;
        Ok(Self {
            index,
            augmented,
            cyclefold,
        })
    }
}

impl AugmentedWires {
    fn elements<CS: ConstraintSystem<Fr>>(&self, cs: &CS) -> Vec<Wire> {
        let mut elements = self.comm.packed(cs).to_vec();
        elements.extend([self.u.clone(), self.x.clone()]);
        elements
    }
}

impl CycleFoldWires {
    /// U_C as one element.
    pub(super) fn digest<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
    ) -> Result<Wire, SynthesisError> {
        let mut elements = self.comm_wires().to_vec();
        elements.push(self.u.clone());
        elements.extend(self.x.iter().cloned());
        chain(cs, start::<CS>(domain::CYCLEFOLD), &elements)
    }
}

/// `H(K_N, i, h_x, U_A, U_N, U_C)`, with K_N and U_C as digests.
pub(super) fn note_hash<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    (constants, index, steps): (&Wire, &Wire, &Wire),
    (augmented, notes, cyclefold): (&AugmentedWires, &NoteWires, &Wire),
) -> Result<Wire, SynthesisError> {
    let mut elements = vec![constants.clone(), index.clone(), steps.clone()];
    elements.extend(augmented.elements(cs));
    elements.extend(notes.elements(cs));
    elements.push(cyclefold.clone());
    chain(cs, start::<CS>(domain::NOTE_CHAIN), &elements)
}

/// `H(K_S, i, z, U_A, U_C)`, with K_S and U_C as digests.
pub(super) fn state_hash<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    (constants, index, state): (&Wire, &Wire, &StateWires),
    (augmented, cyclefold): (&AugmentedWires, &Wire),
) -> Result<Wire, SynthesisError> {
    let mut elements = vec![constants.clone(), index.clone()];
    elements.extend(state.elements().into_iter().cloned());
    elements.extend(augmented.elements(cs));
    elements.push(cyclefold.clone());
    chain(cs, start::<CS>(domain::STATE_CHAIN), &elements)
}
