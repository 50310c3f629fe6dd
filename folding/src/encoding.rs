//! Canonical binary encoding: little-endian integers, reduced scalars, affine points on the curve.
//!
//! Every value has exactly one encoding. A decoder never allocates more than the bytes it was given justify, and says
//! what it expected and what it got.

use crate::{
    curves::{Fq, Fr, G1Affine},
    step::ParamsDigest,
};
use ff::PrimeField;
use halo2curves::grumpkin;
use halo2curves::{CurveAffine, group::prime::PrimeCurveAffine};

/// Bytes of an encoded scalar.
pub const SCALAR_BYTES: usize = 32;
/// Bytes of an encoded point: x, then y.
pub const POINT_BYTES: usize = 64;

/// Why bytes are not the encoding of a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early.
    #[error("{what}: expected {expected} more bytes, got {got}")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Bytes needed.
        expected: usize,
        /// Bytes left.
        got: usize,
    },
    /// Bytes follow the end of the value.
    #[error("expected the encoding to end after {expected} bytes, got {got} bytes")]
    TrailingBytes {
        /// Length of the value.
        expected: usize,
        /// Length given.
        got: usize,
    },
    /// The first bytes name another kind of object.
    #[error("expected {expected}, got bytes that start with {got}")]
    WrongMagic {
        /// Kind of object asked for.
        expected: &'static str,
        /// First bytes, in hexadecimal.
        got: String,
    },
    /// Another version of the format.
    #[error("{what}: expected format version {expected}, got {got}")]
    WrongVersion {
        /// Kind of object.
        what: &'static str,
        /// Version this build reads.
        expected: u16,
        /// Version found.
        got: u16,
    },
    /// A scalar that is not below the field's modulus.
    #[error("{what}: expected a reduced field element, got 0x{got}")]
    NonCanonicalScalar {
        /// Which scalar.
        what: &'static str,
        /// The bytes as a big-endian integer in hexadecimal.
        got: String,
    },
    /// Coordinates of no point on the curve.
    #[error("{what}: expected a point on the curve, got coordinates that are off the curve")]
    NotOnCurve {
        /// Which point.
        what: &'static str,
    },
    /// The point at infinity where an honest sender never has it.
    #[error("{what}: expected a point other than infinity")]
    PointAtInfinity {
        /// Which point.
        what: &'static str,
    },
    /// A count other than the one that the parameters fix.
    #[error("{what}: expected {expected} elements, got {got}")]
    WrongLength {
        /// Which list.
        what: &'static str,
        /// Count fixed by the parameters.
        expected: usize,
        /// Count found.
        got: usize,
    },
    /// A value outside its range.
    #[error("{what}: expected {expected}, got {got}")]
    OutOfRange {
        /// Which value.
        what: &'static str,
        /// The rule.
        expected: &'static str,
        /// What was found.
        got: u64,
    },
    /// The object was made for other parameters.
    #[error("expected parameters {expected}, got an object made for parameters {got}")]
    WrongParameters {
        /// Digest of the parameters in use.
        expected: String,
        /// Digest in the object.
        got: String,
    },
}

