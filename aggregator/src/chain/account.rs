//! One account's transactions, one at a time.
//!
//! *The nonce is the lock.* A transaction takes the account's count in the newest block, read before anything else that it
//! depends on. Replacements keep it, so at most one of them lands; and whatever else of this account lands in between, from this
//! process or from another with the same key, makes them all invalid instead of late. So a settlement that was right when its
//! preflight ran cannot be mined after another settlement of the same account.

use super::{
    BlockRef, ChainClient, ChainError,
    client::{answer, answer_within},
};
use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::eip2718::Encodable2718,
    network::TxSignerSync,
    primitives::{Address, B256, Bytes, TxKind, U256},
    providers::Provider,
    rpc::types::TransactionRequest,
    signers::local::PrivateKeySigner,
};
use notefold_folding::keys::Seed;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Mutex, MutexGuard};

/// Gas above the estimate, in hundredths: what is written may differ by a fresh word from what was estimated.
const GAS_MARGIN_PERCENT: u64 = 25;
/// By how much a replacement pays more, in hundredths; nodes ask for ten.
const BUMP_PERCENT: u128 = 25;
/// How long an estimate is waited for: the call runs several times for it.
const ESTIMATE: Duration = Duration::from_secs(30);
/// How often a receipt is asked for.
const POLL: Duration = Duration::from_millis(300);
/// Polls after which a transaction is replaced by one that pays more.
const POLLS_UNTIL_BUMP: u32 = 100;

/// The account of a seed.
pub(crate) fn account_of(seed: &Seed) -> PrivateKeySigner {
    let secret = B256::from(*seed.account_secret());
    PrivateKeySigner::from_bytes(&secret)
        .expect("invariant: 32 random bytes are a secret but with probability 2^−128")
}

/// A transaction and its replacements: everything that is needed to go on with it after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempt {
    /// What all of them share.
    pub(crate) nonce: u64,
    /// Nothing for a creation.
    to: Option<Address>,
    value: U256,
    gas: u64,
    input: Bytes,
    max_fee: u128,
    priority_fee: u128,
    /// Hashes of those that were signed, oldest first.
    pub(crate) hashes: Vec<B256>,
    /// From which of them on they do nothing but take the nonce.
    cancelled: Option<usize>,
}

impl Attempt {
    /// Whether it was given up.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.is_some()
    }
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Landed {
    /// One of its transactions is on the chain.
    Mined {
        /// Which.
        hash: B256,
        /// Where.
        block: BlockRef,
        /// Gas that it used.
        gas: u64,
        /// Whether it succeeded.
        success: bool,
        /// Whether it is the call itself, not a transaction in its place that does nothing.
        call: bool,
    },
    /// Another transaction took the nonce: none of these can land any more.
    Superseded,
}

/// An account on a chain.
#[derive(Clone)]
pub(crate) struct Account {
    client: ChainClient,
    signer: Arc<PrivateKeySigner>,
    turn: Arc<Mutex<()>>,
}

impl Account {
    /// The account of a key on a chain.
    pub(crate) fn new(client: ChainClient, signer: PrivateKeySigner) -> Self {
        Self {
            client,
            signer: Arc::new(signer),
            turn: Arc::default(),
        }
    }

    /// Its address.
    pub(crate) fn address(&self) -> Address {
        self.signer.address()
    }

    /// The newest block.
    pub(crate) async fn head(&self) -> Result<BlockRef, ChainError> {
        self.client.head().await
    }

    /// What it holds.
    pub(crate) async fn balance(&self) -> Result<U256, ChainError> {
        answer(self.client.provider.get_balance(self.address())).await
    }

    /// Waits until no other transaction of this process is on its way.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Transactions of this account on the chain.
    pub(crate) async fn nonce(&self) -> Result<u64, ChainError> {
        answer(self.client.provider.get_transaction_count(self.address())).await
    }

    /// Runs a call against the newest block, without sending it, and prices it.
    pub(crate) async fn prepare(
        &self,
        what: &'static str,
        to: Option<Address>,
        value: U256,
        input: Bytes,
    ) -> Result<Attempt, ChainError> {
        let nonce = self.nonce().await?;
        let mut request = TransactionRequest::default()
            .from(self.address())
            .value(value)
            .input(input.clone().into());
        request.to = Some(to.map_or(TxKind::Create, TxKind::Call));
        let estimate = self.client.provider.estimate_gas(request);
        let gas = answer_within(ESTIMATE, estimate)
            .await
            .map_err(|error| error.in_call(what))?;
        let gas = gas + gas * GAS_MARGIN_PERCENT / 100;
        let fees = answer(self.client.provider.estimate_eip1559_fees()).await?;
        let cost = value + U256::from(fees.max_fee_per_gas) * U256::from(gas);
        let balance = self.balance().await?;
        if balance < cost {
            return Err(ChainError::Funds {
                account: self.address(),
                needed: cost.to_string(),
                got: balance.to_string(),
            });
        }
        Ok(Attempt {
            nonce,
            to,
            value,
            gas,
            input,
            max_fee: fees.max_fee_per_gas,
            priority_fee: fees.max_priority_fee_per_gas,
            hashes: Vec::new(),
            cancelled: None,
        })
    }

