//! A sparse 4-ary Poseidon tree that keeps its nodes.

use crate::{
    curves::Fr,
    encoding::{DecodeError, scalar_from_bytes},
    poseidon,
};
use ff::{Field, PrimeField};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Children of a node.
pub const ARITY: usize = 4;

const MAX_DEPTH: usize = 16;

/// Hashing this many nodes of one level is worth spreading over threads.
const PARALLEL_NODES: usize = 16;

/// `Poseidon(children)`.
#[must_use]
pub fn node_hash(children: &[Fr; ARITY]) -> Fr {
    poseidon::hash(children)
}

/// The root of an empty tree of a height: an empty leaf is zero, which is the hash of nothing that is known.
#[must_use]
pub fn empty_root(height: usize) -> Fr {
    static EMPTY: OnceLock<[Fr; MAX_DEPTH + 1]> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let mut roots = [Fr::ZERO; MAX_DEPTH + 1];
        for height in 1..=MAX_DEPTH {
            roots[height] = node_hash(&[roots[height - 1]; ARITY]);
        }
        roots
    })[height]
}

/// A membership path, leaf to root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Index of the leaf; two bits select the child at each level, lowest first.
    pub position: u32,
    /// The other three children at each level, in order.
    pub siblings: Vec<[Fr; ARITY - 1]>,
}

impl Path {
    /// The root that this path leads to from a leaf.
    #[must_use]
    pub fn root(&self, leaf: Fr) -> Fr {
        self.node(leaf, self.siblings.len())
    }

    /// The node of a height that this path leads through from a leaf.
    #[must_use]
    pub fn node(&self, leaf: Fr, height: usize) -> Fr {
        let levels = self.siblings.iter().take(height).enumerate();
        levels.fold(leaf, |node, (level, siblings)| {
            node_hash(&with_child(self.digit(level), node, siblings))
        })
    }

    /// Siblings at a level before the child that the path goes through, and after it.
    #[must_use]
    pub fn sides(&self, level: usize) -> (&[Fr], &[Fr]) {
        self.siblings[level].split_at(self.digit(level))
    }

    /// Which child the path goes through at a level.
    #[must_use]
    pub fn digit(&self, level: usize) -> usize {
        (self.position >> (2 * level)) as usize % ARITY
    }
}

/// All four children, given one and its siblings.
pub(crate) fn with_child(digit: usize, node: Fr, siblings: &[Fr; ARITY - 1]) -> [Fr; ARITY] {
    let mut rest = siblings.iter();
    std::array::from_fn(|index| {
        if index == digit {
            node
        } else {
            *rest
                .next()
                .expect("invariant: three siblings beside one child")
        }
    })
}

/// A node that an update wrote, for a store that keeps the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeChange {
    /// Height above the leaves.
    pub level: u8,
    /// Index within the level.
    pub index: u32,
    /// New value.
    pub value: Fr,
}

impl NodeChange {
    /// Whether a tree of this depth has such a node.
    #[must_use]
    pub fn fits(&self, depth: usize) -> bool {
        let height = depth.checked_sub(usize::from(self.level));
        height.is_some_and(|height| u64::from(self.index) >> (2 * height) == 0)
    }

    /// The 32 little-endian bytes of the value, to be kept under its level and index.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.value.to_repr().into()
    }

    /// The inverse of [`Self::to_bytes`].
    ///
    /// # Errors
    ///
    /// [`DecodeError::NonCanonicalScalar`].
    pub fn from_bytes(level: u8, index: u32, value: [u8; 32]) -> Result<Self, DecodeError> {
        let value = scalar_from_bytes("tree node", value)?;
        Ok(Self {
            level,
            index,
            value,
        })
    }
}

/// The tree has no room left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected room for {needed} more leaves, got {free}")]
pub struct TreeFull {
    /// Leaves to add.
    pub needed: u64,
    /// Leaves free.
    pub free: u64,
}

