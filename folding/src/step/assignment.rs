//! Every value of R_N on its own, consistent or not: what the native check and the circuit both take.

use super::{NOTES, StatementHash, StepStatement};
use crate::{
    curves::Fr,
    keys::SpendingKey,
    note::{Note, NoteCommitment},
    secret::wipe,
    tree::Path,
};

/// An input note as the relation sees it.
#[derive(Clone)]
pub struct InputAssignment {
    /// Amount.
    pub value: Fr,
    /// Owner key in the note.
    pub owner: Fr,
    /// Randomness.
    pub rho: Fr,
    /// Claimed commitment.
    pub commitment: Fr,
    /// Position and siblings; anything at all where the value is zero.
    pub path: Path,
    /// Claimed nullifier.
    pub nullifier: Fr,
}

/// An output note as the relation sees it.
#[derive(Clone)]
pub struct OutputAssignment {
    /// Amount.
    pub value: Fr,
    /// Recipient's owner key.
    pub owner: Fr,
    /// Randomness.
    pub rho: Fr,
    /// Claimed commitment.
    pub commitment: Fr,
}

/// An assignment of R_N. No field is derived from another here: an assignment can be wrong in any one place, which is
/// what the negative tests use.
#[derive(Clone)]
pub struct StepAssignment {
    /// Spending key.
    pub sk: Fr,
    /// Spent notes.
    pub inputs: [InputAssignment; NOTES],
    /// New notes.
    pub outputs: [OutputAssignment; NOTES],
    /// Deployment.
    pub deployment: Fr,
    /// Anchor.
    pub anchor: Fr,
    /// Deposited.
    pub public_in: Fr,
    /// Withdrawn.
    pub public_out: Fr,
    /// Asset.
    pub asset: Fr,
    /// Fee.
    pub fee: Fr,
    /// Hash of the external data.
    pub ext_hash: Fr,
    /// The public input.
    pub x: Fr,
}

impl StepAssignment {
    /// The assignment that a statement claims for its witness.
    pub(crate) fn new(
        key: &SpendingKey,
        inputs: [(Note, Path); NOTES],
        outputs: [Note; NOTES],
        statement: &StepStatement,
    ) -> Self {
        let mut nullifiers = statement.nullifiers.iter();
        let mut commitments = statement.commitments.iter();
        let [
            deployment,
            anchor,
            ..,
            public_in,
            public_out,
            asset,
            fee,
            ext_hash,
        ] = statement.elements();
        let StatementHash(x) = statement.hash();
        Self {
            sk: key.sk(),
            inputs: inputs.map(|(note, path)| InputAssignment {
                value: note.value.to_scalar(),
                owner: note.owner.0,
                rho: note.rho.0,
                commitment: note.commitment().0,
                path,
                nullifier: nullifiers
                    .next()
                    .expect("invariant: one nullifier per input")
                    .0,
            }),
            outputs: outputs.map(|note| {
                let NoteCommitment(commitment) = *commitments
                    .next()
                    .expect("invariant: one commitment per output");
                OutputAssignment {
                    value: note.value.to_scalar(),
                    owner: note.owner.0,
                    rho: note.rho.0,
                    commitment,
                }
            }),
            deployment,
            anchor,
            public_in,
            public_out,
            asset,
            fee,
            ext_hash,
            x,
        }
    }

    /// The eleven elements of the statement, in its order.
    pub(crate) fn statement_elements(&self) -> [Fr; 11] {
        [
            self.deployment,
            self.anchor,
            self.inputs[0].nullifier,
            self.inputs[1].nullifier,
            self.outputs[0].commitment,
            self.outputs[1].commitment,
            self.public_in,
            self.public_out,
            self.asset,
            self.fee,
            self.ext_hash,
        ]
    }
}

impl Drop for StepAssignment {
    fn drop(&mut self) {
        let mut secrets = [&mut self.sk].into_iter().chain(
            self.inputs
                .iter_mut()
                .flat_map(|input| [&mut input.value, &mut input.rho])
                .chain(
                    self.outputs
                        .iter_mut()
                        .flat_map(|output| [&mut output.value, &mut output.rho]),
                ),
        );
        secrets
            .by_ref()
            .for_each(|secret| wipe(std::slice::from_mut(secret)));
    }
}

impl std::fmt::Debug for StepAssignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StepAssignment")
            .field("x", &StatementHash(self.x))
            .finish_non_exhaustive()
    }
}
