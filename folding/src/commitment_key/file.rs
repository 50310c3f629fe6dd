//! Key files: the standard `.ptau` format, named by SHA-256 digest.
//!
//! A development key carries its origin inside the file, in a section that other readers of the format pass over, so
//! the digest covers the mark and the two cannot be separated.

use super::{CommitmentKey, KeyError, KeyOrigin};
use crate::curves::{Fq, G1Affine, G2Affine};
use ff::PrimeField;
use halo2curves::serde::SerdeObject;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

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
const EXTENSION: &str = "ptau";

/// A key file's name and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of the file: its name.
    pub digest: String,
    /// Powers of tau in the file.
    pub powers: u64,
    /// Where they come from.
    pub origin: KeyOrigin,
}

/// Why a file is not a usable key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// The content is not what the name says.
    #[error(
        "{path}: expected a file with digest {expected}, got {got}; the file was changed or cut short: import the original again"
    )]
    Digest {
        /// The file.
        path: PathBuf,
        /// Digest in the name.
        expected: String,
        /// Digest of the content.
        got: String,
    },
    /// The bytes are not in the format.
    #[error("{path}: expected a .ptau file: {reason}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file holds fewer powers than the circuit needs.
    #[error("{path}: expected at least {needed} powers of tau, got {got}")]
    TooSmall {
        /// The file.
        path: PathBuf,
        /// Powers needed.
        needed: u64,
        /// Powers in the file.
        got: u64,
    },
    /// The points are not powers of tau.
    #[error("{path}: {source}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyError,
    },
    /// There is no key in the folder.
    #[error(
        "{folder}: expected a key file with at least {needed} powers of tau, found none; make one with `notefold params generate` or `notefold params import`"
    )]
    None {
        /// The folder.
        folder: PathBuf,
        /// Powers needed.
        needed: u64,
    },
    /// There are several keys in the folder, and no way to know which is meant.
    #[error("{folder}: expected one key file, found {count}; name one with --key")]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// How many.
        count: usize,
    },
}

/// The sections of a file.
struct Layout<'a> {
    /// Points `[τ^i]₁`, as the library's raw bytes: Montgomery form, little-endian.
    g1: &'a [u8],
    /// Points `[τ^i]₂`.
    g2: &'a [u8],
    origin: KeyOrigin,
}

impl<'a> Layout<'a> {
    /// Walks the sections.
    fn scan(bytes: &'a [u8]) -> Result<Self, String> {
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
            return Err(format!("version {VERSION} wanted, got {version}"));
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
            return Err(format!("a power from 1 to 28 wanted, got {power}"));
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

    fn powers(&self) -> usize {
        self.g1.len() / G1_BYTES
    }
}

/// Reads the key that a file holds, its first `needed` powers only, and checks its content against its name.
///
/// # Errors
///
/// [`KeyFileError`].
pub fn read_key(path: &Path, needed: usize) -> Result<CommitmentKey, KeyFileError> {
    let bytes = read(path)?;
    let expected = digest_in_name(path).ok_or_else(|| KeyFileError::Format {
        path: path.to_owned(),
        reason: "the file is not named by its digest; import it first".into(),
    })?;
    let got = digest_of(&bytes);
    if got != expected {
        return Err(KeyFileError::Digest {
            path: path.to_owned(),
            expected,
            got,
        });
    }
    parse(path, &bytes, needed)
}

/// Copies a `.ptau` file into a key folder under its digest, after checking that its points are powers of one tau.
///
/// # Errors
///
/// [`KeyFileError`]; nothing is written.
pub fn import_key(
    folder: &Path,
    source: &Path,
    rng: &mut (impl rand_core::RngCore + rand_core::CryptoRng),
) -> Result<KeyInfo, KeyFileError> {
    let bytes = read(source)?;
    let layout = scan(source, &bytes)?;
    let key = parse(source, &bytes, layout.powers())?;
    key.check_powers(rng).map_err(|error| KeyFileError::Key {
        path: source.to_owned(),
        source: error,
    })?;
    store(folder, &bytes, layout)
}

/// Writes a generated key into a key folder under its digest.
///
/// # Errors
///
/// [`KeyFileError`].
pub fn write_key(folder: &Path, key: &CommitmentKey) -> Result<KeyInfo, KeyFileError> {
    let bytes = serialize(key);
    let layout = scan(folder, &bytes)?;
    store(folder, &bytes, layout)
}

/// The one key of a folder with enough powers.
///
/// # Errors
///
/// [`KeyFileError::None`], [`KeyFileError::Ambiguous`], [`KeyFileError::Io`].
pub fn find_key(folder: &Path, needed: usize) -> Result<PathBuf, KeyFileError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(KeyFileError::None {
                folder: folder.to_owned(),
                needed: needed as u64,
            });
        }
        Err(source) => {
            return Err(KeyFileError::Io {
                path: folder.to_owned(),
                source,
            });
        }
    };
    let mut keys: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| digest_in_name(path).is_some())
        .collect();
    match keys.len() {
        0 => Err(KeyFileError::None {
            folder: folder.to_owned(),
            needed: needed as u64,
        }),
        1 => Ok(keys.remove(0)),
        count => Err(KeyFileError::Ambiguous {
            folder: folder.to_owned(),
            count,
        }),
    }
}