/// A 4-ary tree of `DEPTH` levels above its leaves; positions that were never written hold zero.
#[derive(Clone, Debug)]
pub struct QuadTree<const DEPTH: usize> {
    /// `levels[0]` holds the leaves. Positions past the end of a level are empty subtrees.
    levels: Vec<Vec<Fr>>,
    changes: Vec<NodeChange>,
}

impl<const DEPTH: usize> Default for QuadTree<DEPTH> {
    fn default() -> Self {
        const { assert!(DEPTH <= MAX_DEPTH) };
        Self {
            levels: vec![Vec::new(); DEPTH + 1],
            changes: Vec::new(),
        }
    }
}

impl<const DEPTH: usize> QuadTree<DEPTH> {
    /// Number of leaf positions.
    pub const CAPACITY: u64 = 1 << (2 * DEPTH);

    /// Puts back nodes that a store kept. The nodes are trusted to be what [`Self::take_changes`] gave.
    pub fn restore(nodes: impl IntoIterator<Item = NodeChange>) -> Self {
        let mut tree = Self::default();
        for node in nodes {
            tree.put(usize::from(node.level), node.index as usize, node.value);
        }
        tree
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.node(DEPTH, 0)
    }

    /// The leaf at a position.
    #[must_use]
    pub fn leaf(&self, position: u32) -> Fr {
        self.node(0, position as usize)
    }

    /// Number of leaf positions up to the last that was written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.levels[0].len()
    }

    /// Whether no leaf was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels[0].is_empty()
    }

    /// The path of a position; O(depth), no hashing.
    #[must_use]
    pub fn path(&self, position: u32) -> Path {
        let siblings = (0..DEPTH)
            .map(|level| {
                let index = (position as usize) >> (2 * level);
                let first = index - index % ARITY;
                let mut others = (first..first + ARITY).filter(|&other| other != index);
                std::array::from_fn(|_| {
                    let other = others.next().expect("invariant: three siblings");
                    self.node(level, other)
                })
            })
            .collect();
        Path { position, siblings }
    }

    /// Writes leaves and hashes each node above them once.
    ///
    /// # Panics
    ///
    /// When a position is outside the tree: callers hold the counter.
    pub fn write(&mut self, leaves: impl IntoIterator<Item = (u32, Fr)>) {
        let mut dirty: Vec<usize> = Vec::new();
        for (position, leaf) in leaves {
            assert!(
                u64::from(position) < Self::CAPACITY,
                "invariant: position within the tree"
            );
            self.set(0, position as usize, leaf);
            dirty.push(position as usize);
        }
        dirty.sort_unstable();
        for level in 1..=DEPTH {
            dirty.iter_mut().for_each(|index| *index /= ARITY);
            dirty.dedup();
            let hash = |index: &usize| {
                node_hash(&std::array::from_fn(|child| {
                    self.node(level - 1, index * ARITY + child)
                }))
            };
            let hashes: Vec<Fr> = if dirty.len() >= PARALLEL_NODES {
                dirty.par_iter().map(hash).collect()
            } else {
                dirty.iter().map(hash).collect()
            };
            for (index, value) in dirty.iter().zip(hashes) {
                self.set(level, *index, value);
            }
        }
    }

    /// Nodes written since the last call, in the order of writing.
    pub fn take_changes(&mut self) -> Vec<NodeChange> {
        std::mem::take(&mut self.changes)
    }

    fn node(&self, level: usize, index: usize) -> Fr {
        self.levels[level]
            .get(index)
            .copied()
            .unwrap_or_else(|| empty_root(level))
    }

    fn set(&mut self, level: usize, index: usize, value: Fr) {
        self.put(level, index, value);
        let level = u8::try_from(level).expect("invariant: at most 16 levels");
        let index = u32::try_from(index).expect("invariant: at most 2^32 leaves");
        self.changes.push(NodeChange {
            level,
            index,
            value,
        });
    }

    fn put(&mut self, level: usize, index: usize, value: Fr) {
        let nodes = &mut self.levels[level];
        if index >= nodes.len() {
            nodes.resize(index + 1, empty_root(level));
        }
        nodes[index] = value;
    }
}
