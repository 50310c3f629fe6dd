//! One forgery or more for every clause of F_S.

use super::*;
use crate::{curves::G1Affine, transcript};

fn forged(index: usize, change: impl FnOnce(&mut StateInput)) -> NamedCs {
    let mut input = honest_state(index);
    change(&mut input);
    state_circuit(&input)
}

fn starts_with(cs: &NamedCs, clause: AugmentedClause) {
    let prefix = format!("{clause}/");
    let failed = cs.unsatisfied();
    assert!(
        failed.iter().any(|name| name.starts_with(&prefix)),
        "{failed:?}"
    );
}

/// Starting with something in z or in an accumulator that no step put there, or from another U_C than the note chain's.
#[test]
fn start() {
    let clause = AugmentedClause::Start;
    let forge = |change: fn(&mut StateInput), constraint: &str| {
        breaks_only(&forged(0, change), clause, constraint);
    };
    forge(|i| i.previous.augmented.u = Fr::ONE, "U_A u/equal");
    forge(
        |i| i.previous.augmented.comm = G1Affine::generator(),
        "U_A limb 0/equal",
    );
    forge(|i| i.previous.cyclefold.u += Fr::ONE, "U_C/equal");
    forge(|i| i.constants.cyclefold_start += Fr::ONE, "U_C/equal");
    forge(|i| i.constants.nullifier_root += Fr::ONE, "z 0/equal");
    forge(|i| i.state.data_digest = Fr::ONE, "z 1/equal");
    forge(|i| i.state.fingerprint = Fr::ONE, "z 2/equal");
    forge(|i| i.state.appended = Fr::ZERO, "z 3/equal");
    forge(|i| i.state.redirected = Fr::ZERO, "z 4/equal");
    forge(|i| i.state.steps_digest = Fr::ONE, "z 5/equal");
}

#[test]
fn previous_hash() {
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::PreviousHash,
        &["x", "U_C"],
    );
    let honest_x = state_circuit(&honest_state(1)).get("previous hash/x");
    let changes: [fn(&mut StateInput); 7] = [
        |i| i.constants.deployment += Fr::ONE,
        |i| i.constants.cyclefold_start += Fr::ONE,
        |i| i.previous.index += 1,
        |i| i.state.fingerprint += Fr::ONE,
        |i| i.state.steps_digest += Fr::ONE,
        |i| i.previous.augmented.x += Fr::ONE,
        |i| i.previous.cyclefold.x[7] += Fr::ONE,
    ];
    for (which, change) in changes.into_iter().enumerate() {
        assert_ne!(
            forged(1, change).get("previous hash/x"),
            honest_x,
            "{which}"
        );
    }
}

#[test]
fn point_limbs() {
    let mut cs = state_circuit(&honest_state(1));
    for point in ["previous", "new U_A"] {
        let name = |limb: usize| format!("point limbs/{point}/y{limb}");
        let (low, high) = (cs.get(&name(0)), cs.get(&name(1)));
        cs.set(&name(0), low + transcript::limb_shift());
        cs.set(&name(1), high - Fr::ONE);
        breaks(
            &cs,
            AugmentedClause::PointLimbs,
            &format!("{point}/limb 3/sum of bits"),
        );
    }
}

#[test]
fn augmented_fold() {
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::AugmentedFold,
        &["r/r", "r x", "limb 0/select", "select u", "select x"],
    );
}

#[test]
fn group_operations() {
    let clause = AugmentedClause::GroupOperations;
    breaks(
        &forged(1, |i| i.comm_operation.y += Fr::ONE),
        clause,
        "U_A/commitment on curve/y^2 = x^3 + b",
    );
    pinned_down(
        state_circuit(&honest_state(1)),
        clause,
        &["U_A/x 4/r limb", "U_A/r/r", "U_A/multiple/3Q/slope"],
    );
}

#[test]
fn statement_hash() {
    let clause = AugmentedClause::StatementHash;
    pinned_down(state_circuit(&honest_state(1)), clause, &["x"]);
    for name in [
        "K_S/deployment",
        "statement/anchor",
        "statement/nullifier 0",
        "statement/nullifier 1",
        "statement/commitment 0",
        "statement/commitment 1",
        "statement/public amount in",
        "statement/public amount out",
        "statement/asset",
        "statement/fee",
        "statement/ext_hash",
    ] {
        let mut cs = state_circuit(&honest_state(1));
        cs.set(name, cs.get(name) + Fr::ONE);
        starts_with(&cs, clause);
    }
}

