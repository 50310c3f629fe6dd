//! The ledger's tables.

use super::Progress;
use crate::{
    chain::{BlockRef, SettledBatch},
    error::Error,
    state_tables::{self, Changes, META, damaged, number, word},
};
use alloy::primitives::{Address, B256, U256};
use notefold_folding::{
    encoding::{DecodeError, Reader},
    state::State,
    step::{Deployment, PublishedStep},
};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{ops::RangeBounds, path::Path};

const FORMAT: u64 = 1;

/// Settled batches by number.
const BATCHES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("batches");

/// What a database holds.
pub(super) struct Stored {
    pub(super) confirmed: State,
    pub(super) recent: Vec<SettledBatch>,
    pub(super) cursor: Option<BlockRef>,
}

/// What one transaction writes.
pub(super) struct Update<'a> {
    pub(super) progress: &'a Progress,
    pub(super) cursor: Option<BlockRef>,
    /// The confirmed state is another one, not a later one.
    pub(super) reset: bool,
    pub(super) confirmed: &'a State,
    pub(super) changes: &'a Changes,
    /// Steps of the batches that became confirmed.
    pub(super) steps: &'a [PublishedStep],
}

/// Makes the tables of a new database; checks those of an old one.
pub(super) fn prepare(
    path: &Path,
    database: &Database,
    deployment: Deployment,
) -> Result<(), Error> {
    let failed = |error: redb::Error| Error::store(path)(error);
    let found = || -> Result<_, redb::Error> {
        let transaction = database.begin_write()?;
        let mut found = None;
        {
            let mut meta = transaction.open_table(META)?;
            let format = meta.get("format")?.map(|value| number(value.value()));
            let theirs = meta.get("deployment")?.map(|value| value.value());
            match (format, theirs) {
                (Some(format), Some(theirs)) => found = Some((format, theirs)),
                _ => {
                    meta.insert("format", word(FORMAT))?;
                    meta.insert("deployment", deployment.to_bytes())?;
                }
            }
            transaction.open_table(BATCHES)?;
        }
        if found.is_none() {
            let mut genesis = State::genesis();
            let changes = state_tables::take_changes(&mut genesis);
            state_tables::write(&transaction, &genesis, &changes, [])?;
        }
        transaction.commit()?;
        Ok(found)
    };
    let Some((format, theirs)) = found().map_err(failed)? else {
        return Ok(());
    };
    if format != FORMAT {
        let expected = format!("ledger format {FORMAT}");
        return Err(damaged(path, &expected, format!("format {format}")));
    }
    if theirs != deployment.to_bytes() {
        let got = Deployment::from_bytes(theirs).map_or("no deployment".into(), |d| d.to_string());
        return Err(damaged(
            path,
            &format!("a ledger of deployment {deployment}"),
            got,
        ));
    }
    Ok(())
}

/// Reads everything but the data of confirmed batches.
pub(super) fn load(path: &Path, database: &Database) -> Result<Stored, Error> {
    let failed = |error: redb::Error| Error::store(path)(error);
    let transaction = database.begin_read().map_err(|e| failed(e.into()))?;
    let confirmed = state_tables::read(path, &transaction)?;
    let meta = transaction.open_table(META).map_err(|e| failed(e.into()))?;
    let get = |name: &'static str| -> Result<Option<[u8; 32]>, Error> {
        let value = meta.get(name).map_err(|e| failed(e.into()))?;
        Ok(value.map(|value| value.value()))
    };
    let cursor = get("cursor_number")?
        .zip(get("cursor_hash")?)
        .map(|(at, hash)| BlockRef {
            number: number(at),
            hash: B256::from(hash),
        });
    drop(meta);
    let recent = batches_in(path, database, confirmed.batch_number() - 1..)?;
    Ok(Stored {
        confirmed,
        recent,
        cursor,
    })
}

/// Batches of a range of numbers.
pub(super) fn batches_in(
    path: &Path,
    database: &Database,
    numbers: impl RangeBounds<u64>,
) -> Result<Vec<SettledBatch>, Error> {
    let failed = |error: redb::Error| Error::store(path)(error);
    let transaction = database.begin_read().map_err(|e| failed(e.into()))?;
    let table = transaction
        .open_table(BATCHES)
        .map_err(|e| failed(e.into()))?;
    let mut batches = Vec::new();
    let range = (numbers.start_bound().cloned(), numbers.end_bound().cloned());
    for entry in table.range(range).map_err(|e| failed(e.into()))? {
        let (key, value) = entry.map_err(|e| failed(e.into()))?;
        let batch = decode(key.value(), value.value()).map_err(|source| Error::Decode {
            path: path.to_owned(),
            source,
        })?;
        batches.push(batch);
    }
    Ok(batches)
}

/// One transaction: reverted batches out, new ones in, the confirmed state and the cursor on.
pub(super) fn write(path: &Path, database: &Database, update: &Update<'_>) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut batches = transaction.open_table(BATCHES)?;
            for batch in &update.progress.reverted {
                batches.remove(batch.number)?;
            }
            for batch in &update.progress.applied {
                batches.insert(batch.number, encode(batch).as_slice())?;
            }
            let mut meta = transaction.open_table(META)?;
            if let Some(cursor) = update.cursor {
                meta.insert("cursor_number", word(cursor.number))?;
                meta.insert("cursor_hash", cursor.hash.0)?;
            }
        }
        let inserted = update.steps.iter().flat_map(|step| step.nullifiers);
        if update.reset {
            state_tables::clear(&transaction)?;
            let mut genesis = State::genesis();
            let changes = state_tables::take_changes(&mut genesis);
            state_tables::write(&transaction, &genesis, &changes, [])?;
        }
        state_tables::write(&transaction, update.confirmed, update.changes, inserted)?;
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

fn encode(batch: &SettledBatch) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(124 + batch.data.len());
    bytes.extend_from_slice(&batch.block.number.to_le_bytes());
    bytes.extend_from_slice(batch.block.hash.as_slice());
    bytes.extend_from_slice(batch.transaction.as_slice());
    bytes.extend_from_slice(batch.aggregator.as_slice());
    bytes.extend_from_slice(&batch.state_after.to_be_bytes::<32>());
    bytes.extend_from_slice(&batch.data);
    bytes
}

fn decode(number: u64, bytes: &[u8]) -> Result<SettledBatch, DecodeError> {
    let mut reader = Reader::new(bytes);
    let block = BlockRef {
        number: reader.u64("block number")?,
        hash: B256::from(reader.array("block hash")?),
    };
    let transaction = B256::from(reader.array("transaction")?);
    let aggregator = Address::from(reader.array("aggregator")?);
    let state_after = U256::from_be_bytes::<32>(reader.array("state")?);
    let data = reader.take("data", reader.remaining())?.to_vec();
    Ok(SettledBatch {
        number,
        block,
        transaction,
        aggregator,
        state_after,
        data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_round_trip() {
        let batch = SettledBatch {
            number: 3,
            block: BlockRef {
                number: 9,
                hash: B256::repeat_byte(1),
            },
            transaction: B256::repeat_byte(2),
            aggregator: Address::repeat_byte(3),
            state_after: U256::from(4),
            data: vec![5; 255],
        };
        assert_eq!(decode(3, &encode(&batch)), Ok(batch.clone()));
        assert!(decode(3, &encode(&batch)[..100]).is_err());
    }
}
