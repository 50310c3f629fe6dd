//! What commands that talk to a chain share.

use crate::{
    chain::{Account, ChainClient, account_of, connect_provider},
    error::Error,
    keystore::{self, PasswordArgs},
};
use alloy::primitives::Address;
use clap::Args;
use std::path::Path;

/// A deployment on a chain.
#[derive(Clone, Debug, Args)]
pub(super) struct ChainArgs {
    /// RPC endpoint of the chain
    #[arg(long, env = "NOTEFOLD_RPC", value_name = "URL")]
    rpc: String,
    /// The rollup contract
    #[arg(long, env = "NOTEFOLD_ROLLUP", value_name = "ADDRESS")]
    rollup: Address,
    /// Block from which the chain is read: that of the deployment
    #[arg(
        long,
        env = "NOTEFOLD_FROM_BLOCK",
        value_name = "BLOCK",
        default_value_t = 0
    )]
    pub(super) from_block: u64,
}

impl ChainArgs {
    /// Connects.
    pub(super) async fn connect(&self) -> Result<ChainClient, Error> {
        Ok(ChainClient::connect(&self.rpc, self.rollup).await?)
    }
}

/// The account of a key file on a chain where nothing is deployed yet.
pub(super) async fn connect_account(
    rpc: &str,
    key: &Path,
    password: &PasswordArgs,
) -> Result<Account, Error> {
    let seed = keystore::read(key, password)?;
    let client = ChainClient::without_contracts(connect_provider(rpc).await?).await?;
    Ok(Account::new(client, account_of(&seed)))
}
