//! The chain: what the contracts say, the batches that they settled, and transactions of one account.
//!
//! ```text
//! client (connect, views) ─► batches (settled data) ─► ledger
//!        └───────────────► account (one transaction at a time: fees, replacement, receipts)
//! ```

mod account;
mod batches;
mod client;
mod error;
mod slots;

pub(crate) use account::{Account, Attempt, Landed, account_of};
pub(crate) use batches::SettledBatch;
pub(crate) use client::{BlockRef, ChainClient, connect_provider};
pub(crate) use error::{ChainError, Revert};
pub(crate) use slots::{Eligibility, Schedule};
