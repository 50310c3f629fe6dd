//! Development keys from a seed. Whoever knows the seed knows tau.

use super::{CommitmentKey, KeyOrigin};
use crate::{
    curves::{Fr, G1, G1Affine, G2Affine},
    msm::FixedBaseTable,
};
use ff::{Field, FromUniformBytes};
use halo2curves::group::Curve;
use rayon::prelude::*;
use sha2::{Digest, Sha512};

/// The seed of development keys where none is named: the committed contract is for the keys that it makes.
pub const DEVELOPMENT_SEED: &str = "notefold development";

/// Generates `2^power` powers of a tau that the seed determines. **Insecure**: for development and tests.
///
/// # Panics
///
/// When `power` is 0 or above 28, the range of the standard file format.
#[must_use]
pub fn generate_insecure(power: u32, seed: &str) -> CommitmentKey {
    assert!(
        (1..=28).contains(&power),
        "invariant: a power from 1 to 28, got {power}"
    );
    let mut hasher = Sha512::new();
    hasher.update(b"notefold insecure powers of tau v1");
    hasher.update(seed.as_bytes());
    let tau = Fr::from_uniform_bytes(&hasher.finalize().into());

    let count = 1usize << power;
    let generator = FixedBaseTable::new(&[G1Affine::generator()]);
    let chunk = 1 << 10;
    let powers: Vec<G1Affine> = (0..count.div_ceil(chunk))
        .into_par_iter()
        .flat_map_iter(|index| {
            let start = index * chunk;
            let mut power = tau.pow_vartime([start as u64]);
            let points: Vec<G1> = (start..count.min(start + chunk))
                .map(|_| {
                    let point = generator.msm(&[power]);
                    power *= tau;
                    point
                })
                .collect();
            let mut affine = vec![G1Affine::default(); points.len()];
            G1::batch_normalize(&points, &mut affine);
            affine
        })
        .collect();
    let tau_g2 = (G2Affine::generator() * tau).to_affine();
    let origin = KeyOrigin::InsecureDevelopment {
        seed: seed.to_owned(),
    };
    CommitmentKey::new(powers, tau_g2, origin)
        .expect("invariant: multiples of the generators are points of the groups")
}
