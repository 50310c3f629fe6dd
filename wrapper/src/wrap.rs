//! The prover: from a verified batch to a settlement proof.

use crate::{
    convert::{from_ark, to_ark},
    decider::{Decider, DeciderInput, polynomials},
    groth16::{self, Committed, Matrices, PhaseTimes, ProveError},
    keys::DeciderKeys,
    kzg,
    settlement::{SettlementProof, challenge},
};
use notefold_folding::ivc::FoldingParams;
use nova_snark::frontend::SynthesisError;
use rand_core::{CryptoRng, RngCore};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Why a batch cannot be wrapped.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// The keys are those of another circuit.
    #[error(
        "expected keys of this circuit, whose digest is {expected}, got keys of {got}; make them with `notefold setup`"
    )]
    Keys {
        /// Digest of the circuit.
        expected: String,
        /// Digest in the keys.
        got: String,
    },
    /// The circuit has no witness.
    #[error("expected a witness of the decider's circuit: {0}")]
    Synthesis(#[from] SynthesisError),
    /// The prover refuses.
    #[error(transparent)]
    Prove(#[from] ProveError),
}

/// Where the time of a proof goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct WrapTimes {
    /// The witness of both rounds, without the commitment between them.
    pub witness: Duration,
    /// The phases of Groth16.
    pub groth16: PhaseTimes,
    /// The KZG opening.
    pub opening: Duration,
    /// All of it.
    pub total: Duration,
}

/// The circuit with its matrices: what stays the same from proof to proof.
pub struct Wrapper {
    decider: Decider,
    matrices: Matrices,
    blocks: BTreeMap<String, usize>,
}

impl Wrapper {
    /// The circuit for folding parameters.
    #[must_use]
    pub fn new(params: &FoldingParams) -> Self {
        let decider = Decider::new(params);
        let (matrices, blocks) = decider.matrices();
        Self {
            decider,
            matrices,
            blocks,
        }
    }

    /// Constraints of each part of the circuit.
    #[must_use]
    pub fn constraints(&self) -> &BTreeMap<String, usize> {
        &self.blocks
    }

    /// The matrices.
    #[must_use]
    pub fn matrices(&self) -> &Matrices {
        &self.matrices
    }

    /// Checks that keys are of this circuit.
    ///
    /// # Errors
    ///
    /// [`WrapError::Keys`].
    pub fn check_keys(&self, keys: &DeciderKeys) -> Result<(), WrapError> {
        let expected = self.matrices.digest();
        if keys.proving.matrices == expected {
            return Ok(());
        }
        Err(WrapError::Keys {
            expected: hex::encode(expected),
            got: hex::encode(keys.proving.matrices),
        })
    }

    /// Proves a batch. The keys are those that [`Self::check_keys`] accepts.
    ///
    /// # Errors
    ///
    /// [`WrapError`].
    pub fn prove(
        &self,
        params: &FoldingParams,
        keys: &DeciderKeys,
        input: &DeciderInput,
        rng: &mut (impl RngCore + CryptoRng),
        times: &mut WrapTimes,
    ) -> Result<SettlementProof, WrapError> {
        let start = Instant::now();
        let public = input.public_values();
        let blindings = [input.proof().r_w, input.proof().r_e];
        let mut committed: Option<Committed> = None;
        let assignment = self
            .decider
            .assign::<WrapError>(&self.matrices, input, |values| {
                let values = values.iter().map(to_ark).collect();
                let first = groth16::commit(&keys.proving, values, rng, &mut times.groth16)?;
                let c = challenge(&keys.verifying, &first.d, public, &blindings);
                committed = Some(first);
                Ok(c)
            })?;
        let committed = committed.expect("invariant: the challenge is asked for once");
        times.witness = start.elapsed().saturating_sub(times.groth16.commit);
        let z = &assignment.z;
        let proof = groth16::prove(
            &keys.proving,
            &self.matrices,
            &committed,
            z,
            rng,
            &mut times.groth16,
        )?;
        let opening = Instant::now();
        let (c, expected) = (from_ark(&z[1]), from_ark(&z[3]));
        let polynomials = polynomials(params, input);
        let (y, quotient) = kzg::open(params.step().key(), &polynomials, &c);
        assert_eq!(
            y, expected,
            "invariant: the circuit evaluates the same polynomials"
        );
        times.opening = opening.elapsed();
        times.total = start.elapsed();
        Ok(SettlementProof {
            public: public.clone(),
            groth16: proof,
            quotient,
            y,
            blindings,
        })
    }
}
