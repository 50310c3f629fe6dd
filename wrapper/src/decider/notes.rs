//! DEC-4: U_N satisfies R_N, as the chains satisfy their circuits.

use super::{
    Check,
    claims::InstanceWires,
    polynomial::{Evaluations, RelaxedWires, evaluate_relaxed},
};
use crate::r1cs::Relation;
use notefold_folding::{curves::Fr, gadget::Wire};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// W and E of U_N at c.
pub(crate) fn evaluate_notes<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    relation: &Relation<Fr>,
    witness: &[Wire],
    instance: &InstanceWires,
    c: &Wire,
) -> Result<Evaluations, SynthesisError> {
    let pair = RelaxedWires {
        w: witness,
        u: &instance.u,
        x: &instance.x,
    };
    let mut cs = cs.namespace(|| Check::Notes.name());
    evaluate_relaxed(&mut cs, relation, &pair, c)
}
