//! Addresses: owner key and encryption key as one bech32m text.

use super::OwnerKey;
use crate::{
    curves::Fr,
    encoding::{DecodeError, Reader, put_scalar},
};
use bech32::{Bech32m, Hrp, primitives::decode::CheckedHrpstring};
use std::{fmt, str::FromStr};
use x25519_dalek::{PublicKey, StaticSecret};

const HRP: &str = "notefold";

/// Where a note can be sent: 64 bytes, owner key then X25519 key, shown as `notefold1…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    owner: OwnerKey,
    encryption: PublicKey,
}

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not bech32m, or its checksum does not match.
    #[error("expected a bech32m text with a valid checksum: {0}")]
    Bech32(String),
    /// The text belongs to something else.
    #[error("expected an address that starts with {HRP}1, got prefix {got}")]
    WrongPrefix {
        /// Prefix found.
        got: String,
    },
    /// The payload is not two keys.
    #[error(transparent)]
    Payload(#[from] DecodeError),
    /// An X25519 key of small order would make every shared secret public.
    #[error("expected an X25519 key of large order, got a key of small order")]
    SmallOrder,
}

impl Address {
    /// Combines the two public keys.
    ///
    /// # Errors
    ///
    /// [`AddressError::SmallOrder`].
    pub fn from_keys(owner: OwnerKey, encryption: PublicKey) -> Result<Self, AddressError> {
        // Clamped secrets are multiples of the cofactor, so any one of them exposes a point of small order.
        let probe = StaticSecret::from([1; 32]).diffie_hellman(&encryption);
        if !probe.was_contributory() {
            return Err(AddressError::SmallOrder);
        }
        Ok(Self { owner, encryption })
    }

    /// The key that notes are locked to.
    #[must_use]
    pub fn owner(&self) -> OwnerKey {
        self.owner
    }

    pub(crate) fn encryption(&self) -> &PublicKey {
        &self.encryption
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut payload = Vec::with_capacity(64);
        put_scalar(&mut payload, &self.owner.0);
        payload.extend_from_slice(self.encryption.as_bytes());
        let text = bech32::encode::<Bech32m>(Hrp::parse_unchecked(HRP), &payload)
            .map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        // Bech32m alone: the general decoder would also take plain bech32, whose checksum lets characters be inserted.
        let parsed = CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|error| AddressError::Bech32(error.to_string()))?;
        let prefix = parsed.hrp().to_lowercase();
        if prefix != HRP {
            return Err(AddressError::WrongPrefix { got: prefix });
        }
        let payload: Vec<u8> = parsed.byte_iter().collect();
        let mut reader = Reader::new(&payload);
        let owner: Fr = reader.scalar("owner key")?;
        let encryption = PublicKey::from(reader.array::<32>("encryption key")?);
        reader.finish()?;
        Self::from_keys(OwnerKey(owner), encryption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Seed, SpendingKey};
    use proptest::prelude::*;

    fn address() -> Address {
        SpendingKey::from_seed(&Seed::from_bytes([1; 32])).address()
    }

    #[test]
    fn round_trip() {
        let text = address().to_string();
        assert!(text.starts_with("notefold1"), "{text}");
        assert_eq!(text.parse::<Address>(), Ok(address()));
        assert_eq!(text.to_uppercase().parse::<Address>(), Ok(address()));
    }

    #[test]
    fn wrong_prefix_and_wrong_length_are_named() {
        let encode = |hrp: &str, payload: &[u8]| {
            bech32::encode::<Bech32m>(Hrp::parse(hrp).expect("prefix"), payload).expect("text")
        };
        assert_eq!(
            encode("zs", &[1; 64]).parse::<Address>(),
            Err(AddressError::WrongPrefix { got: "zs".into() })
        );
        assert!(matches!(
            encode(HRP, &[1; 63]).parse::<Address>(),
            Err(AddressError::Payload(DecodeError::Truncated {
                what: "encryption key",
                ..
            }))
        ));
        assert!(matches!(
            encode(HRP, &[1; 65]).parse::<Address>(),
            Err(AddressError::Payload(DecodeError::TrailingBytes {
                expected: 64,
                got: 65
            }))
        ));
        assert!(matches!(
            encode(HRP, &[0xff; 64]).parse::<Address>(),
            Err(AddressError::Payload(
                DecodeError::NonCanonicalScalar { .. }
            ))
        ));
        let mut small_order = [0; 64];
        small_order[0] = 1;
        assert_eq!(
            encode(HRP, &small_order).parse::<Address>(),
            Err(AddressError::SmallOrder)
        );
        let plain = bech32::encode::<bech32::Bech32>(Hrp::parse_unchecked(HRP), &[1; 64]);
        assert!(matches!(
            plain.expect("text").parse::<Address>(),
            Err(AddressError::Bech32(_))
        ));
    }

    proptest! {
        #[test]
        fn any_changed_character_is_refused(position in 0usize..100, change in 1u8..26) {
            let mut text = address().to_string().into_bytes();
            let position = position % text.len();
            if text[position].is_ascii_lowercase() {
                text[position] = b'a' + (text[position] - b'a' + change) % 26;
                let text = String::from_utf8(text).expect("ASCII");
                prop_assert!(text.parse::<Address>().is_err());
            }
        }
    }
}
