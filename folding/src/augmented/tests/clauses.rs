//! One forgery or more for every clause.

use super::*;
use crate::{
    augmented::gadgets,
    curves::{Fr, G1Affine, RelaxedR1CSInstance},
    poseidon::Wire,
    transcript,
};
use ff::{Field, PrimeField};
use halo2curves::group::Curve;

/// Changes one value of an honest witness and expects a constraint to fail.
fn tampered(name: &str, change: impl Fn(Fr) -> Fr, clause: AugmentedClause, constraint: &str) {
    let mut cs = circuit(&honest(1));
    cs.set(name, change(cs.get(name)));
    let failed = cs.unsatisfied();
    let expected = format!("{clause}/{constraint}");
    assert!(
        failed.contains(&expected.as_str()),
        "{expected}: {failed:?}"
    );
}

fn plus_one(value: Fr) -> Fr {
    value + Fr::ONE
}

/// Starting with something in an accumulator that no step put there.
#[test]
fn start() {
    let clause = AugmentedClause::Start;
    let forge = |change: fn(&mut AugmentedInput), constraint: &str| {
        let mut input = honest(0);
        change(&mut input);
        refused(&input, clause, constraint);
    };
    forge(|i| i.augmented.u = Fr::ONE, "U_A u/equal");
    forge(|i| i.augmented.x = Fr::ONE, "U_A x/equal");
    forge(
        |i| i.augmented.comm = G1Affine::generator(),
        "U_A limb 0/equal",
    );
    forge(|i| i.cyclefold.u = Fr::ONE, "U_C u/equal");
    forge(|i| i.cyclefold.x[3] = Fr::ONE, "U_C x 3/equal");
    forge(
        |i| i.cyclefold.comm = (i.cyclefold.comm + i.cyclefold.comm).to_affine(),
        "U_C comm x/equal",
    );
    forge(|i| i.state.data_digest = Fr::ONE, "z 1/equal");
    forge(|i| i.state.fingerprint = Fr::ONE, "z 2/equal");
    forge(|i| i.state.appended = Fr::ZERO, "z 3/equal");
    forge(|i| i.state.redirected = Fr::ZERO, "z 4/equal");
    forge(
        |i| {
            let n = &i.notes;
            let (w, e, x) = (*n.comm_W(), *n.comm_E(), n.X().to_vec());
            let shape = crate::step::StepParams::circuit();
            i.notes = RelaxedR1CSInstance::new(shape, w, e, Fr::ONE, x).expect("one input");
        },
        "U_N u/equal",
    );
    // Claiming to be at the start later on, and not to be there at the start.
    tampered(
        "start/inverse of i",
        |_| Fr::ZERO,
        clause,
        "i is zero or has an inverse",
    );
    let mut cs = circuit(&honest(1));
    cs.set("start/inverse of i", Fr::ZERO);
    cs.set("start/i is zero or has an inverse", Fr::ZERO);
    assert!(cs.unsatisfied().contains(&"start/i is zero at the start"));
}

/// Another accumulator, state or batch than the one that the previous step put out.
#[test]
fn previous_hash() {
    tampered(
        "previous hash/x",
        plus_one,
        AugmentedClause::PreviousHash,
        "x",
    );
    let honest_x = circuit(&honest(1)).get("previous hash/x");
    let changes: [fn(&mut AugmentedInput); 9] = [
        |i| i.constants.deployment += Fr::ONE,
        |i| i.index += 1,
        |i| i.state.fingerprint += Fr::ONE,
        |i| i.augmented.u += Fr::ONE,
        |i| i.augmented.x += Fr::ONE,
        |i| i.augmented.comm = -i.augmented.comm,
        |i| i.cyclefold.u += Fr::ONE,
        |i| i.cyclefold.x[19] += Fr::ONE,
        |i| i.cyclefold.comm = -i.cyclefold.comm,
    ];
    for (which, change) in changes.into_iter().enumerate() {
        let mut input = honest(1);
        change(&mut input);
        assert_ne!(circuit(&input).get("previous hash/x"), honest_x, "{which}");
    }
}

