//! What a key owns in a state: found by trial decryption, recoverable from the seed alone.
//!
//! - `dir`: a wallet's folder: the ledger, what the key owns in it, and the outbox
//! - `outbox`: step proofs on their way to an aggregator
//! - `owned`: notes that were found

mod dir;
mod outbox;
mod owned;

pub(crate) use dir::{Fate, WalletDir};
pub(crate) use outbox::{Escrow, OutboxStep};

use crate::{error::Error, state_dir::StateDir};
use notefold_folding::{
    keys::SpendingKey,
    note::{Asset, Note},
    state::State,
    step::InputNote,
};
use std::collections::BTreeMap;

/// A note of this wallet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnedNote {
    /// The note.
    pub(crate) note: Note,
    /// Where it is in the tree.
    pub(crate) position: u32,
    /// Whether its nullifier is in the tree.
    pub(crate) spent: bool,
}

/// All notes of a key, in the order of the tree. Notes of value zero pad steps and are passed over.
pub(crate) fn scan(dir: &StateDir, key: &SpendingKey) -> Vec<OwnedNote> {
    let received = dir.steps().iter().flat_map(|step| step.received_by(key));
    (0u32..)
        .zip(received)
        .filter_map(|(position, note)| note.map(|note| (position, note)))
        .filter(|(_, note)| !note.value.is_zero())
        .map(|(position, note)| {
            let nullifier = note.nullifier(key.nullifier_key(), position);
            let spent = dir.state().nullifiers().find(nullifier).is_some();
            OwnedNote {
                note,
                position,
                spent,
            }
        })
        .collect()
}

/// Up to two unspent notes that cover an amount: the smallest single note that does, else the two largest.
pub(crate) fn select(
    owned: &[OwnedNote],
    state: &State,
    asset: Asset,
    needed: u128,
) -> Result<Vec<InputNote>, Error> {
    let worth = |notes: &[&OwnedNote]| -> u128 {
        notes
            .iter()
            .map(|owned| u128::from(owned.note.value.amount()))
            .sum()
    };
    let mut unspent: Vec<&OwnedNote> = owned
        .iter()
        .filter(|owned| !owned.spent && owned.note.asset == asset)
        .collect();
    unspent.sort_by_key(|owned| std::cmp::Reverse(owned.note.value));
    let mut chosen: Vec<&OwnedNote> = Vec::new();
    if needed > 0 {
        match unspent.iter().rev().find(|owned| worth(&[owned]) >= needed) {
            Some(single) => chosen.push(single),
            None => chosen.extend(unspent.iter().take(2)),
        }
    }
    let available = worth(&chosen);
    if available < needed {
        let split = worth(&unspent) >= needed;
        return Err(Error::Funds {
            needed,
            asset: asset.to_string(),
            available,
            split,
        });
    }
    let inputs = chosen
        .into_iter()
        .map(|owned| InputNote {
            note: owned.note,
            path: state.notes().path(owned.position),
        })
        .collect();
    Ok(inputs)
}

/// The sum of unspent notes of each asset.
pub(crate) fn balances(notes: &[OwnedNote]) -> BTreeMap<Asset, u128> {
    let mut sums = BTreeMap::<Asset, u128>::new();
    for owned in notes.iter().filter(|owned| !owned.spent) {
        *sums.entry(owned.note.asset).or_default() += u128::from(owned.note.value.amount());
    }
    sums
}
