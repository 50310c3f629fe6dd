//! Steps and the batch under way, in one transactional file. Spec: `specs/storage.md`, STORE-20 to STORE-25.
//!
//! Whatever was acknowledged is here first. What a step's proof is may be read again at any time; what is known of it is kept in
//! memory too, in the form of [`StepRecord`]s.

mod records;
mod tables;

pub(crate) use records::{StepRecord, StepState};

use super::jobs::Job;
use crate::{chain::SettledBatch, error::Error, rpc::Reason};
use alloy::primitives::U256;
use notefold_folding::{
    note::Nullifier,
    state::State,
    step::{StatementHash, StepStatement},
};
use records::Records;
use redb::Database;
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

const FILE: &str = "node.redb";

/// Where a batch under way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Being settled.
    Settling = 0,
    /// Being made: folded, wrapped, or waiting for the one before it.
    Making = 1,
}

/// A bid that was committed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedBid {
    pub(crate) slot: u64,
    /// In wei.
    pub(crate) amount: U256,
    pub(crate) salt: [u8; 32],
}

/// A change of what is known of a step.
pub(crate) type Change = (StatementHash, StepState);

/// The store. A second process that opens it is refused.
pub(crate) struct Store {
    path: PathBuf,
    database: Arc<Database>,
    records: Mutex<Records>,
}

/// A step to keep: its public part and its message.
pub(crate) struct NewStep {
    /// Its public part.
    pub(crate) statement: StepStatement,
    /// Its message.
    pub(crate) proof: Vec<u8>,
    /// When it was received, in milliseconds since 1970.
    pub(crate) received: u64,
}

