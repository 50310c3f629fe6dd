//! What a command can fail with.

use crate::chain::ChainError;
use notefold_folding::{
    batch::{BatchError, CheckpointError},
    commitment_key::{KeyError, KeyFileError},
    cyclefold::GroupOperationError,
    encoding::DecodeError,
    keys::AddressError,
    state::StateError,
    step::{BuildError, ProveError, VerifyError},
    value::ValueError,
};
use notefold_wrapper::{
    SettlementError,
    evm::{EvmError, Halted},
    groth16::SetupError,
    keys::KeysFileError,
    settlement::SettlementDecodeError,
    wrap::WrapError,
};
use std::path::{Path, PathBuf};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Reading or writing a file failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// A file that must not be overwritten is there.
    #[error("{path}: expected no such file, found one; it is not overwritten")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A key file is not one.
    #[error("{path}: expected {expected}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        expected: &'static str,
    },
    /// The password is not that of the key file.
    #[error("{path}: expected the password of this key file, got another, or the file is damaged")]
    WrongPassword {
        /// The file.
        path: PathBuf,
    },
    /// There is no password to be had.
    #[error(
        "expected a password from --password-file, from NOTEFOLD_PASSWORD, or typed on a terminal, got none"
    )]
    NoPassword,
    /// The two passwords that were typed are not the same.
    #[error("expected the same password twice, got two")]
    PasswordsDiffer,
    /// A configuration file is not one.
    #[error("{path}: {source}")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
    /// A setting is missing or out of range.
    #[error("setting {name}: expected {expected}, got {got}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// The node cannot go on.
    #[error("{what}: expected it to go on, got {got}")]
    Node {
        /// Which part.
        what: &'static str,
        /// Why not.
        got: String,
    },
    /// Steps that cannot settle any more.
    #[error("expected {total} steps to settle, got {lost} that cannot any more")]
    StepsLost {
        /// Steps sent.
        total: usize,
        /// Steps lost.
        lost: usize,
    },
    /// No such batch.
    #[error("expected batch {number} on the chain, got none")]
    NoBatch {
        /// Its number.
        number: u64,
    },
    /// Not a seed.
    #[error("expected a seed of 64 hexadecimal digits on standard input")]
    Seed,
    /// A file does not decode.
    #[error("{path}: {source}")]
    Decode {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: DecodeError,
    },
    /// A file is larger than any valid one.
    #[error("{path}: expected at most {limit} bytes, got {got}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bound.
        limit: usize,
        /// Size.
        got: u64,
    },
    /// A state folder cannot be opened or written.
    #[error("{path}: {source}")]
    Store {
        /// The folder.
        path: PathBuf,
        /// What failed.
        source: Box<redb::Error>,
    },
    /// A state folder holds something else than this build writes.
    #[error("{path}: expected {expected}, got {got}")]
    State {
        /// The folder.
        path: PathBuf,
        /// What should be there.
        expected: String,
        /// What is.
        got: String,
    },
    /// A step belongs to another deployment.
    #[error("{path}: expected a step for deployment {expected}, got one for {got}")]
    WrongDeployment {
        /// The step.
        path: PathBuf,
        /// Deployment of the state.
        expected: String,
        /// Deployment of the step.
        got: String,
    },
    /// A step's proof is refused.
    #[error("{path}: {source}")]
    Refused {
        /// The step.
        path: PathBuf,
        /// Why.
        source: VerifyError,
    },
    /// Some of several steps are refused; each was reported.
    #[error("expected {total} valid steps, got {refused} that are refused")]
    SomeRefused {
        /// Steps given.
        total: usize,
        /// Steps refused.
        refused: usize,
    },
    /// No step is left to fold.
    #[error(
        "expected at least one step that belongs into the batch, got {refused} that are refused"
    )]
    EmptyBatch {
        /// Steps refused.
        refused: usize,
    },
    /// A checkpoint is none to go on from. It is left as it is.
    #[error("{path}: {source}; the file is left as it is")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// Why.
        source: CheckpointError,
    },
    /// A proof of a batch is refused.
    #[error("{path}: {source}")]
    Batch {
        /// The file.
        path: PathBuf,
        /// Why.
        source: BatchError,
    },
    /// The decider's keys are not usable.
    #[error(transparent)]
    DeciderKeys(#[from] KeysFileError),
    /// The decider's keys cannot be made.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A batch cannot be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// A settlement proof does not decode.
    #[error("{path}: {source}")]
    SettlementDecode {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: SettlementDecodeError,
    },
    /// A settlement proof is refused.
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    /// The contract does not accept a settlement proof.
    #[error(transparent)]
    Evm(#[from] EvmError),
    /// The chain.
    #[error(transparent)]
    Rpc(#[from] ChainError),
    /// A transaction on the chain in process did not run.
    #[error(transparent)]
    Chain(#[from] Halted),
    /// A transaction was refused where it should not be.
    #[error("expected the contracts to accept the transaction, got a revert with 0x{data}")]
    Reverted {
        /// What it reverted with.
        data: String,
    },
    /// Two points whose sum has no chord.
    #[error(transparent)]
    GroupOperation(#[from] GroupOperationError),
    /// The wallet's notes do not cover a payment.
    #[error("expected notes worth at least {needed} {asset}, got {available}{}", if *.split { " in the two largest; join notes first by paying yourself" } else { "" })]
    Funds {
        /// Amount to pay.
        needed: u128,
        /// Asset.
        asset: String,
        /// Amount at hand.
        available: u128,
        /// Whether all notes together would do.
        split: bool,
    },
    /// A benchmark's result cannot be written.
    #[error("the result cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Key handling.
    #[error(transparent)]
    CommitmentKey(#[from] KeyFileError),
    /// Points that are no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An address is not one.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// An amount is out of range.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Notes and amounts are not a step.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A step is not provable.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// A step does not apply to the state.
    #[error("{path}: {source}")]
    Apply {
        /// The step.
        path: PathBuf,
        /// Why.
        source: StateError,
    },
}

impl Error {
    /// An I/O error with its file.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    /// The error of creating a file that must not be there yet.
    pub(crate) fn new_file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => Self::Exists {
                path: path.to_owned(),
            },
            _ => Self::Io {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// A store error with its folder.
    pub(crate) fn store<E: Into<redb::Error>>(path: &Path) -> impl Fn(E) -> Self + '_ {
        move |source| Self::Store {
            path: path.to_owned(),
            source: Box::new(source.into()),
        }
    }
}
