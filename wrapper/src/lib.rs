//! The decider: from a proven batch to one Groth16 proof that a contract verifies for a constant price.

mod convert;
pub mod decider;
pub mod groth16;
pub mod public_values;
pub mod r1cs;
