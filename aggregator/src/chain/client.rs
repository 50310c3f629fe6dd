//! A connection to one deployment on one chain, and its views.

use super::ChainError;
use crate::contracts::{DeciderVerifier, Rollup};
use alloy::{
    eips::{BlockId, BlockNumberOrTag},
    primitives::{Address, B256, Bytes, U256},
    providers::{DynProvider, Provider, ProviderBuilder},
    rpc::types::TransactionRequest,
    sol_types::SolCall,
    transports::{RpcError, TransportErrorKind},
};
use notefold_folding::{curves::to_be_bytes, step::Deployment};
use std::{future::IntoFuture, time::Duration};

/// How long an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct BlockRef {
    /// Its number.
    pub(crate) number: u64,
    /// Its hash.
    pub(crate) hash: B256,
}

/// A connection. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct ChainClient {
    pub(super) provider: DynProvider,
    chain_id: u64,
    rollup: Address,
    queue: Address,
}

/// Waits for an answer, not for ever.
pub(super) async fn answer<T>(
    request: impl IntoFuture<Output = Result<T, RpcError<TransportErrorKind>>>,
) -> Result<T, ChainError> {
    answer_within(TIMEOUT, request).await
}

/// Waits for an answer for so long.
pub(super) async fn answer_within<T>(
    limit: Duration,
    request: impl IntoFuture<Output = Result<T, RpcError<TransportErrorKind>>>,
) -> Result<T, ChainError> {
    match tokio::time::timeout(limit, request.into_future()).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(ChainError::Timeout {
            seconds: limit.as_secs(),
        }),
    }
}

/// A provider for a URL of either kind.
pub(crate) async fn connect_provider(url: &str) -> Result<DynProvider, ChainError> {
    let known = ["http://", "https://", "ws://", "wss://"];
    if !known.iter().any(|scheme| url.starts_with(scheme)) {
        return Err(ChainError::Url {
            got: url.to_owned(),
        });
    }
    let connect = ProviderBuilder::new()
        .disable_recommended_fillers()
        .connect(url);
    Ok(answer(connect).await?.erased())
}

impl ChainClient {
    /// Connects, and checks that the rollup is there and that its deployment is what its chain and address say.
    pub(crate) async fn connect(url: &str, rollup: Address) -> Result<Self, ChainError> {
        let provider = connect_provider(url).await?;
        let chain_id = answer(provider.get_chain_id()).await?;
        let code = answer(provider.get_code_at(rollup)).await?;
        if code.is_empty() {
            return Err(ChainError::Mismatch {
                what: "a rollup contract at",
                expected: rollup.to_string(),
                got: "no code".into(),
            });
        }
        let mut client = Self {
            provider,
            chain_id,
            rollup,
            queue: Address::ZERO,
        };
        client.queue = client
            .view(rollup, "QUEUE", &Rollup::QUEUECall {}, BlockId::latest())
            .await?;
        let theirs = client
            .view(
                rollup,
                "deployment",
                &Rollup::deploymentCall {},
                BlockId::latest(),
            )
            .await?;
        let ours = U256::from_be_bytes(to_be_bytes(&client.deployment().to_scalar()));
        if theirs != ours {
            return Err(ChainError::Mismatch {
                what: "a rollup of deployment",
                expected: ours.to_string(),
                got: theirs.to_string(),
            });
        }
        Ok(client)
    }

    /// A chain where nothing is deployed yet: an account can send there, and there is nothing to view.
    pub(crate) async fn without_contracts(provider: DynProvider) -> Result<Self, ChainError> {
        let chain_id = answer(provider.get_chain_id()).await?;
        Ok(Self {
            provider,
            chain_id,
            rollup: Address::ZERO,
            queue: Address::ZERO,
        })
    }

    /// Digest of the key that the rollup's verifier has.
    pub(crate) async fn key_digest(&self) -> Result<B256, ChainError> {
        let latest = BlockId::latest();
        let verifier = self
            .view(self.rollup, "verifier", &Rollup::verifierCall {}, latest)
            .await?;
        self.view(
            verifier,
            "keyDigest",
            &DeciderVerifier::keyDigestCall {},
            latest,
        )
        .await
    }

    /// What steps must name.
    pub(crate) fn deployment(&self) -> Deployment {
        Deployment::new(self.chain_id, self.rollup.into_array())
    }

    /// The chain's id.
    pub(crate) fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The rollup.
    pub(crate) fn rollup(&self) -> Address {
        self.rollup
    }

    /// Its slot queue.
    pub(crate) fn queue(&self) -> Address {
        self.queue
    }

    /// The newest block.
    pub(crate) async fn head(&self) -> Result<BlockRef, ChainError> {
        let block = self.block(BlockNumberOrTag::Latest).await?;
        block.ok_or_else(|| ChainError::Inconsistent {
            expected: "a newest block".into(),
            got: "none".into(),
        })
    }

    /// The block of a number, if there is one.
    pub(crate) async fn block_at(&self, number: u64) -> Result<Option<BlockRef>, ChainError> {
        self.block(BlockNumberOrTag::Number(number)).await
    }

    async fn block(&self, tag: BlockNumberOrTag) -> Result<Option<BlockRef>, ChainError> {
        let block = answer(self.provider.get_block_by_number(tag)).await?;
        Ok(block.map(|block| BlockRef {
            number: block.header.number,
            hash: block.header.hash,
        }))
    }

    /// A view of a contract, decoded.
    pub(crate) async fn view<C: SolCall>(
        &self,
        to: Address,
        what: &'static str,
        call: &C,
        block: BlockId,
    ) -> Result<C::Return, ChainError> {
        let request = TransactionRequest::default()
            .to(to)
            .input(Bytes::from(call.abi_encode()).into());
        let request = self.provider.call(request).block(block);
        let answer = answer(request).await.map_err(|error| error.in_call(what))?;
        C::abi_decode_returns(&answer).map_err(|error| ChainError::Inconsistent {
            expected: format!("what {what} returns"),
            got: format!("{answer} ({error})"),
        })
    }

    /// S at a block.
    pub(crate) async fn state_at(&self, block: BlockRef) -> Result<U256, ChainError> {
        let at = BlockId::number(block.number);
        self.view(self.rollup, "state", &Rollup::stateCall {}, at)
            .await
    }

    /// From which block on a deposit can be reclaimed, as a block has it; zero if there is none.
    pub(crate) async fn deposit_expiry(
        &self,
        deposit: &Rollup::expiryOfCall,
        at: BlockId,
    ) -> Result<u64, ChainError> {
        let expiry = self.view(self.rollup, "expiryOf", deposit, at).await?;
        Ok(u64::try_from(expiry).unwrap_or(u64::MAX))
    }

    /// Notes of new blocks, from an endpoint that can push; nothing from one that cannot.
    pub(crate) async fn new_blocks(
        &self,
    ) -> Option<alloy::pubsub::Subscription<alloy::rpc::types::Header>> {
        self.provider.subscribe_blocks().await.ok()
    }
}
