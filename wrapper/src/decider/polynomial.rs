//! Polynomials of wires at the challenge, and rows of relations.

use crate::r1cs::Relation;
use ff::Field;
use notefold_folding::{curves::Fr, gadget::Wire};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// `Σ coefficients_i·point^i` by Horner's rule: one constraint a coefficient but the last.
pub(crate) fn evaluate<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    point: &Wire,
    coefficients: &[Wire],
) -> Result<Wire, SynthesisError> {
    let mut sum: Option<Wire> = None;
    for (index, coefficient) in coefficients.iter().enumerate().rev() {
        sum = Some(match sum {
            None => coefficient.clone(),
            Some(sum) => {
                let mut cs = cs.namespace(|| format!("coefficient {index}"));
                multiply_add(&mut cs, &sum, point, coefficient)?
            }
        });
    }
    Ok(sum.unwrap_or_else(|| Wire::constant::<CS>(Fr::ZERO)))
}

/// A wire for `left·right + addend`: one constraint.
fn multiply_add<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    left: &Wire,
    right: &Wire,
    addend: &Wire,
) -> Result<Wire, SynthesisError> {
    let value = left
        .value()
        .zip(right.value())
        .zip(addend.value())
        .map(|((left, right), addend)| left * right + addend);
    let result = Wire::alloc(cs, "sum", value)?;
    let product = result.minus(cs, addend);
    Wire::enforce_product(cs, "sum", left, right, &product);
    Ok(result)
}

/// `base^exponent` for an exponent above zero.
pub(crate) fn power<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    base: &Wire,
    exponent: u64,
) -> Result<Wire, SynthesisError> {
    let mut result = base.clone();
    for bit in (0..u64::BITS - exponent.leading_zeros() - 1).rev() {
        let mut cs = cs.namespace(|| format!("bit {bit}"));
        result = Wire::product(&mut cs, "square", &result, &result)?;
        if (exponent >> bit) & 1 == 1 {
            result = Wire::product(&mut cs, "times", &result, base)?;
        }
    }
    Ok(result)
}

/// A relaxed pair inside the circuit, but for E, which follows.
pub(crate) struct RelaxedWires<'a> {
    pub(crate) w: &'a [Wire],
    pub(crate) u: &'a Wire,
    pub(crate) x: &'a Wire,
}

/// W and E as polynomials at the challenge.
pub(crate) struct Evaluations {
    pub(crate) w: Wire,
    pub(crate) e: Wire,
}

/// Evaluates W, and the one E with `Az ∘ Bz = u·Cz + E`: E = Σ_i (A_i z·B_i z)·c^i − u·Σ_i (C_i z)·c^i is never free, so
/// it needs no wires of its own. Three constraints a row, one a variable.
pub(crate) fn evaluate_relaxed<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    relation: &Relation<Fr>,
    pair: &RelaxedWires<'_>,
    c: &Wire,
) -> Result<Evaluations, SynthesisError> {
    let z: Vec<&Wire> = pair.w.iter().chain([pair.u, pair.x]).collect();
    let values: Option<Vec<Fr>> = z.iter().map(|wire| wire.value()).collect();
    let row = |cs: &CS, matrix: usize, row: usize| match &values {
        Some(values) if cs.is_witness_generator() => {
            Wire::variable(CS::one(), Some(relation.product(matrix, row, values)))
        }
        _ => relation.matrices[matrix]
            .row(row)
            .fold(Wire::constant::<CS>(Fr::ZERO), |sum, (column, value)| {
                sum.plus(cs, *value, z[column as usize])
            }),
    };
    let (mut products, mut linear) = (Vec::new(), Vec::new());
    for index in 0..relation.rows() {
        let (a, b) = (row(cs, 0, index), row(cs, 1, index));
        let mut row_cs = cs.namespace(|| format!("row {index}"));
        products.push(Wire::product(&mut row_cs, "Az Bz", &a, &b)?);
        drop(row_cs);
        linear.push(row(cs, 2, index));
    }
    let w = evaluate(&mut cs.namespace(|| "W"), c, pair.w)?;
    let products = evaluate(&mut cs.namespace(|| "Az Bz"), c, &products)?;
    let linear = evaluate(&mut cs.namespace(|| "Cz"), c, &linear)?;
    let scaled = Wire::product(cs, "u Cz", pair.u, &linear)?;
    let e = products.minus(cs, &scaled);
    Ok(Evaluations { w, e })
}
