//! The rollup's state, and the one element of it that the chain stores.
//!
//! Spec: `specs/trees.md`, STATE-1 to STATE-4.

use crate::{
    curves::{Fr, to_be_bytes},
    encoding::{DecodeError, scalar_from_bytes},
    note::{NoteCommitment, Nullifier, field_type},
    poseidon,
    step::PublishedStep,
    tree::{Anchor, HistoryRing, Insertion, NoteTree, NullifierError, NullifierTree, TreeFull},
};
use ff::PrimeField;
use std::fmt;

field_type!(
    /// `S = Poseidon(note_root, note_count, nullifier_root, nullifier_count, history_root, batch_number)`.
    StateRoot,
    "state root"
);

/// What a step changes in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateUpdate {
    /// The root that its membership proofs refer to.
    pub anchor: Anchor,
    /// Nullifiers to insert, in order.
    pub nullifiers: [Nullifier; 2],
    /// Commitments to append, in order.
    pub commitments: [NoteCommitment; 2],
}

/// What applying a step yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedStep {
    /// Slot of the anchor in the history ring.
    pub anchor_slot: u32,
    /// Insertion witnesses, in order.
    pub insertions: [Insertion; 2],
    /// Position of the first commitment; the second follows it.
    pub first_position: u32,
}

/// Why a step does not apply to a state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// The anchor left the ring, or never was in it.
    #[error("expected an anchor among the last {window} note roots, got {anchor}")]
    UnknownAnchor {
        /// Size of the ring.
        window: u64,
        /// The anchor.
        anchor: Anchor,
    },
    /// A nullifier cannot be inserted.
    #[error(transparent)]
    Nullifier(#[from] NullifierError),
    /// The note tree is full.
    #[error(transparent)]
    Full(#[from] TreeFull),
}

/// The state between and within batches.
///
/// Batch numbers count entries of the history ring: genesis is batch 0 with the empty note root, so the first batch
/// settled is number 1.
#[derive(Clone, Debug)]
pub struct State {
    notes: NoteTree,
    nullifiers: NullifierTree,
    history: HistoryRing,
    batch_number: u64,
}

impl Default for State {
    fn default() -> Self {
        Self::genesis()
    }
}

impl State {
    /// No notes, no nullifiers, the empty note root as the only anchor.
    #[must_use]
    pub fn genesis() -> Self {
        let notes = NoteTree::default();
        let mut history = HistoryRing::default();
        history.record(0, notes.root());
        Self {
            notes,
            nullifiers: NullifierTree::default(),
            history,
            batch_number: 1,
        }
    }

    /// Puts back the parts that a store kept.
    #[must_use]
    pub fn restore(
        notes: NoteTree,
        nullifiers: NullifierTree,
        history: HistoryRing,
        batch_number: u64,
    ) -> Self {
        Self {
            notes,
            nullifiers,
            history,
            batch_number,
        }
    }

    /// The number of the next batch.
    #[must_use]
    pub fn batch_number(&self) -> u64 {
        self.batch_number
    }

    /// The note tree.
    #[must_use]
    pub fn notes(&self) -> &NoteTree {
        &self.notes
    }

    /// The nullifier tree.
    #[must_use]
    pub fn nullifiers(&self) -> &NullifierTree {
        &self.nullifiers
    }

    /// The ring of anchors.
    #[must_use]
    pub fn history(&self) -> &HistoryRing {
        &self.history
    }

    /// The trees, to take what a store must write.
    pub fn trees_mut(&mut self) -> (&mut NoteTree, &mut NullifierTree, &mut HistoryRing) {
        (&mut self.notes, &mut self.nullifiers, &mut self.history)
    }

    /// The state commitment.
    #[must_use]
    pub fn root(&self) -> StateRoot {
        StateRoot(poseidon::hash(&[
            self.notes.root().0,
            Fr::from(self.notes.count()),
            self.nullifiers.root(),
            Fr::from(self.nullifiers.count()),
            self.history.root(),
            Fr::from(self.batch_number),
        ]))
    }

    /// Applies one step within the open batch: checks its anchor, inserts its nullifiers, appends its commitments.
    ///
    /// # Errors
    ///
    /// [`StateError`]; the state is unchanged.
    pub fn apply(&mut self, update: &StateUpdate) -> Result<AppliedStep, StateError> {
        let anchor_slot = self
            .history
            .find(update.anchor)
            .ok_or(StateError::UnknownAnchor {
                window: crate::tree::HISTORY_ROOTS,
                anchor: update.anchor,
            })?;
        let [first, second] = update.nullifiers;
        if first == second {
            // The second insertion would fail after the first had changed the tree.
            let index = u32::try_from(self.nullifiers.count()).unwrap_or(u32::MAX);
            return Err(NullifierError::Spent {
                nullifier: second,
                index,
            }
            .into());
        }
        for nullifier in update.nullifiers {
            self.nullifiers.check_insertable(nullifier)?;
        }
        let first_position = self.notes.append(&update.commitments)?;
        let insertions = [
            self.nullifiers.insert(first)?,
            self.nullifiers.insert(second)?,
        ];
        Ok(AppliedStep {
            anchor_slot,
            insertions,
            first_position,
        })
    }

    /// Applies a batch that the chain settled, and ends it. Anchors are not checked: they are not published, and the proof
    /// that the chain verified checked them.
    ///
    /// # Errors
    ///
    /// [`StateError`]; the state is unchanged.
    pub fn apply_settled(&mut self, steps: &[PublishedStep]) -> Result<(), StateError> {
        let nullifiers: Vec<Nullifier> = steps.iter().flat_map(|s| s.nullifiers).collect();
        let commitments: Vec<NoteCommitment> = steps.iter().flat_map(|s| s.commitments).collect();
        let (needed, free) = (commitments.len() as u64, self.notes.free());
        if needed > free {
            return Err(TreeFull { needed, free }.into());
        }
        self.nullifiers.insert_batch(&nullifiers)?;
        self.notes.append(&commitments)?;
        self.close_batch();
        Ok(())
    }

    /// Ends the batch: its note root becomes an anchor.
    pub fn close_batch(&mut self) {
        self.history.record(self.batch_number, self.notes.root());
        self.batch_number += 1;
    }
}
