//! Points of a curve `y² = x³ + b` over the circuit's own field, and `P + r·Q` for an odd r of 128 bits.
//!
//! Used over Fq for G1 (the CycleFold circuit) and over Fr for Grumpkin (the folds of CycleFold instances in F′). Both
//! curves have a prime order above 2^253, so what is argued here holds for both.
//!
//! r = 2B + 1 with B of 127 bits, the highest set. Written with signs s_i = 2·b_i − 1 of B's bits,
//! `r = 2^127 + Σ s_i·2^i`: every digit is 1 or −1, so a step of the ladder is `A ← 2A ± Q` and nothing is selected.
//!
//! **No division by zero in the ladder.** Q is on the curve, affine, so it has the prime order n > 2^253. The ladder
//! starts at A = 3Q and keeps A = k·Q with k odd and 3 ≤ k < 2^128, because 2k ± 1 > k for k ≥ 3. A step adds
//! (A ± Q) + A:
//!
//! - A = ±Q would need k ≡ ±1 mod n: no, 3 ≤ k < 2^128;
//! - A ± Q = A would need Q = 0; A ± Q = −A would need 2k ± 1 ≡ 0 mod n: no, 0 < 2k ± 1 < 2^130.
//!
//! So both chords have different x on their ends, every slope is determined, and the witness is unique. For 3Q: the
//! order is odd, so y ≠ 0 for the tangent, and 2Q = ±Q would need n to divide 1 or 3.
//!
//! **The last addition** P + r·Q has an exception, P = ±r·Q. It is refused: the difference of x must have an inverse.
//! Soundness is unconditional; an honest prover meets it with probability 2^−125, r being drawn after P and Q.

use ff::PrimeField;
use nova_snark::frontend::{ConstraintSystem, SynthesisError, Variable};

/// A variable with its value.
#[derive(Clone, Copy)]
pub(crate) struct Var<F: PrimeField> {
    pub(crate) variable: Variable,
    pub(crate) value: Option<F>,
}

/// An affine point that is not infinity.
#[derive(Clone, Copy)]
pub(crate) struct Point<F: PrimeField> {
    pub(crate) x: Var<F>,
    pub(crate) y: Var<F>,
}

impl<F: PrimeField> Var<F> {
    pub(crate) fn alloc<CS: ConstraintSystem<F>>(
        cs: &mut CS,
        name: &'static str,
        value: Option<F>,
    ) -> Result<Self, SynthesisError> {
        let variable = cs.alloc(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
        Ok(Self { variable, value })
    }

    pub(crate) fn input<CS: ConstraintSystem<F>>(
        cs: &mut CS,
        name: &'static str,
        value: Option<F>,
    ) -> Result<Self, SynthesisError> {
        let variable =
            cs.alloc_input(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
        Ok(Self { variable, value })
    }
}

/// y² = x³ + b. Infinity has no affine coordinates, so it is refused with everything off the curve.
pub(crate) fn on_curve<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    point: &Point<F>,
    b: F,
) -> Result<(), SynthesisError> {
    let square = product(cs, "x^2", &point.x, &point.x)?;
    let cube = product(cs, "x^3", &square, &point.x)?;
    cs.enforce(
        || "y^2 = x^3 + b",
        |lc| lc + point.y.variable,
        |lc| lc + point.y.variable,
        |lc| lc + cube.variable + (b, CS::one()),
    );
    Ok(())
}

/// r·Q: from 3Q, `A ← 2A + (2b − 1)·Q` for bits 126 to 1 of r.
pub(crate) fn ladder<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    q: &Point<F>,
    bits: &[Var<F>],
) -> Result<Point<F>, SynthesisError> {
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
            |lc| lc + (F::from(2), q.y.variable),
            |lc| lc + signed.variable + q.y.variable,
        );
        let addend = Point { x: q.x, y: signed };
        accumulator = double_and_add(&mut cs, &accumulator, &addend)?;
    }
    Ok(accumulator)
}

/// P + M for points with P ≠ ±M; the sum is a new point or a given one.
pub(crate) fn sum<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    p: &Point<F>,
    multiple: &Point<F>,
    result: Option<&Point<F>>,
) -> Result<Point<F>, SynthesisError> {
    let difference = p.x.value.zip(multiple.x.value).map(|(p, m)| m - p);
    let inverse = difference.map(|d| d.invert().unwrap_or(F::ZERO));
    let inverse = Var::alloc(cs, "inverse", inverse)?;
    cs.enforce(
        || "P is not ± r·Q",
        |lc| lc + multiple.x.variable - p.x.variable,
        |lc| lc + inverse.variable,
        |lc| lc + CS::one(),
    );
    chord(cs, multiple, p, result)
}

/// 2A by the tangent: four constraints.
fn tangent<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    a: &Point<F>,
) -> Result<Point<F>, SynthesisError> {
    let square = product(cs, "x^2", &a.x, &a.x)?;
    let value = a.y.value.zip(square.value).and_then(|(y, s)| {
        let inverse = y.double().invert().into_option()?;
        Some((s.double() + s) * inverse)
    });
    let slope = Var::alloc(cs, "slope", value)?;
    cs.enforce(
        || "2y·slope = 3x^2",
        |lc| lc + (F::from(2), a.y.variable),
        |lc| lc + slope.variable,
        |lc| lc + (F::from(3), square.variable),
    );
    third_point(cs, &slope, a, &a.x, None)
}

/// A + B by the chord, for A and B of different x: three constraints. The sum is a new point or a given one.
fn chord<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    a: &Point<F>,
    b: &Point<F>,
    result: Option<&Point<F>>,
) -> Result<Point<F>, SynthesisError> {
    let slope = chord_slope(cs, a, b)?;
    third_point(cs, &slope, a, &b.x, result)
}

/// (A + B) + A for A ≠ ±B and A + B ≠ ±A: five constraints, the y of A + B is never needed.
fn double_and_add<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    a: &Point<F>,
    b: &Point<F>,
) -> Result<Point<F>, SynthesisError> {
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
        |lc| lc + (F::from(2), a.y.variable),
    );
    third_point(cs, &second, a, &middle, None)
}

/// The slope through two points of different x: one constraint.
fn chord_slope<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    a: &Point<F>,
    b: &Point<F>,
) -> Result<Var<F>, SynthesisError> {
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
fn third_point<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    slope: &Var<F>,
    a: &Point<F>,
    other_x: &Var<F>,
    result: Option<&Point<F>>,
) -> Result<Point<F>, SynthesisError> {
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

fn product<F: PrimeField, CS: ConstraintSystem<F>>(
    cs: &mut CS,
    name: &'static str,
    left: &Var<F>,
    right: &Var<F>,
) -> Result<Var<F>, SynthesisError> {
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
