//! What talking to the chain can fail with.

use crate::contracts::{Rollup, SlotQueue};
use alloy::{
    primitives::{Address, Bytes},
    sol_types::SolInterface,
    transports::{RpcError, TransportErrorKind},
};

/// Why the chain did not give what was asked of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChainError {
    /// The endpoint cannot be reached, or does not answer as it should.
    #[error("expected an answer of the chain's RPC endpoint: {0}")]
    Rpc(#[from] RpcError<TransportErrorKind>),
    /// No answer in time.
    #[error("expected an answer of the chain's RPC endpoint within {seconds} s, got none")]
    Timeout {
        /// How long it was waited for.
        seconds: u64,
    },
    /// A call or transaction is refused by a contract.
    #[error("expected the contract to accept {what}, got {reason}")]
    Reverted {
        /// What was asked.
        what: &'static str,
        /// The error, decoded where it is known.
        reason: Revert,
    },
    /// An endpoint of another chain or another deployment.
    #[error("expected {what} {expected}, got {got}")]
    Mismatch {
        /// What is compared.
        what: &'static str,
        /// What should be there.
        expected: String,
        /// What is.
        got: String,
    },
    /// Data that contradict each other: of an endpoint that lags, or lies, or was reorganised in between.
    #[error("expected {expected} from the chain's RPC endpoint, got {got}")]
    Inconsistent {
        /// What should be there.
        expected: String,
        /// What is.
        got: String,
    },
    /// The account cannot pay.
    #[error("expected account {account} to hold at least {needed} wei, got {got}")]
    Funds {
        /// The account.
        account: Address,
        /// What is needed.
        needed: String,
        /// What it has.
        got: String,
    },
    /// A transaction was mined and reverted.
    #[error("expected transaction {hash} to succeed, got a reverted one")]
    Failed {
        /// The transaction.
        hash: String,
    },
    /// Not a URL that can be connected to.
    #[error("expected a URL of an RPC endpoint (http, https, ws or wss), got {got:?}")]
    Url {
        /// What was given.
        got: String,
    },
}

impl ChainError {
    /// Whether the same may succeed a little later.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Rpc(_) | Self::Timeout { .. } | Self::Inconsistent { .. } => true,
            Self::Reverted { .. }
            | Self::Mismatch { .. }
            | Self::Funds { .. }
            | Self::Failed { .. }
            | Self::Url { .. } => false,
        }
    }

    /// The revert that an error of a call stands for, if it is one.
    pub(crate) fn in_call(self, what: &'static str) -> Self {
        let Self::Rpc(error) = self else {
            return self;
        };
        let Some(response) = error.as_error_resp() else {
            return Self::Rpc(error);
        };
        match response.as_revert_data() {
            Some(data) => Self::Reverted {
                what,
                reason: Revert::decode(&data),
            },
            // A revert without data: a failed require of another contract, or an endpoint that leaves it out.
            None if response.message.contains("revert") => Self::Reverted {
                what,
                reason: Revert::Unknown(Bytes::new()),
            },
            None => Self::Rpc(error),
        }
    }
}

/// An error of a contract.
#[derive(Debug)]
pub(crate) enum Revert {
    /// Of the rollup.
    Rollup(Box<Rollup::RollupErrors>),
    /// Of the slot queue.
    SlotQueue(Box<SlotQueue::SlotQueueErrors>),
    /// Of neither.
    Unknown(Bytes),
}

impl Revert {
    fn decode(data: &[u8]) -> Self {
        if let Ok(error) = Rollup::RollupErrors::abi_decode(data) {
            return Self::Rollup(Box::new(error));
        }
        if let Ok(error) = SlotQueue::SlotQueueErrors::abi_decode(data) {
            return Self::SlotQueue(Box::new(error));
        }
        Self::Unknown(Bytes::copy_from_slice(data))
    }

    /// The deposit that a settlement cannot consume, if that is why it is refused.
    pub(crate) fn unusable_deposit(&self) -> Option<[u8; 32]> {
        match self {
            Self::Rollup(error) => match error.as_ref() {
                Rollup::RollupErrors::DepositNotConsumable(error) => Some(error.id.0),
                _ => None,
            },
            _ => None,
        }
    }
}

impl std::fmt::Display for Revert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rollup(error) => write!(f, "{error:?}"),
            Self::SlotQueue(error) => write!(f, "{error:?}"),
            Self::Unknown(data) if data.is_empty() => f.write_str("a revert without reason"),
            Self::Unknown(data) => write!(f, "a revert with {data}"),
        }
    }
}
