//! What tests and benchmarks share: a constraint system that names what fails, and a small world of wallets and notes.

mod library;
mod named_cs;
mod scenario;
mod single_proof;

pub use library::{curve_library_msm, library_key, library_msm, random_scalar};
pub use named_cs::{NamedCs, NamedCsOver};
pub use scenario::{
    Scenario, checked, development_folding_params, development_params, note_step_constraints,
};
pub use single_proof::SingleProof;
