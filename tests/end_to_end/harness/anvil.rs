//! A local chain.

use super::{free_port, http, number_of, wait_for};
use alloy::{
    primitives::U256,
    sol_types::{SolCall, SolConstructor},
};
use contracts::{Rollup, Token};
use serde_json::{Value, json};
use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
};

mod contracts {
    alloy::sol!(Token, "../contracts/artifacts/Token.json");
    alloy::sol! {
        interface Rollup {
            function listAsset(address asset) external;
        }
    }
}

/// anvil as npm installs it.
const ANVIL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
);

pub struct Anvil {
    process: Child,
    pub port: u16,
}

impl Anvil {
    /// A chain with a block a second.
    pub fn start(folder: &Path) -> Self {
        let port = free_port();
        let log = File::create(folder.join("anvil.log")).expect("a log");
        let process = Command::new(ANVIL)
            .args(["--hardfork", "osaka", "--enable-tx-gas-limit"])
            .args(["--block-time", "1", "--port", &port.to_string()])
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .expect("anvil: run `npm ci` in contracts/ (`make contracts/node_modules`)");
        let chain = Self { process, port };
        wait_for("anvil", 30, || {
            http::request(port, "POST", "/", &call("eth_chainId", json!([])))
        });
        chain
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Calls a method that succeeds.
    pub fn rpc(&self, method: &str, params: Value) -> Value {
        let body = call(method, params);
        let answer = wait_for(method, 30, || {
            http::request(self.port, "POST", "/", &body)
                .and_then(|answer| serde_json::from_str::<Value>(&answer).ok())
        });
        assert!(answer["error"].is_null(), "{body}: {answer}");
        answer["result"].clone()
    }

    pub fn head(&self) -> u64 {
        number_of(&self.rpc("eth_blockNumber", json!([])))
    }

    /// S of a rollup, as status pages have it.
    pub fn state(&self, rollup: &str) -> String {
        // state()
        let call = json!([{"to": rollup, "data": "0xc19d93fb"}, "latest"]);
        let word = self.rpc("eth_call", call);
        let digits = word.as_str().unwrap_or_default().trim_start_matches("0x");
        format!("0x{}", digits.trim_start_matches('0'))
    }

    /// A token with 18 decimals, listed by a rollup, of which an account has a lot.
    pub fn token(&self, rollup: &str, owner: &str) -> String {
        let deploy = Token::constructorCall { decimals_: 18 }.abi_encode();
        let code = [Token::BYTECODE.as_ref(), &deploy].concat();
        let receipt = self.transact(Value::Null, &code);
        let token = receipt["contractAddress"].as_str().expect("an address");
        let mint = Token::mintCall {
            account: owner.parse().expect("an address"),
            value: U256::from(10).pow(U256::from(24)),
        };
        self.transact(json!(token), &mint.abi_encode());
        let list = Rollup::listAssetCall {
            asset: token.parse().expect("an address"),
        };
        self.transact(json!(rollup), &list.abi_encode());
        token.to_owned()
    }

    /// Sends a transaction of an account that the chain holds the key of; its receipt.
    fn transact(&self, to: Value, input: &[u8]) -> Value {
        let from = &self.rpc("eth_accounts", json!([]))[0];
        let input = format!("0x{}", alloy::hex::encode(input));
        let mut transaction = json!({"from": from, "input": input});
        if !to.is_null() {
            transaction["to"] = to;
        }
        let hash = self.rpc("eth_sendTransaction", json!([transaction]));
        let receipt = wait_for("a receipt", 30, || {
            let receipt = self.rpc("eth_getTransactionReceipt", json!([hash]));
            (!receipt.is_null()).then_some(receipt)
        });
        assert_eq!(receipt["status"], "0x1", "{receipt}");
        receipt
    }

    /// Five blocks with nothing in them, in which a transaction would pay a thousand times as much.
    pub fn cost_more(&self) {
        for _ in 0..5 {
            self.rpc("anvil_setNextBlockBaseFeePerGas", json!(["0xe8d4a51000"]));
            self.rpc("evm_mine", json!([]));
        }
    }

    /// Replaces the last blocks by empty ones.
    pub fn reorganise(&self, depth: u64) {
        self.rpc("anvil_reorg", json!([depth, []]));
    }
}

fn call(method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
