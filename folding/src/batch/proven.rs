//! BATCH-6. A proven batch: statement, published data, and a proof whose size does not depend on the number of steps.

use super::{BatchStatement, BatchStatementError};
use crate::{
    encoding::{DecodeError, Reader, put_header},
    ivc::{FoldingParams, IvcError, IvcProof, verify},
    step::StepStatement,
};

const MAGIC: [u8; 4] = *b"NFPB";
const VERSION: u16 = 1;
const WHAT: &str = "proven batch";

/// A batch with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenBatch {
    /// What it states.
    pub statement: BatchStatement,
    /// The published data, step by step.
    pub data: Vec<StepStatement>,
    /// The proof.
    pub proof: IvcProof,
}

/// Why a proven batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The statement contradicts itself or the data.
    #[error(transparent)]
    Statement(#[from] BatchStatementError),
    /// The proof is not one of the statement.
    #[error(transparent)]
    Proof(#[from] IvcError),
}

impl ProvenBatch {
    /// Checks statement, data and proof. Total on any decoded input.
    ///
    /// # Errors
    ///
    /// [`BatchError`].
    pub fn verify(&self, params: &FoldingParams) -> Result<(), BatchError> {
        let statement = self.statement.check(params, &self.data)?;
        Ok(verify(params, &statement, &self.proof)?)
    }

    /// The canonical encoding: parameters, statement, proof, data.
    #[must_use]
    pub fn to_bytes(&self, params: &FoldingParams) -> Vec<u8> {
        let mut out = Vec::new();
        put_header(&mut out, MAGIC, VERSION);
        out.extend_from_slice(params.digest().bytes());
        self.statement.write(&mut out);
        out.extend_from_slice(&self.proof.to_bytes());
        let count = u32::try_from(self.data.len()).expect("invariant: below 2^15 steps");
        out.extend_from_slice(&count.to_le_bytes());
        self.data.iter().for_each(|step| step.write(&mut out));
        out
    }

    /// The inverse of [`Self::to_bytes`].
    ///
    /// # Errors
    ///
    /// [`DecodeError`].
    pub fn from_bytes(params: &FoldingParams, bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.header(WHAT, MAGIC, VERSION)?;
        reader.parameters(params.digest())?;
        let statement = BatchStatement::read(&mut reader)?;
        let proof = IvcProof::read(params, &mut reader)?;
        let count = reader.u32("steps")?;
        let data = (0..count)
            .map(|_| StepStatement::read(&mut reader))
            .collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self {
            statement,
            data,
            proof,
        })
    }
}
