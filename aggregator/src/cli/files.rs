//! Step parameters from a key folder, and step proofs from files.

use crate::error::Error;
use clap::Args;
use notefold_folding::{
    commitment_key::{CommitmentKey, KeyOrigin, find_key, read_key},
    ivc::FoldingParams,
    step::{MAX_STEP_PROOF_BYTES, StepParams, StepProof},
};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// Where the commitment key is.
#[derive(Clone, Debug, Args)]
pub(super) struct ParamsArgs {
    /// Folder of key files, as `notefold params` makes it
    #[arg(
        long,
        value_name = "FOLDER",
        default_value = "params",
        env = "NOTEFOLD_PARAMS"
    )]
    params: PathBuf,
    /// One key file, where the folder holds several
    #[arg(long = "params-key", value_name = "FILE")]
    params_key: Option<PathBuf>,
}

impl ParamsArgs {
    /// Loads the step parameters. A development key is announced on standard error, every time.
    pub(super) fn load(&self) -> Result<StepParams, Error> {
        let key = self.read(StepParams::key_length())?;
        Ok(StepParams::new(key).expect("invariant: as many powers were read as are needed"))
    }

    /// Loads the folding parameters, likewise.
    pub(super) fn load_folding(&self) -> Result<FoldingParams, Error> {
        let key = self.read(FoldingParams::key_length())?;
        Ok(FoldingParams::new(key).expect("invariant: as many powers were read as are needed"))
    }

    fn read(&self, needed: usize) -> Result<CommitmentKey, Error> {
        let path = match &self.params_key {
            Some(path) => path.clone(),
            None => find_key(&self.params, needed)?,
        };
        let key = read_key(&path, needed)?;
        if let KeyOrigin::InsecureDevelopment { seed } = key.origin() {
            eprintln!(
                "warning: INSECURE development key (seed {seed:?}): anyone can forge proofs with it"
            );
        }
        Ok(key)
    }
}

/// Reads a file, never more bytes than what it should hold can have.
pub(super) fn read_bounded(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    let file = File::open(path).map_err(Error::io(path))?;
    let got = file.metadata().map_err(Error::io(path))?.len();
    if got > limit as u64 {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit,
            got,
        });
    }
    let mut bytes = Vec::new();
    file.take(limit as u64)
        .read_to_end(&mut bytes)
        .map_err(Error::io(path))?;
    Ok(bytes)
}

/// Writes a file in the place of another, in one step: a reader sees the old one or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    };
    write().map_err(Error::io(path))
}

/// Reads and decodes a step proof.
pub(super) fn read_step(params: &StepParams, path: &Path) -> Result<StepProof, Error> {
    let bytes = read_bounded(path, MAX_STEP_PROOF_BYTES)?;
    StepProof::from_bytes(params, &bytes).map_err(|source| Error::Decode {
        path: path.to_owned(),
        source,
    })
}

/// Writes a new file.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(Error::new_file(path))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(Error::io(path))
}
