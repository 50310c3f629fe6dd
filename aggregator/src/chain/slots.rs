//! Views of the slot queue.

use super::{BlockRef, ChainClient, ChainError};
use crate::contracts::SlotQueue;
use alloy::{
    eips::BlockId,
    primitives::{Address, U256},
};

/// Why an account is eligible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// Nobody is.
    Nobody,
    /// It holds the slot.
    Held,
    /// The holder is idle.
    Rescue,
    /// Nobody holds the slot.
    Rotation,
    /// Everybody is.
    Open,
}

/// Who may settle at a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Eligibility {
    /// Why.
    pub(crate) mode: Mode,
    /// Who; zero for nobody and for everybody.
    pub(crate) account: Address,
}

impl Eligibility {
    /// Whether an account may settle.
    pub(crate) fn admits(&self, account: Address) -> bool {
        self.mode == Mode::Open || (self.mode != Mode::Nobody && self.account == account)
    }
}

fn small(value: U256) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

impl ChainClient {
    /// Who may settle at a block, as the chain stands at another.
    pub(crate) async fn eligibility(
        &self,
        block: u64,
        at: BlockRef,
    ) -> Result<Eligibility, ChainError> {
        let call = SlotQueue::eligibilityCall {
            blockNumber: U256::from(block),
        };
        let answer = self
            .view(
                self.queue(),
                "eligibility",
                &call,
                BlockId::number(at.number),
            )
            .await?;
        // In the order of `ISlotQueue.Mode`; an enumeration is a number in an ABI.
        let mode = match answer.mode {
            1 => Mode::Held,
            2 => Mode::Rescue,
            3 => Mode::Rotation,
            4 => Mode::Open,
            _ => Mode::Nobody,
        };
        Ok(Eligibility {
            mode,
            account: answer.account,
        })
    }

    /// Where an aggregator is reached; empty if it never said.
    pub(crate) async fn endpoint_of(&self, account: Address) -> Result<String, ChainError> {
        let call = SlotQueue::endpointOfCall { account };
        self.view(self.queue(), "endpointOf", &call, BlockId::latest())
            .await
    }

    /// Blocks of an epoch and of its parts.
    pub(crate) async fn schedule(&self) -> Result<Schedule, ChainError> {
        let queue = self.queue();
        let latest = BlockId::latest();
        let genesis = self
            .view(
                queue,
                "GENESIS_BLOCK",
                &SlotQueue::GENESIS_BLOCKCall {},
                latest,
            )
            .await?;
        let epoch = self
            .view(
                queue,
                "EPOCH_BLOCKS",
                &SlotQueue::EPOCH_BLOCKSCall {},
                latest,
            )
            .await?;
        let grace = self
            .view(
                queue,
                "GRACE_BLOCKS",
                &SlotQueue::GRACE_BLOCKSCall {},
                latest,
            )
            .await?;
        let close = self
            .view(
                queue,
                "CLOSE_BLOCKS",
                &SlotQueue::CLOSE_BLOCKSCall {},
                latest,
            )
            .await?;
        let lead = self
            .view(queue, "LEAD_EPOCHS", &SlotQueue::LEAD_EPOCHSCall {}, latest)
            .await?;
        let reveal = self
            .view(
                queue,
                "REVEAL_BLOCKS",
                &SlotQueue::REVEAL_BLOCKSCall {},
                latest,
            )
            .await?;
        Ok(Schedule {
            genesis: small(genesis),
            epoch: small(epoch),
            grace: small(grace),
            close: small(close),
            lead: small(lead),
            reveal: small(reveal),
        })
    }
}

/// How blocks are divided (SLOT-1, SLOT-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// Block at which slot 0 begins.
    pub(crate) genesis: u64,
    /// Blocks of a slot.
    pub(crate) epoch: u64,
    /// Blocks of each part of it.
    pub(crate) grace: u64,
    /// Blocks before a slot at which its auction closes.
    pub(crate) close: u64,
    /// Slots ahead that are auctioned.
    pub(crate) lead: u64,
    /// Last blocks of an auction, in which sealed bids are revealed; zero where bids are open.
    pub(crate) reveal: u64,
}

impl Schedule {
    /// The first block after this one at which somebody else may become eligible.
    pub(crate) fn next_part(&self, block: u64) -> u64 {
        let Some(since) = block.checked_sub(self.genesis) else {
            return self.genesis;
        };
        let epoch_start = block - since % self.epoch;
        let part = (block - epoch_start) / self.grace;
        (epoch_start + (part + 1) * self.grace).min(epoch_start + self.epoch)
    }

    /// The block before which bids for a slot are taken.
    pub(crate) fn closes(&self, slot: u64) -> u64 {
        self.first_block(slot).saturating_sub(self.close)
    }

    /// The slot of a block.
    pub(crate) fn slot(&self, block: u64) -> Option<u64> {
        Some(block.checked_sub(self.genesis)? / self.epoch)
    }

    /// First block of a slot.
    pub(crate) fn first_block(&self, slot: u64) -> u64 {
        self.genesis + slot * self.epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_with_the_grace_and_with_the_epoch() {
        let schedule = Schedule {
            genesis: 100,
            epoch: 50,
            grace: 15,
            close: 4,
            lead: 2,
            reveal: 0,
        };
        let expected = [
            (3, 100),
            (100, 115),
            (114, 115),
            (115, 130),
            (144, 145),
            (145, 150),
            (149, 150),
            (150, 165),
        ];
        for (block, next) in expected {
            assert_eq!(schedule.next_part(block), next, "after {block}");
        }
        assert_eq!((schedule.slot(99), schedule.slot(150)), (None, Some(1)));
        assert_eq!(schedule.first_block(1), 150);
    }
}
