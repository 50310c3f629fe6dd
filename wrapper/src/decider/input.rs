//! What the decider's circuit takes, natively.

use crate::public_values::{Address, PublicValues};
use notefold_folding::{
    augmented::AugmentedInstance,
    batch::{BatchError, BatchStatement, ProvenBatch},
    curves::{Fq, Fr},
    cyclefold::CycleFoldInstance,
    ivc::{FoldingParams, IvcError, IvcProof},
    joint::JointWitness,
};

/// A verified batch with the one error term that its proof leaves out.
pub struct DeciderInput {
    pub(crate) statement: BatchStatement,
    pub(crate) steps: u64,
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
        Ok(Self {
            statement: batch.statement.clone(),
            steps: checked.steps,
            public: PublicValues::of(params, batch, &checked, aggregator),
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
