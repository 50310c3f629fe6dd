//! The Fiat–Shamir transcript of folds, with a vocabulary: Poseidon over Fr, natively and (in `augmented`) in-circuit.
//!
//! A transcript has a fixed list of elements, so its digest is a chain of fixed-width hashes: the state starts at
//! `Poseidon(purpose, pp)`, and each further call takes it and up to fifteen elements. Points of G1 have coordinates in
//! Fq, which exceeds Fr: each coordinate is cut into limbs of 85, 85 and 84 bits, and the six limbs of a point are
//! absorbed as three elements of two limbs each. A challenge has 128 bits of which the highest and the lowest are set:
//! it is odd, at least 2^127, and never zero, which is what the group-operation circuit needs to have no exceptional
//! case (`specs/cyclefold.md`).

use crate::{
    curves::{Commitment, Fq, Fr, G1Affine, R1CSInstance, RelaxedR1CSInstance},
    domain, poseidon,
};
use ff::{Field, PrimeField};
use halo2curves::group::Curve;
use rand_core::{CryptoRng, RngCore};

/// Bits of a limb of a G1 coordinate; the highest limb has one less.
pub const LIMB_BITS: usize = 85;
/// Limbs of a G1 coordinate.
pub const LIMBS: usize = 3;
/// Bits of a challenge.
pub const CHALLENGE_BITS: usize = 128;
/// Elements that one hash of a chain takes beside the state.
pub const CHAIN_RATE: usize = poseidon::MAX_INPUTS - 1;

/// A transcript of one fold.
pub struct Transcript {
    start: Fr,
    elements: Vec<Fr>,
}

impl Transcript {
    /// Starts a transcript for a purpose and for parameters.
    #[must_use]
    pub fn new(purpose: &'static [u8], params: Fr) -> Self {
        Self::resume(start(purpose, params))
    }

    /// Goes on from a digest that binds what came before.
    #[must_use]
    pub fn resume(state: Fr) -> Self {
        Self {
            start: state,
            elements: Vec::new(),
        }
    }

    /// Absorbs an element.
    pub fn scalar(&mut self, value: &Fr) {
        self.elements.push(*value);
    }

    /// Absorbs a point. Infinity is (0, 0), which is not on the curve.
    pub fn point(&mut self, point: &G1Affine) {
        self.elements.extend(packed_point(point));
    }

    /// Absorbs a commitment.
    pub fn commitment(&mut self, commitment: &Commitment) {
        self.point(&commitment.into_inner().to_affine());
    }

    /// Absorbs a relaxed instance: comm_W, comm_E, u, X.
    pub fn relaxed_instance(&mut self, instance: &RelaxedR1CSInstance) {
        self.commitment(instance.comm_W());
        self.commitment(instance.comm_E());
        self.scalar(&instance.u());
        instance.X().iter().for_each(|x| self.scalar(x));
    }

    /// Absorbs a fresh instance: comm_W, X.
    pub fn instance(&mut self, instance: &R1CSInstance) {
        self.commitment(instance.comm_W());
        instance.X().iter().for_each(|x| self.scalar(x));
    }

    /// The digest of everything absorbed.
    #[must_use]
    pub fn digest(self) -> Fr {
        self.elements
            .chunks(CHAIN_RATE)
            .fold(self.start, |state, chunk| {
                let mut inputs = vec![state];
                inputs.extend_from_slice(chunk);
                poseidon::hash(&inputs)
            })
    }

    /// The challenge of everything absorbed.
    #[must_use]
    pub fn challenge(self) -> Fr {
        challenge(&self.digest())
    }
}

/// `Poseidon(purpose, pp)`, with which a transcript starts.
#[must_use]
pub fn start(purpose: &'static [u8], params: Fr) -> Fr {
    poseidon::hash(&[domain::tag(purpose), params])
}

/// The challenge of a digest: its 128 low bits, the highest and the lowest of them set.
#[must_use]
pub fn challenge(digest: &Fr) -> Fr {
    let mut repr: [u8; 32] = digest.to_repr().into();
    repr[CHALLENGE_BITS / 8..].fill(0);
    repr[0] |= 1;
    repr[CHALLENGE_BITS / 8 - 1] |= 0x80;
    Fr::from_repr(repr.into()).expect("invariant: 128 bits are below r")
}

