//! Notes, their commitments and nullifiers.
//!
//! Spec: `specs/notes.md`, NOTE-4 to NOTE-6.

use crate::{
    curves::{Fr, to_be_bytes},
    domain,
    encoding::{DecodeError, scalar_from_bytes},
    keys::{NullifierKey, OwnerKey},
    poseidon,
    value::NoteValue,
};
use ff::{Field, PrimeField};
use rand_core::{CryptoRng, RngCore};
use std::fmt;

/// A quantity that is one field element, decoded canonically and shown as a big-endian hexadecimal number.
macro_rules! field_type {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub(crate) Fr);

        impl $name {
            /// From 32 little-endian bytes of a reduced element.
            ///
            /// # Errors
            ///
            /// [`DecodeError::NonCanonicalScalar`].
            pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, DecodeError> {
                scalar_from_bytes($what, bytes).map(Self)
            }

            /// The 32 little-endian bytes.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 32] {
                self.0.to_repr().into()
            }

            /// As a field element.
            #[must_use]
            pub fn to_scalar(self) -> Fr {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x{}", hex::encode(to_be_bytes(&self.0)))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}
pub(crate) use field_type;

field_type!(
    /// A note commitment: a leaf of the note tree.
    NoteCommitment,
    "note commitment"
);
field_type!(
    /// A nullifier: published when a note is spent, and unlinkable to its commitment without the nullifier key.
    Nullifier,
    "nullifier"
);

/// An asset, by its ERC-20 contract; all zeros is ether.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset([u8; 20]);

impl Asset {
    /// The chain's own currency.
    pub const ETHER: Self = Self([0; 20]);

    /// By contract address.
    #[must_use]
    pub const fn new(contract: [u8; 20]) -> Self {
        Self(contract)
    }

    /// The contract address.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The address as a big-endian integer.
    #[must_use]
    pub fn to_scalar(self) -> Fr {
        let mut repr = [0u8; 32];
        for (low, byte) in repr.iter_mut().zip(self.0.iter().rev()) {
            *low = *byte;
        }
        Fr::from_repr(repr.into()).expect("invariant: below 2^160 is below r")
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ETHER {
            f.write_str("ether")
        } else {
            write!(f, "0x{}", hex::encode(self.0))
        }
    }
}

/// What makes a commitment hiding and unique; known to sender and recipient only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rho(pub(crate) Fr);

impl Rho {
    /// A fresh value, for notes that are sent to nobody.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Self(Fr::random(rng))
    }
}

impl fmt::Debug for Rho {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rho(..)")
    }
}

/// A note: so much of an asset, locked to an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Amount.
    pub value: NoteValue,
    /// Asset.
    pub asset: Asset,
    /// Owner.
    pub owner: OwnerKey,
    /// Randomness.
    pub rho: Rho,
}

impl Note {
    /// `cm = Poseidon(DOMAIN_CM, value, asset, pk, rho)`.
    #[must_use]
    pub fn commitment(&self) -> NoteCommitment {
        NoteCommitment(commitment(
            self.value.to_scalar(),
            self.asset.to_scalar(),
            self.owner.0,
            self.rho.0,
        ))
    }

    /// `nf = Poseidon(DOMAIN_NF, nk, cm, position)`.
    ///
    /// The position makes nullifiers of equal notes differ, so nobody can be sent two notes of which only one can be
    /// spent.
    #[must_use]
    pub fn nullifier(&self, key: &NullifierKey, position: u32) -> Nullifier {
        Nullifier(nullifier(
            key.scalar(),
            self.commitment().0,
            Fr::from(u64::from(position)),
        ))
    }
}

/// The commitment over raw elements, as the circuit sees it.
pub(crate) fn commitment(value: Fr, asset: Fr, owner: Fr, rho: Fr) -> Fr {
    poseidon::hash(&[domain::tag(domain::COMMITMENT), value, asset, owner, rho])
}

/// The nullifier over raw elements, as the circuit sees it.
pub(crate) fn nullifier(nk: Fr, commitment: Fr, position: Fr) -> Fr {
    poseidon::hash(&[domain::tag(domain::NULLIFIER), nk, commitment, position])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Seed, SpendingKey};

    #[test]
    fn equal_notes_at_two_positions_have_two_nullifiers() {
        let key = SpendingKey::from_seed(&Seed::from_bytes([1; 32]));
        let note = Note {
            value: NoteValue::new(5),
            asset: Asset::ETHER,
            owner: key.owner(),
            rho: Rho(Fr::from(9)),
        };
        assert_ne!(
            note.nullifier(key.nullifier_key(), 0),
            note.nullifier(key.nullifier_key(), 1)
        );
    }

    #[test]
    fn every_field_of_a_note_is_committed_to() {
        let base = [1u64, 2, 3, 4].map(Fr::from);
        let commit = |v: [Fr; 4]| commitment(v[0], v[1], v[2], v[3]);
        for changed in 0..4 {
            let mut other = base;
            other[changed] += Fr::ONE;
            assert_ne!(commit(base), commit(other), "field {changed}");
        }
    }

    #[test]
    fn assets_are_big_endian_integers() {
        let mut contract = [0; 20];
        contract[19] = 7;
        assert_eq!(Asset::new(contract).to_scalar(), Fr::from(7));
        assert_eq!(Asset::ETHER.to_string(), "ether");
    }
}