impl Store {
    /// Opens a store, or starts one.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
        let database = Database::create(folder.join(FILE)).map_err(Error::store(folder))?;
        let database = Arc::new(database);
        let records = tables::load(folder, &database)?;
        Ok(Self {
            path: folder.to_owned(),
            database,
            records: Mutex::new(records),
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The database, which the ledger shares.
    pub(crate) fn database(&self) -> Arc<Database> {
        self.database.clone()
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        self.records
            .lock()
            .expect("invariant: nothing panics while it holds the lock")
    }

    /// What is known of a step that is not final yet.
    pub(crate) fn get(&self, x: StatementHash) -> Option<StepRecord> {
        self.records().get(x).cloned()
    }

    /// What became of a step, however long ago.
    pub(crate) fn state(&self, x: StatementHash) -> Result<Option<StepState>, Error> {
        if let Some(record) = self.get(x) {
            return Ok(Some(record.state));
        }
        tables::state(&self.path, &self.database, x)
    }

    /// Which step that is kept spends a nullifier.
    pub(crate) fn spender(&self, nullifier: Nullifier) -> Option<StatementHash> {
        self.records().spender(nullifier)
    }

    /// The oldest accepted steps that are not settled, but for some, and no more than a number.
    pub(crate) fn oldest(&self, but: &HashSet<StatementHash>, count: usize) -> Vec<StatementHash> {
        self.records().oldest(but, count)
    }

    /// Accepted steps that are not settled, oldest first.
    pub(crate) fn queue(&self) -> Vec<(StatementHash, StepRecord)> {
        self.records().queue()
    }

    /// Number of them.
    pub(crate) fn queued(&self) -> usize {
        self.records().queued()
    }

    /// Keeps steps, in one transaction. When this returns they survive anything.
    pub(crate) fn accept(&self, steps: &[NewStep]) -> Result<(), Error> {
        let mut records = self.records();
        let next = records.next_sequence();
        let fresh: Vec<(StatementHash, StepRecord, &[u8])> = (next..)
            .zip(steps)
            .map(|(sequence, step)| {
                let record = StepRecord {
                    sequence,
                    received: step.received,
                    statement: step.statement,
                    state: StepState::Accepted,
                    after: 0,
                };
                (step.statement.hash(), record, step.proof.as_slice())
            })
            .collect();
        tables::insert(&self.path, &self.database, &fresh)?;
        for (x, record, _) in fresh {
            records.insert(x, record);
        }
        Ok(())
    }

    /// Writes what became of steps, in one transaction.
    pub(crate) fn change(&self, changes: &[Change]) -> Result<(), Error> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut records = self.records();
        tables::update(&self.path, &self.database, &records, changes)?;
        for (x, state) in changes {
            records.set(*x, state.clone());
        }
        Ok(())
    }

    /// The message of a step.
    pub(crate) fn proof(&self, x: StatementHash) -> Result<Option<Vec<u8>>, Error> {
        tables::proof(&self.path, &self.database, x)
    }

    /// What batches below a number decided is final: what became of such steps stays on disk, their messages are not needed any more, but
    /// for those of batches under way, which are folded again with them. Says whether there were none such.
    pub(crate) fn archive(
        &self,
        below: u64,
        under_way: &HashSet<StatementHash>,
    ) -> Result<bool, Error> {
        let mut records = self.records();
        let last = records.all().filter(|(_, record)| record.is_final(below));
        let (kept, steps): (Vec<_>, Vec<_>) =
            last.map(|(x, _)| *x).partition(|x| under_way.contains(x));
        if steps.is_empty() {
            return Ok(kept.is_empty());
        }
        tables::forget_proofs(&self.path, &self.database, &steps)?;
        for x in steps {
            records.remove(x);
        }
        Ok(kept.is_empty())
    }

    /// Forgets final steps of batches from a number on, which a reorganisation took back against all expectation: whoever sends
    /// one again is heard.
    pub(crate) fn unarchive(&self, from: u64) -> Result<(), Error> {
        let records = self.records();
        tables::remove_settled(&self.path, &self.database, from, |x| {
            records.get(x).is_none()
        })
    }

    /// Bids that were committed to and are neither revealed nor given up.
    pub(crate) fn bids(&self) -> Result<Vec<SealedBid>, Error> {
        tables::bids(&self.path, &self.database)
    }

    /// Keeps a bid before it is committed to.
    pub(crate) fn keep_bid(&self, bid: &SealedBid) -> Result<(), Error> {
        tables::set_bid(&self.path, &self.database, bid.slot, Some(bid))
    }

    /// Forgets the bid for a slot.
    pub(crate) fn forget_bid(&self, slot: u64) -> Result<(), Error> {
        tables::set_bid(&self.path, &self.database, slot, None)
    }

    /// A batch under way.
    pub(crate) fn job(&self, place: Place) -> Result<Option<Job>, Error> {
        tables::job(&self.path, &self.database, place)
    }

    /// Keeps batches under way, or forgets them, in one transaction.
    pub(crate) fn set_jobs(&self, jobs: &[(Place, Option<&Job>)]) -> Result<(), Error> {
        tables::set_jobs(&self.path, &self.database, jobs)
    }

    /// Holds every record against the chain: what it settled, what it spent otherwise, what a reorganisation took back. It
    /// depends on nothing but the two, so it may run at any time and any number of times.
    ///
    /// `batches` are the settled batches from `first` on; records that name older ones are left as they are.
    pub(crate) fn reconcile(
        &self,
        state: &State,
        first: u64,
        batches: &[SettledBatch],
    ) -> Result<Vec<Change>, Error> {
        let mut changes = Vec::new();
        let mut settled = HashMap::new();
        for batch in batches {
            for step in batch.steps()? {
                settled.insert(step.nullifiers[0], (batch, step));
            }
        }
        let mut records = self.records();
        records.follow(state.batch_number() - 1);
        for (x, record) in records.all() {
            let nullifiers = record.statement.nullifiers;
            let on_chain = settled.get(&nullifiers[0]).filter(|(_, step)| {
                step.nullifiers == nullifiers && step.commitments == record.statement.commitments
            });
            let next = match (&record.state, on_chain) {
                (StepState::Settled { batch, .. }, None) if *batch >= first => {
                    Some(StepState::Accepted)
                }
                (StepState::Refused { reason, .. }, None) => {
                    let again = matches!(reason, Reason::Spent | Reason::Anchor)
                        && applies(state, &record.statement);
                    (again && self.proof(*x)?.is_some()).then_some(StepState::Accepted)
                }
                (state, Some((batch, _))) => {
                    let next = StepState::Settled {
                        batch: batch.number,
                        transaction: batch.transaction.0,
                    };
                    (*state != next).then_some(next)
                }
                (StepState::Accepted, None) => nullifiers
                    .iter()
                    .find_map(|nf| state.nullifiers().find(*nf).map(|index| (nf, index)))
                    .map(|(nf, index)| StepState::Refused {
                        reason: Reason::Spent,
                        message: format!(
                            "expected a nullifier that is not spent, got {nf}, spent at index {index} by another step"
                        ),
                    }),
                _ => None,
            };
            if let Some(next) = next {
                changes.push((*x, next));
            }
        }
        drop(records);
        self.change(&changes)?;
        Ok(changes)
    }
}

/// Whether a state knows a step's anchor and none of its nullifiers.
fn applies(state: &State, step: &StepStatement) -> bool {
    let unspent = |nullifier: &Nullifier| state.nullifiers().find(*nullifier).is_none();
    state.history().find(step.anchor).is_some() && step.nullifiers.iter().all(unspent)
}
