//! Wallet key files: one seed, readable by its owner only.

use crate::error::Error;
use notefold_folding::keys::{SEED_BYTES, Seed, SpendingKey};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use zeroize::Zeroizing;

const FIRST_LINE: &str = "notefold seed v1";
const EXPECTED: &str = "a key file: the line \"notefold seed v1\", then 64 hexadecimal digits";

/// Writes a seed to a new file with mode 0600.
pub(crate) fn write(path: &Path, seed: &Seed) -> Result<(), Error> {
    let text = Zeroizing::new(format!("{FIRST_LINE}\n{}\n", hex::encode(seed.expose())));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::new_file(path))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(Error::io(path))
}

/// Reads a key file.
pub(crate) fn read(path: &Path) -> Result<SpendingKey, Error> {
    let text = Zeroizing::new(fs::read_to_string(path).map_err(Error::io(path))?);
    let malformed = || Error::KeyFile {
        path: path.to_owned(),
        expected: EXPECTED,
    };
    let digits = text
        .strip_prefix(FIRST_LINE)
        .map(str::trim)
        .ok_or_else(malformed)?;
    let mut bytes = Zeroizing::new([0u8; SEED_BYTES]);
    hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| malformed())?;
    Ok(SpendingKey::from_seed(&Seed::from_bytes(*bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn seeds_are_kept_private_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("alice.key");
        let seed = Seed::from_bytes([7; SEED_BYTES]);
        write(&path, &seed).expect("a new file");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let key = read(&path).expect("a key");
        assert_eq!(key.address(), SpendingKey::from_seed(&seed).address());
        assert!(matches!(write(&path, &seed), Err(Error::Exists { .. })));
    }

    #[test]
    fn malformed_files_say_what_they_should_hold() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("broken.key");
        for text in [
            "",
            "notefold seed v1\n00\n",
            "other\n",
            "notefold seed v1\nzz\n",
        ] {
            fs::write(&path, text).expect("written");
            let error = read(&path).expect_err("malformed").to_string();
            assert!(error.contains("expected a key file"), "{error}");
        }
    }
}
