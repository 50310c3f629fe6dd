//! Incrementally verifiable computation: the chain of augmented steps, its finished proof, and the native verifier.
//!
//! ```text
//! Ivc::start ─► prove_step (once a note step) ─► … ─► finish ─► IvcProof ─verify─► ()
//! ```
//!
//! Spec: `specs/augmented-circuit.md`, AUG-16 and IVC-1 to IVC-3.

mod params;
mod proof;
mod verify;

pub use params::FoldingParams;
pub use proof::IvcProof;
pub(crate) use proof::{
    put_augmented, put_bases, put_cyclefold, put_notes, put_scalars, read_augmented, read_bases,
    read_cyclefold, read_notes, read_scalars, read_state,
};
pub use verify::{IvcError, IvcStatement, verify};

use crate::{
    augmented::{
        AugmentedInput, AugmentedInstance, BatchConstants, BatchState, NoteFold, Transition,
        augmented_digest, cyclefold_start, public_hash, synthesize,
    },
    curves::{E1, Fr, G1Affine, RelaxedR1CSInstance},
    cyclefold::{CycleFoldPair, GroupOperation, GroupOperationError, GrumpkinPoint, OPERATIONS},
    joint::JointWitness,
    nifs::{NoteAccumulator, affine, start_pair},
    transcript::{Transcript, challenge},
};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, solver::SatisfyingAssignment};
use std::time::{Duration, Instant};

/// The fold of a note step, with what F′ needs of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteStep {
    /// What arrived, the cross term, the results.
    pub fold: NoteFold,
    /// The group operations behind the results, in the order of F′.
    pub operations: [GroupOperation; OPERATIONS - 1],
    /// The digest that r was drawn from.
    pub digest: Fr,
    /// U_N after the fold.
    pub after: RelaxedR1CSInstance,
}

/// Where the time of a step went.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepTimings {
    /// Cross term and commitment of the previous step, and the folds of the note's group operations beside them.
    pub commitments: Duration,
    /// Of that, the five CycleFold folds that ran beside the commitment.
    pub cyclefold: Duration,
    /// The fold of U_A with its own CycleFold fold.
    pub fold: Duration,
    /// Witness of F′.
    pub synthesis: Duration,
    /// All of it.
    pub total: Duration,
}

/// One step folded, before its witness is made.
pub(crate) struct FoldedInput {
    pub(crate) input: AugmentedInput,
    cyclefold: CycleFoldPair,
    /// w ‖ T of the previous step, and r.
    fresh: Option<(Vec<Fr>, Fr)>,
    timings: StepTimings,
}

/// The chain after some steps.
#[derive(Clone, Debug)]
pub struct Ivc {
    pub(crate) index: u64,
    pub(crate) state: BatchState,
    pub(crate) augmented: AugmentedInstance,
    pub(crate) witness: JointWitness<Fr>,
    pub(crate) notes: RelaxedR1CSInstance,
    pub(crate) cyclefold: CycleFoldPair,
    /// Witness and public value of the last step.
    pub(crate) fresh: Option<(Vec<Fr>, Fr)>,
}

impl Ivc {
    /// Before the first step.
    #[must_use]
    pub fn start(params: &FoldingParams, constants: &BatchConstants) -> Self {
        Self {
            index: 0,
            state: BatchState::start(constants),
            augmented: AugmentedInstance::start(),
            witness: JointWitness::zero(params.shape()),
            notes: start_pair(&params.step().fold_context()).instance,
            cyclefold: params.cyclefold().start(),
            fresh: None,
        }
    }

