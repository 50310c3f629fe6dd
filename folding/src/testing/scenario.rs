//! Two wallets, a state with notes of the first, and steps that it can take.

use crate::{
    commitment_key::generate_insecure,
    curves::E1,
    ivc::FoldingParams,
    keys::{Seed, SpendingKey},
    note::Asset,
    state::State,
    step::{
        CheckedStep, Deployment, DepositId, InputNote, Mask, Recipient, Step, StepBuilder,
        StepParams, prove, verify,
    },
};
use nova_snark::frontend::shape_cs::ShapeCS;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use std::sync::{Arc, OnceLock};

/// Step parameters over an insecure key that is made once a process.
#[must_use]
pub fn development_params() -> Arc<StepParams> {
    static PARAMS: OnceLock<Arc<StepParams>> = OnceLock::new();
    PARAMS
        .get_or_init(|| {
            let key = generate_insecure(
                StepParams::key_length().next_power_of_two().ilog2(),
                "tests",
            );
            let params = StepParams::new(key).expect("invariant: the key was made long enough");
            params.tabulate();
            Arc::new(params)
        })
        .clone()
}

/// Folding parameters over an insecure key that is made once a process.
#[must_use]
pub fn development_folding_params() -> Arc<FoldingParams> {
    static PARAMS: OnceLock<Arc<FoldingParams>> = OnceLock::new();
    PARAMS
        .get_or_init(|| {
            let bits = FoldingParams::key_length().next_power_of_two().ilog2();
            let params = FoldingParams::new(generate_insecure(bits, "tests"))
                .expect("invariant: the key was made long enough");
            params.tabulate();
            Arc::new(params)
        })
        .clone()
}

/// Constraints of a circuit that proves a note step and its state transition directly: what another implementation of
/// Nova would have as its step circuit.
///
/// # Panics
///
/// Never: the shape needs no assignment.
#[must_use]
pub fn note_step_constraints() -> usize {
    let mut cs = ShapeCS::<E1>::new();
    crate::augmented::synthesize_transition(&mut cs).expect("invariant: a shape");
    cs.num_constraints() + StepParams::circuit().num_cons()
}

/// A step with a fresh mask, proven and checked.
///
/// # Panics
///
/// When the step is not valid.
#[must_use]
pub fn checked(params: &StepParams, step: &Step) -> CheckedStep {
    let mask = Mask::random(params, &mut OsRng);
    let proof = prove(params, step, mask, &mut OsRng).expect("invariant: a valid step");
    verify(params, proof).expect("invariant: an honest proof")
}

/// A state in which Alice owns two notes, of 100 and of 50.
pub struct Scenario {
    /// Randomness, from the scenario's seed.
    pub rng: ChaCha20Rng,
    /// Owner of the notes.
    pub alice: SpendingKey,
    /// Whom she pays.
    pub bob: SpendingKey,
    /// The state after the batch that made the notes.
    pub state: State,
    /// Alice's notes with their paths to the newest anchor.
    pub notes: Vec<InputNote>,
}

impl Scenario {
    /// Deposits both notes.
    ///
    /// # Panics
    ///
    /// Never: the steps are valid.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let [alice, bob] = [(); 2].map(|()| SpendingKey::from_seed(&Seed::random(&mut rng)));
        let mut scenario = Self {
            rng,
            alice,
            bob,
            state: State::genesis(),
            notes: Vec::new(),
        };
        // Some of Bob's notes first, so that positions and siblings are not all zero.
        for amount in [1, 2, 3] {
            let (step, to) = (scenario.builder(), scenario.bob.address());
            let step = step
                .deposit(DepositId([7; 32]), amount.into())
                .pay(to, amount.into());
            let step = step
                .build(&scenario.bob, &mut scenario.rng)
                .expect("a deposit");
            scenario
                .state
                .apply(&step.statement.update())
                .expect("a new step");
        }
        let to = scenario.alice.address();
        let step = scenario.builder().deposit(DepositId([8; 32]), 150.into());
        let step = step.pay(to, 100.into()).pay(to, 50.into());
        let step = step
            .build(&scenario.alice, &mut scenario.rng)
            .expect("a deposit");
        let applied = scenario
            .state
            .apply(&step.statement.update())
            .expect("a new step");
        scenario.state.close_batch();
        let found = step.statement.received_by(&scenario.alice);
        scenario.notes = (applied.first_position..)
            .zip(found)
            .map(|(position, note)| InputNote {
                note: note.expect("invariant: Alice can read what she sent to herself"),
                path: scenario.state.notes().path(position),
            })
            .collect();
        scenario
    }

    /// The deployment of all steps.
    #[must_use]
    pub fn deployment() -> Deployment {
        Deployment::new(31_337, [0xc0; 20])
    }

    /// A builder against the newest anchor.
    #[must_use]
    pub fn builder(&self) -> StepBuilder {
        let anchor = self.state.notes().root();
        // Within the first batch the only anchor is the genesis root, which dummies may cite.
        let anchor = match self.state.history().find(anchor) {
            Some(_) => anchor,
            None => State::genesis().notes().root(),
        };
        StepBuilder::new(Self::deployment(), anchor, Asset::ETHER)
    }

    /// Alice deposits an amount.
    ///
    /// # Panics
    ///
    /// Never: the step is valid.
    #[must_use]
    pub fn deposit(&mut self, amount: u64) -> Step {
        let to = self.alice.address();
        self.builder()
            .deposit(DepositId([6; 32]), amount.into())
            .pay(to, amount.into())
            .build(&self.alice, &mut self.rng)
            .expect("invariant: the amounts balance")
    }

    /// Alice spends both notes: 120 to Bob, 20 withdrawn, 7 back, 3 as fee.
    ///
    /// # Panics
    ///
    /// Never: the step is valid.
    #[must_use]
    pub fn transfer(&mut self) -> Step {
        let [first, second] = [self.notes[0].clone(), self.notes[1].clone()];
        self.builder()
            .spend(first)
            .spend(second)
            .pay(self.bob.address(), 120.into())
            .pay(self.alice.address(), 7.into())
            .withdraw(Recipient([9; 20]), 20.into())
            .fee(3.into())
            .build(&self.alice, &mut self.rng)
            .expect("invariant: the amounts balance")
    }
}
