//! Bucket sums in affine coordinates with shared inversions, and their weighted reduction.

use super::{AffinePoint, ShortCurve};
use ff::Field;
use halo2curves::group::Group;
use rayon::prelude::*;

/// Entries that one task sums: enough to share an inversion among thousands, small enough to stay in cache.
const TASK_ENTRIES: usize = 2048;

/// A table row to add to a bucket, with its sign.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry(u32);

impl Entry {
    pub(super) fn new(row: usize, negative: bool) -> Self {
        Self(index_u32(row) << 1 | u32::from(negative))
    }

    fn load<F: Field>(self, table: &[AffinePoint<F>]) -> AffinePoint<F> {
        let point = table[(self.0 >> 1) as usize];
        if self.0 & 1 == 1 {
            AffinePoint {
                x: point.x,
                y: -point.y,
            }
        } else {
            point
        }
    }
}

/// `Σ_b b·Σ entries of bucket b`, where bucket b is `entries[offsets[b − 1]..offsets[b]]`.
pub(super) fn sum_buckets<C: ShortCurve>(
    table: &[AffinePoint<C::Base>],
    entries: &[Entry],
    offsets: &[u32],
) -> C::Curve {
    let sums: Vec<Vec<AffinePoint<C::Base>>> = tasks(offsets)
        .into_par_iter()
        .map(|(first, last)| {
            let (start, end) = (offsets[first] as usize, offsets[last] as usize);
            let points = entries[start..end].iter().map(|e| e.load(table)).collect();
            let lengths = offsets[first..=last]
                .windows(2)
                .map(|w| w[1] - w[0])
                .collect();
            Rounds { points, lengths }.run()
        })
        .collect();
    weighted_sum::<C>(&sums.concat())
}

/// Ranges of buckets `(first, last]` with about [`TASK_ENTRIES`] entries each.
fn tasks(offsets: &[u32]) -> Vec<(usize, usize)> {
    let buckets = offsets.len() - 1;
    let mut ranges = Vec::new();
    let mut first = 0;
    for last in 1..=buckets {
        if (offsets[last] - offsets[first]) as usize >= TASK_ENTRIES || last == buckets {
            ranges.push((first, last));
            first = last;
        }
    }
    ranges
}

/// `Σ_b b·sums[b − 1]`.
///
/// Written as a grid `b = L·row + column`, this is `L·Σ row·R_row + Σ column·C_column` over the sums of rows and of
/// columns. Those are plain sums, which share inversions like the buckets did; only `2·√B` additions are left to
/// running sums in projective coordinates.
fn weighted_sum<C: ShortCurve>(sums: &[AffinePoint<C::Base>]) -> C::Curve {
    let columns = 1usize << (sums.len().ilog2() / 2);
    let rows = sums.len() / columns + 1;
    let infinity = AffinePoint {
        x: C::Base::ZERO,
        y: C::Base::ZERO,
    };
    // b counts from 1: cell 0 of the grid is empty, and the last row has one cell.
    let cell = |index: usize| match index {
        0 => infinity,
        _ => sums.get(index - 1).copied().unwrap_or(infinity),
    };
    let (by_row, by_column) = rayon::join(
        || {
            let points = (0..rows * columns).map(cell).collect();
            let lengths = vec![index_u32(columns); rows];
            Rounds { points, lengths }.run()
        },
        || {
            let column = |column| (0..rows).map(move |row| cell(row * columns + column));
            let points = (0..columns).flat_map(column).collect();
            let lengths = vec![index_u32(rows); columns];
            Rounds { points, lengths }.run()
        },
    );
    let mut total = running_sum::<C>(&by_row);
    for _ in 0..columns.ilog2() {
        total = total.double();
    }
    total + running_sum::<C>(&by_column)
}

/// `Σ_i i·sums[i]`.
fn running_sum<C: ShortCurve>(sums: &[AffinePoint<C::Base>]) -> C::Curve {
    let mut running = C::Curve::identity();
    let mut total = C::Curve::identity();
    for sum in sums.iter().skip(1).rev() {
        if !is_infinity(sum) {
            running += C::from_xy_unchecked(*sum);
        }
        total += running;
    }
    total
}

