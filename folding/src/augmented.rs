//! The augmented circuit F′: one note step of a batch, and everything that makes the steps one proof.
//!
//! ```text
//! K, i, z, U_A, U_N, U_C ──► x (public value of step i − 1)
//!   fold (commit(w ‖ T), x) into U_A ┐
//!   fold the blinded step into U_N   ├─ six group operations, folded into U_C
//!   state transition on z            ┘
//! K, i + 1, z', U_A', U_N', U_C' ──► next x (the one public input)
//! ```
//!
//! Nova (eprint 2021/370, construction 4) over CycleFold (eprint 2023/1192). Spec: `specs/augmented-circuit.md`.

mod circuit;
mod clause;
mod folds;
mod gadgets;
mod input;
#[cfg(test)]
mod tests;
mod transition;
mod wires;

pub use circuit::synthesize;
#[cfg(any(test, feature = "testing"))]
pub use circuit::synthesize_transition;
pub use clause::AugmentedClause;
pub use input::{
    AugmentedInput, AugmentedInstance, BatchConstants, BatchState, DATA_ELEMENTS, NoteFold,
    SUBTREE_DEPTH, SUBTREE_LEAVES, Transition, augmented_digest, compress_leaf, cyclefold_start,
    data_elements, extend_data_digest, extend_fingerprint, leaf_elements, permutation_challenge,
    public_hash,
};
