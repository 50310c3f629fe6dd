//! The clauses of R_N, natively: same names, same order, same verdict as the circuit.

use super::{Clause, StatementHash, StepAssignment, statement::statement_hash};
use crate::{
    curves::{Fr, to_be_bytes},
    domain,
    note::{self, NoteCommitment, Nullifier},
    poseidon,
    tree::Anchor,
};
use ff::{Field, PrimeField};
use std::fmt;

/// An amount that may be any field element, shown as a number where it is one of 128 bits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Amount(pub Fr);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = to_be_bytes(&self.0);
        let (high, low) = bytes.split_at(16);
        if high.iter().all(|byte| *byte == 0) {
            let low = low.try_into().expect("invariant: sixteen bytes");
            u128::from_be_bytes(low).fmt(f)
        } else {
            write!(f, "0x{}", hex::encode(bytes))
        }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first clause that an assignment breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClauseViolation {
    /// STEP-1.
    #[error("key ownership: expected input {input} to be owned by 0x{expected}, got 0x{got}")]
    KeyOwnership {
        /// Which input.
        input: usize,
        /// Owner key of the spending key.
        expected: String,
        /// Owner key in the note.
        got: String,
    },
    /// STEP-2.
    #[error(
        "input commitment integrity: expected input {input} to have commitment {expected}, got {got}"
    )]
    InputCommitment {
        /// Which input.
        input: usize,
        /// Commitment of the note.
        expected: NoteCommitment,
        /// Commitment claimed.
        got: NoteCommitment,
    },
    /// STEP-3.
    #[error(
        "membership at anchor: expected the path of input {input} to lead to {expected}, got {got}"
    )]
    Membership {
        /// Which input.
        input: usize,
        /// The anchor.
        expected: Anchor,
        /// Where the path leads.
        got: Anchor,
    },
    /// STEP-4.
    #[error("nullifier integrity: expected input {input} to have nullifier {expected}, got {got}")]
    Nullifier {
        /// Which input.
        input: usize,
        /// Nullifier of the note at its position.
        expected: Nullifier,
        /// Nullifier claimed.
        got: Nullifier,
    },
    /// STEP-5.
    #[error(
        "output commitment integrity: expected output {output} to have commitment {expected}, got {got}"
    )]
    OutputCommitment {
        /// Which output.
        output: usize,
        /// Commitment of the note.
        expected: NoteCommitment,
        /// Commitment claimed.
        got: NoteCommitment,
    },
    /// STEP-6.
    #[error("value range: expected {what} below 2^64, got {got}")]
    ValueRange {
        /// Which amount.
        what: &'static str,
        /// The amount.
        got: Amount,
    },
    /// STEP-7.
    #[error(
        "balance: expected outputs, withdrawal and fee to be {inputs}, as inputs and deposit are, got {outputs}"
    )]
    Balance {
        /// Inputs and deposit.
        inputs: Amount,
        /// Outputs, withdrawal and fee.
        outputs: Amount,
    },
    /// STEP-8.
    #[error("distinct nullifiers: expected two nullifiers, got {nullifier} twice")]
    DistinctNullifiers {
        /// The repeated nullifier.
        nullifier: Nullifier,
    },
    /// STEP-9.
    #[error("statement hash: expected {expected}, got {got}")]
    StatementHash {
        /// Hash of the statement.
        expected: StatementHash,
        /// Public input.
        got: StatementHash,
    },
}

impl ClauseViolation {
    /// The clause that is broken.
    #[must_use]
    pub fn clause(&self) -> Clause {
        match self {
            Self::KeyOwnership { .. } => Clause::KeyOwnership,
            Self::InputCommitment { .. } => Clause::InputCommitmentIntegrity,
            Self::Membership { .. } => Clause::MembershipAtAnchor,
            Self::Nullifier { .. } => Clause::NullifierIntegrity,
            Self::OutputCommitment { .. } => Clause::OutputCommitmentIntegrity,
            Self::ValueRange { .. } => Clause::ValueRange,
            Self::Balance { .. } => Clause::Balance,
            Self::DistinctNullifiers { .. } => Clause::DistinctNullifiers,
            Self::StatementHash { .. } => Clause::StatementHash,
        }
    }
}

