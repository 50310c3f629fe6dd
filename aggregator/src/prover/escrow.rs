//! Deposits: paid into escrow for a step that is in the outbox already.

use crate::{
    chain::{Account, BlockRef, ChainClient, ChainError},
    contracts::{IERC20, Rollup},
    wallet::Escrow,
};
use alloy::{
    eips::BlockId,
    primitives::{Address, FixedBytes, U256, aliases::U96},
    sol_types::SolCall,
};
use notefold_folding::{note::Asset, step::DepositId};

/// Makes a deposit, unless the chain has it in escrow at a block. Says whether it did.
///
/// The block must be one at which the deposit was not consumed yet: one that was can be made again, and would be lost.
pub(crate) async fn escrow(
    client: &ChainClient,
    account: &Account,
    escrow: &Escrow,
    at: BlockRef,
) -> Result<bool, ChainError> {
    let asset = Address::from(escrow.asset);
    let DepositId(id) = DepositId::new(account.address().into_array(), escrow.nonce);
    let deposit = Rollup::expiryOfCall {
        id: FixedBytes(id),
        asset,
        amount: escrow.amount,
        commitments: FixedBytes(escrow.commitments),
    };
    let rollup = client.rollup();
    let at = BlockId::number(at.number);
    if client.deposit_expiry(&deposit, at).await? != 0 {
        return Ok(false);
    }
    let unit = client
        .view(
            rollup,
            "unitOf",
            &Rollup::unitOfCall { asset },
            BlockId::latest(),
        )
        .await?;
    let amount = unit * U256::from(escrow.amount);
    let ether = escrow.asset == *Asset::ETHER.bytes();
    if !ether {
        approve(client, account, asset, amount).await?;
    }
    let call = Rollup::depositCall {
        asset,
        amount: escrow.amount,
        commitments: FixedBytes(escrow.commitments),
        nonce: U96::from_be_slice(&escrow.nonce),
    };
    let value = if ether { amount } else { U256::ZERO };
    account
        .transact("deposit", Some(rollup), value, call.abi_encode())
        .await?;
    Ok(true)
}

/// Allows the rollup to take an amount of a token, and no more, unless it may already.
async fn approve(
    client: &ChainClient,
    account: &Account,
    token: Address,
    amount: U256,
) -> Result<(), ChainError> {
    let rollup = client.rollup();
    let allowance = IERC20::allowanceCall {
        owner: account.address(),
        spender: rollup,
    };
    let allowed = client
        .view(token, "allowance", &allowance, BlockId::latest())
        .await?;
    if allowed >= amount {
        return Ok(());
    }
    let call = IERC20::approveCall {
        spender: rollup,
        value: amount,
    };
    account
        .transact("approve", Some(token), U256::ZERO, call.abi_encode())
        .await?;
    Ok(())
}
