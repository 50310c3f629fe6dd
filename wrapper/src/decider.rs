//! The decider's circuit: a proven batch is valid. Eight numbered checks, one file each, as in `specs/decider.md`.
//!
//! ```text
//! first round, all committed:  claims ─ W of both chains and of U_N ─ digits and buckets of U_C ─► D ─► c
//! second round:                polynomials at c, look-ups, v = Σ public_k·c^k, y
//! ```
//!
//! 1. `accumulators`: the last public values are the hashes of the accumulators
//! 2. `last_fold`: both last folds
//! 3. `chains`: U_A of both chains satisfies F_N, F_S
//! 4. `notes`: U_N satisfies R_N
//! 5. `cyclefold`: U_C satisfies its relation over Fq
//! 6. `pedersen`: U_C's commitment on Grumpkin
//! 7. `evaluations`: the four polynomials at c
//! 8. `binding`: state, history, data, and the list of public values
//!
//! A wire is either committed, or determined by committed ones (and by c): nothing that meets c is free after it.

mod accumulators;
mod append;
mod binding;
mod buckets;
mod chains;
mod challenges;
mod circuit;
mod claims;
mod cyclefold;
mod evaluations;
mod input;
mod integer;
mod last_fold;
mod notes;
mod pedersen;
mod polynomial;
mod round;
#[cfg(test)]
mod tests;

pub use circuit::{Decider, DeciderAssignment, Synthesized};
pub use evaluations::{SHIFT_BITS, polynomials};
pub use input::DeciderInput;

/// The checks, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// DEC-1.
    Accumulators,
    /// DEC-2.
    LastFold,
    /// DEC-3.
    Chains,
    /// DEC-4.
    Notes,
    /// DEC-5.
    CycleFold,
    /// DEC-6.
    Pedersen,
    /// DEC-7.
    Evaluations,
    /// DEC-8.
    Binding,
}

impl Check {
    /// All of them, in order.
    pub const ALL: [Self; 8] = [
        Self::Accumulators,
        Self::LastFold,
        Self::Chains,
        Self::Notes,
        Self::CycleFold,
        Self::Pedersen,
        Self::Evaluations,
        Self::Binding,
    ];

    /// The name in the spec, the circuit's namespaces and the tests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accumulators => "accumulators",
            Self::LastFold => "last fold",
            Self::Chains => "chains",
            Self::Notes => "notes",
            Self::CycleFold => "cyclefold",
            Self::Pedersen => "pedersen",
            Self::Evaluations => "evaluations",
            Self::Binding => "binding",
        }
    }
}
