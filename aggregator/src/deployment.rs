//! What a deployment is made of: the contracts' code with its arguments, from a file of parameters (specs/slots.md).

use crate::{
    contracts::{DeciderVerifier, Rollup, SlotQueue},
    error::Error,
    ledger::word_of,
};
use alloy::{
    primitives::{Address, aliases::U96},
    sol_types::SolConstructor,
};
use notefold_folding::state::State;
use serde::Deserialize;
use std::{fs, path::Path};

/// What the deployment script reads, too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    pub(crate) slots: Slots,
    pub(crate) rollup: Limits,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Slots {
    pub(crate) genesis_delay_blocks: u64,
    pub(crate) epoch_blocks: u32,
    grace_blocks: u32,
    close_blocks: u32,
    lead_epochs: u32,
    reveal_blocks: u32,
    pub(crate) min_stake: u64,
    seats_per_step: u16,
    unbonding_blocks: u32,
    max_slots_held: u16,
    base_collateral: u64,
    collateral_step: u64,
    rate_epochs: u16,
    pub(crate) min_bid: u64,
    min_raise_bps: u16,
    price_damping: u16,
    unrevealed_bps: u16,
    period_epochs: u32,
    open_after_epochs: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Limits {
    deposit_blocks: u32,
    upgrade_blocks: u32,
}

/// The verifier's code. Its key is part of it.
pub(crate) fn verifier_code() -> Vec<u8> {
    DeciderVerifier::BYTECODE.to_vec()
}

impl Parameters {
    /// Those that deployments start from.
    pub(crate) fn defaults() -> Result<Self, Error> {
        let text = include_str!("../../contracts/script/parameters.json");
        Ok(serde_json::from_str(text)?)
    }

    /// Those of a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// The slot queue of a rollup.
    pub(crate) fn queue_code(&self, rollup: Address, genesis_block: u64) -> Vec<u8> {
        let slots = &self.slots;
        let arguments = SlotQueue::constructorCall {
            rollup_: rollup,
            parameters: SlotQueue::SlotParameters {
                genesisBlock: genesis_block,
                epochBlocks: slots.epoch_blocks,
                graceBlocks: slots.grace_blocks,
                closeBlocks: slots.close_blocks,
                leadEpochs: slots.lead_epochs,
                revealBlocks: slots.reveal_blocks,
                minStake: U96::from(slots.min_stake),
                seatsPerStep: slots.seats_per_step,
                unbondingBlocks: slots.unbonding_blocks,
                maxSlotsHeld: slots.max_slots_held,
                baseCollateral: U96::from(slots.base_collateral),
                collateralStep: U96::from(slots.collateral_step),
                rateEpochs: slots.rate_epochs,
                minBid: U96::from(slots.min_bid),
                minRaiseBps: slots.min_raise_bps,
                priceDamping: slots.price_damping,
                unrevealedBps: slots.unrevealed_bps,
                periodEpochs: slots.period_epochs,
                openAfterEpochs: slots.open_after_epochs,
            },
        };
        [SlotQueue::BYTECODE.to_vec(), arguments.abi_encode()].concat()
    }

    /// The rollup of a queue, from empty trees.
    pub(crate) fn rollup_code(&self, queue: Address, verifier: Address, owner: Address) -> Vec<u8> {
        let arguments = Rollup::constructorCall {
            queue,
            first: verifier,
            owner,
            parameters: Rollup::RollupParameters {
                genesisState: word_of(State::genesis().root()),
                depositBlocks: self.rollup.deposit_blocks,
                upgradeBlocks: self.rollup.upgrade_blocks,
            },
        };
        [Rollup::BYTECODE.to_vec(), arguments.abi_encode()].concat()
    }
}
