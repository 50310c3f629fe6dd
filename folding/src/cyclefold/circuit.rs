//! `R = P + r·Q` as constraints over Fq, without a case that is left to luck.
//!
//! r = 2B + 1 with B of 127 bits, the highest set. Written with signs s_i = 2·b_i − 1 of B's bits,
//! `r = 2^127 + Σ s_i·2^i`: every digit is 1 or −1, so a step of the ladder is `A ← 2A ± Q` and nothing is selected.
//!
//! **No division by zero in the ladder.** Q is on the curve (CYCLE-1), affine, so it has the prime order n > 2^253. The
//! ladder starts at A = 3Q and keeps A = k·Q with k odd and 3 ≤ k < 2^128, because 2k ± 1 > k for k ≥ 3. A step adds
//! (A ± Q) + A:
//!
//! - A = ±Q would need k ≡ ±1 mod n: no, 3 ≤ k < 2^128;
//! - A ± Q = A would need Q = 0; A ± Q = −A would need 2k ± 1 ≡ 0 mod n: no, 0 < 2k ± 1 < 2^130.
//!
//! So both chords have different x on their ends, every slope is determined, and the witness is unique. For 3Q: the
//! order is odd, so y ≠ 0 for the tangent, and 2Q = ±Q would need n to divide 1 or 3.
//!
//! **The last addition** P + r·Q has an exception, P = ±r·Q. The circuit refuses it: the difference of x must have an
//! inverse. Soundness is unconditional; an honest prover meets it with probability 2^−125, r being drawn after P and Q.

use super::GroupOperation;
use crate::{curves::Fq, transcript::CHALLENGE_BITS};
use ff::{Field, PrimeField};
use nova_snark::frontend::{ConstraintSystem, LinearCombination, SynthesisError, Variable};

/// The clauses of the circuit, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleFoldClause {
    /// CYCLE-1: P and Q are on the curve.
    PointsOnCurve,
    /// CYCLE-2: r is odd, has 128 bits, and the ladder walks its bits.
    ChallengeBits,
    /// CYCLE-3: the ladder computes r·Q.
    Multiple,
    /// CYCLE-4: R = P + r·Q with P ≠ ±r·Q.
    Sum,
}

impl CycleFoldClause {
    /// The name in the spec, the circuit's namespaces and the tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PointsOnCurve => "points on curve",
            Self::ChallengeBits => "challenge bits",
            Self::Multiple => "multiple",
            Self::Sum => "sum",
        }
    }
}

/// A variable with its value.
#[derive(Clone, Copy)]
struct Var {
    variable: Variable,
    value: Option<Fq>,
}

/// An affine point that is not infinity.
#[derive(Clone, Copy)]
struct Point {
    x: Var,
    y: Var,
}

type Lc = LinearCombination<Fq>;

impl Var {
    fn alloc<CS: ConstraintSystem<Fq>>(
        cs: &mut CS,
        name: &'static str,
        value: Option<Fq>,
    ) -> Result<Self, SynthesisError> {
        let variable = cs.alloc(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
        Ok(Self { variable, value })
    }

    fn input<CS: ConstraintSystem<Fq>>(
        cs: &mut CS,
        name: &'static str,
        value: Option<Fq>,
    ) -> Result<Self, SynthesisError> {
        let variable =
            cs.alloc_input(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
        Ok(Self { variable, value })
    }
}

/// Synthesizes the circuit. Without an operation only the shape is built. Public inputs are in the order of
/// [`GroupOperation::public_inputs`].
///
/// # Errors
///
/// When the constraint system asks for a value and there is no operation.
pub fn synthesize<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    operation: Option<&GroupOperation>,
) -> Result<(), SynthesisError> {
    let values = operation.map(GroupOperation::public_inputs);
    let names = ["r", "P.x", "P.y", "Q.x", "Q.y", "R.x", "R.y"];
    let mut inputs = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        inputs.push(Var::input(cs, name, values.map(|values| values[index]))?);
    }
    let p = Point {
        x: inputs[1],
        y: inputs[2],
    };
    let q = Point {
        x: inputs[3],
        y: inputs[4],
    };
    let result = Point {
        x: inputs[5],
        y: inputs[6],
    };

