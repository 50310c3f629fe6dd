//! The fifth stage: one transaction for one batch.
//!
//! Nothing is sent that was not run first against the newest block, with the account's nonce read before (see
//! [`crate::chain::Account`]), and that the chain will not still take some blocks later. What is signed is written down before
//! it is sent. A transaction that is not mined is replaced by one that pays more; when the root moves or the turn ends, by one
//! that does nothing. So a settlement can be late, and it cannot revert.

use super::{
    context::{Context, View},
    jobs::{Job, SettleJob},
    store::Place,
};
use crate::{
    chain::{ChainError, Landed, Revert},
    error::Error,
};
use alloy::primitives::{B256, U256};
use std::time::Duration;
use tokio::sync::MutexGuard;

/// How often the account's transactions are looked at.
const TICK: Duration = Duration::from_millis(400);
/// Blocks without inclusion after which more is paid.
const BUMP_BLOCKS: u64 = 4;
/// Looks at a used nonce without receipt before it is believed: an endpoint may lag with receipts.
const SUPERSEDED_LOOKS: u32 = 3;
/// Preflights that the contract refuses, for no reason that passes, before the batch is made anew.
const REFUSALS: u32 = 5;

/// How settling ended.
pub(crate) enum Settlement {
    /// The batch is on the chain.
    Settled {
        /// In which transaction, if it was seen.
        transaction: Option<B256>,
        /// Gas that it used.
        gas: u64,
    },
    /// The chain has another root.
    Moved,
    /// A deposit that the batch consumes cannot be consumed.
    UnusableDeposit([u8; 32]),
    /// The contract refuses the batch.
    Rejected,
    /// The node ends; the job is in the store.
    Ending,
}

/// A job being settled.
struct Settling<'a> {
    context: &'a Context,
    job: SettleJob,
    turn: Option<MutexGuard<'a, ()>>,
    superseded: u32,
    refusals: u32,
    /// Block at which the last transaction was signed.
    signed_at: u64,
    mined: Option<(B256, u64)>,
}

