//! Checking step proofs at intake: one, or many with one multi-scalar multiplication.

use super::{ParamsDigest, StatementError, StatementHash, StepParams, StepProof, StepStatement};
use crate::{
    curves::{Fr, G1, G1Affine, RelaxedR1CSInstance},
    nifs::BlindedInstance,
    relaxed::{RelaxedR1CSWitness, error_term},
    transcript::random_weight,
};
use ff::Field;
use halo2curves::group::{Curve, Group};
use nova_snark::provider::traits::DlogGroupExt;
use rand_core::{CryptoRng, OsRng, RngCore};
use rayon::prelude::*;

/// Why a step proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Made for another circuit or key.
    #[error("expected a proof for parameters {expected}, got one for {got}")]
    WrongParameters {
        /// Parameters in use.
        expected: ParamsDigest,
        /// Parameters of the proof.
        got: ParamsDigest,
    },
    /// The public data contradict each other.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The proof speaks of other public data.
    #[error("expected statement hash {expected}, which the public data have, got {got}")]
    StatementHash {
        /// Hash of the public data.
        expected: StatementHash,
        /// Hash in the proof.
        got: StatementHash,
    },
    /// The folded witness is not what the folded commitment opens to.
    #[error(
        "expected the folded witness and blinding to open the folded commitment, got another opening"
    )]
    WitnessCommitment,
    /// The folded witness does not satisfy the relation.
    #[error(
        "expected the error term that follows from the folded witness to open the folded commitment, got another: the step does not satisfy its relation"
    )]
    Relation,
}

/// A step whose proof was verified: what the aggregator folds.
#[derive(Clone)]
pub struct CheckedStep {
    statement: StepStatement,
    x: StatementHash,
    incoming: BlindedInstance,
    rho: Fr,
    witness: RelaxedR1CSWitness,
}

impl CheckedStep {
    /// A step that no check has seen like this.
    #[cfg(test)]
    pub(crate) fn tamper(&mut self) {
        self.witness.w[9] += Fr::ONE;
    }

    /// What the step makes public.
    #[must_use]
    pub fn statement(&self) -> &StepStatement {
        &self.statement
    }

    /// The public input of the step's circuit.
    #[must_use]
    pub fn x(&self) -> StatementHash {
        self.x
    }

    /// U$, u_N and T0 as they arrived.
    #[must_use]
    pub fn incoming(&self) -> &BlindedInstance {
        &self.incoming
    }

    /// The challenge of the blinding fold.
    #[must_use]
    pub fn rho(&self) -> Fr {
        self.rho
    }

    /// The blinded instance `U$ + rho·u_N`.
    #[must_use]
    pub fn blinded_instance(&self) -> RelaxedR1CSInstance {
        self.incoming.folded(&self.rho)
    }

    /// Witness of the blinded instance.
    #[must_use]
    pub fn witness(&self) -> &RelaxedR1CSWitness {
        &self.witness
    }
}

impl std::fmt::Debug for CheckedStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckedStep")
            .field("x", &self.x)
            .finish_non_exhaustive()
    }
}

/// Verifies one proof.
///
/// # Errors
///
/// [`VerifyError`].
pub fn verify(params: &StepParams, proof: StepProof) -> Result<CheckedStep, VerifyError> {
    let step = prepare(params, proof)?;
    // Both openings in one multiplication; told apart only to name what is wrong.
    if !openings_hold(params, &[&step], &mut OsRng) {
        check_openings(params, &step)?;
    }
    Ok(step)
}

/// Verifies many proofs at once. Results are in the order of the proofs; a bad one does not affect the others.
///
/// Both commitments of every proof are checked by one random linear combination and one multi-scalar multiplication
/// over the key. A combination of false equations with fresh weights of 128 bits holds with probability 2^−128. When
/// it fails, halves are checked again, down to the guilty.
#[must_use]
pub fn verify_batch(
    params: &StepParams,
    proofs: Vec<StepProof>,
) -> Vec<Result<CheckedStep, VerifyError>> {
    let mut results: Vec<Result<CheckedStep, VerifyError>> = proofs
        .into_par_iter()
        .map(|proof| prepare(params, proof))
        .collect();
    let prepared: Vec<&CheckedStep> = results.iter().filter_map(|r| r.as_ref().ok()).collect();
    let mut verdicts = Vec::with_capacity(prepared.len());
    bisect(params, &prepared, &mut verdicts);
    let mut verdicts = verdicts.into_iter();
    for result in &mut results {
        if result.is_ok() {
            let verdict = verdicts
                .next()
                .expect("invariant: one verdict per prepared proof");
            if let Err(error) = verdict {
                *result = Err(error);
            }
        }
    }
    results
}

