//! What tests and benchmarks share: a constraint system that names what fails.

mod named_cs;

pub use named_cs::NamedCs;
