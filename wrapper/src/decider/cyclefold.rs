//! DEC-5: U_C satisfies `Az ∘ Bz = u·Cz + E` over Fq, row by row, as sums of integers that q divides.
//!
//! u and the limbs of X are integers that were never reduced (CYCLE-6). Each is below 2^232: the hash of DEC-1 binds them to
//! the chains, which add a product of a 128-bit challenge and a range-checked limb to them at every fold, and DEC-8 holds
//! the steps below 2^15. So their digits are checked to be digits, and nothing about their size.

use super::{
    Check,
    claims::CycleFoldWires,
    integer::{BASE, DIGITS, Integer, Sum},
    round::FirstRound,
};
use crate::{
    convert::{modulus, signed},
    r1cs::Relation,
};
use notefold_folding::{
    curves::{Fq, Fr},
    cyclefold::RUNNING_LIMB_BITS,
    gadget::Wire,
    transcript::{LIMB_BITS, LIMBS},
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};
use num_bigint::{BigInt, BigUint, Sign};

/// Digits of an integer of U_C.
const RUNNING_DIGITS: usize = 20;

// 4320 > 2^12, so 20 digits reach beyond 2^240.
const _: () = assert!(BASE > 1 << 12 && 12 * RUNNING_DIGITS >= RUNNING_LIMB_BITS as usize);

/// A combination whose coefficients sum to more than this is reduced before it is multiplied.
const SMALL: u32 = 16;

/// Constrains every row. `digits` are those of W and of E.
pub(crate) fn check<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    relation: &Relation<Fq>,
    instance: &CycleFoldWires,
    digits: &[Vec<Wire>],
) -> Result<(), SynthesisError> {
    let mut cs = cs.namespace(|| Check::CycleFold.name());
    let elements = digits
        .iter()
        .map(|digits| Integer::from_digits(&cs, digits));
    let mut z: Vec<Integer> = elements.collect();
    let errors = z.split_off(relation.variables);
    z.extend(public_integers(&mut cs, round, instance)?);
    let u = z[relation.variables].clone();
    for (index, error) in errors.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("row {index}"));
        let [a, b, c] = ["A", "B", "C"].map(|name| name);
        let a = row(&mut cs.namespace(|| a), round, relation, (0, index), &z)?;
        let b = row(&mut cs.namespace(|| b), round, relation, (1, index), &z)?;
        let c = row(&mut cs.namespace(|| c), round, relation, (2, index), &z)?;
        let mut sum = Sum {
            linear: vec![(BigInt::from(-1), error)],
            ..Sum::default()
        };
        if let (Some(a), Some(b)) = (&a, &b) {
            sum.products.push((Sign::Plus, a, b));
        }
        if let Some(c) = &c {
            sum.products.push((Sign::Minus, &u, c));
        }
        sum.enforce_divisible(&mut cs, round)?;
    }
    Ok(())
}

/// u, then the seven elements of X modulo q.
fn public_integers<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    instance: &CycleFoldWires,
) -> Result<Vec<Integer>, SynthesisError> {
    let mut limbs = Vec::with_capacity(instance.x.len());
    for (index, limb) in instance.x.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("limb {index}"));
        limbs.push(Integer::of_wire(&mut cs, round, limb, RUNNING_DIGITS)?);
    }
    let u = Integer::of_wire(
        &mut cs.namespace(|| "u"),
        round,
        &instance.u,
        RUNNING_DIGITS,
    )?;
    let mut integers = vec![u];
    let (r, coordinates) = limbs.split_at(2);
    for (index, (limbs, bits)) in std::iter::once((r, 64))
        .chain(
            coordinates
                .chunks_exact(LIMBS)
                .map(|limbs| (limbs, LIMB_BITS)),
        )
        .enumerate()
    {
        let mut cs = cs.namespace(|| format!("public input {index}"));
        let weights = (0..limbs.len()).map(|limb| BigInt::from(1) << (bits * limb));
        let terms: Vec<(BigInt, &Integer)> = weights.zip(limbs).collect();
        integers.push(reduced(&mut cs, round, &terms)?);
    }
    Ok(integers)
}

/// An integer of 21 digits that is a combination modulo q.
fn reduced<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    terms: &[(BigInt, &Integer)],
) -> Result<Integer, SynthesisError> {
    let q = BigInt::from(modulus::<Fq>());
    let value = terms.iter().try_fold(BigInt::ZERO, |sum, (weight, term)| {
        Some(sum + weight * term.value()?)
    });
    let value: Option<BigUint> = value.map(|v| (((v % &q) + &q) % &q).magnitude().clone());
    let integer = Integer::alloc(cs, round, value.as_ref(), DIGITS)?;
    let mut linear: Vec<(BigInt, &Integer)> = terms.to_vec();
    linear.push((BigInt::from(-1), &integer));
    Sum {
        linear,
        ..Sum::default()
    }
    .enforce_divisible(cs, round)?;
    Ok(integer)
}

/// A row's combination of z; nothing where the row is empty.
fn row<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    relation: &Relation<Fq>,
    (matrix, index): (usize, usize),
    z: &[Integer],
) -> Result<Option<Integer>, SynthesisError> {
    let entries = relation.matrices[matrix].row(index);
    let terms: Vec<(BigInt, &Integer)> = entries
        .map(|(column, value)| (signed(value), &z[column as usize]))
        .collect();
    if terms.is_empty() {
        return Ok(None);
    }
    let weight: BigUint = terms.iter().map(|(c, _)| c.magnitude().clone()).sum();
    if weight > BigUint::from(SMALL) {
        return reduced(cs, round, &terms).map(Some);
    }
    Ok(Some(Integer::combine(cs, &terms)))
}
