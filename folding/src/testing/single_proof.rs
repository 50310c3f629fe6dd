//! What a batch of folded steps replaces: one proof for one step, tied to one root, that appends the step's notes itself.
//!
//! Public inputs, in order: the root before, the root after, both nullifiers, both commitments, the amounts as
//! `in + 2^64·out + 2^128·fee + 2^192·position`, and the hash of everything else.

use crate::{
    curves::Fr,
    poseidon::Wire,
    step::{Step, StepAssignment, synthesize_clauses},
    tree::{ARITY, NOTE_DEPTH, NoteTree, Path, replace_child},
};
use ff::{Field, PrimeField};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// A step with where its notes go.
pub struct SingleProof {
    assignment: StepAssignment,
    /// Of each commitment, in the tree before it was appended.
    paths: [Path; 2],
    after: Fr,
}

impl SingleProof {
    /// Number of public inputs.
    pub const INPUTS: usize = 8;

    /// A step of ether whose anchor is the root of the tree; its notes are appended.
    ///
    /// # Panics
    ///
    /// When the tree is full.
    #[must_use]
    pub fn new(tree: &mut NoteTree, step: &Step) -> Self {
        let paths = step.statement.commitments.map(|commitment| {
            let position = u32::try_from(tree.count()).expect("invariant: there is room");
            let path = tree.path(position);
            tree.append(&[commitment])
                .expect("invariant: there is room");
            path
        });
        Self {
            assignment: step.assignment.clone(),
            paths,
            after: tree.root().0,
        }
    }

    /// The public inputs.
    #[must_use]
    pub fn public(&self) -> [Fr; Self::INPUTS] {
        let a = &self.assignment;
        let amounts = [
            a.public_in,
            a.public_out,
            a.fee,
            Fr::from(u64::from(self.paths[0].position)),
        ];
        let packed = amounts
            .iter()
            .rev()
            .fold(Fr::ZERO, |sum, amount| sum * shift() + amount);
        [
            a.anchor,
            self.after,
            a.inputs[0].nullifier,
            a.inputs[1].nullifier,
            a.outputs[0].commitment,
            a.outputs[1].commitment,
            packed,
            a.ext_hash,
        ]
    }

    /// The circuit.
    ///
    /// # Errors
    ///
    /// When the constraint system asks for a value and there is none.
    pub fn synthesize<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        proof: Option<&Self>,
    ) -> Result<(), SynthesisError> {
        let statement = synthesize_clauses(cs, proof.map(|proof| &proof.assignment))?;
        let zero = Wire::constant::<CS>(Fr::ZERO);
        statement
            .asset
            .enforce_equal(cs, "the asset is ether", &zero);
        let mut root = statement.anchor.clone();
        let mut positions = Vec::with_capacity(2);
        for (index, commitment) in statement.commitments.iter().enumerate() {
            let mut cs = cs.namespace(|| format!("append {index}"));
            let path = proof.map(|proof| &proof.paths[index]);
            let (before, after, position) = append(&mut cs, commitment, path)?;
            before.enforce_equal(&mut cs, "the leaf was empty", &root);
            root = after;
            positions.push(position);
        }
        let next = positions[0].clone().plus_constant(cs, Fr::ONE);
        positions[1].enforce_equal(cs, "one after the other", &next);
        let amounts = statement
            .public_in
            .plus(cs, shift(), &statement.public_out)
            .plus(cs, shift().square(), &statement.fee)
            .plus(cs, shift() * shift().square(), &positions[0]);
        let [nf1, nf2] = statement.nullifiers;
        let [cm1, cm2] = statement.commitments;
        let public = [
            statement.anchor,
            root,
            nf1,
            nf2,
            cm1,
            cm2,
            amounts,
            statement.ext_hash,
        ];
        let values = proof.map(Self::public);
        for (index, wire) in public.iter().enumerate() {
            let mut cs = cs.namespace(|| format!("public {index}"));
            let value = values.map(|values| values[index]);
            let variable = cs.alloc_input(
                || "value",
                || value.ok_or(SynthesisError::AssignmentMissing),
            )?;
            wire.enforce_equal(&mut cs, "equal", &Wire::variable(variable, value));
        }
        Ok(())
    }
}

/// 2^64.
fn shift() -> Fr {
    Fr::from_u128(1 << 64)
}

/// The roots with an empty leaf and with a commitment in its place, and the place.
fn append<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    commitment: &Wire,
    path: Option<&Path>,
) -> Result<(Wire, Wire, Wire), SynthesisError> {
    let mut before = Wire::constant::<CS>(Fr::ZERO);
    let mut after = commitment.clone();
    let mut position = Wire::constant::<CS>(Fr::ZERO);
    for level in 0..NOTE_DEPTH {
        let mut cs = cs.namespace(|| format!("level {level}"));
        let opening: Option<(usize, [Fr; ARITY - 1])> =
            path.map(|path| (path.digit(level), path.siblings[level]));
        let digit = opening.map(|(digit, _)| digit);
        let low = Wire::alloc_bit(&mut cs, "low bit", digit.map(|d| d & 1 == 1))?;
        let high = Wire::alloc_bit(&mut cs, "high bit", digit.map(|d| d & 2 == 2))?;
        let weight = Fr::from(1u64 << (2 * level));
        position = position
            .plus(&cs, weight, &low)
            .plus(&cs, weight.double(), &high);
        (before, after) = replace_child(&mut cs, (&before, &after), (&low, &high), opening)?;
    }
    Ok((before, after, position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NamedCs, Scenario};

    fn unsatisfied(change: impl FnOnce(&mut SingleProof)) -> Vec<String> {
        let mut scenario = Scenario::new(11);
        let step = scenario.transfer();
        let mut tree = scenario.state.notes().clone();
        let mut proof = SingleProof::new(&mut tree, &step);
        change(&mut proof);
        let mut cs = NamedCs::new();
        SingleProof::synthesize(&mut cs, Some(&proof)).expect("values");
        cs.unsatisfied().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_step_of_the_tree_satisfies_it_and_another_root_does_not() {
        assert!(unsatisfied(|_| ()).is_empty());
        let failed = unsatisfied(|proof| proof.after += Fr::ONE);
        assert_eq!(failed, ["public 1/equal"]);
        let failed = unsatisfied(|proof| proof.paths[1].position ^= 1 << 4);
        assert!(failed.contains(&"append 1/the leaf was empty".to_owned()));
    }
}
