//! A state in tables of a transactional database: every tree node is kept, so reading hashes nothing, and a commit writes only
//! what changed. Spec: `specs/storage.md`, STORE-1 to STORE-4.

use crate::error::Error;
use notefold_folding::{
    note::Nullifier,
    state::State,
    tree::{
        FIRST_LEAVES, HISTORY_DEPTH, HistoryRing, NOTE_DEPTH, NULLIFIER_DEPTH, NodeChange,
        NoteTree, NullifierTree,
    },
};
use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use std::path::Path;

/// Numbers and the deployment, by name.
pub(crate) const META: TableDefinition<'_, &str, [u8; 32]> = TableDefinition::new("meta");
/// Tree nodes, by tree, level and index.
const NODES: TableDefinition<'_, (u8, u8, u32), [u8; 32]> = TableDefinition::new("nodes");
/// Nullifiers in the order of insertion.
const NULLIFIERS: TableDefinition<'_, u32, [u8; 32]> = TableDefinition::new("nullifiers");

const NOTE_TREE: u8 = 0;
const NULLIFIER_TREE: u8 = 1;
const HISTORY_RING: u8 = 2;
/// Depths of the three.
const DEPTHS: [usize; 3] = [NOTE_DEPTH, NULLIFIER_DEPTH, HISTORY_DEPTH];

/// Nodes that a commit writes.
pub(crate) struct Changes([(u8, Vec<NodeChange>); 3]);

/// Takes what changed in a state since the last call.
pub(crate) fn take_changes(state: &mut State) -> Changes {
    let (notes, nullifiers, history) = state.trees_mut();
    Changes([
        (NOTE_TREE, notes.take_changes()),
        (NULLIFIER_TREE, nullifiers.take_changes()),
        (HISTORY_RING, history.take_changes()),
    ])
}

/// Writes changed nodes, nullifiers that were inserted, and the batch number.
pub(crate) fn write(
    transaction: &WriteTransaction,
    state: &State,
    changes: &Changes,
    inserted: impl IntoIterator<Item = Nullifier>,
) -> Result<(), redb::Error> {
    let mut meta = transaction.open_table(META)?;
    meta.insert("batch_number", word(state.batch_number()))?;
    let mut nodes = transaction.open_table(NODES)?;
    for (tree, changes) in &changes.0 {
        for change in changes {
            nodes.insert((*tree, change.level, change.index), change.to_bytes())?;
        }
    }
    let mut nullifiers = transaction.open_table(NULLIFIERS)?;
    for nullifier in inserted {
        let index = state.nullifiers().find(nullifier);
        let index = index.expect("invariant: it was inserted");
        nullifiers.insert(index, nullifier.to_bytes())?;
    }
    Ok(())
}

/// Forgets a state.
pub(crate) fn clear(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.delete_table(NODES)?;
    transaction.delete_table(NULLIFIERS)?;
    Ok(())
}

/// Reads the state, and checks that its counts agree with each other.
pub(crate) fn read(path: &Path, transaction: &ReadTransaction) -> Result<State, Error> {
    let failed = |error: redb::Error| Error::store(path)(error);
    let decode = |source| Error::Decode {
        path: path.to_owned(),
        source,
    };
    let meta = transaction.open_table(META).map_err(|e| failed(e.into()))?;
    let batch_number = meta
        .get("batch_number")
        .map_err(|e| failed(e.into()))?
        .map(|value| number(value.value()))
        .ok_or_else(|| damaged(path, "batch_number", "nothing".into()))?;
    let mut trees: [Vec<NodeChange>; 3] = Default::default();
    let nodes = transaction
        .open_table(NODES)
        .map_err(|e| failed(e.into()))?;
    for entry in nodes.iter().map_err(|e| failed(e.into()))? {
        let (key, value) = entry.map_err(|e| failed(e.into()))?;
        let (tree, level, index) = key.value();
        let node = NodeChange::from_bytes(level, index, value.value()).map_err(decode)?;
        let fits = DEPTHS
            .get(usize::from(tree))
            .is_some_and(|depth| node.fits(*depth));
        if !fits {
            let got = format!("tree {tree}, level {level}, index {index}");
            return Err(damaged(path, "a node of one of the three trees", got));
        }
        trees[usize::from(tree)].push(node);
    }
    let mut nullifiers = Vec::new();
    let table = transaction
        .open_table(NULLIFIERS)
        .map_err(|e| failed(e.into()))?;
    for entry in table.iter().map_err(|e| failed(e.into()))? {
        let (_, value) = entry.map_err(|e| failed(e.into()))?;
        nullifiers.push(Nullifier::from_bytes(value.value()).map_err(decode)?);
    }
    let [notes, spent, history] = trees;
    let state = State::restore(
        NoteTree::restore(notes),
        NullifierTree::restore(spent, nullifiers),
        HistoryRing::restore(history),
        batch_number,
    );
    let spent = state.nullifiers().count() - FIRST_LEAVES as u64;
    if state.notes().count() != spent {
        let got = format!("{} notes and {spent} nullifiers", state.notes().count());
        return Err(damaged(path, "as many nullifiers as notes", got));
    }
    Ok(state)
}

/// A number as a value of [`META`].
pub(crate) fn word(value: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[..8].copy_from_slice(&value.to_le_bytes());
    word
}

/// The inverse of [`word`].
pub(crate) fn number(word: [u8; 32]) -> u64 {
    u64::from_le_bytes(word[..8].try_into().expect("invariant: eight of 32 bytes"))
}

/// The error of a database that holds something else than it should.
pub(crate) fn damaged(path: &Path, expected: &str, got: String) -> Error {
    Error::State {
        path: path.to_owned(),
        expected: expected.to_owned(),
        got,
    }
}
