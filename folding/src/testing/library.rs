//! Our objects as nova-snark's, to hold one against the other.

use crate::{
    commitment_key::CommitmentKey,
    curves::{E1, Fr, G1, G1Affine},
};
use ff::Field;
use nova_snark::provider::{hyperkzg, traits::DlogGroupExt};
use rand_core::RngCore;

/// The same commitment key as the folding library's type.
///
/// # Panics
///
/// Never: the points were checked when our key was made.
#[must_use]
pub fn library_key(key: &CommitmentKey) -> hyperkzg::CommitmentKey<E1> {
    hyperkzg::CommitmentKey::new(
        key.powers().to_vec(),
        *key.blinding_generator(),
        *key.tau_g2(),
    )
    .expect("invariant: the points were checked")
}

/// The folding library's multi-scalar multiplication, to measure ours beside.
#[must_use]
pub fn library_msm(scalars: &[Fr], bases: &[G1Affine]) -> G1 {
    G1::vartime_multiscalar_mul(scalars, bases)
}

/// The curve library's multi-scalar multiplication, likewise.
#[must_use]
pub fn curve_library_msm(scalars: &[Fr], bases: &[G1Affine]) -> G1 {
    halo2curves::msm::msm_best(scalars, bases)
}

/// A uniform scalar.
#[must_use]
pub fn random_scalar(rng: &mut impl RngCore) -> Fr {
    Fr::random(rng)
}
