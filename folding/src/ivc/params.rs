//! Everything that aggregators and verifiers of batches share.

use crate::{
    augmented::synthesize,
    commitment_key::CommitmentKey,
    curves::{E1, Fr, R1CSShape, to_be_bytes},
    cyclefold::CycleFoldParams,
    step::{KeyTooShort, ParamsDigest, StepParams},
};
use ff::PrimeField;
use nova_snark::frontend::{ConstraintSystem, r1cs::NovaShape, shape_cs::ShapeCS};
use sha2::{Digest, Sha256};
use std::{fmt, sync::OnceLock};

/// The three relations with their keys, and the digest that names them.
pub struct FoldingParams {
    step: StepParams,
    cyclefold: CycleFoldParams,
    shape: &'static R1CSShape,
    digest: ParamsDigest,
}

impl FoldingParams {
    /// Combines the circuits with a commitment key.
    ///
    /// # Errors
    ///
    /// [`KeyTooShort`].
    pub fn new(key: CommitmentKey) -> Result<Self, KeyTooShort> {
        let needed = Self::key_length();
        if key.len() < needed {
            return Err(KeyTooShort {
                needed,
                got: key.len(),
            });
        }
        let step = StepParams::new(key)?;
        let cyclefold = CycleFoldParams::new();
        let shape = Self::circuit();
        let mut hasher = Sha256::new();
        hasher.update(b"notefold folding parameters v1");
        hasher.update(step.digest().bytes());
        hasher.update(shape.digest().to_repr());
        hasher.update(cyclefold.shape().digest().to_repr());
        let digest = ParamsDigest::new(hasher.finalize().into());
        Ok(Self {
            step,
            cyclefold,
            shape,
            digest,
        })
    }

    /// The matrices of F′; synthesized once. They do not depend on the key.
    #[must_use]
    pub fn circuit() -> &'static R1CSShape {
        static SHAPE: OnceLock<R1CSShape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let mut cs = ShapeCS::<E1>::new();
            synthesize(&mut cs.namespace(|| "augmented"), None)
                .expect("invariant: the shape needs no assignment");
            let shape = cs
                .r1cs_shape()
                .expect("invariant: the circuit refers to its own variables");
            shape.precompute_sparse_matrices();
            shape
        })
    }

    /// Powers of tau that are needed: W and E of F′ share a commitment.
    #[must_use]
    pub fn key_length() -> usize {
        let shape = Self::circuit();
        (shape.num_vars() + shape.num_cons()).max(StepParams::key_length())
    }

    /// Builds window tables for the commitment key: for whoever folds.
    pub fn tabulate(&self) {
        self.step.key().tabulate(Self::key_length());
    }

    /// Parameters of steps.
    #[must_use]
    pub fn step(&self) -> &StepParams {
        &self.step
    }

    /// The CycleFold relation and its key.
    #[must_use]
    pub fn cyclefold(&self) -> &CycleFoldParams {
        &self.cyclefold
    }

    /// The matrices of F′.
    #[must_use]
    pub fn shape(&self) -> &R1CSShape {
        self.shape
    }

    /// pp.
    #[must_use]
    pub fn digest(&self) -> ParamsDigest {
        self.digest
    }

    /// Digest of F′ alone, as a number in hexadecimal.
    #[must_use]
    pub fn shape_digest() -> String {
        let digest: Fr = Self::circuit().digest();
        hex::encode(to_be_bytes(&digest))
    }
}

impl fmt::Debug for FoldingParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldingParams")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
