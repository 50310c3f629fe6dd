//! Keys and their encoding: uncompressed points, little-endian, as arkworks serialises them.

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// What verifies.
#[derive(Clone, Debug, PartialEq, Eq, CanonicalSerialize, CanonicalDeserialize)]
pub struct VerifyingKey {
    /// `[α]₁`.
    pub alpha_g1: G1Affine,
    /// `[β]₂`.
    pub beta_g2: G2Affine,
    /// `[δ]₂`.
    pub delta_g2: G2Affine,
    /// `[σ]₂`.
    pub sigma_g2: G2Affine,
    /// Bases of one and of the public inputs.
    pub ic: Vec<G1Affine>,
}

/// Bases of the wires that have one.
#[derive(Clone, Debug, PartialEq, Eq, CanonicalSerialize, CanonicalDeserialize)]
pub struct Query<G: AffineRepr> {
    /// Which wires, ascending.
    pub wires: Vec<u32>,
    /// Their bases.
    pub points: Vec<G>,
}

/// What proves.
#[derive(Clone, Debug, PartialEq, Eq, CanonicalSerialize, CanonicalDeserialize)]
pub struct ProvingKey {
    /// What verifies.
    pub verifying_key: VerifyingKey,
    /// Digest of the matrices.
    pub matrices: [u8; 32],
    /// `[β]₁`.
    pub beta_g1: G1Affine,
    /// `[δ]₁`.
    pub delta_g1: G1Affine,
    /// `[η]₁`.
    pub eta: G1Affine,
    /// `[σ·η]₁`.
    pub eta_sigma: G1Affine,
    /// `[η/δ]₁`.
    pub eta_delta: G1Affine,
    /// Γ_j.
    pub committed: Vec<G1Affine>,
    /// σ·Γ_j.
    pub committed_sigma: Vec<G1Affine>,
    /// `[A_j(τ)]₁`.
    pub a: Query<G1Affine>,
    /// `[B_j(τ)]₁`.
    pub b_g1: Query<G1Affine>,
    /// `[B_j(τ)]₂`.
    pub b_g2: Query<G2Affine>,
    /// `[τ^i·Z(τ)/δ]₁`.
    pub h: Vec<G1Affine>,
    /// `[L_j(τ)/δ]₁` of the private wires.
    pub l: Vec<G1Affine>,
}

/// Why bytes are not a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyDecodeError {
    /// Reading failed or the encoding is another.
    #[error("expected the encoding of a key: {0}")]
    Encoding(#[from] SerializationError),
}

impl VerifyingKey {
    /// Names the key.
    ///
    /// # Panics
    ///
    /// Never: writing into memory does not fail.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut bytes = Vec::new();
        self.serialize_uncompressed(&mut bytes)
            .expect("invariant: writing to memory does not fail");
        Sha256::digest(bytes).into()
    }
}

impl ProvingKey {
    /// Writes the key.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn write(&self, writer: impl Write) -> Result<(), KeyDecodeError> {
        Ok(self.serialize_uncompressed(writer)?)
    }

    /// Bytes that [`Self::write`] writes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.uncompressed_size()
    }

    /// Reads a key whose bytes a digest vouches for: points are not checked again.
    ///
    /// # Errors
    ///
    /// [`KeyDecodeError`].
    pub fn read_trusted(reader: impl Read) -> Result<Self, KeyDecodeError> {
        Ok(Self::deserialize_uncompressed_unchecked(reader)?)
    }
}