/// Settles a batch, whenever it is this node's turn.
pub(crate) async fn settle(context: &Context, job: SettleJob) -> Result<Settlement, Error> {
    let mut settling = Settling {
        context,
        turn: match job.attempt {
            Some(_) => Some(context.account.turn().await),
            None => None,
        },
        job,
        superseded: 0,
        refusals: 0,
        signed_at: 0,
        mined: None,
    };
    let mut views = context.view.clone();
    loop {
        if let Some(view) = context.view()
            && let Some(end) = settling.look(&view).await?
        {
            return Ok(end);
        }
        tokio::select! {
            () = context.end() => return Ok(Settlement::Ending),
            Ok(()) = views.changed() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

impl<'a> Settling<'a> {
    async fn look(&mut self, view: &View) -> Result<Option<Settlement>, Error> {
        let tag = &self.job.tag;
        if view.root == tag.after || (self.mined.is_some() && view.batches > tag.batch) {
            if self.mined.is_none() && self.job.attempt.is_some() {
                self.follow(view).await?;
            }
            let (transaction, gas) = match self.mined {
                Some((hash, gas)) => (Some(hash), gas),
                None => (None, 0),
            };
            return Ok(Some(Settlement::Settled { transaction, gas }));
        }
        let moved = view.root != tag.before;
        if self.job.attempt.is_some() {
            self.follow(view).await?;
            return Ok(None);
        }
        if moved {
            return Ok(Some(Settlement::Moved));
        }
        if view.may_settle {
            return self.begin(view).await;
        }
        Ok(None)
    }

    /// Runs the call against the newest block, and sends it if it would succeed.
    async fn begin(&mut self, view: &View) -> Result<Option<Settlement>, Error> {
        let context = self.context;
        if self.turn.is_none() {
            self.turn = Some(context.account.turn().await);
        }
        let input = self.job.calldata.clone().into();
        let rollup = Some(context.client.rollup());
        let prepared = context
            .account
            .prepare("settleBatch", rollup, U256::ZERO, input)
            .await;
        match prepared {
            Ok(attempt) => {
                self.refusals = 0;
                self.job.attempt = Some(attempt);
                self.sign_and_send(view).await?;
                Ok(None)
            }
            Err(error) => {
                self.turn = None;
                self.refused(error)
            }
        }
    }

    fn refused(&mut self, error: ChainError) -> Result<Option<Settlement>, Error> {
        let batch = self.job.tag.batch;
        tracing::warn!(batch, %error, "preflight: nothing is sent");
        match error {
            ChainError::Reverted { reason, .. } => {
                self.context.metrics.preflight_refused.inc();
                if let Some(id) = reason.unusable_deposit() {
                    return Ok(Some(Settlement::UnusableDeposit(id)));
                }
                // Of another turn or another root the view will tell; anything else does not pass by itself.
                let passes = matches!(&reason, Revert::SlotQueue(_)) || is_stale(&reason);
                if !passes {
                    self.refusals += 1;
                }
                if self.refusals >= REFUSALS {
                    return Ok(Some(Settlement::Rejected));
                }
                Ok(None)
            }
            // Operators add funds while the node runs.
            ChainError::Funds { .. } => Ok(None),
            error if error.is_retryable() => Ok(None),
            error => Err(error.into()),
        }
    }

    /// Looks at what became of the transactions, and does what is needed for them to be mined, or not to be.
    async fn follow(&mut self, view: &View) -> Result<(), Error> {
        let Some(attempt) = &self.job.attempt else {
            return Ok(());
        };
        let landed = match self.context.account.landed(attempt).await {
            Ok(landed) => landed,
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "receipts cannot be read now");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let batch = self.job.tag.batch;
        match landed {
            Some(Landed::Mined {
                hash,
                gas,
                success: true,
                call: true,
                ..
            }) => {
                self.mined = Some((hash, gas));
                self.turn = None;
                Ok(())
            }
            Some(Landed::Mined {
                hash,
                success: false,
                call: true,
                ..
            }) => {
                self.context.metrics.reverted.inc();
                tracing::error!(batch, transaction = %hash, "a settlement reverted");
                self.give_up()
            }
            Some(Landed::Mined { .. }) => self.give_up(),
            Some(Landed::Superseded) => {
                self.superseded += 1;
                if self.superseded >= SUPERSEDED_LOOKS {
                    tracing::warn!(batch, "another transaction of this account took the nonce");
                    return self.give_up();
                }
                Ok(())
            }
            None => {
                // A reorganisation may have taken the transaction back.
                self.mined = None;
                self.superseded = 0;
                self.push_on(view).await
            }
        }
    }

    async fn push_on(&mut self, view: &View) -> Result<(), Error> {
        let context = self.context;
        let before = self.job.tag.before;
        let Some(attempt) = &mut self.job.attempt else {
            return Ok(());
        };
        let lost = view.root != before || !view.may_settle;
        let due = view.head.number >= self.signed_at + BUMP_BLOCKS;
        let sign = if lost && !attempt.is_cancelled() {
            tracing::warn!(
                batch = self.job.tag.batch,
                "the settlement is too late and is taken back"
            );
            context.account.cancel(attempt).await.map(|()| true)
        } else if due && self.signed_at != 0 {
            match context.account.nonce().await {
                Ok(count) if count < attempt.nonce => {
                    self.signed_at = view.head.number;
                    tracing::warn!(
                        count,
                        nonce = attempt.nonce,
                        "a gap below the nonce is filled"
                    );
                    context.account.fill(count).await.map(|()| false)
                }
                Ok(_) => context.account.bump(attempt).await.map(|()| true),
                Err(error) => Err(error),
            }
        } else if self.signed_at == 0 {
            // After a restart nobody knows whether it was sent.
            Ok(true)
        } else {
            return Ok(());
        };
        match sign {
            Ok(true) => self.sign_and_send(view).await,
            Ok(false) => Ok(()),
            Err(error) if error.is_retryable() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Signed, written down, then sent.
    async fn sign_and_send(&mut self, view: &View) -> Result<(), Error> {
        let Some(attempt) = &mut self.job.attempt else {
            return Ok(());
        };
        let raw = self.context.account.sign(attempt);
        let (hash, nonce) = (attempt.hashes.last().copied(), attempt.nonce);
        self.signed_at = view.head.number.max(1);
        self.keep()?;
        let answer = self.context.account.send(&raw).await;
        let hash = hash.unwrap_or_default();
        match answer {
            Ok(()) => {
                tracing::info!(batch = self.job.tag.batch, transaction = %hash, nonce, "sent");
            }
            // "already known", "nonce too low", "underpriced", no answer: receipts and the nonce decide what it means.
            Err(error) => {
                tracing::warn!(batch = self.job.tag.batch, transaction = %hash, nonce, %error, "sent, with doubts");
            }
        }
        Ok(())
    }

    fn give_up(&mut self) -> Result<(), Error> {
        self.job.attempt = None;
        self.turn = None;
        self.superseded = 0;
        self.keep()
    }

    fn keep(&self) -> Result<(), Error> {
        self.context
            .store
            .set_jobs(&[(Place::Settling, Some(&Job::Settle(self.job.clone())))])
    }
}

fn is_stale(reason: &Revert) -> bool {
    matches!(reason, Revert::Rollup(error)
        if matches!(error.as_ref(), crate::contracts::Rollup::RollupErrors::StaleState(_)))
}
