//! The circuit computes the group operation, is pinned, and every clause refuses its forgery by name.

mod accumulator;

use super::*;
use crate::{curves::E2, testing::NamedCsOver};
use ff::Field;
use nova_snark::frontend::{ConstraintSystem, r1cs::NovaShape, shape_cs::ShapeCS};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

type Cs = NamedCsOver<Fq>;

/// A challenge from its 126 free bits.
fn challenge(free: u128) -> Fr {
    let value = (free | 1) | (1 << 127);
    let mut repr = [0u8; 32];
    repr[..16].copy_from_slice(&value.to_le_bytes());
    Fr::from_repr(repr.into()).expect("128 bits")
}

fn points(seed: u64) -> [G1Affine; 2] {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    [(); 2].map(|()| (G1Affine::generator() * Fr::random(&mut rng)).to_affine())
}

fn circuit(operation: &GroupOperation) -> Cs {
    let mut cs = Cs::new();
    synthesize(&mut cs, Some(operation)).expect("synthesis");
    cs
}

fn honest() -> GroupOperation {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    let free = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
    let [p, q] = points(1);
    GroupOperation::new(p, q, &challenge(free)).expect("an operation")
}

/// Asserts that something fails, all of it in one clause.
fn refused(cs: &Cs, clause: CycleFoldClause, constraint: &str) {
    let failed = cs.unsatisfied();
    let named = format!("{}/{constraint}", clause.name());
    assert!(failed.contains(&named.as_str()), "{named}: {failed:?}");
    assert!(
        failed.iter().all(|name| name.starts_with(clause.name())),
        "{failed:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_circuit_computes_the_operation(seed: u64, free: u128) {
        let [p, q] = points(seed);
        let r = challenge(free);
        let operation = GroupOperation::new(p, q, &r).expect("an operation");
        prop_assert_eq!(*operation.result(), (q * r + p).to_affine());
        prop_assert!(circuit(&operation).unsatisfied().is_empty());
    }
}

/// The scalars at which a careless ladder divides by zero.
#[test]
fn extreme_challenges_have_witnesses() {
    let [p, q] = points(2);
    for free in [0, u128::MAX, 1 << 126, 2, !(1 << 126)] {
        let operation = GroupOperation::new(p, q, &challenge(free)).expect("an operation");
        assert_eq!(
            circuit(&operation).unsatisfied(),
            Vec::<&str>::new(),
            "{free:x}"
        );
    }
}

#[test]
fn special_pairs_of_points_have_witnesses() {
    let [_, q] = points(3);
    let r = challenge(5);
    for p in [q, -q, (q * (r + Fr::ONE)).to_affine(), (q + q).to_affine()] {
        let operation = GroupOperation::new(p, q, &r).expect("an operation");
        assert_eq!(circuit(&operation).unsatisfied(), Vec::<&str>::new());
    }
}

#[test]
fn what_has_no_witness_is_a_typed_error() {
    let [p, q] = points(4);
    let r = challenge(9);
    let multiple = (q * r).to_affine();
    let new = GroupOperation::new;
    assert_eq!(new(multiple, q, &r), Err(GroupOperationError::Degenerate));
    assert_eq!(new(-multiple, q, &r), Err(GroupOperationError::Degenerate));
    let infinity = G1Affine::default();
    assert!(matches!(
        new(infinity, q, &r),
        Err(GroupOperationError::Point { .. })
    ));
    assert!(matches!(
        new(p, infinity, &r),
        Err(GroupOperationError::Point { .. })
    ));
    let off = G1Affine {
        x: q.x,
        y: q.y + Fq::ONE,
    };
    assert!(matches!(
        new(p, off, &r),
        Err(GroupOperationError::Point { .. })
    ));
    for scalar in [Fr::ZERO, Fr::ONE, r + Fr::ONE, -Fr::ONE, r.double()] {
        assert_eq!(new(p, q, &scalar), Err(GroupOperationError::Challenge));
    }
}

#[test]
fn pinned() {
    let cs = circuit(&honest());
    let counts = cs.constraints_by_block();
    let expected = [
        ("points on curve", 2 * 3),
        ("challenge bits", 126 + 1),
        ("multiple", 4 + 3 + 126 * 6),
        ("sum", 1 + 3),
    ]
    .map(|(name, count)| (name.to_owned(), count));
    assert_eq!(counts, expected);

    let mut cs = ShapeCS::<E2>::new();
    synthesize(&mut cs, None).expect("the shape");
    let shape = cs.r1cs_shape().expect("a shape");
    assert_eq!(
        (shape.num_cons(), shape.num_vars(), shape.num_io()),
        (900, 895, PUBLIC_INPUTS)
    );
    let digest: [u8; 32] = shape.digest().to_repr().into();
    assert_eq!(
        hex::encode(digest),
        "a204dd35218126e3b12ec3430832a847f90bb979873052cd9b2abea0aa571901"
    );
}

