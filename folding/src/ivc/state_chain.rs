//! The state chain: every step's state transition, proven by F_S. It starts from the U_C where the note chain ended.

use super::{Chain, FoldingParams, NoteChain, StepTimings, chain::ChainFold};
use crate::{
    augmented::{
        BatchConstants, BatchState, StateInput, Transition, cyclefold_digest, cyclefold_start,
        state_hash, synthesize_state,
    },
    curves::Fr,
    cyclefold::{CycleFoldPair, GroupOperationError},
    transcript::Transcript,
};
use std::time::Instant;

/// The state chain after some steps.
#[derive(Clone, Debug)]
pub struct StateChain {
    pub(crate) chain: Chain,
    pub(crate) constants: BatchConstants,
    pub(crate) state: BatchState,
    pub(crate) cyclefold: CycleFoldPair,
}

/// One step folded, before its witness is made.
struct Folded {
    input: StateInput,
    chain: ChainFold,
    cyclefold: CycleFoldPair,
    timings: StepTimings,
}

impl StateChain {
    /// Before the first step. The constants name the end of the note chain.
    #[must_use]
    pub fn start(params: &FoldingParams, constants: BatchConstants, notes: &NoteChain) -> Self {
        let constants = BatchConstants {
            cyclefold_start: notes.cyclefold_digest(),
            ..constants
        };
        Self {
            chain: Chain::start(params.state_shape()),
            state: BatchState::start(&constants),
            constants,
            cyclefold: notes.cyclefold.clone(),
        }
    }

    /// Steps so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.chain.index
    }

    /// Proves one more step.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] with probability 2^−125; the chain is unchanged.
    pub fn prove_step(
        &mut self,
        params: &FoldingParams,
        transition: Transition,
    ) -> Result<StepTimings, GroupOperationError> {
        let start = Instant::now();
        let index = self.chain.index;
        let folded = self.fold(params, transition)?;
        self.chain.advance(&folded.chain);
        let transition = &folded.input.transition;
        self.state = transition.apply(&self.constants, index, &self.state);
        self.cyclefold = folded.cyclefold;

        let input = Some(&folded.input);
        let synthesis = self.chain.witness_step(|cs| synthesize_state(cs, input));
        debug_assert_eq!(Some(self.hash()), self.chain.public_value());
        Ok(StepTimings {
            synthesis,
            total: start.elapsed(),
            ..folded.timings
        })
    }

    /// What F_S takes at one more step.
    #[cfg(test)]
    pub(crate) fn next_input(&self, params: &FoldingParams, transition: Transition) -> StateInput {
        self.fold(params, transition).expect("an honest step").input
    }

    fn fold(
        &self,
        params: &FoldingParams,
        transition: Transition,
    ) -> Result<Folded, GroupOperationError> {
        let start = Instant::now();
        let x = self.chain.public_value().unwrap_or_else(|| self.hash());
        let committed = self.chain.commit(params, params.state_shape());
        let commitment = start.elapsed();
        let start = Instant::now();
        let chain = self.chain.fold(committed, &x)?;
        let mut cyclefold = self.cyclefold.clone();
        let transcript = Transcript::resume(cyclefold_start(&x, &chain.digest));
        let step = params
            .cyclefold()
            .fold(&mut cyclefold, &chain.operation, transcript);
        let input = StateInput {
            constants: self.constants,
            previous: self.chain.previous(&chain, self.cyclefold.instance.clone()),
            state: self.state,
            comm_operation: step.comm,
            transition,
        };
        Ok(Folded {
            input,
            chain,
            cyclefold,
            timings: StepTimings {
                commitment,
                cyclefold: start.elapsed(),
                ..StepTimings::default()
            },
        })
    }

    pub(crate) fn hash(&self) -> Fr {
        state_hash(
            self.constants.digest(),
            self.chain.index,
            &self.state,
            &self.chain.augmented,
            &cyclefold_digest(&self.cyclefold.instance),
        )
    }
}
