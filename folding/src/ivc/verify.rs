//! The native verifier: IVC-1 to IVC-3.

use super::{ChainProof, FoldingParams, IvcProof, note_chain::note_constants};
use crate::{
    augmented::{BatchConstants, augmented_digest, cyclefold_digest, note_hash, state_hash},
    curves::{Commitment, Fr, R1CSShape, RelaxedR1CSInstance},
    cyclefold::{CycleFoldError, MAX_STEPS},
    joint::JointWitness,
    relaxed::{RelaxedError, RelaxedR1CSWitness, check_relaxed, concat_z, error_term},
    transcript::challenge,
};

/// What a finished proof is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IvcStatement {
    /// K_S, but for the digest of U_C, which is the proof's.
    pub constants: BatchConstants,
    /// n.
    pub steps: u64,
    /// The nullifier root after all redirections.
    pub nullifier_root: Fr,
    /// h_n.
    pub data_digest: Fr,
    /// p.
    pub fingerprint: Fr,
}

/// Which of the two chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainName {
    /// F_N.
    Notes,
    /// F_S.
    State,
}

impl std::fmt::Display for ChainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Notes => "note chain",
            Self::State => "state chain",
        })
    }
}

/// Why a proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IvcError {
    /// A number of steps that no batch has.
    #[error("expected 1 to {MAX_STEPS} steps, got {got}")]
    Steps {
        /// Steps claimed.
        got: u64,
    },
    /// The chain ends with another nullifier root.
    #[error(
        "expected the nullifier root that the statement's links start from, got another in the proof"
    )]
    NullifierRoot,
    /// The chain ends with another data digest.
    #[error("expected the data digest of the statement, got another in the proof")]
    DataDigest,
    /// The chain ends with another fingerprint.
    #[error("expected the fingerprint of the published data, got another in the proof")]
    Fingerprint,
    /// Leaves were appended that no redirection leads to.
    #[error(
        "expected the appended leaves to be those that redirections lead to, got another product"
    )]
    Permutation,
    /// The witness of a chain has another length.
    #[error("witness of the {chain}: expected {expected} elements, got {got}")]
    Length {
        /// Which chain.
        chain: ChainName,
        /// Private variables of its circuit.
        expected: usize,
        /// Elements given.
        got: usize,
    },
    /// The witness of a chain does not open its last fold: the statement, the fold or the relation is another.
    #[error(
        "{chain}: expected the witness and the error term that follows from it to open the last fold, got another commitment"
    )]
    Chain {
        /// Which chain.
        chain: ChainName,
    },
    /// U_N is not satisfied.
    #[error("note accumulator: {0}")]
    Notes(#[source] RelaxedError),
    /// U_C is not satisfied.
    #[error("CycleFold accumulator: {0}")]
    CycleFold(#[from] CycleFoldError),
}

/// Verifies a finished proof. Total on any decoded input.
///
/// Error terms are not part of a proof: with u, X and W there is one E that satisfies a relation, and the commitment
/// says whether it is the committed one. So every relation is checked by an opening.
///
/// # Errors
///
/// [`IvcError`].
pub fn verify(
    params: &FoldingParams,
    statement: &IvcStatement,
    proof: &IvcProof,
) -> Result<(), IvcError> {
    if !(1..=MAX_STEPS).contains(&statement.steps) {
        return Err(IvcError::Steps {
            got: statement.steps,
        });
    }
    let z = &proof.state;
    if z.nullifier_root != statement.nullifier_root {
        return Err(IvcError::NullifierRoot);
    }
    if z.data_digest != statement.data_digest {
        return Err(IvcError::DataDigest);
    }
    if z.fingerprint != statement.fingerprint {
        return Err(IvcError::Fingerprint);
    }
    if z.appended != z.redirected {
        return Err(IvcError::Permutation);
    }
    let (chains, (notes, cyclefold)) = rayon::join(
        || check_chains(params, statement, proof),
        || {
            let notes = check_notes(params, &proof.notes, proof);
            let cyclefold = params
                .cyclefold()
                .check(&proof.cyclefold, &proof.w_cyclefold);
            (notes, cyclefold)
        },
    );
    chains?;
    notes.map_err(IvcError::Notes)?;
    cyclefold?;
    Ok(())
}

/// IVC-1, for both chains. They are linked by the digest of U_C, where one ends and the other starts, by the chain over
/// the steps' statement hashes, and by the number of steps.
fn check_chains(
    params: &FoldingParams,
    statement: &IvcStatement,
    proof: &IvcProof,
) -> Result<(), IvcError> {
    let constants = BatchConstants {
        cyclefold_start: proof.cyclefold_start,
        ..statement.constants
    };
    let x = note_hash(
        note_constants(params).digest(),
        statement.steps,
        &proof.state.steps_digest,
        &proof.note_chain.augmented,
        &proof.notes,
        &proof.cyclefold_start,
    );
    let shape = params.note_shape();
    check_chain(params, (ChainName::Notes, shape), &x, &proof.note_chain)?;
    let x = state_hash(
        constants.digest(),
        statement.steps,
        &proof.state,
        &proof.state_chain.augmented,
        &cyclefold_digest(&proof.cyclefold),
    );
    let shape = params.state_shape();
    check_chain(params, (ChainName::State, shape), &x, &proof.state_chain)
}

/// IVC-1: the last public value x binds n, the chain's state and the accumulators; its instance folded into U_A
/// satisfies the chain's circuit.
fn check_chain(
    params: &FoldingParams,
    (chain, shape): (ChainName, &R1CSShape),
    x: &Fr,
    proof: &ChainProof,
) -> Result<(), IvcError> {
    let expected = shape.num_vars();
    if proof.w.len() != expected {
        return Err(IvcError::Length {
            chain,
            expected,
            got: proof.w.len(),
        });
    }
    let r = challenge(&augmented_digest(x, &proof.comm_last));
    let comm = proof.comm_last * r + proof.augmented.comm;
    let (u, x) = (proof.augmented.u + r, proof.augmented.x + r * x);
    let witness = JointWitness::from_w(shape, proof.w.clone(), u, &[x]);
    // U_A started with blinding one, and fresh instances have none.
    let opened = params.step().key().commit(&witness.vector(), &Fr::one());
    if opened != Commitment::new(comm) {
        return Err(IvcError::Chain { chain });
    }
    Ok(())
}

/// IVC-2: U_N satisfies R_N.
fn check_notes(
    params: &FoldingParams,
    instance: &RelaxedR1CSInstance,
    proof: &IvcProof,
) -> Result<(), RelaxedError> {
    let shape = params.step().shape();
    if proof.w_notes.len() != shape.num_vars() || instance.X().len() != shape.num_io() {
        return Err(RelaxedError::Length {
            what: "W",
            expected: shape.num_vars(),
            got: proof.w_notes.len(),
        });
    }
    let u = instance.u();
    let e = error_term(shape, &concat_z(&proof.w_notes, u, instance.X()), &u);
    let witness = RelaxedR1CSWitness {
        w: proof.w_notes.clone(),
        r_w: proof.r_w,
        e,
        r_e: proof.r_e,
    };
    check_relaxed(shape, params.step().key(), instance, &witness)
}
