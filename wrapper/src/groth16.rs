//! Groth16 over BN254 with a commitment round, for R1CS given as matrices.
//!
//! Groth, "On the Size of Pairing-Based Non-interactive Arguments" (eprint 2016/260), and the commitment of gnark (Belling,
//! Soleimanian, Bégassat, "Recursion over Public-Coin Interactive Proof Systems", eprint 2022/1072):
//!
//! ```text
//! z = (1, public, committed, private)
//! D   = Σ committed_j·Γ_j + v·[η]₁           Γ_j = [L_j(τ)]₁          first round
//! PoK = σ·D                                                             shows that D is made of the Γ_j alone
//! c                                          a public input, drawn after D
//! A, B, C                                    C without v·[η/δ]₁         second round
//!
//! e(A, B) = e(α, β)·e(IC(public) + D, G₂)·e(C, δ)       e(D, σ) = e(PoK, G₂)
//! ```
//!
//! There is no γ (Bowe, Gabizon, Miers, "Scalable Multi-party Computation for zk-SNARK Parameters in the Random Beacon Model",
//! eprint 2017/1050, section 6): its pairing joins the one with G₂. GROTH-4 argues that the commitment does not need it either.
//!
//! - `matrices`: R1CS with its wires split in three
//! - `setup`, `key`: keys from toxic waste, and their encoding
//! - `prove`, `verify`: the two rounds, and the two equations

mod key;
mod matrices;
mod prove;
mod setup;
#[cfg(test)]
mod tests;
mod verify;

pub use key::{KeyDecodeError, ProvingKey, Query, VerifyingKey};
pub use matrices::{Matrices, SparseMatrix};
pub use prove::{Committed, PhaseTimes, ProveError, commit, prove};
pub use setup::{SetupError, ToxicWaste, setup};
pub use verify::{VerifyError, verify};

use ark_bn254::{G1Affine, G2Affine};

/// A proof: six points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// A.
    pub a: G1Affine,
    /// B.
    pub b: G2Affine,
    /// C.
    pub c: G1Affine,
    /// D: the commitment to the committed wires.
    pub d: G1Affine,
    /// The proof of knowledge of D.
    pub pok: G1Affine,
}
