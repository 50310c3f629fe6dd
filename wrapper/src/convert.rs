//! The same elements and points in both libraries, and as integers.

use ark_bn254 as ark;
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField as _};
use ff::PrimeField;
use halo2curves::{CurveAffine, group::prime::PrimeCurveAffine};
use notefold_folding::curves::{Fq, Fr, G1Affine, G2Affine};
use num_bigint::{BigInt, BigUint, Sign};

/// A scalar in arkworks' form.
pub(crate) fn to_ark(value: &Fr) -> ark::Fr {
    ark::Fr::from_le_bytes_mod_order(value.to_repr().as_ref())
}

/// A scalar in this workspace's form.
pub(crate) fn from_ark(value: &ark::Fr) -> Fr {
    Fr::from_repr(bytes(&value.into_bigint()).into()).expect("invariant: below r")
}

fn bytes(value: &impl BigInteger) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(&value.to_bytes_le());
    out
}

fn base_to_ark(value: &Fq) -> ark::Fq {
    ark::Fq::from_le_bytes_mod_order(value.to_repr().as_ref())
}

/// A point of G1 in arkworks' form.
pub(crate) fn g1_to_ark(point: &G1Affine) -> ark::G1Affine {
    if bool::from(point.is_identity()) {
        return ark::G1Affine::zero();
    }
    ark::G1Affine::new_unchecked(base_to_ark(&point.x), base_to_ark(&point.y))
}

/// A point of G1 in this workspace's form, if it is on the curve.
pub(crate) fn g1_from_ark(point: &ark::G1Affine) -> Option<G1Affine> {
    let Some((x, y)) = point.xy() else {
        return Some(G1Affine::identity());
    };
    let coordinate = |value: &ark::Fq| {
        Fq::from_repr(bytes(&value.into_bigint()).into()).expect("invariant: below q")
    };
    G1Affine::from_xy(coordinate(&x), coordinate(&y)).into_option()
}

/// A point of G2 in arkworks' form.
pub(crate) fn g2_to_ark(point: &G2Affine) -> ark::G2Affine {
    let pair = |c0: &Fq, c1: &Fq| ark::Fq2::new(base_to_ark(c0), base_to_ark(c1));
    let (x, y) = (&point.x, &point.y);
    ark::G2Affine::new_unchecked(pair(x.c0(), x.c1()), pair(y.c0(), y.c1()))
}

/// A point of G2 in this workspace's form, if it is on the curve.
pub(crate) fn g2_from_ark(point: &ark::G2Affine) -> Option<G2Affine> {
    let (x, y) = point.xy()?;
    let coordinate = |value: &ark::Fq2| {
        let [c0, c1] = [&value.c0, &value.c1].map(|part| {
            Fq::from_repr(bytes(&part.into_bigint()).into()).expect("invariant: below q")
        });
        halo2curves::bn256::Fq2::new(c0, c1)
    };
    G2Affine::from_xy(coordinate(&x), coordinate(&y)).into_option()
}

/// An element as the integer below its modulus.
pub(crate) fn integer<F: PrimeField>(value: &F) -> BigUint {
    BigUint::from_bytes_le(value.to_repr().as_ref())
}

/// The modulus of a field.
pub(crate) fn modulus<F: PrimeField>() -> BigUint {
    integer(&-F::ONE) + 1u32
}

/// An integer as a scalar.
pub(crate) fn scalar(value: &BigInt) -> Fr {
    let modulus = BigInt::from(modulus::<Fr>());
    let reduced = ((value % &modulus) + &modulus) % &modulus;
    let (_, digits) = reduced.to_bytes_le();
    let mut repr = [0; 32];
    repr[..digits.len()].copy_from_slice(&digits);
    Fr::from_repr(repr.into()).expect("invariant: reduced")
}

/// The integer of least absolute value that an element stands for.
pub(crate) fn signed<F: PrimeField>(value: &F) -> BigInt {
    let (positive, negative) = (integer(value), integer(&-*value));
    if positive <= negative {
        BigInt::from_biguint(Sign::Plus, positive)
    } else {
        BigInt::from_biguint(Sign::Minus, negative)
    }
}
