//! Folding over Fr: a blinded step into the running note instance.
//!
//! Nova's non-interactive folding scheme (eprint 2021/370, construction 3) for steps that arrive already folded with
//! their mask (`specs/folding.md`, FOLD-2). Every instance that enters is absorbed, the running one included. Fresh
//! instances fold in [`crate::joint`].
//!
//! ```text
//! (U, W) ──┐
//!          ├─ cross term T ─► r = RO(pp, U, incoming, T) ─► (U', W')
//! incoming ┘
//! ```

mod accumulator;
#[cfg(test)]
mod tests;

pub use accumulator::{NoteAccumulator, start_pair};

use crate::{
    commitment_key::CommitmentKey,
    curves::{Commitment, Fr, G1Affine, R1CSInstance, R1CSShape, RelaxedR1CSInstance},
    domain,
    relaxed::{RelaxedR1CSWitness, concat_z, cross_term},
    step::CheckedStep,
    transcript::{self, Transcript},
};
use ff::Field;
use halo2curves::group::Curve;
use rayon::prelude::*;

/// Relation, key and transcript of a folding scheme.
#[derive(Clone, Copy)]
pub struct FoldContext<'a> {
    /// The matrices.
    pub shape: &'a R1CSShape,
    /// The commitment key.
    pub key: &'a CommitmentKey,
    /// pp: digest of relation and key, as an element.
    pub digest: Fr,
}

/// A running instance with its witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningPair {
    /// U.
    pub instance: RelaxedR1CSInstance,
    /// W.
    pub witness: RelaxedR1CSWitness,
}

/// The instances of a step as they arrive: a mask, a fresh instance, and the cross term of their fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindedInstance {
    /// U$.
    pub mask: RelaxedR1CSInstance,
    /// u: commitment to the step's witness, and its public inputs.
    pub fresh: R1CSInstance,
    /// Commitment to T0.
    pub comm_t0: Commitment,
}

impl BlindedInstance {
    /// `U$ + rho·u`.
    #[must_use]
    pub fn folded(&self, rho: &Fr) -> RelaxedR1CSInstance {
        self.mask.fold(&self.fresh, &self.comm_t0, rho)
    }

    /// `rho = RO(pp, U$, u, T0)`.
    #[must_use]
    pub fn challenge(&self, context: &FoldContext<'_>) -> Fr {
        transcript::challenge(&self.digest(context))
    }

    /// The digest whose challenge is rho.
    #[must_use]
    pub fn digest(&self, context: &FoldContext<'_>) -> Fr {
        let mut transcript = Transcript::new(domain::TRANSCRIPT_BLIND, context.digest);
        transcript.relaxed_instance(&self.mask);
        transcript.instance(&self.fresh);
        transcript.commitment(&self.comm_t0);
        transcript.digest()
    }
}

/// FOLD-2, prover: folds a checked step into the running note pair. Returns the new pair and the commitment to T1.
///
/// T1 is committed with blinding one. What is folded here is blinded already, so nothing needs hiding; but the cross term
/// of the first fold is zero, and its commitment must not be infinity.
#[must_use]
pub fn fold_blinded(
    context: &FoldContext<'_>,
    running: &RunningPair,
    step: &CheckedStep,
) -> (RunningPair, Commitment) {
    let incoming = step.incoming();
    let blinded = step.blinded_instance();
    let own = step.witness();
    let z = concat_z(&own.w, blinded.u(), blinded.X());
    let t1 = cross_term(
        context.shape,
        &sum(running, &z),
        &[&running.witness.e, &own.e],
    );
    let comm_t1 = context.key.commit(&t1, &Fr::ONE);
    let r = blinded_challenge(context, &running.instance, incoming, &comm_t1);
    let instance = running.instance.fold_relaxed(&blinded, &comm_t1, &r);
    let witness = RelaxedR1CSWitness {
        w: combine(&running.witness.w, r, &own.w),
        r_w: running.witness.r_w + r * own.r_w,
        e: combine(&combine(&running.witness.e, r, &t1), r.square(), &own.e),
        r_e: running.witness.r_e + r + r.square() * own.r_e,
    };
    (RunningPair { instance, witness }, comm_t1)
}

/// FOLD-2, verifier: the instance that follows from the commitment to T1. Both challenges are computed here.
#[must_use]
pub fn verify_blinded(
    context: &FoldContext<'_>,
    running: &RelaxedR1CSInstance,
    incoming: &BlindedInstance,
    comm_t1: &Commitment,
) -> RelaxedR1CSInstance {
    let rho = incoming.challenge(context);
    let r = blinded_challenge(context, running, incoming, comm_t1);
    running.fold_relaxed(&incoming.folded(&rho), comm_t1, &r)
}

/// `r = RO(pp, U, U$, u, T0, T1)`, where U$, u and T0 are absorbed as the digest that rho was drawn from: it binds them
/// and rho.
fn blinded_challenge(
    context: &FoldContext<'_>,
    running: &RelaxedR1CSInstance,
    incoming: &BlindedInstance,
    comm_t1: &Commitment,
) -> Fr {
    transcript::challenge(&blinded_digest(context, running, incoming, comm_t1))
}

/// The digest whose challenge is r of FOLD-2.
pub(crate) fn blinded_digest(
    context: &FoldContext<'_>,
    running: &RelaxedR1CSInstance,
    incoming: &BlindedInstance,
    comm_t1: &Commitment,
) -> Fr {
    let mut transcript = Transcript::new(domain::TRANSCRIPT_BLINDED, context.digest);
    transcript.relaxed_instance(running);
    transcript.scalar(&incoming.digest(context));
    transcript.commitment(comm_t1);
    transcript.digest()
}

/// z of the running pair plus z of what comes in.
fn sum(running: &RunningPair, z: &[Fr]) -> Vec<Fr> {
    let RunningPair { instance, witness } = running;
    combine(
        &concat_z(&witness.w, instance.u(), instance.X()),
        Fr::ONE,
        z,
    )
}

/// `left + factor·right`.
fn combine(left: &[Fr], factor: Fr, right: &[Fr]) -> Vec<Fr> {
    left.par_iter()
        .zip(right)
        .map(|(a, b)| *a + factor * *b)
        .collect()
}

/// A commitment in affine coordinates.
#[must_use]
pub(crate) fn affine(commitment: &Commitment) -> G1Affine {
    commitment.into_inner().to_affine()
}
