//! CycleFold: a fold's group operation `R = P + r·Q` on G1, as R1CS over Fq where G1's coordinates are native.
//!
//! Kothapalli, Setty, "CycleFold" (eprint 2023/1192). An aggregator's circuit over Fr delegates each operation to an
//! instance of this circuit, committed on Grumpkin. Spec: `specs/cyclefold.md`.

mod accumulator;
mod circuit;
#[cfg(test)]
mod tests;

pub use accumulator::{
    CycleFoldError, CycleFoldInstance, CycleFoldPair, CycleFoldParams, CycleFoldStep,
    GrumpkinPoint, MAX_STEPS, NOTE_OPERATIONS, OPERATIONS, RUNNING_LIMB_BITS, X_LIMBS,
    operation_limbs, start_point,
};
pub use circuit::{CycleFoldClause, synthesize};

use crate::{
    curves::{Fq, Fr, G1, G1Affine},
    transcript::CHALLENGE_BITS,
};
use ff::PrimeField;
use halo2curves::{
    CurveAffine,
    group::{Curve, prime::PrimeCurveAffine},
};

/// Public inputs of the circuit: r, P, Q, R, coordinates x before y.
pub const PUBLIC_INPUTS: usize = 7;

/// One group operation: what an instance of the circuit states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupOperation {
    r: [u8; CHALLENGE_BITS / 8],
    running: G1Affine,
    incoming: G1Affine,
    result: G1Affine,
}

/// Inputs that the circuit has no witness for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupOperationError {
    /// r is not a challenge.
    #[error("expected an odd challenge of exactly 128 bits, got another scalar")]
    Challenge,
    /// P or Q is infinity or off the curve.
    #[error("{point}: expected a point of BN254 G1 other than infinity")]
    Point {
        /// Which point.
        point: &'static str,
    },
    /// P = r·Q or P = −r·Q.
    #[error("expected P other than ±r·Q, for which a sum of two points has no chord")]
    Degenerate,
}

impl GroupOperation {
    /// `running + r·incoming`.
    ///
    /// # Errors
    ///
    /// [`GroupOperationError`]. With r a random oracle's answer to P and Q, [`GroupOperationError::Degenerate`] has
    /// probability 2^−125, for adversarial P and Q as well.
    pub fn new(running: G1Affine, incoming: G1Affine, r: &Fr) -> Result<Self, GroupOperationError> {
        for (point, name) in [(&running, "running point"), (&incoming, "incoming point")] {
            if bool::from(point.is_identity()) || !bool::from(point.is_on_curve()) {
                return Err(GroupOperationError::Point { point: name });
            }
        }
        let repr: [u8; 32] = r.to_repr().into();
        let (low, high) = repr.split_at(CHALLENGE_BITS / 8);
        let low: [u8; CHALLENGE_BITS / 8] = low.try_into().expect("invariant: sixteen bytes");
        if high.iter().any(|byte| *byte != 0) || low[0] & 1 == 0 || low[15] >> 7 == 0 {
            return Err(GroupOperationError::Challenge);
        }
        let multiple = (incoming * r).to_affine();
        if multiple.x == running.x {
            return Err(GroupOperationError::Degenerate);
        }
        let result = (G1::from(running) + multiple).to_affine();
        Ok(Self {
            r: low,
            running,
            incoming,
            result,
        })
    }

    /// The same with a false result.
    #[cfg(test)]
    pub(crate) fn with_result(self, result: G1Affine) -> Self {
        Self { result, ..self }
    }

    /// The same with a false Q.
    #[cfg(test)]
    pub(crate) fn with_incoming(self, incoming: G1Affine) -> Self {
        Self { incoming, ..self }
    }

    /// P.
    #[must_use]
    pub fn running(&self) -> &G1Affine {
        &self.running
    }

    /// Q.
    #[must_use]
    pub fn incoming(&self) -> &G1Affine {
        &self.incoming
    }

    /// R.
    #[must_use]
    pub fn result(&self) -> &G1Affine {
        &self.result
    }

    /// r, P.x, P.y, Q.x, Q.y, R.x, R.y.
    #[must_use]
    pub fn public_inputs(&self) -> [Fq; PUBLIC_INPUTS] {
        let mut repr = [0u8; 32];
        repr[..CHALLENGE_BITS / 8].copy_from_slice(&self.r);
        let r = Fq::from_repr(repr.into()).expect("invariant: 128 bits are below q");
        let [p, q, s] = [&self.running, &self.incoming, &self.result];
        [r, p.x, p.y, q.x, q.y, s.x, s.y]
    }

    fn bit(&self, index: usize) -> bool {
        (self.r[index / 8] >> (index % 8)) & 1 == 1
    }
}