/// A coordinate in limbs that carry over: the same integer, another sum in U_C.
#[test]
fn point_limbs() {
    for point in [
        "comm_w",
        "comm_T0",
        "comm_T1",
        "new comm_E",
        "previous",
        "new U_A",
    ] {
        let mut cs = circuit(&honest(1));
        let name = |limb: usize| format!("point limbs/{point}/x{limb}");
        let (low, high) = (cs.get(&name(0)), cs.get(&name(1)));
        cs.set(&name(0), low + transcript::limb_shift());
        cs.set(&name(1), high - Fr::ONE);
        let failed = cs.unsatisfied();
        let expected = format!("point limbs/{point}/limb 0/sum of bits");
        assert!(failed.contains(&expected.as_str()), "{failed:?}");
    }
}

#[test]
fn note_fold() {
    let clause = AugmentedClause::NoteFold;
    tampered("note fold/u", plus_one, clause, "u");
    tampered("note fold/rho x", plus_one, clause, "rho x");
    tampered("note fold/x", plus_one, clause, "x");
    tampered("note fold/rho/r", plus_one, clause, "rho/r");
    tampered("note fold/r/r", plus_one, clause, "r/r");
    // Everything absorbed is in the transcript's first call.
    for name in ["point limbs/mask/u", "point limbs/mask/x", "K/blind start"] {
        let mut cs = circuit(&honest(1));
        cs.set(name, plus_one(cs.get(name)));
        let failed = cs.unsatisfied();
        let call = "note fold/rho transcript/call 0/";
        assert!(failed.iter().any(|f| f.starts_with(call)), "{name}");
    }
}

/// A cross term or an instance other than the absorbed one draws another challenge.
#[test]
fn challenges_depend_on_everything_absorbed() {
    let base = circuit(&honest(1));
    let names = [
        "note fold/rho/r",
        "note fold/r/r",
        "augmented fold/r/r",
        "group operations/U_A/r/r",
    ];
    let values = |cs: &NamedCs| names.map(|name| cs.get(name));
    let before = values(&base);
    let changed = |change: fn(&mut AugmentedInput)| {
        let mut input = honest(1);
        change(&mut input);
        let after = values(&circuit(&input));
        std::array::from_fn::<bool, 4, _>(|index| before[index] != after[index])
    };
    assert_eq!(
        changed(|i| i.note.incoming.comm_t0 =
            crate::curves::Commitment::new(G1Affine::generator().into())),
        [true, true, false, true]
    );
    assert_eq!(
        changed(|i| i.note.comm_t1 = G1Affine::generator()),
        [false, true, false, true]
    );
    assert_eq!(
        changed(|i| i.comm_previous = G1Affine::generator()),
        [false, false, true, true]
    );
    // A false result is absorbed before the challenge that folds it.
    assert_eq!(
        changed(|i| i.note.results[0] = G1Affine::generator()),
        [false, false, false, true]
    );
    assert_eq!(
        changed(|i| i.augmented.u += Fr::ONE),
        [false, false, true, true]
    );
}

