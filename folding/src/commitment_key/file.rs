//! Key files in a folder, each named by its SHA-256 digest.

use super::{
    CommitmentKey, KeyFormatError, KeyOrigin,
    format::{Layout, decode_key, encode_key},
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

const EXTENSION: &str = "ptau";

/// A key file's name and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of the file: its name.
    pub digest: String,
    /// Powers of tau in the file.
    pub powers: usize,
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
    /// The file is not named by its digest, so nothing says that it is what it was.
    #[error("{path}: expected a file named by its digest; import it first")]
    Unnamed {
        /// The file.
        path: PathBuf,
    },
    /// The content is not a key.
    #[error("{path}: {source}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyFormatError,
    },
    /// There is no key in the folder.
    #[error(
        "{folder}: expected a key file with at least {needed} powers of tau, found none; make one with `notefold params generate` or `notefold params import`"
    )]
    None {
        /// The folder.
        folder: PathBuf,
        /// Powers needed.
        needed: usize,
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

/// Reads the key that a file holds, its first `needed` powers only, and checks its content against its name.
///
/// # Errors
///
/// [`KeyFileError`].
pub fn read_key(path: &Path, needed: usize) -> Result<CommitmentKey, KeyFileError> {
    let bytes = read(path)?;
    let expected = digest_in_name(path).ok_or_else(|| KeyFileError::Unnamed {
        path: path.to_owned(),
    })?;
    let got = digest_of(&bytes);
    if got != expected {
        return Err(KeyFileError::Digest {
            path: path.to_owned(),
            expected,
            got,
        });
    }
    decode_key(&bytes, needed).map_err(content(path))
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
    let powers = Layout::scan(&bytes).map_err(content(source))?.powers();
    let key = decode_key(&bytes, powers).map_err(content(source))?;
    key.check_powers(rng)
        .map_err(|error| content(source)(error.into()))?;
    store(folder, &bytes, &key)
}

/// Writes a generated key into a key folder under its digest.
///
/// # Errors
///
/// [`KeyFileError`].
pub fn write_key(folder: &Path, key: &CommitmentKey) -> Result<KeyInfo, KeyFileError> {
    store(folder, &encode_key(key), key)
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
                needed,
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
            needed,
        }),
        1 => Ok(keys.remove(0)),
        count => Err(KeyFileError::Ambiguous {
            folder: folder.to_owned(),
            count,
        }),
    }
}

fn content(path: &Path) -> impl Fn(KeyFormatError) -> KeyFileError + '_ {
    move |source| KeyFileError::Content {
        path: path.to_owned(),
        source,
    }
}

fn store(folder: &Path, bytes: &[u8], key: &CommitmentKey) -> Result<KeyInfo, KeyFileError> {
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
        powers: key.len(),
        origin: key.origin().clone(),
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