/// Amounts that STEP-6 bounds. Inputs are not among them: a note in the tree was an output of a step and bounded
/// there, and an input that is not in the tree has value zero by STEP-3.
pub(super) fn ranged(a: &StepAssignment) -> [(&'static str, Fr); 5] {
    [
        ("output 0", a.outputs[0].value),
        ("output 1", a.outputs[1].value),
        ("public amount in", a.public_in),
        ("public amount out", a.public_out),
        ("fee", a.fee),
    ]
}

/// Checks an assignment clause by clause.
///
/// # Errors
///
/// The first [`ClauseViolation`].
pub fn check(a: &StepAssignment) -> Result<(), ClauseViolation> {
    // STEP-1 key ownership
    let nk = poseidon::hash(&[domain::tag(domain::NULLIFIER_KEY), a.sk]);
    let owner = poseidon::hash(&[domain::tag(domain::OWNER_KEY), nk]);
    for (input, note) in a.inputs.iter().enumerate() {
        if note.owner != owner {
            let [expected, got] = [owner, note.owner].map(|key| hex::encode(to_be_bytes(&key)));
            return Err(ClauseViolation::KeyOwnership {
                input,
                expected,
                got,
            });
        }
    }

    // STEP-2 input commitment integrity
    for (input, note) in a.inputs.iter().enumerate() {
        let expected = note::commitment(note.value, a.asset, note.owner, note.rho);
        if note.commitment != expected {
            return Err(ClauseViolation::InputCommitment {
                input,
                expected: NoteCommitment(expected),
                got: NoteCommitment(note.commitment),
            });
        }
    }

    // STEP-3 membership at anchor
    for (input, note) in a.inputs.iter().enumerate() {
        let root = note.path.root(note.commitment);
        if note.value != Fr::ZERO && root != a.anchor {
            return Err(ClauseViolation::Membership {
                input,
                expected: Anchor(a.anchor),
                got: Anchor(root),
            });
        }
    }

    // STEP-4 nullifier integrity
    for (input, note) in a.inputs.iter().enumerate() {
        let position = Fr::from(u64::from(note.path.position));
        let expected = note::nullifier(nk, note.commitment, position);
        if note.nullifier != expected {
            return Err(ClauseViolation::Nullifier {
                input,
                expected: Nullifier(expected),
                got: Nullifier(note.nullifier),
            });
        }
    }

    // STEP-5 output commitment integrity
    for (output, note) in a.outputs.iter().enumerate() {
        let expected = note::commitment(note.value, a.asset, note.owner, note.rho);
        if note.commitment != expected {
            return Err(ClauseViolation::OutputCommitment {
                output,
                expected: NoteCommitment(expected),
                got: NoteCommitment(note.commitment),
            });
        }
    }

    // STEP-6 value range
    for (what, value) in ranged(a) {
        if value.to_repr().as_ref()[8..].iter().any(|byte| *byte != 0) {
            return Err(ClauseViolation::ValueRange {
                what,
                got: Amount(value),
            });
        }
    }

    // STEP-7 balance
    let inputs = a.inputs[0].value + a.inputs[1].value + a.public_in;
    let outputs = a.outputs[0].value + a.outputs[1].value + a.public_out + a.fee;
    if inputs != outputs {
        return Err(ClauseViolation::Balance {
            inputs: Amount(inputs),
            outputs: Amount(outputs),
        });
    }

    // STEP-8 distinct nullifiers
    if a.inputs[0].nullifier == a.inputs[1].nullifier {
        return Err(ClauseViolation::DistinctNullifiers {
            nullifier: Nullifier(a.inputs[0].nullifier),
        });
    }

    // STEP-9 statement hash
    let expected = statement_hash(&a.statement_elements());
    if a.x != expected {
        return Err(ClauseViolation::StatementHash {
            expected: StatementHash(expected),
            got: StatementHash(a.x),
        });
    }
    Ok(())
}
