//! The running CycleFold pair U_C, and the fold of a group operation into it.
//!
//! The public values of U_C are kept as integers that are never reduced modulo q: `x' = x + r·x_i` has coefficient one,
//! so a circuit over Fr adds `r·limb` to each limb and is done. A limb of an operation is below 2^85, r below 2^128, and a
//! batch has at most [`MAX_STEPS`] steps of [`OPERATIONS`] folds, so a limb stays below 2^232 (CYCLE-6).

use super::{GroupOperation, synthesize};
use crate::{
    curves::{E2, Fq, Fr},
    joint::JointWitness,
    msm::FixedBaseTable,
    transcript::{self, LIMB_BITS, LIMBS, Transcript, point_limbs},
};
use ff::{Field, PrimeField};
use halo2curves::{
    group::{Curve, prime::PrimeCurveAffine},
    grumpkin,
};
use nova_snark::{
    frontend::{
        ConstraintSystem, r1cs::NovaShape, shape_cs::ShapeCS, solver::SatisfyingAssignment,
    },
    provider::traits::DlogGroup,
    r1cs::R1CSShape,
};
use std::sync::OnceLock;

/// A point of Grumpkin.
pub type GrumpkinPoint = grumpkin::G1Affine;

/// Group operations of a step of the note chain: five of the note, one of the previous step.
pub const NOTE_OPERATIONS: usize = 6;
/// Group operations of a step of either chain.
pub const OPERATIONS: usize = NOTE_OPERATIONS + 1;
/// Steps of a batch at most.
pub const MAX_STEPS: u64 = 1 << 15;
/// Limbs of the public values: two of 64 bits for r, three for each of six coordinates.
pub const X_LIMBS: usize = 2 + 6 * LIMBS;
/// A bound on every limb of the running instance, in bits.
pub const RUNNING_LIMB_BITS: u32 = 232;

// Folds are 7·2^15 < 2^18, each adds less than 2^(128 + 85), and the start adds nothing: below 2^231.
const _: () = assert!(
    (OPERATIONS as u64) * MAX_STEPS < 1 << 18
        && 18 + 128 + (LIMB_BITS as u32) < RUNNING_LIMB_BITS
        && RUNNING_LIMB_BITS < Fr::NUM_BITS
);

const KEY_LABEL: &[u8] = b"notefold cyclefold key";
const START_LABEL: &[u8] = b"notefold cyclefold start";

/// Relation and Pedersen key of CycleFold instances. Bases are hashed to the curve: nobody knows a relation of them.
pub struct CycleFoldParams {
    shape: R1CSShape<E2>,
    bases: FixedBaseTable<GrumpkinPoint>,
}

/// U_C. The fresh side has u = 1, and W and E share a commitment ([`crate::joint`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleFoldInstance {
    /// commit(W ‖ E).
    pub comm: GrumpkinPoint,
    /// u, an integer.
    pub u: Fr,
    /// Limbs of the public values, integers, in the order of [`operation_limbs`].
    pub x: [Fr; X_LIMBS],
}

/// U_C with its witness. The commitment's blinding is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CycleFoldPair {
    /// The instance.
    pub instance: CycleFoldInstance,
    /// The witness.
    pub witness: JointWitness<Fq>,
}

/// Why a pair does not satisfy the CycleFold relation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CycleFoldError {
    /// A public integer is larger than a batch can make it.
    #[error("public value {index} of U_C: expected an integer below 2^{RUNNING_LIMB_BITS}")]
    Range {
        /// Which limb; u comes after the last.
        index: usize,
    },
    /// W is not as long as the circuit says.
    #[error("witness of U_C: expected {expected} elements, got {got}")]
    Length {
        /// Private variables of the circuit.
        expected: usize,
        /// Elements given.
        got: usize,
    },
    /// W, with the one E that fits, opens another commitment.
    #[error(
        "expected the witness of U_C and the error term that follows from it to open its commitment"
    )]
    Commitment,
}

impl CycleFoldInstance {
    /// The start: u and X zero, committed with blinding one.
    #[must_use]
    pub fn start() -> Self {
        Self {
            comm: start_point(),
            u: Fr::ZERO,
            x: [Fr::ZERO; X_LIMBS],
        }
    }

    /// u and X modulo q.
    #[must_use]
    pub fn reduced(&self) -> (Fq, Vec<Fq>) {
        let base = Fq::from(2).pow([LIMB_BITS as u64]);
        let mut x = vec![as_fq(&self.x[0]) + Fq::from(2).pow([64]) * as_fq(&self.x[1])];
        x.extend(self.x[2..].chunks_exact(LIMBS).map(|limbs| {
            limbs
                .iter()
                .rev()
                .fold(Fq::ZERO, |sum, limb| sum * base + as_fq(limb))
        }));
        (as_fq(&self.u), x)
    }
}

/// The blinding generator of Grumpkin commitments.
#[must_use]
pub fn start_point() -> GrumpkinPoint {
    static POINT: OnceLock<GrumpkinPoint> = OnceLock::new();
    *POINT.get_or_init(|| grumpkin::G1::from_label(START_LABEL, 1)[0])
}

/// An integer below q as an element of Fq; what is larger is refused before it matters.
fn as_fq(value: &Fr) -> Fq {
    Fq::from_repr(value.to_repr()).unwrap_or(Fq::ZERO)
}

