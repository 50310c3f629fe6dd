//! Keys: one seed, a spending key, a nullifier key, an owner key, and a key for note encryption.
//!
//! ```text
//! seed ──HKDF──► sk ──Poseidon──► nk ──Poseidon──► pk ──┐
//!    └───HKDF──► X25519 secret ───────────► X25519 public ┴─► Address (bech32m)
//! ```
//!
//! Spec: `specs/notes.md`, NOTE-1 to NOTE-3.

mod address;

pub use address::{Address, AddressError};

use crate::{curves::Fr, domain, poseidon, secret::SecretScalars};
use ff::FromUniformBytes;
use hkdf::Hkdf;
use rand_core::{CryptoRng, RngCore};
use sha2::Sha512;
use std::fmt;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of a seed.
pub const SEED_BYTES: usize = 32;

const KEY_SALT: &[u8] = b"notefold keys v1";

/// The secret that everything else of a wallet is derived from.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; SEED_BYTES]);

impl Seed {
    /// A fresh seed.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = [0; SEED_BYTES];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// From stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SEED_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes to store; whoever holds them can spend.
    #[must_use]
    pub fn expose(&self) -> &[u8; SEED_BYTES] {
        &self.0
    }

    /// Secret of the Ethereum account that belongs to this seed: a wallet's deposits come back to it, an aggregator settles
    /// from it. It is a secp256k1 secret but with probability 2^−128.
    #[must_use]
    pub fn account_secret(&self) -> zeroize::Zeroizing<[u8; 32]> {
        self.derive(b"ethereum account")
    }

    fn derive<const N: usize>(&self, info: &[u8]) -> zeroize::Zeroizing<[u8; N]> {
        let mut output = zeroize::Zeroizing::new([0; N]);
        Hkdf::<Sha512>::new(Some(KEY_SALT), &self.0)
            .expand(info, output.as_mut_slice())
            .expect("invariant: HKDF-SHA-512 yields far more than 64 bytes");
        output
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

/// The nullifier key `nk = Poseidon(DOMAIN_NK, sk)`: tells which notes are spent, but cannot spend.
#[derive(Clone, Debug)]
pub struct NullifierKey(SecretScalars);

impl NullifierKey {
    /// The owner key `pk = Poseidon(DOMAIN_PK, nk)`.
    #[must_use]
    pub fn owner(&self) -> OwnerKey {
        OwnerKey(poseidon::hash(&[
            domain::tag(domain::OWNER_KEY),
            self.scalar(),
        ]))
    }

    pub(crate) fn scalar(&self) -> Fr {
        self.0.scalar()
    }
}

/// The owner key `pk`: what a note is locked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnerKey(pub(crate) Fr);

/// All keys of a wallet.
#[derive(Clone)]
pub struct SpendingKey {
    sk: SecretScalars,
    nullifier_key: NullifierKey,
    owner: OwnerKey,
    encryption: StaticSecret,
}

impl SpendingKey {
    /// Derives all keys from a seed.
    #[must_use]
    pub fn from_seed(seed: &Seed) -> Self {
        let sk = SecretScalars::one(Fr::from_uniform_bytes(&seed.derive::<64>(b"spending key")));
        let encryption = StaticSecret::from(*seed.derive::<32>(b"note encryption key"));
        let nk = poseidon::hash(&[domain::tag(domain::NULLIFIER_KEY), sk.scalar()]);
        let nullifier_key = NullifierKey(SecretScalars::one(nk));
        let owner = nullifier_key.owner();
        Self {
            sk,
            nullifier_key,
            owner,
            encryption,
        }
    }

    /// The nullifier key.
    #[must_use]
    pub fn nullifier_key(&self) -> &NullifierKey {
        &self.nullifier_key
    }

    /// The owner key.
    #[must_use]
    pub fn owner(&self) -> OwnerKey {
        self.owner
    }

    /// The address to be paid at.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::from_keys(self.owner, PublicKey::from(&self.encryption))
            .expect("invariant: a clamped secret times the base point has large order")
    }

    pub(crate) fn sk(&self) -> Fr {
        self.sk.scalar()
    }

    pub(crate) fn encryption(&self) -> &StaticSecret {
        &self.encryption
    }
}

impl fmt::Debug for SpendingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpendingKey")
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_from_the_seed_alone() {
        let key = SpendingKey::from_seed(&Seed::from_bytes([7; 32]));
        let again = SpendingKey::from_seed(&Seed::from_bytes([7; 32]));
        let other = SpendingKey::from_seed(&Seed::from_bytes([8; 32]));
        assert_eq!(key.address(), again.address());
        assert_ne!(key.owner(), other.owner());
        assert_eq!(
            key.owner().0,
            poseidon::hash(&[
                domain::tag(domain::OWNER_KEY),
                poseidon::hash(&[domain::tag(domain::NULLIFIER_KEY), key.sk()]),
            ])
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let seed = Seed::from_bytes([7; 32]);
        let key = SpendingKey::from_seed(&seed);
        let shown = format!("{seed:?} {key:?} {:?}", key.nullifier_key());
        let hex_of = |value: Fr| hex::encode(crate::curves::to_be_bytes(&value));
        assert!(!shown.contains(&hex_of(key.sk())), "{shown}");
        assert!(
            !shown.contains(&hex_of(key.nullifier_key().scalar())),
            "{shown}"
        );
        assert!(
            !shown.contains("0707") && !shown.contains("7, 7"),
            "{shown}"
        );
    }
}
