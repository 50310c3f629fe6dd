//! `notefold wallet` and `notefold prover`: notes on a chain.

use super::{
    chain::ChainArgs,
    files::{ParamsArgs, write_new},
    values::{self, Payment},
};
use crate::{
    chain::{Account, ChainClient, account_of},
    contracts::Rollup,
    error::Error,
    keystore::{self, PasswordArgs},
    prover::{self, Session, SessionEnd},
    wallet::{Escrow, OutboxStep, WalletDir, balances},
};
use alloy::{
    eips::BlockId,
    primitives::{Address, U256},
    sol_types::SolCall,
};
use clap::{Args, Subcommand};
use notefold_folding::{
    keys::SpendingKey,
    note::Asset,
    step::{DepositId, Recipient},
    value::{NoteValue, ValueSum},
};
use rand_core::{OsRng, RngCore};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A wallet on a chain.
#[derive(Clone, Debug, Args)]
pub(super) struct WalletArgs {
    /// Folder of the wallet; made where there is none, from the key and the chain alone
    #[arg(
        long,
        env = "NOTEFOLD_WALLET",
        value_name = "FOLDER",
        default_value = "wallet"
    )]
    wallet: PathBuf,
    /// Wallet key file
    #[arg(long, env = "NOTEFOLD_KEY", value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    params: ParamsArgs,
}