fn index_u32(index: usize) -> u32 {
    u32::try_from(index).expect("invariant: tables have fewer than 2^31 rows")
}

fn is_infinity<F: Field>(point: &AffinePoint<F>) -> bool {
    // Plain comparison: the constant-time one costs as much as a multiplication. Only infinity has x = 0.
    point.x == F::ZERO && point.y == F::ZERO
}

/// Points bucket after bucket, halved in rounds until one is left of each.
struct Rounds<F> {
    points: Vec<AffinePoint<F>>,
    lengths: Vec<u32>,
}

impl<F: Field> Rounds<F> {
    fn run(mut self) -> Vec<AffinePoint<F>> {
        let mut next = Vec::with_capacity(self.points.len() / 2 + self.lengths.len());
        let mut products = Vec::with_capacity(self.points.len() / 2);
        while self.lengths.iter().any(|length| *length > 1) {
            self.round(&mut next, &mut products);
        }
        let infinity = AffinePoint {
            x: F::ZERO,
            y: F::ZERO,
        };
        let mut points = self.points.into_iter();
        self.lengths
            .iter()
            .map(|length| match length {
                0 => infinity,
                _ => points
                    .next()
                    .expect("invariant: one point per non-empty bucket"),
            })
            .collect()
    }

    /// Adds neighbours within each bucket.
    fn round(&mut self, next: &mut Vec<AffinePoint<F>>, products: &mut Vec<(F, F)>) {
        products.clear();
        let mut product = F::ONE;
        for (left, right) in pairs(&self.points, &self.lengths) {
            let denominator = slope_denominator(left, right);
            products.push((product, denominator));
            product *= denominator;
        }
        let mut inverse = product.invert().expect("invariant: no factor is zero");

        // Backwards, so that each inverse is peeled off the product of those before it.
        next.clear();
        let mut end = self.points.len();
        let mut pair = products.len();
        for length in self.lengths.iter_mut().rev() {
            let start = end - *length as usize;
            if *length % 2 == 1 {
                next.push(self.points[end - 1]);
                end -= 1;
            }
            while end > start {
                let (left, right) = (&self.points[end - 2], &self.points[end - 1]);
                pair -= 1;
                let (before, denominator) = products[pair];
                let own = inverse * before;
                inverse *= denominator;
                next.push(add(left, right, own));
                end -= 2;
            }
            *length = length.div_ceil(2);
        }
        next.reverse();
        std::mem::swap(&mut self.points, next);
    }
}

fn pairs<'a, F>(
    points: &'a [AffinePoint<F>],
    lengths: &'a [u32],
) -> impl Iterator<Item = (&'a AffinePoint<F>, &'a AffinePoint<F>)> {
    let mut rest = points;
    lengths.iter().flat_map(move |length| {
        let (bucket, after) = rest.split_at(*length as usize);
        rest = after;
        bucket.chunks_exact(2).map(|pair| (&pair[0], &pair[1]))
    })
}

/// The denominator of the slope through two points, or one where no slope is needed.
#[inline]
fn slope_denominator<F: Field>(left: &AffinePoint<F>, right: &AffinePoint<F>) -> F {
    if left.x != right.x {
        if is_infinity(left) || is_infinity(right) {
            F::ONE
        } else {
            right.x - left.x
        }
    } else if left.y == right.y && !is_infinity(left) {
        // Equal points. The group order is odd, so y ≠ 0.
        left.y.double()
    } else {
        F::ONE
    }
}

/// `left + right`, given the inverse of their slope's denominator (a = 0).
#[inline]
fn add<F: Field>(left: &AffinePoint<F>, right: &AffinePoint<F>, inverse: F) -> AffinePoint<F> {
    if is_infinity(left) {
        return *right;
    }
    if is_infinity(right) {
        return *left;
    }
    let slope = if left.x != right.x {
        (right.y - left.y) * inverse
    } else if left.y == right.y {
        let square = left.x.square();
        (square.double() + square) * inverse
    } else {
        return AffinePoint {
            x: F::ZERO,
            y: F::ZERO,
        };
    };
    let x = slope.square() - left.x - right.x;
    let y = slope * (left.x - x) - left.y;
    AffinePoint { x, y }
}
