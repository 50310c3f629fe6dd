//! Every domain tag of the protocol, in one place.
//!
//! A tag is a short ASCII text read as a big-endian integer. It is the first input of the Poseidon call that it
//! separates, so two uses of the same width can never share a preimage.

use crate::curves::Fr;
use ff::PrimeField;

/// Derivation of the nullifier key from the spending key.
pub const NULLIFIER_KEY: &[u8] = b"notefold.nk";
/// Derivation of the owner key from the nullifier key.
pub const OWNER_KEY: &[u8] = b"notefold.pk";
/// Note commitment.
pub const COMMITMENT: &[u8] = b"notefold.cm";
/// Nullifier.
pub const NULLIFIER: &[u8] = b"notefold.nf";
/// The one public input of a step.
pub const STATEMENT: &[u8] = b"notefold.step";
/// Transcript of the blinding fold of a step proof.
pub const TRANSCRIPT_BLIND: &[u8] = b"notefold.blind";
/// Transcript of a fold of a blinded step into the running note instance.
pub const TRANSCRIPT_BLINDED: &[u8] = b"notefold.fold.blinded";
/// Constants of a batch.
pub const BATCH: &[u8] = b"notefold.batch";
/// Constants of the note chain.
pub const NOTE_CONSTANTS: &[u8] = b"notefold.ivc.notes.constants";
/// The one public value of a step of the note chain: everything that the next one needs.
pub const NOTE_CHAIN: &[u8] = b"notefold.ivc.notes";
/// The one public value of a step of the state chain, likewise.
pub const STATE_CHAIN: &[u8] = b"notefold.ivc.state";
/// A CycleFold accumulator as one element.
pub const CYCLEFOLD: &[u8] = b"notefold.cyclefold";
/// Chain over the statement hashes of a batch.
pub const STEPS: &[u8] = b"notefold.steps";
/// Transcript of the fold of the previous augmented step.
pub const TRANSCRIPT_AUGMENTED: &[u8] = b"notefold.fold.augmented";
/// Transcript of the CycleFold instances of one augmented step.
pub const TRANSCRIPT_CYCLEFOLD: &[u8] = b"notefold.fold.cyclefold";
/// Chain over what a batch publishes.
pub const DATA: &[u8] = b"notefold.data";
/// Second challenge of the permutation argument.
pub const PERMUTATION: &[u8] = b"notefold.permutation";
/// Challenges that the decider derives from its own.
pub const DECIDER: &[u8] = b"notefold.decider";

/// The tag as a field element. Tags are at most 31 bytes, so the integer is below 2^248 and needs no reduction.
#[must_use]
pub fn tag(text: &'static [u8]) -> Fr {
    assert!(text.len() <= 31, "invariant: a domain tag fits 31 bytes");
    let mut repr = [0u8; 32];
    for (low, byte) in repr.iter_mut().zip(text.iter().rev()) {
        *low = *byte;
    }
    Fr::from_repr(repr.into()).expect("invariant: below 2^248 is below r")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn tags_are_distinct() {
        let all = [
            NULLIFIER_KEY,
            OWNER_KEY,
            COMMITMENT,
            NULLIFIER,
            STATEMENT,
            TRANSCRIPT_BLIND,
            TRANSCRIPT_BLINDED,
            BATCH,
            NOTE_CONSTANTS,
            NOTE_CHAIN,
            STATE_CHAIN,
            CYCLEFOLD,
            STEPS,
            TRANSCRIPT_AUGMENTED,
            TRANSCRIPT_CYCLEFOLD,
            DATA,
            PERMUTATION,
            DECIDER,
        ];
        let distinct: BTreeSet<_> = all
            .iter()
            .map(|t| crate::curves::to_be_bytes(&tag(t)))
            .collect();
        assert_eq!(distinct.len(), all.len());
    }
}