/// Reads values from bytes.
pub struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bytes not read yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.position
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`].
    pub fn take(&mut self, what: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let got = self.remaining();
        if got < count {
            return Err(DecodeError::Truncated {
                what,
                expected: count,
                got,
            });
        }
        let start = self.position;
        self.position += count;
        Ok(&self.bytes[start..self.position])
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`].
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let bytes = self.take(what, N)?;
        Ok(bytes
            .try_into()
            .expect("invariant: take returns as many bytes as asked"))
    }

    /// One byte.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`].
    pub fn u8(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        Ok(self.array::<1>(what)?[0])
    }

    /// A 32-bit integer.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`].
    pub fn u32(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(self.array(what)?))
    }

    /// A 64-bit integer.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`].
    pub fn u64(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        Ok(u64::from_le_bytes(self.array(what)?))
    }

    /// Magic bytes and format version.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongMagic`], [`DecodeError::WrongVersion`], [`DecodeError::Truncated`].
    pub fn header(
        &mut self,
        what: &'static str,
        magic: [u8; 4],
        version: u16,
    ) -> Result<(), DecodeError> {
        let got: [u8; 4] = self.array(what)?;
        if got != magic {
            return Err(DecodeError::WrongMagic {
                expected: what,
                got: hex::encode(got),
            });
        }
        let got = u16::from_le_bytes(self.array(what)?);
        if got != version {
            return Err(DecodeError::WrongVersion {
                what,
                expected: version,
                got,
            });
        }
        Ok(())
    }

    /// A reduced scalar.
    ///
    /// # Errors
    ///
    /// [`DecodeError::NonCanonicalScalar`], [`DecodeError::Truncated`].
    pub fn scalar(&mut self, what: &'static str) -> Result<Fr, DecodeError> {
        scalar_from_bytes(what, self.array(what)?)
    }

    /// A point on the curve that is not the identity.
    ///
    /// BN254 G1 has cofactor one: a point on the curve is in the group.
    ///
    /// # Errors
    ///
    /// [`DecodeError::NonCanonicalScalar`] for a coordinate that is not reduced, [`DecodeError::NotOnCurve`],
    /// [`DecodeError::PointAtInfinity`], [`DecodeError::Truncated`].
    pub fn point(&mut self, what: &'static str) -> Result<G1Affine, DecodeError> {
        let mut coordinate = || -> Result<Fq, DecodeError> {
            let bytes: [u8; 32] = self.array(what)?;
            Fq::from_repr(bytes.into())
                .into_option()
                .ok_or_else(|| non_canonical(what, bytes))
        };
        let (x, y) = (coordinate()?, coordinate()?);
        let point = G1Affine { x, y };
        if bool::from(point.is_identity()) {
            return Err(DecodeError::PointAtInfinity { what });
        }
        if !bool::from(point.is_on_curve()) {
            return Err(DecodeError::NotOnCurve { what });
        }
        Ok(point)
    }

    /// A reduced element of Fq.
    ///
    /// # Errors
    ///
    /// [`DecodeError::NonCanonicalScalar`], [`DecodeError::Truncated`].
    pub fn base(&mut self, what: &'static str) -> Result<Fq, DecodeError> {
        let bytes: [u8; 32] = self.array(what)?;
        Fq::from_repr(bytes.into())
            .into_option()
            .ok_or_else(|| non_canonical(what, bytes))
    }

    /// A point on Grumpkin that is not the identity. Grumpkin has cofactor one as well.
    ///
    /// # Errors
    ///
    /// As [`Self::point`].
    pub fn grumpkin(&mut self, what: &'static str) -> Result<grumpkin::G1Affine, DecodeError> {
        let (x, y) = (self.scalar(what)?, self.scalar(what)?);
        let point = grumpkin::G1Affine { x, y };
        if bool::from(point.is_identity()) {
            return Err(DecodeError::PointAtInfinity { what });
        }
        if !bool::from(point.is_on_curve()) {
            return Err(DecodeError::NotOnCurve { what });
        }
        Ok(point)
    }

    /// A count that the parameters fix.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongLength`], [`DecodeError::Truncated`].
    pub fn count(&mut self, what: &'static str, expected: usize) -> Result<(), DecodeError> {
        match self.u32(what)? as usize {
            got if got == expected => Ok(()),
            got => Err(DecodeError::WrongLength {
                what,
                expected,
                got,
            }),
        }
    }

    /// The digest of the parameters in use.
    ///
    /// # Errors
    ///
    /// [`DecodeError::WrongParameters`], [`DecodeError::Truncated`].
    pub fn parameters(&mut self, expected: ParamsDigest) -> Result<(), DecodeError> {
        let got = ParamsDigest::new(self.array("parameters digest")?);
        if got != expected {
            return Err(DecodeError::WrongParameters {
                expected: expected.to_string(),
                got: got.to_string(),
            });
        }
        Ok(())
    }

    /// Refuses bytes after the end.
    ///
    /// # Errors
    ///
    /// [`DecodeError::TrailingBytes`].
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.remaining() > 0 {
            return Err(DecodeError::TrailingBytes {
                expected: self.position,
                got: self.bytes.len(),
            });
        }
        Ok(())
    }
}

