//! The KZG commitment key: powers of tau in G1, and an independent generator for blinding.
//!
//! Spec: `specs/keys.md`.

mod file;
mod format;
mod generate;
#[cfg(test)]
mod tests;

pub use file::{KeyFileError, KeyInfo, find_key, import_key, read_key, write_key};
pub use format::{KeyFormatError, decode_key, encode_key};
pub use generate::{DEVELOPMENT_SEED, generate_insecure};

use crate::{
    curves::{Commitment, Fr, G1, G1Affine, G2Affine},
    msm::FixedBaseTable,
};
use ff::PrimeField;
use halo2curves::{
    CurveAffine,
    bn256::Bn256,
    group::{Curve, Group},
    pairing::Engine,
};
use nova_snark::provider::traits::{DlogGroup, DlogGroupExt};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::{fmt, sync::OnceLock};

/// Label of the blinding generator. Hash-to-curve from it gives a point of which nobody knows a relation to the powers.
const BLINDING_LABEL: &[u8] = b"notefold blinding generator";

/// The generator that blindings multiply: the same for every key.
#[must_use]
pub fn blinding_generator() -> G1Affine {
    static POINT: OnceLock<G1Affine> = OnceLock::new();
    *POINT.get_or_init(|| G1::from_label(BLINDING_LABEL, 1)[0])
}

/// Where the powers of tau come from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum KeyOrigin {
    /// A file in the standard format, of whose making nothing is known here.
    Imported,
    /// Generated from a seed that this file states: **anyone can open a commitment to anything.**
    InsecureDevelopment {
        /// The seed.
        seed: String,
    },
}

/// What identifies a key whatever its length: `τ·G₁`, `τ·G₂` and the blinding generator determine every power.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Why points are not a commitment key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A point is off its curve or outside its group.
    #[error("expected points of BN254 G1 and G2, got {what} off the curve or outside the group")]
    Point {
        /// Which point.
        what: &'static str,
    },
    /// Too few points to be told apart from another key.
    #[error("expected at least 2 powers of tau, got {got}")]
    TooShort {
        /// Points given.
        got: usize,
    },
    /// The first point is not the generator.
    #[error("expected the powers of tau to start with the generator of G1")]
    NoGenerator,
    /// The points are not successive powers of one tau.
    #[error(
        "expected successive powers of one tau, got points of which a pairing check says otherwise"
    )]
    NotPowers,
}

/// A commitment key with its origin, and with window tables once they are asked for.
pub struct CommitmentKey {
    powers: Vec<G1Affine>,
    blinding: G1Affine,
    tau_g2: G2Affine,
    origin: KeyOrigin,
    id: KeyId,
    table: OnceLock<FixedBaseTable<G1Affine>>,
}

impl CommitmentKey {
    /// Takes powers of tau whose consistency is known or was checked with [`Self::check_powers`].
    ///
    /// # Errors
    ///
    /// [`KeyError`] for points that are no points, too few of them, or a wrong first one.
    pub fn new(
        powers: Vec<G1Affine>,
        tau_g2: G2Affine,
        origin: KeyOrigin,
    ) -> Result<Self, KeyError> {
        if powers.len() < 2 {
            return Err(KeyError::TooShort { got: powers.len() });
        }
        if powers[0] != G1Affine::generator() {
            return Err(KeyError::NoGenerator);
        }
        let blinding = blinding_generator();
        if !powers
            .par_iter()
            .all(|point| bool::from(point.is_on_curve()))
        {
            return Err(KeyError::Point {
                what: "a power in G1",
            });
        }
        if !is_in_g2(&tau_g2) {
            return Err(KeyError::Point { what: "tau in G2" });
        }
        let id = key_id(&powers[1], &tau_g2, &blinding);
        Ok(Self {
            powers,
            blinding,
            tau_g2,
            origin,
            id,
            table: OnceLock::new(),
        })
    }

    /// Checks that the points are successive powers of one tau: `e(Σ w_i·P_{i+1}, G₂) = e(Σ w_i·P_i, τ·G₂)` for random
    /// weights of 128 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotPowers`].
    pub fn check_powers(
        &self,
        rng: &mut (impl rand_core::RngCore + rand_core::CryptoRng),
    ) -> Result<(), KeyError> {
        let points = &self.powers;
        let weights: Vec<Fr> = (1..points.len())
            .map(|_| crate::transcript::random_weight(rng))
            .collect();
        let (low, high) = rayon::join(
            || G1::vartime_multiscalar_mul(&weights, &points[..weights.len()]),
            || G1::vartime_multiscalar_mul(&weights, &points[1..]),
        );
        let pair = |p: G1, q: &G2Affine| Bn256::pairing(&p.to_affine(), q);
        if pair(high, &G2Affine::generator()) != pair(low, &self.tau_g2) {
            return Err(KeyError::NotPowers);
        }
        Ok(())
    }

    /// Number of coefficients that can be committed to.
    #[must_use]
    pub fn len(&self) -> usize {
        self.powers.len()
    }

    /// Whether there are no powers; never true.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.powers.is_empty()
    }

    /// The key's identity.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Where the key comes from.
    #[must_use]
    pub fn origin(&self) -> &KeyOrigin {
        &self.origin
    }

    /// `[τ^i]₁` for i = 0, 1, ….
    #[must_use]
    pub fn powers(&self) -> &[G1Affine] {
        &self.powers
    }

    /// The blinding generator h.
    #[must_use]
    pub fn blinding_generator(&self) -> &G1Affine {
        &self.blinding
    }

    /// `[τ]₂`.
    #[must_use]
    pub fn tau_g2(&self) -> &G2Affine {
        &self.tau_g2
    }

    /// Builds window tables for vectors of up to `length` coefficients. Worth it for more than a few commitments:
    /// building costs about as much as twenty of them.
    pub fn tabulate(&self, length: usize) {
        self.table
            .get_or_init(|| FixedBaseTable::new(&self.powers[..length.min(self.len())]));
    }

    /// `Σ values[i]·[τ^i]₁ + blinding·h`.
    ///
    /// # Panics
    ///
    /// When the key is shorter than the vector: `StepParams` checks that once.
    #[must_use]
    pub fn commit(&self, values: &[Fr], blinding: &Fr) -> Commitment {
        let sum = match self.table.get() {
            Some(table) if values.len() <= table.len() => table.msm(values),
            _ => G1::vartime_multiscalar_mul(values, &self.powers[..values.len()]),
        };
        Commitment::new(sum + self.blinding * blinding)
    }
}

impl fmt::Debug for CommitmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitmentKey")
            .field("id", &self.id)
            .field("len", &self.len())
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// On the curve and of order r: G2 has a cofactor. The library's own check of the order prints to standard output.
fn is_in_g2(point: &G2Affine) -> bool {
    let times_r = point * -Fr::one() + point;
    bool::from(point.is_on_curve()) && bool::from(times_r.is_identity())
}

fn key_id(tau_g1: &G1Affine, tau_g2: &G2Affine, blinding: &G1Affine) -> KeyId {
    let mut hasher = Sha256::new();
    hasher.update(b"notefold commitment key v1");
    for coordinate in [
        tau_g1.x,
        tau_g1.y,
        *tau_g2.x.c0(),
        *tau_g2.x.c1(),
        *tau_g2.y.c0(),
        *tau_g2.y.c1(),
        blinding.x,
        blinding.y,
    ] {
        hasher.update(coordinate.to_repr());
    }
    KeyId(hasher.finalize().into())
}
