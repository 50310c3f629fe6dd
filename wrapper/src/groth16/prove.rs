//! The prover's two rounds.

use super::{
    Proof,
    key::{ProvingKey, Query},
    matrices::Matrices,
};
use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup, scalar_mul::variable_base::VariableBaseMSM};
use ark_ff::{FftField, Field, PrimeField, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// D with its blinding: the first round is over, the challenge may be drawn.
pub struct Committed {
    /// D.
    pub d: G1Affine,
    pok: G1Affine,
    blinding: Fr,
    values: Vec<Fr>,
}

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// A vector is not as long as the circuit says.
    #[error("{what}: expected {expected}, got {got}")]
    Length {
        /// Which vector.
        what: &'static str,
        /// Length of the circuit.
        expected: usize,
        /// Length given.
        got: usize,
    },
    /// The key was made for other matrices.
    #[error("expected a proving key of this circuit, got one of another")]
    Key,
    /// A committed wire changed between the rounds.
    #[error("committed wire {wire}: expected the value that was committed, got another")]
    Changed {
        /// Which committed wire.
        wire: usize,
    },
    /// The assignment does not satisfy the circuit.
    #[error("expected an assignment that satisfies the circuit, got one that breaks row {row}")]
    Unsatisfied {
        /// The first row that it breaks.
        row: usize,
    },
}

/// Where the time of a proof goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PhaseTimes {
    /// Commitment and proof of knowledge.
    pub commit: Duration,
    /// Check of the assignment, products with the matrices, FFTs.
    pub quotient: Duration,
    /// MSM over the bases of H.
    pub h: Duration,
    /// MSM over the bases of C.
    pub l: Duration,
    /// MSM for A.
    pub a: Duration,
    /// MSM for B in G1.
    pub b_g1: Duration,
    /// MSM for B in G2.
    pub b_g2: Duration,
}

/// The first round: commits to the committed wires.
///
/// # Errors
///
/// [`ProveError::Length`].
pub fn commit(
    key: &ProvingKey,
    values: Vec<Fr>,
    rng: &mut (impl RngCore + CryptoRng),
    times: &mut PhaseTimes,
) -> Result<Committed, ProveError> {
    let expected = key.committed.len();
    if values.len() != expected {
        return Err(ProveError::Length {
            what: "committed wires",
            expected,
            got: values.len(),
        });
    }
    let start = Instant::now();
    // Where nothing is committed there is nothing to hide, and the proof is Groth16's.
    let blinding = match values.is_empty() {
        true => Fr::zero(),
        false => Fr::rand(rng),
    };
    let scalars = bigints(&values);
    let d = G1Projective::msm_bigint(&key.committed, &scalars) + key.eta * blinding;
    let pok = G1Projective::msm_bigint(&key.committed_sigma, &scalars) + key.eta_sigma * blinding;
    times.commit = start.elapsed();
    Ok(Committed {
        d: d.into_affine(),
        pok: pok.into_affine(),
        blinding,
        values,
    })
}

/// The second round: proves that z, of which a part was committed, satisfies the circuit.
///
/// # Errors
///
/// [`ProveError`].
pub fn prove(
    key: &ProvingKey,
    matrices: &Matrices,
    committed: &Committed,
    z: &[Fr],
    rng: &mut (impl RngCore + CryptoRng),
    times: &mut PhaseTimes,
) -> Result<Proof, ProveError> {
    let (r, s) = (Fr::rand(rng), Fr::rand(rng));
    prove_with(key, matrices, committed, z, (r, s), times)
}

