//! `Σ v_i·G_i` on Grumpkin for fixed bases, by one set of buckets for all digits of all scalars.
//!
//! With v_i = Σ_w d_{i,w}·4320^w and the constants G_{i,w} = 4320^w·G_i the sum is `Σ_d d·B_d`, where bucket B_d is the sum
//! of the G_{i,w} whose digit is d (Pippenger's buckets, without windows because the bases are constants). Buckets are a
//! memory, checked offline (Blum and others, "Checking the correctness of memories", 1991) by LogUp (Haböck, eprint
//! 2022/1530): operation (i, w) reads (address, count, point), adds its constant, and writes (address, count + 1, point').
//! What is written, with the initial contents, is what is read, with the final contents, as multisets of
//! `γ + x + δ·y + δ²·address + δ³·count`.
//!
//! **Why the reads are honest.** Draw an edge from each read tuple to its write. Every tuple has as many edges in as out, but
//! for initial tuples (one out) and final tuples (one in), so the edges form paths from initial to final tuples, and
//! cycles. A cycle is impossible: the count grows by one along every edge, and there are fewer edges than r. On a path
//! the address stays, so it is one of an initial tuple: an address out of range has none. So each bucket's final point
//! is its initial one and its constants, added one by one. An operation commits to its address, its count, x, and the slope
//! of its chord; y follows, as x' and y' do. The slope is free only where x is the constant's own: then the bucket holds
//! that constant, a relation between points that were hashed to the curve.

use super::{
    challenges::Challenges,
    integer::BASE,
    round::{FirstRound, divide},
};
use ff::Field;
use halo2curves::{
    CurveAffine,
    group::{Curve, Group, prime::PrimeCurveAffine},
    grumpkin,
};
use notefold_folding::{curves::Fr, cyclefold::GrumpkinPoint, gadget::Wire};
use nova_snark::{
    frontend::{ConstraintSystem, SynthesisError},
    provider::traits::DlogGroup,
};
use std::sync::OnceLock;

const LABEL: &[u8] = b"notefold decider buckets";

/// Where buckets and both running sums of their evaluation start: points of which nobody knows a relation.
struct Starts {
    bucket: GrumpkinPoint,
    suffix: GrumpkinPoint,
    total: GrumpkinPoint,
}

impl Starts {
    fn get() -> &'static Self {
        static STARTS: OnceLock<Starts> = OnceLock::new();
        STARTS.get_or_init(|| {
            let points = grumpkin::G1::from_label(LABEL, 3);
            Self {
                bucket: points[0],
                suffix: points[1],
                total: points[2],
            }
        })
    }

    /// What the total is when every scalar is zero.
    fn offset(&self) -> grumpkin::G1 {
        type Scalar = <GrumpkinPoint as CurveAffine>::ScalarExt;
        let buckets = u64::from(BASE) - 1;
        let sum = Scalar::from(buckets * (buckets + 1) / 2);
        self.bucket * sum + self.suffix * Scalar::from(buckets) + self.total
    }
}

/// `4320^w·G_i` for every digit of every scalar: what one operation adds.
pub(crate) fn constants(bases: &[GrumpkinPoint], digits: usize) -> Vec<Vec<GrumpkinPoint>> {
    use rayon::prelude::*;
    bases
        .par_iter()
        .map(|point| {
            let powers: Vec<grumpkin::G1> =
                std::iter::successors(Some(point.to_curve()), |p| Some(times_base(*p)))
                    .take(digits)
                    .collect();
            let mut affine = vec![GrumpkinPoint::identity(); digits];
            grumpkin::G1::batch_normalize(&powers, &mut affine);
            affine
        })
        .collect()
}

/// 4320·P.
fn times_base(point: grumpkin::G1) -> grumpkin::G1 {
    let bits = (0..u32::BITS - BASE.leading_zeros()).rev();
    bits.fold(grumpkin::G1::identity(), |sum, bit| {
        let doubled = sum.double();
        if (BASE >> bit) & 1 == 1 {
            doubled + point
        } else {
            doubled
        }
    })
}

/// One addition into a bucket, committed.
struct Operation {
    constant: GrumpkinPoint,
    address: Wire,
    count: Wire,
    x: Wire,
    slope: Wire,
}

/// Final contents of a bucket, committed.
struct Bucket {
    x: Wire,
    y: Wire,
    count: Wire,
}

/// Everything that is committed of one multiplication.
pub(crate) struct Buckets {
    operations: Vec<Operation>,
    buckets: Vec<Bucket>,
}

/// Native buckets: points with counts.
struct Memory(Vec<(GrumpkinPoint, u64)>);

impl Memory {
    fn new() -> Self {
        Self(vec![(Starts::get().bucket, 0); BASE as usize])
    }

