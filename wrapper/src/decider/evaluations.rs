//! DEC-7: the four committed polynomials at c, in one sum.
//!
//! `y = Σ_j c^{jN}·P_j(c)` with N = 2^32, P_0 and P_1 the vectors W ‖ E of the two chains, P_2 and P_3 W and E of U_N. The
//! verifier opens `Σ_j c^{jN}·C_j` at c to y. N is above the degree of everything that can be committed to with any powers of
//! tau there are, not only above the four lengths: with a smaller N a prover who has more powers would move a term X^N·Q from
//! the polynomial behind C_1 to the one behind C_0, and neither would be the circuit's.

use super::{
    Check,
    input::DeciderInput,
    polynomial::{Evaluations, power},
};
use crate::public_values::PublicValue;
use ff::Field;
use notefold_folding::{
    curves::{Fr, R1CSShape},
    gadget::Wire,
    ivc::{ChainProof, FoldingParams},
    joint::JointWitness,
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// log₂ N.
pub const SHIFT_BITS: u32 = 32;

/// y. `variables` are the lengths of W of the two chains.
pub(crate) fn combine<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    chains: &[Evaluations; 2],
    variables: [usize; 2],
    notes: &Evaluations,
    c: &Wire,
) -> Result<Wire, SynthesisError> {
    let mut cs = cs.namespace(|| Check::Evaluations.name());
    let shift = power(&mut cs.namespace(|| "c^N"), c, 1 << SHIFT_BITS)?;
    let mut polynomials = Vec::with_capacity(4);
    for ((chain, variables), name) in chains
        .iter()
        .zip(variables)
        .zip(["note chain", "state chain"])
    {
        let mut cs = cs.namespace(|| name);
        let above = power(&mut cs.namespace(|| "c^|W|"), c, variables as u64)?;
        let e = Wire::product(&mut cs, "E above W", &above, &chain.e)?;
        polynomials.push(e.plus(&cs, Fr::ONE, &chain.w));
    }
    polynomials.extend([notes.w.clone(), notes.e.clone()]);
    super::polynomial::evaluate(&mut cs.namespace(|| "y"), &shift, &polynomials)
}

/// The coefficients of the four polynomials, natively.
#[must_use]
pub fn polynomials(params: &FoldingParams, input: &DeciderInput) -> [Vec<Fr>; 4] {
    let proof = input.proof();
    let chain = |chain: &ChainProof, shape: &R1CSShape, r: PublicValue, x: &Fr| {
        let r = input.public_values().get(r);
        let (u, x) = (chain.augmented.u + r, chain.augmented.x + r * x);
        JointWitness::from_w(shape, chain.w.clone(), u, &[x]).vector()
    };
    let notes = JointWitness::from_w(
        params.step().shape(),
        proof.w_notes.clone(),
        proof.notes.u(),
        proof.notes.X(),
    );
    [
        chain(
            &proof.note_chain,
            params.note_shape(),
            PublicValue::NoteChainFold,
            &input.last[0],
        ),
        chain(
            &proof.state_chain,
            params.state_shape(),
            PublicValue::StateChainFold,
            &input.last[1],
        ),
        notes.w,
        notes.e,
    ]
}