/// A reduced scalar from its 32 little-endian bytes.
///
/// # Errors
///
/// [`DecodeError::NonCanonicalScalar`].
pub fn scalar_from_bytes(what: &'static str, bytes: [u8; 32]) -> Result<Fr, DecodeError> {
    Fr::from_repr(bytes.into())
        .into_option()
        .ok_or_else(|| non_canonical(what, bytes))
}

fn non_canonical(what: &'static str, mut bytes: [u8; 32]) -> DecodeError {
    bytes.reverse();
    DecodeError::NonCanonicalScalar {
        what,
        got: hex::encode(bytes),
    }
}

/// Appends a scalar.
pub fn put_scalar(out: &mut Vec<u8>, value: &Fr) {
    out.extend_from_slice(value.to_repr().as_ref());
}

/// Appends an element of Fq.
pub fn put_base(out: &mut Vec<u8>, value: &Fq) {
    out.extend_from_slice(value.to_repr().as_ref());
}

/// Appends a point of Grumpkin other than the identity.
pub fn put_grumpkin(out: &mut Vec<u8>, point: &grumpkin::G1Affine) {
    debug_assert!(
        !bool::from(point.is_identity()),
        "invariant: encoded points are not the identity"
    );
    put_scalar(out, &point.x);
    put_scalar(out, &point.y);
}

/// Appends a point other than the identity, which has no encoding.
pub fn put_point(out: &mut Vec<u8>, point: &G1Affine) {
    debug_assert!(
        !bool::from(point.is_identity()),
        "invariant: encoded points are not the identity"
    );
    out.extend_from_slice(point.x.to_repr().as_ref());
    out.extend_from_slice(point.y.to_repr().as_ref());
}

/// Appends magic bytes and format version.
pub fn put_header(out: &mut Vec<u8>, magic: [u8; 4], version: u16) {
    out.extend_from_slice(&magic);
    out.extend_from_slice(&version.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use ff::Field;

    #[test]
    fn scalars_are_reduced_or_refused() {
        let mut bytes = Vec::new();
        put_scalar(&mut bytes, &-Fr::ONE);
        assert_eq!(Reader::new(&bytes).scalar("s"), Ok(-Fr::ONE));
        bytes[0] += 1;
        let error = Reader::new(&bytes)
            .scalar("s")
            .expect_err("the modulus itself");
        assert!(
            matches!(error, DecodeError::NonCanonicalScalar { what: "s", .. }),
            "{error}"
        );
        assert!(error.to_string().contains("30644e72e131a029"), "{error}");
    }

    #[test]
    fn points_are_on_the_curve_and_not_infinity() {
        let mut bytes = Vec::new();
        put_point(&mut bytes, &G1Affine::generator());
        assert_eq!(Reader::new(&bytes).point("p"), Ok(G1Affine::generator()));
        bytes[32] ^= 1;
        assert_eq!(
            Reader::new(&bytes).point("p"),
            Err(DecodeError::NotOnCurve { what: "p" })
        );
        assert_eq!(
            Reader::new(&[0; 64]).point("p"),
            Err(DecodeError::PointAtInfinity { what: "p" })
        );
        assert!(matches!(
            Reader::new(&[0xff; 64]).point("p"),
            Err(DecodeError::NonCanonicalScalar { .. })
        ));
    }

    #[test]
    fn the_end_is_the_end() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u8("a"), Ok(1));
        assert_eq!(
            reader.u32("b"),
            Err(DecodeError::Truncated {
                what: "b",
                expected: 4,
                got: 2
            })
        );
        assert_eq!(
            reader.finish(),
            Err(DecodeError::TrailingBytes {
                expected: 1,
                got: 3
            })
        );
    }
}
