//! What settles a batch: a proof with everything that its verifier cannot compute, as the contract takes it.
//!
//! The encoding is that of the contract's calldata: words of 32 bytes, big-endian, in the order of [`SettlementProof::words`]
//! (`specs/public-values.md`). Infinity is (0, 0), as the precompiles have it.

use crate::{
    convert::{g1_from_ark, g1_to_ark, to_ark},
    groth16::Proof,
    keys::DeciderVerifyingKey,
    public_values::{OpenedCommitment, PublicValue, PublicValues},
};
use ark_bn254::{Fq as ArkFq, Fq2, G1Affine as ArkG1, G2Affine as ArkG2};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField as _};
use notefold_folding::curves::{Fr, G1Affine, reduce_be, to_be_bytes};
use sha3::{Digest, Keccak256};

/// Words of a settlement proof.
pub const WORDS: usize = 39;
/// Bytes of a settlement proof.
pub const BYTES: usize = 32 * WORDS;

/// A proof that settles one batch for one aggregator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementProof {
    /// The public values.
    pub public: PublicValues,
    /// The Groth16 proof.
    pub groth16: Proof,
    /// The commitment to the quotient of the KZG opening.
    pub quotient: G1Affine,
    /// The value that is opened.
    pub y: Fr,
    /// Blindings of comm_W and comm_E of U_N.
    pub blindings: [Fr; 2],
}

/// Why bytes are not a settlement proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettlementDecodeError {
    /// Another number of bytes.
    #[error("expected a settlement proof of {BYTES} bytes, got {got}")]
    Length {
        /// Bytes given.
        got: usize,
    },
    /// A scalar that is not reduced.
    #[error("word {word}: expected a scalar below r, got a larger one")]
    Scalar {
        /// Which word.
        word: usize,
    },
    /// A point that is off the curve or outside the group, or whose coordinates are not reduced.
    #[error("word {word}: expected a point of the group, got another")]
    Point {
        /// Its first word.
        word: usize,
    },
}

/// `c = keccak256(key digest, D, scalars, commitments, blindings) mod r`: drawn after everything that it must bind.
#[must_use]
pub fn challenge(
    key: &DeciderVerifyingKey,
    d: &ArkG1,
    public: &PublicValues,
    blindings: &[Fr; 2],
) -> Fr {
    let (scalars, commitments) = public.parts();
    let mut hasher = Keccak256::new();
    hasher.update(key.digest());
    put_g1(d).iter().for_each(|word| hasher.update(word));
    let scalar = |value: &Fr| to_be_bytes(value);
    scalars.iter().for_each(|v| hasher.update(scalar(v)));
    for commitment in commitments {
        let words = put_g1(&g1_to_ark(commitment));
        words.iter().for_each(|word| hasher.update(word));
    }
    blindings.iter().for_each(|v| hasher.update(scalar(v)));
    reduce_be(&hasher.finalize().into())
}

type Word = [u8; 32];

fn put_base(value: &ArkFq) -> Word {
    let mut word = [0; 32];
    word.copy_from_slice(&value.into_bigint().to_bytes_be());
    word
}

pub(crate) fn put_g1(point: &ArkG1) -> [Word; 2] {
    match point.xy() {
        Some((x, y)) => [put_base(&x), put_base(&y)],
        None => [[0; 32]; 2],
    }
}

/// Imaginary parts first, as the pairing precompile takes them (EIP-197).
pub(crate) fn put_g2(point: &ArkG2) -> [Word; 4] {
    match point.xy() {
        Some((x, y)) => [x.c1, x.c0, y.c1, y.c0].map(|value| put_base(&value)),
        None => [[0; 32]; 4],
    }
}

