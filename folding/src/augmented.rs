//! The augmented circuits: two chains of steps that together are one proof of a batch.
//!
//! ```text
//! note chain, F_N: depends on no state root, runs while the batch is open, survives a change of the root
//!   K_N, i, h_x, U_A, U_N, U_C ──► x ; fold the chain's previous step, fold the blinded step into U_N ; next x
//! state chain, F_S: starts from the U_C where the note chain ended
//!   K_S, i, z, U_A, U_C ──► x ; fold the chain's previous step, state transition on z ; next x
//! ```
//!
//! Each is Nova (eprint 2021/370, construction 4) over CycleFold (eprint 2023/1192), with one public input. Both absorb the
//! steps' statement hashes into the same chain h_x. Spec: `specs/augmented-circuit.md`.

mod circuit;
mod clause;
mod folds;
pub(crate) mod gadgets;
mod input;
#[cfg(test)]
mod tests;
mod transition;
mod wires;

#[cfg(any(test, feature = "testing"))]
pub use circuit::synthesize_transition;
pub use circuit::{synthesize_notes, synthesize_state};
pub use clause::AugmentedClause;
pub use input::{
    AugmentedInstance, BatchConstants, BatchState, DATA_ELEMENTS, NoteConstants, NoteFold,
    NoteInput, PreviousStep, SUBTREE_DEPTH, SUBTREE_LEAVES, StateInput, Transition,
    augmented_digest, compress_leaf, cyclefold_digest, cyclefold_start, data_elements,
    extend_data_digest, extend_fingerprint, extend_steps_digest, leaf_elements, note_hash,
    permutation_challenge, state_hash,
};
