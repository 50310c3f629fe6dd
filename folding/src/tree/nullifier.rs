//! The indexed tree of spent nullifiers: insertion proves that the value was not there.
//!
//! Each leaf holds a value and points to the next larger one. A value is new exactly when some leaf is below it and
//! that leaf's next value is above it. The tree starts with four leaves, 0, 2^252, 2·2^252 and 3·2^252, and the last
//! points to [`MAX_NULLIFIER`]: no case is special, no gap exceeds 2^252, so that "below" is a range check of 252 bits
//! in a circuit, and a step's two leaves always have one parent.

use super::{NodeChange, Path, QuadTree, TreeFull, empty_root};
use crate::{curves::Fr, note::Nullifier, poseidon};
use ff::{Field, PrimeField};
use std::collections::BTreeMap;

/// Depth of the nullifier tree: 2^32 leaves.
pub const NULLIFIER_DEPTH: usize = 16;

/// The value after the last: r − 1.
pub const MAX_NULLIFIER: Fr = Fr::from_raw([
    0x43e1_f593_f000_0000,
    0x2833_e848_79b9_7091,
    0xb850_45b6_8181_585d,
    0x3064_4e72_e131_a029,
]);

/// Leaves that the tree starts with.
pub const FIRST_LEAVES: usize = 4;

/// Bits of the largest gap between two neighbours in the list.
pub const GAP_BITS: usize = 252;

/// The values of the first leaves, k·2^252.
#[must_use]
pub fn first_values() -> [Fr; FIRST_LEAVES] {
    let gap = Fr::from(2).pow([GAP_BITS as u64]);
    let mut value = -gap;
    std::array::from_fn(|_| {
        value += gap;
        value
    })
}

/// A leaf of the indexed tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexedLeaf {
    /// The nullifier; k·2^252 in the first leaves.
    pub value: Fr,
    /// The next larger value; [`MAX_NULLIFIER`] in the last.
    pub next_value: Fr,
    /// Position of the leaf that holds it; zero in the last.
    pub next_index: u32,
}

impl IndexedLeaf {
    /// The leaves that the tree starts with.
    fn first() -> [Self; FIRST_LEAVES] {
        let values = first_values();
        std::array::from_fn(|index| Self {
            value: values[index],
            next_value: *values.get(index + 1).unwrap_or(&MAX_NULLIFIER),
            next_index: match index + 1 {
                FIRST_LEAVES => 0,
                next => u32::try_from(next).expect("invariant: four leaves"),
            },
        })
    }

    /// `Poseidon(value, next_value, next_index)`.
    #[must_use]
    pub fn hash(&self) -> Fr {
        poseidon::hash(&[
            self.value,
            self.next_value,
            Fr::from(u64::from(self.next_index)),
        ])
    }
}

/// The witness of one insertion, as the aggregator's circuit checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The leaf below the new value, before the insertion.
    pub low_leaf: IndexedLeaf,
    /// Its path in the tree before the insertion.
    pub low_path: Path,
    /// The new leaf.
    pub new_leaf: IndexedLeaf,
    /// The path of its position, empty so far, after the low leaf was updated.
    pub new_path: Path,
}

impl Insertion {
    /// The low leaf after the insertion: it points to the new one.
    #[must_use]
    pub fn updated_low_leaf(&self) -> IndexedLeaf {
        IndexedLeaf {
            next_value: self.new_leaf.value,
            next_index: self.new_path.position,
            ..self.low_leaf
        }
    }

    /// Replays the insertion on a root and returns the root after it, or nothing if the witness is not one.
    #[must_use]
    pub fn apply(&self, root: Fr) -> Option<Fr> {
        let below = self.low_leaf.value < self.new_leaf.value;
        let above = self.new_leaf.value < self.low_leaf.next_value;
        let inherits = self.new_leaf.next_value == self.low_leaf.next_value
            && self.new_leaf.next_index == self.low_leaf.next_index;
        let present = self.low_path.root(self.low_leaf.hash()) == root;
        let between = self.low_path.root(self.updated_low_leaf().hash());
        let vacant = self.new_path.root(empty_root(0)) == between;
        (below && above && inherits && present && vacant)
            .then(|| self.new_path.root(self.new_leaf.hash()))
    }
}

