//! Integers, look-ups and buckets, each alone.

use crate::{
    convert::{integer, modulus},
    decider::{
        buckets::{self, PointWires},
        challenges::Challenges,
        integer::{BASE, Integer, Sum},
        round::{FirstRound, range_check},
    },
};
use ff::Field;
use halo2curves::{
    CurveAffine,
    group::{Curve, Group},
    grumpkin,
};
use notefold_folding::{
    curves::{Fq, Fr},
    cyclefold::GrumpkinPoint,
    gadget::Wire,
    testing::NamedCs,
};
use nova_snark::{frontend::ConstraintSystem, provider::traits::DlogGroup};
use num_bigint::{BigInt, BigUint, Sign};
use rand_core::OsRng;

/// `a·b − 5·c` as a multiple of q.
fn product(a: &BigUint, b: &BigUint, c: &BigUint) -> NamedCs {
    let (mut cs, mut round) = (NamedCs::new(), FirstRound::default());
    let mut alloc = |name: &'static str, value| {
        Integer::alloc(&mut cs.namespace(|| name), &mut round, Some(value), 21).expect("an integer")
    };
    let (a, b, c) = (alloc("a", a), alloc("b", b), alloc("c", c));
    let sum = Sum {
        products: vec![(Sign::Plus, &a, &b)],
        linear: vec![(BigInt::from(-5), &c)],
    };
    sum.enforce_divisible(&mut cs, &mut round).expect("values");
    cs
}

#[test]
fn sums_that_q_divides_are_accepted_and_no_others() {
    let q = modulus::<Fq>();
    let fifth = Fq::from(5).invert().expect("five");
    for _ in 0..5 {
        let (a, b) = (Fq::random(OsRng), Fq::random(OsRng));
        let c = integer(&(a * b * fifth));
        let (a, b) = (integer(&a), integer(&b));
        assert_eq!(product(&a, &b, &c).unsatisfied(), Vec::<&str>::new());
        let broken = product(&a, &b, &(&c + 1u32));
        assert!(broken.unsatisfied().contains(&"modulo r"));
    }
    // The largest integers of 21 digits.
    let top = BigUint::from(BASE).pow(21) - 1u32;
    let c = (&top * &top % &q) * integer(&fifth) % &q;
    assert_eq!(product(&top, &top, &c).unsatisfied(), Vec::<&str>::new());
}

/// A sum that vanishes modulo r only: the carries tell.
#[test]
fn a_multiple_of_r_is_not_taken_for_zero() {
    let r = modulus::<Fr>();
    let zero = BigUint::ZERO;
    let cs = product(&r, &BigUint::from(1u32), &zero);
    let broken = cs.unsatisfied();
    assert!(broken.iter().all(|name| name.ends_with("modulo B")) && !broken.is_empty());
}

fn checked(values: &[u32], multiplicities: Option<&dyn Fn(&mut Vec<Fr>)>) -> Vec<String> {
    let (mut cs, mut round) = (NamedCs::new(), FirstRound::default());
    for (index, value) in values.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("value {index}"));
        round.digit(&mut cs, Some(*value)).expect("a value");
    }
    let wires = round
        .multiplicities(&mut cs.namespace(|| "multiplicities"))
        .expect("values");
    let mut counts: Vec<Fr> = wires.iter().map(|w| w.value().expect("a value")).collect();
    if let Some(change) = multiplicities {
        change(&mut counts);
    }
    let wires: Vec<Wire> = (0..)
        .zip(counts)
        .map(|(index, count): (u64, Fr)| {
            let mut cs = cs.namespace(|| format!("count {index}"));
            Wire::alloc(&mut cs, "count", Some(count)).expect("a value")
        })
        .collect();
    let gamma = Wire::alloc(&mut cs, "gamma", Some(Fr::random(OsRng))).expect("a value");
    range_check(&mut cs, round.digits(), &wires, &gamma).expect("values");
    cs.unsatisfied().into_iter().map(str::to_owned).collect()
}

#[test]
fn digits_out_of_range_are_found() {
    assert_eq!(checked(&[0, 1, 1, BASE - 1], None), Vec::<String>::new());
    assert_eq!(checked(&[0, BASE], None), ["every digit is an entry"]);
    let cheat = |counts: &mut Vec<Fr>| counts[1] += Fr::ONE;
    assert_eq!(checked(&[0, 1], Some(&cheat)), ["every digit is an entry"]);
}

const BASES: usize = 3;
const DIGITS: usize = 2;

/// A multiplication of three bases by scalars of two digits; `claimed` is the result.
fn multiplication(digits: &[Vec<u32>], shift_by: u64) -> NamedCs {
    type Scalar = <GrumpkinPoint as CurveAffine>::ScalarExt;
    let bases = grumpkin::G1::from_label(b"notefold bucket tests", BASES + 1);
    let constants = buckets::constants(&bases[..BASES], DIGITS);
    let base = Scalar::from(u64::from(BASE));
    let mut sum = grumpkin::G1::identity() + bases[BASES];
    for (point, digits) in bases.iter().zip(digits) {
        let scalar = Scalar::from(u64::from(digits[0])) + base * Scalar::from(u64::from(digits[1]));
        sum += *point * scalar;
    }
    let claimed = (sum + bases[0] * Scalar::from(shift_by)).to_affine();

    let (mut cs, mut round) = (NamedCs::new(), FirstRound::default());
    let (memory, _) = buckets::commit(
        &mut cs.namespace(|| "commit"),
        &mut round,
        &constants,
        Some(digits),
    )
    .expect("values");
    let c = Wire::alloc(&mut cs, "c", Some(Fr::random(OsRng))).expect("a value");
    let challenges = Challenges::derive(&mut cs.namespace(|| "challenges"), &c).expect("values");
    let result = PointWires {
        x: Wire::alloc(&mut cs, "x", Some(claimed.x)).expect("a value"),
        y: Wire::alloc(&mut cs, "y", Some(claimed.y)).expect("a value"),
    };
    memory
        .check(
            &mut cs.namespace(|| "check"),
            &challenges,
            (&result, &bases[BASES]),
        )
        .expect("values");
    cs
}

fn scalars() -> Vec<Vec<u32>> {
    vec![vec![17, 0], vec![BASE - 1, 17], vec![17, 4]]
}

#[test]
fn buckets_multiply() {
    assert_eq!(
        multiplication(&scalars(), 0).unsatisfied(),
        Vec::<&str>::new()
    );
    let broken = multiplication(&scalars(), 1);
    assert_eq!(
        broken.unsatisfied(),
        ["check/x of the commitment", "check/y of the commitment"]
    );
}

/// An operation at another address than its digit, with a slope or an x of its own, counted twice, or skipped.
#[test]
fn operations_that_do_not_follow_the_memory_are_found() {
    let memory = "what is written is what is read";
    for name in ["address", "count", "x", "slope"] {
        let mut cs = multiplication(&scalars(), 0);
        let full = format!("commit/scalar 1/digit 1/{name}");
        let changed = cs.get(&full) + Fr::ONE;
        // The tuples follow; only the balance of the memory can tell.
        cs.set(&full, changed);
        assert!(!cs.unsatisfied().is_empty(), "{name} is free");
    }
    for name in ["x", "y", "count"] {
        let mut cs = multiplication(&scalars(), 0);
        let full = format!("commit/bucket 17/{name}");
        cs.set(&full, cs.get(&full) + Fr::ONE);
        assert!(
            !cs.unsatisfied().is_empty(),
            "{memory}: final {name} is free"
        );
    }
}
