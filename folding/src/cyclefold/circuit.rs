//! `R = P + r·Q` as constraints over Fq, without a case that is left to luck.
//!
//! The ladder and why it has no exceptional case: [`crate::points`].

use super::GroupOperation;
use crate::{
    curves::Fq,
    points::{Point, Var, ladder, on_curve, sum},
    transcript::CHALLENGE_BITS,
};
use ff::{Field, PrimeField};
use nova_snark::frontend::{ConstraintSystem, LinearCombination, SynthesisError};

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
        on_curve(&mut cs.namespace(|| name), point, Fq::from(3))?;
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
        Some(&result),
    )
    .map(|_| ())
}

/// CYCLE-2: bits 1 to 126 of r, lowest first; bits 0 and 127 are one.
fn challenge_bits<CS: ConstraintSystem<Fq>>(
    cs: &mut CS,
    operation: Option<&GroupOperation>,
    r: &Var<Fq>,
) -> Result<Vec<Var<Fq>>, SynthesisError> {
    let mut bits = Vec::with_capacity(CHALLENGE_BITS - 2);
    let mut weight = Fq::ONE;
    let mut packed = LinearCombination::zero() + CS::one();
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

const _: () = assert!(
    CHALLENGE_BITS < Fq::NUM_BITS as usize,
    "r is its bits as an integer"
);
