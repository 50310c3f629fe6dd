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

/// The constraints that a range check of these values breaks; `forged` changes a committed wire.
fn checked(values: &[u32], forged: Option<(usize, Fr)>) -> Vec<String> {
    let (mut cs, mut round) = (NamedCs::new(), FirstRound::default());
    round.forged = forged;
    for (index, value) in values.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("value {index}"));
        round.digit(&mut cs, Some(*value)).expect("a value");
    }
    let multiplicities = round
        .multiplicities(&mut cs.namespace(|| "multiplicities"))
        .expect("values");
    let gamma = Wire::alloc(&mut cs, "gamma", Some(Fr::random(OsRng))).expect("a value");
    range_check(&mut cs, round.digits(), &multiplicities, &gamma).expect("values");
    cs.unsatisfied().into_iter().map(str::to_owned).collect()
}

#[test]
fn digits_out_of_range_are_found() {
    let found = ["every digit is an entry"];
    assert_eq!(checked(&[0, 1, 1, BASE - 1], None), Vec::<String>::new());
    assert_eq!(checked(&[0, BASE], None), found);
    // A digit of −1, and a multiplicity that was not counted.
    assert_eq!(checked(&[0, 1], Some((0, -Fr::ONE))), found);
    assert_eq!(checked(&[0, 1], Some((2 + 7, Fr::ONE))), found);
}

const BASES: usize = 3;
const DIGITS: usize = 2;

/// A multiplication of three bases by scalars of two digits. The claimed result is `shift_by` bases too much; `forged`
/// changes a committed wire, and everything that follows from it follows.
fn multiplication(digits: &[Vec<u32>], shift_by: u64, forged: Option<(usize, Fr)>) -> NamedCs {
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
    round.forged = forged;
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

const RESULT: [&str; 2] = ["check/x of the commitment", "check/y of the commitment"];
const MEMORY: &str = "check/memory/what is written is what is read";

#[test]
fn buckets_multiply() {
    let honest = multiplication(&scalars(), 0, None);
    assert_eq!(honest.unsatisfied(), Vec::<&str>::new());
    let broken = multiplication(&scalars(), 1, None);
    assert_eq!(broken.unsatisfied(), RESULT);
    // Other digits have another product.
    let mut other = scalars();
    other[2][1] += 1;
    let digits = multiplication(&other, 0, None);
    assert_eq!(digits.unsatisfied(), Vec::<&str>::new());
}

/// An operation at another address than its digit, with a count, an x or a slope of its own: only the balance of the memory
/// can tell, and it does.
#[test]
fn operations_that_do_not_follow_the_memory_are_found() {
    for (wire, change) in [
        (0, Fr::ONE),
        // Out of range: there is no such bucket.
        (0, Fr::from(u64::from(BASE))),
        (1, Fr::ONE),
        (2, Fr::ONE),
        (3, Fr::ONE),
    ] {
        let second = 4 * DIGITS;
        let forged = multiplication(&scalars(), 0, Some((second + wire, change)));
        assert_eq!(forged.unsatisfied(), [MEMORY], "wire {wire}");
    }
}

/// Final buckets that no operation wrote: the balance tells, whatever their evaluation then is.
#[test]
fn final_buckets_that_were_not_written_are_found() {
    let first = 4 * BASES * DIGITS + 3 * 17;
    for wire in 0..3 {
        let forged = multiplication(&scalars(), 0, Some((first + wire, Fr::ONE)));
        assert!(forged.unsatisfied().contains(&MEMORY), "wire {wire}");
    }
}
