//! The verifier on the EVM: its constants from a key, its calldata, and the contract in an EVM in process.
//!
//! - `constants`: the Solidity library that the verifier contract is compiled with
//! - `machine`: the compiled contract in `revm`

mod constants;
mod machine;

pub use constants::solidity_constants;
pub use machine::{EvmError, Refusal, VerifierContract, call_data};
