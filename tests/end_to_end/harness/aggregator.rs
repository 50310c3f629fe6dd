//! An aggregator as a process: started, stopped, killed, asked.

use super::{Net, free_port, http, wait_for, wallet::Wallet};
use serde_json::Value;
use std::{
    fs::{self, OpenOptions},
    path::PathBuf,
    process::{Child, Command},
};

pub struct Aggregator {
    pub(super) wallet: Wallet,
    process: Option<Child>,
    pub listen: u16,
    http: u16,
    log: PathBuf,
}

impl Aggregator {
    pub(super) fn start(net: &Net, wallet: Wallet, flags: &[&str]) -> Self {
        let mut node = Self {
            log: net.folder.path().join(format!("{}.log", wallet.name)),
            wallet,
            process: None,
            listen: free_port(),
            http: free_port(),
        };
        node.restart(net, flags);
        node
    }

    /// Starts the process again, on the same store.
    pub fn restart(&mut self, net: &Net, flags: &[&str]) {
        let mut command = net.command();
        if self.wallet.name == "two" {
            // One node polls, the other is told of blocks.
            command.env("NOTEFOLD_RPC", net.chain.url().replace("http:", "ws:"));
        }
        self.spawn(command, flags);
        self.wait_ready();
    }

    /// Starts the process where no file can grow above so many KiB: as on a disk that is full.
    pub fn spawn_with_small_files(&mut self, net: &Net, kibibytes: u64, flags: &[&str]) {
        let plain = net.command();
        let mut command = Command::new("bash");
        let script = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"");
        command.args(["-c", &script]).arg(plain.get_program());
        command.current_dir(net.folder.path());
        command.envs(
            plain
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        self.spawn(command, flags);
    }

    /// Starts the process by a command that may be wrapped, and does not wait.
    pub fn spawn(&mut self, mut command: Command, flags: &[&str]) {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .expect("a log");
        let process = command
            .args(["aggregator", "run", "--register"])
            .args(["--key", &self.wallet.key, "--data"])
            .arg(format!("{}-data", self.wallet.name))
            .args(["--listen", &format!("127.0.0.1:{}", self.listen)])
            .args(["--http", &format!("127.0.0.1:{}", self.http)])
            .args(["--poll-ms", "300"])
            .args(flags)
            .stderr(log)
            .spawn()
            .expect("the binary runs");
        self.process = Some(process);
    }

    pub fn wait_ready(&self) {
        wait_for(&format!("{} to be ready", self.name()), 120, || {
            let answer = http::request(self.http, "GET", "/ready", "")?;
            (answer == "ready").then_some(())
        });
    }

    pub fn name(&self) -> &str {
        &self.wallet.name
    }

    pub fn account(&self) -> &str {
        &self.wallet.account
    }

    pub fn status(&self) -> Value {
        wait_for(&format!("the status of {}", self.name()), 60, || {
            let answer = http::request(self.http, "GET", "/status", "")?;
            serde_json::from_str(&answer).ok()
        })
    }

    pub fn metrics(&self) -> String {
        http::request(self.http, "GET", "/metrics", "").unwrap_or_default()
    }

    pub fn number(&self, field: &str) -> u64 {
        self.status()[field].as_u64().unwrap_or_default()
    }

    pub fn logged(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until the log has a text more often than before.
    pub fn wait_logged(&self, text: &str, times: usize, seconds: u64) {
        wait_for(&format!("{} to log {text:?}", self.name()), seconds, || {
            (self.logged().matches(text).count() >= times).then_some(())
        });
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("killed");
            process.wait().expect("gone");
        }
    }

    /// Asks it to end, and waits until it has.
    pub fn terminate(&mut self) -> bool {
        self.signal("TERM");
        let Some(mut process) = self.process.take() else {
            return false;
        };
        process.wait().expect("gone").success()
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let Some(process) = &self.process else { return };
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &process.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "signal {name}");
    }
}

impl Drop for Aggregator {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of {}\n{}", self.name(), self.logged());
        }
    }
}
