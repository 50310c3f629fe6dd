//! What goes into one step of either chain, natively.

use crate::{
    curves::{Fr, G1Affine, RelaxedR1CSInstance},
    cyclefold::{CycleFoldInstance, GrumpkinPoint, NOTE_OPERATIONS},
    domain,
    nifs::BlindedInstance,
    poseidon,
    transcript::Transcript,
    tree::{IndexedLeaf, Path, Redirection},
};
use ff::Field;

/// Levels of a tree whose root an appended pair is shown to be under; the levels above are the verifier's.
pub const SUBTREE_DEPTH: usize = 8;
/// Leaves of such a subtree.
pub const SUBTREE_LEAVES: u64 = 1 << (2 * SUBTREE_DEPTH);
/// Data elements that a step publishes.
pub const DATA_ELEMENTS: usize = 7;

/// K_N: what stays the same for all steps of all note chains of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteConstants {
    /// pp.
    pub params: Fr,
    /// State of the transcript of rho after its purpose and parameters.
    pub blind_start: Fr,
    /// State of the transcript of r of FOLD-2 after its purpose and parameters.
    pub blinded_start: Fr,
}

impl NoteConstants {
    /// The elements, in the order in which they are hashed.
    #[must_use]
    pub fn elements(&self) -> [Fr; 3] {
        [self.params, self.blind_start, self.blinded_start]
    }

    /// The hash of all of them.
    #[must_use]
    pub fn digest(&self) -> Fr {
        let mut transcript = Transcript::new(domain::NOTE_CONSTANTS, Fr::ZERO);
        self.elements().iter().for_each(|e| transcript.scalar(e));
        transcript.digest()
    }
}

/// K_S: what stays the same for all steps of a batch. A batch is closed before it is proven, so its outcome is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchConstants {
    /// pp.
    pub params: Fr,
    /// Where every step settles.
    pub deployment: Fr,
    /// The two subtrees of the new note tree that the batch may append to.
    pub note_subtrees: [Fr; 2],
    /// Likewise of the new nullifier tree.
    pub nullifier_subtrees: [Fr; 2],
    /// The ring of anchors.
    pub history_root: Fr,
    /// The nullifier root before the batch.
    pub nullifier_root: Fr,
    /// a: point of the fingerprint.
    pub challenge: Fr,
    /// The second challenge of the permutation argument.
    pub permutation: Fr,
    /// Position of the first note within its subtree.
    pub note_offset: u64,
    /// Position of the first nullifier.
    pub nullifier_start: u64,
    /// Position of the first leaf of its subtree.
    pub nullifier_base: u64,
    /// Digest of U_C where the note chain ends.
    pub cyclefold_start: Fr,
}

impl BatchConstants {
    /// The elements, in the order in which they are hashed.
    #[must_use]
    pub fn elements(&self) -> [Fr; 14] {
        [
            self.params,
            self.deployment,
            self.note_subtrees[0],
            self.note_subtrees[1],
            self.nullifier_subtrees[0],
            self.nullifier_subtrees[1],
            self.history_root,
            self.nullifier_root,
            self.challenge,
            self.permutation,
            Fr::from(self.note_offset),
            Fr::from(self.nullifier_start),
            Fr::from(self.nullifier_base),
            self.cyclefold_start,
        ]
    }

    /// The hash of all of them.
    #[must_use]
    pub fn digest(&self) -> Fr {
        let mut transcript = Transcript::new(domain::BATCH, Fr::ZERO);
        self.elements().iter().for_each(|e| transcript.scalar(e));
        transcript.digest()
    }
}

/// The second challenge of the permutation argument, independent of the first in the random oracle model.
#[must_use]
pub fn permutation_challenge(challenge: &Fr) -> Fr {
    poseidon::hash(&[domain::tag(domain::PERMUTATION), *challenge])
}

/// z: what a step changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchState {
    /// Root of the nullifier tree with leaves redirected and none appended.
    pub nullifier_root: Fr,
    /// h: chain over what was published.
    pub data_digest: Fr,
    /// p: the data as a polynomial at a.
    pub fingerprint: Fr,
    /// Product over the leaves that were appended.
    pub appended: Fr,
    /// Product over the leaves that redirections led to.
    pub redirected: Fr,
    /// Chain over the statement hashes: the note chain has the same.
    pub steps_digest: Fr,
}

impl BatchState {
    /// Before the first step.
    #[must_use]
    pub fn start(constants: &BatchConstants) -> Self {
        Self {
            nullifier_root: constants.nullifier_root,
            data_digest: Fr::ZERO,
            fingerprint: Fr::ZERO,
            appended: Fr::ONE,
            redirected: Fr::ONE,
            steps_digest: Fr::ZERO,
        }
    }

    /// The elements, in the order in which they are hashed.
    #[must_use]
    pub fn elements(&self) -> [Fr; 6] {
        [
            self.nullifier_root,
            self.data_digest,
            self.fingerprint,
            self.appended,
            self.redirected,
            self.steps_digest,
        ]
    }
}

