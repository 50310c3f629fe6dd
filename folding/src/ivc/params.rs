//! Everything that aggregators and verifiers of batches share.

use super::note_chain::note_constants;
use crate::{
    augmented::{NoteConstants, synthesize_notes, synthesize_state},
    commitment_key::CommitmentKey,
    curves::{E1, R1CSShape},
    cyclefold::CycleFoldParams,
    step::{KeyTooShort, ParamsDigest, StepParams},
};
use ff::PrimeField;
use nova_snark::frontend::{SynthesisError, r1cs::NovaShape, shape_cs::ShapeCS};
use sha2::{Digest, Sha256};
use std::{fmt, sync::OnceLock};

/// The four relations with their keys, and the digest that names them.
pub struct FoldingParams {
    step: StepParams,
    cyclefold: CycleFoldParams,
    note_shape: &'static R1CSShape,
    state_shape: &'static R1CSShape,
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
        let (note_shape, state_shape) = (Self::note_circuit(), Self::state_circuit());
        let mut hasher = Sha256::new();
        hasher.update(b"notefold folding parameters v1");
        hasher.update(step.digest().bytes());
        hasher.update(note_shape.digest().to_repr());
        hasher.update(state_shape.digest().to_repr());
        hasher.update(cyclefold.shape().digest().to_repr());
        let digest = ParamsDigest::new(hasher.finalize().into());
        Ok(Self {
            step,
            cyclefold,
            note_shape,
            state_shape,
            digest,
        })
    }

    /// The matrices of F_N; synthesized once. They do not depend on the key.
    #[must_use]
    pub fn note_circuit() -> &'static R1CSShape {
        static SHAPE: OnceLock<R1CSShape> = OnceLock::new();
        SHAPE.get_or_init(|| shape_of(|cs| synthesize_notes(cs, None).map(|_| ())))
    }

    /// The matrices of F_S, likewise.
    #[must_use]
    pub fn state_circuit() -> &'static R1CSShape {
        static SHAPE: OnceLock<R1CSShape> = OnceLock::new();
        SHAPE.get_or_init(|| shape_of(|cs| synthesize_state(cs, None).map(|_| ())))
    }

    /// Powers of tau that are needed: W and E of a chain share a commitment.
    #[must_use]
    pub fn key_length() -> usize {
        [Self::note_circuit(), Self::state_circuit()]
            .map(|shape| shape.num_vars() + shape.num_cons())
            .into_iter()
            .fold(StepParams::key_length(), usize::max)
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

    /// The matrices of F_N.
    #[must_use]
    pub fn note_shape(&self) -> &R1CSShape {
        self.note_shape
    }

    /// The matrices of F_S.
    #[must_use]
    pub fn state_shape(&self) -> &R1CSShape {
        self.state_shape
    }

    /// K_N.
    #[must_use]
    pub fn note_constants(&self) -> NoteConstants {
        note_constants(self)
    }

    /// pp.
    #[must_use]
    pub fn digest(&self) -> ParamsDigest {
        self.digest
    }
}

fn shape_of(synthesize: impl FnOnce(&mut ShapeCS<E1>) -> Result<(), SynthesisError>) -> R1CSShape {
    let mut cs = ShapeCS::<E1>::new();
    synthesize(&mut cs).expect("invariant: the shape needs no assignment");
    let shape = cs
        .r1cs_shape()
        .expect("invariant: the circuit refers to its own variables");
    shape.precompute_sparse_matrices();
    shape
}

impl fmt::Debug for FoldingParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldingParams")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
