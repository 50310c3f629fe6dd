//! The native verifier: the same checks as the contract's, each with its own name.

use crate::{
    convert::from_ark,
    groth16::{self, VerifyError},
    keys::DeciderVerifyingKey,
    kzg::Opening,
    settlement::SettlementProof,
};

/// Why a settlement proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettlementError {
    /// The Groth16 proof does not verify for these public values.
    #[error(transparent)]
    Groth16(#[from] VerifyError),
    /// The commitments do not open to the value.
    #[error("expected the commitments to open to y at c, got another value")]
    Opening,
}

/// Verifies a settlement proof. Total on any decoded input.
///
/// # Errors
///
/// [`SettlementError`].
pub fn verify(key: &DeciderVerifyingKey, proof: &SettlementProof) -> Result<(), SettlementError> {
    let inputs = proof.inputs(key);
    groth16::verify(&key.groth16, &inputs, &proof.groth16)?;
    let opening = Opening {
        public: &proof.public,
        blindings: proof.blindings,
        y: proof.y,
        quotient: proof.quotient,
    };
    if opening.holds(key.tau_g2(), &from_ark(&inputs[0])) {
        Ok(())
    } else {
        Err(SettlementError::Opening)
    }
}
