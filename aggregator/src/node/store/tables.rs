//! The store's tables.

use super::{
    Change, Job, Place, SealedBid,
    records::{Records, StepRecord, StepState},
};
use crate::error::Error;
use alloy::primitives::U256;
use notefold_folding::step::{StatementHash, StepStatement};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::path::Path;

/// Sequence number, time of receipt, state as JSON, public part.
type Row<'a> = (u64, u64, &'a [u8], &'a [u8]);

/// Steps by statement hash.
const STEPS: TableDefinition<'_, [u8; 32], Row<'_>> = TableDefinition::new("node_steps");
/// Messages of steps.
const PROOFS: TableDefinition<'_, [u8; 32], &[u8]> = TableDefinition::new("node_proofs");
/// Sealed bids by slot: amount and salt.
const BIDS: TableDefinition<'_, u64, ([u8; 32], [u8; 32])> = TableDefinition::new("node_bids");
/// The batches under way, by [`Place`].
const JOBS: TableDefinition<'_, u8, &[u8]> = TableDefinition::new("node_jobs");

pub(super) fn load(path: &Path, database: &Database) -> Result<Records, Error> {
    let read = || -> Result<_, redb::Error> {
        let transaction = database.begin_write()?;
        transaction.open_table(STEPS)?;
        transaction.open_table(PROOFS)?;
        transaction.open_table(JOBS)?;
        transaction.open_table(BIDS)?;
        transaction.commit()?;
        let transaction = database.begin_read()?;
        let steps = transaction.open_table(STEPS)?;
        let proofs = transaction.open_table(PROOFS)?;
        let mut rows = Vec::new();
        for entry in steps.iter()? {
            let (x, value) = entry?;
            // Final: its message is not needed any more.
            if proofs.get(x.value())?.is_none() {
                continue;
            }
            let (sequence, received, state, statement) = value.value();
            rows.push((
                x.value(),
                sequence,
                received,
                state.to_vec(),
                statement.to_vec(),
            ));
        }
        Ok(rows)
    };
    let mut records = Records::default();
    for (x, sequence, received, state, statement) in read().map_err(Error::store(path))? {
        let decode = |source| Error::Decode {
            path: path.to_owned(),
            source,
        };
        let record = StepRecord {
            sequence,
            received,
            statement: StepStatement::from_bytes(&statement).map_err(decode)?,
            state: serde_json::from_slice(&state)?,
            after: 0,
        };
        records.insert(StatementHash::from_bytes(x).map_err(decode)?, record);
    }
    Ok(records)
}

pub(super) fn insert(
    path: &Path,
    database: &Database,
    steps: &[(StatementHash, StepRecord, &[u8])],
) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(STEPS)?;
            let mut proofs = transaction.open_table(PROOFS)?;
            for (x, record, proof) in steps {
                put(&mut table, *x, record, &record.state)?;
                proofs.insert(x.to_bytes(), *proof)?;
            }
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

pub(super) fn update(
    path: &Path,
    database: &Database,
    records: &Records,
    changes: &[Change],
) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(STEPS)?;
            for (x, state) in changes {
                if let Some(record) = records.get(*x) {
                    put(&mut table, *x, record, state)?;
                }
            }
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

fn put(
    table: &mut redb::Table<'_, [u8; 32], Row<'static>>,
    x: StatementHash,
    record: &StepRecord,
    state: &StepState,
) -> Result<(), redb::Error> {
    let state = serde_json::to_vec(state).expect("invariant: numbers and text are JSON");
    let statement = record.statement.to_bytes();
    let row = (
        record.sequence,
        record.received,
        state.as_slice(),
        statement.as_slice(),
    );
    table.insert(x.to_bytes(), row)?;
    Ok(())
}

pub(super) fn proof(
    path: &Path,
    database: &Database,
    x: StatementHash,
) -> Result<Option<Vec<u8>>, Error> {
    let read = || -> Result<_, redb::Error> {
        let transaction = database.begin_read()?;
        let table = transaction.open_table(PROOFS)?;
        Ok(table.get(x.to_bytes())?.map(|proof| proof.value().to_vec()))
    };
    read().map_err(Error::store(path))
}

/// What became of a step.
pub(super) fn state(
    path: &Path,
    database: &Database,
    x: StatementHash,
) -> Result<Option<StepState>, Error> {
    let read = || -> Result<_, redb::Error> {
        let transaction = database.begin_read()?;
        let table = transaction.open_table(STEPS)?;
        Ok(table.get(x.to_bytes())?.map(|row| row.value().2.to_vec()))
    };
    let state = read().map_err(Error::store(path))?;
    Ok(state
        .map(|state| serde_json::from_slice(&state))
        .transpose()?)
}

/// Forgets settled steps of batches from a number on, where `gone` says so.
pub(super) fn remove_settled(
    path: &Path,
    database: &Database,
    from: u64,
    gone: impl Fn(StatementHash) -> bool,
) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(STEPS)?;
            table.retain(|x, (_, _, state, _)| {
                let taken_back = matches!(
                    serde_json::from_slice(state),
                    Ok(StepState::Settled { batch, .. }) if batch >= from
                );
                !(taken_back && StatementHash::from_bytes(x).is_ok_and(&gone))
            })?;
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

/// Forgets the messages of steps.
pub(super) fn forget_proofs(
    path: &Path,
    database: &Database,
    steps: &[StatementHash],
) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut proofs = transaction.open_table(PROOFS)?;
            for x in steps {
                proofs.remove(x.to_bytes())?;
            }
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

pub(super) fn job(path: &Path, database: &Database, place: Place) -> Result<Option<Job>, Error> {
    let read = || -> Result<_, redb::Error> {
        let transaction = database.begin_read()?;
        let table = transaction.open_table(JOBS)?;
        Ok(table.get(place as u8)?.map(|job| job.value().to_vec()))
    };
    let bytes = read().map_err(Error::store(path))?;
    bytes
        .map(|bytes| Job::from_bytes(&bytes))
        .transpose()
        .map_err(|source| Error::Decode {
            path: path.to_owned(),
            source,
        })
}

pub(super) fn set_jobs(
    path: &Path,
    database: &Database,
    jobs: &[(Place, Option<&Job>)],
) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(JOBS)?;
            for (place, job) in jobs {
                match job {
                    Some(job) => table.insert(*place as u8, job.to_bytes().as_slice())?,
                    None => table.remove(*place as u8)?,
                };
            }
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}

pub(super) fn bids(path: &Path, database: &Database) -> Result<Vec<SealedBid>, Error> {
    let read = || -> Result<_, redb::Error> {
        let transaction = database.begin_read()?;
        let table = transaction.open_table(BIDS)?;
        let mut bids = Vec::new();
        for entry in table.iter()? {
            let (slot, bid) = entry?;
            let (amount, salt) = bid.value();
            bids.push(SealedBid {
                slot: slot.value(),
                amount: U256::from_be_bytes(amount),
                salt,
            });
        }
        Ok(bids)
    };
    read().map_err(Error::store(path))
}

pub(super) fn set_bid(
    path: &Path,
    database: &Database,
    slot: u64,
    bid: Option<&SealedBid>,
) -> Result<(), Error> {
    let write = || -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(BIDS)?;
            match bid {
                Some(bid) => table.insert(slot, (bid.amount.to_be_bytes(), bid.salt))?,
                None => table.remove(slot)?,
            };
        }
        transaction.commit()?;
        Ok(())
    };
    write().map_err(Error::store(path))
}
