//! Gadgets over Fr that the decider's circuit shares with those of the chains: nothing is written twice.

pub use crate::{
    augmented::gadgets::{Challenge, chain, challenge, in_range, start, tag},
    poseidon::{Wire, hash_gadget},
    tree::{open_node, replace_child},
};
