//! The clauses of the note-step relation R_N: one name each, everywhere.

use std::fmt;

/// A clause of R_N, in the order of the relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// STEP-1: both inputs are locked to the key that spends.
    KeyOwnership,
    /// STEP-2: input commitments open to the input notes.
    InputCommitmentIntegrity,
    /// STEP-3: inputs of value are leaves under the anchor.
    MembershipAtAnchor,
    /// STEP-4: nullifiers are those of the inputs at their positions.
    NullifierIntegrity,
    /// STEP-5: output commitments open to the output notes.
    OutputCommitmentIntegrity,
    /// STEP-6: every amount that the step makes is below 2^64.
    ValueRange,
    /// STEP-7: what goes in comes out.
    Balance,
    /// STEP-8: the two nullifiers differ.
    DistinctNullifiers,
    /// STEP-9: the public input is the hash of the statement.
    StatementHash,
}

impl Clause {
    /// All clauses in order.
    pub const ALL: [Self; 9] = [
        Self::KeyOwnership,
        Self::InputCommitmentIntegrity,
        Self::MembershipAtAnchor,
        Self::NullifierIntegrity,
        Self::OutputCommitmentIntegrity,
        Self::ValueRange,
        Self::Balance,
        Self::DistinctNullifiers,
        Self::StatementHash,
    ];

    /// The name in the spec, the native check, the circuit's namespaces and the tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyOwnership => "key ownership",
            Self::InputCommitmentIntegrity => "input commitment integrity",
            Self::MembershipAtAnchor => "membership at anchor",
            Self::NullifierIntegrity => "nullifier integrity",
            Self::OutputCommitmentIntegrity => "output commitment integrity",
            Self::ValueRange => "value range",
            Self::Balance => "balance",
            Self::DistinctNullifiers => "distinct nullifiers",
            Self::StatementHash => "statement hash",
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
