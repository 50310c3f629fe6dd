//! Sealed bids (SLOT-4): committed, and revealed in the last blocks of the auction. What was committed to is in the store first.

use super::{attempt, slot_of};
use crate::{
    chain::{ChainError, Revert},
    contracts::SlotQueue,
    error::Error,
    node::{config::BidStrategy, context::Context, store::SealedBid},
};
use alloy::{
    eips::BlockId,
    primitives::{B256, U256, keccak256},
    sol_types::{SolCall, SolValue},
};
use rand_core::{OsRng, RngCore};

/// Commits to bids, and reveals those whose time has come.
pub(super) async fn bid(context: &Context, head: u64) -> Result<(), Error> {
    let (schedule, config) = (&context.schedule, &context.config);
    let bids = context.store.bids()?;
    for bid in &bids {
        let closes = schedule.closes(bid.slot);
        if head + 1 >= closes {
            attempt("taking a bid back", forfeit(context, bid).await)?;
            context.store.forget_bid(bid.slot)?;
        } else if head + 1 >= closes - schedule.reveal
            && attempt("revealing a bid", reveal(context, bid).await)?.is_some()
        {
            context.store.forget_bid(bid.slot)?;
        }
    }
    if config.bid == BidStrategy::None {
        return Ok(());
    }
    let next = schedule.slot(head).map_or(0, |slot| slot + 1);
    for slot in next..next + config.slots_ahead.min(schedule.lead) {
        // One block for the commitment to be mined.
        let late = head + 2 > schedule.closes(slot).saturating_sub(schedule.reveal);
        if late || bids.iter().any(|bid| bid.slot == slot) {
            continue;
        }
        if let Some(amount) = attempt("bidding", amount(context, slot).await)?.flatten() {
            attempt("bidding", commit(context, slot, amount).await?)?;
        }
    }
    Ok(())
}

/// What a slot is bid for: the price, or, against others, all that it is worth.
async fn amount(context: &Context, slot: u64) -> Result<Option<U256>, ChainError> {
    let config = &context.config;
    let quote = SlotQueue::quoteCall {
        slotId: U256::from(slot),
        bidder: context.account.address(),
    };
    let queue = context.client.queue();
    let price = context
        .client
        .view(queue, "quote", &quote, BlockId::latest())
        .await?
        .bid;
    if price > config.max_bid {
        return Ok(None);
    }
    Ok(Some(match config.bid {
        BidStrategy::Outbid => config.max_bid,
        _ => price,
    }))
}

async fn commit(
    context: &Context,
    slot: u64,
    amount: U256,
) -> Result<Result<(), ChainError>, Error> {
    let mut salt = [0; 32];
    OsRng.fill_bytes(&mut salt);
    let bid = SealedBid { slot, amount, salt };
    context.store.keep_bid(&bid)?;
    let us = context.account.address();
    let sealed = (U256::from(slot), us, amount, B256::from(salt)).abi_encode();
    let call = SlotQueue::commitBidCall {
        slotId: U256::from(slot),
        commitment: keccak256(sealed),
    };
    // A deposit as large as any bid of this node tells nobody what it bids.
    let deposit = context.config.max_bid;
    let sent = context
        .account
        .transact(
            "commitBid",
            Some(context.client.queue()),
            deposit,
            call.abi_encode(),
        )
        .await;
    if matches!(sent, Err(ChainError::Reverted { .. })) {
        context.store.forget_bid(slot)?;
    }
    Ok(sent.map(|_| tracing::info!(slot, "committed to a sealed bid")))
}

async fn reveal(context: &Context, bid: &SealedBid) -> Result<(), ChainError> {
    let call = SlotQueue::revealBidCall {
        slotId: U256::from(bid.slot),
        bid: bid.amount,
        salt: bid.salt.into(),
    };
    send(context, "revealBid", call.abi_encode()).await?;
    let held = slot_of(context, bid.slot).await?;
    let ours = held.holder == context.account.address();
    tracing::info!(slot = bid.slot, bid = %bid.amount, ours, "revealed");
    Ok(())
}

/// A bid that was not revealed in time, for want of a chain: what is left of its deposit.
async fn forfeit(context: &Context, bid: &SealedBid) -> Result<(), ChainError> {
    let call = SlotQueue::forfeitBidCall {
        slotId: U256::from(bid.slot),
        bidder: context.account.address(),
    };
    send(context, "forfeitBid", call.abi_encode()).await
}

/// Sends a call. That there is no such bid is no failure: it never was committed, or is revealed.
async fn send(context: &Context, what: &'static str, call: Vec<u8>) -> Result<(), ChainError> {
    let queue = Some(context.client.queue());
    let sent = context.account.transact(what, queue, U256::ZERO, call);
    match sent.await {
        Err(ChainError::Reverted { reason, .. }) if is_unknown(&reason) => Ok(()),
        sent => sent.map(drop),
    }
}

fn is_unknown(reason: &Revert) -> bool {
    use SlotQueue::SlotQueueErrors;
    matches!(reason, Revert::SlotQueue(error)
        if matches!(error.as_ref(), SlotQueueErrors::CommitmentMismatch(_)))
}
