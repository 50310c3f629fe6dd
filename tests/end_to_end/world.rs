//! A folder with a key, a state and two wallets, and the binary in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_key("14")
    }

    /// A world whose key has 2^power powers of tau.
    pub(crate) fn with_key(power: &str) -> Self {
        Self::with_seed("cli tests", power)
    }

    pub(crate) fn with_seed(seed: &str, power: &str) -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        world.ok(&["params", "generate", "--seed", seed, "--power", power]);
        world.ok(&["note", "init"]);
        world.ok(&["keys", "new", "--out", "alice.key"]);
        world.ok(&["keys", "new", "--out", "bob.key"]);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_notefold"))
            .current_dir(self.folder.path())
            .env_remove("NOTEFOLD_PARAMS")
            .env("NOTEFOLD_PASSWORD", "tests")
            .args(args)
            .output()
            .expect("the binary runs")
    }

    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {stderr}");
        String::from_utf8(output.stdout).expect("text")
    }

    pub(crate) fn err(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} should fail");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    pub(crate) fn deposit(&self, key: &str, amount: &str, out: &str) {
        self.ok(&[
            "step",
            "prove",
            "--key",
            key,
            "--deposit",
            amount,
            "--out",
            out,
        ]);
        self.ok(&["note", "accept", out]);
    }

    pub(crate) fn list(&self, key: &str) -> String {
        self.ok(&["note", "list", "--key", key])
    }

    pub(crate) fn bob(&self, amount: &str) -> String {
        format!(
            "{}={amount}",
            self.ok(&["keys", "address", "bob.key"]).trim()
        )
    }
}

pub(crate) fn change_byte(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[offset] ^= 1;
    fs::write(path, bytes).expect("written");
}