    /// Signs an attempt as it stands, and notes the hash in it. Keep the attempt before the bytes are sent.
    pub(crate) fn sign(&self, attempt: &mut Attempt) -> Vec<u8> {
        let mut transaction = TxEip1559 {
            chain_id: self.client.chain_id(),
            nonce: attempt.nonce,
            gas_limit: attempt.gas,
            max_fee_per_gas: attempt.max_fee,
            max_priority_fee_per_gas: attempt.priority_fee,
            to: attempt.to.map_or(TxKind::Create, TxKind::Call),
            value: attempt.value,
            access_list: Default::default(),
            input: attempt.input.clone(),
        };
        let signature = self
            .signer
            .sign_transaction_sync(&mut transaction)
            .expect("invariant: a local key signs anything of its chain");
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        let hash = *envelope.tx_hash();
        if !attempt.hashes.contains(&hash) {
            attempt.hashes.push(hash);
        }
        envelope.encoded_2718()
    }

    /// Hands signed bytes to the chain. What it answers is only told: receipts decide.
    pub(crate) async fn send(&self, raw: &[u8]) -> Result<(), ChainError> {
        answer(self.client.provider.send_raw_transaction(raw))
            .await
            .map(drop)
    }

    /// Pays more for the same transaction.
    pub(crate) async fn bump(&self, attempt: &mut Attempt) -> Result<(), ChainError> {
        let fees = answer(self.client.provider.estimate_eip1559_fees()).await?;
        let more = |fee: u128| fee + (fee * BUMP_PERCENT).div_ceil(100) + 1;
        attempt.max_fee = more(attempt.max_fee).max(fees.max_fee_per_gas);
        attempt.priority_fee = more(attempt.priority_fee).max(fees.max_priority_fee_per_gas);
        Ok(())
    }

    /// Turns an attempt into one that does nothing, under the same nonce, and pays more for it.
    pub(crate) async fn cancel(&self, attempt: &mut Attempt) -> Result<(), ChainError> {
        self.bump(attempt).await?;
        attempt.cancelled.get_or_insert(attempt.hashes.len());
        attempt.to = Some(self.address());
        attempt.value = U256::ZERO;
        attempt.input = Bytes::new();
        attempt.gas = 21_000;
        Ok(())
    }

    /// Takes a nonce with a transaction that does nothing, where an attempt has a later one: an endpoint lied about the count.
    ///
    /// The attempt itself is left as it is. Signed anew under the right nonce, there would be two of it.
    pub(crate) async fn fill(&self, nonce: u64) -> Result<(), ChainError> {
        let fees = answer(self.client.provider.estimate_eip1559_fees()).await?;
        let mut filler = Attempt {
            nonce,
            to: Some(self.address()),
            value: U256::ZERO,
            gas: 21_000,
            input: Bytes::new(),
            max_fee: fees.max_fee_per_gas,
            priority_fee: fees.max_priority_fee_per_gas,
            hashes: Vec::new(),
            cancelled: Some(0),
        };
        let raw = self.sign(&mut filler);
        self.send(&raw).await
    }

    /// What became of an attempt, if it is decided.
    pub(crate) async fn landed(&self, attempt: &Attempt) -> Result<Option<Landed>, ChainError> {
        // The count first: a receipt that is missing after the nonce was used will not appear.
        let nonce = self.nonce().await?;
        for (index, hash) in attempt.hashes.iter().enumerate() {
            let receipt = answer(self.client.provider.get_transaction_receipt(*hash)).await?;
            let Some(receipt) = receipt else { continue };
            let Some(block) = receipt.block_number.zip(receipt.block_hash) else {
                continue;
            };
            return Ok(Some(Landed::Mined {
                hash: *hash,
                block: BlockRef {
                    number: block.0,
                    hash: block.1,
                },
                gas: receipt.gas_used,
                success: receipt.status(),
                call: attempt.cancelled.is_none_or(|from| index < from),
            }));
        }
        Ok((nonce > attempt.nonce).then_some(Landed::Superseded))
    }

    /// Sends a call and waits until it is mined.
    pub(crate) async fn transact(
        &self,
        what: &'static str,
        to: Option<Address>,
        value: U256,
        input: Vec<u8>,
    ) -> Result<(B256, u64), ChainError> {
        let _turn = self.turn().await;
        let mut attempt = self.prepare(what, to, value, input.into()).await?;
        let raw = self.sign(&mut attempt);
        self.send(&raw).await?;
        let mut polls = 0;
        loop {
            tokio::time::sleep(POLL).await;
            match self.landed(&attempt).await {
                Ok(Some(Landed::Mined {
                    hash, gas, success, ..
                })) => {
                    return if success {
                        Ok((hash, gas))
                    } else {
                        Err(ChainError::Failed {
                            hash: hash.to_string(),
                        })
                    };
                }
                Ok(Some(Landed::Superseded)) => {
                    return Err(ChainError::Inconsistent {
                        expected: format!(
                            "a receipt of the transaction with nonce {}",
                            attempt.nonce
                        ),
                        got: "another transaction of this account in its place".into(),
                    });
                }
                Ok(None) => {}
                Err(error) if error.is_retryable() => {}
                Err(error) => return Err(error),
            }
            polls += 1;
            if polls % POLLS_UNTIL_BUMP == 0 {
                let count = self.nonce().await?;
                if count < attempt.nonce {
                    self.fill(count).await?;
                    continue;
                }
                self.bump(&mut attempt).await?;
                let raw = self.sign(&mut attempt);
                // The older one may have landed meanwhile; the next poll says so.
                let _ = self.send(&raw).await;
            }
        }
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.address())
    }
}
