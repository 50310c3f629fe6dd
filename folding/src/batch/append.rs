//! AUG-17: between two roots a tree grew by the leaves of a batch, and by nothing else.
//!
//! F_S shows that the batch's leaves are in the new tree at positions `start..end`. Three paths show the rest: what is left
//! of `start` is what it was, and right of `end` there is nothing.

use crate::{
    augmented::{SUBTREE_DEPTH, SUBTREE_LEAVES},
    curves::Fr,
    encoding::{DecodeError, Reader, put_scalar},
    tree::{ARITY, Path, empty_root},
};

const DEPTH: usize = 16;

/// The paths at both ends of what was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendProof {
    /// Path of the first position in the old tree, where nothing is.
    pub before: Path,
    /// Leaf and path of the first position in the new tree.
    pub first: (Fr, Path),
    /// Leaf and path of the last position in the new tree.
    pub last: (Fr, Path),
}

/// Why a tree did not grow by a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{tree}: expected {expected}, got another path")]
pub struct AppendError {
    /// Which tree.
    pub tree: &'static str,
    /// What a path should show.
    pub expected: &'static str,
}

impl AppendProof {
    /// Checks the paths for leaves at `start..end`, and returns the subtrees that F_S appends to.
    ///
    /// # Errors
    ///
    /// [`AppendError`].
    pub fn check(
        &self,
        tree: &'static str,
        (old, new): (Fr, Fr),
        (start, end): (u64, u64),
    ) -> Result<[Fr; 2], AppendError> {
        let require =
            |holds: bool, expected| holds.then_some(()).ok_or(AppendError { tree, expected });
        let (before, (first_leaf, first), (last_leaf, last)) =
            (&self.before, &self.first, &self.last);
        let full = [before, first, last]
            .iter()
            .all(|path| path.siblings.len() == DEPTH);
        require(full, "paths of 16 levels")?;
        let at = |path: &Path, position: u64| u64::from(path.position) == position;
        require(
            start < end && at(before, start) && at(first, start) && at(last, end - 1),
            "paths at both ends of what was appended",
        )?;
        require(before.root(empty_root(0)) == old, "the old root")?;
        require(first.root(*first_leaf) == new, "the new root")?;
        require(last.root(*last_leaf) == new, "the new root")?;
        for level in 0..DEPTH {
            let empty = empty_root(level);
            let (left, right) = before.sides(level);
            require(
                right.iter().all(|node| *node == empty),
                "nothing right of the old leaves",
            )?;
            require(
                left == first.sides(level).0,
                "what was left of the new leaves",
            )?;
            let (_, right) = last.sides(level);
            require(
                right.iter().all(|node| *node == empty),
                "nothing right of the new leaves",
            )?;
        }
        let second = if start / SUBTREE_LEAVES == (end - 1) / SUBTREE_LEAVES {
            empty_root(SUBTREE_DEPTH)
        } else {
            last.node(*last_leaf, SUBTREE_DEPTH)
        };
        Ok([first.node(*first_leaf, SUBTREE_DEPTH), second])
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_path(out, &self.before);
        for (leaf, path) in [&self.first, &self.last] {
            put_scalar(out, leaf);
            put_path(out, path);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let before = read_path(reader, DEPTH)?;
        let mut end = || -> Result<_, DecodeError> {
            Ok((reader.scalar("leaf")?, read_path(reader, DEPTH)?))
        };
        Ok(Self {
            before,
            first: end()?,
            last: end()?,
        })
    }
}

pub(crate) fn put_path(out: &mut Vec<u8>, path: &Path) {
    out.extend_from_slice(&path.position.to_le_bytes());
    path.siblings
        .iter()
        .flatten()
        .for_each(|node| put_scalar(out, node));
}

pub(crate) fn read_path(reader: &mut Reader<'_>, depth: usize) -> Result<Path, DecodeError> {
    let position = reader.u32("position")?;
    let siblings = (0..depth)
        .map(|_| {
            let mut nodes = [Fr::zero(); ARITY - 1];
            for node in &mut nodes {
                *node = reader.scalar("path")?;
            }
            Ok(nodes)
        })
        .collect::<Result<_, DecodeError>>()?;
    Ok(Path { position, siblings })
}
