//! Note encryption: both outputs of a step, to their recipients, under one ephemeral key.
//!
//! `rho` is derived from the shared secret, so a ciphertext carries the value, its tag, and a view tag that lets a
//! scanning wallet pass over other people's notes without decrypting: 82 bytes a step. X25519, HKDF-SHA-256 and
//! ChaCha20-Poly1305; a key encrypts one message, so the nonce is constant.
//!
//! Spec: `specs/notes.md`, NOTE-7 to NOTE-9.

use crate::{
    curves::Fr,
    keys::{Address, SpendingKey},
    note::{Asset, Note, NoteCommitment, Rho},
    value::NoteValue,
};
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use ff::FromUniformBytes;
use hkdf::Hkdf;
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Outputs of a step.
pub const OUTPUTS: usize = 2;
/// Bytes of an encrypted value with its authentication tag.
pub const BODY_BYTES: usize = 8 + 16;
/// Bytes of all ciphertexts of a step.
pub const CIPHERTEXT_BYTES: usize = 32 + OUTPUTS * (1 + BODY_BYTES);

const SALT: &[u8] = b"notefold note encryption v1";

/// One encrypted output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutputCiphertext {
    /// First byte of the key stream: equal for 1 in 256 notes that are not ours.
    pub view_tag: u8,
    /// Encrypted value and tag.
    pub body: [u8; BODY_BYTES],
}

/// What a step publishes for its recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteCiphertexts {
    /// Ephemeral X25519 key, shared by both outputs.
    pub ephemeral: [u8; 32],
    /// The outputs, in the order of their commitments.
    pub outputs: [OutputCiphertext; OUTPUTS],
}

impl NoteCiphertexts {
    /// The bytes that go on-chain and into `ext_hash`.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; CIPHERTEXT_BYTES] {
        let mut bytes = [0; CIPHERTEXT_BYTES];
        bytes[..32].copy_from_slice(&self.ephemeral);
        for (chunk, output) in bytes[32..]
            .chunks_exact_mut(1 + BODY_BYTES)
            .zip(&self.outputs)
        {
            chunk[0] = output.view_tag;
            chunk[1..].copy_from_slice(&output.body);
        }
        bytes
    }

    /// The inverse of [`Self::to_bytes`]; every string of this length is a value.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; CIPHERTEXT_BYTES]) -> Self {
        let mut ephemeral = [0; 32];
        ephemeral.copy_from_slice(&bytes[..32]);
        let outputs = std::array::from_fn(|index| {
            let start = 32 + index * (1 + BODY_BYTES);
            let mut body = [0; BODY_BYTES];
            body.copy_from_slice(&bytes[start + 1..start + 1 + BODY_BYTES]);
            OutputCiphertext {
                view_tag: bytes[start],
                body,
            }
        });
        Self { ephemeral, outputs }
    }
}

/// Key material of one output.
#[derive(Zeroize, ZeroizeOnDrop)]
struct OutputKeys {
    aead: [u8; 32],
    rho: [u8; 64],
    view_tag: u8,
}

impl OutputKeys {
    fn derive(
        shared: &SharedSecret,
        ephemeral: &[u8; 32],
        recipient: &PublicKey,
        index: usize,
    ) -> Self {
        let mut okm = zeroize::Zeroizing::new([0u8; 97]);
        let index = [u8::try_from(index).expect("invariant: a step has two outputs")];
        Hkdf::<Sha256>::new(Some(SALT), shared.as_bytes())
            .expand_multi_info(
                &[ephemeral, recipient.as_bytes(), &index],
                okm.as_mut_slice(),
            )
            .expect("invariant: HKDF-SHA-256 yields far more than 97 bytes");
        let mut keys = Self {
            aead: [0; 32],
            rho: [0; 64],
            view_tag: okm[96],
        };
        keys.aead.copy_from_slice(&okm[..32]);
        keys.rho.copy_from_slice(&okm[32..96]);
        keys
    }

    fn rho(&self) -> Rho {
        Rho(Fr::from_uniform_bytes(&self.rho))
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&self.aead).into())
    }
}

/// Encrypts the outputs of one step, and with them fixes the notes' `rho`.
pub struct NoteEncryptor {
    secret: StaticSecret,
    ephemeral: [u8; 32],
}

impl NoteEncryptor {
    /// Draws the ephemeral key.
    pub fn new(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        let secret = StaticSecret::from(*bytes);
        let ephemeral = PublicKey::from(&secret).to_bytes();
        Self { secret, ephemeral }
    }

