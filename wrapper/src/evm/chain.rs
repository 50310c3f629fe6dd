//! A chain in process: accounts, contracts, a block number, and one transaction after another.

use revm::{
    Context, Database, ExecuteCommitEvm, MainBuilder, MainContext,
    bytecode::Bytecode,
    context::{
        TxEnv,
        result::{ExecutionResult, Output},
    },
    database::InMemoryDB,
    primitives::{Address, Bytes, TxKind, U256, hardfork::SpecId},
    state::AccountInfo,
};
use sha3::{Digest, Keccak256};

/// Cap of a transaction's gas (EIP-7825).
const GAS_LIMIT: u64 = 1 << 24;

/// A transaction that did not even begin, or that ended without output.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the transaction to succeed or to revert, got {0}")]
pub struct Halted(String);

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Gas of the whole transaction.
    pub gas: u64,
    /// What it used, without refunds and without the floor of EIP-7623.
    pub executed: u64,
    /// What it returned, or what it reverted with.
    pub result: Result<Vec<u8>, Vec<u8>>,
    /// The contract that it created.
    pub created: Option<[u8; 20]>,
}

/// The chain. Gas costs nothing; only values need a balance.
#[derive(Clone)]
pub struct Chain {
    database: InMemoryDB,
    chain_id: u64,
    block: u64,
    spec: SpecId,
    reverted_gas: u64,
}

/// The first four bytes of a function's or an error's hash.
#[must_use]
pub fn selector(signature: &str) -> [u8; 4] {
    let hash = Keccak256::digest(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

impl Chain {
    /// An empty chain under the rules of osaka.
    #[must_use]
    pub fn new(chain_id: u64) -> Self {
        Self {
            database: InMemoryDB::default(),
            chain_id,
            block: 1,
            spec: SpecId::OSAKA,
            reverted_gas: 0,
        }
    }

    /// The same chain under the rules of the fork after.
    #[must_use]
    pub fn on_next_fork(self) -> Self {
        Self {
            spec: SpecId::AMSTERDAM,
            ..self
        }
    }

    /// Gas of all transactions that reverted.
    #[must_use]
    pub fn reverted_gas(&self) -> u64 {
        self.reverted_gas
    }

    /// Goes to a block.
    pub fn roll(&mut self, block: u64) {
        self.block = block;
    }

    /// Puts code where it is wanted.
    pub fn install(&mut self, at: [u8; 20], code: &[u8]) {
        let code = Bytecode::new_raw(Bytes::copy_from_slice(code));
        self.database
            .insert_account_info(Address::from(at), AccountInfo::from_bytecode(code));
    }

    /// Gives an account wei.
    pub fn fund(&mut self, account: [u8; 20], wei: u128) {
        let mut info = self.info(account);
        info.balance = U256::from(wei);
        self.database
            .insert_account_info(Address::from(account), info);
    }

    /// Where an account's nth contract from now lands.
    #[must_use]
    pub fn contract_of(&mut self, account: [u8; 20], ahead: u64) -> [u8; 20] {
        let nonce = self.info(account).nonce + ahead;
        Address::from(account).create(nonce).into_array()
    }

    /// What a transaction would do now: a preflight. Nothing changes.
    ///
    /// # Errors
    ///
    /// [`Halted`].
    pub fn call(
        &self,
        from: [u8; 20],
        to: [u8; 20],
        wei: u128,
        data: Vec<u8>,
    ) -> Result<Outcome, Halted> {
        self.clone().send(from, Some(to), wei, data)
    }

    fn info(&mut self, account: [u8; 20]) -> AccountInfo {
        let found = self.database.basic(Address::from(account));
        found
            .expect("invariant: a database in memory does not fail")
            .unwrap_or_default()
    }

    /// Sends a transaction to a contract, or creates one.
    ///
    /// # Errors
    ///
    /// [`Halted`].
    pub fn send(
        &mut self,
        from: [u8; 20],
        to: Option<[u8; 20]>,
        wei: u128,
        data: Vec<u8>,
    ) -> Result<Outcome, Halted> {
        let nonce = self.info(from).nonce;
        let (spec, chain_id, block) = (self.spec, self.chain_id, self.block);
        let mut evm = Context::mainnet()
            .with_db(&mut self.database)
            .modify_cfg_chained(|cfg| {
                cfg.set_spec_and_mainnet_gas_params(spec);
                cfg.chain_id = chain_id;
            })
            .modify_block_chained(|env| env.number = U256::from(block))
            .build_mainnet();
        let transaction = TxEnv::builder()
            .caller(Address::from(from))
            .nonce(nonce)
            .chain_id(Some(chain_id))
            .gas_limit(GAS_LIMIT)
            .value(U256::from(wei))
            .kind(to.map_or(TxKind::Create, |to| TxKind::Call(Address::from(to))))
            .data(Bytes::from(data))
            .build()
            .map_err(|error| Halted(format!("{error:?}")))?;
        let result = evm
            .transact_commit(transaction)
            .map_err(|error| Halted(error.to_string()))?;
        let (gas, executed) = (result.tx_gas_used(), result.gas().total_gas_spent());
        match result {
            ExecutionResult::Success { output, .. } => {
                let created = match &output {
                    Output::Create(_, Some(address)) => Some(address.into_array()),
                    _ => None,
                };
                Ok(Outcome {
                    gas,
                    executed,
                    result: Ok(output.into_data().to_vec()),
                    created,
                })
            }
            ExecutionResult::Revert { output, .. } => {
                self.reverted_gas += gas;
                Ok(Outcome {
                    gas,
                    executed,
                    result: Err(output.to_vec()),
                    created: None,
                })
            }
            ExecutionResult::Halt { reason, .. } => Err(Halted(format!("{reason:?}"))),
        }
    }
}
