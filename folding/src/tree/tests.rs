//! The incremental trees against a naive reference that recomputes everything.

use super::*;
use crate::{
    curves::Fr,
    note::{NoteCommitment, Nullifier},
    state::{State, StateError, StateUpdate},
};
use ff::Field;
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::collections::BTreeMap;

/// Root of the subtree at `height` whose first leaf is `first`, by recursion over a sparse map.
fn naive_root(leaves: &BTreeMap<u64, Fr>, height: usize, first: u64) -> Fr {
    let span = 1u64 << (2 * height);
    if leaves.range(first..first + span).next().is_none() {
        return empty_root(height);
    }
    if height == 0 {
        return leaves[&first];
    }
    node_hash(&std::array::from_fn(|child| {
        naive_root(leaves, height - 1, first + child as u64 * (span / 4))
    }))
}

fn indexed(leaves: &[Fr]) -> BTreeMap<u64, Fr> {
    (0..).zip(leaves.iter().copied()).collect()
}

fn elements(seed: u64, count: usize) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| Fr::random(&mut rng)).collect()
}

fn commitments(seed: u64, count: usize) -> Vec<NoteCommitment> {
    elements(seed, count)
        .into_iter()
        .map(NoteCommitment)
        .collect()
}

fn nullifiers(seed: u64, count: usize) -> Vec<Nullifier> {
    elements(seed, count).into_iter().map(Nullifier).collect()
}

