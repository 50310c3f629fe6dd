//! The note accumulator U_N: every step of a batch, folded into one pair.
//!
//! It depends on no state root, so it is built while the batch is open and survives a change of the root
//! (`specs/folding.md`, FOLD-4).

use super::{FoldContext, RunningPair, fold_blinded};
use crate::{
    curves::{Commitment, Fr, RelaxedR1CSInstance},
    relaxed::{RelaxedError, RelaxedR1CSWitness, check_relaxed, concat_z, error_term},
    step::{CheckedStep, StepParams},
};
use ff::Field;
use rayon::prelude::*;

/// The running pair of note steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteAccumulator {
    pair: RunningPair,
    steps: u64,
}

impl NoteAccumulator {
    /// Starts with the public start pair.
    #[must_use]
    pub fn start(params: &StepParams) -> Self {
        Self {
            pair: start_pair(&params.fold_context()),
            steps: 0,
        }
    }

    /// Folds a checked step; returns the commitment to its cross term, which a verifier needs.
    pub fn push(&mut self, params: &StepParams, step: &CheckedStep) -> Commitment {
        let (pair, comm_t1) = fold_blinded(&params.fold_context(), &self.pair, step);
        self.pair = pair;
        self.steps += 1;
        comm_t1
    }

    /// Takes the latest steps out again, the last one first, each with its r and the instance before it.
    ///
    /// W comes back by subtraction, and E follows from W: no cross term is computed. `before` is the instance that the
    /// accumulator had before the first of the steps.
    pub(crate) fn unwind(
        &mut self,
        params: &StepParams,
        before: RelaxedR1CSInstance,
        steps: impl Iterator<Item = (Fr, CheckedStep)>,
    ) {
        let witness = &mut self.pair.witness;
        for (r, step) in steps {
            let own = step.witness();
            witness
                .w
                .par_iter_mut()
                .zip(&own.w)
                .for_each(|(a, b)| *a -= r * b);
            witness.r_w -= r * own.r_w;
            witness.r_e -= r + r.square() * own.r_e;
            self.steps -= 1;
        }
        let u = before.u();
        witness.e = error_term(params.shape(), &concat_z(&witness.w, u, before.X()), &u);
        self.pair.instance = before;
    }

    /// Puts back an accumulator that a checkpoint kept: E follows from W.
    ///
    /// # Errors
    ///
    /// [`RelaxedError`] when W does not open the instance.
    pub(crate) fn restore(
        params: &StepParams,
        instance: RelaxedR1CSInstance,
        w: Vec<Fr>,
        (r_w, r_e): (Fr, Fr),
        steps: u64,
    ) -> Result<Self, RelaxedError> {
        let u = instance.u();
        let e = error_term(params.shape(), &concat_z(&w, u, instance.X()), &u);
        let witness = RelaxedR1CSWitness { w, r_w, e, r_e };
        let restored = Self {
            pair: RunningPair { instance, witness },
            steps,
        };
        restored.check(params)?;
        Ok(restored)
    }

    /// Steps folded so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// U_N.
    #[must_use]
    pub fn instance(&self) -> &RelaxedR1CSInstance {
        &self.pair.instance
    }

    /// W_N.
    #[must_use]
    pub fn witness(&self) -> &RelaxedR1CSWitness {
        &self.pair.witness
    }

    /// Checks that the pair satisfies the step relation.
    ///
    /// # Errors
    ///
    /// [`RelaxedError`].
    pub fn check(&self, params: &StepParams) -> Result<(), RelaxedError> {
        check_relaxed(
            params.shape(),
            params.key(),
            &self.pair.instance,
            &self.pair.witness,
        )
    }
}

/// FOLD-3: the all-zero pair that Nova starts from, committed with blinding one.
///
/// Both commitments are the blinding generator, so no commitment is infinity, and the pair is the same whatever the
/// relation and the key are: a circuit can hold it as a constant.
#[must_use]
pub fn start_pair(context: &FoldContext<'_>) -> RunningPair {
    let shape = context.shape;
    let comm = Commitment::new((*context.key.blinding_generator()).into());
    let zeros = |length| vec![Fr::ZERO; length];
    let instance = RelaxedR1CSInstance::new(shape, comm, comm, Fr::ZERO, zeros(shape.num_io()))
        .expect("invariant: as many public inputs as the shape has");
    let witness = RelaxedR1CSWitness {
        w: zeros(shape.num_vars()),
        r_w: Fr::ONE,
        e: zeros(shape.num_cons()),
        r_e: Fr::ONE,
    };
    RunningPair { instance, witness }
}