#[test]
fn every_private_value_is_constrained() {
    assert_eq!(circuit(&honest()).unconstrained(), Vec::<&str>::new());
}

/// Q on the curve y² = x³ + b' of another b', where everything else is consistent: the ladder never uses b.
#[test]
fn points_on_curve() {
    for name in ["P", "Q"] {
        let mut operation = honest();
        let point = if name == "P" {
            &mut operation.running
        } else {
            &mut operation.incoming
        };
        *point = G1Affine {
            x: point.x,
            y: point.y + Fq::ONE,
        };
        // The formulas are those of whatever curve the point is on; only the sum needs both on one.
        let cs = circuit(&operation);
        let failed = cs.unsatisfied();
        let named = format!("points on curve/{name}/y^2 = x^3 + b");
        assert!(failed.contains(&named.as_str()), "{failed:?}");
    }
}

#[test]
fn challenge_bits() {
    let mut cs = circuit(&honest());
    cs.set("r", cs.get("r") + Fq::from(2));
    refused(&cs, CycleFoldClause::ChallengeBits, "r is its bits");

    // A "bit" that makes up for another: 2 where the next higher is one less.
    let mut cs = circuit(&honest());
    cs.set("challenge bits/bit 5/bit", Fq::from(2));
    assert!(
        cs.unsatisfied()
            .contains(&"challenge bits/bit 5/zero or one")
    );
}

#[test]
fn multiple() {
    // Another multiple of Q than r: the bit is used in the ladder as it is in r.
    let mut cs = circuit(&honest());
    let name = "multiple/bit 9/signed y";
    cs.set(name, -cs.get(name));
    let failed = cs.unsatisfied();
    assert!(failed.contains(&name), "{failed:?}");
    for wire in ["x", "y", "slope", "second slope", "x of A + B"] {
        let mut cs = circuit(&honest());
        let name = format!("multiple/bit 70/{wire}");
        cs.set(&name, cs.get(&name) + Fq::ONE);
        let failed = cs.unsatisfied();
        assert!(
            !failed.is_empty()
                && failed
                    .iter()
                    .all(|n| n.starts_with("multiple/bit 7") || n.starts_with("multiple/bit 6")),
            "{failed:?}"
        );
    }
}

#[test]
fn sum() {
    let mut cs = circuit(&honest());
    cs.set("R.x", cs.get("R.x") + Fq::ONE);
    refused(&cs, CycleFoldClause::Sum, "x of the sum");
    let mut cs = circuit(&honest());
    cs.set("R.y", -cs.get("R.y"));
    refused(&cs, CycleFoldClause::Sum, "y of the sum");
}

/// P = r·Q leaves the slope free in a plain chord: any R on a line through P would do. The inverse refuses it.
#[test]
fn a_degenerate_sum_is_refused_whatever_the_slope() {
    let mut operation = honest();
    let [r, ..] = operation.public_inputs();
    let r = Fr::from_repr(r.to_repr()).expect("128 bits");
    operation.running = (operation.incoming * r).to_affine();
    // R for a slope of the attacker's choice.
    let slope = Fq::from(5);
    let p = operation.running;
    let x = slope.square() - p.x - p.x;
    operation.result = G1Affine {
        x,
        y: slope * (p.x - x) - p.y,
    };

    let mut cs = Cs::new();
    // The honest generator finds no slope, so the shape's own assignment is forged: start from an honest operation
    // with the same Q and r, then put the forged values in place.
    let honest = GroupOperation::new(points(1)[0], operation.incoming, &r).expect("an operation");
    synthesize(&mut cs, Some(&honest)).expect("synthesis");
    let [_, px, py, _, _, rx, ry] = operation.public_inputs();
    for (name, value) in [
        ("P.x", px),
        ("P.y", py),
        ("R.x", rx),
        ("R.y", ry),
        ("sum/slope", slope),
    ] {
        cs.set(name, value);
    }
    let (square, cube) = (px.square(), px.square() * px);
    cs.set("points on curve/P/x^2", square);
    cs.set("points on curve/P/x^3", cube);
    assert_eq!(cs.unsatisfied(), ["sum/P is not ± r·Q"]);
}
