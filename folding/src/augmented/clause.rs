//! The clauses of the augmented circuit: one name each, everywhere.

/// A clause of F′, in the order of the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AugmentedClause {
    /// AUG-1: at i = 0 every accumulator and z are at their start.
    Start,
    /// AUG-2: the public value of the previous step binds everything that comes in.
    PreviousHash,
    /// AUG-3: every point that enters is made of limbs in range.
    PointLimbs,
    /// AUG-4: the note step is folded into U_N.
    NoteFold,
    /// AUG-5: the previous step is folded into U_A.
    AugmentedFold,
    /// AUG-6: every group operation is folded into U_C.
    GroupOperations,
    /// AUG-7: x is the hash of the step's public data, and the step is of this deployment.
    StatementHash,
    /// AUG-8: the anchor is in the ring.
    AnchorInRing,
    /// AUG-9: two leaves of the old list are pointed at two values in their gaps.
    Redirections,
    /// AUG-10: the leaves of this step's nullifiers are in the new nullifier tree, at the next positions.
    NullifiersAppended,
    /// AUG-11: this step's commitments are in the new note tree, at the next positions.
    NotesAppended,
    /// AUG-12: the leaves that were appended are those that redirections lead to.
    Permutation,
    /// AUG-13: what is published goes into the data digest.
    DataDigest,
    /// AUG-14: what is published goes into the fingerprint.
    Fingerprint,
    /// AUG-15: the public value binds everything that goes out.
    NextHash,
}

impl AugmentedClause {
    /// All clauses in order.
    pub const ALL: [Self; 15] = [
        Self::Start,
        Self::PreviousHash,
        Self::PointLimbs,
        Self::NoteFold,
        Self::AugmentedFold,
        Self::GroupOperations,
        Self::StatementHash,
        Self::AnchorInRing,
        Self::Redirections,
        Self::NullifiersAppended,
        Self::NotesAppended,
        Self::Permutation,
        Self::DataDigest,
        Self::Fingerprint,
        Self::NextHash,
    ];

    /// The name in the spec, the circuit's namespaces and the tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::PreviousHash => "previous hash",
            Self::PointLimbs => "point limbs",
            Self::NoteFold => "note fold",
            Self::AugmentedFold => "augmented fold",
            Self::GroupOperations => "group operations",
            Self::StatementHash => "statement hash",
            Self::AnchorInRing => "anchor in ring",
            Self::Redirections => "redirections",
            Self::NullifiersAppended => "nullifiers appended",
            Self::NotesAppended => "notes appended",
            Self::Permutation => "permutation",
            Self::DataDigest => "data digest",
            Self::Fingerprint => "fingerprint",
            Self::NextHash => "next hash",
        }
    }
}

impl std::fmt::Display for AugmentedClause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
