//! The note chain: every step folded into U_N, proven by F_N. It depends on the steps and their order only.

use super::{Chain, FoldingParams, StepTimings, chain::ChainFold};
use crate::{
    augmented::{
        NoteConstants, NoteFold, NoteInput, cyclefold_digest, cyclefold_start, extend_steps_digest,
        note_hash, synthesize_notes,
    },
    curves::{Fr, RelaxedR1CSInstance},
    cyclefold::{
        CycleFoldPair, GroupOperation, GroupOperationError, GrumpkinPoint, NOTE_OPERATIONS,
    },
    domain,
    nifs::start_pair,
    transcript::{self, Transcript},
};
use ff::Field;
use std::time::{Duration, Instant};

/// The fold of a note step, with what F_N needs of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteStep {
    /// What arrived, the cross term, the results.
    pub fold: NoteFold,
    /// The group operations behind the results, in the order of F_N.
    pub operations: [GroupOperation; NOTE_OPERATIONS - 1],
    /// The digest that r was drawn from.
    pub digest: Fr,
    /// U_N after the fold.
    pub after: RelaxedR1CSInstance,
}

/// The note chain after some steps.
#[derive(Clone, Debug)]
pub struct NoteChain {
    pub(crate) chain: Chain,
    pub(crate) steps_digest: Fr,
    pub(crate) notes: RelaxedR1CSInstance,
    pub(crate) cyclefold: CycleFoldPair,
}

/// K_N.
pub(crate) fn note_constants(params: &FoldingParams) -> NoteConstants {
    let step_params = params.step().digest().to_scalar();
    NoteConstants {
        params: params.digest().to_scalar(),
        blind_start: transcript::start(domain::TRANSCRIPT_BLIND, step_params),
        blinded_start: transcript::start(domain::TRANSCRIPT_BLINDED, step_params),
    }
}

/// One step folded, before its witness is made.
struct Folded {
    input: NoteInput,
    chain: ChainFold,
    cyclefold: CycleFoldPair,
    timings: StepTimings,
}

impl NoteChain {
    /// Before the first step.
    #[must_use]
    pub fn start(params: &FoldingParams) -> Self {
        Self {
            chain: Chain::start(params.note_shape()),
            steps_digest: Fr::ZERO,
            notes: start_pair(&params.step().fold_context()).instance,
            cyclefold: params.cyclefold().start(),
        }
    }

    /// Steps so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.chain.index
    }

    /// Digest of U_C, from which a state chain starts.
    #[must_use]
    pub fn cyclefold_digest(&self) -> Fr {
        cyclefold_digest(&self.cyclefold.instance)
    }

    /// Proves one more step.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] with probability 2^−125; the chain is unchanged.
    pub fn prove_step(
        &mut self,
        params: &FoldingParams,
        note: &NoteStep,
    ) -> Result<StepTimings, GroupOperationError> {
        let start = Instant::now();
        let folded = self.fold(params, note)?;
        self.chain.advance(&folded.chain);
        let x = note.fold.incoming.fresh.X()[0];
        self.steps_digest = extend_steps_digest(self.steps_digest, &x);
        self.notes = note.after.clone();
        self.cyclefold = folded.cyclefold;

        let input = Some(&folded.input);
        let synthesis = self.chain.witness_step(|cs| synthesize_notes(cs, input));
        debug_assert_eq!(Some(self.hash(params)), self.chain.public_value());
        Ok(StepTimings {
            synthesis,
            total: start.elapsed(),
            ..folded.timings
        })
    }

    /// What F_N takes at one more step.
    #[cfg(test)]
    pub(crate) fn next_input(&self, params: &FoldingParams, note: &NoteStep) -> NoteInput {
        self.fold(params, note).expect("an honest step").input
    }

    /// Both folds of one more step. The group operations of the note run beside the commitment; that of U_A, which needs
    /// it, comes last.
    fn fold(&self, params: &FoldingParams, note: &NoteStep) -> Result<Folded, GroupOperationError> {
        let start = Instant::now();
        let x = self.public_value(params);
        let mut cyclefold = self.cyclefold.clone();
        let ((committed, commitment), (mut comms, last, mut cyclefold_time)) = rayon::join(
            || {
                (
                    self.chain.commit(params, params.note_shape()),
                    start.elapsed(),
                )
            },
            || fold_operations(params, &mut cyclefold, &x, note),
        );
        let chain = self.chain.fold(committed, &x)?;
        let last_start = Instant::now();
        let mut transcript = Transcript::resume(last);
        transcript.scalar(&chain.digest);
        let step = params
            .cyclefold()
            .fold(&mut cyclefold, &chain.operation, transcript);
        comms.push(step.comm);
        cyclefold_time += last_start.elapsed();
        let input = NoteInput {
            constants: note_constants(params),
            previous: self.chain.previous(&chain, self.cyclefold.instance.clone()),
            steps_digest: self.steps_digest,
            notes: self.notes.clone(),
            note: note.fold.clone(),
            comm_operations: comms
                .try_into()
                .expect("invariant: five operations of the note and one of U_A"),
        };
        Ok(Folded {
            input,
            chain,
            cyclefold,
            timings: StepTimings {
                commitment,
                cyclefold: cyclefold_time,
                ..StepTimings::default()
            },
        })
    }

    /// The public value of the last step; before the first, the hash of the start, which nothing folds.
    fn public_value(&self, params: &FoldingParams) -> Fr {
        self.chain
            .public_value()
            .unwrap_or_else(|| self.hash(params))
    }

    pub(crate) fn hash(&self, params: &FoldingParams) -> Fr {
        note_hash(
            note_constants(params).digest(),
            self.chain.index,
            &self.steps_digest,
            &self.chain.augmented,
            &self.notes,
            &self.cyclefold_digest(),
        )
    }
}

/// Folds the note's operations. Returns their commitments and the state of the transcript.
fn fold_operations(
    params: &FoldingParams,
    cyclefold: &mut CycleFoldPair,
    x: &Fr,
    note: &NoteStep,
) -> (Vec<GrumpkinPoint>, Fr, Duration) {
    let start = Instant::now();
    let mut state = cyclefold_start(x, &note.digest);
    let mut comms = Vec::with_capacity(NOTE_OPERATIONS);
    for operation in &note.operations {
        let transcript = Transcript::resume(state);
        let step = params.cyclefold().fold(cyclefold, operation, transcript);
        comms.push(step.comm);
        state = step.digest;
    }
    (comms, state, start.elapsed())
}
