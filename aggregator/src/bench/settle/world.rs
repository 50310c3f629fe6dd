//! The contracts on a chain in process, with the parameters that deployments start from.

use crate::{
    contracts::{NotePool, Rollup, SlotQueue, calldata_gas},
    deployment::{Parameters, verifier_code},
    error::Error,
};
use alloy::sol_types::{
    SolCall, SolConstructor,
    private::{Address, U256},
};
use notefold_folding::{
    curves::to_be_bytes,
    step::{DepositId, Step},
    testing::{Scenario, SingleProof},
};
use notefold_wrapper::{
    evm::{Chain, Outcome},
    single::SingleProver,
};
use rand_core::OsRng;

pub(super) const CHAIN_ID: u64 = 31_337;
const DEPLOYER: [u8; 20] = [0xd0; 20];
/// Holds the slot.
pub(super) const HOLDER: [u8; 20] = [0xa1; 20];
/// Is a staker as well.
pub(super) const OTHER: [u8; 20] = [0xa2; 20];
pub(super) const DEPOSITOR: [u8; 20] = [0xde; 20];
const GWEI: u128 = 1_000_000_000;

/// Gas of taking part.
pub(super) struct SlotGas {
    pub(super) join: u64,
    pub(super) request: u64,
    pub(super) outbid: u64,
}

/// The contracts.
#[derive(Clone)]
pub(super) struct World {
    pub(super) chain: Chain,
    pub(super) rollup: [u8; 20],
    queue: [u8; 20],
    genesis_block: u64,
    epoch_blocks: u64,
    min_stake: u64,
    min_bid: u64,
}

impl World {
    pub(super) fn new() -> Result<Self, Error> {
        let parameters = Parameters::defaults()?;
        let mut chain = Chain::new(CHAIN_ID);
        let genesis_block = 1 + parameters.slots.genesis_delay_blocks;
        let rollup = chain.contract_of(DEPLOYER, 2);
        let verifier = create(&mut chain, &verifier_code(), &[])?;
        let code = parameters.queue_code(rollup.into(), genesis_block);
        let queue = create(&mut chain, &code, &[])?;
        let code = parameters.rollup_code(queue.into(), verifier.into(), DEPLOYER.into());
        let deployed = create(&mut chain, &code, &[])?;
        assert_eq!(deployed, rollup, "invariant: addresses follow from nonces");
        Ok(Self {
            chain,
            rollup,
            queue,
            genesis_block,
            epoch_blocks: parameters.slots.epoch_blocks.into(),
            min_stake: parameters.slots.min_stake,
            min_bid: parameters.slots.min_bid,
        })
    }

    /// Both join; one asks for the first two slots, the other outbids it for the first and takes the second.
    pub(super) fn take_slots(&mut self) -> Result<SlotGas, Error> {
        let mut join = 0;
        for account in [OTHER, HOLDER] {
            self.chain.fund(account, 1 << 90);
            let call = SlotQueue::joinCall {
                endpoint: "https://aggregator.example:7600".to_owned(),
            };
            join = self.succeed(account, self.queue, self.min_stake.into(), &call)?;
        }
        let request = self.request(OTHER, 0, self.min_bid.into())?;
        let outbid = self.request(HOLDER, 0, 2 * u128::from(self.min_bid))?;
        self.request(HOLDER, 1, 2 * u128::from(self.min_bid))?;
        Ok(SlotGas {
            join,
            request,
            outbid,
        })
    }

    fn request(&mut self, account: [u8; 20], slot: u64, bid: u128) -> Result<u64, Error> {
        let first = self.genesis_block + slot * self.epoch_blocks;
        let call = SlotQueue::requestSlotCall {
            fromBlock: U256::from(first),
            toBlock: U256::from(first + self.epoch_blocks - 1),
        };
        self.succeed(account, self.queue, bid, &call)
    }

    /// Goes to the first block of an epoch.
    pub(super) fn enter(&mut self, epoch: u64) {
        self.chain
            .roll(self.genesis_block + epoch * self.epoch_blocks);
    }

    /// The same under the rules of the fork after.
    pub(super) fn on_next_fork(self) -> Self {
        Self {
            chain: self.chain.on_next_fork(),
            ..self
        }
    }

    /// Goes to a block of an epoch that nobody bought at which it is the holder's turn.
    pub(super) fn enter_rotation(&mut self, epoch: u64) -> Result<(), Error> {
        let first = self.genesis_block + epoch * self.epoch_blocks;
        for block in first..first + self.epoch_blocks {
            let call = SlotQueue::eligibleCall {
                blockNumber: U256::from(block),
            };
            let outcome = self.chain.call(HOLDER, self.queue, 0, call.abi_encode())?;
            let turn = outcome.result.is_ok_and(|word| word.ends_with(&HOLDER));
            if turn {
                self.chain.roll(block);
                return Ok(());
            }
        }
        unreachable!("invariant: there are fewer stakers than parts of an epoch")
    }