/// The witness of one leaf pointed at a new value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The leaf below the value, before.
    pub low_leaf: IndexedLeaf,
    /// Its path.
    pub low_path: Path,
    /// The new value.
    pub value: Fr,
    /// Position of the leaf that will hold it.
    pub position: u32,
}

impl Redirection {
    /// The low leaf afterwards.
    #[must_use]
    pub fn updated_low_leaf(&self) -> IndexedLeaf {
        IndexedLeaf {
            next_value: self.value,
            next_index: self.position,
            ..self.low_leaf
        }
    }

    /// The leaf that takes over what the low leaf pointed at.
    #[must_use]
    pub fn new_leaf(&self) -> IndexedLeaf {
        IndexedLeaf {
            value: self.value,
            ..self.low_leaf
        }
    }
}

/// Why a nullifier cannot be inserted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NullifierError {
    /// The note is spent already.
    #[error("expected a nullifier that is not spent, got {nullifier}, spent at index {index}")]
    Spent {
        /// The nullifier.
        nullifier: Nullifier,
        /// Its leaf.
        index: u32,
    },
    /// The values that the list starts with are no nullifiers.
    #[error("expected a nullifier other than r − 1 and the multiples of 2^252, got {nullifier}")]
    Reserved {
        /// The value.
        nullifier: Nullifier,
    },
    /// No room.
    #[error(transparent)]
    Full(#[from] TreeFull),
}

/// Order of the list: the canonical integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key([u64; 4]);

impl Key {
    fn new(value: &Fr) -> Self {
        let repr: [u8; 32] = value.to_repr().into();
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().rev().zip(repr.chunks_exact(8)) {
            *limb = u64::from_le_bytes(bytes.try_into().expect("invariant: chunks of eight"));
        }
        Self(limbs)
    }
}

/// All spent nullifiers.
#[derive(Clone, Debug)]
pub struct NullifierTree {
    nodes: QuadTree<NULLIFIER_DEPTH>,
    leaves: Vec<IndexedLeaf>,
    index: BTreeMap<Key, u32>,
}

impl Default for NullifierTree {
    fn default() -> Self {
        let leaves = IndexedLeaf::first();
        let mut nodes = QuadTree::default();
        nodes.write((0..).zip(leaves.map(|leaf| leaf.hash())));
        Self {
            nodes,
            index: (0..)
                .zip(&leaves)
                .map(|(index, leaf)| (Key::new(&leaf.value), index))
                .collect(),
            leaves: leaves.to_vec(),
        }
    }
}

impl NullifierTree {
    /// Puts back nodes and nullifiers (in the order of insertion) that a store kept. Nothing is hashed.
    pub fn restore(
        nodes: impl IntoIterator<Item = NodeChange>,
        nullifiers: impl IntoIterator<Item = Nullifier>,
    ) -> Self {
        let mut tree = Self {
            nodes: QuadTree::restore(nodes),
            ..Self::default()
        };
        for nullifier in nullifiers {
            tree.link(nullifier.0);
        }
        tree
    }

