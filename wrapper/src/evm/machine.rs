//! The compiled verifier contract in an EVM in process.

use super::chain::{Chain, Outcome, selector};
use crate::{
    keys::DeciderVerifyingKey,
    settlement::{BYTES, SettlementProof},
};

/// The artifact of the development key's contract, as `contracts/` compiles it.
const ARTIFACT: &str = include_str!("../../../contracts/artifacts/DeciderVerifier.json");
const CONTRACT: [u8; 20] = [0xc0; 20];
const CALLER: [u8; 20] = [0xca; 20];

/// Why the contract reverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `ScalarNotInField(word)`.
    Scalar {
        /// Which word.
        word: usize,
    },
    /// `PointNotOnCurve(word)`.
    Point {
        /// Its first word.
        word: usize,
    },
    /// `PairingInputInvalid()`.
    Pairing,
    /// `ProofRejected()`.
    Rejected,
}

/// Why the contract did not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvmError {
    /// The contract was compiled for another key.
    #[error(
        "expected the contract of key {expected}, got the one of {got}; write its constants with `notefold verifier-contract` and compile it"
    )]
    Key {
        /// Digest of the key at hand.
        expected: String,
        /// Digest in the contract.
        got: String,
    },
    /// The artifact does not hold a contract.
    #[error("expected an artifact with code, got another file")]
    Artifact,
    /// The contract refuses.
    #[error("expected the contract to accept the proof, got {0:?} after {1} gas")]
    Refused(Refusal, u64),
    /// The call ended in another way.
    #[error("expected the contract to accept or to refuse, got {0}")]
    Halted(String),
}

/// The contract's code.
pub struct VerifierContract {
    code: Vec<u8>,
    next_fork: bool,
}

/// `verify(uint256[39])` with a proof's words.
#[must_use]
pub fn call_data(words: &[u8]) -> Vec<u8> {
    let mut data = selector("verify(uint256[39])").to_vec();
    data.extend_from_slice(words);
    data
}

impl VerifierContract {
    /// The committed contract of the development key.
    ///
    /// # Errors
    ///
    /// [`EvmError::Artifact`].
    pub fn committed() -> Result<Self, EvmError> {
        Self::from_artifact(ARTIFACT)
    }

    /// A contract from the artifact that its compilation wrote.
    ///
    /// # Errors
    ///
    /// [`EvmError::Artifact`].
    pub fn from_artifact(artifact: &str) -> Result<Self, EvmError> {
        let json: serde_json::Value =
            serde_json::from_str(artifact).map_err(|_| EvmError::Artifact)?;
        let code = json["deployedBytecode"].as_str();
        let code = code.and_then(|code| hex::decode(code.strip_prefix("0x")?).ok());
        Ok(Self {
            code: code.ok_or(EvmError::Artifact)?,
            next_fork: false,
        })
    }

    /// The same contract under the rules of the fork after.
    #[must_use]
    pub fn on_next_fork(self) -> Self {
        Self {
            next_fork: true,
            ..self
        }
    }

    /// Bytes of code.
    #[must_use]
    pub fn code_bytes(&self) -> usize {
        self.code.len()
    }

    /// Checks that the contract was compiled for a key.
    ///
    /// # Errors
    ///
    /// [`EvmError::Key`], [`EvmError::Halted`].
    pub fn check_key(&self, key: &DeciderVerifyingKey) -> Result<(), EvmError> {
        let (output, _) = self.call(selector("keyDigest()").to_vec())?;
        if output == key.digest() {
            return Ok(());
        }
        Err(EvmError::Key {
            expected: hex::encode(key.digest()),
            got: hex::encode(output),
        })
    }

    /// Verifies a proof and returns the gas of the whole transaction.
    ///
    /// # Errors
    ///
    /// [`EvmError::Refused`], [`EvmError::Halted`].
    pub fn verify(&self, proof: &SettlementProof) -> Result<u64, EvmError> {
        self.verify_words(&proof.to_bytes())
    }

    /// Verifies words that may not even be a proof's.
    ///
    /// # Errors
    ///
    /// [`EvmError::Refused`], [`EvmError::Halted`].
    pub fn verify_words(&self, words: &[u8]) -> Result<u64, EvmError> {
        if words.len() != BYTES {
            return Err(EvmError::Halted(format!("{} bytes of words", words.len())));
        }
        self.call(call_data(words)).map(|(_, gas)| gas)
    }

    fn call(&self, data: Vec<u8>) -> Result<(Vec<u8>, u64), EvmError> {
        let mut chain = Chain::new(1);
        if self.next_fork {
            chain = chain.on_next_fork();
        }
        chain.install(CONTRACT, &self.code);
        let Outcome { gas, result, .. } = chain
            .send(CALLER, Some(CONTRACT), 0, data)
            .map_err(|error| EvmError::Halted(error.to_string()))?;
        result.map(|output| (output, gas)).map_err(|output| {
            refusal(&output).map_or_else(
                || EvmError::Halted(format!("a revert with 0x{}", hex::encode(&output))),
                |refusal| EvmError::Refused(refusal, gas),
            )
        })
    }
}

fn refusal(output: &[u8]) -> Option<Refusal> {
    let name = output.get(..4)?;
    let word = output.get(35).map(|byte| usize::from(*byte));
    let is = |signature| name == selector(signature);
    if is("ProofRejected()") {
        Some(Refusal::Rejected)
    } else if is("PairingInputInvalid()") {
        Some(Refusal::Pairing)
    } else if is("ScalarNotInField(uint256)") {
        word.map(|word| Refusal::Scalar { word })
    } else if is("PointNotOnCurve(uint256)") {
        word.map(|word| Refusal::Point { word })
    } else {
        None
    }
}
