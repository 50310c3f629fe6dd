//! What the decider's circuit takes, natively.

use crate::public_values::{Address, PublicValues};
use notefold_folding::{
    augmented::{AugmentedInstance, BatchConstants, cyclefold_digest, note_hash, state_hash},
    batch::{BatchError, BatchStatement, ProvenBatch},
    curves::{Fq, Fr},
    cyclefold::CycleFoldInstance,
    ivc::{FoldingParams, IvcError, IvcProof, IvcStatement},
    joint::JointWitness,
};

/// A verified batch with the one error term that its proof leaves out.
#[derive(Clone)]
pub struct DeciderInput {
    pub(crate) statement: BatchStatement,
    /// x of the last step of each chain.
    pub(crate) last: [Fr; 2],
    pub(crate) proof: IvcProof,
    pub(crate) cyclefold: JointWitness<Fq>,
    pub(crate) public: PublicValues,
}

impl DeciderInput {
    /// Verifies a batch and prepares it for an aggregator.
    ///
    /// # Errors
    ///
    /// [`BatchError`]: nothing is wrapped that does not verify.
    pub fn new(
        params: &FoldingParams,
        batch: &ProvenBatch,
        aggregator: Address,
    ) -> Result<Self, BatchError> {
        let checked = batch.statement.check(params, &batch.data)?;
        notefold_folding::ivc::verify(params, &checked, &batch.proof)?;
        let proof = batch.proof.clone();
        let cyclefold = params
            .cyclefold()
            .witness(&proof.cyclefold, proof.w_cyclefold.clone())
            .map_err(IvcError::from)?;
        let last = last_public_values(params, &checked, &proof);
        Ok(Self {
            statement: batch.statement.clone(),
            public: PublicValues::of(batch, &checked, last, aggregator),
            last,
            proof,
            cyclefold,
        })
    }

    /// The public values.
    #[must_use]
    pub fn public_values(&self) -> &PublicValues {
        &self.public
    }

    /// The proof.
    #[must_use]
    pub fn proof(&self) -> &IvcProof {
        &self.proof
    }

    pub(crate) fn augmented(&self) -> [&AugmentedInstance; 2] {
        [
            &self.proof.note_chain.augmented,
            &self.proof.state_chain.augmented,
        ]
    }

    pub(crate) fn cyclefold_instance(&self) -> &CycleFoldInstance {
        &self.proof.cyclefold
    }

    /// Note root, note count, nullifier root, nullifier count, history root, batch number; before and after.
    pub(crate) fn states(&self) -> [[Fr; 6]; 2] {
        [&self.statement.before, &self.statement.after].map(|parts| {
            [
                parts.note_root,
                Fr::from(parts.note_count),
                parts.nullifier_root,
                Fr::from(parts.nullifier_count),
                parts.history_root,
                Fr::from(parts.batch_number),
            ]
        })
    }
}

/// DEC-1, natively.
fn last_public_values(params: &FoldingParams, checked: &IvcStatement, proof: &IvcProof) -> [Fr; 2] {
    let constants = BatchConstants {
        cyclefold_start: proof.cyclefold_start,
        ..checked.constants
    };
    let notes = note_hash(
        params.note_constants().digest(),
        checked.steps,
        &proof.state.steps_digest,
        &proof.note_chain.augmented,
        &proof.notes,
        &proof.cyclefold_start,
    );
    let state = state_hash(
        constants.digest(),
        checked.steps,
        &proof.state,
        &proof.state_chain.augmented,
        &cyclefold_digest(&proof.cyclefold),
    );
    [notes, state]
}
