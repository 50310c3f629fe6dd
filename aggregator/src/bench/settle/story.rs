//! Steps and batches with real proofs: deposits that fund transfers, and transfers of both notes of a deposit.

use super::world::CHAIN_ID;
use crate::{contracts::settle_batch, error::Error};
use notefold_folding::{
    batch::OpenBatch,
    ivc::FoldingParams,
    keys::{Seed, SpendingKey},
    note::Asset,
    state::State,
    step::{Deployment, DepositId, InputNote, Step, StepBuilder, StepStatement},
    testing::checked,
};
use notefold_wrapper::{
    decider::DeciderInput,
    keys::DeciderKeys,
    public_values::Address,
    settlement::SettlementProof,
    wrap::{WrapTimes, Wrapper},
};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

/// Notes that a deposit makes, in units.
const NOTES: [u64; 2] = [1_000, 500];
const FEE: u64 = 1;

/// A proven batch.
pub(super) struct Batch {
    pub(super) steps: usize,
    pub(super) calldata: Vec<u8>,
}

/// A wallet, the state, and what proves.
pub(super) struct Story<'a> {
    params: &'a FoldingParams,
    wrapper: &'a Wrapper,
    keys: &'a DeciderKeys,
    deployment: Deployment,
    depositor: [u8; 20],
    alice: SpendingKey,
    bob: SpendingKey,
    rng: ChaCha20Rng,
    state: State,
    unspent: Vec<[InputNote; 2]>,
}

impl<'a> Story<'a> {
    pub(super) fn new(
        (params, wrapper, keys): (&'a FoldingParams, &'a Wrapper, &'a DeciderKeys),
        rollup: [u8; 20],
        depositor: [u8; 20],
    ) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let [alice, bob] = [(); 2].map(|()| SpendingKey::from_seed(&Seed::random(&mut rng)));
        Self {
            params,
            wrapper,
            keys,
            deployment: Deployment::new(CHAIN_ID, rollup),
            depositor,
            alice,
            bob,
            rng,
            state: State::genesis(),
            unspent: Vec::new(),
        }
    }

    fn builder(&self) -> StepBuilder {
        let anchor = self.state.notes().root();
        StepBuilder::new(self.deployment, anchor, Asset::ETHER)
    }

    /// Deposits of two notes each.
    pub(super) fn deposits(&mut self, count: usize) -> Vec<Step> {
        let to = self.alice.address();
        (0..count as u64)
            .map(|number| {
                let mut nonce = [0; 12];
                nonce[4..].copy_from_slice(&(number + 1).to_be_bytes());
                let total = NOTES[0] + NOTES[1] + FEE;
                self.builder()
                    .deposit(DepositId::new(self.depositor, nonce), total.into())
                    .pay(to, NOTES[0].into())
                    .pay(to, NOTES[1].into())
                    .fee(FEE.into())
                    .build(&self.alice, &mut self.rng)
                    .expect("invariant: amounts balance")
            })
            .collect()
    }

    /// Transfers of notes that are not spent yet.
    pub(super) fn transfers(&mut self, count: usize) -> Vec<Step> {
        let rest = self.unspent.split_off(count);
        std::mem::replace(&mut self.unspent, rest)
            .into_iter()
            .map(|inputs| {
                let mut builder = self.builder();
                for mut input in inputs {
                    // The tree has grown since.
                    input.path = self.state.notes().path(input.path.position);
                    builder = builder.spend(input);
                }
                builder
                    .pay(self.bob.address(), 1_400.into())
                    .pay(self.alice.address(), (100 - FEE).into())
                    .fee(FEE.into())
                    .build(&self.alice, &mut self.rng)
                    .expect("invariant: amounts balance")
            })
            .collect()
    }

    /// Proves steps one by one, folds and wraps them, and goes on from the state after them.
    pub(super) fn settle(&mut self, steps: &[Step], aggregator: [u8; 20]) -> Result<Batch, Error> {
        let first = self.state.notes().count();
        let mut batch = OpenBatch::open(self.params, self.deployment, self.state.clone());
        for (number, step) in steps.iter().enumerate() {
            eprint!("\rproving step {} of {} …", number + 1, steps.len());
            batch
                .push(self.params, &checked(self.params.step(), step))
                .expect("invariant: a step of this state");
        }
        eprintln!("\rfolding and wrapping {} steps …   ", steps.len());
        let closed = batch
            .close(self.params)
            .unwrap_or_else(|_| unreachable!("invariant: at least one step"));
        self.state = closed.after().clone();
        let proven = closed
            .prover()
            .finish(self.params)
            .expect("invariant: honest steps");
        self.unspent.extend(self.received(steps, first));
        let input = DeciderInput::new(self.params, &proven, Address(aggregator))
            .expect("invariant: an honest batch");
        let times = &mut WrapTimes::default();
        let proof: SettlementProof =
            self.wrapper
                .prove(self.params, self.keys, &input, &mut OsRng, times)?;
        Ok(Batch {
            steps: steps.len(),
            calldata: settle_batch(&proof, &proven.data),
        })
    }

    /// Both notes of every step whose notes are both Alice's.
    fn received(&self, steps: &[Step], first: u64) -> Vec<[InputNote; 2]> {
        let notes = |(number, step): (usize, &Step)| {
            let at = u32::try_from(first).ok()? + 2 * u32::try_from(number).ok()?;
            let statement: &StepStatement = &step.statement;
            let [one, two] = statement.received_by(&self.alice);
            let input = |note, position| InputNote {
                note,
                path: self.state.notes().path(position),
            };
            Some([input(one?, at), input(two?, at + 1)])
        };
        steps.iter().enumerate().filter_map(notes).collect()
    }
}
