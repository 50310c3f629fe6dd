//! Keys from toxic waste. Whoever knows it can prove anything: single-party keys are for development.
//!
//! The QAP is libsnark's and arkworks': beside the constraints there is one row for every input, public or committed, in
//! which A has that input alone. So every committed wire has its own term L_row(τ) in its base Γ_j, and no choice of the
//! constraints can make two bases equal or one vanish.

use super::{
    key::{ProvingKey, Query, VerifyingKey},
    matrices::Matrices,
};
use ark_bn254::{Fr, G1Affine, G1Projective, G2Projective};
use ark_ec::{
    AffineRepr, CurveGroup, PrimeGroup,
    scalar_mul::{BatchMulPreprocessing, ScalarMul},
};
use ark_ff::{Field, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;

/// The secrets of a setup.
pub struct ToxicWaste {
    /// Point of the QAP.
    pub tau: Fr,
    /// α.
    pub alpha: Fr,
    /// β.
    pub beta: Fr,
    /// δ.
    pub delta: Fr,
    /// η: blinds the commitment.
    pub eta: Fr,
    /// σ: proves knowledge of what is committed.
    pub sigma: Fr,
}

impl ToxicWaste {
    /// Six random elements.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut element = || Fr::rand(rng);
        Self {
            tau: element(),
            alpha: element(),
            beta: element(),
            delta: element(),
            eta: element(),
            sigma: element(),
        }
    }
}

/// Why there are no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// More rows than the field has roots of unity.
    #[error("expected at most 2^28 rows, got {got}")]
    TooLarge {
        /// Rows.
        got: usize,
    },
    /// An element that must be invertible, or outside the domain, is not: draw again.
    #[error(
        "expected toxic waste that is invertible and outside the domain, got another; draw it again"
    )]
    Degenerate,
    /// Two committed wires share a base, or one has none: their values could be exchanged.
    #[error(
        "expected independent bases for all committed wires, got wire {wire} without one of its own"
    )]
    CommittedBase {
        /// Which committed wire.
        wire: usize,
    },
}

/// The QAP at τ: per wire a, b, c, and what H is made of.
struct Evaluated {
    a: Vec<Fr>,
    b: Vec<Fr>,
    /// `β·a + α·b + c`.
    l: Vec<Fr>,
    vanishing: Fr,
    domain: usize,
}

fn evaluate(matrices: &Matrices, toxic: &ToxicWaste) -> Result<Evaluated, SetupError> {
    let too_large = SetupError::TooLarge {
        got: matrices.rows(),
    };
    let domain = Radix2EvaluationDomain::<Fr>::new(matrices.rows()).ok_or(too_large)?;
    let vanishing = domain.evaluate_vanishing_polynomial(toxic.tau);
    if vanishing.is_zero() {
        return Err(SetupError::Degenerate);
    }
    let lagrange = domain.evaluate_all_lagrange_coefficients(toxic.tau);
    let wires = matrices.wires();
    let (mut a, (b, c)) = rayon::join(
        || matrices.a.weighted_columns(&lagrange, wires),
        || {
            rayon::join(
                || matrices.b.weighted_columns(&lagrange, wires),
                || matrices.c.weighted_columns(&lagrange, wires),
            )
        },
    );
    for (a, own) in a
        .iter_mut()
        .zip(&lagrange[matrices.constraints()..matrices.rows()])
    {
        *a += own;
    }
    let l = a
        .par_iter()
        .zip(&b)
        .zip(c)
        .map(|((a, b), c)| toxic.beta * a + toxic.alpha * b + c)
        .collect();
    Ok(Evaluated {
        a,
        b,
        l,
        vanishing,
        domain: domain.size(),
    })
}

