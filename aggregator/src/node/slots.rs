//! Slots: a seat, bids, and what is owed after a rescue.

mod sealed;

use super::{config::BidStrategy, context::Context};
use crate::{chain::ChainError, contracts::SlotQueue, error::Error};
use alloy::{
    eips::BlockId,
    primitives::{Address, U256},
    sol_types::SolCall,
};
use std::collections::HashSet;

/// Takes a seat if it is asked to, then bids and collects, block by block.
pub(crate) async fn run(context: Context) -> Result<(), Error> {
    let mut views = context.view.clone();
    let mut registered = false;
    let mut done = HashSet::new();
    loop {
        let head = context.view().map(|view| view.head.number);
        if let Some(head) = head {
            if !registered {
                registered = attempt("taking a seat", register(&context).await)?.is_some();
            }
            if registered {
                if context.schedule.reveal == 0 {
                    attempt("bidding", bid(&context, head).await)?;
                } else {
                    sealed::bid(&context, head).await?;
                }
            }
            attempt(
                "settling accounts of slots",
                account(&context, head, &mut done).await,
            )?;
        }
        tokio::select! {
            _ = views.changed() => {}
            () = context.end() => return Ok(()),
        }
    }
}

/// Tells of what fails and may succeed later; fails with what may not.
fn attempt<T>(what: &str, result: Result<T, ChainError>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        // Others bid too; and operators add funds while the node runs.
        Err(
            error @ (ChainError::Reverted { .. }
            | ChainError::Failed { .. }
            | ChainError::Funds { .. }),
        ) => {
            tracing::warn!(%error, "{what}");
            Ok(None)
        }
        Err(error) if error.is_retryable() => {
            tracing::warn!(%error, "{what}");
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

async fn register(context: &Context) -> Result<(), ChainError> {
    let (client, queue, us) = (
        &context.client,
        context.client.queue(),
        context.account.address(),
    );
    let stake = client
        .view(
            queue,
            "stakeOf",
            &SlotQueue::stakeOfCall { account: us },
            BlockId::latest(),
        )
        .await?;
    if stake.stake.is_zero() {
        if !context.config.register {
            return Ok(());
        }
        let needed = client
            .view(
                queue,
                "entryStake",
                &SlotQueue::entryStakeCall {},
                BlockId::latest(),
            )
            .await?;
        let call = SlotQueue::joinCall {
            endpoint: context.config.endpoint.clone(),
        };
        tracing::info!(stake = %needed, "taking a seat");
        context
            .account
            .transact("join", Some(queue), needed, call.abi_encode())
            .await?;
        return Ok(());
    }
    if client.endpoint_of(us).await? != context.config.endpoint {
        let call = SlotQueue::setEndpointCall {
            endpoint: context.config.endpoint.clone(),
        };
        context
            .account
            .transact("setEndpoint", Some(queue), U256::ZERO, call.abi_encode())
            .await?;
    }
    Ok(())
}

/// Bids for slots whose auction is open, as the strategy says.
async fn bid(context: &Context, head: u64) -> Result<(), ChainError> {
    let config = &context.config;
    if config.bid == BidStrategy::None {
        return Ok(());
    }
    let (client, schedule) = (&context.client, &context.schedule);
    let us = context.account.address();
    let next = schedule.slot(head).map_or(0, |slot| slot + 1);
    for slot in next..next + config.slots_ahead.min(schedule.lead) {
        let first = schedule.first_block(slot);
        // One block for the bid to be mined.
        if head + 2 > schedule.closes(slot) {
            continue;
        }
        let id = U256::from(slot);
        let held = slot_of(context, slot).await?;
        let free = held.holder.is_zero();
        if held.holder == us || (!free && config.bid == BidStrategy::Free) {
            continue;
        }
        let quote = SlotQueue::quoteCall {
            slotId: id,
            bidder: us,
        };
        let quote = client
            .view(client.queue(), "quote", &quote, BlockId::latest())
            .await?;
        if quote.bid > config.max_bid {
            continue;
        }
        let call = SlotQueue::requestSlotCall {
            fromBlock: U256::from(first),
            toBlock: U256::from(schedule.first_block(slot + 1) - 1),
        };
        context
            .account
            .transact(
                "requestSlot",
                Some(client.queue()),
                quote.bid,
                call.abi_encode(),
            )
            .await?;
        tracing::info!(slot, bid = %quote.bid, "bought");
    }
    Ok(())
}

/// Slashes holders whose slot this node rescued, and takes back the collateral of its own past slots.
async fn account(context: &Context, head: u64, done: &mut HashSet<u64>) -> Result<(), ChainError> {
    let Some(current) = context.schedule.slot(head) else {
        return Ok(());
    };
    let us = context.account.address();
    for slot in current.saturating_sub(2)..=current {
        if done.contains(&slot) {
            continue;
        }
        let held = slot_of(context, slot).await?;
        let id = U256::from(slot);
        let over = slot < current;
        if held.collateral.is_zero() {
            if over {
                done.insert(slot);
            }
        } else if held.rescuer == us {
            let call = SlotQueue::slashInactiveProverCall { slotId: id };
            context
                .account
                .transact(
                    "slashInactiveProver",
                    Some(context.client.queue()),
                    U256::ZERO,
                    call.abi_encode(),
                )
                .await?;
            context.metrics.rescues.inc();
            tracing::info!(slot, holder = %held.holder, collateral = %held.collateral, "slashed an idle holder");
            done.insert(slot);
        } else if held.holder == us && over && held.rescuer.is_zero() {
            let call = SlotQueue::releaseSlotCall { slotId: id };
            context
                .account
                .transact(
                    "releaseSlot",
                    Some(context.client.queue()),
                    U256::ZERO,
                    call.abi_encode(),
                )
                .await?;
            done.insert(slot);
        }
    }
    Ok(())
}

/// What the chain knows of a slot.
struct Held {
    holder: Address,
    rescuer: Address,
    collateral: U256,
}

async fn slot_of(context: &Context, slot: u64) -> Result<Held, ChainError> {
    let call = SlotQueue::slotOfCall {
        slotId: U256::from(slot),
    };
    let queue = context.client.queue();
    let slot = context
        .client
        .view(queue, "slotOf", &call, BlockId::latest())
        .await?;
    Ok(Held {
        holder: slot.holder,
        rescuer: slot.rescuer,
        collateral: U256::from(slot.collateral),
    })
}