fn parse(path: &Path, bytes: &[u8], needed: usize) -> Result<CommitmentKey, KeyFileError> {
    let layout = scan(path, bytes)?;
    if layout.powers() < needed {
        return Err(KeyFileError::TooSmall {
            path: path.to_owned(),
            needed: needed as u64,
            got: layout.powers() as u64,
        });
    }
    let format = |reason: &str| KeyFileError::Format {
        path: path.to_owned(),
        reason: reason.into(),
    };
    let g1 = layout.g1[..needed * G1_BYTES]
        .par_chunks_exact(G1_BYTES)
        .map(G1Affine::from_raw_bytes)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| format("a power in G1 is no reduced point on the curve"))?;
    let [first, tau_g2] =
        [0, 1].map(|i| G2Affine::from_raw_bytes(&layout.g2[i * G2_BYTES..][..G2_BYTES]));
    if first != Some(G2Affine::generator()) {
        return Err(format("the powers in G2 do not start with the generator"));
    }
    let tau_g2 = tau_g2.ok_or_else(|| format("tau in G2 is no reduced point on the curve"))?;
    CommitmentKey::new(g1, tau_g2, layout.origin).map_err(|source| KeyFileError::Key {
        path: path.to_owned(),
        source,
    })
}

fn scan<'a>(path: &Path, bytes: &'a [u8]) -> Result<Layout<'a>, KeyFileError> {
    Layout::scan(bytes).map_err(|reason| KeyFileError::Format {
        path: path.to_owned(),
        reason,
    })
}

/// The standard format with eleven sections: header, powers in G1, τ in G2, seven empty ones, and the origin.
fn serialize(key: &CommitmentKey) -> Vec<u8> {
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

fn store(folder: &Path, bytes: &[u8], layout: Layout<'_>) -> Result<KeyInfo, KeyFileError> {
    let digest = digest_of(bytes);
    let path = folder.join(format!("{digest}.{EXTENSION}"));
    let partial = folder.join(format!("{digest}.partial"));
    let write = || {
        fs::create_dir_all(folder)?;
        // A crash leaves a partial file under another name, never a short key under a good one.
        let mut file = fs::File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, &path)
    };
    write().map_err(|source| KeyFileError::Io {
        path: path.clone(),
        source,
    })?;
    Ok(KeyInfo {
        path,
        digest,
        powers: layout.powers() as u64,
        origin: layout.origin,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, KeyFileError> {
    fs::read(path).map_err(|source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    })
}

fn digest_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn digest_in_name(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    let named = path.extension()? == EXTENSION
        && stem.len() == 64
        && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    named.then(|| stem.to_owned())
}
