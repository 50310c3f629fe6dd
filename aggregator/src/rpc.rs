//! What note provers and aggregators say to each other over gRPC. Spec: `specs/rpc.md`, RPC-1 to RPC-5.

use notefold_folding::step::StatementHash;

#[allow(missing_docs, unreachable_pub, clippy::all, clippy::unwrap_used)]
mod generated {
    tonic::include_proto!("notefold.v1");
}

pub(crate) use generated::{
    Accepted, DescribeRequest, Description, Folded, Reason, Refused, Settled, StepStatus,
    StepSubmission, Wait, WatchRequest,
    aggregator_client::AggregatorClient,
    aggregator_server::{Aggregator, AggregatorServer},
    step_status::Outcome,
};

/// Bound on the bytes of one message.
pub(crate) const MAX_MESSAGE_BYTES: usize = notefold_folding::step::MAX_STEP_PROOF_BYTES + 1024;

/// Submissions that a sender has under way before it waits for what becomes of them.
pub(crate) const WINDOW: usize = 32;

impl Outcome {
    /// A refusal.
    pub(crate) fn refused(reason: Reason, message: impl ToString) -> Self {
        Self::Refused(Refused {
            reason: reason.into(),
            message: message.to_string(),
        })
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted(Accepted {}) => f.write_str("accepted"),
            Self::Folded(Folded { batch }) => write!(f, "folded into batch {batch}"),
            Self::Settled(Settled { batch, transaction }) => {
                write!(
                    f,
                    "settled in batch {batch}, transaction 0x{}",
                    hex::encode(transaction)
                )
            }
            Self::Refused(Refused { message, .. }) => write!(f, "refused: {message}"),
            Self::Wait(Wait { milliseconds }) => write!(f, "wait {milliseconds} ms"),
        }
    }
}

/// The step that a status is about.
pub(crate) fn step_of(bytes: &[u8]) -> Option<StatementHash> {
    StatementHash::from_bytes(bytes.try_into().ok()?).ok()
}
