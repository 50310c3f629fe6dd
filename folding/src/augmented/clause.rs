//! The clauses of the two augmented circuits: one name each, everywhere.

/// A clause of F_N, the circuit of the note chain, or of F_S, that of the state chain. Where both have one it is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AugmentedClause {
    /// AUG-1, both: at i = 0 every accumulator and z are at their start.
    Start,
    /// AUG-2, both: the public value of the previous step binds everything that comes in.
    PreviousHash,
    /// AUG-3, both: every point that enters is made of limbs in range.
    PointLimbs,
    /// AUG-4, F_N: the note step is folded into U_N.
    NoteFold,
    /// AUG-5, both: the previous step is folded into U_A.
    AugmentedFold,
    /// AUG-6, both: every group operation is folded into U_C.
    GroupOperations,
    /// AUG-7, F_S: x is the hash of the step's public data, and the step is of this deployment.
    StatementHash,
    /// AUG-8, F_S: the anchor is in the ring.
    AnchorInRing,
    /// AUG-9, F_S: two leaves of the old list are pointed at two values in their gaps.
    Redirections,
    /// AUG-10, F_S: the leaves of this step's nullifiers are in the new nullifier tree, at the next positions.
    NullifiersAppended,
    /// AUG-11, F_S: this step's commitments are in the new note tree, at the next positions.
    NotesAppended,
    /// AUG-12, F_S: the leaves that were appended are those that redirections lead to.
    Permutation,
    /// AUG-13, F_S: what is published goes into the data digest.
    DataDigest,
    /// AUG-14, F_S: what is published goes into the fingerprint.
    Fingerprint,
    /// AUG-15, both: the step's x goes into the chain that links F_N and F_S.
    StepChain,
    /// AUG-16, both: the public value binds everything that goes out.
    NextHash,
}

impl AugmentedClause {
    /// All clauses in order.
    pub const ALL: [Self; 16] = [
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
        Self::StepChain,
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
            Self::StepChain => "step chain",
            Self::NextHash => "next hash",
        }
    }
}

impl std::fmt::Display for AugmentedClause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
