//! What an aggregator runs with: flags and environment first, then a file, then defaults; validated once.

use crate::{error::Error, keystore::PasswordArgs};
use alloy::primitives::{Address, U256};
use clap::Args;
use serde::Deserialize;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

/// Everything that can be set, each from its flag, its environment variable, or the file.
#[derive(Clone, Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// RPC endpoint of the chain: http, https, ws or wss; blocks are pushed over the last two
    #[arg(long, env = "NOTEFOLD_RPC", value_name = "URL")]
    rpc: Option<String>,
    /// The rollup contract
    #[arg(long, env = "NOTEFOLD_ROLLUP", value_name = "ADDRESS")]
    rollup: Option<Address>,
    /// Block from which the chain is read: that of the deployment [default: 0]
    #[arg(long, env = "NOTEFOLD_FROM_BLOCK", value_name = "BLOCK")]
    from_block: Option<u64>,
    /// Key file of the account that settles
    #[arg(long, env = "NOTEFOLD_KEY", value_name = "FILE")]
    key: Option<PathBuf>,
    /// Folder of the store [default: aggregator]
    #[arg(long, env = "NOTEFOLD_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Where step proofs are taken [default: 127.0.0.1:7000]
    #[arg(long, env = "NOTEFOLD_LISTEN", value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Where metrics, health and status are served [default: 127.0.0.1:7001]
    #[arg(long, env = "NOTEFOLD_HTTP", value_name = "ADDRESS:PORT")]
    http: Option<SocketAddr>,
    /// What others reach `listen` under: registered on the chain [default: http:// and `listen`]
    #[arg(long, env = "NOTEFOLD_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,
    /// Stake and take a seat if the account has none
    #[arg(long, env = "NOTEFOLD_REGISTER", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    register: Option<bool>,
    /// How slots are bid for: none, free (slots that nobody holds), outbid [default: none]
    #[arg(long, env = "NOTEFOLD_BID", value_name = "STRATEGY")]
    bid: Option<BidStrategy>,
    /// Largest bid, and the deposit of every sealed one, in wei [default: 10000000000000000]
    #[arg(long, env = "NOTEFOLD_MAX_BID", value_name = "WEI")]
    max_bid: Option<u128>,
    /// Slots ahead that are bid for [default: 2]
    #[arg(long, env = "NOTEFOLD_SLOTS_AHEAD", value_name = "SLOTS")]
    slots_ahead: Option<u64>,
    /// Blocks before its turn at which proving begins [default: 5]
    #[arg(long, env = "NOTEFOLD_LEAD_BLOCKS", value_name = "BLOCKS")]
    lead_blocks: Option<u64>,
    /// Blocks that a turn must have left for a settlement to be sent [default: 2]
    #[arg(long, env = "NOTEFOLD_INCLUSION_BLOCKS", value_name = "BLOCKS")]
    inclusion_blocks: Option<u64>,
    /// Steps that close a batch [default: 64]
    #[arg(long, env = "NOTEFOLD_MAX_STEPS", value_name = "STEPS")]
    max_steps: Option<usize>,
    /// Milliseconds that the oldest step waits for others [default: 20000]
    #[arg(long, env = "NOTEFOLD_MAX_WAIT_MS", value_name = "MS")]
    max_wait_ms: Option<u64>,
    /// Smallest fee of a step, in units of its asset [default: 0]
    #[arg(long, env = "NOTEFOLD_MINIMUM_FEE", value_name = "UNITS")]
    minimum_fee: Option<u64>,
    /// Blocks that a deposit must have left before it can be reclaimed [default: 40]
    #[arg(long, env = "NOTEFOLD_DEPOSIT_MARGIN", value_name = "BLOCKS")]
    deposit_margin: Option<u64>,
    /// Steps that are accepted and not settled, at most: then provers are told to wait [default: 4096]
    #[arg(long, env = "NOTEFOLD_MAX_QUEUE", value_name = "STEPS")]
    max_queue: Option<usize>,
    /// Steps a second that one sender may submit in the long run [default: 200]
    #[arg(long, env = "NOTEFOLD_RATE", value_name = "STEPS")]
    rate: Option<u32>,
    /// Steps proven between two checkpoints [default: 16]
    #[arg(long, env = "NOTEFOLD_CHECKPOINT_STEPS", value_name = "STEPS")]
    checkpoint_steps: Option<u64>,
    /// Milliseconds between two looks at the chain, where blocks are not pushed [default: 1000]
    #[arg(long, env = "NOTEFOLD_POLL_MS", value_name = "MS")]
    poll_ms: Option<u64>,
    /// Log as JSON, one object a line
    #[arg(long, env = "NOTEFOLD_LOG_JSON", value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    log_json: Option<bool>,
    #[command(flatten)]
    #[serde(skip)]
    pub(crate) password: PasswordArgs,
}

