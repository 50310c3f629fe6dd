//! The ring of the last 256 note roots.

use super::{Anchor, NodeChange, Path, QuadTree};
use crate::curves::Fr;

/// Depth of the history tree.
pub const HISTORY_DEPTH: usize = 4;
/// Roots that the ring holds.
pub const HISTORY_ROOTS: u64 = QuadTree::<HISTORY_DEPTH>::CAPACITY;

/// Note roots by batch number modulo 256. A step's anchor must be one of them.
#[derive(Clone, Debug, Default)]
pub struct HistoryRing {
    nodes: QuadTree<HISTORY_DEPTH>,
}

impl HistoryRing {
    /// Puts back nodes that a store kept.
    pub fn restore(nodes: impl IntoIterator<Item = NodeChange>) -> Self {
        Self {
            nodes: QuadTree::restore(nodes),
        }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.nodes.root()
    }

    /// Records the note root after batch `batch_number`, over the one of 256 batches before.
    pub fn record(&mut self, batch_number: u64, anchor: Anchor) {
        self.nodes.write([(slot(batch_number), anchor.0)]);
    }

    /// The slot that holds an anchor.
    ///
    /// A slot that was never written holds zero, which is no note root that anyone can find a tree for; it is not an
    /// anchor.
    #[must_use]
    pub fn find(&self, anchor: Anchor) -> Option<u32> {
        let written = u32::try_from(self.nodes.len()).expect("invariant: at most 256 slots");
        (0..written).find(|&slot| self.nodes.leaf(slot) == anchor.0)
    }

    /// What a slot holds; zero where nothing was written.
    #[must_use]
    pub fn leaf(&self, slot: u32) -> Fr {
        self.nodes.leaf(slot)
    }

    /// The path of a slot.
    #[must_use]
    pub fn path(&self, slot: u32) -> Path {
        self.nodes.path(slot)
    }

    /// Nodes written since the last call.
    pub fn take_changes(&mut self) -> Vec<NodeChange> {
        self.nodes.take_changes()
    }
}

fn slot(batch_number: u64) -> u32 {
    u32::try_from(batch_number % HISTORY_ROOTS).expect("invariant: below 256")
}