/// A coordinate as limbs, lowest first.
#[must_use]
pub fn limbs(coordinate: &Fq) -> [Fr; LIMBS] {
    let bytes: [u8; 32] = coordinate.to_repr().into();
    std::array::from_fn(|limb| {
        let mut repr = [0u8; 32];
        for bit in 0..LIMB_BITS {
            let source = limb * LIMB_BITS + bit;
            if source < 256 && (bytes[source / 8] >> (source % 8)) & 1 == 1 {
                repr[bit / 8] |= 1 << (bit % 8);
            }
        }
        Fr::from_repr(repr.into()).expect("invariant: 85 bits are below r")
    })
}

/// The limbs of a point: x before y, lowest first. Infinity is six zeros.
#[must_use]
pub fn point_limbs(point: &G1Affine) -> [Fr; 2 * LIMBS] {
    let [x, y] = [limbs(&point.x), limbs(&point.y)];
    [x[0], x[1], x[2], y[0], y[1], y[2]]
}

/// Pairs of limbs that are absorbed as one element, and the shift of the second: sums of two limbs below 2^170.
pub(crate) const LIMB_PAIRS: [(usize, usize); LIMBS] = [(0, 1), (2, 3), (4, 5)];

/// The three elements that transcripts absorb of a point, two limbs each: bits 0 to 169 of x, the rest of x with the 85
/// low bits of y above it, and the rest of y.
#[must_use]
pub fn packed_point(point: &G1Affine) -> [Fr; LIMBS] {
    pack_point(&point_limbs(point))
}

/// Three elements of two limbs each.
fn pack_point(limbs: &[Fr; 2 * LIMBS]) -> [Fr; LIMBS] {
    let shift = limb_shift();
    LIMB_PAIRS.map(|(low, high)| limbs[low] + shift * limbs[high])
}

/// 2^85.
pub(crate) fn limb_shift() -> Fr {
    Fr::from(2).pow([LIMB_BITS as u64])
}

/// A verifier's own random weight of 128 bits, for checking many equations at once.
pub fn random_weight(rng: &mut (impl RngCore + CryptoRng)) -> Fr {
    let mut repr = [0u8; 32];
    rng.fill_bytes(&mut repr[..16]);
    Fr::from_repr(repr.into()).expect("invariant: 128 bits are below r")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin() -> Transcript {
        Transcript::new(domain::TRANSCRIPT_BLIND, Fr::from(1))
    }

    #[test]
    fn limbs_recombine() {
        let value = Fq::random(rand_core::OsRng);
        let shift = Fq::from(2).pow([LIMB_BITS as u64]);
        let sum = limbs(&value).iter().rev().fold(Fq::ZERO, |sum, limb| {
            let repr: [u8; 32] = limb.to_repr().into();
            sum * shift + Fq::from_repr(repr.into()).expect("small")
        });
        assert_eq!(sum, value);
    }

    #[test]
    fn challenges_have_128_bits_with_the_highest_and_the_lowest_set() {
        for value in 0..20 {
            let mut transcript = begin();
            transcript.scalar(&Fr::from(value));
            let repr: [u8; 32] = transcript.challenge().to_repr().into();
            assert_eq!((repr[15] >> 7, repr[0] & 1), (1, 1));
            assert!(repr[16..].iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn everything_absorbed_moves_the_digest() {
        let generator = Commitment::new(G1Affine::generator().into());
        let negated = Commitment::new((-G1Affine::generator()).into());
        let instance =
            |point, x: &[Fr]| R1CSInstance::new_unchecked(&point, x).expect("an instance");
        let mut seen = vec![begin().digest()];
        let mut check = |absorb: &dyn Fn(&mut Transcript)| {
            let mut transcript = begin();
            absorb(&mut transcript);
            let digest = transcript.digest();
            assert!(!seen.contains(&digest));
            seen.push(digest);
        };
        check(&|t| t.scalar(&Fr::ONE));
        check(&|t| t.commitment(&generator));
        check(&|t| t.commitment(&negated));
        check(&|t| t.instance(&instance(generator, &[Fr::ZERO])));
        check(&|t| (0..CHAIN_RATE).for_each(|_| t.scalar(&Fr::ONE)));
        check(&|t| (0..=CHAIN_RATE).for_each(|_| t.scalar(&Fr::ONE)));
        let other = Transcript::new(domain::TRANSCRIPT_BLIND, Fr::from(2));
        check(&|t| *t = Transcript::new(domain::TRANSCRIPT_BLINDED, Fr::from(1)));
        assert!(!seen.contains(&other.digest()));
    }
}
