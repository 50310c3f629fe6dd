//! The `.ptau` format, as bytes: sections with header, powers in G1, powers in G2, and our own with the key's origin.
//!
//! A development key carries its origin inside the file, in a section that other readers of the format pass over, so
//! a digest of the file covers the mark and the two cannot be separated.

use super::{CommitmentKey, KeyError, KeyOrigin};
use crate::curves::{Fq, G1Affine, G2Affine};
use ff::PrimeField;
use halo2curves::serde::SerdeObject;
use rayon::prelude::*;

const MAGIC: &[u8; 4] = b"ptau";
const VERSION: u32 = 1;
/// Readers of the format expect exactly so many sections.
const SECTIONS: u32 = 11;
const SECTION_HEADER: u32 = 1;
const SECTION_TAU_G1: u32 = 2;
const SECTION_TAU_G2: u32 = 3;
/// Our section: JSON of [`KeyOrigin`].
const SECTION_ORIGIN: u32 = 0x4e46;
const G1_BYTES: usize = 64;
const G2_BYTES: usize = 128;

/// Why bytes are not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFormatError {
    /// The structure or a coordinate is not one of the format.
    #[error("expected a .ptau file: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// The file holds fewer powers than the circuit needs.
    #[error("expected at least {needed} powers of tau, got {got}")]
    TooSmall {
        /// Powers needed.
        needed: usize,
        /// Powers in the file.
        got: usize,
    },
    /// The points are not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<&str> for KeyFormatError {
    fn from(reason: &str) -> Self {
        Self::Malformed {
            reason: reason.into(),
        }
    }
}

impl From<String> for KeyFormatError {
    fn from(reason: String) -> Self {
        Self::Malformed { reason }
    }
}

/// The sections of a file.
pub(super) struct Layout<'a> {
    /// Points `[τ^i]₁`, as the library's raw bytes: Montgomery form, little-endian.
    g1: &'a [u8],
    /// Points `[τ^i]₂`.
    g2: &'a [u8],
    pub(super) origin: KeyOrigin,
}

impl<'a> Layout<'a> {
    /// Walks the sections.
    pub(super) fn scan(bytes: &'a [u8]) -> Result<Self, KeyFormatError> {
        let mut rest = bytes;
        let mut take = |count: u64| -> Result<&'a [u8], String> {
            let (head, tail) = usize::try_from(count)
                .ok()
                .and_then(|count| rest.split_at_checked(count))
                .ok_or_else(|| format!("{count} more bytes wanted, {} left", rest.len()))?;
            rest = tail;
            Ok(head)
        };
        if take(4)? != MAGIC {
            return Err("the first bytes are not \"ptau\"".into());
        }
        let u32_of =
            |bytes: &[u8]| u32::from_le_bytes(bytes.try_into().expect("invariant: four bytes"));
        let version = u32_of(take(4)?);
        if version != VERSION {
            return Err(format!("version {VERSION} wanted, got {version}").into());
        }
        let sections = u32_of(take(4)?);
        let mut header = None;
        let (mut g1, mut g2) = (None, None);
        let mut origin = KeyOrigin::Imported;
        for _ in 0..sections {
            let id = u32_of(take(4)?);
            let size = u64::from_le_bytes(take(8)?.try_into().expect("invariant: eight bytes"));
            let body = take(size)?;
            match id {
                SECTION_HEADER => header = Some(body),
                SECTION_TAU_G1 => g1 = Some(body),
                SECTION_TAU_G2 => g2 = Some(body),
                SECTION_ORIGIN => {
                    origin = serde_json::from_slice(body)
                        .map_err(|error| format!("the origin section is not readable: {error}"))?;
                }
                _ => {}
            }
        }
        let header = header.ok_or("the header section is missing")?;
        if header.len() != 4 + 32 + 4 || u32_of(&header[..4]) != 32 {
            return Err("the header is not one of a 32-byte field".into());
        }
        if header[4..36] != base_modulus() {
            return Err("the header names another prime than BN254's".into());
        }
        let power = u32_of(&header[36..]);
        if !(1..=28).contains(&power) {
            return Err(format!("a power from 1 to 28 wanted, got {power}").into());
        }
        let g1 = g1.ok_or("the section of G1 powers is missing")?;
        let g2 = g2.ok_or("the section of G2 powers is missing")?;
        if g2.len() < 2 * G2_BYTES {
            return Err("two G2 powers wanted, got fewer".into());
        }
        // A full file holds 2^(power+1) − 1 powers in G1, a pruned one 2^power. Nothing above 2^power is used.
        let used = g1.len().min(G1_BYTES << power);
        Ok(Self {
            g1: &g1[..used - used % G1_BYTES],
            g2,
            origin,
        })
    }

    pub(super) fn powers(&self) -> usize {
        self.g1.len() / G1_BYTES
    }
}

/// Decodes the first `needed` powers of a key file's bytes.
///
/// # Errors
///
/// [`KeyFormatError`].
pub fn decode_key(bytes: &[u8], needed: usize) -> Result<CommitmentKey, KeyFormatError> {
    let layout = Layout::scan(bytes)?;
    if layout.powers() < needed {
        return Err(KeyFormatError::TooSmall {
            needed,
            got: layout.powers(),
        });
    }
    let g1 = layout.g1[..needed * G1_BYTES]
        .par_chunks_exact(G1_BYTES)
        .map(G1Affine::from_raw_bytes)
        .collect::<Option<Vec<_>>>()
        .ok_or("a power in G1 is no reduced point on the curve")?;
    let [first, tau_g2] =
        [0, 1].map(|i| G2Affine::from_raw_bytes(&layout.g2[i * G2_BYTES..][..G2_BYTES]));
    if first != Some(G2Affine::generator()) {
        return Err("the powers in G2 do not start with the generator".into());
    }
    let tau_g2 = tau_g2.ok_or("tau in G2 is no reduced point on the curve")?;
    Ok(CommitmentKey::new(g1, tau_g2, layout.origin)?)
}

/// The standard format with eleven sections: header, powers in G1, τ in G2, seven empty ones, and the origin.
#[must_use]
pub fn encode_key(key: &CommitmentKey) -> Vec<u8> {
    let powers = key.powers();
    let mut header = Vec::new();
    header.extend_from_slice(&32u32.to_le_bytes());
    header.extend_from_slice(&base_modulus());
    header.extend_from_slice(&powers.len().ilog2().to_le_bytes());

    let mut g1 = Vec::with_capacity(powers.len() * G1_BYTES);
    for point in powers {
        g1.extend_from_slice(&point.to_raw_bytes());
    }
    let mut g2 = G2Affine::generator().to_raw_bytes();
    g2.extend_from_slice(&key.tau_g2().to_raw_bytes());
    let origin = serde_json::to_vec(key.origin()).expect("invariant: an origin is plain text");

    let mut bytes = Vec::with_capacity(g1.len() + 1024);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&SECTIONS.to_le_bytes());
    let bodies = [
        (SECTION_HEADER, header),
        (SECTION_TAU_G1, g1),
        (SECTION_TAU_G2, g2),
    ];
    let empty = (4..SECTIONS).map(|id| (id, Vec::new()));
    for (id, body) in bodies
        .into_iter()
        .chain(empty)
        .chain([(SECTION_ORIGIN, origin)])
    {
        bytes.extend_from_slice(&id.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&body);
    }
    bytes
}

/// q, little-endian: one more than the largest element of Fq.
fn base_modulus() -> [u8; 32] {
    let mut modulus: [u8; 32] = (-Fq::one()).to_repr().into();
    modulus[0] += 1;
    modulus
}
