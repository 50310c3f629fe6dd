//! BATCH-1, BATCH-5. A batch that takes steps: each is applied to the state natively and folded into U_N at once.

use super::{ClosedBatch, FoldedStep};
use crate::{
    curves::RelaxedR1CSInstance,
    cyclefold::{GroupOperationError, MAX_STEPS},
    ivc::{FoldingParams, NoteChain, StepTimings},
    nifs::{NoteAccumulator, start_pair},
    state::{State, StateError, StateRoot},
    step::{CheckedStep, Deployment, StatementHash},
};
use std::time::{Duration, Instant};

/// Why a step is not taken into a batch. The batch is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// A step of another deployment.
    #[error("expected a step of deployment {expected}, got one of {got}")]
    Deployment {
        /// Deployment of the batch.
        expected: Deployment,
        /// Deployment of the step.
        got: Deployment,
    },
    /// Its anchor is too old, or a nullifier is spent, in the state or in this batch.
    #[error(transparent)]
    State(#[from] StateError),
    /// Its commitments do not fold.
    #[error(transparent)]
    Commitments(#[from] GroupOperationError),
    /// The batch has as many steps as a batch can have.
    #[error("expected fewer than {MAX_STEPS} steps in the batch, got a further one")]
    Full,
}

/// A step that a re-fold left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its place in the batch before.
    pub index: usize,
    /// Which step.
    pub x: StatementHash,
    /// Why it does not apply to the new state.
    pub reason: StateError,
}

/// Where the time of taking a step in went.
#[derive(Clone, Copy, Debug, Default)]
pub struct PushTimings {
    /// The native state transition.
    pub state: Duration,
    /// Cross term, its commitment, and the group operations.
    pub fold: Duration,
}

/// A batch that takes steps.
#[derive(Clone, Debug)]
pub struct OpenBatch {
    pub(super) deployment: Deployment,
    pub(super) before: State,
    pub(super) working: State,
    pub(super) steps: Vec<FoldedStep>,
    pub(super) slots: Vec<u32>,
    pub(super) notes: NoteAccumulator,
    pub(super) chain: NoteChain,
}

impl OpenBatch {
    /// Opens a batch on a state.
    #[must_use]
    pub fn open(params: &FoldingParams, deployment: Deployment, state: State) -> Self {
        Self {
            deployment,
            working: state.clone(),
            before: state,
            steps: Vec::new(),
            slots: Vec::new(),
            notes: NoteAccumulator::start(params.step()),
            chain: NoteChain::start(params),
        }
    }

    /// Takes a step in, and returns the state root after it: known at once, before anything is proven.
    ///
    /// # Errors
    ///
    /// [`PushError`]; the batch is unchanged.
    pub fn push(
        &mut self,
        params: &FoldingParams,
        step: &CheckedStep,
    ) -> Result<StateRoot, PushError> {
        self.push_timed(params, step).map(|(root, _)| root)
    }

