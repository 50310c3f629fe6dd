//! Key files in a folder, each named by the digest of its verifying key.

use super::{DeciderKeys, DeciderVerifyingKey};
use crate::groth16::{KeyDecodeError, ProvingKey};
use ark_serialize::SerializationError;
use notefold_folding::{commitment_key::KeyOrigin, step::ParamsDigest};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

const EXTENSION: &str = "decider";
const MAGIC: [u8; 8] = *b"NFDECID2";
const MAX_METADATA: u32 = 1 << 16;

/// What a file says of itself before its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Metadata {
    origin: KeyOrigin,
    params: String,
    verifying_key: String,
    circuit: String,
}

/// Why a file is not usable.
#[derive(Debug, thiserror::Error)]
pub enum KeysFileError {
    /// Reading or writing failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: io::Error,
    },
    /// Not a file of keys.
    #[error("{path}: expected a file of decider keys, got another; make one with `notefold setup`")]
    NoKeys {
        /// The file.
        path: PathBuf,
    },
    /// The content is not what the file's digest or name says.
    #[error(
        "{path}: expected the content that its digest names, got another; the file was changed or cut short: make it again with `notefold setup`"
    )]
    Digest {
        /// The file.
        path: PathBuf,
    },
    /// The keys are for other parameters.
    #[error(
        "{path}: expected keys for parameters {expected}, got keys for {got}; make them with `notefold setup` or name the other parameters"
    )]
    Params {
        /// The file.
        path: PathBuf,
        /// Parameters at hand.
        expected: ParamsDigest,
        /// Parameters of the keys.
        got: ParamsDigest,
    },
    /// There are no keys in the folder.
    #[error(
        "{folder}: expected a file of decider keys, found none; make one with `notefold setup`"
    )]
    None {
        /// The folder.
        folder: PathBuf,
    },
    /// There are several, and no way to know which are meant.
    #[error("{folder}: expected one file of decider keys, found {count}; name one with --keys")]
    Ambiguous {
        /// The folder.
        folder: PathBuf,
        /// How many.
        count: usize,
    },
}

/// Passes everything on and keeps its digest.
struct Hashing<T> {
    inner: T,
    hasher: Sha256,
}

impl<T> Hashing<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            hasher: Sha256::new(),
        }
    }
}

impl<T: Read> Read for Hashing<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

