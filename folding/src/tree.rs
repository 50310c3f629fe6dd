//! The state trees, natively: note tree, indexed nullifier tree, history ring.
//!
//! All three are 4-ary Poseidon trees ([`QuadTree`]) that keep every node, so an update hashes only the paths that
//! changed and a membership path is read in O(depth). Nothing is ever rebuilt.
//!
//! Spec: `specs/trees.md`.

mod gadget;
mod history;
mod note;
mod nullifier;
mod quad;
#[cfg(test)]
mod tests;

pub(crate) use gadget::climb;
pub(crate) use gadget::climb_twice;
pub use gadget::{open_node, replace_child};
pub use history::{HISTORY_DEPTH, HISTORY_ROOTS, HistoryRing};
pub use note::{Anchor, NOTE_DEPTH, NoteTree};
pub use nullifier::{
    FIRST_LEAVES, GAP_BITS, IndexedLeaf, Insertion, MAX_NULLIFIER, NULLIFIER_DEPTH, NullifierError,
    NullifierTree, Redirection, first_values,
};
pub(crate) use quad::with_child;
pub use quad::{ARITY, NodeChange, Path, QuadTree, TreeFull, empty_root, node_hash};
