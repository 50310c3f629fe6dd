//! To whom a step is sent: endpoints are on the chain.

use crate::chain::{BlockRef, ChainClient, ChainError, Schedule};
use alloy::primitives::Address;

/// An aggregator that may settle soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its account.
    pub(crate) account: Address,
    /// Where it is reached.
    pub(crate) endpoint: String,
    /// The block from which on it may settle, as the chain stands.
    pub(crate) from: u64,
}

/// Who may settle in the next block, in the part after, and at the start of the next slot; each account once.
pub(crate) async fn targets(
    client: &ChainClient,
    schedule: &Schedule,
    head: BlockRef,
) -> Result<Vec<Target>, ChainError> {
    let next = head.number + 1;
    let part = schedule.next_part(next);
    let slot = schedule.slot(next).map_or(0, |slot| slot + 1);
    let mut targets: Vec<Target> = Vec::new();
    for block in [next, part, schedule.first_block(slot)] {
        let eligibility = client.eligibility(block, head).await?;
        let account = eligibility.account;
        if account.is_zero() || targets.iter().any(|target| target.account == account) {
            continue;
        }
        let endpoint = client.endpoint_of(account).await?;
        if !endpoint.is_empty() {
            targets.push(Target {
                account,
                endpoint,
                from: block,
            });
        }
    }
    Ok(targets)
}