    /// Puts in escrow what deposit steps consume; the gas of the last.
    pub(super) fn escrow(&mut self, steps: &[Step]) -> Result<u64, Error> {
        self.chain.fund(DEPOSITOR, 1 << 90);
        let mut gas = 0;
        for step in steps {
            let statement = &step.statement;
            let Some(DepositId(id)) = statement.external.deposit else {
                continue;
            };
            let amount = statement.public_in.amount();
            let call = Rollup::depositCall {
                asset: Address::ZERO,
                amount,
                commitments: statement.commitments_hash().into(),
                nonce: U256::from_be_slice(&id[20..]).to(),
            };
            gas = self.succeed(DEPOSITOR, self.rollup, u128::from(amount) * GWEI, &call)?;
        }
        Ok(gas)
    }

    /// Pays the holder its fees.
    pub(super) fn withdraw(&mut self) -> Result<u64, Error> {
        let call = Rollup::withdrawCall {
            asset: Address::ZERO,
            to: Address::from(HOLDER),
        };
        self.succeed(HOLDER, self.rollup, 0, &call)
    }

    /// Sends a settlement; its gas.
    pub(super) fn settle(&mut self, calldata: &[u8]) -> Result<u64, Error> {
        let outcome = self
            .chain
            .send(HOLDER, Some(self.rollup), 0, calldata.to_vec())?;
        accepted(outcome)
    }

    /// What a settlement would cost that is refused. It is not sent: that is what a preflight is for.
    pub(super) fn preflight(&self, from: [u8; 20], calldata: &[u8]) -> Result<Outcome, Error> {
        let outcome = self.chain.call(from, self.rollup, 0, calldata.to_vec())?;
        Ok(outcome)
    }

    /// Gas that a refused settlement uses above what its calldata costs before anything runs.
    pub(super) fn execution_gas(&self, from: [u8; 20], calldata: &[u8]) -> Result<u64, Error> {
        let outcome = self.preflight(from, calldata)?;
        Ok(outcome.executed - calldata_gas(calldata).0)
    }

    fn succeed(
        &mut self,
        from: [u8; 20],
        to: [u8; 20],
        wei: u128,
        call: &impl SolCall,
    ) -> Result<u64, Error> {
        let outcome = self.chain.send(from, Some(to), wei, call.abi_encode())?;
        accepted(outcome)
    }
}

fn accepted(outcome: Outcome) -> Result<u64, Error> {
    match outcome.result {
        Ok(_) => Ok(outcome.gas),
        Err(data) => Err(Error::Reverted {
            data: hex::encode(data),
        }),
    }
}

fn create(chain: &mut Chain, code: &[u8], arguments: &[u8]) -> Result<[u8; 20], Error> {
    let outcome = chain.send(DEPLOYER, None, 0, [code, arguments].concat())?;
    let created = outcome.created;
    accepted(outcome)?;
    Ok(created.expect("invariant: a creation that succeeded"))
}

/// What a pool with one proof a step pays: for a step that lands, and for one that comes second.
pub(super) fn single_proofs(seed: &str) -> Result<[u64; 2], Error> {
    let prover = SingleProver::generate_insecure(seed)?;
    let mut scenario = Scenario::new(12);
    let notes = scenario.state.notes().clone();
    let mut chain = Chain::new(CHAIN_ID);
    let arguments = NotePool::constructorCall {
        root_: U256::from_be_slice(&to_be_bytes(&notes.root().to_scalar())),
        count_: U256::from(notes.count()),
    };
    let pool = create(&mut chain, &NotePool::BYTECODE, &arguments.abi_encode())?;
    chain.fund(OTHER, 1 << 90);
    let steps = [scenario.transfer(), scenario.deposit(5)];
    let mut gas = [0; 2];
    for (gas, step) in gas.iter_mut().zip(steps) {
        let single = SingleProof::new(&mut notes.clone(), &step);
        let proof = prover
            .prove(&single, &mut OsRng)
            .expect("invariant: an honest step");
        let public = single
            .public()
            .map(|value| U256::from_be_slice(&to_be_bytes(&value)));
        let statement = &step.statement;
        let wei = u128::from(statement.public_in.amount()) * GWEI;
        let call = NotePool::transactCall {
            t: NotePool::Transaction {
                proof: proof.map(|word| U256::from_be_slice(&word)),
                root: public[0],
                newRoot: public[1],
                nullifiers: [public[2], public[3]],
                commitments: [public[4], public[5]],
                publicIn: statement.public_in.amount(),
                publicOut: statement.public_out.amount(),
                fee: statement.fee.amount(),
                data: statement.external.to_bytes().into(),
            },
        };
        let outcome = chain.send(OTHER, Some(pool), wei, call.abi_encode())?;
        *gas = outcome.gas;
    }
    Ok(gas)
}
