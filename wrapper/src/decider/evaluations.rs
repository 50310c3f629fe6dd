//! DEC-7: the four committed polynomials at c, in one sum.
//!
//! `y = Σ_j c^{jN}·P_j(c)` with N = 2^17 above every degree, P_0 and P_1 the vectors W ‖ E of the two chains, P_2 and P_3 W
//! and E of U_N. The verifier opens `Σ_j c^{jN}·C_j` at c to y: with N above the degrees that is one polynomial in c whose
//! coefficients are all those of the four, so no term of one can stand in for a term of another.

use super::{
    Check,
    polynomial::{Evaluations, power},
};
use ff::Field;
use notefold_folding::{
    curves::Fr,
    gadget::Wire,
    ivc::{FoldingParams, IvcProof},
    joint::JointWitness,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// N.
pub const POLYNOMIAL_SHIFT: usize = 1 << 17;

/// y. `variables` are the lengths of W of the two chains.
pub(crate) fn combine<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    chains: &[Evaluations; 2],
    variables: [usize; 2],
    notes: &Evaluations,
    c: &Wire,
) -> Result<Wire, SynthesisError> {
    let mut cs = cs.namespace(|| Check::Evaluations.name());
    let shift = power(&mut cs.namespace(|| "c^N"), c, POLYNOMIAL_SHIFT)?;
    let mut polynomials = Vec::with_capacity(4);
    for ((chain, variables), name) in chains
        .iter()
        .zip(variables)
        .zip(["note chain", "state chain"])
    {
        let mut cs = cs.namespace(|| name);
        let above = power(&mut cs.namespace(|| "c^|W|"), c, variables)?;
        let e = Wire::product(&mut cs, "E above W", &above, &chain.e)?;
        polynomials.push(e.plus(&cs, Fr::ONE, &chain.w));
    }
    polynomials.extend([notes.w.clone(), notes.e.clone()]);
    super::polynomial::evaluate(&mut cs.namespace(|| "y"), &shift, &polynomials)
}

/// The coefficients of the four polynomials, natively.
#[must_use]
pub fn polynomials(params: &FoldingParams, proof: &IvcProof, folds: [Fr; 2], x: [Fr; 2]) -> [Vec<Fr>; 4] {
    let chain = |index: usize| {
        let (chain, shape) = match index {
            0 => (&proof.note_chain, params.note_shape()),
            _ => (&proof.state_chain, params.state_shape()),
        };
        let (u, x) = (
            chain.augmented.u + folds[index],
            chain.augmented.x + folds[index] * x[index],
        );
        JointWitness::from_w(shape, chain.w.clone(), u, &[x]).vector()
    };
    let notes = JointWitness::from_w(
        params.step().shape(),
        proof.w_notes.clone(),
        proof.notes.u(),
        proof.notes.X(),
    );
    [chain(0), chain(1), notes.w, notes.e]
}
