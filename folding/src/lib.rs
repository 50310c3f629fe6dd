//! Notes, state trees, and blinded step proofs that fold.

pub mod curves;
pub mod domain;
pub mod encoding;
pub mod encryption;
pub mod keys;
pub mod msm;
pub mod note;
pub mod poseidon;
pub mod secret;
pub mod state;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tree;
pub mod value;
