//! What is known of steps, in memory.

use crate::rpc::{Accepted, Outcome, Reason, Settled};
use notefold_folding::{
    note::Nullifier,
    step::{StatementHash, StepStatement},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StepState {
    /// Durable, and in the queue.
    Accepted,
    /// On the chain.
    Settled {
        /// In which batch.
        batch: u64,
        /// In which transaction.
        transaction: [u8; 32],
    },
    /// Accepted once, and then found not to fit any more.
    Refused {
        /// Why.
        #[serde(with = "reasons")]
        reason: Reason,
        /// In words.
        message: String,
    },
}

mod reasons {
    use crate::rpc::Reason;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(reason: &Reason, to: S) -> Result<S::Ok, S::Error> {
        reason.as_str_name().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Reason, D::Error> {
        let name = String::deserialize(from)?;
        Reason::from_str_name(&name).ok_or_else(|| D::Error::custom("a reason"))
    }
}

impl StepState {
    /// Whether it is a refusal for what the chain says, which it may not say any more.
    pub(crate) fn may_pass(&self) -> bool {
        let of_the_chain =
            |reason| matches!(reason, Reason::Spent | Reason::Anchor | Reason::Deposit);
        matches!(self, Self::Refused { reason, .. } if of_the_chain(*reason))
    }

    /// As provers are told.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Accepted => Outcome::Accepted(Accepted {}),
            Self::Settled { batch, transaction } => Outcome::Settled(Settled {
                batch: *batch,
                transaction: transaction.to_vec(),
            }),
            Self::Refused { reason, message } => Outcome::refused(*reason, message),
        }
    }
}

/// A step that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepRecord {
    /// Its place among all that were accepted.
    pub(crate) sequence: u64,
    /// When it was received, in milliseconds since 1970.
    pub(crate) received: u64,
    /// Its public part.
    pub(crate) statement: StepStatement,
    /// What became of it.
    pub(crate) state: StepState,
    /// Settled batches when that was found, or read back: once those are final, so is a refusal.
    pub(super) after: u64,
}

impl StepRecord {
    /// Whether the first so many batches decide what became of it.
    pub(super) fn is_final(&self, batches: u64) -> bool {
        match self.state {
            StepState::Accepted => false,
            StepState::Settled { batch, .. } => batch < batches,
            StepState::Refused { .. } => self.after <= batches,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Records {
    by_hash: HashMap<StatementHash, StepRecord>,
    queue: BTreeMap<u64, StatementHash>,
    spends: HashMap<Nullifier, StatementHash>,
    next: u64,
    /// Settled batches that records were held against last.
    batches: u64,
}

impl Records {
    pub(super) fn get(&self, x: StatementHash) -> Option<&StepRecord> {
        self.by_hash.get(&x)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (&StatementHash, &StepRecord)> {
        self.by_hash.iter()
    }

    pub(super) fn spender(&self, nullifier: Nullifier) -> Option<StatementHash> {
        self.spends.get(&nullifier).copied()
    }

    /// Records are held against so many settled batches from now on.
    pub(super) fn follow(&mut self, batches: u64) {
        if self.batches == 0 {
            // What was read back may have been found at any time.
            for record in self.by_hash.values_mut() {
                record.after = batches;
            }
        }
        self.batches = batches;
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.next
    }

    pub(super) fn queue(&self) -> Vec<(StatementHash, StepRecord)> {
        let record = |x: &StatementHash| self.by_hash.get(x).map(|record| (*x, record.clone()));
        self.queue.values().filter_map(record).collect()
    }

    pub(super) fn oldest(&self, but: &HashSet<StatementHash>, count: usize) -> Vec<StatementHash> {
        let free = self.queue.values().filter(|x| !but.contains(x));
        free.take(count).copied().collect()
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn insert(&mut self, x: StatementHash, record: StepRecord) {
        self.next = self.next.max(record.sequence + 1);
        let state = record.state.clone();
        self.by_hash.insert(x, record);
        self.set(x, state);
    }

    /// Forgets a step that is not in the queue.
    pub(super) fn remove(&mut self, x: StatementHash) {
        self.by_hash.remove(&x);
    }

    pub(super) fn set(&mut self, x: StatementHash, state: StepState) {
        let Some(record) = self.by_hash.get_mut(&x) else {
            return;
        };
        let (sequence, nullifiers) = (record.sequence, record.statement.nullifiers);
        let queued = state == StepState::Accepted;
        record.state = state;
        record.after = self.batches;
        if queued {
            self.queue.insert(sequence, x);
            self.spends.extend(nullifiers.map(|nf| (nf, x)));
        } else {
            self.queue.remove(&sequence);
            for nullifier in nullifiers {
                if self.spends.get(&nullifier) == Some(&x) {
                    self.spends.remove(&nullifier);
                }
            }
        }
    }
}
