//! Circuits of the one front end as matrices and assignments.
//!
//! - `collector`: constraints as rows, for setup and for circuits inside the decider's
//! - `relation`: a circuit's matrices over z = (W, u, X), to be checked inside another circuit

mod collector;
mod relation;

pub use collector::{Collector, assigned, collected};
pub use relation::Relation;