/// The other decomposition of a small digest, digest + r, would be a second challenge to choose from.
#[test]
fn challenges_come_from_the_reduced_digest() {
    let lowest_refused = Fr::from_repr({
        let mut repr: [u8; 32] = (-Fr::ONE).to_repr().into();
        repr[..16].fill(0);
        repr.into()
    })
    .expect("below r");
    for digest in [Fr::from(5), lowest_refused - Fr::ONE, Fr::ZERO] {
        let mut cs = NamedCs::new();
        let wire = Wire::alloc(&mut cs, "digest", Some(digest)).expect("a value");
        let challenge = gadgets::challenge(&mut cs, &wire).expect("a witness");
        assert_eq!(cs.unsatisfied(), Vec::<&str>::new());
        assert_eq!(
            challenge.value.value(),
            Some(transcript::challenge(&digest))
        );
    }
    // The 2^128 digests next to r are refused, which is what makes the bound cheap.
    for digest in [lowest_refused, -Fr::ONE] {
        let mut cs = NamedCs::new();
        let wire = Wire::alloc(&mut cs, "digest", Some(digest)).expect("a value");
        gadgets::challenge(&mut cs, &wire).expect("a witness");
        assert_eq!(cs.unsatisfied(), ["reduced/no bit above the bound"]);
    }
    // 5 + r, from r − 1 and 6.
    let mut bytes: [u8; 32] = (-Fr::ONE).to_repr().into();
    let mut carry = 6u16;
    for byte in &mut bytes {
        carry += u16::from(*byte);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    let mut cs = NamedCs::new();
    let wire = Wire::alloc(&mut cs, "value", Some(Fr::from(5))).expect("a value");
    gadgets::challenge(&mut cs, &wire).expect("a witness");
    let mut prefix = Fr::ONE;
    for index in (0..254).rev() {
        let bit = Fr::from(u64::from((bytes[index / 8] >> (index % 8)) & 1));
        cs.set(&format!("digest/bit {index}/bit"), bit);
        let name = format!("reduced/bit {}/equal so far", index.wrapping_sub(128));
        if index >= 128 && cs.contains(&name) {
            prefix *= bit;
            cs.set(&name, prefix);
        }
    }
    let failed = cs.unsatisfied();
    assert!(!failed.contains(&"digest/sum of bits"), "{failed:?}");
    assert!(
        failed
            .iter()
            .any(|name| name.ends_with("no bit above the bound")),
        "{failed:?}"
    );
}

#[test]
fn augmented_fold() {
    let clause = AugmentedClause::AugmentedFold;
    tampered("augmented fold/r/r", plus_one, clause, "r/r");
    tampered("augmented fold/r x", plus_one, clause, "r x");
    tampered(
        "augmented fold/limb 4/select",
        plus_one,
        clause,
        "limb 4/select",
    );
    tampered("augmented fold/select u", plus_one, clause, "select u");
    tampered("augmented fold/select x", plus_one, clause, "select x");
}

#[test]
fn group_operations() {
    let clause = AugmentedClause::GroupOperations;
    // A commitment on another curve, where logarithms may be easy.
    let mut input = honest(1);
    input.comm_operations[2].y += Fr::ONE;
    let failed = circuit(&input);
    let failed = failed.unsatisfied();
    assert!(
        failed.contains(&"group operations/inner/commitment on curve/y^2 = x^3 + b"),
        "{failed:?}"
    );
    tampered(
        "group operations/comm_W/x 4/r limb",
        plus_one,
        clause,
        "comm_W/x 4/r limb",
    );
    tampered("group operations/U_A/r/r", plus_one, clause, "U_A/r/r");
    tampered(
        "group operations/comm_E/multiple/3Q/slope",
        plus_one,
        clause,
        "comm_E/multiple/3Q/slope",
    );
    tampered(
        "group operations/comm_E/sum/x",
        plus_one,
        clause,
        "comm_E/sum/x of the sum",
    );
    // A commitment for which the sum has no chord: its slope would be free.
    tampered(
        "group operations/inner/sum/inverse",
        plus_one,
        clause,
        "inner/sum/P is not ± r·Q",
    );
}

#[test]
fn statement_hash() {
    tampered(
        "statement hash/x",
        plus_one,
        AugmentedClause::StatementHash,
        "x",
    );
    for name in [
        "K/deployment",
        "statement/anchor",
        "statement/ext_hash",
        "statement/fee",
    ] {
        let mut cs = circuit(&honest(1));
        cs.set(name, plus_one(cs.get(name)));
        let failed = cs.unsatisfied();
        assert!(
            failed.iter().any(|f| f.starts_with("statement hash/")),
            "{name}"
        );
    }
}

/// An anchor that is in no slot: membership was proven in a tree that nobody settled.
#[test]
fn anchor_in_ring() {
    let mut input = honest(1);
    input.transition.anchor_path.position ^= 1;
    refused(
        &input,
        AugmentedClause::AnchorInRing,
        "the root is the ring's",
    );
    let mut input = honest(1);
    input.transition.statement[1] += Fr::ONE;
    let failed = circuit(&input);
    assert!(
        failed
            .unsatisfied()
            .contains(&"anchor in ring/the root is the ring's")
    );
}

/// A nullifier that is in the list already, or that does not lie in the gap of the leaf that is pointed at it.
#[test]
fn redirections() {
    let clause = AugmentedClause::Redirections;
    let fails = |change: fn(&mut AugmentedInput), constraint: &str| {
        let mut input = honest(1);
        change(&mut input);
        let cs = circuit(&input);
        let failed = cs.unsatisfied();
        let expected = format!("{clause}/{constraint}");
        assert!(
            failed.contains(&expected.as_str()),
            "{expected}: {failed:?}"
        );
    };
    let above = "value 0/above the low value/sum of bits";
    let below = "value 1/below the next value/sum of bits";
    fails(
        |i| i.transition.redirections[0].value = i.transition.redirections[0].low_leaf.value,
        above,
    );
    fails(
        |i| {
            i.transition.redirections[0].value =
                i.transition.redirections[0].low_leaf.value - Fr::ONE
        },
        above,
    );
    fails(
        |i| i.transition.redirections[1].value = i.transition.redirections[1].low_leaf.next_value,
        below,
    );
    let list = "value 0/the low leaf is in the list";
    fails(
        |i| i.transition.redirections[0].low_leaf.next_index += 1,
        list,
    );
    fails(
        |i| i.transition.redirections[0].low_leaf.value -= Fr::ONE,
        list,
    );
    fails(
        |i| i.transition.redirections[0].low_path.position ^= 1,
        list,
    );
    fails(|i| i.state.nullifier_root += Fr::ONE, list);
    // The second redirection starts where the first one ended.
    fails(
        |i| i.transition.redirections.swap(0, 1),
        "value 1/the low leaf is in the list",
    );
    tampered(
        "redirections/value 0/level 3/change, low bit",
        plus_one,
        clause,
        "value 0/level 3/change, low bit",
    );
}

#[test]
fn nullifiers_appended() {
    let clause = AugmentedClause::NullifiersAppended;
    let node = "the node is the subtree";
    let fails = |change: fn(&mut AugmentedInput)| {
        let mut input = honest(1);
        change(&mut input);
        let cs = circuit(&input);
        let failed = cs.unsatisfied();
        assert!(
            failed.iter().any(|f| f.starts_with("nullifiers appended/")),
            "{failed:?}"
        );
    };
    fails(|i| i.transition.leaves[0].next_value += Fr::ONE);
    fails(|i| i.transition.leaves[1].next_index += 1);
    fails(|i| i.transition.statement[2] += Fr::ONE);
    fails(|i| i.constants.nullifier_subtrees[0] += Fr::ONE);
    fails(|i| i.constants.nullifier_start += 2);
    // An odd position would put the pair under two parents.
    let mut input = honest(1);
    input.constants.nullifier_base += 1;
    assert!(
        circuit(&input)
            .unsatisfied()
            .contains(&"nullifiers appended/position/sum of bits")
    );
    let mut input = honest(1);
    input.transition.nullifier_path.siblings[5][0] += Fr::ONE;
    refused(&input, clause, node);
}

#[test]
fn notes_appended() {
    let clause = AugmentedClause::NotesAppended;
    let mut input = honest(1);
    input.transition.note_path.siblings[2][1] += Fr::ONE;
    refused(&input, clause, "the node is the subtree");
    for element in [4, 5] {
        let mut input = honest(1);
        input.transition.statement[element] += Fr::ONE;
        let cs = circuit(&input);
        let failed = cs.unsatisfied();
        assert!(
            failed.iter().any(|f| f.starts_with("notes appended/")),
            "{failed:?}"
        );
    }
    let mut input = honest(1);
    input.constants.note_offset += 2;
    assert!(
        circuit(&input)
            .unsatisfied()
            .iter()
            .any(|f| f.starts_with("notes appended/"))
    );
}

#[test]
fn permutation() {
    let clause = AugmentedClause::Permutation;
    for name in [
        "appended/leaf 0/a^3",
        "appended/leaf 1/product",
        "redirected/leaf 0/a",
        "redirected/leaf 1/product",
    ] {
        tampered(&format!("permutation/{name}"), plus_one, clause, name);
    }
}

#[test]
fn data_digest() {
    let name = "half 1 round 3 element 0/x^5";
    tampered(
        &format!("data digest/{name}"),
        plus_one,
        AugmentedClause::DataDigest,
        name,
    );
}

#[test]
fn fingerprint() {
    for element in 0..DATA_ELEMENTS {
        let name = format!("element {element}/p a");
        tampered(
            &format!("fingerprint/{name}"),
            plus_one,
            AugmentedClause::Fingerprint,
            &name,
        );
    }
}

#[test]
fn next_hash() {
    tampered(
        "next hash/next x",
        plus_one,
        AugmentedClause::NextHash,
        "next x",
    );
    let base = circuit(&honest(1)).get("next hash/next x");
    let mut input = honest(1);
    input.index += 1;
    assert_ne!(circuit(&input).get("next hash/next x"), base);
}