/// The second round with given randomness.
pub(super) fn prove_with(
    key: &ProvingKey,
    matrices: &Matrices,
    committed: &Committed,
    z: &[Fr],
    (r, s): (Fr, Fr),
    times: &mut PhaseTimes,
) -> Result<Proof, ProveError> {
    check(key, matrices, committed, z)?;
    let mut start = Instant::now();
    let mut lap = || {
        let elapsed = start.elapsed();
        start = Instant::now();
        elapsed
    };
    let h = quotient(matrices, z);
    times.quotient = lap();
    let h_acc = G1Projective::msm_bigint(&key.h, &bigints(&h[..key.h.len()]));
    drop(h);
    times.h = lap();
    let scalars = bigints(z);
    let l_acc = G1Projective::msm_bigint(&key.l, &scalars[matrices.inputs()..]);
    times.l = lap();
    let a = msm(&key.a, &scalars) + key.verifying_key.alpha_g1 + key.delta_g1 * r;
    times.a = lap();
    let b_g1 = msm(&key.b_g1, &scalars) + key.beta_g1 + key.delta_g1 * s;
    times.b_g1 = lap();
    let vk = &key.verifying_key;
    let b = msm(&key.b_g2, &scalars) + vk.beta_g2 + vk.delta_g2 * s;
    times.b_g2 = lap();
    let c = a * s + b_g1 * r - key.delta_g1 * (r * s) + l_acc + h_acc
        - key.eta_delta * committed.blinding;
    Ok(Proof {
        a: a.into_affine(),
        b: b.into_affine(),
        c: c.into_affine(),
        d: committed.d,
        pok: committed.pok,
    })
}

fn check(
    key: &ProvingKey,
    matrices: &Matrices,
    committed: &Committed,
    z: &[Fr],
) -> Result<(), ProveError> {
    let expected = matrices.wires();
    if z.len() != expected {
        return Err(ProveError::Length {
            what: "wires",
            expected,
            got: z.len(),
        });
    }
    if key.l.len() != matrices.private || key.committed.len() != matrices.committed {
        return Err(ProveError::Key);
    }
    let first = 1 + matrices.public;
    let changed = committed
        .values
        .iter()
        .zip(&z[first..])
        .position(|(before, now)| before != now);
    if let Some(wire) = changed {
        return Err(ProveError::Changed { wire });
    }
    match matrices.first_unsatisfied(z) {
        Some(row) => Err(ProveError::Unsatisfied { row }),
        None => Ok(()),
    }
}

/// `(A(X)·B(X) − C(X)) / Z(X)`, by evaluation on a coset: seven FFTs, three vectors.
fn quotient(matrices: &Matrices, z: &[Fr]) -> Vec<Fr> {
    let domain = Radix2EvaluationDomain::<Fr>::new(matrices.rows())
        .expect("invariant: the key has bases for this many rows");
    let coset = domain
        .get_coset(Fr::GENERATOR)
        .expect("invariant: a generator is not zero");
    let to_coset = |mut evaluations: Vec<Fr>| {
        domain.ifft_in_place(&mut evaluations);
        coset.fft_in_place(&mut evaluations);
        evaluations
    };
    let evaluations = |matrix: &super::SparseMatrix<Fr>| {
        let mut out = vec![Fr::zero(); domain.size()];
        matrix.multiply_into(z, &mut out);
        out
    };
    let mut a = evaluations(&matrices.a);
    a[matrices.constraints()..matrices.rows()].copy_from_slice(&z[..matrices.inputs()]);
    let mut a = to_coset(a);
    let b = to_coset(evaluations(&matrices.b));
    a.par_iter_mut().zip(b).for_each(|(a, b)| *a *= b);
    let c = to_coset(evaluations(&matrices.c));
    let inverse = domain
        .evaluate_vanishing_polynomial(Fr::GENERATOR)
        .inverse()
        .expect("invariant: a coset is outside the domain");
    a.par_iter_mut()
        .zip(c)
        .for_each(|(a, c)| *a = (*a - c) * inverse);
    coset.ifft_in_place(&mut a);
    a
}

fn bigints(values: &[Fr]) -> Vec<<Fr as PrimeField>::BigInt> {
    values.par_iter().map(|v| v.into_bigint()).collect()
}

fn msm<G>(query: &Query<G>, scalars: &[<Fr as PrimeField>::BigInt]) -> G::Group
where
    G: AffineRepr<ScalarField = Fr>,
    G::Group: VariableBaseMSM<MulBase = G>,
{
    let scalars: Vec<_> = query
        .wires
        .par_iter()
        .map(|wire| scalars[*wire as usize])
        .collect();
    G::Group::msm_bigint(&query.points, &scalars)
}