/// Public values as limbs: r in halves of 64 bits, then x and y of P, Q and R in limbs of 85, 85, 84 bits.
#[must_use]
pub fn operation_limbs(operation: &GroupOperation) -> [Fr; X_LIMBS] {
    let mut limbs = [Fr::ZERO; X_LIMBS];
    let half = |bytes: &[u8]| {
        Fr::from(u64::from_le_bytes(
            bytes.try_into().expect("invariant: eight bytes"),
        ))
    };
    limbs[0] = half(&operation.r[..8]);
    limbs[1] = half(&operation.r[8..]);
    let points = [&operation.running, &operation.incoming, &operation.result];
    for (chunk, point) in limbs[2..].chunks_exact_mut(2 * LIMBS).zip(points) {
        chunk.copy_from_slice(&point_limbs(point));
    }
    limbs
}

/// One fold: the commitment that it adds, and the digest that its challenge was drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CycleFoldStep {
    /// commit(w ‖ T).
    pub comm: GrumpkinPoint,
    /// State of the transcript after this fold.
    pub digest: Fr,
}

impl Default for CycleFoldParams {
    fn default() -> Self {
        Self::new()
    }
}

impl CycleFoldParams {
    /// Builds the circuit and the key.
    #[must_use]
    pub fn new() -> Self {
        let mut cs = ShapeCS::<E2>::new();
        synthesize(&mut cs.namespace(|| "cyclefold"), None)
            .expect("invariant: the shape needs no assignment");
        let shape = cs
            .r1cs_shape()
            .expect("invariant: the circuit refers to its own variables");
        shape.precompute_sparse_matrices();
        let length = shape.num_vars() + shape.num_cons();
        let bases = FixedBaseTable::new(&grumpkin::G1::from_label(KEY_LABEL, length));
        Self { shape, bases }
    }

    /// The bases that W ‖ E is committed with.
    #[must_use]
    pub fn generators(&self) -> Vec<GrumpkinPoint> {
        let length = self.shape.num_vars() + self.shape.num_cons();
        grumpkin::G1::from_label(KEY_LABEL, length)
    }

    /// The matrices.
    #[must_use]
    pub fn shape(&self) -> &R1CSShape<E2> {
        &self.shape
    }

    /// The start pair.
    #[must_use]
    pub fn start(&self) -> CycleFoldPair {
        CycleFoldPair {
            instance: CycleFoldInstance::start(),
            witness: JointWitness::zero(&self.shape),
        }
    }

    /// Folds a group operation (CYCLE-5). `state` binds everything that determines r, P and Q; the result and the new
    /// commitment are absorbed after it.
    pub fn fold(
        &self,
        pair: &mut CycleFoldPair,
        operation: &GroupOperation,
        state: Transcript,
    ) -> CycleFoldStep {
        let mut cs = SatisfyingAssignment::<E2>::new();
        synthesize(&mut cs.namespace(|| "cyclefold"), Some(operation))
            .expect("invariant: an operation has every value");
        let (u, x) = pair.instance.reduced();
        let vector = pair.witness.fresh_vector(
            &self.shape,
            (u, &x),
            cs.aux_assignment(),
            &operation.public_inputs(),
        );
        let comm = self.bases.msm(&vector).to_affine();
        let digest = fold_digest(state, operation.result(), &comm);
        let r = transcript::challenge(&digest);
        let instance = &mut pair.instance;
        instance.comm = (comm * as_fq(&r) + instance.comm).to_affine();
        instance.u += r;
        for (running, limb) in instance.x.iter_mut().zip(operation_limbs(operation)) {
            *running += r * limb;
        }
        pair.witness.fold(&vector, as_fq(&r));
        CycleFoldStep { comm, digest }
    }

    /// Checks that W opens the instance. Total on any input.
    ///
    /// # Errors
    ///
    /// [`CycleFoldError`].
    pub fn check(&self, instance: &CycleFoldInstance, w: &[Fq]) -> Result<(), CycleFoldError> {
        self.witness(instance, w.to_vec()).map(|_| ())
    }

    /// The witness that belongs to W, if W opens the instance: E is recomputed, so the relation holds by construction and
    /// the commitment says whether it is the committed one.
    ///
    /// # Errors
    ///
    /// [`CycleFoldError`].
    pub fn witness(
        &self,
        instance: &CycleFoldInstance,
        w: Vec<Fq>,
    ) -> Result<JointWitness<Fq>, CycleFoldError> {
        let integers = instance.x.iter().chain([&instance.u]);
        if let Some(index) = integers.map(bits).position(|bits| bits > RUNNING_LIMB_BITS) {
            return Err(CycleFoldError::Range { index });
        }
        if w.len() != self.shape.num_vars() {
            return Err(CycleFoldError::Length {
                expected: self.shape.num_vars(),
                got: w.len(),
            });
        }
        let (u, x) = instance.reduced();
        let witness = JointWitness::from_w(&self.shape, w, u, &x);
        let comm = self.bases.msm(&witness.vector()) + start_point().to_curve();
        if comm.to_affine() != instance.comm {
            return Err(CycleFoldError::Commitment);
        }
        Ok(witness)
    }
}

/// State, R, commitment.
fn fold_digest(
    mut state: Transcript,
    result: &crate::curves::G1Affine,
    comm: &GrumpkinPoint,
) -> Fr {
    state.point(result);
    state.scalar(&comm.x);
    state.scalar(&comm.y);
    state.digest()
}

fn bits(value: &Fr) -> u32 {
    let repr: [u8; 32] = value.to_repr().into();
    let top = repr.iter().rposition(|byte| *byte != 0);
    top.map_or(0, |index| {
        u32::try_from(8 * index).expect("invariant: 256 bits") + 8 - repr[index].leading_zeros()
    })
}
