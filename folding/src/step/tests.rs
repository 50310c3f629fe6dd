//! Tests of the step: the relation, the proof, its bytes, and what they give away.

mod builder;
mod clauses;
mod encoding;
mod pins;
mod proof;
mod zero_knowledge;
