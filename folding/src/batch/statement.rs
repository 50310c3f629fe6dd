//! What a batch states: from one state to another by the steps whose data are published.

use super::append::{AppendError, AppendProof};
use crate::{
    augmented::{BatchConstants, SUBTREE_LEAVES, extend_fingerprint, permutation_challenge},
    curves::{Fr, reduce_be, to_be_bytes},
    cyclefold::MAX_STEPS,
    domain,
    encoding::{DecodeError, Reader, put_scalar},
    ivc::{FoldingParams, IvcStatement},
    poseidon,
    state::{State, StateRoot},
    step::{Deployment, PublishedStep, StatementError, StepStatement},
    tree::{HISTORY_DEPTH, HISTORY_ROOTS, Path},
};
use sha3::{Digest, Keccak256};

/// The parts that a state root commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateParts {
    /// Root of the note tree.
    pub note_root: Fr,
    /// Notes.
    pub note_count: u64,
    /// Root of the nullifier tree.
    pub nullifier_root: Fr,
    /// Leaves of the nullifier tree.
    pub nullifier_count: u64,
    /// Root of the ring of anchors.
    pub history_root: Fr,
    /// Number of the next batch.
    pub batch_number: u64,
}

impl StateParts {
    /// Of a state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        Self {
            note_root: state.notes().root().0,
            note_count: state.notes().count(),
            nullifier_root: state.nullifiers().root(),
            nullifier_count: state.nullifiers().count(),
            history_root: state.history().root(),
            batch_number: state.batch_number(),
        }
    }

    /// S (STATE-1).
    #[must_use]
    pub fn root(&self) -> StateRoot {
        StateRoot(poseidon::hash(&[
            self.note_root,
            Fr::from(self.note_count),
            self.nullifier_root,
            Fr::from(self.nullifier_count),
            self.history_root,
            Fr::from(self.batch_number),
        ]))
    }

    fn write(&self, out: &mut Vec<u8>) {
        put_scalar(out, &self.note_root);
        out.extend_from_slice(&self.note_count.to_le_bytes());
        put_scalar(out, &self.nullifier_root);
        out.extend_from_slice(&self.nullifier_count.to_le_bytes());
        put_scalar(out, &self.history_root);
        out.extend_from_slice(&self.batch_number.to_le_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            note_root: reader.scalar("note root")?,
            note_count: reader.u64("note count")?,
            nullifier_root: reader.scalar("nullifier root")?,
            nullifier_count: reader.u64("nullifier count")?,
            history_root: reader.scalar("history root")?,
            batch_number: reader.u64("batch number")?,
        })
    }
}

/// `a = keccak256("notefold.batch", S_old, S_new, h_n, n, data) mod r`.
fn batch_challenge(states: [StateRoot; 2], data_digest: &Fr, steps: u64, data: &[u8]) -> Fr {
    let mut hasher = Keccak256::new();
    hasher.update(domain::BATCH);
    for element in [states[0].0, states[1].0, *data_digest] {
        hasher.update(to_be_bytes(&element));
    }
    hasher.update(steps.to_be_bytes());
    hasher.update(data);
    reduce_be(&hasher.finalize().into())
}

/// a and p of a settled batch, from what the chain keeps of it: as the contract formed them (SET-4).
///
/// # Errors
///
/// [`DecodeError`] where the data are not steps.
pub fn settled_fingerprint(
    states: [StateRoot; 2],
    data_digest: &Fr,
    data: &[u8],
) -> Result<(Fr, Fr), DecodeError> {
    let steps = PublishedStep::read_all(data)?;
    let challenge = batch_challenge(states, data_digest, steps.len() as u64, data);
    let fingerprint = steps.iter().fold(Fr::zero(), |p, step| {
        extend_fingerprint(p, &challenge, &step.elements())
    });
    Ok((challenge, fingerprint))
}

/// How the parts of two states are linked: what F′ leaves to one check a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLinks {
    /// The nullifier root after all redirections, before anything is appended.
    pub redirected_root: Fr,
    /// The note tree grew.
    pub notes: AppendProof,
    /// The nullifier tree grew.
    pub nullifiers: AppendProof,
    /// What the ring's slot held, and its path.
    pub history: (Fr, Path),
}

/// What a batch states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchStatement {
    /// Where it settles.
    pub deployment: Deployment,
    /// The state that it was proven against.
    pub before: StateParts,
    /// The state that it leads to.
    pub after: StateParts,
    /// h_n.
    pub data_digest: Fr,
    /// Why `after` follows from `before` and the steps.
    pub links: StateLinks,
}

/// Why a statement contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchStatementError {
    /// A number of steps that no batch has.
    #[error("expected 1 to {MAX_STEPS} steps, got {got}")]
    Steps {
        /// Steps published.
        got: u64,
    },
    /// A counter does not fit the number of steps.
    #[error("{what}: expected {expected} after the batch, got {got}")]
    Count {
        /// Which counter.
        what: &'static str,
        /// What follows from the steps.
        expected: u64,
        /// What is stated.
        got: u64,
    },
    /// A tree did not grow by the batch.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The ring does not hold the new note root in the batch's slot.
    #[error(
        "history ring: expected the new note root in the batch's slot and nothing else changed"
    )]
    History,
    /// Published data that contradict each other.
    #[error("step {index}: {source}")]
    Step {
        /// Which step.
        index: usize,
        /// How.
        source: StatementError,
    },
    /// A step of another deployment.
    #[error("step {index}: expected deployment {expected}, got {got}")]
    Deployment {
        /// Which step.
        index: usize,
        /// Deployment of the batch.
        expected: Deployment,
        /// Deployment of the step.
        got: Deployment,
    },
}

