//! A batch from its first step to its proof.
//!
//! ```text
//! OpenBatch ──close─► ClosedBatch ─prover─► BatchProver ─finish─► ProvenBatch
//!   ▲ push, advance      │                     │ step, checkpoint
//!   └─── refold ◄─reopen─┴──────◄─into_batch───┘
//! ```
//!
//! While a batch is open everything that does not need its closing challenge runs ahead: the native state transition, the
//! note accumulator, its cross terms and group operations, and the note chain. Spec: `specs/batch-lifecycle.md`.

mod append;
mod checkpoint;
mod closed;
mod open;
mod proven;
mod prover;
mod record;
mod statement;
#[cfg(test)]
mod tests;

pub use append::{AppendError, AppendProof};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use closed::ClosedBatch;
pub use open::{Dropped, OpenBatch, PushError, PushTimings};
pub use proven::{BatchError, ProvenBatch};
pub use prover::{BatchProver, ProvenStep};
pub use record::FoldedStep;
pub use statement::{
    BatchStatement, BatchStatementError, StateLinks, StateParts, settled_fingerprint,
};