    /// Number of leaves; the first four hold no nullifier.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.nodes.root()
    }

    /// Where a nullifier is, if it is spent.
    #[must_use]
    pub fn find(&self, nullifier: Nullifier) -> Option<u32> {
        self.index
            .get(&Key::new(&nullifier.0))
            .copied()
            .filter(|&index| index as usize >= FIRST_LEAVES)
    }

    /// The leaf at an index.
    #[must_use]
    pub fn leaf(&self, index: u32) -> Option<IndexedLeaf> {
        self.leaves.get(index as usize).copied()
    }

    /// Inserts one nullifier and returns the witness.
    ///
    /// # Errors
    ///
    /// [`NullifierError`]; the tree is unchanged.
    pub fn insert(&mut self, nullifier: Nullifier) -> Result<Insertion, NullifierError> {
        self.check(nullifier, 1)?;
        let linked = self.link(nullifier.0);
        let low_path = self.nodes.path(linked.low_index);
        self.nodes.write([(
            linked.low_index,
            self.leaves[linked.low_index as usize].hash(),
        )]);
        let new_leaf = self.leaves[linked.new_index as usize];
        let new_path = self.nodes.path(linked.new_index);
        self.nodes.write([(linked.new_index, new_leaf.hash())]);
        Ok(Insertion {
            low_leaf: linked.low_leaf,
            low_path,
            new_leaf,
            new_path,
        })
    }

    /// Inserts many nullifiers, hashing each changed node once: for following the chain, where no witness is needed.
    ///
    /// # Errors
    ///
    /// [`NullifierError`] for the first that cannot be inserted; the tree is unchanged.
    pub fn insert_batch(&mut self, nullifiers: &[Nullifier]) -> Result<(), NullifierError> {
        let mut seen = BTreeMap::new();
        for (nullifier, index) in nullifiers.iter().zip(self.count()..) {
            self.check(*nullifier, nullifiers.len() as u64)?;
            let index = u32::try_from(index).expect("invariant: checked against the capacity");
            if let Some(index) = seen.insert(Key::new(&nullifier.0), index) {
                return Err(NullifierError::Spent {
                    nullifier: *nullifier,
                    index,
                });
            }
        }
        let mut changed = Vec::with_capacity(2 * nullifiers.len());
        for nullifier in nullifiers {
            let linked = self.link(nullifier.0);
            changed.extend([linked.low_index, linked.new_index]);
        }
        changed.sort_unstable();
        changed.dedup();
        let leaves = &self.leaves;
        self.nodes.write(
            changed
                .into_iter()
                .map(|index| (index, leaves[index as usize].hash())),
        );
        Ok(())
    }

    /// The path of a leaf.
    #[must_use]
    pub fn path(&self, index: u32) -> Path {
        self.nodes.path(index)
    }

    /// Nodes written since the last call.
    pub fn take_changes(&mut self) -> Vec<NodeChange> {
        self.nodes.take_changes()
    }

    /// Points the leaf below a value at it, and adds no leaf: what an insertion changes among the leaves that are there.
    ///
    /// Values that are redirected in descending order find the leaf below them among those that are there, whatever
    /// their final positions are.
    ///
    /// # Errors
    ///
    /// [`NullifierError`]; the tree is unchanged.
    pub fn redirect(
        &mut self,
        nullifier: Nullifier,
        position: u32,
    ) -> Result<Redirection, NullifierError> {
        self.check(nullifier, 1)?;
        let low_index = self.low_index(&Key::new(&nullifier.0));
        let low_leaf = self.leaves[low_index as usize];
        let low_path = self.nodes.path(low_index);
        let redirection = Redirection {
            low_leaf,
            low_path,
            value: nullifier.0,
            position,
        };
        self.leaves[low_index as usize] = redirection.updated_low_leaf();
        self.nodes
            .write([(low_index, redirection.updated_low_leaf().hash())]);
        Ok(redirection)
    }

    /// Whether both nullifiers of a step could be inserted, without inserting any.
    ///
    /// # Errors
    ///
    /// [`NullifierError`], as [`Self::insert`] would give it.
    pub(crate) fn check_insertable(&self, nullifier: Nullifier) -> Result<(), NullifierError> {
        self.check(nullifier, 2)
    }

    fn check(&self, nullifier: Nullifier, needed: u64) -> Result<(), NullifierError> {
        if nullifier.0 == MAX_NULLIFIER || first_values().contains(&nullifier.0) {
            return Err(NullifierError::Reserved { nullifier });
        }
        if let Some(index) = self.find(nullifier) {
            return Err(NullifierError::Spent { nullifier, index });
        }
        let free = QuadTree::<NULLIFIER_DEPTH>::CAPACITY - self.count();
        if needed > free {
            return Err(TreeFull { needed, free }.into());
        }
        Ok(())
    }

    /// The leaf below a value that is in no leaf.
    fn low_index(&self, key: &Key) -> u32 {
        let (_, &index) = self
            .index
            .range(..*key)
            .next_back()
            .expect("invariant: zero is below every nullifier");
        index
    }

    /// Puts a value into the list, leaves only. The value was checked to be new.
    fn link(&mut self, value: Fr) -> Linked {
        let key = Key::new(&value);
        let low_index = self.low_index(&key);
        let low_leaf = self.leaves[low_index as usize];
        let new_index =
            u32::try_from(self.leaves.len()).expect("invariant: checked against the capacity");
        let low = &mut self.leaves[low_index as usize];
        low.next_value = value;
        low.next_index = new_index;
        self.leaves.push(IndexedLeaf { value, ..low_leaf });
        self.index.insert(key, new_index);
        Linked {
            low_index,
            low_leaf,
            new_index,
        }
    }
}

/// What an insertion into the list touched.
struct Linked {
    low_index: u32,
    low_leaf: IndexedLeaf,
    new_index: u32,
}
