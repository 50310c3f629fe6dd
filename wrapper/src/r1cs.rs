//! Circuits of the one front end as matrices and assignments.
//!
//! - `collector`: constraints as rows, for setup and for circuits inside the decider's
//! - `assignment`: the values alone, for proving
//! - `relation`: a circuit's matrices over z = (W, u, X), to be checked inside another circuit

mod assignment;
mod collector;
mod relation;

pub use assignment::Assignment;
pub use collector::{Collector, collected};
pub use relation::Relation;
