//! The note accumulator U_N: every step of a batch, folded into one pair.
//!
//! It depends on no state root, so it is built while the batch is open and survives a change of the root
//! (`specs/folding.md`, FOLD-4).

use super::{FoldContext, RunningPair, fold_blinded};
use crate::{
    curves::{Commitment, Fr, RelaxedR1CSInstance},
    domain,
    relaxed::{RelaxedError, RelaxedR1CSWitness, check_relaxed, error_term},
    step::{CheckedStep, StepParams},
};
use ff::Field;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// The running pair of note steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteAccumulator {
    pair: RunningPair,
    steps: u64,
}

impl NoteAccumulator {
    /// Starts with the public pair of the parameters.
    #[must_use]
    pub fn start(params: &StepParams) -> Self {
        Self {
            pair: start_pair(&params.fold_context()),
            steps: 0,
        }
    }

    /// Folds a checked step; returns the commitment to its cross term, which a verifier needs.
    pub fn push(&mut self, params: &StepParams, step: &CheckedStep) -> Commitment {
        let (pair, comm_t1) = fold_blinded(&params.fold_context(), &self.pair, step);
        self.pair = pair;
        self.steps += 1;
        comm_t1
    }

    /// Steps folded so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// U_N.
    #[must_use]
    pub fn instance(&self) -> &RelaxedR1CSInstance {
        &self.pair.instance
    }

    /// W_N.
    #[must_use]
    pub fn witness(&self) -> &RelaxedR1CSWitness {
        &self.pair.witness
    }

    /// Checks that the pair satisfies the step relation.
    ///
    /// # Errors
    ///
    /// [`RelaxedError`].
    pub fn check(&self, params: &StepParams) -> Result<(), RelaxedError> {
        check_relaxed(
            params.shape(),
            params.key(),
            &self.pair.instance,
            &self.pair.witness,
        )
    }
}

/// FOLD-3: a satisfying pair that everyone computes from pp alone, with random-looking commitments.
///
/// Nova starts from the all-zero pair, whose commitments are infinity; from this one no point of a fold is infinity but
/// with negligible probability, and nobody chooses it: z comes from a stream cipher keyed with a digest of pp.
#[must_use]
pub fn start_pair(context: &FoldContext<'_>) -> RunningPair {
    let mut hasher = Sha256::new();
    hasher.update(domain::START_PAIR);
    hasher.update(crate::curves::to_be_bytes(&context.digest));
    let mut stream = ChaCha20Rng::from_seed(hasher.finalize().into());
    let shape = context.shape;
    let z: Vec<Fr> = (0..shape.num_vars() + 1 + shape.num_io())
        .map(|_| Fr::random(&mut stream))
        .collect();
    let (w, public) = z.split_at(shape.num_vars());
    let (u, x) = (public[0], public[1..].to_vec());
    let e = error_term(shape, &z, &u);
    // Public values need no blinding.
    let (comm_w, comm_e) = rayon::join(
        || context.key.commit(w, &Fr::ZERO),
        || context.key.commit(&e, &Fr::ZERO),
    );
    let instance = RelaxedR1CSInstance::new(shape, comm_w, comm_e, u, x)
        .expect("invariant: as many public inputs as the shape has");
    let witness = RelaxedR1CSWitness {
        w: w.to_vec(),
        r_w: Fr::ZERO,
        e,
        r_e: Fr::ZERO,
    };
    RunningPair { instance, witness }
}
