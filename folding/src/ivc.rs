//! Incrementally verifiable computation: the two chains, the finished proof, and the native verifier.
//!
//! ```text
//! NoteChain ─ a step for each note step, while the batch is open ─┐ U_C
//!                     StateChain ─ a step for each, once it is closed ─► finish ─► IvcProof ─verify─► ()
//! ```
//!
//! Spec: `specs/augmented-circuit.md`, AUG-17 and IVC-1 to IVC-4; what a valid proof means: SEC-9 and SEC-10.

mod chain;
mod note_chain;
mod params;
mod proof;
mod state_chain;
mod verify;

pub(crate) use chain::Chain;
pub use note_chain::{NoteChain, NoteStep};
pub use params::FoldingParams;
pub use proof::{ChainProof, IvcProof};
pub(crate) use proof::{
    put_augmented, put_bases, put_cyclefold, put_notes, put_scalars, read_augmented, read_bases,
    read_cyclefold, read_notes, read_scalars, read_state,
};
pub use state_chain::StateChain;
pub use verify::{ChainName, IvcError, IvcStatement, verify};

use crate::nifs::NoteAccumulator;
use std::time::Duration;

/// Where the time of a step of a chain went.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepTimings {
    /// Cross term and commitment of the chain's previous step; in the note chain with the CycleFold folds beside them.
    pub commitment: Duration,
    /// CycleFold folds.
    pub cyclefold: Duration,
    /// Witness of the circuit.
    pub synthesis: Duration,
    /// All of it.
    pub total: Duration,
}

/// The finished proof of both chains.
///
/// # Panics
///
/// When a chain has no step: only batches that have one are closed.
#[must_use]
pub fn finish(
    params: &FoldingParams,
    notes: &NoteChain,
    state: &StateChain,
    accumulator: &NoteAccumulator,
) -> IvcProof {
    let witness = accumulator.witness();
    IvcProof {
        note_chain: notes.chain.finish(params, params.note_shape()),
        state_chain: state.chain.finish(params, params.state_shape()),
        state: state.state,
        notes: notes.notes.clone(),
        w_notes: witness.w.clone(),
        r_w: witness.r_w,
        r_e: witness.r_e,
        cyclefold_start: notes.cyclefold_digest(),
        cyclefold: state.cyclefold.instance.clone(),
        w_cyclefold: state.cyclefold.witness.w.clone(),
    }
}