impl<T: Write> Write for Hashing<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes keys into a folder under the digest of the verifying key.
///
/// # Errors
///
/// [`KeysFileError::Io`].
pub fn write_keys(folder: &Path, keys: &DeciderKeys) -> Result<PathBuf, KeysFileError> {
    let name = hex::encode(keys.verifying.digest());
    let path = folder.join(format!("{name}.{EXTENSION}"));
    let partial = folder.join(format!("{name}.partial"));
    let metadata = Metadata {
        origin: keys.origin.clone(),
        params: keys.verifying.params().to_string(),
        verifying_key: name,
        circuit: hex::encode(keys.proving.matrices),
    };
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        // A crash leaves a partial file under another name, never short keys under a good one.
        let mut writer = Hashing::new(BufWriter::new(File::create(&partial)?));
        let metadata = serde_json::to_vec_pretty(&metadata)?;
        let length = u32::try_from(metadata.len()).expect("invariant: metadata is short");
        writer.write_all(&MAGIC)?;
        writer.write_all(&length.to_le_bytes())?;
        writer.write_all(&metadata)?;
        keys.verifying.write(&mut writer).map_err(to_io)?;
        keys.proving
            .write(&mut writer)
            .map_err(|KeyDecodeError::Encoding(error)| to_io(error))?;
        let digest = writer.hasher.finalize();
        writer.inner.write_all(&digest)?;
        let file = writer
            .inner
            .into_inner()
            .map_err(|error| error.into_error())?;
        file.sync_all()?;
        fs::rename(&partial, &path)
    };
    write().map_err(|source| KeysFileError::Io {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

fn to_io(error: SerializationError) -> io::Error {
    match error {
        SerializationError::IoError(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, other.to_string()),
    }
}

/// An open file behind its metadata and its verifying key.
struct Opened {
    reader: Hashing<io::Take<BufReader<File>>>,
    origin: KeyOrigin,
    verifying: DeciderVerifyingKey,
}

fn open(path: &Path) -> Result<Opened, KeysFileError> {
    let io = |source| KeysFileError::Io {
        path: path.to_owned(),
        source,
    };
    let no_keys = || KeysFileError::NoKeys {
        path: path.to_owned(),
    };
    let file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let body = length.checked_sub(32).ok_or_else(no_keys)?;
    let mut reader = Hashing::new(BufReader::with_capacity(1 << 20, file).take(body));
    let (mut magic, mut size) = ([0; 8], [0; 4]);
    let header = reader
        .read_exact(&mut magic)
        .and_then(|()| reader.read_exact(&mut size));
    let size = u32::from_le_bytes(size);
    if header.is_err() || magic != MAGIC || size > MAX_METADATA {
        return Err(no_keys());
    }
    let mut metadata = vec![0; size as usize];
    reader.read_exact(&mut metadata).map_err(|_| no_keys())?;
    let metadata: Metadata = serde_json::from_slice(&metadata).map_err(|_| no_keys())?;
    let changed = || KeysFileError::Digest {
        path: path.to_owned(),
    };
    let verifying = DeciderVerifyingKey::read(&mut reader).map_err(|_| changed())?;
    let named = path.file_stem().and_then(|stem| stem.to_str());
    if named != Some(hex::encode(verifying.digest()).as_str()) {
        return Err(changed());
    }
    Ok(Opened {
        reader,
        origin: metadata.origin,
        verifying,
    })
}

/// Reads both keys. The content is checked against its digest, and the parameters against those at hand.
///
/// # Errors
///
/// [`KeysFileError`].
pub fn read_keys(path: &Path, params: ParamsDigest) -> Result<DeciderKeys, KeysFileError> {
    let Opened {
        mut reader,
        origin,
        verifying,
    } = open(path)?;
    if verifying.params() != params {
        return Err(KeysFileError::Params {
            path: path.to_owned(),
            expected: params,
            got: verifying.params(),
        });
    }
    let changed = || KeysFileError::Digest {
        path: path.to_owned(),
    };
    // The points are on the curve if the digest is right, which is known at the end.
    let proving = ProvingKey::read_trusted(&mut reader).map_err(|_| changed())?;
    let rest = reader.inner.limit();
    let digest = reader.hasher.finalize();
    let mut expected = [0; 32];
    let mut file = reader.inner.into_inner();
    file.read_exact(&mut expected).map_err(|_| changed())?;
    if rest != 0 || digest.as_slice() != expected || proving.verifying_key != verifying.groth16 {
        return Err(changed());
    }
    Ok(DeciderKeys {
        verifying,
        proving,
        origin,
    })
}

/// Reads the verifying key alone; the name of the file is its digest.
///
/// # Errors
///
/// [`KeysFileError`].
pub fn read_verifying_key(path: &Path) -> Result<(DeciderVerifyingKey, KeyOrigin), KeysFileError> {
    open(path).map(|opened| (opened.verifying, opened.origin))
}

/// The one file of keys in a folder.
///
/// # Errors
///
/// [`KeysFileError::None`], [`KeysFileError::Ambiguous`].
pub fn find_keys(folder: &Path) -> Result<PathBuf, KeysFileError> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|e| e == EXTENSION))
        .collect();
    match found.len() {
        0 => Err(KeysFileError::None {
            folder: folder.to_owned(),
        }),
        1 => Ok(found.remove(0)),
        count => Err(KeysFileError::Ambiguous {
            folder: folder.to_owned(),
            count,
        }),
    }
}