/// Everything but the openings: parameters, statement, challenge, error term.
fn prepare(params: &StepParams, proof: StepProof) -> Result<CheckedStep, VerifyError> {
    if proof.params != params.digest() {
        return Err(VerifyError::WrongParameters {
            expected: params.digest(),
            got: proof.params,
        });
    }
    proof.statement.check()?;
    let expected = proof.statement.hash();
    if proof.x != expected {
        return Err(VerifyError::StatementHash {
            expected,
            got: proof.x,
        });
    }
    let incoming = proof.incoming(params);
    let rho = incoming.challenge(&params.fold_context());
    // The commitments of the folded instance are not needed yet: a batch combines them unfolded.
    let u = incoming.mask.u() + rho;
    let mut z = proof.w;
    let length = z.len();
    z.push(u);
    z.extend(incoming.mask.X().iter().map(|x| *x + rho * proof.x.0));
    let e = error_term(params.shape(), &z, &u);
    z.truncate(length);
    Ok(CheckedStep {
        statement: proof.statement,
        x: proof.x,
        incoming,
        rho,
        witness: RelaxedR1CSWitness {
            w: z,
            r_w: proof.r_w,
            e,
            r_e: proof.r_e,
        },
    })
}

fn check_openings(params: &StepParams, step: &CheckedStep) -> Result<(), VerifyError> {
    let folded = step.blinded_instance();
    let witness = &step.witness;
    let (comm_w, comm_e) = rayon::join(
        || params.key().commit(&witness.w, &witness.r_w),
        || params.key().commit(&witness.e, &witness.r_e),
    );
    if comm_w != *folded.comm_W() {
        return Err(VerifyError::WitnessCommitment);
    }
    if comm_e != *folded.comm_E() {
        return Err(VerifyError::Relation);
    }
    Ok(())
}

fn bisect(
    params: &StepParams,
    steps: &[&CheckedStep],
    verdicts: &mut Vec<Result<(), VerifyError>>,
) {
    match steps {
        [] => {}
        _ if openings_hold(params, steps, &mut OsRng) => {
            verdicts.extend(steps.iter().map(|_| Ok(())));
        }
        [step] => verdicts.push(check_openings(params, step)),
        _ => {
            let (left, right) = steps.split_at(steps.len() / 2);
            bisect(params, left, verdicts);
            bisect(params, right, verdicts);
        }
    }
}

/// `Σ γ_i·(W_i, r_W,i) + δ_i·(E_i, r_E,i)` opens `Σ γ_i·(W̄$ + ρ·W̄) + δ_i·(Ē$ + ρ·T̄)`.
fn openings_hold(
    params: &StepParams,
    steps: &[&CheckedStep],
    rng: &mut (impl RngCore + CryptoRng),
) -> bool {
    let weights: Vec<(Fr, Fr)> = steps
        .iter()
        .map(|_| (random_weight(rng), random_weight(rng)))
        .collect();
    let length = params.shape().num_vars().max(params.shape().num_cons());
    let mut combined = vec![Fr::ZERO; length];
    combined
        .par_chunks_mut(1024)
        .enumerate()
        .for_each(|(chunk, out)| {
            let start = chunk * 1024;
            for (step, (gamma, delta)) in steps.iter().zip(&weights) {
                for (vector, weight) in [(&step.witness.w, gamma), (&step.witness.e, delta)] {
                    let values = vector.get(start..).unwrap_or_default();
                    out.iter_mut()
                        .zip(values)
                        .for_each(|(sum, value)| *sum += *weight * *value);
                }
            }
        });
    let blinding = steps
        .iter()
        .zip(&weights)
        .map(|(step, (gamma, delta))| *gamma * step.witness.r_w + *delta * step.witness.r_e)
        .sum();

    let mut points: Vec<G1> = Vec::with_capacity(4 * steps.len());
    let mut scalars = Vec::with_capacity(4 * steps.len());
    for (step, (gamma, delta)) in steps.iter().zip(&weights) {
        let BlindedInstance {
            mask,
            fresh,
            comm_t0,
        } = &step.incoming;
        points.extend(
            [mask.comm_W(), fresh.comm_W(), mask.comm_E(), comm_t0]
                .map(|commitment| commitment.into_inner()),
        );
        scalars.extend([*gamma, *gamma * step.rho, *delta, *delta * step.rho]);
    }
    let mut affine = vec![G1Affine::default(); points.len()];
    G1::batch_normalize(&points, &mut affine);
    let (left, right) = rayon::join(
        || params.key().commit(&combined, &blinding).into_inner(),
        || G1::vartime_multiscalar_mul(&scalars, &affine),
    );
    bool::from((left - right).is_identity())
}
