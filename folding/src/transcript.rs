//! The Fiat–Shamir transcript of folds over Fr, with a vocabulary.
//!
//! The sponge is nova-snark's random oracle over Fr, so that a circuit over Fr can recompute every challenge. Points
//! of G1 have coordinates in Fq, which exceeds Fr: each coordinate is absorbed as three limbs of 85 bits. A challenge
//! has 128 bits of which the highest and the lowest are set: it is odd, at least 2^127, and never zero, which is what
//! the group-operation circuit needs to have no exceptional case (`specs/cyclefold.md`).

use crate::{
    curves::{Commitment, Fq, Fr, R1CSInstance, RelaxedR1CSInstance},
    domain,
};
use ff::PrimeField;
use nova_snark::{
    provider::poseidon::{PoseidonConstantsCircuit, PoseidonRO},
    traits::{ROTrait, commitment::CommitmentTrait},
};
use rand_core::{CryptoRng, RngCore};

/// Bits of a limb of a G1 coordinate.
pub const LIMB_BITS: usize = 85;
/// Limbs of a G1 coordinate.
pub const LIMBS: usize = 3;
/// Bits of a challenge.
pub const CHALLENGE_BITS: usize = 128;

/// Constants of the sponge; generating them takes a while, so they are made once and shared.
pub type TranscriptConstants = PoseidonConstantsCircuit<Fr>;

/// A transcript of one fold.
pub struct Transcript {
    sponge: PoseidonRO<Fr>,
}

impl Transcript {
    /// Starts a transcript for a purpose and for parameters.
    #[must_use]
    pub fn new(constants: &TranscriptConstants, purpose: &'static [u8], params: Fr) -> Self {
        let mut sponge = PoseidonRO::new(constants.clone());
        sponge.absorb(domain::tag(purpose));
        sponge.absorb(params);
        Self { sponge }
    }

    /// Absorbs an element.
    pub fn scalar(&mut self, value: &Fr) {
        self.sponge.absorb(*value);
    }

    /// Absorbs a point: both coordinates, lowest limb first. Infinity is (0, 0), which is not on the curve.
    pub fn commitment(&mut self, commitment: &Commitment) {
        let (x, y, infinity) = commitment.to_coordinates();
        for coordinate in [x, y] {
            let coordinate = if infinity { Fq::zero() } else { coordinate };
            for limb in limbs(&coordinate) {
                self.sponge.absorb(limb);
            }
        }
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

    /// The challenge: 128 bits, the highest and the lowest set.
    #[must_use]
    pub fn challenge(mut self) -> Fr {
        let squeezed = self.sponge.squeeze(CHALLENGE_BITS, true);
        if bool::from(squeezed.is_odd()) {
            squeezed
        } else {
            squeezed + Fr::one()
        }
    }
}

/// A coordinate as limbs of 85 bits, lowest first.
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

/// A verifier's own random weight of 128 bits, for checking many equations at once.
pub fn random_weight(rng: &mut (impl RngCore + CryptoRng)) -> Fr {
    let mut repr = [0u8; 32];
    rng.fill_bytes(&mut repr[..16]);
    Fr::from_repr(repr.into()).expect("invariant: 128 bits are below r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;
    use halo2curves::bn256::G1Affine;

    fn start() -> Transcript {
        Transcript::new(
            &TranscriptConstants::default(),
            domain::TRANSCRIPT_BLIND,
            Fr::from(1),
        )
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
            let mut transcript = start();
            transcript.scalar(&Fr::from(value));
            let repr: [u8; 32] = transcript.challenge().to_repr().into();
            assert_eq!((repr[15] >> 7, repr[0] & 1), (1, 1));
            assert!(repr[16..].iter().all(|byte| *byte == 0));
        }
    }

    #[test]
    fn everything_absorbed_moves_the_challenge() {
        let generator = Commitment::new(G1Affine::generator().into());
        let negated = Commitment::new((-G1Affine::generator()).into());
        let mut seen = vec![start().challenge()];
        let instance = |point, x| R1CSInstance::new_unchecked(&point, &[x]).expect("an instance");
        for absorb in [
            (|t: &mut Transcript, _, _, _| t.scalar(&Fr::ONE)) as fn(&mut Transcript, _, _, _),
            |t, g, _, _| t.commitment(&g),
            |t, _, n, _| t.commitment(&n),
            |t, _, _, i: R1CSInstance| t.instance(&i),
        ] {
            let mut transcript = start();
            absorb(
                &mut transcript,
                generator,
                negated,
                instance(generator, Fr::ZERO),
            );
            let challenge = transcript.challenge();
            assert!(!seen.contains(&challenge));
            seen.push(challenge);
        }
        let other = Transcript::new(
            &TranscriptConstants::default(),
            domain::TRANSCRIPT_BLIND,
            Fr::from(2),
        );
        assert!(!seen.contains(&other.challenge()));
    }
}