    for (name, point) in [("P", &p), ("Q", &q)] {
        let mut cs = cs.namespace(|| CycleFoldClause::PointsOnCurve.name());
        on_curve(&mut cs.namespace(|| name), point)?;
    }
    let bits = challenge_bits(
        &mut cs.namespace(|| CycleFoldClause::ChallengeBits.name()),
        operation,
        &inputs[0],
    )?;
    let multiple = ladder(
        &mut cs.namespace(|| CycleFoldClause::Multiple.name()),
        &q,
        &bits,
    )?;
    sum(
        &mut cs.namespace(|| CycleFoldClause::Sum.name()),
        &p,
        &multiple,
        &result,
    )
}

/// CYCLE-1: y² = x³ + 3. Infinity has no affine coordinates, so it is refused with everything off the curve.
fn on_curve<CS: ConstraintSystem<Fq>>(cs: &mut CS, point: &Point) -> Result<(), SynthesisError> {
    let square = product(cs, "x^2", &point.x, &point.x)?;
    let cube = product(cs, "x^3", &square, &point.x)?;
    cs.enforce(
        || "y^2 = x^3 + 3",
        |lc| lc + point.y.variable,
        |lc| lc + point.y.variable,
        |lc| lc + cube.variable + (Fq::from(3), CS::one()),
    );
    Ok(())
}

/// CYCLE-2: bits 1 to 126 of r, lowest first; bits 0 and 127 are one.
fn challenge_bits<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    operation: Option<&GroupOperation>,
    r: &Var,
) -> Result<Vec<Var>, SynthesisError> {
    let mut bits = Vec::with_capacity(CHALLENGE_BITS - 2);
    let mut weight = Fq::ONE;
    let mut packed = Lc::zero() + CS::one();
    for index in 1..CHALLENGE_BITS - 1 {
        let mut cs = cs.namespace(|| format!("bit {index}"));
        let value = operation.map(|o| Fq::from(u64::from(o.bit(index))));
        let bit = Var::alloc(&mut cs, "bit", value)?;
        cs.enforce(
            || "zero or one",
            |lc| lc + bit.variable,
            |lc| lc + CS::one() - bit.variable,
            |lc| lc,
        );
        weight = weight.double();
        packed = packed + (weight, bit.variable);
        bits.push(bit);
    }
    packed = packed + (weight.double(), CS::one());
    cs.enforce(
        || "r is its bits",
        |_| packed,
        |lc| lc + CS::one(),
        |lc| lc + r.variable,
    );
    Ok(bits)
}

/// CYCLE-3: from 3Q, `A ← 2A + (2b − 1)·Q` for the bits from the highest.
fn ladder<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    q: &Point,
    bits: &[Var],
) -> Result<Point, SynthesisError> {
    let double = tangent(&mut cs.namespace(|| "2Q"), q)?;
    let mut accumulator = chord(&mut cs.namespace(|| "3Q"), &double, q, None)?;
    for (index, bit) in bits.iter().enumerate().rev() {
        let mut cs = cs.namespace(|| format!("bit {}", index + 1));
        // (2b − 1)·y, by b·2y = signed + y.
        let value = q.y.value.zip(bit.value).map(|(y, b)| b * y.double() - y);
        let signed = Var::alloc(&mut cs, "signed y", value)?;
        cs.enforce(
            || "signed y",
            |lc| lc + bit.variable,
            |lc| lc + (Fq::from(2), q.y.variable),
            |lc| lc + signed.variable + q.y.variable,
        );
        let addend = Point { x: q.x, y: signed };
        accumulator = double_and_add(&mut cs, &accumulator, &addend)?;
    }
    Ok(accumulator)
}

/// CYCLE-4.
fn sum<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    p: &Point,
    multiple: &Point,
    result: &Point,
) -> Result<(), SynthesisError> {
    let difference = p.x.value.zip(multiple.x.value).map(|(p, m)| m - p);
    let inverse = difference.map(|d| d.invert().unwrap_or(Fq::ZERO));
    let inverse = Var::alloc(cs, "inverse", inverse)?;
    cs.enforce(
        || "P is not ± r·Q",
        |lc| lc + multiple.x.variable - p.x.variable,
        |lc| lc + inverse.variable,
        |lc| lc + CS::one(),
    );
    chord(cs, multiple, p, Some(result)).map(|_| ())
}

/// 2A by the tangent: four constraints.
fn tangent<CS: ConstraintSystem<Fq>>(cs: &mut CS, a: &Point) -> Result<Point, SynthesisError> {
    let square = product(cs, "x^2", &a.x, &a.x)?;
    let value = a.y.value.zip(square.value).and_then(|(y, s)| {
        let inverse = y.double().invert().into_option()?;
        Some((s.double() + s) * inverse)
    });
    let slope = Var::alloc(cs, "slope", value)?;
    cs.enforce(
        || "2y·slope = 3x^2",
        |lc| lc + (Fq::from(2), a.y.variable),
        |lc| lc + slope.variable,
        |lc| lc + (Fq::from(3), square.variable),
    );
    third_point(cs, &slope, a, &a.x, None)
}

