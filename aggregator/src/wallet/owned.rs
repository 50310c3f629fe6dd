//! Notes that a wallet found: their places alone. What they hold is decrypted anew, so a copy of the folder tells nobody.

use super::OwnedNote;
use crate::{chain::SettledBatch, error::Error};
use notefold_folding::{keys::SpendingKey, note::Note, state::State};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{collections::BTreeMap, path::Path};

/// Batches that were scanned, by number: the position of their first note, and S after them.
const SCANNED: TableDefinition<'_, u64, (u64, [u8; 32])> = TableDefinition::new("scanned");
/// Positions of notes of this wallet, with the batch that made them.
const OWNED: TableDefinition<'_, u32, u64> = TableDefinition::new("owned");

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Owned {
    notes: BTreeMap<u32, Note>,
    /// Positions of the first notes of the scanned batches.
    firsts: Vec<u64>,
    /// First position after them.
    next_position: u64,
}

impl Owned {
    /// Reads what was found before, as far as the chain still has it.
    pub(super) fn load(
        path: &Path,
        database: &Database,
        key: &SpendingKey,
        batches: &[SettledBatch],
    ) -> Result<Self, Error> {
        let failed = |error: redb::Error| Error::store(path)(error);
        let read = || -> Result<_, redb::Error> {
            let transaction = database.begin_write()?;
            transaction.open_table(SCANNED)?;
            transaction.open_table(OWNED)?;
            transaction.commit()?;
            let transaction = database.begin_read()?;
            let scanned = transaction.open_table(SCANNED)?;
            let scanned = scanned
                .iter()?
                .map(|entry| entry.map(|(number, value)| (number.value(), value.value())))
                .collect::<Result<Vec<_>, _>>()?;
            let owned = transaction.open_table(OWNED)?;
            let owned = owned
                .iter()?
                .map(|entry| entry.map(|(position, batch)| (position.value(), batch.value())))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((scanned, owned))
        };
        let (scanned, places) = read().map_err(failed)?;
        let mut owned = Self::default();
        for ((number, (first, state)), batch) in scanned.iter().zip(batches) {
            if *number != batch.number || *state != batch.state_after.to_be_bytes::<32>() {
                break;
            }
            let steps = batch.steps()?;
            let mine = places.iter().filter(|(_, made_in)| made_in == number);
            for (position, _) in mine {
                let offset = u64::from(*position).saturating_sub(*first);
                let (step, output) = (offset / 2, (offset % 2) as usize);
                let step = usize::try_from(step).ok().and_then(|step| steps.get(step));
                if let Some(note) = step.and_then(|step| step.received_by(key)[output]) {
                    owned.notes.insert(*position, note);
                }
            }
            owned.next_position = first + 2 * steps.len() as u64;
            owned.firsts.push(*first);
        }
        Ok(owned)
    }

    /// Scans batches that are not scanned yet, and keeps what it finds. `reverted` is the first batch that the chain lost.
    pub(super) fn scan(
        &mut self,
        path: &Path,
        database: &Database,
        key: &SpendingKey,
        reverted: Option<u64>,
        batches: &[SettledBatch],
    ) -> Result<usize, Error> {
        let lost = reverted.and_then(|batch| usize::try_from(batch).ok());
        if let Some((batch, position)) = lost.and_then(|b| Some((b, *self.firsts.get(b)?))) {
            self.notes.retain(|place, _| u64::from(*place) < position);
            self.firsts.truncate(batch);
            self.next_position = position;
        }
        let first = self.batches();
        let mut found = Vec::new();
        let mut scanned = Vec::new();
        let mut position = self.next_position;
        for batch in batches.iter().filter(|batch| batch.number >= first) {
            scanned.push((
                batch.number,
                position,
                batch.state_after.to_be_bytes::<32>(),
            ));
            for step in batch.steps()? {
                for note in step.received_by(key) {
                    // Notes of value zero pad steps.
                    if let Some(note) = note.filter(|note| !note.value.is_zero()) {
                        let place = u32::try_from(position).expect("invariant: 2^32 notes");
                        found.push((place, batch.number, note));
                    }
                    position += 1;
                }
            }
        }
        let write = || -> Result<(), redb::Error> {
            let transaction = database.begin_write()?;
            {
                let mut table = transaction.open_table(SCANNED)?;
                table.retain(|number, _| number < first)?;
                for (number, position, state) in &scanned {
                    table.insert(number, (*position, *state))?;
                }
                let mut table = transaction.open_table(OWNED)?;
                table.retain(|_, batch| batch < first)?;
                for (position, batch, _) in &found {
                    table.insert(position, batch)?;
                }
            }
            transaction.commit()?;
            Ok(())
        };
        write().map_err(Error::store(path))?;
        self.next_position = position;
        self.firsts
            .extend(scanned.iter().map(|(_, position, _)| *position));
        let new = found.len();
        self.notes
            .extend(found.into_iter().map(|(place, _, note)| (place, note)));
        Ok(new)
    }

    /// Batches scanned so far.
    pub(super) fn batches(&self) -> u64 {
        self.firsts.len() as u64
    }

    /// All notes, with whether they are spent.
    pub(super) fn notes(&self, key: &SpendingKey, state: &State) -> Vec<OwnedNote> {
        let spent = |note: &Note, position| {
            let nullifier = note.nullifier(key.nullifier_key(), position);
            state.nullifiers().find(nullifier).is_some()
        };
        self.notes
            .iter()
            .map(|(position, note)| OwnedNote {
                note: *note,
                position: *position,
                spent: spent(note, *position),
            })
            .collect()
    }
}