/// An anchor that is in no slot: membership was proven in a tree that nobody settled.
#[test]
fn anchor_in_ring() {
    let (clause, root) = (AugmentedClause::AnchorInRing, "the root is the ring's");
    breaks_only(
        &forged(1, |i| i.transition.anchor_path.position ^= 1),
        clause,
        root,
    );
    breaks(
        &forged(1, |i| i.transition.statement[1] += Fr::ONE),
        clause,
        root,
    );
}

/// A nullifier that is in the list already, or that does not lie in the gap of the leaf that is pointed at it.
#[test]
fn redirections() {
    let clause = AugmentedClause::Redirections;
    let fails = |change: fn(&mut Transition), constraint: &str| {
        breaks(
            &forged(1, |i| change(&mut i.transition)),
            clause,
            constraint,
        );
    };
    let above = "value 0/above the low value/sum of bits";
    let below = "value 1/below the next value/sum of bits";
    fails(
        |t| t.redirections[0].value = t.redirections[0].low_leaf.value,
        above,
    );
    fails(
        |t| t.redirections[0].value = t.redirections[0].low_leaf.value - Fr::ONE,
        above,
    );
    fails(
        |t| t.redirections[1].value = t.redirections[1].low_leaf.next_value,
        below,
    );
    let list = "value 0/the low leaf is in the list";
    fails(|t| t.redirections[0].low_leaf.next_index += 1, list);
    fails(|t| t.redirections[0].low_leaf.value -= Fr::ONE, list);
    fails(|t| t.redirections[0].low_path.position ^= 1, list);
    breaks(
        &forged(1, |i| i.state.nullifier_root += Fr::ONE),
        clause,
        list,
    );
    // The second redirection starts where the first one ended.
    fails(
        |t| t.redirections.swap(0, 1),
        "value 1/the low leaf is in the list",
    );
    pinned_down(
        state_circuit(&honest_state(1)),
        clause,
        &[
            "value 0/level 3/change, low bit",
            "value 1/level 15/change, child 3",
        ],
    );
}

#[test]
fn nullifiers_appended() {
    let clause = AugmentedClause::NullifiersAppended;
    let fails = |change: fn(&mut StateInput)| starts_with(&forged(1, change), clause);
    fails(|i| i.transition.leaves[0].next_value += Fr::ONE);
    fails(|i| i.transition.leaves[1].next_index += 1);
    fails(|i| i.transition.statement[2] += Fr::ONE);
    fails(|i| i.constants.nullifier_subtrees[0] += Fr::ONE);
    fails(|i| i.constants.nullifier_start += 2);
    // An odd position would put the pair under two parents.
    breaks(
        &forged(1, |i| i.constants.nullifier_base += 1),
        clause,
        "position/sum of bits",
    );
    breaks_only(
        &forged(1, |i| i.transition.nullifier_path.siblings[5][0] += Fr::ONE),
        clause,
        "the node is the subtree",
    );
}

#[test]
fn notes_appended() {
    let clause = AugmentedClause::NotesAppended;
    breaks_only(
        &forged(1, |i| i.transition.note_path.siblings[2][1] += Fr::ONE),
        clause,
        "the node is the subtree",
    );
    for element in [4, 5] {
        starts_with(
            &forged(1, |i| i.transition.statement[element] += Fr::ONE),
            clause,
        );
    }
    starts_with(&forged(1, |i| i.constants.note_offset += 2), clause);
}

#[test]
fn permutation() {
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::Permutation,
        &[
            "appended/leaf 0/a^3",
            "appended/leaf 1/product",
            "redirected/leaf 0/a",
            "redirected/leaf 1/product",
        ],
    );
}

#[test]
fn data_digest() {
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::DataDigest,
        &["half 1 round 3 element 0/x^5"],
    );
}

#[test]
fn fingerprint() {
    let names: Vec<String> = (0..DATA_ELEMENTS)
        .map(|element| format!("element {element}/p a"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::Fingerprint,
        &names,
    );
}

#[test]
fn step_chain() {
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::StepChain,
        &["half 1 round 3 element 0/x^5"],
    );
}

#[test]
fn next_hash() {
    pinned_down(
        state_circuit(&honest_state(1)),
        AugmentedClause::NextHash,
        &["next x"],
    );
}
