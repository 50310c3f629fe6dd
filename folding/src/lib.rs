//! Notes, state trees, blinded step proofs, and their folding into one proof of a batch.
//!
//! ```text
//! keys ─► note ─► step (statement, circuit, proof) ─► nifs (one accumulator for many steps)
//!           └──► tree ─► state                            └─► augmented ─► ivc ─► batch
//!                                                   cyclefold ──┘ (group operations)
//! ```
//!
//! - [`keys`], [`note`], [`value`], [`encryption`]: the note protocol
//! - [`tree`], [`state`]: native state trees and the state root
//! - [`step`]: the note-step relation, its circuit, and blinded step proofs
//! - [`relaxed`], [`nifs`], [`joint`], [`transcript`]: relaxed R1CS, its folds, and their challenges
//! - [`cyclefold`]: the group operation of a fold, as a circuit over Fq, and the folds of its instances
//! - [`augmented`], [`ivc`]: the circuits of the two chains, the chains, their proof and its verifier
//! - [`batch`]: open, closed, proven; checkpoints and re-folds
//! - [`commitment_key`], [`msm`]: powers of tau, and multiplication over fixed bases
//! - [`gadget`]: what other circuits take of these
//! - [`poseidon`], [`curves`], [`domain`], [`encoding`], [`secret`]: what all of them share

pub mod augmented;
pub mod batch;
pub mod commitment_key;
pub mod curves;
pub mod cyclefold;
pub mod domain;
pub mod encoding;
pub mod encryption;
pub mod gadget;
pub mod ivc;
pub mod joint;
pub mod keys;
pub mod msm;
pub mod nifs;
pub mod note;
mod points;
pub mod poseidon;
pub mod relaxed;
pub mod secret;
pub mod state;
pub mod step;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transcript;
pub mod tree;
pub mod value;
