//! A wallet's folder: one transactional file with the ledger, what the key owns in it, and the outbox.

use super::{Escrow, OutboxStep, OwnedNote, outbox, owned::Owned};
use crate::{
    chain::{BlockRef, ChainClient},
    error::Error,
    ledger::Ledger,
};
use notefold_folding::{
    keys::SpendingKey,
    note::Asset,
    state::State,
    step::{Deployment, InputNote, Mask, Step, StepBuilder, StepParams, prove},
};
use rand_core::OsRng;
use redb::Database;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

const FILE: &str = "wallet.redb";
/// Batches that are read at once.
const AT_ONCE: u64 = 32;

/// What became of a step in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A batch has it.
    Settled {
        /// Which.
        batch: u64,
        /// In which transaction.
        transaction: [u8; 32],
    },
    /// One of its notes was spent by another step.
    Spent,
    /// Its anchor left the ring, or a reorganisation put another batch in its place: it has to be proven anew.
    Stale,
}

/// A wallet. A second process that opens its folder is refused.
pub(crate) struct WalletDir {
    path: PathBuf,
    database: Arc<Database>,
    key: SpendingKey,
    ledger: Ledger,
    owned: Owned,
    outbox: Vec<OutboxStep>,
    params: Arc<StepParams>,
}

impl WalletDir {
    /// Opens a folder, or starts one.
    pub(crate) fn open(
        path: &Path,
        key: SpendingKey,
        params: Arc<StepParams>,
        deployment: Deployment,
        from_block: u64,
    ) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::io(path))?;
        let database = Database::create(path.join(FILE)).map_err(Error::store(path))?;
        let database = Arc::new(database);
        let ledger = Ledger::open(path, database.clone(), deployment, from_block)?;
        let batches = ledger.batches_in(..)?;
        let owned = Owned::load(path, &database, &key, &batches)?;
        let outbox = outbox::load(path, &database, &params)?;
        Ok(Self {
            path: path.to_owned(),
            database,
            key,
            ledger,
            owned,
            outbox,
            params,
        })
    }

    /// Follows the chain to its newest block: finds notes, and learns what became of steps.
    pub(crate) async fn sync(
        &mut self,
        client: &ChainClient,
    ) -> Result<Vec<(OutboxStep, Fate)>, Error> {
        let progress = self.ledger.sync(client).await?;
        let reverted = progress.reverted.first().map(|batch| batch.number);
        let from = reverted.unwrap_or(u64::MAX).min(self.owned.batches());
        let batches = self.ledger.batches_in(from..)?;
        if reverted.is_some() || !batches.is_empty() {
            self.owned
                .scan(&self.path, &self.database, &self.key, reverted, &batches)?;
        }
        self.settle_outbox()
    }

    /// Takes steps out of the outbox that the chain has, or can never have.
    fn settle_outbox(&mut self) -> Result<Vec<(OutboxStep, Fate)>, Error> {
        let state = self.ledger.tip();
        let mut decided = Vec::new();
        for step in &self.outbox {
            let nullifiers = step.statement.nullifiers;
            let spent = nullifiers
                .iter()
                .any(|nf| state.nullifiers().find(*nf).is_some());
            if spent {
                decided.push((step.clone(), self.fate_of(step)?));
            } else if self.ledger.batches() >= step.batches
                && state.history().find(step.statement.anchor).is_none()
            {
                // Where a reorganisation left fewer batches, those that are missing may come back as they were.
                decided.push((step.clone(), Fate::Stale));
            }
        }
        let numbers: Vec<u64> = decided.iter().map(|(step, _)| step.number).collect();
        outbox::remove(&self.path, &self.database, &numbers)?;
        self.outbox.retain(|step| !numbers.contains(&step.number));
        Ok(decided)
    }

    /// The state after the last settled batch.
    pub(crate) fn state(&self) -> &State {
        self.ledger.tip()
    }

    /// Number of settled batches.
    pub(crate) fn batches(&self) -> u64 {
        self.ledger.batches()
    }

    /// The block up to which the chain was read.
    pub(crate) fn cursor(&self) -> Option<BlockRef> {
        self.ledger.cursor()
    }

    /// Steps on their way.
    pub(crate) fn outbox(&self) -> &[OutboxStep] {
        &self.outbox
    }

    /// The key.
    pub(crate) fn key(&self) -> &SpendingKey {
        &self.key
    }

    /// All notes found.
    pub(crate) fn notes(&self) -> Vec<OwnedNote> {
        self.owned.notes(&self.key, self.state())
    }

    /// Notes that are neither spent nor spoken for by a step on its way.
    pub(crate) fn spendable(&self) -> Vec<OwnedNote> {
        let reserved: HashSet<_> = self
            .outbox
            .iter()
            .flat_map(|step| step.statement.nullifiers)
            .collect();
        let mut notes = self.notes();
        notes.retain(|owned| {
            let nullifier = owned
                .note
                .nullifier(self.key.nullifier_key(), owned.position);
            !owned.spent && !reserved.contains(&nullifier)
        });
        notes
    }

    /// Notes that cover an amount.
    pub(crate) fn select(&self, asset: Asset, needed: u128) -> Result<Vec<InputNote>, Error> {
        super::select(&self.spendable(), self.state(), asset, needed)
    }

    /// A step on the newest anchor.
    pub(crate) fn builder(&self, deployment: Deployment, asset: Asset) -> StepBuilder {
        StepBuilder::new(deployment, self.state().notes().root(), asset)
    }

    /// Proves a step and keeps it, before anyone hears of it.
    pub(crate) fn keep(
        &mut self,
        step: &Step,
        escrow: Option<Escrow>,
    ) -> Result<OutboxStep, Error> {
        let mask = Mask::random(&self.params, &mut OsRng);
        let proof = prove(&self.params, step, mask, &mut OsRng)?.to_bytes();
        let number = self.outbox.last().map_or(0, |last| last.number + 1);
        let kept = OutboxStep {
            number,
            batches: self.ledger.batches(),
            x: step.statement.hash(),
            statement: step.statement,
            proof,
            escrow,
        };
        outbox::add(&self.path, &self.database, &kept)?;
        self.outbox.push(kept.clone());
        Ok(kept)
    }

    /// Which batch has a step one of whose notes is spent, newest first; none, if another step spent it.
    fn fate_of(&self, step: &OutboxStep) -> Result<Fate, Error> {
        let mut end = self.ledger.batches();
        while end > 0 {
            let begin = end.saturating_sub(AT_ONCE);
            for batch in self.ledger.batches_in(begin..end)?.iter().rev() {
                let same = batch.steps()?.iter().any(|published| {
                    published.nullifiers == step.statement.nullifiers
                        && published.commitments == step.statement.commitments
                });
                if same {
                    return Ok(Fate::Settled {
                        batch: batch.number,
                        transaction: batch.transaction.0,
                    });
                }
            }
            end = begin;
        }
        Ok(Fate::Spent)
    }
}