/// A + B by the chord, for A and B of different x: three constraints. The sum is a new point or a given one.
fn chord<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    a: &Point,
    b: &Point,
    result: Option<&Point>,
) -> Result<Point, SynthesisError> {
    let slope = chord_slope(cs, a, b)?;
    third_point(cs, &slope, a, &b.x, result)
}

/// (A + B) + A for A ≠ ±B and A + B ≠ ±A: five constraints, the y of A + B is never needed.
fn double_and_add<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    a: &Point,
    b: &Point,
) -> Result<Point, SynthesisError> {
    let first = chord_slope(cs, a, b)?;
    let value = first
        .value
        .zip(a.x.value.zip(b.x.value))
        .map(|(slope, (ax, bx))| slope.square() - ax - bx);
    let middle = Var::alloc(cs, "x of A + B", value)?;
    cs.enforce(
        || "x of A + B",
        |lc| lc + first.variable,
        |lc| lc + first.variable,
        |lc| lc + middle.variable + a.x.variable + b.x.variable,
    );
    // The chord from A to A + B has slope −first − 2y/(x' − x): (first + second)·(x − x') = 2y.
    let value = first
        .value
        .zip(a.y.value)
        .zip(a.x.value.zip(middle.value))
        .and_then(|((slope, y), (x, middle))| {
            let inverse = (x - middle).invert().into_option()?;
            Some(y.double() * inverse - slope)
        });
    let second = Var::alloc(cs, "second slope", value)?;
    cs.enforce(
        || "second slope",
        |lc| lc + first.variable + second.variable,
        |lc| lc + a.x.variable - middle.variable,
        |lc| lc + (Fq::from(2), a.y.variable),
    );
    third_point(cs, &second, a, &middle, None)
}

/// The slope through two points of different x: one constraint.
fn chord_slope<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    a: &Point,
    b: &Point,
) -> Result<Var, SynthesisError> {
    let value =
        a.x.value
            .zip(b.x.value)
            .zip(a.y.value.zip(b.y.value))
            .and_then(|((ax, bx), (ay, by))| {
                let inverse = (bx - ax).invert().into_option()?;
                Some((by - ay) * inverse)
            });
    let slope = Var::alloc(cs, "slope", value)?;
    cs.enforce(
        || "slope",
        |lc| lc + slope.variable,
        |lc| lc + b.x.variable - a.x.variable,
        |lc| lc + b.y.variable - a.y.variable,
    );
    Ok(slope)
}

/// The sum of A and a point of abscissa `other_x` on the line of a slope through A: two constraints.
fn third_point<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    slope: &Var,
    a: &Point,
    other_x: &Var,
    result: Option<&Point>,
) -> Result<Point, SynthesisError> {
    let value = slope
        .value
        .zip(a.x.value.zip(other_x.value))
        .map(|(slope, (ax, bx))| slope.square() - ax - bx);
    let x = match result {
        Some(result) => result.x,
        None => Var::alloc(cs, "x", value)?,
    };
    cs.enforce(
        || "x of the sum",
        |lc| lc + slope.variable,
        |lc| lc + slope.variable,
        |lc| lc + x.variable + a.x.variable + other_x.variable,
    );
    let value = slope
        .value
        .zip(x.value)
        .zip(a.x.value.zip(a.y.value))
        .map(|((slope, x), (ax, ay))| slope * (ax - x) - ay);
    let y = match result {
        Some(result) => result.y,
        None => Var::alloc(cs, "y", value)?,
    };
    cs.enforce(
        || "y of the sum",
        |lc| lc + slope.variable,
        |lc| lc + a.x.variable - x.variable,
        |lc| lc + y.variable + a.y.variable,
    );
    Ok(Point { x, y })
}

fn product<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    name: &'static str,
    left: &Var,
    right: &Var,
) -> Result<Var, SynthesisError> {
    let value = left.value.zip(right.value).map(|(a, b)| a * b);
    let result = Var::alloc(cs, name, value)?;
    cs.enforce(
        || name,
        |lc| lc + left.variable,
        |lc| lc + right.variable,
        |lc| lc + result.variable,
    );
    Ok(result)
}

const _: () = assert!(
    CHALLENGE_BITS < Fq::NUM_BITS as usize,
    "r is its bits as an integer"
);
