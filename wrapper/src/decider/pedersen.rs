//! DEC-6: U_C's commitment on Grumpkin opens to W ‖ E, digit by digit.

use super::{
    Check,
    buckets::{self, Buckets, PointWires},
    challenges::Challenges,
    integer::{DIGITS, digits},
    round::FirstRound,
};
use crate::convert::integer;
use notefold_folding::{
    curves::{Fq, Fr},
    cyclefold::{GrumpkinPoint, start_point},
    gadget::Wire,
    joint::JointWitness,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// First round: W and E as digits, which are the addresses of their buckets. Any integer below 4320²¹ that is the element
/// modulo q will do, for the commitment and for the relation alike: Grumpkin's order is q.
pub(crate) fn commit<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    round: &mut FirstRound,
    constants: &[Vec<GrumpkinPoint>],
    witness: Option<&JointWitness<Fq>>,
) -> Result<(Buckets, Vec<Vec<Wire>>), SynthesisError> {
    let values: Option<Vec<Vec<u32>>> = witness.map(|witness| {
        let elements = witness.w.iter().chain(&witness.e);
        elements.map(|e| digits(&integer(e), DIGITS)).collect()
    });
    let mut cs = cs.namespace(|| Check::Pedersen.name());
    buckets::commit(&mut cs, round, constants, values.as_deref())
}

/// Second round.
pub(crate) fn check<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    buckets: &Buckets,
    challenges: &Challenges,
    comm: &PointWires,
) -> Result<(), SynthesisError> {
    let mut cs = cs.namespace(|| Check::Pedersen.name());
    // Blinding one, at the start point.
    buckets.check(&mut cs, challenges, (comm, &start_point()))
}