/// How a step is sent.
#[derive(Clone, Debug, Args)]
pub(super) struct SendArgs {
    /// Pay the aggregator
    #[arg(long, value_name = "AMOUNT", value_parser = values::amount, default_value = "0")]
    fee: NoteValue,
    /// `ether`, or a token contract
    #[arg(long, value_parser = values::asset, default_value = "ether")]
    asset: Asset,
    /// Prove and keep the step; `notefold prover run` sends it
    #[arg(long)]
    queue: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Follow the chain: find notes, learn what became of steps
    Sync(WalletArgs),
    /// What the wallet owns, and what is on its way
    Balance(WalletArgs),
    /// Deposit from the wallet's account
    Deposit {
        #[command(flatten)]
        wallet: WalletArgs,
        #[command(flatten)]
        send: SendArgs,
        /// Units: gwei for ether
        #[arg(value_parser = values::amount)]
        amount: NoteValue,
        /// As so many notes, each of the amount
        #[arg(long, value_name = "NOTES", default_value_t = 1)]
        times: u32,
    },
    /// Pay addresses; change comes back
    Send {
        #[command(flatten)]
        wallet: WalletArgs,
        #[command(flatten)]
        send: SendArgs,
        /// Whom to pay
        #[arg(long = "to", value_name = "ADDRESS=AMOUNT", required = true)]
        to: Vec<Payment>,
    },
    /// Withdraw to an account on the chain, which collects it
    Withdraw {
        #[command(flatten)]
        wallet: WalletArgs,
        #[command(flatten)]
        send: SendArgs,
        /// Who may collect; the wallet's account, if nobody is named
        #[arg(long, value_name = "ACCOUNT")]
        recipient: Option<Address>,
        /// Units: gwei for ether
        #[arg(value_parser = values::amount)]
        amount: NoteValue,
    },
    /// Write the steps on their way as step proof files, to send or look at by other means
    Export {
        #[command(flatten)]
        wallet: WalletArgs,
        /// Folder to write
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
    /// Collect what withdrawals and fees owe to the wallet's account
    Collect {
        #[command(flatten)]
        wallet: WalletArgs,
        /// `ether`, or a token contract
        #[arg(long, value_parser = values::asset, default_value = "ether")]
        asset: Asset,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ProverCommand {
    /// Send steps that are on their way to whoever settles now and next, again and again, until the chain has them
    Run {
        #[command(flatten)]
        wallet: WalletArgs,
        /// Go on when nothing is left to send
        #[arg(long)]
        forever: bool,
    },
}

/// An open wallet, with its connection.
struct Open {
    dir: WalletDir,
    client: ChainClient,
    account: Account,
}

impl WalletArgs {
    async fn open(&self) -> Result<Open, Error> {
        let seed = keystore::read(&self.key, &self.password)?;
        let client = self.chain.connect().await?;
        let params = Arc::new(self.params.load()?);
        let dir = WalletDir::open(
            &self.wallet,
            SpendingKey::from_seed(&seed),
            params,
            client.deployment(),
            self.chain.from_block,
        )?;
        let account = Account::new(client.clone(), account_of(&seed));
        let mut open = Open {
            dir,
            client,
            account,
        };
        open.sync().await?;
        Ok(open)
    }
}

pub(super) fn run(command: Command) -> Result<(), Error> {
    super::runtime()?.block_on(async {
        match command {
            Command::Sync(wallet) => wallet.open().await?.describe(),
            Command::Balance(wallet) => wallet.open().await?.balance(),
            Command::Deposit {
                wallet,
                send,
                amount,
                times,
            } => {
                let mut open = wallet.open().await?;
                for _ in 0..times {
                    let step = open.deposit(&send, amount).await?;
                    announce(&step);
                }
                open.finish(&send).await?;
            }
            Command::Send { wallet, send, to } => {
                let mut open = wallet.open().await?;
                let step = open.pay(&send, &to, None)?;
                announce(&step);
                open.finish(&send).await?;
            }
            Command::Withdraw {
                wallet,
                send,
                recipient,
                amount,
            } => {
                let mut open = wallet.open().await?;
                let recipient = recipient.unwrap_or(open.account.address());
                let step = open.pay(&send, &[], Some((recipient, amount)))?;
                announce(&step);
                open.finish(&send).await?;
            }
            Command::Export { wallet, out } => wallet.open().await?.export(&out)?,
            Command::Collect { wallet, asset } => wallet.open().await?.collect(asset).await?,
        }
        Ok(())
    })
}

pub(super) fn run_prover(command: ProverCommand) -> Result<(), Error> {
    let ProverCommand::Run { wallet, forever } = command;
    super::runtime()?.block_on(async {
        let mut open = wallet.open().await?;
        loop {
            open.stream().await?;
            if !forever {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            open.sync().await?;
        }
    })
}

impl Open {
    async fn sync(&mut self) -> Result<(), Error> {
        for (step, fate) in self.dir.sync(&self.client).await? {
            println!("step {}: {fate}", step.x);
        }
        Ok(())
    }

    fn describe(&self) {
        println!("batches  {}", self.dir.batches());
        println!("state    {}", self.dir.state().root());
        println!("notes    {}", self.dir.notes().len());
    }

    fn balance(&self) {
        println!("address  {}", self.dir.key().address());
        println!("account  {}", self.account.address());
        let notes = self.dir.notes();
        for owned in notes.iter().filter(|owned| !owned.spent) {
            let note = &owned.note;
            println!(
                "note     {:<6} {} {}",
                owned.position, note.value, note.asset
            );
        }
        for (asset, sum) in balances(&notes) {
            println!("balance  {sum} {asset}");
        }
        for step in self.dir.outbox() {
            println!("pending  {}", step.x);
        }
    }

    /// A step that makes notes of an escrowed amount, and then the escrow.
    async fn deposit(&mut self, send: &SendArgs, amount: NoteValue) -> Result<OutboxStep, Error> {
        let mut nonce = [0; 12];
        OsRng.fill_bytes(&mut nonce);
        let total: ValueSum = [amount, send.fee].into_iter().sum();
        let total = total.minus(ValueSum::default())?;
        let id = DepositId::new(self.account.address().into_array(), nonce);
        let to = self.dir.key().address();
        let step = self
            .dir
            .builder(self.client.deployment(), send.asset)
            .deposit(id, total)
            .pay(to, amount)
            .fee(send.fee)
            .build(self.dir.key(), &mut OsRng)?;
        let escrow = Escrow {
            asset: *send.asset.bytes(),
            amount: total.amount(),
            commitments: step.statement.commitments_hash(),
            nonce,
        };
        // The step is kept before anything is paid for it.
        let step = self.dir.keep(&step, Some(escrow.clone()))?;
        let head = self.client.head().await?;
        prover::escrow(&self.client, &self.account, &escrow, head).await?;
        Ok(step)
    }

    fn pay(
        &mut self,
        send: &SendArgs,
        to: &[Payment],
        withdrawal: Option<(Address, NoteValue)>,
    ) -> Result<OutboxStep, Error> {
        let out: ValueSum = to
            .iter()
            .map(|payment| payment.value)
            .chain(withdrawal.map(|(_, value)| value))
            .chain([send.fee])
            .sum();
        let inputs = self.dir.select(send.asset, out.amount())?;
        let into: ValueSum = inputs.iter().map(|input| input.note.value).sum();
        let change = into.minus(out)?;
        let mut builder = self
            .dir
            .builder(self.client.deployment(), send.asset)
            .fee(send.fee);
        for input in inputs {
            builder = builder.spend(input);
        }
        for payment in to {
            builder = builder.pay(payment.to, payment.value);
        }
        if !change.is_zero() {
            builder = builder.pay(self.dir.key().address(), change);
        }
        if let Some((recipient, value)) = withdrawal {
            builder = builder.withdraw(Recipient(recipient.into_array()), value);
        }
        let step = builder.build(self.dir.key(), &mut OsRng)?;
        self.dir.keep(&step, None)
    }

    async fn finish(&mut self, send: &SendArgs) -> Result<(), Error> {
        if send.queue {
            return Ok(());
        }
        self.stream().await
    }

    async fn stream(&mut self) -> Result<(), Error> {
        let end = Session::new(&self.client, &self.account, &mut self.dir)
            .await?
            .run(|x, said| println!("step {x}: {said}"))
            .await?;
        match end {
            SessionEnd { lost: 0, .. } => Ok(()),
            SessionEnd { settled, lost } => Err(Error::StepsLost {
                total: settled + lost,
                lost,
            }),
        }
    }

    fn export(&self, folder: &Path) -> Result<(), Error> {
        std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
        for step in self.dir.outbox() {
            let path = folder.join(format!("{}.step", step.x));
            write_new(&path, &step.proof)?;
            println!("{}", path.display());
        }
        Ok(())
    }

    async fn collect(&mut self, asset: Asset) -> Result<(), Error> {
        let token = Address::from(*asset.bytes());
        let us = self.account.address();
        let owed = Rollup::owedCall {
            account: us,
            asset: token,
        };
        let rollup = self.client.rollup();
        let owed = self
            .client
            .view(rollup, "owed", &owed, BlockId::latest())
            .await?;
        if owed.is_zero() {
            println!("nothing is owed to {us}");
            return Ok(());
        }
        let call = Rollup::withdrawCall {
            asset: token,
            to: us,
        };
        let (hash, _) = self
            .account
            .transact("withdraw", Some(rollup), U256::ZERO, call.abi_encode())
            .await?;
        println!("collected {owed} {asset}, transaction {hash}");
        Ok(())
    }
}

fn announce(step: &OutboxStep) {
    println!("step {}: proven, {} bytes", step.x, step.proof.len());
}
