//! Relaxed R1CS over Fr: `Az ∘ Bz = u·Cz + E` with z = (W, u, X), and the pairs that satisfy it.
//!
//! Nova (eprint 2021/370), definition 11. Instances are nova-snark's; the witness is ours, because the blindings must be
//! chosen, read and wiped here.

use crate::{
    commitment_key::CommitmentKey,
    curves::{Fr, R1CSShape, RelaxedR1CSInstance},
    secret::SecretScalars,
};
use rayon::prelude::*;

/// A witness of a relaxed instance.
#[derive(Clone, PartialEq, Eq)]
pub struct RelaxedR1CSWitness {
    /// W, one element per private variable.
    pub w: Vec<Fr>,
    /// Blinding of the commitment to W.
    pub r_w: Fr,
    /// E, one element per constraint.
    pub e: Vec<Fr>,
    /// Blinding of the commitment to E.
    pub r_e: Fr,
}

impl std::fmt::Debug for RelaxedR1CSWitness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RelaxedR1CSWitness({} variables)", self.w.len())
    }
}

/// Why a pair does not satisfy the relaxed relation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelaxedError {
    /// A vector is not as long as the shape says.
    #[error("{what}: expected {expected} elements, got {got}")]
    Length {
        /// Which vector.
        what: &'static str,
        /// Length of the shape.
        expected: usize,
        /// Length given.
        got: usize,
    },
    /// A row of the relation fails.
    #[error("expected Az∘Bz = u·Cz + E in every row, got another value in row {row} of {rows}")]
    Relation {
        /// The first row that fails.
        row: usize,
        /// Rows of the shape.
        rows: usize,
    },
    /// W with its blinding opens another commitment.
    #[error("expected the witness to open comm_W, got another commitment")]
    WitnessCommitment,
    /// E with its blinding opens another commitment.
    #[error("expected the error term to open comm_E, got another commitment")]
    ErrorCommitment,
}

/// Checks a pair: lengths, every row, both openings. Total on any input.
///
/// # Errors
///
/// The first [`RelaxedError`].
pub fn check_relaxed(
    shape: &R1CSShape,
    key: &CommitmentKey,
    instance: &RelaxedR1CSInstance,
    witness: &RelaxedR1CSWitness,
) -> Result<(), RelaxedError> {
    let lengths = [
        ("W", shape.num_vars(), witness.w.len()),
        ("E", shape.num_cons(), witness.e.len()),
        ("X", shape.num_io(), instance.X().len()),
    ];
    for (what, expected, got) in lengths {
        if expected != got {
            return Err(RelaxedError::Length {
                what,
                expected,
                got,
            });
        }
    }
    let u = instance.u();
    let error = error_term(shape, &concat_z(&witness.w, u, instance.X()), &u);
    let failed = error
        .par_iter()
        .zip(&witness.e)
        .position_first(|(expected, got)| expected != got);
    if let Some(row) = failed {
        return Err(RelaxedError::Relation {
            row,
            rows: shape.num_cons(),
        });
    }
    let (comm_w, comm_e) = rayon::join(
        || key.commit(&witness.w, &witness.r_w),
        || key.commit(&witness.e, &witness.r_e),
    );
    if comm_w != *instance.comm_W() {
        return Err(RelaxedError::WitnessCommitment);
    }
    if comm_e != *instance.comm_E() {
        return Err(RelaxedError::ErrorCommitment);
    }
    Ok(())
}

/// z = (W, u, X).
pub(crate) fn concat_z(w: &[Fr], u: Fr, x: &[Fr]) -> Vec<Fr> {
    let mut z = Vec::with_capacity(w.len() + 1 + x.len());
    z.extend_from_slice(w);
    z.push(u);
    z.extend_from_slice(x);
    z
}

/// `E = Az∘Bz − u·Cz`: the only error vector with which z satisfies the relation. Products are wiped: z may be secret.
pub(crate) fn error_term(shape: &R1CSShape, z: &[Fr], u: &Fr) -> Vec<Fr> {
    let (az, bz, cz) = shape
        .multiply_vec(z)
        .expect("invariant: z has one element per column of the shape");
    let [az, bz, cz] = [az, bz, cz].map(SecretScalars::new);
    az.iter()
        .zip(bz.iter())
        .zip(cz.iter())
        .map(|((a, b), c)| *a * *b - *u * *c)
        .collect()
}

/// `T = Az∘Bz − u·Cz − Σ E_i` of the sum z = z₁ + z₂ of two pairs, less the error terms that either has: the cross term of
/// their fold by one product (Mova, eprint 2024/1220, section 5.2).
pub(crate) fn cross_term(shape: &R1CSShape, sum: &[Fr], errors: &[&[Fr]]) -> Vec<Fr> {
    let mut t = error_term(shape, sum, &sum[shape.num_vars()]);
    for error in errors {
        t.par_iter_mut().zip(*error).for_each(|(t, e)| *t -= *e);
    }
    t
}