/// The leaves of an indexed tree from the list of its values, the slow way.
fn naive_indexed_leaves(values: &[Nullifier]) -> Vec<Fr> {
    let mut all = first_values().to_vec();
    all.extend(values.iter().map(|nullifier| nullifier.0));
    all.iter()
        .map(|value| {
            let next = (0u32..)
                .zip(&all)
                .filter(|(_, other)| *other > value)
                .min_by_key(|(_, v)| **v);
            let (next_index, next_value) = next.map_or((0, MAX_NULLIFIER), |(i, v)| (i, *v));
            IndexedLeaf {
                value: *value,
                next_value,
                next_index,
            }
            .hash()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn note_tree_equals_reference(seed: u64, batches in prop::collection::vec(0usize..40, 1..5)) {
        let mut tree = NoteTree::default();
        let mut all = Vec::new();
        for (round, size) in (0..).zip(batches) {
            let batch = commitments(seed.wrapping_add(round), size);
            let start = tree.append(&batch).expect("room");
            prop_assert_eq!(start as usize, all.len());
            all.extend(batch.iter().map(|commitment| commitment.0));
            prop_assert_eq!(tree.root().0, naive_root(&indexed(&all), NOTE_DEPTH, 0));
        }
        for (position, leaf) in (0u32..).zip(&all) {
            prop_assert_eq!(tree.get(position), Some(NoteCommitment(*leaf)));
            prop_assert_eq!(tree.path(position).root(*leaf), tree.root().0);
        }
        let end = u32::try_from(all.len()).expect("small");
        prop_assert_eq!(tree.get(end), None);
        prop_assert_eq!(tree.path(end).root(Fr::ZERO), tree.root().0);
    }

    #[test]
    fn nullifier_tree_equals_reference(seed: u64, single in 1usize..12, batched in 0usize..30) {
        let values = nullifiers(seed, single + batched);
        let mut tree = NullifierTree::default();
        for value in &values[..single] {
            let before = tree.root();
            let insertion = tree.insert(*value).expect("new");
            prop_assert_eq!(insertion.apply(before), Some(tree.root()));
            prop_assert_eq!(insertion.new_leaf.value, value.0);
        }
        tree.insert_batch(&values[single..]).expect("new");
        let leaves = naive_indexed_leaves(&values);
        prop_assert_eq!(tree.root(), naive_root(&indexed(&leaves), NULLIFIER_DEPTH, 0));
        prop_assert_eq!(tree.count(), (values.len() + FIRST_LEAVES) as u64);
        for (index, value) in (4u32..).zip(&values) {
            prop_assert_eq!(tree.find(*value), Some(index));
            let leaf = tree.leaf(index).expect("a leaf");
            prop_assert_eq!(tree.path(index).root(leaf.hash()), tree.root());
        }
    }

    #[test]
    fn restored_trees_go_on_alike(seed: u64, before in 1usize..30, after in 1usize..30) {
        let (cms, nfs) = (commitments(seed, before + after), nullifiers(!seed, before + after));
        let mut notes = NoteTree::default();
        let mut spent = NullifierTree::default();
        notes.append(&cms[..before]).expect("room");
        spent.insert_batch(&nfs[..before]).expect("new");
        let mut notes_again = NoteTree::restore(notes.take_changes());
        let mut spent_again =
            NullifierTree::restore(spent.take_changes(), nfs[..before].iter().copied());
        prop_assert!(notes.take_changes().is_empty() && notes_again.take_changes().is_empty());
        for tree in [&mut notes, &mut notes_again] {
            tree.append(&cms[before..]).expect("room");
        }
        for tree in [&mut spent, &mut spent_again] {
            tree.insert_batch(&nfs[before..]).expect("new");
        }
        prop_assert_eq!(notes.root(), notes_again.root());
        prop_assert_eq!(spent.root(), spent_again.root());
    }
}

#[test]
fn an_append_touches_only_its_paths() {
    let mut tree = NoteTree::default();
    tree.append(&commitments(1, 1000)).expect("room");
    tree.take_changes();
    tree.append(&commitments(2, 2)).expect("room");
    // Two leaves that share all but perhaps their lowest parents, and 16 levels above.
    assert!(tree.take_changes().len() <= 2 + 2 * NOTE_DEPTH);
}

#[test]
fn the_largest_value_is_r_minus_one() {
    assert_eq!(MAX_NULLIFIER, -Fr::ONE);
}

#[test]
fn a_spent_or_reserved_nullifier_is_refused() {
    let mut tree = NullifierTree::default();
    let values = nullifiers(3, 3);
    tree.insert(values[0]).expect("new");
    let root = tree.root();
    let spent = NullifierError::Spent {
        nullifier: values[0],
        index: 4,
    };
    assert_eq!(tree.insert(values[0]), Err(spent.clone()));
    assert_eq!(tree.insert_batch(&[values[1], values[0]]), Err(spent));
    assert_eq!(
        tree.insert_batch(&[values[1], values[2], values[1]]),
        Err(NullifierError::Spent {
            nullifier: values[1],
            index: 5
        })
    );
    for reserved in first_values().into_iter().chain([MAX_NULLIFIER]) {
        let nullifier = Nullifier(reserved);
        assert_eq!(
            tree.insert(nullifier),
            Err(NullifierError::Reserved { nullifier })
        );
    }
    assert_eq!(tree.root(), root);
}

#[test]
fn no_gap_of_the_list_exceeds_252_bits() {
    let gap = Fr::from(2).pow([GAP_BITS as u64]);
    let mut ends = first_values().to_vec();
    ends.push(MAX_NULLIFIER);
    for pair in ends.windows(2) {
        assert!(pair[0] < pair[1] && pair[1] - pair[0] <= gap);
    }
}

/// Redirecting in descending order and then writing the new leaves is inserting in any order.
#[test]
fn redirections_in_descending_order_lead_to_the_same_list() {
    let mut tree = NullifierTree::default();
    let values = nullifiers(8, 40);
    tree.insert_batch(&values[..20]).expect("new");
    let mut redirected = tree.clone();
    tree.insert_batch(&values[20..]).expect("new");
    let mut sorted: Vec<(Nullifier, u32)> = values[20..]
        .iter()
        .copied()
        .zip((FIRST_LEAVES as u32 + 20)..)
        .collect();
    sorted.sort_by_key(|(nullifier, _)| std::cmp::Reverse(nullifier.0));
    for (value, position) in &sorted {
        let before = redirected.root();
        let change = redirected.redirect(*value, *position).expect("new");
        assert_eq!(change.low_path.root(change.low_leaf.hash()), before);
        let after = change.low_path.root(change.updated_low_leaf().hash());
        assert_eq!(after, redirected.root());
        assert_eq!(tree.leaf(*position), Some(change.new_leaf()));
    }
    for index in 0..(FIRST_LEAVES as u32 + 20) {
        assert_eq!(tree.leaf(index), redirected.leaf(index));
    }
}

#[test]
fn a_forged_insertion_does_not_apply() {
    let mut tree = NullifierTree::default();
    let values = nullifiers(4, 4);
    tree.insert_batch(&values[..3]).expect("new");
    let before = tree.root();
    let honest = tree.insert(values[3]).expect("new");
    assert!(honest.apply(before).is_some());

    let forge = |change: fn(&mut Insertion)| {
        let mut forged = honest.clone();
        change(&mut forged);
        forged.apply(before)
    };
    assert_eq!(forge(|i| i.new_leaf.value = i.low_leaf.value), None);
    assert_eq!(forge(|i| i.new_leaf.value = i.low_leaf.next_value), None);
    assert_eq!(
        forge(|i| i.new_leaf.next_value = MAX_NULLIFIER - Fr::ONE),
        None
    );
    assert_eq!(forge(|i| i.new_leaf.next_index += 1), None);
    assert_eq!(
        forge(|i| i.low_leaf.next_value = MAX_NULLIFIER - Fr::ONE),
        None
    );
    assert_eq!(forge(|i| i.low_path.position ^= 1), None);
    // Writing the new leaf over one that exists.
    assert_eq!(forge(|i| i.new_path.position = 1), None);
    assert_eq!(honest.apply(tree.root()), None);
}

#[test]
fn anchors_live_for_256_batches() {
    let mut state = State::genesis();
    let genesis = state.notes().root();
    let update = |seed: u64, anchor: Anchor| StateUpdate {
        anchor,
        nullifiers: nullifiers(seed, 2).try_into().expect("two"),
        commitments: commitments(!seed, 2).try_into().expect("two"),
    };
    for batch in 1..HISTORY_ROOTS {
        let step = update(batch, genesis);
        state
            .apply(&step)
            .expect("the genesis root is still an anchor");
        state.close_batch();
        assert_eq!(state.batch_number(), batch + 1);
    }
    let step = update(1000, genesis);
    state.apply(&step).expect("255 batches later");
    state.close_batch();
    let step = update(1001, genesis);
    let root = state.root();
    assert_eq!(
        state.apply(&step),
        Err(StateError::UnknownAnchor {
            window: 256,
            anchor: genesis
        })
    );
    assert_eq!(state.root(), root);

    // The root within an open batch is no anchor either, and neither is zero.
    let step = update(1002, state.notes().root());
    let applied = state.apply(&step).expect("the last batch's root");
    assert_eq!(
        state
            .history()
            .path(applied.anchor_slot)
            .root(step.anchor.0),
        state.history().root()
    );
    for anchor in [state.notes().root(), Anchor(Fr::ZERO)] {
        let step = update(1003, anchor);
        assert!(matches!(
            state.apply(&step),
            Err(StateError::UnknownAnchor { .. })
        ));
    }
}

#[test]
fn a_refused_step_changes_nothing() {
    let mut state = State::genesis();
    let nfs = nullifiers(5, 3);
    let mut step = StateUpdate {
        anchor: state.notes().root(),
        nullifiers: [nfs[0], nfs[1]],
        commitments: commitments(6, 2).try_into().expect("two"),
    };
    state.apply(&step).expect("first");
    let root = state.root();
    step.nullifiers = [nfs[2], nfs[1]];
    assert!(matches!(
        state.apply(&step),
        Err(StateError::Nullifier(NullifierError::Spent {
            index: 5,
            ..
        }))
    ));
    step.nullifiers = [nfs[2], nfs[2]];
    assert!(matches!(
        state.apply(&step),
        Err(StateError::Nullifier(NullifierError::Spent { .. }))
    ));
    assert_eq!(state.root(), root);
}

#[test]
fn the_state_root_covers_every_part() {
    let genesis = State::genesis();
    let mut closed = genesis.clone();
    closed.close_batch();
    assert_ne!(genesis.root(), closed.root());
    let mut stepped = genesis.clone();
    stepped
        .apply(&StateUpdate {
            anchor: genesis.notes().root(),
            nullifiers: nullifiers(1, 2).try_into().expect("two"),
            commitments: commitments(2, 2).try_into().expect("two"),
        })
        .expect("a step");
    assert_ne!(genesis.root(), stepped.root());
}
