//! The append-only tree of note commitments.

use super::{NodeChange, Path, QuadTree, TreeFull};
use crate::{
    curves::{Fr, to_be_bytes},
    encoding::{DecodeError, scalar_from_bytes},
    note::{NoteCommitment, field_type},
};
use ff::PrimeField;
use std::fmt;

/// Depth of the note tree: 2^32 notes.
pub const NOTE_DEPTH: usize = 16;

field_type!(
    /// A note root that a step proves membership against: any of the last 256 batches'.
    Anchor,
    "anchor"
);

/// Commitments of all notes ever made, in order.
#[derive(Clone, Debug, Default)]
pub struct NoteTree {
    nodes: QuadTree<NOTE_DEPTH>,
}

impl NoteTree {
    /// Puts back nodes that a store kept.
    pub fn restore(nodes: impl IntoIterator<Item = NodeChange>) -> Self {
        Self {
            nodes: QuadTree::restore(nodes),
        }
    }

    /// Number of notes.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// Notes that there is room for.
    #[must_use]
    pub fn free(&self) -> u64 {
        QuadTree::<NOTE_DEPTH>::CAPACITY - self.count()
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Anchor {
        Anchor(self.nodes.root())
    }

    /// Appends commitments and returns the position of the first. Each node above them is hashed once.
    ///
    /// # Errors
    ///
    /// [`TreeFull`]; nothing is appended.
    pub fn append(&mut self, commitments: &[NoteCommitment]) -> Result<u32, TreeFull> {
        let (needed, free) = (commitments.len() as u64, self.free());
        if needed > free {
            return Err(TreeFull { needed, free });
        }
        let start = u32::try_from(self.count()).map_err(|_| TreeFull { needed, free })?;
        self.nodes
            .write((start..).zip(commitments.iter().map(|commitment| commitment.0)));
        Ok(start)
    }

    /// The commitment at a position, if there is a note.
    #[must_use]
    pub fn get(&self, position: u32) -> Option<NoteCommitment> {
        (u64::from(position) < self.count()).then(|| NoteCommitment(self.nodes.leaf(position)))
    }

    /// The path of a position.
    #[must_use]
    pub fn path(&self, position: u32) -> Path {
        self.nodes.path(position)
    }

    /// Nodes written since the last call.
    pub fn take_changes(&mut self) -> Vec<NodeChange> {
        self.nodes.take_changes()
    }
}
