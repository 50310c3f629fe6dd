//! Proving a closed batch, one step at a time.

use super::{ClosedBatch, ProvenBatch};
use crate::{
    cyclefold::GroupOperationError,
    ivc::{FoldingParams, Ivc, StepTimings},
};

/// A batch being proven.
#[derive(Clone, Debug)]
pub struct BatchProver {
    pub(super) batch: ClosedBatch,
    pub(super) ivc: Ivc,
}

impl BatchProver {
    pub(super) fn start(params: &FoldingParams, batch: ClosedBatch) -> Self {
        let ivc = Ivc::start(params, batch.constants());
        Self { batch, ivc }
    }

    /// The batch.
    #[must_use]
    pub fn batch(&self) -> &ClosedBatch {
        &self.batch
    }

    /// Gives the batch back, to re-fold it.
    #[must_use]
    pub fn into_batch(self) -> ClosedBatch {
        self.batch
    }

    /// Steps proven, and steps of the batch.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.ivc.steps(), self.batch.steps().len() as u64)
    }

    /// Proves the next step. Nothing is left to do when there is none.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] with probability 2^−125; nothing changed.
    pub fn step(
        &mut self,
        params: &FoldingParams,
    ) -> Result<Option<StepTimings>, GroupOperationError> {
        let index = usize::try_from(self.ivc.steps()).expect("invariant: below 2^15");
        let Some(step) = self.batch.steps().get(index) else {
            return Ok(None);
        };
        let transition = self.batch.transition(index);
        let constants = *self.batch.constants();
        self.ivc
            .prove_step(params, &constants, step.note(), &transition)
            .map(Some)
    }

    /// The public value of the last step.
    #[cfg(test)]
    pub(crate) fn last_hash(&self) -> crate::curves::Fr {
        self.ivc.fresh.as_ref().expect("a step was proven").1
    }

    /// What F′ takes at the next step.
    #[cfg(test)]
    pub(crate) fn next_input(&self, params: &FoldingParams) -> crate::augmented::AugmentedInput {
        let index = usize::try_from(self.ivc.steps()).expect("small");
        let note = self.batch.steps()[index].note();
        let transition = self.batch.transition(index);
        self.ivc
            .fold(params, self.batch.constants(), note, &transition)
            .expect("an honest step")
            .input
    }

    /// Proves what is left and hands out the proof. The prover can go on to a re-fold.
    ///
    /// # Errors
    ///
    /// As [`Self::step`].
    pub fn finish(&mut self, params: &FoldingParams) -> Result<ProvenBatch, GroupOperationError> {
        while self.step(params)?.is_some() {}
        Ok(ProvenBatch {
            statement: self.batch.statement().clone(),
            data: self.batch.data(),
            proof: self.ivc.finish(params, self.batch.notes()),
        })
    }
}
