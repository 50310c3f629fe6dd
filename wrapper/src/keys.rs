//! The decider's keys, and the files that hold them.
//!
//! A file is `magic, length of the metadata, metadata (JSON), verifying key, proving key, SHA-256 of all before`, and its name
//! is the digest of the verifying key (`specs/keys.md`). It is read as a stream: nothing is held twice.

mod file;

pub use file::{KeysFileError, find_keys, read_keys, read_verifying_key, write_keys};

use crate::{
    convert::{g2_from_ark, g2_to_ark},
    groth16::{self, Matrices, ProvingKey, SetupError, ToxicWaste, VerifyingKey},
};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, SerializationError};
use notefold_folding::{
    commitment_key::KeyOrigin, curves::G2Affine, ivc::FoldingParams, step::ParamsDigest,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};
use std::io::{Read, Write};

/// What a verifier of settlement proofs needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeciderVerifyingKey {
    /// The Groth16 part.
    pub groth16: VerifyingKey,
    params: ParamsDigest,
    tau_g2: G2Affine,
    digest: [u8; 32],
}

/// Both keys, and where they come from.
pub struct DeciderKeys {
    /// What verifies.
    pub verifying: DeciderVerifyingKey,
    /// What proves.
    pub proving: ProvingKey,
    /// Who knows the toxic waste.
    pub origin: KeyOrigin,
}

impl DeciderVerifyingKey {
    /// Combines a Groth16 key with the commitment key of folding parameters.
    #[must_use]
    pub fn new(groth16: VerifyingKey, params: &FoldingParams) -> Self {
        Self::of(groth16, params.digest(), *params.step().key().tau_g2())
    }

    fn of(groth16: VerifyingKey, params: ParamsDigest, tau_g2: G2Affine) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"notefold decider verifying key v1");
        hasher.update(groth16.digest());
        hasher.update(params.bytes());
        let digest = hasher.finalize().into();
        Self {
            groth16,
            params,
            tau_g2,
            digest,
        }
    }

    /// Names the key; part of every challenge.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The folding parameters, which name the commitment key.
    #[must_use]
    pub fn params(&self) -> ParamsDigest {
        self.params
    }

    /// τ·G₂ of the commitment key.
    #[must_use]
    pub fn tau_g2(&self) -> &G2Affine {
        &self.tau_g2
    }

    fn write(&self, mut writer: impl Write) -> Result<(), SerializationError> {
        self.params.bytes().serialize_uncompressed(&mut writer)?;
        g2_to_ark(&self.tau_g2).serialize_uncompressed(&mut writer)?;
        self.groth16.serialize_uncompressed(writer)
    }

    fn read(mut reader: impl Read) -> Result<Self, SerializationError> {
        let params = <[u8; 32]>::deserialize_uncompressed(&mut reader)?;
        let tau_g2 = ark_bn254::G2Affine::deserialize_uncompressed(&mut reader)?;
        let tau_g2 = g2_from_ark(&tau_g2).ok_or(SerializationError::InvalidData)?;
        let groth16 = VerifyingKey::deserialize_uncompressed(reader)?;
        Ok(Self::of(groth16, ParamsDigest::new(params), tau_g2))
    }
}

/// Makes development keys: the seed determines the toxic waste. **Insecure**.
///
/// # Errors
///
/// [`SetupError`].
pub fn generate_insecure(
    params: &FoldingParams,
    matrices: &Matrices,
    seed: &str,
    progress: impl FnMut(&'static str),
) -> Result<DeciderKeys, SetupError> {
    let mut hasher = Sha256::new();
    hasher.update(b"notefold insecure decider keys v1");
    hasher.update(seed.as_bytes());
    let mut rng = ChaCha20Rng::from_seed(hasher.finalize().into());
    let toxic = ToxicWaste::random(&mut rng);
    let proving = groth16::setup(matrices, &toxic, progress)?;
    Ok(DeciderKeys {
        verifying: DeciderVerifyingKey::new(proving.verifying_key.clone(), params),
        proving,
        origin: KeyOrigin::InsecureDevelopment {
            seed: seed.to_owned(),
        },
    })
}