/// How slots are bid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BidStrategy {
    /// Not at all: turns of the rotation, and rescues.
    None,
    /// Slots that nobody holds.
    Free,
    /// Also slots that others hold.
    Outbid,
}

/// A valid configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) rpc: String,
    pub(crate) rollup: Address,
    pub(crate) from_block: u64,
    pub(crate) key: PathBuf,
    pub(crate) password: PasswordArgs,
    pub(crate) data: PathBuf,
    pub(crate) listen: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) endpoint: String,
    pub(crate) register: bool,
    pub(crate) bid: BidStrategy,
    pub(crate) max_bid: U256,
    pub(crate) slots_ahead: u64,
    pub(crate) lead_blocks: u64,
    pub(crate) inclusion_blocks: u64,
    pub(crate) max_steps: usize,
    pub(crate) max_wait: Duration,
    pub(crate) minimum_fee: u64,
    pub(crate) deposit_margin: u64,
    pub(crate) max_queue: usize,
    pub(crate) rate: u32,
    pub(crate) checkpoint_steps: u64,
    pub(crate) poll: Duration,
    pub(crate) log_json: bool,
}

impl Settings {
    /// Settings of a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        toml::from_str(&text).map_err(|source| Error::Config {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// These, and those of a file where these say nothing.
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            rpc: self.rpc.or(file.rpc),
            rollup: self.rollup.or(file.rollup),
            from_block: self.from_block.or(file.from_block),
            key: self.key.or(file.key),
            data: self.data.or(file.data),
            listen: self.listen.or(file.listen),
            http: self.http.or(file.http),
            endpoint: self.endpoint.or(file.endpoint),
            register: self.register.or(file.register),
            bid: self.bid.or(file.bid),
            max_bid: self.max_bid.or(file.max_bid),
            slots_ahead: self.slots_ahead.or(file.slots_ahead),
            lead_blocks: self.lead_blocks.or(file.lead_blocks),
            inclusion_blocks: self.inclusion_blocks.or(file.inclusion_blocks),
            max_steps: self.max_steps.or(file.max_steps),
            max_wait_ms: self.max_wait_ms.or(file.max_wait_ms),
            minimum_fee: self.minimum_fee.or(file.minimum_fee),
            deposit_margin: self.deposit_margin.or(file.deposit_margin),
            max_queue: self.max_queue.or(file.max_queue),
            rate: self.rate.or(file.rate),
            checkpoint_steps: self.checkpoint_steps.or(file.checkpoint_steps),
            poll_ms: self.poll_ms.or(file.poll_ms),
            log_json: self.log_json.or(file.log_json),
            password: self.password,
        }
    }

    /// Checks everything, and fills in defaults.
    pub(crate) fn validate(self) -> Result<Config, Error> {
        let missing = |name| Error::Setting {
            name,
            expected: "a value, by flag, environment or file".into(),
            got: "none".into(),
        };
        let at_least_one = |name, value: u64| {
            if value == 0 {
                Err(Error::Setting {
                    name,
                    expected: "at least 1".into(),
                    got: "0".into(),
                })
            } else {
                Ok(value)
            }
        };
        let listen = self.listen.unwrap_or(([127, 0, 0, 1], 7000).into());
        let max_steps = self.max_steps.unwrap_or(64);
        let limit = notefold_folding::cyclefold::MAX_STEPS;
        if max_steps == 0 || max_steps as u64 > limit {
            return Err(Error::Setting {
                name: "max-steps",
                expected: format!("1 to {limit}"),
                got: max_steps.to_string(),
            });
        }
        let endpoint = self.endpoint.unwrap_or(format!("http://{listen}"));
        if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            return Err(Error::Setting {
                name: "endpoint",
                expected: "a URL that begins with http:// or https://".into(),
                got: endpoint,
            });
        }
        Ok(Config {
            rpc: self.rpc.ok_or_else(|| missing("rpc"))?,
            rollup: self.rollup.ok_or_else(|| missing("rollup"))?,
            from_block: self.from_block.unwrap_or(0),
            key: self.key.ok_or_else(|| missing("key"))?,
            password: self.password,
            data: self.data.unwrap_or("aggregator".into()),
            listen,
            http: self.http.unwrap_or(([127, 0, 0, 1], 7001).into()),
            endpoint,
            register: self.register.unwrap_or(false),
            bid: self.bid.unwrap_or(BidStrategy::None),
            max_bid: U256::from(self.max_bid.unwrap_or(10_000_000_000_000_000)),
            slots_ahead: self.slots_ahead.unwrap_or(2),
            lead_blocks: self.lead_blocks.unwrap_or(5),
            inclusion_blocks: at_least_one("inclusion-blocks", self.inclusion_blocks.unwrap_or(2))?,
            max_steps,
            max_wait: Duration::from_millis(self.max_wait_ms.unwrap_or(20_000)),
            minimum_fee: self.minimum_fee.unwrap_or(0),
            deposit_margin: self.deposit_margin.unwrap_or(40),
            max_queue: self.max_queue.unwrap_or(4096).max(1),
            rate: self.rate.unwrap_or(200).max(1),
            checkpoint_steps: at_least_one(
                "checkpoint-steps",
                self.checkpoint_steps.unwrap_or(16),
            )?,
            poll: Duration::from_millis(at_least_one("poll-ms", self.poll_ms.unwrap_or(1000))?),
            log_json: self.log_json.unwrap_or(false),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minimal() -> Settings {
        Settings {
            rpc: Some("http://127.0.0.1:8545".into()),
            rollup: Some(Address::repeat_byte(1)),
            key: Some("a.key".into()),
            ..Settings::default()
        }
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_defaults() {
        let file: Settings = toml::from_str(
            "max-steps = 8\nbid = \"outbid\"\nrpc = \"http://elsewhere\"\nregister = true\n",
        )
        .expect("a file");
        let config = minimal().or(file).validate().expect("valid");
        assert_eq!(config.rpc, "http://127.0.0.1:8545");
        assert_eq!((config.max_steps, config.bid), (8, BidStrategy::Outbid));
        assert_eq!(config.endpoint, "http://127.0.0.1:7000");
        assert!(config.register);
    }

    #[test]
    fn what_is_missing_unknown_or_out_of_range_is_named() {
        let unknown = toml::from_str::<Settings>("max-stpes = 8\n");
        assert!(unknown.is_err_and(|error| error.to_string().contains("max-stpes")));
        let missing = Settings::default().validate().expect_err("no endpoint");
        assert!(missing.to_string().contains("rpc"), "{missing}");
        for settings in [
            Settings {
                max_steps: Some(0),
                ..minimal()
            },
            Settings {
                max_steps: Some(1 << 20),
                ..minimal()
            },
            Settings {
                poll_ms: Some(0),
                ..minimal()
            },
            Settings {
                endpoint: Some("ftp://x".into()),
                ..minimal()
            },
        ] {
            assert!(matches!(settings.validate(), Err(Error::Setting { .. })));
        }
    }
}
