//! The claims: public values and instances, committed before everything else.

use super::{buckets::PointWires, input::DeciderInput, round::FirstRound};
use crate::public_values::{COUNT, OpenedCommitment, PublicValue};
use notefold_folding::{
    curves::{Fr, RelaxedR1CSInstance},
    cyclefold::X_LIMBS,
    gadget::Wire,
    transcript::LIMBS,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// The list of public values as wires.
pub(crate) struct PublicWires(pub(crate) Vec<Wire>);

impl PublicWires {
    pub(crate) fn get(&self, value: PublicValue) -> &Wire {
        &self.0[value as usize]
    }

    /// A commitment as transcripts absorb it.
    pub(crate) fn commitment(&self, commitment: OpenedCommitment) -> &[Wire] {
        let start = PublicValue::ALL.len() + LIMBS * commitment as usize;
        &self.0[start..start + LIMBS]
    }
}

/// u and X of a relaxed instance.
pub(crate) struct InstanceWires {
    pub(crate) u: Wire,
    pub(crate) x: Wire,
}

/// The parts of a state root.
pub(crate) struct StateWires {
    pub(crate) all: Vec<Wire>,
}

impl StateWires {
    pub(crate) fn note_root(&self) -> &Wire {
        &self.all[0]
    }

    pub(crate) fn note_count(&self) -> &Wire {
        &self.all[1]
    }

    pub(crate) fn nullifier_root(&self) -> &Wire {
        &self.all[2]
    }

    pub(crate) fn nullifier_count(&self) -> &Wire {
        &self.all[3]
    }

    pub(crate) fn history_root(&self) -> &Wire {
        &self.all[4]
    }

    pub(crate) fn batch_number(&self) -> &Wire {
        &self.all[5]
    }
}

/// U_C.
pub(crate) struct CycleFoldWires {
    pub(crate) comm: PointWires,
    pub(crate) u: Wire,
    pub(crate) x: Vec<Wire>,
}

/// Everything that is claimed.
pub(crate) struct Claims {
    pub(crate) public: PublicWires,
    pub(crate) before: StateWires,
    pub(crate) after: StateWires,
    /// The nullifier root after all redirections.
    pub(crate) redirected_root: Wire,
    /// Both products of the permutation argument, which are equal.
    pub(crate) product: Wire,
    /// Chain over the steps' statement hashes.
    pub(crate) steps_digest: Wire,
    /// Digest of U_C where the note chain ends.
    pub(crate) cyclefold_start: Wire,
    /// U_A of both chains before their last folds.
    pub(crate) augmented: [InstanceWires; 2],
    /// U_N.
    pub(crate) notes: InstanceWires,
    /// U_C.
    pub(crate) cyclefold: CycleFoldWires,
}

impl Claims {
    pub(crate) fn alloc<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        round: &mut FirstRound,
        input: Option<&DeciderInput>,
    ) -> Result<Self, SynthesisError> {
        let mut list = |name: &'static str, count: usize, values: Option<Vec<Fr>>| {
            round.alloc_all(&mut cs.namespace(|| name), count, values.as_deref())
        };
        let public = list("public values", COUNT, input.map(|i| i.public.elements()))?;
        let states = input.map(DeciderInput::states);
        let before = list("state before", 6, states.map(|s| s[0].to_vec()))?;
        let after = list("state after", 6, states.map(|s| s[1].to_vec()))?;
        let links = list(
            "links",
            4,
            input.map(|i| {
                let z = &i.proof.state;
                vec![
                    z.nullifier_root,
                    z.appended,
                    z.steps_digest,
                    i.proof.cyclefold_start,
                ]
            }),
        )?;
        let instances = list(
            "instances",
            6,
            input.map(|i| {
                let [notes, state] = i.augmented();
                let u_n: &RelaxedR1CSInstance = &i.proof.notes;
                vec![notes.u, notes.x, state.u, state.x, u_n.u(), u_n.X()[0]]
            }),
        )?;
        let cyclefold = list(
            "U_C",
            3 + X_LIMBS,
            input.map(|i| {
                let instance = i.cyclefold_instance();
                let mut all = vec![instance.comm.x, instance.comm.y, instance.u];
                all.extend(instance.x);
                all
            }),
        )?;
        let instance = |at: usize| InstanceWires {
            u: instances[at].clone(),
            x: instances[at + 1].clone(),
        };
        Ok(Self {
            public: PublicWires(public),
            before: StateWires { all: before },
            after: StateWires { all: after },
            redirected_root: links[0].clone(),
            product: links[1].clone(),
            steps_digest: links[2].clone(),
            cyclefold_start: links[3].clone(),
            augmented: [instance(0), instance(2)],
            notes: instance(4),
            cyclefold: CycleFoldWires {
                comm: PointWires {
                    x: cyclefold[0].clone(),
                    y: cyclefold[1].clone(),
                },
                u: cyclefold[2].clone(),
                x: cyclefold[3..].to_vec(),
            },
        })
    }
}
