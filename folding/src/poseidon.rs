//! Poseidon over Fr with circomlib's parameters: notes, nullifiers and trees.
//!
//! Grassi, Khovratovich, Rechberger, Roy, Schofnegger, "Poseidon: A New Hash Function for Zero-Knowledge Proof
//! Systems" (eprint 2019/458): S-box x⁵, 8 full rounds, partial rounds as in table 8 for 128 bits. `t − 1` inputs go to
//! state elements 1…, element 0 starts at zero, and element 0 of the last state is the digest, exactly as circomlib
//! does, so that wallets and tools in other languages compute the same values.
//!
//! - `grain`: the parameter generator of the paper's appendix F;
//! - `params`: round constants and matrices in the sparse form of appendix B;
//! - `gadget`: the same permutation as constraints.

mod gadget;
mod grain;
mod params;
#[cfg(test)]
mod tests;

pub use gadget::{Wire, hash_gadget};
pub(crate) use params::{PoseidonParams, sbox};

use crate::curves::Fr;
use ff::Field;

/// The largest number of inputs of one call.
pub const MAX_INPUTS: usize = 16;

/// The digest of 1 to 16 elements.
///
/// # Panics
///
/// When the number of inputs is 0 or above [`MAX_INPUTS`]: widths are fixed by the protocol, never by a message.
#[must_use]
pub fn hash(inputs: &[Fr]) -> Fr {
    let params = PoseidonParams::for_inputs(inputs.len());
    let mut state = [Fr::ZERO; MAX_INPUTS + 1];
    let state = &mut state[..=inputs.len()];
    state[1..].copy_from_slice(inputs);
    params.permute(state);
    state[0]
}
