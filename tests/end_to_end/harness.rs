//! A local chain with the contracts on it, aggregators and wallets as processes of their own.
//!
//! Shared by the tests of the node and by the demo. What it starts it also ends.

#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each user needs a part"
)]

pub mod aggregator;
pub mod anvil;
pub mod http;
pub mod stories;
pub mod wallet;

use aggregator::Aggregator;
use anvil::Anvil;
use serde_json::{Value, json};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};
use wallet::Wallet;

const PASSWORD: &str = "of the tests";
/// 1,000 ether.
const FUNDS: &str = "0x3635c9adc5dea00000";

/// Where the contracts are, and what they were deployed with.
pub struct Net {
    pub folder: tempfile::TempDir,
    pub chain: Anvil,
    pub rollup: String,
    binary: PathBuf,
    keys: PathBuf,
    pub epoch: u64,
    pub grace: u64,
    pub genesis: u64,
}

/// Blocks before a slot at which its auction closes.
pub const CLOSE: u64 = 4;

/// Blocks of an epoch, of its parts, before its first, and in which sealed bids are revealed.
#[derive(Clone, Copy)]
pub struct Slots {
    pub epoch: u64,
    pub grace: u64,
    pub delay: u64,
    pub reveal: u64,
}

impl Net {
    /// Starts a chain and deploys to it. `keys` is a folder with development keys, made where there are none.
    pub fn start(binary: &Path, keys: &Path, slots: Slots) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut net = Self {
            chain: Anvil::start(folder.path()),
            folder,
            rollup: String::new(),
            binary: binary.to_owned(),
            keys: keys.to_owned(),
            epoch: slots.epoch,
            grace: slots.grace,
            genesis: 0,
        };
        net.make_keys();
        let parameters = net.parameters(slots);
        let deployer = net.wallet("deployer");
        let out = net.ok(&[
            "deploy",
            "--key",
            &deployer.key,
            "--parameters",
            parameters.to_str().expect("text"),
        ]);
        let field = |name: &str| {
            let line = out.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.split_whitespace().nth(1));
            value
                .unwrap_or_else(|| panic!("no {name} in {out}"))
                .to_owned()
        };
        net.rollup = field("rollup");
        net.genesis = field("genesis").parse().expect("a number");
        net
    }

    /// Development keys: of the commitments, and of the decider that the committed contract is for.
    fn make_keys(&self) {
        let has = |extension: &str| {
            let entries = fs::read_dir(&self.keys).into_iter().flatten().flatten();
            entries
                .into_iter()
                .any(|entry| entry.path().extension().is_some_and(|e| e == extension))
        };
        let folder = self.keys.to_str().expect("text");
        if !has("ptau") {
            self.ok(&["params", "generate", "--out", folder]);
        }
        if !has("decider") {
            self.ok(&["setup", "--out", folder]);
        }
    }

    fn parameters(&self, slots: Slots) -> PathBuf {
        let defaults = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../contracts/script/parameters.json"
        );
        let text = fs::read_to_string(defaults).expect("parameters");
        let mut value: Value = serde_json::from_str(&text).expect("JSON");
        let small = &mut value["slots"];
        small["genesisDelayBlocks"] = json!(slots.delay);
        small["epochBlocks"] = json!(slots.epoch);
        small["graceBlocks"] = json!(slots.grace);
        small["closeBlocks"] = json!(CLOSE);
        small["revealBlocks"] = json!(slots.reveal);
        small["leadEpochs"] = json!(4);
        small["maxSlotsHeld"] = json!(4);
        let path = self.folder.path().join("parameters.json");
        fs::write(&path, value.to_string()).expect("written");
        path
    }

    /// The binary with the environment that everything here shares.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(self.folder.path())
            .env("NOTEFOLD_PASSWORD", PASSWORD)
            .env("NOTEFOLD_PARAMS", &self.keys)
            .env("NOTEFOLD_DECIDER", &self.keys)
            .env("NOTEFOLD_RPC", self.chain.url())
            .env("NOTEFOLD_ROLLUP", &self.rollup);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).output().expect("the binary runs")
    }

    /// Runs a command that succeeds.
    pub fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{args:?}: {stdout}{stderr}");
        stdout
    }

    /// A wallet with a funded account.
    pub fn wallet(&self, name: &str) -> Wallet {
        let key = format!("{name}.key");
        let address = self.ok(&["keys", "new", "--out", &key]).trim().to_owned();
        let account = self.ok(&["keys", "account", &key]).trim().to_owned();
        self.chain.rpc("anvil_setBalance", json!([account, FUNDS]));
        Wallet {
            name: name.to_owned(),
            key,
            address,
            account,
        }
    }

    /// A wallet made anew from the seed of another.
    pub fn recovered(&self, of: &Wallet) -> Wallet {
        let seed = self.ok(&["keys", "seed", &of.key]);
        let name = format!("{}-recovered", of.name);
        let key = format!("{name}.key");
        let mut recover = self
            .command()
            .args(["keys", "recover", "--out", &key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = recover.stdin.take().expect("piped");
        stdin.write_all(seed.as_bytes()).expect("read");
        drop(stdin);
        let output = recover.wait_with_output().expect("it ends");
        let address = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        Wallet {
            name,
            key,
            address,
            account: of.account.clone(),
        }
    }

    /// An aggregator with a funded account, running.
    pub fn aggregator(&self, name: &str, flags: &[&str]) -> Aggregator {
        let wallet = self.wallet(name);
        Aggregator::start(self, wallet, flags)
    }

    /// Another aggregator with the key of one.
    pub fn twin(&self, of: &Aggregator, flags: &[&str]) -> Aggregator {
        let mut wallet = of.wallet.clone();
        wallet.name = "twin".into();
        Aggregator::start(self, wallet, flags)
    }

    /// The messages of a wallet's steps on their way.
    pub fn outbox(&self, wallet: &Wallet) -> Vec<Vec<u8>> {
        let folder = format!("{}-steps", wallet.name);
        self.ok(&[
            "wallet",
            "export",
            "--key",
            &wallet.key,
            "--wallet",
            &wallet.name,
            "--out",
            &folder,
        ]);
        let entries = fs::read_dir(self.folder.path().join(folder)).expect("a folder");
        entries
            .map(|entry| fs::read(entry.expect("an entry").path()).expect("a message"))
            .collect()
    }

    /// Moves the chain to a block.
    pub fn mine_to(&self, block: u64) {
        let head = self.chain.head();
        if block > head {
            self.chain
                .rpc("anvil_mine", json!([format!("0x{:x}", block - head)]));
        }
    }

    /// First block of the next part of an epoch.
    pub fn next_part(&self) -> u64 {
        let next = self.chain.head() + 1;
        if next < self.genesis {
            return self.genesis;
        }
        let epoch = next - (next - self.genesis) % self.epoch;
        let part = (next - epoch) / self.grace;
        (epoch + (part + 1) * self.grace).min(epoch + self.epoch)
    }

    /// Moves the chain to the beginning of a part in which a node may settle.
    pub fn begin_turn(&self, node: &Aggregator) {
        wait_for(&format!("a turn of {}", node.name()), 60, || {
            self.mine_to(self.next_part() - 1);
            let head = self.chain.head();
            wait_for("the node to see it", 20, || {
                (node.status()["head"]["number"].as_u64()? >= head).then_some(())
            });
            node.status()["may_settle"].as_bool()?.then_some(())
        });
    }

    /// First block of the next epoch.
    pub fn next_epoch(&self) -> u64 {
        let next = self.chain.head() + 1;
        if next < self.genesis {
            return self.genesis;
        }
        next - (next - self.genesis) % self.epoch + self.epoch
    }

    /// Settlements on the chain: (succeeded, reverted, gas of those that succeeded).
    pub fn settlements(&self) -> (usize, usize, Vec<u64>) {
        let (mut settled, mut reverted, mut gas) = (0, 0, Vec::new());
        for number in 0..=self.chain.head() {
            let block = self.chain.rpc(
                "eth_getBlockByNumber",
                json!([format!("0x{number:x}"), true]),
            );
            for transaction in block["transactions"].as_array().into_iter().flatten() {
                let to = transaction["to"].as_str().unwrap_or_default();
                let input = transaction["input"].as_str().unwrap_or_default();
                // A settlement is far longer than any other call of the rollup.
                if !to.eq_ignore_ascii_case(&self.rollup) || input.len() < 2 * 1_300 {
                    continue;
                }
                let receipt = self
                    .chain
                    .rpc("eth_getTransactionReceipt", json!([transaction["hash"]]));
                if receipt["status"] == "0x1" {
                    settled += 1;
                    gas.push(number_of(&receipt["gasUsed"]));
                } else {
                    reverted += 1;
                }
            }
        }
        (settled, reverted, gas)
    }

    /// The block of the last settlement.
    pub fn settlement_block(&self) -> u64 {
        // Nothing else of the rollup happens after the deposits.
        let filter = json!([{"address": self.rollup, "fromBlock": "0x0"}]);
        let logs = self.chain.rpc("eth_getLogs", filter);
        let blocks = logs.as_array().into_iter().flatten();
        blocks
            .map(|log| number_of(&log["blockNumber"]))
            .max()
            .expect("a settlement")
    }

    /// What must hold whatever happened: no settlement reverted, and every node has the chain's state.
    pub fn check(&self, nodes: &[&Aggregator]) {
        let (_, reverted, _) = self.settlements();
        assert_eq!(reverted, 0, "reverted settlements");
        let state = self.chain.state(&self.rollup);
        for node in nodes {
            wait_for(
                &format!("{} to have the chain's state", node.name()),
                30,
                || (node.status()["state"] == state.as_str()).then_some(()),
            );
        }
    }
}

/// A number in an answer of the chain.
pub fn number_of(value: &Value) -> u64 {
    let digits = value.as_str().unwrap_or_default().trim_start_matches("0x");
    u64::from_str_radix(digits, 16).unwrap_or_default()
}

/// Waits until something is there.
pub fn wait_for<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < Duration::from_secs(seconds),
            "waited {seconds} s for {what}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
