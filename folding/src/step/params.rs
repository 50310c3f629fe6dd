//! The circuit, the commitment key, and the digest that names both.

use super::synthesize;
use crate::{
    commitment_key::CommitmentKey,
    curves::{E1, Fr, R1CSShape, reduce_be, to_be_bytes},
    nifs::FoldContext,
};
use ff::PrimeField;
use nova_snark::frontend::{ConstraintSystem, r1cs::NovaShape, shape_cs::ShapeCS};
use sha2::{Digest, Sha256};
use std::{fmt, sync::OnceLock};

/// Names circuit and commitment key: part of every transcript and of every message.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParamsDigest([u8; 32]);

impl ParamsDigest {
    /// From the 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As the element that transcripts absorb.
    #[must_use]
    pub fn to_scalar(self) -> Fr {
        reduce_be(&self.0)
    }
}

impl fmt::Display for ParamsDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ParamsDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParamsDigest({self})")
    }
}

/// The commitment key is shorter than the circuit needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a commitment key of at least {needed} powers, got {got}")]
pub struct KeyTooShort {
    /// Powers that the circuit needs.
    pub needed: usize,
    /// Powers in the key.
    pub got: usize,
}

/// Everything that provers and verifiers of steps share.
pub struct StepParams {
    key: CommitmentKey,
    shape: &'static R1CSShape,
    digest: ParamsDigest,
}

impl StepParams {
    /// Combines the step circuit with a commitment key.
    ///
    /// # Errors
    ///
    /// [`KeyTooShort`].
    pub fn new(key: CommitmentKey) -> Result<Self, KeyTooShort> {
        let shape = Self::circuit();
        let needed = Self::key_length();
        if key.len() < needed {
            return Err(KeyTooShort {
                needed,
                got: key.len(),
            });
        }
        let mut hasher = Sha256::new();
        hasher.update(b"notefold step parameters v1");
        hasher.update(shape.digest().to_repr());
        hasher.update(key.id().bytes());
        let digest = ParamsDigest(hasher.finalize().into());
        Ok(Self { key, shape, digest })
    }

    /// The matrices of R_N; synthesized once.
    #[must_use]
    pub fn circuit() -> &'static R1CSShape {
        static SHAPE: OnceLock<R1CSShape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let mut cs = ShapeCS::<E1>::new();
            synthesize(&mut cs.namespace(|| "step"), None)
                .expect("invariant: the shape needs no assignment");
            let shape = cs
                .r1cs_shape()
                .expect("invariant: the circuit refers to its own variables");
            shape.precompute_sparse_matrices();
            shape
        })
    }

    /// Powers of tau that the step circuit needs.
    #[must_use]
    pub fn key_length() -> usize {
        Self::circuit().num_cons().max(Self::circuit().num_vars())
    }

    /// Builds window tables for the commitment key: for whoever proves or verifies more than a few steps.
    pub fn tabulate(&self) {
        self.key.tabulate(Self::key_length());
    }

    /// The matrices.
    #[must_use]
    pub fn shape(&self) -> &R1CSShape {
        self.shape
    }

    /// The commitment key.
    #[must_use]
    pub fn key(&self) -> &CommitmentKey {
        &self.key
    }

    /// The digest.
    #[must_use]
    pub fn digest(&self) -> ParamsDigest {
        self.digest
    }

    /// What folding steps takes of the parameters.
    #[must_use]
    pub fn fold_context(&self) -> FoldContext<'_> {
        FoldContext {
            shape: self.shape,
            key: &self.key,
            digest: self.digest.to_scalar(),
        }
    }

    /// Digest of the circuit alone, as a number in hexadecimal.
    #[must_use]
    pub fn shape_digest() -> String {
        hex::encode(to_be_bytes(&Self::circuit().digest()))
    }
}

impl fmt::Debug for StepParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StepParams")
            .field("digest", &self.digest)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
