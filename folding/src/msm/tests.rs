//! Exactness on random and on exceptional input, over both curves.

use super::*;
use halo2curves::{bn256, group::prime::PrimeCurveAffine, grumpkin};
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

fn naive<C: ShortCurve>(scalars: &[C::ScalarExt], bases: &[C]) -> C::Curve {
    scalars
        .iter()
        .zip(bases)
        .fold(C::Curve::identity(), |sum, (scalar, base)| {
            sum + base.to_curve() * scalar
        })
}

fn check<C: ShortCurve>(scalars: &[C::ScalarExt], bases: &[C]) {
    let expected = naive(scalars, bases);
    for bits in [4, 9, 13, 15] {
        let table = FixedBaseTable::with_window(bases, bits);
        assert_eq!(
            table.msm(scalars),
            expected,
            "{} bases, window {bits}",
            bases.len()
        );
    }
}

fn random<C: ShortCurve>(seed: u64, count: usize) -> (Vec<C::ScalarExt>, Vec<C>) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let scalars = (0..count).map(|_| C::ScalarExt::random(&mut rng)).collect();
    let bases = (0..count)
        .map(|_| (C::generator() * C::ScalarExt::random(&mut rng)).to_affine())
        .collect();
    (scalars, bases)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn equals_the_definition(seed: u64, count in 0usize..200) {
        let (scalars, bases) = random::<bn256::G1Affine>(seed, count);
        check(&scalars, &bases);
        let (scalars, bases) = random::<grumpkin::G1Affine>(seed, count);
        check(&scalars, &bases);
    }

    #[test]
    fn small_and_extreme_scalars(seed: u64, kinds in prop::collection::vec(0u8..7, 1..60)) {
        let (mut scalars, bases) = random::<bn256::G1Affine>(seed, kinds.len());
        for (scalar, kind) in scalars.iter_mut().zip(&kinds) {
            *scalar = match kind {
                0 => bn256::Fr::ZERO,
                1 => bn256::Fr::ONE,
                2 => -bn256::Fr::ONE,
                3 => bn256::Fr::from(1 << 12),
                4 => bn256::Fr::from((1 << 12) + 1),
                5 => -bn256::Fr::from(u64::MAX),
                _ => *scalar,
            };
        }
        check(&scalars, &bases);
    }
}

#[test]
fn exceptional_pairs() {
    let (scalars, bases) = random::<bn256::G1Affine>(1, 8);
    let (point, other) = (bases[0], bases[1]);
    let one = scalars[0];
    // The same base many times: every pair of the first round is a doubling.
    check(&[one; 9], &[point; 9]);
    // Opposite bases: pairs cancel, and later rounds meet infinity.
    check(
        &[one; 8],
        &[point, -point, other, -other, point, -point, point, other],
    );
    check(
        &[one; 5],
        &[
            bn256::G1Affine::identity(),
            point,
            bn256::G1Affine::identity(),
            -point,
            other,
        ],
    );
    check::<bn256::G1Affine>(&[], &[]);
    check(&[bn256::Fr::ZERO; 3], &[point; 3]);
}

#[test]
fn infinity_is_the_only_point_with_x_zero() {
    // y² = 3 and y² = −17 have no solution, so (0, 0) cannot be taken for half of a point.
    assert!(bool::from(bn256::Fq::from(3).sqrt().is_none()));
    assert!(bool::from((-grumpkin::Fq::from(17)).sqrt().is_none()));
    assert_eq!(bn256::G1Affine::b(), bn256::Fq::from(3));
    assert_eq!(grumpkin::G1Affine::b(), -grumpkin::Fq::from(17));
}

#[test]
fn fewer_scalars_than_bases() {
    let (scalars, bases) = random::<bn256::G1Affine>(2, 40);
    let table = FixedBaseTable::new(&bases);
    assert_eq!(table.msm(&scalars[..7]), naive(&scalars[..7], &bases[..7]));
    assert_eq!((table.len(), table.is_empty()), (40, false));
}