/// What a step publishes and how it changes the trees.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The eleven elements of the statement.
    pub statement: [Fr; 11],
    /// Path of the anchor in the ring.
    pub anchor_path: Path,
    /// Two leaves of the old list, pointed at two nullifiers of the batch, in descending order over the batch.
    pub redirections: [Redirection; 2],
    /// The leaves of this step's nullifiers in the new tree.
    pub leaves: [IndexedLeaf; 2],
    /// Path of the first of them.
    pub nullifier_path: Path,
    /// Path of the first note in the new tree.
    pub note_path: Path,
}

/// A leaf with its position, as the permutation argument sees it: value, position, next value, next index.
#[must_use]
pub fn leaf_elements(leaf: &IndexedLeaf, position: u64) -> [Fr; 4] {
    [
        leaf.value,
        Fr::from(position),
        leaf.next_value,
        Fr::from(u64::from(leaf.next_index)),
    ]
}

/// `γ + value + a·position + a²·next value + a³·next index`.
#[must_use]
pub fn compress_leaf(constants: &BatchConstants, leaf: &[Fr; 4]) -> Fr {
    let a = constants.challenge;
    constants.permutation
        + leaf
            .iter()
            .rev()
            .fold(Fr::ZERO, |sum, element| sum * a + *element)
}

/// The data elements d_k of a statement: nf1, nf2, cm1, cm2, amounts (in, out, fee, 64 bits each), asset, ext_hash.
#[must_use]
pub fn data_elements(statement: &[Fr; 11]) -> [Fr; DATA_ELEMENTS] {
    let [
        _,
        _,
        nf1,
        nf2,
        cm1,
        cm2,
        public_in,
        public_out,
        asset,
        fee,
        ext_hash,
    ] = *statement;
    let shift = Fr::from(2).pow([64]);
    let amounts = public_in + shift * (public_out + shift * fee);
    [nf1, nf2, cm1, cm2, amounts, asset, ext_hash]
}

/// `p ← p·a + d_k` over the data elements.
#[must_use]
pub fn extend_fingerprint(fingerprint: Fr, a: &Fr, statement: &[Fr; 11]) -> Fr {
    data_elements(statement)
        .iter()
        .fold(fingerprint, |p, d| p * a + *d)
}

/// `h' = Poseidon(tag, h, x, leaves of this step's redirections)`.
#[must_use]
pub fn extend_data_digest(digest: Fr, x: &Fr, leaves: &[[Fr; 4]; 2]) -> Fr {
    let mut inputs = vec![domain::tag(domain::DATA), digest, *x];
    inputs.extend(leaves.iter().flatten());
    poseidon::hash(&inputs)
}

/// `h' = Poseidon(tag, h, x)`.
#[must_use]
pub fn extend_steps_digest(digest: Fr, x: &Fr) -> Fr {
    poseidon::hash(&[domain::tag(domain::STEPS), digest, *x])
}

impl Transition {
    /// The leaves that the redirections lead to.
    #[must_use]
    pub fn redirected_leaves(&self) -> [[Fr; 4]; 2] {
        [0, 1].map(|index| {
            let redirection = &self.redirections[index];
            leaf_elements(&redirection.new_leaf(), u64::from(redirection.position))
        })
    }

    /// z after this step.
    #[must_use]
    pub fn apply(&self, constants: &BatchConstants, index: u64, z: &BatchState) -> BatchState {
        let x = crate::step::statement_hash(&self.statement);
        let redirected = self.redirected_leaves();
        let first = constants.nullifier_start + 2 * index;
        let appended = [0, 1].map(|i| leaf_elements(&self.leaves[i], first + i as u64));
        let last = &self.redirections[1];
        let product = |product: Fr, leaves: &[[Fr; 4]; 2]| {
            leaves.iter().fold(product, |product, leaf| {
                product * compress_leaf(constants, leaf)
            })
        };
        BatchState {
            nullifier_root: last.low_path.root(last.updated_low_leaf().hash()),
            data_digest: extend_data_digest(z.data_digest, &x, &redirected),
            fingerprint: extend_fingerprint(z.fingerprint, &constants.challenge, &self.statement),
            appended: product(z.appended, &appended),
            redirected: product(z.redirected, &redirected),
            steps_digest: extend_steps_digest(z.steps_digest, &x),
        }
    }
}

/// U_A, and the previous step's instance u_A = (commitment, x) beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AugmentedInstance {
    /// commit(W ‖ E) with blinding one.
    pub comm: G1Affine,
    /// u.
    pub u: Fr,
    /// X.
    pub x: Fr,
}

impl AugmentedInstance {
    /// The start: u and X zero, committed with blinding one.
    #[must_use]
    pub fn start() -> Self {
        Self {
            comm: crate::commitment_key::blinding_generator(),
            u: Fr::ZERO,
            x: Fr::ZERO,
        }
    }
}

