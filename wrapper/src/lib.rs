//! The decider: from a proven batch to one Groth16 proof that a contract verifies for a constant price.
//!
//! ```text
//! ProvenBatch ─► decider (circuit, two rounds) ─► groth16 ─┐
//!                    └──► public_values                    ├─► settlement ─► verify, evm
//!                              polynomials at c ─► kzg ────┘
//! ```
//!
//! - [`decider`]: the circuit, one file a check
//! - [`groth16`]: the proof system; [`kzg`]: the opening of the folded commitments
//! - [`public_values`], [`settlement`]: what the contract is given; [`fn@verify`]: its checks, natively
//! - [`wrap`]: the prover; [`keys`]: its keys and their files
//! - [`evm`]: the verifier contract's constants and calldata, and an EVM in process
//! - [`r1cs`]: circuits as matrices and assignments
//!
//! The feature `testing` adds `single`, one proof for one step: what a batch is measured beside.

mod convert;
pub mod decider;
pub mod evm;
pub mod groth16;
pub mod keys;
pub mod kzg;
pub mod public_values;
pub mod r1cs;
pub mod settlement;
#[cfg(feature = "testing")]
pub mod single;
mod verify;
pub mod wrap;

pub use verify::{SettlementError, verify};
