//! The chain and the node, as processes that end with the benchmark.

use crate::{
    chain::{Account, ChainClient, account_of, connect_provider},
    deployment::{Parameters, verifier_code},
    error::Error,
    keystore,
};
use alloy::{
    primitives::{Address, U256},
    providers::Provider,
};
use notefold_folding::{
    commitment_key::{DEVELOPMENT_SEED, write_key},
    ivc::FoldingParams,
    keys::Seed,
};
use notefold_wrapper::{
    keys::{generate_insecure, write_keys},
    wrap::Wrapper,
};
use rand_core::OsRng;
use serde_json::{Value, json};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

const PASSWORD: &str = "of a benchmark";

fn failed(what: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::Node {
        what,
        got: error.to_string(),
    }
}

/// A folder, a chain, the contracts on it, and development keys.
pub(super) struct World {
    folder: PathBuf,
    _anvil: Child,
    pub(super) rpc: String,
    pub(super) rollup: Address,
    pub(super) seed: Seed,
    genesis: u64,
}

impl World {
    pub(super) async fn start(
        params: &FoldingParams,
        anvil: &Path,
        steps: usize,
    ) -> Result<Self, Error> {
        let folder = std::env::temp_dir().join(format!("notefold-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        eprintln!("making keys …");
        write_key(&folder, params.step().key())?;
        let keys = generate_insecure(
            params,
            Wrapper::new(params).matrices(),
            DEVELOPMENT_SEED,
            |_| {},
        )?;
        write_keys(&folder, &keys)?;
        drop(keys);
        let port = free_port()?;
        // Blocks as transactions come, until the measurement begins.
        let anvil = Command::new(anvil)
            .args(["--hardfork", "osaka", "--enable-tx-gas-limit", "--port"])
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed("anvil"))?;
        let rpc = format!("http://127.0.0.1:{port}");
        tokio::time::sleep(Duration::from_secs(1)).await;
        let provider = connect_provider(&rpc).await?;
        let seed = Seed::random(&mut OsRng);
        let client = ChainClient::without_contracts(provider).await?;
        let account = Account::new(client, account_of(&seed));
        let mut world = Self {
            folder,
            _anvil: anvil,
            rpc,
            rollup: Address::ZERO,
            seed,
            genesis: 0,
        };
        let funds = json!([account.address(), "0x3635c9adc5dea00000"]);
        world.request("anvil_setBalance", funds).await?;
        let parameters = Parameters::defaults()?;
        let nonce = account.nonce().await?;
        let [verifier, queue, rollup] = [0, 1, 2].map(|n| account.address().create(nonce + n));
        world.genesis = account.head().await?.number + 200 + 2 * steps as u64;
        let codes = [
            verifier_code(),
            parameters.queue_code(rollup, world.genesis),
            parameters.rollup_code(queue, verifier, account.address()),
        ];
        for code in codes {
            account
                .transact("a contract", None, U256::ZERO, code)
                .await?;
        }
        world.rollup = rollup;
        let key = world.folder.join("node.key");
        keystore::write(&key, &world.seed, PASSWORD)?;
        Ok(world)
    }

    async fn request(&self, method: &'static str, params: Value) -> Result<Value, Error> {
        let provider = connect_provider(&self.rpc).await?;
        let answer = provider
            .raw_request::<_, Value>(method.into(), params)
            .await;
        Ok(answer.map_err(crate::chain::ChainError::from)?)
    }

    /// From now on there is a block a second.
    pub(super) async fn blocks_every_second(&self) -> Result<(), Error> {
        self.request("evm_setIntervalMining", json!([1])).await?;
        Ok(())
    }

    /// Moves the chain to the first slot, once the node has its seat.
    pub(super) async fn first_turn(&self) -> Result<(), Error> {
        tokio::time::sleep(Duration::from_secs(4)).await;
        let head = connect_provider(&self.rpc)
            .await?
            .get_block_number()
            .await
            .map_err(crate::chain::ChainError::from)?;
        let blocks = self.genesis.saturating_sub(head);
        self.request("anvil_mine", json!([format!("0x{blocks:x}")]))
            .await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A folder in the system's place for such; what is left of it is the system's to clean.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed("a port"))?;
    Ok(listener.local_addr().map_err(failed("a port"))?.port())
}

/// `notefold aggregator run`.
pub(super) struct NodeProcess {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    pub(super) endpoint: String,
}

impl NodeProcess {
    pub(super) fn start(world: &World, batch: usize, steps: usize) -> Result<Self, Error> {
        let binary = std::env::current_exe().map_err(failed("this program"))?;
        let [listen, http] = [free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
        // A last batch that is not full is closed after a while; all others when they are full.
        let wait = if steps.is_multiple_of(batch) {
            "600000"
        } else {
            "4000"
        };
        let mut child = Command::new(binary)
            .current_dir(&world.folder)
            .env("NOTEFOLD_PASSWORD", PASSWORD)
            .env("RUST_LOG", "info,alloy=warn")
            .args(["aggregator", "run", "--register", "--log-json"])
            .args(["--rpc", &world.rpc, "--rollup", &world.rollup.to_string()])
            .args(["--key", "node.key", "--params", ".", "--decider", "."])
            .args(["--listen", &listen, "--http", &http, "--poll-ms", "300"])
            .args(["--max-steps", &batch.to_string(), "--max-wait-ms", wait])
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed("the node"))?;
        let stderr = child.stderr.take().expect("invariant: it is piped");
        Ok(Self {
            child,
            log: BufReader::new(stderr).lines(),
            endpoint: format!("http://{listen}"),
        })
    }

    async fn next_line(&mut self) -> Result<Value, Error> {
        let line = self.log.next_line().await.map_err(failed("the node"))?;
        let line = line.ok_or(Error::Node {
            what: "the node",
            got: "its end".into(),
        })?;
        Ok(serde_json::from_str(&line).unwrap_or(Value::Null))
    }

    pub(super) async fn wait_for(&mut self, message: &str) -> Result<(), Error> {
        while self.next_line().await?["message"] != message {}
        Ok(())
    }

    /// What the node says of the next batch that it settled.
    pub(super) async fn next_report(&mut self) -> Result<Value, Error> {
        loop {
            let line = self.next_line().await?;
            if let Some(report) = line["report"].as_str() {
                return Ok(serde_json::from_str(report)?);
            }
        }
    }

    /// A figure of the process's memory, in bytes; zero where the system does not tell.
    pub(super) fn memory(&self, name: &str) -> u64 {
        let id = self.child.id().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        kilobytes.and_then(|k| k.parse::<u64>().ok()).unwrap_or(0) * 1024
    }
}
