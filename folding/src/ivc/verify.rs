//! The native verifier: IVC-1 to IVC-3.

use super::{FoldingParams, IvcProof};
use crate::{
    augmented::{BatchConstants, augmented_digest, public_hash},
    curves::{Commitment, Fr, RelaxedR1CSInstance},
    cyclefold::{CycleFoldError, MAX_STEPS},
    joint::JointWitness,
    relaxed::{RelaxedError, RelaxedR1CSWitness, check_relaxed, concat_z, error_term},
    transcript::challenge,
};

/// What a finished proof is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IvcStatement {
    /// K.
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
    /// The witness of F′ has another length.
    #[error("witness of F′: expected {expected} elements, got {got}")]
    Length {
        /// Private variables of F′.
        expected: usize,
        /// Elements given.
        got: usize,
    },
    /// The witness of F′ does not open the folded instance: the statement, the last fold or the relation is another.
    #[error(
        "expected the witness of F′ and the error term that follows from it to open the last fold, got another commitment"
    )]
    Augmented,
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
    let expected = params.shape().num_vars();
    if proof.w_augmented.len() != expected {
        return Err(IvcError::Length {
            expected,
            got: proof.w_augmented.len(),
        });
    }
    let (augmented, (notes, cyclefold)) = rayon::join(
        || check_augmented(params, statement, proof),
        || {
            let notes = check_notes(params, &proof.notes, proof);
            let cyclefold = params
                .cyclefold()
                .check(&proof.cyclefold, &proof.w_cyclefold);
            (notes, cyclefold)
        },
    );
    augmented?;
    notes.map_err(IvcError::Notes)?;
    cyclefold?;
    Ok(())
}

/// IVC-1: the last public value binds n, z_n and the accumulators; its instance folded into U_A satisfies F′.
fn check_augmented(
    params: &FoldingParams,
    statement: &IvcStatement,
    proof: &IvcProof,
) -> Result<(), IvcError> {
    let x = public_hash(
        statement.constants.digest(),
        statement.steps,
        &proof.state,
        &proof.augmented,
        &proof.notes,
        &proof.cyclefold,
    );
    let r = challenge(&augmented_digest(&x, &proof.comm_last));
    let comm = proof.comm_last * r + proof.augmented.comm;
    let (u, x) = (proof.augmented.u + r, proof.augmented.x + r * x);
    let witness = JointWitness::from_w(params.shape(), proof.w_augmented.clone(), u, &[x]);
    let key = params.step().key();
    // U_A started with blinding one, and fresh instances have none.
    let opened = key.commit(&witness.vector(), &Fr::one());
    if opened != Commitment::new(comm) {
        return Err(IvcError::Augmented);
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
