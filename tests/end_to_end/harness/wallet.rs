//! A wallet: its key, and commands on it.

use super::Net;
use std::process::{Child, Stdio};

#[derive(Clone)]
pub struct Wallet {
    pub name: String,
    pub key: String,
    pub address: String,
    pub account: String,
}

impl Wallet {
    fn args<'a>(&'a self, command: &'a str, rest: &[&'a str]) -> Vec<&'a str> {
        let mut args = vec![
            "wallet", command, "--key", &self.key, "--wallet", &self.name,
        ];
        args.extend(rest);
        args
    }

    /// Proves deposits and escrows them; they are sent by `prover`.
    pub fn deposit(&self, net: &Net, amount: &str, times: &str) {
        net.ok(&self.args(
            "deposit",
            &[amount, "--times", times, "--fee", "1", "--queue"],
        ));
    }

    /// Proves a deposit of a token and escrows it.
    pub fn deposit_token(&self, net: &Net, amount: &str, token: &str) {
        net.ok(&self.args("deposit", &[amount, "--asset", token, "--queue"]));
    }

    /// Proves a payment; it is sent by `prover`.
    pub fn pay(&self, net: &Net, to: &Self, amount: &str) {
        let to = format!("{}={amount}", to.address);
        net.ok(&self.args("send", &["--to", &to, "--fee", "1", "--queue"]));
    }

    /// Proves a withdrawal; it is sent by `prover`.
    pub fn withdraw(&self, net: &Net, amount: &str) {
        net.ok(&self.args("withdraw", &[amount, "--fee", "1", "--queue"]));
    }

    pub fn collect(&self, net: &Net) -> String {
        net.ok(&self.args("collect", &[]))
    }

    /// Unspent notes, summed up.
    pub fn balance(&self, net: &Net) -> u64 {
        let out = net.ok(&self.args("balance", &[]));
        let line = out.lines().find(|line| line.starts_with("balance"));
        line.and_then(|line| line.split_whitespace().nth(1))
            .map_or(0, |sum| sum.parse().expect("a number"))
    }

    /// Steps on their way.
    pub fn pending(&self, net: &Net) -> usize {
        let out = net.ok(&self.args("balance", &[]));
        out.lines()
            .filter(|line| line.starts_with("pending"))
            .count()
    }

    /// A process that sends until everything is settled.
    pub fn prover(&self, net: &Net) -> Prover {
        let process = net
            .command()
            .args(["prover", "run", "--key", &self.key, "--wallet", &self.name])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        Prover {
            name: self.name.clone(),
            process: Some(process),
        }
    }
}

/// A process that sends.
pub struct Prover {
    name: String,
    process: Option<Child>,
}

impl Prover {
    /// Waits until everything is settled; what it said.
    pub fn settled(mut self) -> String {
        let process = self.process.take().expect("it runs");
        let output = process.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}{stderr}", self.name);
        said
    }
}

impl Drop for Prover {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
