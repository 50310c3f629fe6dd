//! The verifier on the EVM: its constants from a key, its calldata, and the contract in an EVM in process.
//!
//! - `chain`: a chain in process, in `revm`
//! - `constants`: the Solidity libraries that verifiers are compiled with
//! - `machine`: the compiled verifier alone on a chain

mod chain;
mod constants;
mod machine;

pub use chain::{Chain, Halted, Outcome, selector};
#[cfg(feature = "testing")]
pub(crate) use constants::plain_constants;
pub use constants::solidity_constants;
pub use machine::{EvmError, Refusal, VerifierContract, call_data};
