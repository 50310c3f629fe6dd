//! Key files: one seed, encrypted under a password, readable by their owner only. Spec: `specs/storage.md`, STORE-10.

use crate::error::Error;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead, aead::Payload};
use notefold_folding::keys::{SEED_BYTES, Seed};
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::{IsTerminal, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const FORMAT: &str = "notefold keystore v1";
const EXPECTED: &str = "a key file: JSON with format \"notefold keystore v1\"";
const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20poly1305";
/// What new files ask of whoever guesses: 64 MiB, three passes.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
/// Bounds on what a file may ask of its reader.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 64;

/// A key file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: String,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
    cipher: String,
    nonce: String,
    ciphertext: String,
}

/// Where the password of a key file comes from.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct PasswordArgs {
    /// File whose first line is the password; otherwise NOTEFOLD_PASSWORD, otherwise the terminal
    #[arg(long, value_name = "FILE", env = "NOTEFOLD_PASSWORD_FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// The password; one that is typed is asked for twice when a file is made.
    pub(crate) fn get(&self, new: bool) -> Result<Zeroizing<String>, Error> {
        if let Some(path) = &self.password_file {
            let text = Zeroizing::new(fs::read_to_string(path).map_err(Error::io(path))?);
            return Ok(Zeroizing::new(text.lines().next().unwrap_or("").to_owned()));
        }
        if let Ok(password) = std::env::var("NOTEFOLD_PASSWORD") {
            return Ok(Zeroizing::new(password));
        }
        if !std::io::stdin().is_terminal() {
            return Err(Error::NoPassword);
        }
        let ask = |prompt| {
            rpassword::prompt_password(prompt)
                .map(Zeroizing::new)
                .map_err(|_| Error::NoPassword)
        };
        let password = ask("password: ")?;
        if new && *ask("again: ")? != *password {
            return Err(Error::PasswordsDiffer);
        }
        Ok(password)
    }
}

/// Writes a seed to a new file with mode 0600.
pub(crate) fn write(path: &Path, seed: &Seed, password: &str) -> Result<(), Error> {
    let [mut salt, mut nonce] = [[0u8; 16], [0; 16]];
    OsRng.fill_bytes(&mut salt);
    OsRng.fill_bytes(&mut nonce);
    // XChaCha20 takes 24 bytes; the salt is as random and as fresh.
    let nonce: Vec<u8> = [&nonce[..], &salt[..8]].concat();
    let mut file = KeyFile {
        format: FORMAT.into(),
        kdf: KDF.into(),
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        salt: hex::encode(salt),
        cipher: CIPHER.into(),
        nonce: hex::encode(&nonce),
        ciphertext: String::new(),
    };
    let key = derive(path, &file, &salt, password)?;
    let payload = Payload {
        msg: seed.expose(),
        aad: FORMAT.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new_from_slice(key.as_slice())
        .expect("invariant: 32 bytes")
        .encrypt(XNonce::from_slice(&nonce), payload)
        .expect("invariant: 32 bytes are far below the cipher's limit");
    file.ciphertext = hex::encode(sealed);
    let text = serde_json::to_string_pretty(&file)?;
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::new_file(path))?;
    out.write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.sync_all())
        .map_err(Error::io(path))
}

/// Reads a key file.
pub(crate) fn read(path: &Path, password: &PasswordArgs) -> Result<Seed, Error> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let malformed = || Error::KeyFile {
        path: path.to_owned(),
        expected: EXPECTED,
    };
    let file: KeyFile = serde_json::from_str(&text).map_err(|_| malformed())?;
    let known = file.format == FORMAT && file.kdf == KDF && file.cipher == CIPHER;
    let bounded = file.memory_kib <= MAX_MEMORY_KIB && file.passes <= MAX_PASSES;
    if !known || !bounded {
        return Err(malformed());
    }
    let [salt, nonce, sealed] = [&file.salt, &file.nonce, &file.ciphertext].map(hex::decode);
    let (Ok(salt), Ok(nonce), Ok(sealed)) = (salt, nonce, sealed) else {
        return Err(malformed());
    };
    if nonce.len() != 24 {
        return Err(malformed());
    }
    let password = password.get(false)?;
    let key = derive(path, &file, &salt, &password)?;
    let payload = Payload {
        msg: &sealed,
        aad: FORMAT.as_bytes(),
    };
    let plain = XChaCha20Poly1305::new_from_slice(key.as_slice())
        .expect("invariant: 32 bytes")
        .decrypt(XNonce::from_slice(&nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| Error::WrongPassword {
            path: path.to_owned(),
        })?;
    let bytes: [u8; SEED_BYTES] = plain.as_slice().try_into().map_err(|_| malformed())?;
    Ok(Seed::from_bytes(bytes))
}

fn derive(
    path: &Path,
    file: &KeyFile,
    salt: &[u8],
    password: &str,
) -> Result<Zeroizing<[u8; 32]>, Error> {
    let malformed = |_| Error::KeyFile {
        path: path.to_owned(),
        expected: EXPECTED,
    };
    let params = Params::new(file.memory_kib, file.passes, 1, Some(32)).map_err(malformed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, key.as_mut_slice())
        .map_err(malformed)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn with(folder: &Path, password: &str) -> PasswordArgs {
        let path = folder.join(format!("{password}.txt"));
        fs::write(&path, format!("{password}\n")).expect("written");
        PasswordArgs {
            password_file: Some(path),
        }
    }

    #[test]
    fn seeds_are_encrypted_kept_private_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("alice.key");
        let seed = Seed::from_bytes([7; SEED_BYTES]);
        write(&path, &seed, "right").expect("a new file");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = fs::read_to_string(&path).expect("text");
        assert!(!text.contains(&hex::encode(seed.expose())), "in the clear");
        let read_back = read(&path, &with(folder.path(), "right")).expect("a seed");
        assert_eq!(read_back.expose(), seed.expose());
        assert!(matches!(
            read(&path, &with(folder.path(), "wrong")),
            Err(Error::WrongPassword { .. })
        ));
        assert!(matches!(
            write(&path, &seed, "right"),
            Err(Error::Exists { .. })
        ));
    }

    #[test]
    fn malformed_files_say_what_they_should_hold() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("alice.key");
        write(&path, &Seed::from_bytes([7; SEED_BYTES]), "p").expect("a new file");
        let whole = fs::read_to_string(&path).expect("text");
        let greedy = whole.replace("65536", "4000000000");
        for text in ["", "notefold seed v1\n00\n", "{}", greedy.as_str()] {
            fs::write(&path, text).expect("written");
            let error = read(&path, &with(folder.path(), "p")).expect_err("malformed");
            assert!(error.to_string().contains("expected a key file"), "{error}");
        }
    }
}
