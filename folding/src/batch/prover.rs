//! BATCH-3. Proving a closed batch, one step at a time.

use super::{ClosedBatch, ProvenBatch};
use crate::{
    cyclefold::GroupOperationError,
    ivc::{FoldingParams, StateChain, StepTimings, finish},
};

/// A batch being proven: what is left of the note chain, then the state chain.
#[derive(Clone, Debug)]
pub struct BatchProver {
    pub(super) batch: ClosedBatch,
    pub(super) state: Option<StateChain>,
}

/// A step of one of the chains.
#[derive(Clone, Copy, Debug)]
pub enum ProvenStep {
    /// Of the note chain.
    Notes(StepTimings),
    /// Of the state chain.
    State(StepTimings),
}

impl BatchProver {
    pub(super) fn start(batch: ClosedBatch) -> Self {
        Self { batch, state: None }
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

    /// Steps proven and steps to prove, both chains together.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        let state = self.state.as_ref().map_or(0, StateChain::steps);
        let steps = self.batch.steps().len() as u64;
        (self.batch.open().chain.steps() + state, 2 * steps)
    }

    /// Proves the next step. Nothing is left to do when there is none.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] with probability 2^−125; nothing changed.
    pub fn step(
        &mut self,
        params: &FoldingParams,
    ) -> Result<Option<ProvenStep>, GroupOperationError> {
        if let Some(timings) = self.batch.open_mut().advance(params)? {
            return Ok(Some(ProvenStep::Notes(timings)));
        }
        let constants = *self.batch.constants();
        let notes = &self.batch.open().chain;
        let chain = self
            .state
            .get_or_insert_with(|| StateChain::start(params, constants, notes));
        let index = usize::try_from(chain.steps()).expect("invariant: below 2^15");
        if index == self.batch.steps().len() {
            return Ok(None);
        }
        let transition = self.batch.transition(index);
        let timings = chain.prove_step(params, transition)?;
        Ok(Some(ProvenStep::State(timings)))
    }

    /// What F_N takes at the next step.
    #[cfg(test)]
    pub(crate) fn next_note_input(&self, params: &FoldingParams) -> crate::augmented::NoteInput {
        let chain = &self.batch.open().chain;
        let index = usize::try_from(chain.steps()).expect("small");
        chain.next_input(params, self.batch.steps()[index].note())
    }

    /// What F_S takes at the next step.
    #[cfg(test)]
    pub(crate) fn next_state_input(&self, params: &FoldingParams) -> crate::augmented::StateInput {
        let start = || StateChain::start(params, *self.batch.constants(), &self.batch.open().chain);
        let chain = self.state.clone().unwrap_or_else(start);
        let index = usize::try_from(chain.steps()).expect("small");
        chain.next_input(params, self.batch.transition(index))
    }

    /// The public values of the last steps of both chains, as they were proven and as they are natively.
    #[cfg(test)]
    pub(crate) fn last_hashes(&self, params: &FoldingParams) -> Vec<[crate::curves::Fr; 2]> {
        let proven = |chain: &crate::ivc::Chain| chain.fresh.as_ref().map(|(_, x)| *x);
        let notes = &self.batch.open().chain;
        let mut hashes = Vec::new();
        hashes.extend(proven(&notes.chain).map(|x| [x, notes.hash(params)]));
        if let Some(state) = &self.state {
            hashes.extend(proven(&state.chain).map(|x| [x, state.hash()]));
        }
        hashes
    }

    /// Proves what is left and hands out the proof. The prover can go on to a re-fold.
    ///
    /// # Errors
    ///
    /// As [`Self::step`].
    pub fn finish(&mut self, params: &FoldingParams) -> Result<ProvenBatch, GroupOperationError> {
        while self.step(params)?.is_some() {}
        let state = self.state.as_ref().expect("invariant: a step starts it");
        Ok(ProvenBatch {
            statement: self.batch.statement().clone(),
            data: self.batch.data(),
            proof: finish(params, &self.batch.open().chain, state, self.batch.notes()),
        })
    }
}