/// Makes both keys. `progress` is told the part that begins.
///
/// # Errors
///
/// [`SetupError`].
pub fn setup(
    matrices: &Matrices,
    toxic: &ToxicWaste,
    mut progress: impl FnMut(&'static str),
) -> Result<ProvingKey, SetupError> {
    let inverse = |value: Fr| value.inverse().ok_or(SetupError::Degenerate);
    let delta_inverse = inverse(toxic.delta)?;
    if [toxic.alpha, toxic.beta, toxic.eta, toxic.sigma]
        .iter()
        .any(Fr::is_zero)
    {
        return Err(SetupError::Degenerate);
    }
    progress("evaluating the QAP");
    let qap = evaluate(matrices, toxic)?;
    let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
    let one1 = |scalar: Fr| (g1 * scalar).into_affine();
    let one2 = |scalar: Fr| (g2 * scalar).into_affine();
    let table = Table::new(g1, 4 * matrices.wires());

    progress("bases of D");
    let inputs = matrices.inputs();
    let scaled = |scalars: &[Fr], factor: Fr| scalars.par_iter().map(|s| factor * s).collect();
    let (ic, committed) = qap.l[..inputs].split_at(1 + matrices.public);
    check_committed(committed)?;
    let committed_sigma: Vec<Fr> = scaled(committed, toxic.sigma);
    let ic = table.points(ic);
    let committed_points = table.points(committed);
    let committed_sigma = table.points(&committed_sigma);

    progress("bases of C");
    let l: Vec<Fr> = scaled(&qap.l[inputs..], delta_inverse);
    let l = table.points(&l);
    progress("bases of H");
    let h = table.points(&h_scalars(&qap, toxic.tau, delta_inverse));
    progress("bases of A");
    let a = query(&qap.a, |scalars| table.points(scalars));
    progress("bases of B in G1");
    let b_g1 = query(&qap.b, |scalars| table.points(scalars));
    drop(table);
    progress("bases of B in G2");
    let b_g2 = query(&qap.b, |scalars| {
        Table::new(g2, scalars.len()).points(scalars)
    });

    Ok(ProvingKey {
        verifying_key: VerifyingKey {
            alpha_g1: one1(toxic.alpha),
            beta_g2: one2(toxic.beta),
            delta_g2: one2(toxic.delta),
            sigma_g2: one2(toxic.sigma),
            ic,
        },
        beta_g1: one1(toxic.beta),
        delta_g1: one1(toxic.delta),
        eta: one1(toxic.eta),
        eta_sigma: one1(toxic.eta * toxic.sigma),
        eta_delta: one1(toxic.eta * delta_inverse),
        matrices: matrices.digest(),
        committed: committed_points,
        committed_sigma,
        a,
        b_g1,
        b_g2,
        h,
        l,
    })
}

/// A committed wire with the base of another, or with none, is not bound by D.
fn check_committed(scalars: &[Fr]) -> Result<(), SetupError> {
    let mut order: Vec<usize> = (0..scalars.len()).collect();
    order.par_sort_unstable_by_key(|index| scalars[*index]);
    let shared = order
        .windows(2)
        .find(|pair| scalars[pair[0]] == scalars[pair[1]])
        .map(|pair| pair[1]);
    match shared.or_else(|| scalars.iter().position(Fr::is_zero)) {
        Some(wire) => Err(SetupError::CommittedBase { wire }),
        None => Ok(()),
    }
}

/// `τ^i·Z(τ)/δ` for i below the domain's size less one.
fn h_scalars(qap: &Evaluated, tau: Fr, delta_inverse: Fr) -> Vec<Fr> {
    let mut power = qap.vanishing * delta_inverse;
    (0..qap.domain - 1)
        .map(|_| {
            let scalar = power;
            power *= tau;
            scalar
        })
        .collect()
}

/// Points for the wires whose scalar is not zero.
fn query<G: AffineRepr>(scalars: &[Fr], points: impl FnOnce(&[Fr]) -> Vec<G>) -> Query<G> {
    let (wires, scalars): (Vec<u32>, Vec<Fr>) = (0u32..)
        .zip(scalars)
        .filter(|(_, scalar)| !scalar.is_zero())
        .map(|(wire, scalar)| (wire, *scalar))
        .unzip();
    Query {
        points: points(&scalars),
        wires,
    }
}

/// A window table of a generator.
struct Table<G: ScalarMul>(BatchMulPreprocessing<G>);

impl<G: ScalarMul> Table<G> {
    fn new(generator: G, scalars: usize) -> Self {
        Self(BatchMulPreprocessing::new(generator, scalars.max(32)))
    }
}

impl<G: ScalarMul> Table<G> {
    fn points(&self, scalars: &[G::ScalarField]) -> Vec<G::MulBase> {
        self.0.batch_mul(scalars)
    }
}

/// Points of a key are affine.
const _: fn(&Table<G1Projective>, &[Fr]) -> Vec<G1Affine> = |table, scalars| table.points(scalars);
