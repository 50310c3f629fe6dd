//! What both chains do alike: U_A, and the fold of the previous step into it.

use super::{ChainProof, FoldingParams};
use crate::{
    augmented::{AugmentedInstance, PreviousStep, augmented_digest},
    curves::{E1, Fr, G1Affine, R1CSShape},
    cyclefold::{CycleFoldInstance, GroupOperation, GroupOperationError},
    joint::JointWitness,
    nifs::affine,
    transcript::challenge,
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, SynthesisError, solver::SatisfyingAssignment};
use std::time::{Duration, Instant};

/// A chain after some steps.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Steps so far.
    pub(crate) index: u64,
    /// U_A before the last step is folded.
    pub(crate) augmented: AugmentedInstance,
    /// Its witness.
    pub(crate) witness: JointWitness<Fr>,
    /// Witness and public value of the last step.
    pub(crate) fresh: Option<(Vec<Fr>, Fr)>,
}

/// commit(w ‖ T) of the last step.
pub(super) struct Committed {
    /// Nothing before the first step.
    vector: Option<Vec<Fr>>,
    /// Any point where there is nothing to commit to.
    pub(super) comm: G1Affine,
}

/// The fold of the last step into U_A, not taken yet.
pub(super) struct ChainFold {
    committed: Committed,
    /// The digest that r was drawn from.
    pub(super) digest: Fr,
    r: Fr,
    /// U_A's new commitment as a group operation.
    pub(super) operation: GroupOperation,
}

impl Chain {
    pub(super) fn start(shape: &R1CSShape) -> Self {
        Self {
            index: 0,
            augmented: AugmentedInstance::start(),
            witness: JointWitness::zero(shape),
            fresh: None,
        }
    }

    /// The public value of the last step, if there is one.
    pub(super) fn public_value(&self) -> Option<Fr> {
        self.fresh.as_ref().map(|(_, x)| *x)
    }

    /// Cross term and commitment of the last step.
    pub(super) fn commit(&self, params: &FoldingParams, shape: &R1CSShape) -> Committed {
        let Some((w, x)) = &self.fresh else {
            return Committed {
                vector: None,
                comm: G1Affine::generator(),
            };
        };
        let running = (self.augmented.u, &[self.augmented.x][..]);
        let vector = self.witness.fresh_vector(shape, running, w, &[*x]);
        let comm = affine(&params.step().key().commit(&vector, &Fr::ZERO));
        Committed {
            vector: Some(vector),
            comm,
        }
    }

    /// The challenge and the group operation of the fold. `x` is the public value of the last step.
    pub(super) fn fold(
        &self,
        committed: Committed,
        x: &Fr,
    ) -> Result<ChainFold, GroupOperationError> {
        let digest = augmented_digest(x, &committed.comm);
        let r = challenge(&digest);
        let operation = GroupOperation::new(self.augmented.comm, committed.comm, &r)?;
        Ok(ChainFold {
            committed,
            digest,
            r,
            operation,
        })
    }

    /// What a circuit takes of this step.
    pub(super) fn previous(&self, fold: &ChainFold, cyclefold: CycleFoldInstance) -> PreviousStep {
        PreviousStep {
            index: self.index,
            augmented: self.augmented,
            cyclefold,
            comm_previous: fold.committed.comm,
            comm_augmented: *fold.operation.result(),
        }
    }

    /// Takes the fold. At the start there is no step to fold, and U_A stays.
    pub(super) fn advance(&mut self, fold: &ChainFold) {
        if let (Some(vector), Some((_, x))) = (&fold.committed.vector, &self.fresh) {
            self.witness.fold(vector, fold.r);
            self.augmented = AugmentedInstance {
                comm: *fold.operation.result(),
                u: self.augmented.u + fold.r,
                x: self.augmented.x + fold.r * x,
            };
        }
        self.index += 1;
    }

    /// Makes the witness of the step that was just taken, with its public value, and says how long that took.
    pub(super) fn witness_step(
        &mut self,
        synthesize: impl FnOnce(&mut SatisfyingAssignment<E1>) -> Result<Option<Fr>, SynthesisError>,
    ) -> Duration {
        let start = Instant::now();
        let mut cs = SatisfyingAssignment::<E1>::new();
        let next = synthesize(&mut cs)
            .expect("invariant: an input has every value")
            .expect("invariant: an input has every value");
        self.fresh = Some((cs.aux_assignment().to_vec(), next));
        start.elapsed()
    }

    /// Folds the last step and hands out the chain's part of the proof.
    pub(super) fn finish(&self, params: &FoldingParams, shape: &R1CSShape) -> ChainProof {
        let Committed { vector, comm } = self.commit(params, shape);
        let vector = vector.expect("invariant: at least one step was proven");
        let (_, x) = self.fresh.as_ref().expect("invariant: as above");
        let r = challenge(&augmented_digest(x, &comm));
        let mut witness = self.witness.clone();
        witness.fold(&vector, r);
        ChainProof {
            augmented: self.augmented,
            comm_last: comm,
            w: witness.w,
        }
    }
}
