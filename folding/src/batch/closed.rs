//! BATCH-2. A closed batch: its steps, where they lead, and the witnesses of the state transition.

use super::{
    AppendProof, BatchProver, BatchStatement, FoldedStep, OpenBatch, StateLinks, StateParts,
};
use crate::{
    augmented::{BatchConstants, Transition, extend_data_digest, leaf_elements},
    curves::Fr,
    ivc::FoldingParams,
    nifs::NoteAccumulator,
    note::Nullifier,
    state::State,
    step::StepStatement,
    tree::{HISTORY_ROOTS, NullifierTree, Redirection, empty_root},
};

/// A batch that takes no more steps, ready to be proven.
#[derive(Clone, Debug)]
pub struct ClosedBatch {
    open: OpenBatch,
    after: State,
    statement: BatchStatement,
    constants: BatchConstants,
    /// Two a step, in descending order of value over the batch.
    redirections: Vec<Redirection>,
}

impl ClosedBatch {
    pub(super) fn new(params: &FoldingParams, open: OpenBatch) -> Self {
        let mut after = open.working.clone();
        after.close_batch();
        let (redirections, redirected) = redirect(&open);
        let data_digest = open.steps.iter().zip(redirections.chunks_exact(2)).fold(
            Fr::zero(),
            |digest, (step, pair)| {
                let leaves = [0, 1].map(|index| {
                    leaf_elements(&pair[index].new_leaf(), u64::from(pair[index].position))
                });
                extend_data_digest(digest, &step.statement().hash().0, &leaves)
            },
        );
        let links = links(&open.before, &after, &redirected);
        let statement = BatchStatement {
            deployment: open.deployment,
            before: StateParts::of(&open.before),
            after: StateParts::of(&after),
            data_digest,
            links,
        };
        let data: Vec<StepStatement> = open.steps.iter().map(|s| *s.statement()).collect();
        let constants = statement
            .constants(params, &data)
            .expect("invariant: paths of the trees themselves");
        Self {
            open,
            after,
            statement,
            constants,
            redirections,
        }
    }

    /// What the batch states.
    #[must_use]
    pub fn statement(&self) -> &BatchStatement {
        &self.statement
    }

    /// The state that it leads to.
    #[must_use]
    pub fn after(&self) -> &State {
        &self.after
    }

    /// The published data, step by step.
    #[must_use]
    pub fn data(&self) -> Vec<StepStatement> {
        self.steps().iter().map(|step| *step.statement()).collect()
    }

    /// Starts proving.
    #[must_use]
    pub fn prover(self) -> BatchProver {
        BatchProver::start(self)
    }

    /// Opens the batch again, to re-fold it.
    #[must_use]
    pub fn reopen(self) -> OpenBatch {
        self.open
    }

    pub(super) fn open(&self) -> &OpenBatch {
        &self.open
    }

    pub(super) fn open_mut(&mut self) -> &mut OpenBatch {
        &mut self.open
    }

    pub(super) fn steps(&self) -> &[FoldedStep] {
        &self.open.steps
    }

    pub(super) fn notes(&self) -> &NoteAccumulator {
        &self.open.notes
    }

    pub(super) fn constants(&self) -> &BatchConstants {
        &self.constants
    }

    /// What F_S takes of the state transition of a step.
    pub(super) fn transition(&self, index: usize) -> Transition {
        let statement = self.steps()[index].statement();
        let nullifiers = self.after.nullifiers();
        let [first, second] = statement.nullifiers.map(|nullifier| {
            let position = nullifiers
                .find(nullifier)
                .expect("invariant: the batch was applied");
            let leaf = nullifiers
                .leaf(position)
                .expect("invariant: found at this position");
            (position, leaf)
        });
        let note = self.statement.before.note_count + 2 * index as u64;
        Transition {
            statement: statement.elements(),
            anchor_path: self.open.before.history().path(self.open.slots[index]),
            redirections: [0, 1].map(|which| self.redirections[2 * index + which].clone()),
            leaves: [first.1, second.1],
            nullifier_path: nullifiers.path(first.0),
            note_path: self.after.notes().path(position(note)),
        }
    }
}

fn position(value: u64) -> u32 {
    u32::try_from(value).expect("invariant: trees have 2^32 leaves, and the batch was applied")
}

/// Points the leaves of the old list at the batch's nullifiers, in descending order.
fn redirect(open: &OpenBatch) -> (Vec<Redirection>, NullifierTree) {
    let mut nullifiers: Vec<(Nullifier, u32)> = open
        .steps
        .iter()
        .flat_map(|step| step.statement().nullifiers)
        .zip(position(open.before.nullifiers().count())..)
        .collect();
    nullifiers.sort_by_key(|(nullifier, _)| std::cmp::Reverse(nullifier.0));
    let mut tree = open.before.nullifiers().clone();
    let redirections = nullifiers
        .into_iter()
        .map(|(value, position)| {
            tree.redirect(value, position)
                .expect("invariant: the batch was applied")
        })
        .collect();
    (redirections, tree)
}

fn links(before: &State, after: &State, redirected: &NullifierTree) -> StateLinks {
    let (notes, nullifiers) = (after.notes(), after.nullifiers());
    let note = |at| {
        let leaf = notes.get(at).map_or(empty_root(0), |c| c.0);
        (leaf, notes.path(at))
    };
    let nullifier = |at| {
        let leaf = nullifiers.leaf(at).map_or(empty_root(0), |l| l.hash());
        (leaf, nullifiers.path(at))
    };
    let [first_note, first_nullifier] =
        [before.notes().count(), before.nullifiers().count()].map(position);
    let slot = position(before.batch_number() % HISTORY_ROOTS);
    StateLinks {
        redirected_root: redirected.root(),
        notes: AppendProof {
            before: before.notes().path(first_note),
            first: note(first_note),
            last: note(position(notes.count() - 1)),
        },
        nullifiers: AppendProof {
            before: redirected.path(first_nullifier),
            first: nullifier(first_nullifier),
            last: nullifier(position(nullifiers.count() - 1)),
        },
        history: (before.history().leaf(slot), before.history().path(slot)),
    }
}