    /// Steps so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.index
    }

    /// z after them.
    #[must_use]
    pub fn state(&self) -> &BatchState {
        &self.state
    }

    /// Proves one more step.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`] with probability 2^−125; the chain is unchanged.
    pub fn prove_step(
        &mut self,
        params: &FoldingParams,
        constants: &BatchConstants,
        note: &NoteStep,
        transition: &Transition,
    ) -> Result<StepTimings, GroupOperationError> {
        let start = Instant::now();
        let folded = self.fold(params, constants, note, transition)?;
        let fold_start = Instant::now();
        if let Some((vector, r)) = &folded.fresh {
            let x = self.public_value(constants);
            self.witness.fold(vector, *r);
            self.augmented = AugmentedInstance {
                comm: folded.input.comm_augmented,
                u: self.augmented.u + r,
                x: self.augmented.x + r * x,
            };
        }
        self.state = transition.apply(constants, self.index, &self.state);
        self.notes = note.after.clone();
        self.cyclefold = folded.cyclefold;
        self.index += 1;
        let fold = folded.timings.fold + fold_start.elapsed();

        let synthesis_start = Instant::now();
        let mut cs = SatisfyingAssignment::<E1>::new();
        let next = synthesize(&mut cs.namespace(|| "augmented"), Some(&folded.input))
            .expect("invariant: an input has every value")
            .expect("invariant: an input has every value");
        debug_assert_eq!(next, self.hash(constants));
        self.fresh = Some((cs.aux_assignment().to_vec(), next));
        Ok(StepTimings {
            fold,
            synthesis: synthesis_start.elapsed(),
            total: start.elapsed(),
            ..folded.timings
        })
    }

    /// The three folds of one more step, and with them everything that F′ takes. Changes nothing.
    pub(crate) fn fold(
        &self,
        params: &FoldingParams,
        constants: &BatchConstants,
        note: &NoteStep,
        transition: &Transition,
    ) -> Result<FoldedInput, GroupOperationError> {
        let start = Instant::now();
        let x = self.public_value(constants);
        let mut cyclefold = self.cyclefold.clone();
        let ((vector, comm), (mut comms, last, cyclefold_time)) = rayon::join(
            || self.commit_fresh(params),
            || {
                let start = Instant::now();
                let (comms, digest) = fold_notes(params, &mut cyclefold, &x, note);
                (comms, digest, start.elapsed())
            },
        );
        let commitments = start.elapsed();

        let fold_start = Instant::now();
        let digest = augmented_digest(&x, &comm);
        let r = challenge(&digest);
        let operation = GroupOperation::new(self.augmented.comm, comm, &r)?;
        let mut transcript = Transcript::resume(last);
        transcript.scalar(&digest);
        let folded = params
            .cyclefold()
            .fold(&mut cyclefold, &operation, transcript);
        comms.push(folded.comm);
        let input = AugmentedInput {
            constants: *constants,
            index: self.index,
            state: self.state,
            augmented: self.augmented,
            notes: self.notes.clone(),
            cyclefold: self.cyclefold.instance.clone(),
            comm_previous: comm,
            comm_augmented: *operation.result(),
            note: note.fold.clone(),
            comm_operations: comms
                .try_into()
                .expect("invariant: five operations of the note and one of U_A"),
            transition: transition.clone(),
        };
        Ok(FoldedInput {
            input,
            cyclefold,
            fresh: vector.map(|vector| (vector, r)),
            timings: StepTimings {
                commitments,
                cyclefold: cyclefold_time,
                fold: fold_start.elapsed(),
                ..StepTimings::default()
            },
        })
    }

    /// Folds the last step and hands out the proof.
    ///
    /// # Panics
    ///
    /// When no step was proven: callers close only batches that have one.
    #[must_use]
    pub fn finish(&self, params: &FoldingParams, notes: &NoteAccumulator) -> IvcProof {
        let (vector, comm) = self.commit_fresh(params);
        let vector = vector.expect("invariant: at least one step was proven");
        let (_, x) = self.fresh.as_ref().expect("invariant: as above");
        let r = challenge(&augmented_digest(x, &comm));
        let mut witness = self.witness.clone();
        witness.fold(&vector, r);
        IvcProof {
            state: self.state,
            augmented: self.augmented,
            comm_last: comm,
            w_augmented: witness.w,
            notes: self.notes.clone(),
            w_notes: notes.witness().w.clone(),
            r_w: notes.witness().r_w,
            r_e: notes.witness().r_e,
            cyclefold: self.cyclefold.instance.clone(),
            w_cyclefold: self.cyclefold.witness.w.clone(),
        }
    }

    /// The public value of the last step; before the first, the hash of the start, which nothing folds.
    fn public_value(&self, constants: &BatchConstants) -> Fr {
        match &self.fresh {
            Some((_, x)) => *x,
            None => self.hash(constants),
        }
    }

    fn hash(&self, constants: &BatchConstants) -> Fr {
        public_hash(
            constants.digest(),
            self.index,
            &self.state,
            &self.augmented,
            &self.notes,
            &self.cyclefold.instance,
        )
    }

    /// w ‖ T of the last step and its commitment. Before the first there is none, and any point takes its place.
    fn commit_fresh(&self, params: &FoldingParams) -> (Option<Vec<Fr>>, G1Affine) {
        let Some((w, x)) = &self.fresh else {
            return (None, G1Affine::generator());
        };
        let running = (self.augmented.u, &[self.augmented.x][..]);
        let vector = self.witness.fresh_vector(params.shape(), running, w, &[*x]);
        let comm = affine(&params.step().key().commit(&vector, &Fr::ZERO));
        (Some(vector), comm)
    }
}

/// Folds the note's operations. Returns their commitments and the state of the transcript.
fn fold_notes(
    params: &FoldingParams,
    cyclefold: &mut CycleFoldPair,
    x: &Fr,
    note: &NoteStep,
) -> (Vec<GrumpkinPoint>, Fr) {
    let mut state = cyclefold_start(x, &note.digest);
    let mut comms = Vec::with_capacity(OPERATIONS);
    for operation in &note.operations {
        let transcript = Transcript::resume(state);
        let step = params.cyclefold().fold(cyclefold, operation, transcript);
        comms.push(step.comm);
        state = step.digest;
    }
    (comms, state)
}
