//! Notes, state trees, and blinded step proofs that fold.

pub mod curves;
pub mod domain;
pub mod poseidon;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
