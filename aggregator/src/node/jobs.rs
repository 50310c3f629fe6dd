//! What the stages hand to each other: values that can be written down, so that a stage can go on after a restart, or run
//! elsewhere.

use crate::chain::Attempt;
use alloy::primitives::U256;
use notefold_folding::{
    encoding::{DecodeError, Reader, put_header},
    step::StatementHash,
};
use serde::{Deserialize, Serialize};

const MAGIC: [u8; 4] = *b"NFJB";
const VERSION: u16 = 1;
const WHAT: &str = "job";

/// To fold: a closed batch, as a checkpoint that a prover goes on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoldJob {
    /// What the batch is told by.
    pub(crate) tag: Tag,
    /// The batch.
    pub(crate) checkpoint: Vec<u8>,
}

/// To wrap: a proven batch, complete in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrapJob {
    /// What the batch is told by.
    pub(crate) tag: Tag,
    /// The proven batch.
    pub(crate) proven: Vec<u8>,
}

/// To settle: a call of the rollup, and the transactions that were signed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettleJob {
    /// What the batch is told by.
    pub(crate) tag: Tag,
    /// The call.
    pub(crate) calldata: Vec<u8>,
    /// Transactions with one nonce.
    pub(crate) attempt: Option<Attempt>,
}

/// What a batch is told by, in every stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    /// Its number on the chain.
    pub(crate) batch: u64,
    /// S before it.
    pub(crate) before: U256,
    /// S after it.
    pub(crate) after: U256,
    /// Its steps, in order.
    #[serde(with = "hashes")]
    pub(crate) steps: Vec<StatementHash>,
}

mod hashes {
    use notefold_folding::step::StatementHash;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        hashes: &[StatementHash],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes: Vec<String> = hashes.iter().map(|x| hex::encode(x.to_bytes())).collect();
        bytes.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<StatementHash>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        texts
            .into_iter()
            .map(|text| {
                let mut bytes = [0; 32];
                hex::decode_to_slice(text, &mut bytes).map_err(D::Error::custom)?;
                StatementHash::from_bytes(bytes).map_err(D::Error::custom)
            })
            .collect()
    }
}

/// Where a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// Being folded.
    Fold(FoldJob),
    /// Being wrapped.
    Wrap(WrapJob),
    /// Being settled.
    Settle(SettleJob),
}

impl Job {
    /// What the batch is told by.
    pub(crate) fn tag(&self) -> &Tag {
        match self {
            Self::Fold(job) => &job.tag,
            Self::Wrap(job) => &job.tag,
            Self::Settle(job) => &job.tag,
        }
    }

    /// Header, kind, then two fields with their lengths: the tag as JSON with what is small, and the payload.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (kind, attempt, payload) = match self {
            Self::Fold(job) => (0, None, &job.checkpoint),
            Self::Wrap(job) => (1, None, &job.proven),
            Self::Settle(job) => (2, job.attempt.as_ref(), &job.calldata),
        };
        let head = serde_json::to_vec(&(self.tag(), attempt))
            .expect("invariant: numbers and text are JSON");
        let mut bytes = Vec::with_capacity(head.len() + payload.len() + 32);
        put_header(&mut bytes, MAGIC, VERSION);
        bytes.push(kind);
        for field in [&head, payload] {
            bytes.extend_from_slice(&(field.len() as u64).to_le_bytes());
            bytes.extend_from_slice(field);
        }
        bytes
    }

    /// The inverse of [`Self::to_bytes`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        reader.header(WHAT, MAGIC, VERSION)?;
        let kind = reader.u8("kind of job")?;
        let length = usize::try_from(reader.u64("length")?).unwrap_or(usize::MAX);
        let head = reader.take("head of a job", length)?;
        let length = usize::try_from(reader.u64("length")?).unwrap_or(usize::MAX);
        let payload = reader.take("payload of a job", length)?.to_vec();
        reader.finish()?;
        let malformed = DecodeError::OutOfRange {
            what: "job",
            expected: "a kind from 0 to 2 and a head that fits it",
            got: u64::from(kind),
        };
        let (tag, attempt) = serde_json::from_slice::<(Tag, Option<Attempt>)>(head)
            .map_err(|_| malformed.clone())?;
        Ok(match kind {
            0 => Self::Fold(FoldJob {
                tag,
                checkpoint: payload,
            }),
            1 => Self::Wrap(WrapJob {
                tag,
                proven: payload,
            }),
            2 => Self::Settle(SettleJob {
                tag,
                calldata: payload,
                attempt,
            }),
            _ => return Err(malformed),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_round_trip() {
        let tag = Tag {
            batch: 3,
            before: U256::from(4),
            after: U256::MAX,
            steps: vec![StatementHash::from_bytes([0; 32]).expect("zero")],
        };
        let payload = vec![7; 100];
        let jobs = [
            Job::Fold(FoldJob {
                tag: tag.clone(),
                checkpoint: payload.clone(),
            }),
            Job::Wrap(WrapJob {
                tag: tag.clone(),
                proven: payload.clone(),
            }),
            Job::Settle(SettleJob {
                tag,
                calldata: payload,
                attempt: None,
            }),
        ];
        for job in jobs {
            let bytes = job.to_bytes();
            assert_eq!(Job::from_bytes(&bytes), Ok(job));
            assert!(Job::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
