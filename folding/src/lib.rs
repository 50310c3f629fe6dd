//! Notes, state trees, and blinded step proofs that fold.

pub mod commitment_key;
pub mod curves;
pub mod cyclefold;
pub mod domain;
pub mod encoding;
pub mod encryption;
pub mod keys;
pub mod msm;
pub mod nifs;
pub mod note;
pub mod poseidon;
pub mod relaxed;
pub mod secret;
pub mod state;
pub mod step;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transcript;
pub mod tree;
pub mod value;
