//! The verifier: both equations.

use super::{Proof, key::VerifyingKey};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup, pairing::Pairing};
use ark_ff::One;

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Another number of public inputs than the key has.
    #[error("expected {expected} public inputs, got {got}")]
    PublicInputs {
        /// Inputs of the key.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// A point is off the curve or outside the group.
    #[error("{point}: expected a point of the group, got another")]
    Point {
        /// Which point.
        point: &'static str,
    },
    /// The proof's main equation fails.
    #[error("expected e(A, B) = e(α, β)·e(IC + D, G₂)·e(C, δ), got another value")]
    Equation,
    /// D is made of more than the bases of committed wires.
    #[error("expected e(D, σ) = e(PoK, G₂), got another value")]
    ProofOfKnowledge,
}

/// Checks a proof for public inputs. Total on any input.
///
/// # Errors
///
/// The first [`VerifyError`].
pub fn verify(key: &VerifyingKey, public: &[Fr], proof: &Proof) -> Result<(), VerifyError> {
    let inputs = key.inputs(public)?;
    check_points(proof)?;
    if !equation(key, inputs, proof) {
        return Err(VerifyError::Equation);
    }
    if !knows_commitment(key, proof) {
        return Err(VerifyError::ProofOfKnowledge);
    }
    Ok(())
}

/// Every point in its group. In G1 the curve is the group.
pub(crate) fn check_points(proof: &Proof) -> Result<(), VerifyError> {
    let points = [
        ("A", proof.a),
        ("C", proof.c),
        ("D", proof.d),
        ("PoK", proof.pok),
    ];
    for (point, value) in points {
        if !value.is_on_curve() {
            return Err(VerifyError::Point { point });
        }
    }
    if !proof.b.is_on_curve() || !proof.b.is_in_correct_subgroup_assuming_on_curve() {
        return Err(VerifyError::Point { point: "B" });
    }
    Ok(())
}

impl VerifyingKey {
    /// `Σ x_i·IC_i`, with x_0 = 1.
    pub(crate) fn inputs(&self, public: &[Fr]) -> Result<G1Projective, VerifyError> {
        let expected = self.ic.len() - 1;
        if public.len() != expected {
            return Err(VerifyError::PublicInputs {
                expected,
                got: public.len(),
            });
        }
        Ok(self
            .ic
            .iter()
            .zip([Fr::one()].iter().chain(public))
            .map(|(base, input)| *base * input)
            .sum())
    }
}

pub(super) fn equation(key: &VerifyingKey, inputs: G1Projective, proof: &Proof) -> bool {
    let public = (-(inputs + proof.d)).into_affine();
    is_one(
        &[proof.a, -key.alpha_g1, public, -proof.c],
        &[proof.b, key.beta_g2, G2Affine::generator(), key.delta_g2],
    )
}

pub(super) fn knows_commitment(key: &VerifyingKey, proof: &Proof) -> bool {
    is_one(
        &[proof.d, -proof.pok],
        &[key.sigma_g2, G2Affine::generator()],
    )
}

fn is_one(left: &[G1Affine], right: &[G2Affine]) -> bool {
    Bn254::multi_pairing(left, right).0.is_one()
}
