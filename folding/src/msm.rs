//! Multi-scalar multiplication over bases that never change.
//!
//! Commitment keys are fixed, so `2^(c·w)·G` is tabulated for every base and window w. All windows of all scalars then
//! fall into one set of buckets: signed digits of c bits, `2^(c−1)` buckets, one bucket reduction, and no doublings.
//! Buckets are summed in affine coordinates, in rounds of pairs whose slopes share one inversion (Montgomery's trick):
//! about six multiplications an addition, against ten or more in projective coordinates.
//!
//! Exceptional pairs (equal points, opposite points, infinity) are handled where pairs are formed, so the result is
//! exact for every input.

mod buckets;
#[cfg(test)]
mod tests;

use buckets::{Entry, sum_buckets};
use ff::{Field, PrimeField};
use halo2curves::{
    CurveAffine,
    group::{Curve, Group},
};
use rayon::prelude::*;

/// Bits of a scalar, and one for the carry of signed digits.
const SCALAR_BITS: usize = 255;

/// Bases that are normalised together while a table is built.
const CHUNK: usize = 64;

/// A curve `y² = x³ + b` whose affine coordinates can be read without checks; infinity is (0, 0).
pub trait ShortCurve: CurveAffine {
    /// x and y.
    fn xy(&self) -> AffinePoint<Self::Base>;
    /// A point from coordinates that are known to be on the curve.
    fn from_xy_unchecked(point: AffinePoint<Self::Base>) -> Self;
}

/// Affine coordinates; (0, 0) is infinity, which is on neither curve because b ≠ 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffinePoint<F> {
    /// x.
    pub x: F,
    /// y.
    pub y: F,
}

macro_rules! short_curve {
    ($curve:ty) => {
        impl ShortCurve for $curve {
            fn xy(&self) -> AffinePoint<Self::Base> {
                AffinePoint {
                    x: self.x,
                    y: self.y,
                }
            }

            fn from_xy_unchecked(point: AffinePoint<Self::Base>) -> Self {
                Self {
                    x: point.x,
                    y: point.y,
                }
            }
        }
    };
}

short_curve!(halo2curves::bn256::G1Affine);
short_curve!(halo2curves::grumpkin::G1Affine);

/// Window tables of a list of bases.
pub struct FixedBaseTable<C: ShortCurve> {
    bits: usize,
    windows: usize,
    bases: usize,
    /// `points[base·windows + w] = 2^(bits·w)·base`.
    points: Vec<AffinePoint<C::Base>>,
}

impl<C: ShortCurve> FixedBaseTable<C> {
    /// Tabulates bases, with a window that suits their number: about `64·255/bits` bytes a base.
    #[must_use]
    pub fn new(bases: &[C]) -> Self {
        Self::with_window(bases, window_bits(bases.len()))
    }

    fn with_window(bases: &[C], bits: usize) -> Self {
        let windows = SCALAR_BITS.div_ceil(bits);
        let points = bases
            .par_chunks(CHUNK)
            .flat_map_iter(|chunk| {
                let mut multiples = Vec::with_capacity(chunk.len() * windows);
                for base in chunk {
                    let mut multiple = base.to_curve();
                    for window in 0..windows {
                        multiples.push(multiple);
                        if window + 1 < windows {
                            for _ in 0..bits {
                                multiple = multiple.double();
                            }
                        }
                    }
                }
                let mut affine = vec![C::identity(); multiples.len()];
                C::Curve::batch_normalize(&multiples, &mut affine);
                affine.into_iter().map(|point| point.xy())
            })
            .collect();
        Self {
            bits,
            windows,
            bases: bases.len(),
            points,
        }
    }

    /// Number of bases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bases
    }

    /// Whether there are no bases.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bases == 0
    }

    /// Bytes of the table.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        std::mem::size_of_val(self.points.as_slice())
    }

    /// `Σ scalars[i]·bases[i]` over the first `scalars.len()` bases. Variable time.
    ///
    /// # Panics
    ///
    /// When there are more scalars than bases: lengths follow from the circuit and its key, never from a message.
    #[must_use]
    pub fn msm(&self, scalars: &[C::ScalarExt]) -> C::Curve {
        assert!(
            scalars.len() <= self.bases,
            "invariant: {} bases serve {} scalars",
            self.bases,
            scalars.len()
        );
        let digits = self.digits(scalars);
        let count = 1 << (self.bits - 1);
        let mut offsets = vec![0u32; count + 1];
        for digit in &digits {
            if *digit != 0 {
                offsets[digit.unsigned_abs() as usize] += 1;
            }
        }
        for bucket in 1..=count {
            offsets[bucket] += offsets[bucket - 1];
        }
        // offsets[b] is now the end of bucket b (digits of magnitude b); place entries from the ends backwards.
        let mut cursor = offsets.clone();
        let mut entries = vec![Entry::default(); offsets[count] as usize];
        for (index, digit) in digits.iter().enumerate() {
            if *digit != 0 {
                let slot = &mut cursor[digit.unsigned_abs() as usize];
                *slot -= 1;
                entries[*slot as usize] = Entry::new(index, *digit < 0);
            }
        }
        sum_buckets::<C>(&self.points, &entries, &offsets)
    }

    /// Signed digits in `[−2^(bits−1), 2^(bits−1)]`, lowest window first, scalar after scalar.
    fn digits(&self, scalars: &[C::ScalarExt]) -> Vec<i32> {
        let mut digits = vec![0i32; scalars.len() * self.windows];
        digits
            .par_chunks_mut(self.windows)
            .zip(scalars)
            .for_each(|(row, scalar)| {
                if bool::from(scalar.is_zero()) {
                    return;
                }
                let repr = scalar.to_repr();
                let bytes = repr.as_ref();
                let half = 1i32 << (self.bits - 1);
                let mut carry = 0;
                for (window, digit) in row.iter_mut().enumerate() {
                    let mut value = window_value(bytes, window * self.bits, self.bits) + carry;
                    carry = i32::from(value > half);
                    value -= carry << self.bits;
                    *digit = value;
                }
                // 255 bits were cut from a number below 2^254, so nothing is left to carry.
                debug_assert_eq!(carry, 0);
            });
        digits
    }
}

impl<C: ShortCurve> std::fmt::Debug for FixedBaseTable<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FixedBaseTable")
            .field("bases", &self.bases)
            .field("bits", &self.bits)
            .finish_non_exhaustive()
    }
}

/// `bits` bits of a little-endian number from bit `start`; zero past its end.
fn window_value(bytes: &[u8], start: usize, bits: usize) -> i32 {
    let mut chunk = [0u8; 8];
    let first = start / 8;
    for (to, from) in chunk.iter_mut().zip(bytes.iter().skip(first).take(4)) {
        *to = *from;
    }
    let value = u64::from_le_bytes(chunk) >> (start % 8);
    i32::try_from(value & ((1 << bits) - 1)).expect("invariant: windows have at most 16 bits")
}

/// The window that was measured fastest for a number of bases.
fn window_bits(bases: usize) -> usize {
    match bases {
        0..=64 => 6,
        65..=4096 => 11,
        4097..=32768 => 15,
        _ => 16,
    }
}