/// The fold of a note step: what arrived, the cross term, and the results of its five group operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteFold {
    /// U$, u, T0.
    pub incoming: BlindedInstance,
    /// Commitment to T1.
    pub comm_t1: G1Affine,
    /// W$ + rho·w, E$ + rho·T0, T1 + r·(E$ + rho·T0), and the new commitments to W and E.
    pub results: [G1Affine; 5],
}

/// What a step of either chain takes of the step before it.
#[derive(Clone, Debug)]
pub struct PreviousStep {
    /// i: steps before this one.
    pub index: u64,
    /// U_A before the previous step is folded.
    pub augmented: AugmentedInstance,
    /// U_C before this step.
    pub cyclefold: CycleFoldInstance,
    /// commit(w ‖ T) of the previous step; any point where there is none.
    pub comm_previous: G1Affine,
    /// U_A's new commitment.
    pub comm_augmented: G1Affine,
}

/// Everything that a step of the note chain takes.
#[derive(Clone, Debug)]
pub struct NoteInput {
    /// K_N.
    pub constants: NoteConstants,
    /// The step before.
    pub previous: PreviousStep,
    /// Chain over the statement hashes.
    pub steps_digest: Fr,
    /// U_N before this step.
    pub notes: RelaxedR1CSInstance,
    /// The fold of the note step.
    pub note: NoteFold,
    /// Commitments of the CycleFold instances.
    pub comm_operations: [GrumpkinPoint; NOTE_OPERATIONS],
}

/// Everything that a step of the state chain takes.
#[derive(Clone, Debug)]
pub struct StateInput {
    /// K_S.
    pub constants: BatchConstants,
    /// The step before.
    pub previous: PreviousStep,
    /// z.
    pub state: BatchState,
    /// Commitment of the one CycleFold instance.
    pub comm_operation: GrumpkinPoint,
    /// The state transition.
    pub transition: Transition,
}

/// U_C as one element.
#[must_use]
pub fn cyclefold_digest(cyclefold: &CycleFoldInstance) -> Fr {
    let mut transcript = Transcript::new(domain::CYCLEFOLD, Fr::ZERO);
    transcript.scalar(&cyclefold.comm.x);
    transcript.scalar(&cyclefold.comm.y);
    transcript.scalar(&cyclefold.u);
    cyclefold.x.iter().for_each(|limb| transcript.scalar(limb));
    transcript.digest()
}

fn absorb_augmented(transcript: &mut Transcript, augmented: &AugmentedInstance) {
    transcript.point(&augmented.comm);
    transcript.scalar(&augmented.u);
    transcript.scalar(&augmented.x);
}

/// The one public value of a step of the note chain: `H(K_N, i, h_x, U_A, U_N, U_C)`.
#[must_use]
pub fn note_hash(
    constants_digest: Fr,
    index: u64,
    steps_digest: &Fr,
    augmented: &AugmentedInstance,
    notes: &RelaxedR1CSInstance,
    cyclefold_digest: &Fr,
) -> Fr {
    let mut transcript = Transcript::new(domain::NOTE_CHAIN, Fr::ZERO);
    transcript.scalar(&constants_digest);
    transcript.scalar(&Fr::from(index));
    transcript.scalar(steps_digest);
    absorb_augmented(&mut transcript, augmented);
    transcript.relaxed_instance(notes);
    transcript.scalar(cyclefold_digest);
    transcript.digest()
}

/// The one public value of a step of the state chain: `H(K_S, i, z, U_A, U_C)`.
#[must_use]
pub fn state_hash(
    constants_digest: Fr,
    index: u64,
    state: &BatchState,
    augmented: &AugmentedInstance,
    cyclefold_digest: &Fr,
) -> Fr {
    let mut transcript = Transcript::new(domain::STATE_CHAIN, Fr::ZERO);
    transcript.scalar(&constants_digest);
    transcript.scalar(&Fr::from(index));
    state.elements().iter().for_each(|e| transcript.scalar(e));
    absorb_augmented(&mut transcript, augmented);
    transcript.scalar(cyclefold_digest);
    transcript.digest()
}

/// Digest of the fold of the previous step: `RO(x, commit(w ‖ T))`. x binds U_A and K, and is the instance's public value.
#[must_use]
pub fn augmented_digest(x: &Fr, comm: &G1Affine) -> Fr {
    let mut transcript = Transcript::new(domain::TRANSCRIPT_AUGMENTED, Fr::ZERO);
    transcript.scalar(x);
    transcript.point(comm);
    transcript.digest()
}

/// State of the CycleFold transcript before the first operation: x binds U_C, the digest of the fold its points.
#[must_use]
pub fn cyclefold_start(x: &Fr, fold_digest: &Fr) -> Fr {
    let mut transcript = Transcript::new(domain::TRANSCRIPT_CYCLEFOLD, Fr::ZERO);
    transcript.scalar(x);
    transcript.scalar(fold_digest);
    transcript.digest()
}
