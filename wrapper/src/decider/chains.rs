//! DEC-3: the folded U_A of each chain satisfies its circuit. W is committed; E follows, and both meet c as polynomials.

use super::{
    Check,
    claims::InstanceWires,
    polynomial::{Evaluations, RelaxedWires, evaluate_relaxed},
};
use crate::r1cs::Relation;
use notefold_folding::{curves::Fr, gadget::Wire};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// W and E of both chains at c.
pub(crate) fn evaluate_chains<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    relations: [&Relation<Fr>; 2],
    witnesses: [&[Wire]; 2],
    instances: &[InstanceWires; 2],
    c: &Wire,
) -> Result<[Evaluations; 2], SynthesisError> {
    let mut cs = cs.namespace(|| Check::Chains.name());
    let mut evaluate = |name: &'static str, index: usize| {
        let pair = RelaxedWires {
            w: witnesses[index],
            u: &instances[index].u,
            x: &instances[index].x,
        };
        evaluate_relaxed(&mut cs.namespace(|| name), relations[index], &pair, c)
    };
    Ok([evaluate("note chain", 0)?, evaluate("state chain", 1)?])
}
