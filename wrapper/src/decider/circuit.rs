//! Both rounds of the circuit, and its matrices.

use super::{
    accumulators, binding, buckets, chains,
    challenges::Challenges,
    claims::Claims,
    cyclefold, evaluations,
    input::DeciderInput,
    integer::DIGITS,
    last_fold, notes, pedersen,
    round::{FirstRound, range_check},
};
use crate::{
    groth16::Matrices,
    r1cs::{Collector, Relation, assigned, collected},
};
use notefold_folding::{
    augmented::{synthesize_notes, synthesize_state},
    curves::{Fq, Fr},
    cyclefold::GrumpkinPoint,
    gadget::Wire,
    ivc::FoldingParams,
    step,
};
use nova_snark::frontend::{
    ConstraintSystem, SynthesisError, Variable, util_cs::witness_cs::WitnessCS,
};
use std::collections::BTreeMap;

/// The circuit: relations and constants.
pub struct Decider {
    notes: Relation<Fr>,
    state: Relation<Fr>,
    step: Relation<Fr>,
    cyclefold: Relation<Fq>,
    constants: Vec<Vec<GrumpkinPoint>>,
    params: Fr,
    note_constants: Fr,
}

/// What a synthesis leaves behind.
pub struct Synthesized {
    /// Committed variables, in order.
    pub committed: Vec<Variable>,
}

/// An assignment, split as the matrices are.
pub struct DeciderAssignment {
    /// All wires: one, public, committed, private.
    pub z: Vec<ark_bn254::Fr>,
}

impl Decider {
    /// The circuit for folding parameters.
    #[must_use]
    pub fn new(params: &FoldingParams) -> Self {
        Self {
            notes: Relation::of(|cs| synthesize_notes(cs, None).map(|_| ())),
            state: Relation::of(|cs| synthesize_state(cs, None).map(|_| ())),
            step: Relation::of(|cs| step::synthesize(cs, None)),
            cyclefold: Relation::of(|cs| notefold_folding::cyclefold::synthesize(cs, None)),
            constants: buckets::constants(&params.cyclefold().generators(), DIGITS),
            params: params.digest().to_scalar(),
            note_constants: params.note_constants().digest(),
        }
    }

    /// Both rounds. `challenge` is asked for c once the committed wires have their values; where there is no input it is
    /// never asked.
    ///
    /// # Errors
    ///
    /// Those of the constraint system, and of `challenge`.
    pub fn synthesize<CS, E>(
        &self,
        cs: &mut CS,
        input: Option<&DeciderInput>,
        challenge: impl FnOnce(&[Fr]) -> Result<Fr, E>,
    ) -> Result<Synthesized, E>
    where
        CS: ConstraintSystem<Fr>,
        E: From<SynthesisError>,
    {
        let mut round = FirstRound::default();
        let claims = Claims::alloc(&mut cs.namespace(|| "claims"), &mut round, input)?;
        let mut witness = |name, values: Option<&Vec<Fr>>, count| {
            let values = values.map(Vec::as_slice);
            round.alloc_all(&mut cs.namespace(|| name), count, values)
        };
        let proof = input.map(|input| &input.proof);
        let w_notes = witness(
            "W of F_N",
            proof.map(|p| &p.note_chain.w),
            self.notes.variables,
        )?;
        let w_state = witness(
            "W of F_S",
            proof.map(|p| &p.state_chain.w),
            self.state.variables,
        )?;
        let w_step = witness("W of U_N", proof.map(|p| &p.w_notes), self.step.variables)?;
        let (buckets, digits) = pedersen::commit(
            cs,
            &mut round,
            &self.constants,
            input.map(|input| &input.cyclefold),
        )?;
        cyclefold::check(cs, &mut round, &self.cyclefold, &claims.cyclefold, &digits)?;
        let multiplicities = {
            let mut cs = cs.namespace(|| "multiplicities");
            round.multiplicities(&mut cs)?
        };
        // Nothing of these meets c, so their own wires need no commitment.
        let constants = binding::link_states(cs, &claims, self.params, input)?;
        let note_constants = Wire::constant::<CS>(self.note_constants);
        let last = accumulators::last_public_values(cs, &claims, [&note_constants, &constants])?;
        let folded = last_fold::fold_last(cs, &claims, &last)?;

        let value = match input {
            Some(_) => Some(challenge(round.values())?),
            None => None,
        };
        let c = public(cs, "c", value)?;
        let challenges = Challenges::derive(&mut cs.namespace(|| "challenges"), &c)?;
        range_check(
            &mut cs.namespace(|| "range check"),
            round.digits(),
            &multiplicities,
            &challenges.range,
        )?;
        let chains = chains::evaluate_chains(
            cs,
            [&self.notes, &self.state],
            [&w_notes, &w_state],
            &folded,
            &c,
        )?;
        let notes = notes::evaluate_notes(cs, &self.step, &w_step, &claims.notes, &c)?;
        pedersen::check(cs, &buckets, &challenges, &claims.cyclefold.comm)?;
        let v = binding::bind(cs, &claims, &c)?;
        let variables = [self.notes.variables, self.state.variables];
        let y = evaluations::combine(cs, &chains, variables, &notes, &c)?;
        for (name, wire) in [("v", v), ("y", y)] {
            let mut cs = cs.namespace(|| "public inputs");
            let input = public(&mut cs, name, wire.value())?;
            wire.enforce_equal(&mut cs, name, &input);
        }
        Ok(Synthesized {
            committed: round.into_variables(),
        })
    }

    /// The matrices, and the constraints of each part.
    ///
    /// # Panics
    ///
    /// Never: a shape needs no assignment.
    #[must_use]
    pub fn matrices(&self) -> (Matrices, BTreeMap<String, usize>) {
        let mut cs = Collector::<Fr>::new();
        let synthesized = self
            .synthesize::<_, SynthesisError>(&mut cs, None, |_| {
                Err(SynthesisError::AssignmentMissing)
            })
            .expect("invariant: a shape needs no assignment");
        let blocks = cs.blocks().clone();
        (collected(cs, &synthesized.committed), blocks)
    }

    /// The assignment of a batch. `challenge` makes c of the committed values.
    ///
    /// # Errors
    ///
    /// Those of `challenge`.
    pub fn assign<E: From<SynthesisError>>(
        &self,
        matrices: &Matrices,
        input: &DeciderInput,
        challenge: impl FnOnce(&[Fr]) -> Result<Fr, E>,
    ) -> Result<DeciderAssignment, E> {
        let mut cs =
            WitnessCS::<Fr>::with_capacity(matrices.committed + matrices.private, matrices.public);
        let synthesized = self.synthesize(&mut cs, Some(input), challenge)?;
        Ok(DeciderAssignment {
            z: assigned(&cs, &synthesized.committed),
        })
    }
}

fn public<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    name: &'static str,
    value: Option<Fr>,
) -> Result<Wire, SynthesisError> {
    let variable = cs.alloc_input(|| name, || value.ok_or(SynthesisError::AssignmentMissing))?;
    Ok(Wire::variable(variable, value))
}
