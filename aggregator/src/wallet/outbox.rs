//! Step proofs that are not settled yet. They stay until the chain has them, or cannot take them any more.

use crate::error::Error;
use notefold_folding::step::StatementHash;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Step proofs in the order in which they were made.
const OUTBOX: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("outbox");
/// Deposits that the steps of the same number consume.
const ESCROWS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("escrows");

/// A deposit, as the rollup takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Escrow {
    /// The token; zero for ether.
    pub(crate) asset: [u8; 20],
    /// Units.
    pub(crate) amount: u64,
    /// keccak256 of the commitments of the step.
    pub(crate) commitments: [u8; 32],
    /// The depositor's choice.
    pub(crate) nonce: [u8; 12],
}

/// Batches after which the steps of the same number were proven.
const ANCHORS: TableDefinition<'_, u64, u64> = TableDefinition::new("anchors");

/// A step on its way.
#[derive(Clone, Debug)]
pub(crate) struct OutboxStep {
    /// Its place.
    pub(crate) number: u64,
    /// Settled batches when it was proven: its anchor is the note root after them.
    pub(crate) batches: u64,
    /// Its statement hash.
    pub(crate) x: StatementHash,
    /// Its public part.
    pub(crate) statement: notefold_folding::step::StepStatement,
    /// The message.
    pub(crate) proof: Vec<u8>,
    /// The deposit that it needs.
    pub(crate) escrow: Option<Escrow>,
}

/// Reads all.
pub(super) fn load(
    path: &Path,
    database: &Database,
    params: &notefold_folding::step::StepParams,
) -> Result<Vec<OutboxStep>, Error> {
    let read = || -> Result<_, redb::Error> {
        let transaction = database.begin_write()?;
        transaction.open_table(OUTBOX)?;
        transaction.open_table(ESCROWS)?;
        transaction.open_table(ANCHORS)?;
        transaction.commit()?;
        let transaction = database.begin_read()?;
        let proofs = transaction.open_table(OUTBOX)?;
        let escrows = transaction.open_table(ESCROWS)?;
        let anchors = transaction.open_table(ANCHORS)?;
        let mut entries = Vec::new();
        for entry in proofs.iter()? {
            let (number, proof) = entry?;
            let escrow = escrows.get(number.value())?.map(|e| e.value().to_vec());
            let batches = anchors.get(number.value())?.map_or(0, |b| b.value());
            entries.push((number.value(), batches, proof.value().to_vec(), escrow));
        }
        Ok(entries)
    };
    let entries = read().map_err(Error::store(path))?;
    entries
        .into_iter()
        .map(|(number, batches, proof, escrow)| {
            let decoded = notefold_folding::step::StepProof::from_bytes(params, &proof);
            let decoded = decoded.map_err(|source| Error::Decode {
                path: path.to_owned(),
                source,
            })?;
            let escrow = escrow
                .map(|bytes| serde_json::from_slice(&bytes))
                .transpose()?;
            Ok(OutboxStep {
                number,
                batches,
                x: decoded.statement().hash(),
                statement: *decoded.statement(),
                proof,
                escrow,
            })
        })
        .collect()
}

/// Keeps a step.
pub(super) fn add(path: &Path, database: &Database, step: &OutboxStep) -> Result<(), Error> {
    let escrow = step.escrow.as_ref().map(serde_json::to_vec).transpose()?;
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut proofs = transaction.open_table(OUTBOX)?;
            proofs.insert(step.number, step.proof.as_slice())?;
            let mut anchors = transaction.open_table(ANCHORS)?;
            anchors.insert(step.number, step.batches)?;
            if let Some(escrow) = &escrow {
                let mut escrows = transaction.open_table(ESCROWS)?;
                escrows.insert(step.number, escrow.as_slice())?;
            }
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

/// Forgets steps.
pub(super) fn remove(path: &Path, database: &Database, numbers: &[u64]) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut proofs = transaction.open_table(OUTBOX)?;
            let mut escrows = transaction.open_table(ESCROWS)?;
            let mut anchors = transaction.open_table(ANCHORS)?;
            for number in numbers {
                proofs.remove(number)?;
                escrows.remove(number)?;
                anchors.remove(number)?;
            }
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}