    /// [`Self::push`], with where its time went.
    ///
    /// # Errors
    ///
    /// [`PushError`]; the batch is unchanged.
    pub fn push_timed(
        &mut self,
        params: &FoldingParams,
        step: &CheckedStep,
    ) -> Result<(StateRoot, PushTimings), PushError> {
        if self.steps.len() as u64 >= MAX_STEPS {
            return Err(PushError::Full);
        }
        let got = step.statement().deployment;
        if got != self.deployment {
            return Err(PushError::Deployment {
                expected: self.deployment,
                got,
            });
        }
        let start = Instant::now();
        let applied = self.working.apply(&step.statement().update())?;
        let state = start.elapsed();
        let start = Instant::now();
        let running = self.running(params);
        let mut notes = self.notes.clone();
        let comm_t1 = notes.push(params.step(), step);
        let record = FoldedStep::new(
            params,
            *step.statement(),
            step.incoming().clone(),
            &running,
            &comm_t1,
        );
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                // The state has taken the step already. This has probability 2^−125, so it may cost what it costs.
                self.working = self.replay();
                return Err(error.into());
            }
        };
        debug_assert_eq!(record.note().after, *notes.instance());
        self.notes = notes;
        self.steps.push(record);
        self.slots.push(applied.anchor_slot);
        let timings = PushTimings {
            state,
            fold: start.elapsed(),
        };
        Ok((self.working.root(), timings))
    }

    /// Proves the note chain's step of the first step that it does not have yet. Nothing is left to do when there is none.
    ///
    /// It may run whenever there is time, while the batch is open; a prover does what is left.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] with probability 2^−125; nothing changed.
    pub fn advance(
        &mut self,
        params: &FoldingParams,
    ) -> Result<Option<StepTimings>, GroupOperationError> {
        let done = usize::try_from(self.chain.steps()).expect("invariant: below 2^15");
        let Some(step) = self.steps.get(done) else {
            return Ok(None);
        };
        self.chain.prove_step(params, step.note()).map(Some)
    }

    /// Steps taken so far.
    #[must_use]
    pub fn steps(&self) -> &[FoldedStep] {
        &self.steps
    }

    /// The state root after them.
    #[must_use]
    pub fn root(&self) -> StateRoot {
        self.working.root()
    }

    /// Ends the batch, if it has a step.
    ///
    /// # Errors
    ///
    /// The batch itself, when it is empty.
    pub fn close(self, params: &FoldingParams) -> Result<ClosedBatch, Box<Self>> {
        if self.steps.is_empty() {
            return Err(Box::new(self));
        }
        Ok(ClosedBatch::new(params, self))
    }

    /// The same batch on another state: after another batch landed first, or a reorganisation of the chain.
    ///
    /// Steps that do not apply any more are dropped, each with its reason. Intake checks are not made again. Where nothing
    /// is dropped, U_N, its cross terms and the note chain are kept whole. Where something is, U_N and its cross terms are
    /// kept up to the first dropped step; from there on `source` is asked for the steps' witnesses, by their place in this
    /// batch. A note chain that went past that step starts anew.
    ///
    /// # Errors
    ///
    /// What `source` fails with.
    pub fn refold<E>(
        self,
        params: &FoldingParams,
        state: State,
        mut source: impl FnMut(usize) -> Result<CheckedStep, E>,
    ) -> Result<(Self, Vec<Dropped>), E> {
        let mut working = state.clone();
        let mut slots = Vec::with_capacity(self.steps.len());
        let mut dropped = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            match working.apply(&step.statement().update()) {
                Ok(applied) => slots.push(applied.anchor_slot),
                Err(reason) => dropped.push(Dropped {
                    index,
                    x: step.statement().hash(),
                    reason,
                }),
            }
        }
        let mut batch = Self {
            before: state,
            working,
            slots,
            ..self
        };
        let Some(first) = dropped.first().map(|d| d.index) else {
            return Ok((batch, dropped));
        };
        let later = batch.steps.split_off(first);
        let witnesses = (first..first + later.len())
            .map(&mut source)
            .collect::<Result<Vec<_>, E>>()?;
        if batch.chain.steps() > first as u64 {
            batch.chain = NoteChain::start(params);
        }
        let before = batch.running(params);
        let unwound = later.iter().zip(&witnesses).rev();
        batch.notes.unwind(
            params.step(),
            before,
            unwound.map(|(record, step)| (record.challenge(), step.clone())),
        );
        for (index, step) in (first..).zip(&witnesses) {
            if dropped.iter().any(|d| d.index == index) {
                continue;
            }
            let running = batch.running(params);
            let comm_t1 = batch.notes.push(params.step(), step);
            let record = FoldedStep::new(
                params,
                *step.statement(),
                step.incoming().clone(),
                &running,
                &comm_t1,
            );
            batch
                .steps
                .push(record.expect("invariant: a fold is degenerate with probability 2^−125"));
        }
        Ok((batch, dropped))
    }

    /// U_N.
    pub(super) fn running(&self, params: &FoldingParams) -> RelaxedR1CSInstance {
        match self.steps.last() {
            Some(step) => step.note().after.clone(),
            None => start_pair(&params.step().fold_context()).instance,
        }
    }

    /// The working state from the start.
    fn replay(&self) -> State {
        let mut state = self.before.clone();
        for step in &self.steps {
            state
                .apply(&step.statement().update())
                .expect("invariant: it applied before");
        }
        state
    }
}