/// Reads words one after another.
struct Words<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl Words<'_> {
    fn word(&mut self) -> Word {
        let start = 32 * self.next;
        self.next += 1;
        self.bytes[start..start + 32]
            .try_into()
            .expect("invariant: the length was checked")
    }

    fn scalar(&mut self) -> Result<Fr, SettlementDecodeError> {
        let (at, word) = (self.next, self.word());
        let value = reduce_be(&word);
        if to_be_bytes(&value) == word {
            Ok(value)
        } else {
            Err(SettlementDecodeError::Scalar { word: at })
        }
    }

    fn base(&mut self) -> Option<ArkFq> {
        let word = self.word();
        let value = ArkFq::from_be_bytes_mod_order(&word);
        (put_base(&value) == word).then_some(value)
    }

    fn g1(&mut self) -> Result<ArkG1, SettlementDecodeError> {
        let error = SettlementDecodeError::Point { word: self.next };
        let (Some(x), Some(y)) = (self.base(), self.base()) else {
            return Err(error);
        };
        let point = if x == ArkFq::from(0) && y == x {
            ArkG1::zero()
        } else {
            ArkG1::new_unchecked(x, y)
        };
        point.is_on_curve().then_some(point).ok_or(error)
    }

    fn g2(&mut self) -> Result<ArkG2, SettlementDecodeError> {
        let error = SettlementDecodeError::Point { word: self.next };
        let coordinates = [(); 4].map(|()| self.base());
        let [Some(x1), Some(x0), Some(y1), Some(y0)] = coordinates else {
            return Err(error);
        };
        let point = if [x1, x0, y1, y0].iter().all(|c| *c == ArkFq::from(0)) {
            ArkG2::zero()
        } else {
            ArkG2::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1))
        };
        let member = point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve();
        member.then_some(point).ok_or(error)
    }
}

impl SettlementProof {
    /// The words: public scalars, commitments, A, B, C, D, PoK, quotient, y, blindings.
    #[must_use]
    pub fn words(&self) -> Vec<Word> {
        let (scalars, commitments) = self.public.parts();
        let mut words: Vec<Word> = scalars.iter().map(to_be_bytes).collect();
        for commitment in commitments {
            words.extend(put_g1(&g1_to_ark(commitment)));
        }
        let proof = &self.groth16;
        words.extend(put_g1(&proof.a));
        words.extend(put_g2(&proof.b));
        for point in [&proof.c, &proof.d, &proof.pok, &g1_to_ark(&self.quotient)] {
            words.extend(put_g1(point));
        }
        words.extend([&self.y, &self.blindings[0], &self.blindings[1]].map(to_be_bytes));
        words
    }

    /// The words as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.words().concat()
    }

    /// The inverse of [`Self::to_bytes`]: every scalar below r, every point in its group.
    ///
    /// # Errors
    ///
    /// [`SettlementDecodeError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SettlementDecodeError> {
        if bytes.len() != BYTES {
            return Err(SettlementDecodeError::Length { got: bytes.len() });
        }
        let mut words = Words { bytes, next: 0 };
        let mut scalars = [Fr::zero(); PublicValue::ALL.len()];
        for scalar in &mut scalars {
            *scalar = words.scalar()?;
        }
        let mut commitments = [G1Affine::default(); OpenedCommitment::ALL.len()];
        for commitment in &mut commitments {
            *commitment = own(words.g1()?);
        }
        let groth16 = Proof {
            a: words.g1()?,
            b: words.g2()?,
            c: words.g1()?,
            d: words.g1()?,
            pok: words.g1()?,
        };
        Ok(Self {
            public: PublicValues::new(scalars, commitments),
            groth16,
            quotient: own(words.g1()?),
            y: words.scalar()?,
            blindings: [words.scalar()?, words.scalar()?],
        })
    }

    /// c, v, y: the public inputs of the Groth16 proof.
    pub(crate) fn inputs(&self, key: &DeciderVerifyingKey) -> [ark_bn254::Fr; 3] {
        let c = challenge(key, &self.groth16.d, &self.public, &self.blindings);
        [c, self.public.evaluate(&c), self.y].map(|value| to_ark(&value))
    }
}

fn own(point: ArkG1) -> G1Affine {
    g1_from_ark(&point).expect("invariant: the point was checked")
}