    /// Count, x and slope of an addition; the bucket holds the sum afterwards.
    fn add(&mut self, address: usize, constant: &GrumpkinPoint) -> [Fr; 3] {
        let (point, count) = &mut self.0[address];
        let slope = slope((point.x, point.y), (constant.x, constant.y));
        let read = [Fr::from(*count), point.x, slope];
        *point = (point.to_curve() + constant.to_curve()).to_affine();
        *count += 1;
        read
    }
}

fn slope((x1, y1): (Fr, Fr), (x2, y2): (Fr, Fr)) -> Fr {
    (y2 - y1) * (x2 - x1).invert().unwrap_or(Fr::ZERO)
}

/// First round: the digits of all scalars become addresses. `constants` are those of [`constants`]; digits come in the
/// same order.
pub(crate) fn commit<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    constants: &[Vec<GrumpkinPoint>],
    digits: Option<&[Vec<u32>]>,
) -> Result<(Buckets, Vec<Vec<Wire>>), SynthesisError> {
    let mut memory = Memory::new();
    let mut operations = Vec::new();
    let mut addresses = Vec::with_capacity(constants.len());
    for (scalar, powers) in constants.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("scalar {scalar}"));
        let mut wires = Vec::with_capacity(powers.len());
        for (index, constant) in powers.iter().enumerate() {
            let mut cs = cs.namespace(|| format!("digit {index}"));
            let digit = digits.map(|digits| digits[scalar][index]);
            let read = digit.map(|digit| memory.add(digit as usize, constant));
            let digit = digit.map(|digit| Fr::from(u64::from(digit)));
            let address = round.alloc(&mut cs, "address", digit)?;
            wires.push(address.clone());
            operations.push(Operation {
                constant: *constant,
                address,
                count: round.alloc(&mut cs, "count", read.map(|r| r[0]))?,
                x: round.alloc(&mut cs, "x", read.map(|r| r[1]))?,
                slope: round.alloc(&mut cs, "slope", read.map(|r| r[2]))?,
            });
        }
        addresses.push(wires);
    }
    let finals = digits.map(|_| memory.0);
    let mut buckets = Vec::with_capacity(BASE as usize);
    for address in 0..BASE as usize {
        let mut cs = cs.namespace(|| format!("bucket {address}"));
        let content = finals.as_ref().map(|finals| finals[address]);
        buckets.push(Bucket {
            x: round.alloc(&mut cs, "x", content.map(|c| c.0.x))?,
            y: round.alloc(&mut cs, "y", content.map(|c| c.0.y))?,
            count: round.alloc(&mut cs, "count", content.map(|c| Fr::from(c.1)))?,
        });
    }
    Ok((
        Buckets {
            operations,
            buckets,
        },
        addresses,
    ))
}

/// A point as two wires.
#[derive(Clone)]
pub(crate) struct PointWires {
    pub(crate) x: Wire,
    pub(crate) y: Wire,
}

impl PointWires {
    fn constant<CS: ConstraintSystem<Fr>>(point: &GrumpkinPoint) -> Self {
        Self {
            x: Wire::constant::<CS>(point.x),
            y: Wire::constant::<CS>(point.y),
        }
    }
}

impl Buckets {
    /// Second round: checks the memory, evaluates `Σ d·B_d`, and constrains the scalars to multiply to `result − shift`.
    pub(crate) fn check<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        challenges: &Challenges,
        (result, shift): (&PointWires, &GrumpkinPoint),
    ) -> Result<(), SynthesisError> {
        self.check_memory(&mut cs.namespace(|| "memory"), challenges)?;
        let starts = Starts::get();
        let mut suffix = PointWires::constant::<CS>(&starts.suffix);
        let mut total = PointWires::constant::<CS>(&starts.total);
        for (address, bucket) in self.buckets.iter().enumerate().skip(1).rev() {
            let mut cs = cs.namespace(|| format!("sum {address}"));
            let point = PointWires {
                x: bucket.x.clone(),
                y: bucket.y.clone(),
            };
            suffix = add(&mut cs.namespace(|| "suffix"), &suffix, &point)?;
            total = add(&mut cs.namespace(|| "total"), &total, &suffix)?;
        }
        let correction = (shift.to_curve() - starts.offset()).to_affine();
        let correction = PointWires::constant::<CS>(&correction);
        let sum = add(&mut cs.namespace(|| "correction"), &total, &correction)?;
        sum.x.enforce_equal(cs, "x of the commitment", &result.x);
        sum.y.enforce_equal(cs, "y of the commitment", &result.y);
        Ok(())
    }

    fn check_memory<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        challenges: &Challenges,
    ) -> Result<(), SynthesisError> {
        let one = Wire::constant::<CS>(Fr::ONE);
        // Written and initial, less read and final.
        let mut balance = Wire::constant::<CS>(Fr::ZERO);
        for (index, operation) in self.operations.iter().enumerate() {
            let mut cs = cs.namespace(|| format!("operation {index}"));
            let (read, written) = operation.tuples(&mut cs, challenges)?;
            let read = divide(&mut cs, "1 / read", &one, &read)?;
            let written = divide(&mut cs, "1 / written", &one, &written)?;
            balance = balance
                .plus(&cs, Fr::ONE, &written)
                .plus(&cs, -Fr::ONE, &read);
        }
        let start = Starts::get().bucket;
        let [delta, delta2, delta3] = &challenges.powers;
        for ((address, bucket), number) in self.buckets.iter().enumerate().zip(0u64..) {
            let mut cs = cs.namespace(|| format!("bucket {address}"));
            let initial = challenges
                .memory
                .clone()
                .plus_constant(&cs, start.x)
                .plus(&cs, start.y, delta)
                .plus(&cs, Fr::from(number), delta2);
            let initial = divide(&mut cs, "1 / initial", &one, &initial)?;
            let y = Wire::product(&mut cs, "δ y", delta, &bucket.y)?;
            let count = Wire::product(&mut cs, "δ^3 count", delta3, &bucket.count)?;
            let last = challenges
                .memory
                .clone()
                .plus(&cs, Fr::ONE, &bucket.x)
                .plus(&cs, Fr::ONE, &y)
                .plus(&cs, Fr::from(number), delta2)
                .plus(&cs, Fr::ONE, &count);
            let last = divide(&mut cs, "1 / final", &one, &last)?;
            balance = balance
                .plus(&cs, Fr::ONE, &initial)
                .plus(&cs, -Fr::ONE, &last);
        }
        let zero = Wire::constant::<CS>(Fr::ZERO);
        balance.enforce_equal(cs, "what is written is what is read", &zero);
        Ok(())
    }
}

