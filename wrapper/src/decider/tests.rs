//! The circuit: pinned, satisfied by what is valid, and broken at a named constraint by each forgery.

mod forgeries;
mod gadgets;
mod late_witness;
mod shifted_terms;

use super::{Check, Decider, DeciderInput};
use crate::{
    groth16::Matrices,
    public_values::{Address, PublicValues},
    r1cs::{Collector, collected},
};
use notefold_folding::{
    batch::{OpenBatch, ProvenBatch},
    curves::Fr,
    ivc::FoldingParams,
    testing::{Scenario, checked, development_folding_params},
};
use nova_snark::frontend::SynthesisError;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// The circuit with the names of its constraints, and an input that satisfies it.
pub(super) struct World {
    pub(super) params: Arc<FoldingParams>,
    pub(super) decider: Decider,
    pub(super) matrices: Matrices,
    pub(super) input: DeciderInput,
    honest: OnceLock<Vec<ark_bn254::Fr>>,
    names: Vec<String>,
    blocks: BTreeMap<String, usize>,
}

pub(super) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let params = development_folding_params();
        let batch = proven(&params);
        let input = DeciderInput::new(&params, &batch, Address([0xaa; 20])).expect("a valid batch");
        let decider = Decider::new(&params);
        let mut cs = Collector::<Fr>::named();
        let committed = decider
            .synthesize::<_, SynthesisError>(&mut cs, None, |_| unreachable!("no input"))
            .expect("a shape")
            .committed;
        let names = cs.take_names();
        let blocks = cs.blocks().clone();
        World {
            matrices: collected(cs, &committed),
            params,
            decider,
            input,
            honest: OnceLock::new(),
            names,
            blocks,
        }
    })
}

fn proven(params: &FoldingParams) -> ProvenBatch {
    let mut scenario = Scenario::new(800);
    let steps = [
        scenario.deposit(5),
        scenario.transfer(),
        scenario.deposit(6),
    ];
    let mut batch = OpenBatch::open(params, Scenario::deployment(), scenario.state.clone());
    for step in &steps {
        batch
            .push(params, &checked(params.step(), step))
            .expect("a new step");
    }
    let mut prover = batch.close(params).expect("not empty").prover();
    prover.finish(params).expect("proven")
}

impl World {
    fn assign(&self, input: &DeciderInput) -> Vec<ark_bn254::Fr> {
        let assignment = self
            .decider
            .assign::<SynthesisError>(&self.matrices, input, |values| Ok(challenge(values)));
        assignment.expect("a witness").z
    }

    /// Names of the constraints that an input breaks, with a challenge drawn after everything.
    pub(super) fn broken(&self, input: &DeciderInput) -> Vec<&str> {
        let rows = self.matrices.unsatisfied(&self.assign(input));
        rows.into_iter()
            .map(|row| self.names[row].as_str())
            .collect()
    }

    /// Names of the constraints that break when the output of one changes after everything else is made.
    pub(super) fn broken_by_output_of(&self, name: &str) -> Vec<&str> {
        let mut z = self.honest.get_or_init(|| self.assign(&self.input)).clone();
        let row = self.names.iter().position(|full| full == name);
        let row = row.unwrap_or_else(|| panic!("no constraint is named {name}"));
        let (output, _) = self.matrices.c.row(row).next().expect("an output");
        z[output as usize] += ark_bn254::Fr::from(1u64);
        let rows = self.matrices.unsatisfied(&z);
        rows.into_iter()
            .map(|row| self.names[row].as_str())
            .collect()
    }

    /// Asserts that a forgery breaks a constraint of this check and of this name.
    pub(super) fn assert_breaks(
        &self,
        check: Check,
        name: &str,
        forge: impl FnOnce(&mut DeciderInput),
    ) {
        let mut input = self.input.clone();
        forge(&mut input);
        let broken = self.broken(&input);
        assert!(
            broken
                .iter()
                .any(|full| full.starts_with(check.name()) && full.contains(name)),
            "expected {} / {name} among {broken:?}",
            check.name()
        );
    }
}

/// A challenge that depends on every committed value, as keccak of D does.
fn challenge(values: &[Fr]) -> Fr {
    let factor = Fr::from(0x1_0000_0001);
    let sum = values
        .iter()
        .fold(Fr::from(7), |c, value| c * factor + value);
    sum * sum + Fr::from(11)
}

/// Public values with one of them changed.
pub(super) fn with_scalar(public: &PublicValues, index: usize, value: Fr) -> PublicValues {
    let (scalars, commitments) = public.parts();
    let mut scalars = *scalars;
    scalars[index] = value;
    PublicValues::new(scalars, *commitments)
}

#[test]
fn an_honest_input_satisfies_every_constraint() {
    let world = world();
    assert_eq!(world.broken(&world.input), Vec::<&str>::new());
}

/// A change here is a new circuit: new keys, a new contract. Say why in the commit.
#[test]
fn the_circuit_is_pinned() {
    let World {
        matrices, blocks, ..
    } = world();
    let expected = [
        ("accumulators", 2_457),
        ("binding", 33_323),
        ("chains", 233_977),
        ("challenges", 770),
        ("cyclefold", 11_762),
        ("evaluations", 84),
        ("last fold", 1_312),
        ("notes", 51_451),
        ("pedersen", 344_760),
        ("public inputs", 2),
        ("range check", 49_242),
    ];
    let blocks: Vec<(&str, usize)> = blocks
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(blocks, expected);
    assert_eq!(
        (matrices.constraints(), matrices.committed, matrices.private),
        (729_140, 284_414, 725_422)
    );
    assert_eq!(
        hex::encode(matrices.digest()),
        "fa97b0eea17d578ef0653e2df437595c9529275e209f53cb8db58905174e8ed0"
    );
    // The domain that everything must fit.
    assert!(matrices.rows() <= 1 << 20);
}

#[test]
fn committed_wires_are_the_same_in_setup_and_proof() {
    let world = world();
    let mut count = 0;
    world
        .decider
        .assign::<SynthesisError>(&world.matrices, &world.input, |values| {
            count = values.len();
            Ok(Fr::from(5))
        })
        .expect("a witness");
    assert_eq!(count, world.matrices.committed);
}
