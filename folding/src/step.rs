//! One step: up to two notes in, two notes out, proven by their owner and private from the aggregator.
//!
//! ```text
//! StepBuilder ─► Step { statement, witness } ─prove(mask)─► StepProof ─verify─► CheckedStep ─► (folding)
//!                                               ▲               │ bytes
//!                                          MaskPool             └──► the aggregator
//! ```
//!
//! - `statement`: what a step makes public, and its one-element hash;
//! - `published`: what the chain keeps of a step, read back;
//! - `assignment`: every value of the relation R_N, each on its own;
//! - `clause`: the clauses' names; `check`: the clauses natively; `circuit`: the clauses as constraints;
//! - `params`: circuit, commitment key, and the digest that names both;
//! - `mask`: random satisfying pairs, made ahead of time; `proof`: the blinding fold; `verify`: its check;
//! - `builder`: from a wallet's notes to a step.
//!
//! Spec: `specs/step.md`, `specs/step-proof.md`.

mod assignment;
mod builder;
mod check;
mod circuit;
mod clause;
mod mask;
mod params;
mod proof;
mod published;
mod statement;
#[cfg(test)]
mod tests;
mod verify;
mod witness_cs;

pub use assignment::{InputAssignment, OutputAssignment, StepAssignment};
pub use builder::{BuildError, InputNote, Step, StepBuilder};
pub use check::{ClauseViolation, check};
pub use circuit::synthesize;
#[cfg(any(test, feature = "testing"))]
pub(crate) use circuit::synthesize_clauses;
pub use clause::Clause;
pub use mask::{Mask, MaskPool};
pub use params::{KeyTooShort, ParamsDigest, StepParams};
pub use proof::{MAX_STEP_PROOF_BYTES, ProveError, StepProof, prove};
pub use published::PublishedStep;
pub(crate) use statement::statement_hash;
pub use statement::{
    Deployment, DepositId, External, Recipient, StatementError, StatementHash, StepStatement,
};
pub use verify::{CheckedStep, VerifyError, verify, verify_batch};

/// Notes spent by a step, and notes made by it.
pub const NOTES: usize = 2;