impl BatchStatement {
    /// `a = keccak256("notefold.batch", S_old, S_new, h_n, n, data) mod r`: drawn after everything that it must bind.
    #[must_use]
    pub fn challenge(&self, data: &[StepStatement]) -> Fr {
        let bytes: Vec<u8> = data.iter().flat_map(StepStatement::published).collect();
        let states = [self.before.root(), self.after.root()];
        batch_challenge(states, &self.data_digest, data.len() as u64, &bytes)
    }

    /// Checks counters, links, deployments and each step's data, and derives what the proof is checked against (AUG-17).
    ///
    /// # Errors
    ///
    /// [`BatchStatementError`].
    pub fn check(
        &self,
        params: &FoldingParams,
        data: &[StepStatement],
    ) -> Result<IvcStatement, BatchStatementError> {
        let steps = data.len() as u64;
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(BatchStatementError::Steps { got: steps });
        }
        let (before, after) = (&self.before, &self.after);
        for (what, old, grown, got) in [
            ("notes", before.note_count, 2 * steps, after.note_count),
            (
                "nullifiers",
                before.nullifier_count,
                2 * steps,
                after.nullifier_count,
            ),
            ("batch number", before.batch_number, 1, after.batch_number),
        ] {
            let expected = old.checked_add(grown);
            if expected != Some(got) {
                return Err(BatchStatementError::Count {
                    what,
                    expected: expected.unwrap_or(u64::MAX),
                    got,
                });
            }
        }
        for (index, step) in data.iter().enumerate() {
            step.check()
                .map_err(|source| BatchStatementError::Step { index, source })?;
            if step.deployment != self.deployment {
                return Err(BatchStatementError::Deployment {
                    index,
                    expected: self.deployment,
                    got: step.deployment,
                });
            }
        }
        let (slot, path) = &self.links.history;
        let changed = path.siblings.len() == HISTORY_DEPTH
            && u64::from(path.position) == before.batch_number % HISTORY_ROOTS
            && path.root(*slot) == before.history_root
            && path.root(after.note_root) == after.history_root;
        if !changed {
            return Err(BatchStatementError::History);
        }
        let constants = self.constants(params, data)?;
        let fingerprint = data.iter().fold(Fr::zero(), |p, step| {
            extend_fingerprint(p, &constants.challenge, &step.elements())
        });
        Ok(IvcStatement {
            constants,
            steps,
            nullifier_root: self.links.redirected_root,
            data_digest: self.data_digest,
            fingerprint,
        })
    }

    /// K_S, but for the digest of U_C.
    pub(crate) fn constants(
        &self,
        params: &FoldingParams,
        data: &[StepStatement],
    ) -> Result<BatchConstants, AppendError> {
        let (before, after, links) = (&self.before, &self.after, &self.links);
        let note_subtrees = links.notes.check(
            "note tree",
            (before.note_root, after.note_root),
            (before.note_count, after.note_count),
        )?;
        let nullifier_subtrees = links.nullifiers.check(
            "nullifier tree",
            (links.redirected_root, after.nullifier_root),
            (before.nullifier_count, after.nullifier_count),
        )?;
        let challenge = self.challenge(data);
        Ok(BatchConstants {
            params: params.digest().to_scalar(),
            deployment: self.deployment.0,
            note_subtrees,
            nullifier_subtrees,
            history_root: before.history_root,
            nullifier_root: before.nullifier_root,
            challenge,
            permutation: permutation_challenge(&challenge),
            note_offset: before.note_count % SUBTREE_LEAVES,
            nullifier_start: before.nullifier_count,
            nullifier_base: before.nullifier_count - before.nullifier_count % SUBTREE_LEAVES,
            // Known where the note chain ends.
            cyclefold_start: Fr::zero(),
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put_scalar(out, &self.deployment.0);
        self.before.write(out);
        self.after.write(out);
        put_scalar(out, &self.data_digest);
        put_scalar(out, &self.links.redirected_root);
        self.links.notes.write(out);
        self.links.nullifiers.write(out);
        put_scalar(out, &self.links.history.0);
        super::append::put_path(out, &self.links.history.1);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            deployment: Deployment(reader.scalar("deployment")?),
            before: StateParts::read(reader)?,
            after: StateParts::read(reader)?,
            data_digest: reader.scalar("data digest")?,
            links: StateLinks {
                redirected_root: reader.scalar("redirected nullifier root")?,
                notes: AppendProof::read(reader)?,
                nullifiers: AppendProof::read(reader)?,
                history: (
                    reader.scalar("replaced anchor")?,
                    super::append::read_path(reader, HISTORY_DEPTH)?,
                ),
            },
        })
    }
}