    /// The note of output `index` with its ciphertext. The commitment is authenticated with it.
    #[must_use]
    pub fn output(
        &self,
        index: usize,
        to: &Address,
        value: NoteValue,
        asset: Asset,
    ) -> (Note, OutputCiphertext) {
        let shared = self.secret.diffie_hellman(to.encryption());
        let keys = OutputKeys::derive(&shared, &self.ephemeral, to.encryption(), index);
        let note = Note {
            value,
            asset,
            owner: to.owner(),
            rho: keys.rho(),
        };
        let payload = Payload {
            msg: &value.amount().to_le_bytes(),
            aad: &note.commitment().to_bytes(),
        };
        let sealed = keys
            .cipher()
            .encrypt(&Default::default(), payload)
            .expect("invariant: 8 bytes are far below the cipher's limit");
        let body = sealed.try_into().expect("invariant: the tag is 16 bytes");
        (
            note,
            OutputCiphertext {
                view_tag: keys.view_tag,
                body,
            },
        )
    }

    /// All ciphertexts of the step.
    #[must_use]
    pub fn finish(self, outputs: [OutputCiphertext; OUTPUTS]) -> NoteCiphertexts {
        NoteCiphertexts {
            ephemeral: self.ephemeral,
            outputs,
        }
    }
}

/// Trial decryption: the note of output `index`, if it is ours and matches the published commitment.
#[must_use]
pub fn try_decrypt(
    key: &SpendingKey,
    ciphertexts: &NoteCiphertexts,
    index: usize,
    asset: Asset,
    commitment: NoteCommitment,
) -> Option<Note> {
    let output = ciphertexts.outputs.get(index)?;
    let shared = key
        .encryption()
        .diffie_hellman(&PublicKey::from(ciphertexts.ephemeral));
    let recipient = PublicKey::from(key.encryption());
    let keys = OutputKeys::derive(&shared, &ciphertexts.ephemeral, &recipient, index);
    if keys.view_tag != output.view_tag {
        return None;
    }
    let payload = Payload {
        msg: &output.body,
        aad: &commitment.to_bytes(),
    };
    let plain = keys.cipher().decrypt(&Default::default(), payload).ok()?;
    let value = NoteValue::new(u64::from_le_bytes(plain.try_into().ok()?));
    let note = Note {
        value,
        asset,
        owner: key.owner(),
        rho: keys.rho(),
    };
    // The ciphertext alone proves nothing: only a note that opens the published commitment can be spent.
    (note.commitment() == commitment).then_some(note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;
    use rand_core::OsRng;

    fn key(byte: u8) -> SpendingKey {
        SpendingKey::from_seed(&Seed::from_bytes([byte; 32]))
    }

    fn pay(to: [&SpendingKey; 2]) -> ([Note; 2], NoteCiphertexts) {
        let encryptor = NoteEncryptor::new(&mut OsRng);
        let sealed = [0, 1].map(|i| {
            encryptor.output(
                i,
                &to[i].address(),
                NoteValue::new(40 + i as u64),
                Asset::ETHER,
            )
        });
        let notes = [sealed[0].0, sealed[1].0];
        (notes, encryptor.finish([sealed[0].1, sealed[1].1]))
    }

    #[test]
    fn only_the_recipient_finds_the_note() {
        let (alice, bob) = (key(1), key(2));
        let (notes, sent) = pay([&bob, &alice]);
        let open = |key: &SpendingKey, index: usize| {
            try_decrypt(key, &sent, index, Asset::ETHER, notes[index].commitment())
        };
        assert_eq!(open(&bob, 0), Some(notes[0]));
        assert_eq!(open(&alice, 1), Some(notes[1]));
        assert_eq!(open(&alice, 0), None);
        assert_eq!(open(&bob, 1), None);
        assert_eq!(
            try_decrypt(&bob, &sent, 2, Asset::ETHER, notes[0].commitment()),
            None
        );
    }

    #[test]
    fn two_outputs_to_one_recipient_differ() {
        let alice = key(1);
        let (notes, _) = pay([&alice, &alice]);
        assert_ne!(notes[0].rho, notes[1].rho);
        let (again, _) = pay([&alice, &alice]);
        assert_ne!(notes[0].rho, again[0].rho);
    }

    #[test]
    fn a_tampered_or_misattributed_ciphertext_is_not_ours() {
        let alice = key(1);
        let (notes, sent) = pay([&alice, &alice]);
        let mut tampered = sent;
        tampered.outputs[0].body[0] ^= 1;
        let cm = notes[0].commitment();
        assert_eq!(try_decrypt(&alice, &tampered, 0, Asset::ETHER, cm), None);
        assert_eq!(
            try_decrypt(&alice, &sent, 0, Asset::ETHER, notes[1].commitment()),
            None
        );
        assert_eq!(try_decrypt(&alice, &sent, 0, Asset::new([1; 20]), cm), None);
    }

    #[test]
    fn bytes_round_trip() {
        let (_, sent) = pay([&key(1), &key(2)]);
        assert_eq!(NoteCiphertexts::from_bytes(&sent.to_bytes()), sent);
    }
}
