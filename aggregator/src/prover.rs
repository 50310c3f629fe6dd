//! The note prover: sends step proofs to whoever may settle now and next, and again until the chain has them.
//!
//! ```text
//! outbox ─► targets (who is eligible now, in the next part, in the next slot) ─► stream ─► status
//!    ▲                                                                            │
//!    └──────────── the ledger says what settled: nobody's word is taken for it ◄──┘
//! ```

mod escrow;
mod session;
mod stream;
mod targets;
mod watch;

pub(crate) use escrow::escrow;
pub(crate) use session::{Session, SessionEnd};
pub(crate) use stream::submit;
pub(crate) use targets::{Target, targets};