impl Operation {
    /// The tuples that are read and written. Slope and y appear as δ·slope and δ·y only: eight products an operation.
    fn tuples<CS: ConstraintSystem<Fr>>(
        &self,
        cs: &mut CS,
        challenges: &Challenges,
    ) -> Result<(Wire, Wire), SynthesisError> {
        let [delta, delta2, delta3] = &challenges.powers;
        let scaled = Wire::product(cs, "δ slope", delta, &self.slope)?;
        // x' = slope² − x − X.
        let square = Wire::product(cs, "slope^2", &self.slope, &self.slope)?;
        let next_x = square
            .minus(cs, &self.x)
            .plus_constant(cs, -self.constant.x);
        // δ·y = δ·Y + δ·slope·(x − X).
        let across = self.x.clone().plus_constant(cs, -self.constant.x);
        let y = Wire::product(cs, "δ (y - Y)", &scaled, &across)?.plus(cs, self.constant.y, delta);
        // δ·y' = δ·slope·(x − x') − δ·y.
        let across = self.x.minus(cs, &next_x);
        let next_y = Wire::product(cs, "δ (y' + y)", &scaled, &across)?.minus(cs, &y);
        let address = Wire::product(cs, "δ^2 address", delta2, &self.address)?;
        let count = Wire::product(cs, "δ^3 count", delta3, &self.count)?;
        let place = challenges
            .memory
            .clone()
            .plus(cs, Fr::ONE, &address)
            .plus(cs, Fr::ONE, &count);
        let read = place
            .clone()
            .plus(cs, Fr::ONE, &self.x)
            .plus(cs, Fr::ONE, &y);
        let written = place
            .plus(cs, Fr::ONE, &next_x)
            .plus(cs, Fr::ONE, &next_y)
            .plus(cs, Fr::ONE, delta3);
        Ok((read, written))
    }
}

/// The sum of two points of different x: three constraints. Equal x would be a relation between points hashed to the
/// curve, here as above.
fn add<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    a: &PointWires,
    b: &PointWires,
) -> Result<PointWires, SynthesisError> {
    let value = |wire: &PointWires| wire.x.value().zip(wire.y.value());
    let value = value(a).zip(value(b)).map(|(a, b)| slope(a, b));
    let slope = Wire::alloc(cs, "slope", value)?;
    let (across, up) = (b.x.minus(cs, &a.x), b.y.minus(cs, &a.y));
    Wire::enforce_product(cs, "slope", &slope, &across, &up);
    let square = slope.value().map(|slope| slope.square());
    let value = square.zip(a.x.value().zip(b.x.value()));
    let x = Wire::alloc(cs, "x", value.map(|(square, (ax, bx))| square - ax - bx))?;
    let sum = x.clone().plus(cs, Fr::ONE, &a.x).plus(cs, Fr::ONE, &b.x);
    Wire::enforce_product(cs, "x of the sum", &slope, &slope, &sum);
    let across = a.x.minus(cs, &x);
    let value = slope.value().zip(across.value()).zip(a.y.value());
    let y = Wire::alloc(
        cs,
        "y",
        value.map(|((slope, across), ay)| slope * across - ay),
    )?;
    let sum = y.clone().plus(cs, Fr::ONE, &a.y);
    Wire::enforce_product(cs, "y of the sum", &slope, &across, &sum);
    Ok(PointWires { x, y })
}
