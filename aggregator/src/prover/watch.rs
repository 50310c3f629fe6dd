//! What aggregators go on to say of steps that they were sent: folded, settled, refused after all.

use super::Target;
use crate::rpc::{AggregatorClient, Outcome, Reason, WatchRequest, step_of};
use alloy::primitives::Address;
use notefold_folding::step::StatementHash;
use std::collections::HashMap;
use tokio::{sync::mpsc, task::JoinSet};

/// News that wait to be heard.
const NEWS: usize = 256;

type News = (Address, StatementHash, Outcome);

/// One stream of statuses an aggregator. They end with this value.
pub(super) struct Watches {
    tasks: JoinSet<()>,
    running: HashMap<Address, tokio::task::AbortHandle>,
    sender: mpsc::Sender<News>,
    news: mpsc::Receiver<News>,
    last: HashMap<(Address, StatementHash), Outcome>,
}

impl Default for Watches {
    fn default() -> Self {
        let (sender, news) = mpsc::channel(NEWS);
        Self {
            tasks: JoinSet::new(),
            running: HashMap::new(),
            sender,
            news,
            last: HashMap::new(),
        }
    }
}

impl Watches {
    /// Listens to an aggregator about steps, instead of what it was listened to about before.
    pub(super) fn start(&mut self, target: &Target, steps: Vec<StatementHash>) {
        let (endpoint, account) = (target.endpoint.clone(), target.account);
        let sender = self.sender.clone();
        let task = self.tasks.spawn(async move {
            // An aggregator that is gone is found out by the next submission.
            let _ = listen(endpoint, account, steps, sender).await;
        });
        if let Some(before) = self.running.insert(account, task) {
            before.abort();
        }
    }

    /// The next thing that was not said before.
    pub(super) async fn next(&mut self) -> News {
        loop {
            let Some((account, x, outcome)) = self.news.recv().await else {
                // Not while this value holds a sender.
                return std::future::pending().await;
            };
            if self.is_news(account, x, &outcome) {
                return (account, x, outcome);
            }
        }
    }

    /// Whether an aggregator said something else last.
    pub(super) fn is_news(&mut self, account: Address, x: StatementHash, said: &Outcome) -> bool {
        self.last.insert((account, x), said.clone()).as_ref() != Some(said)
    }
}

async fn listen(
    endpoint: String,
    account: Address,
    steps: Vec<StatementHash>,
    sender: mpsc::Sender<News>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut client = AggregatorClient::connect(endpoint).await?;
    let steps = steps.iter().map(|x| x.to_bytes().to_vec()).collect();
    let mut statuses = client.watch(WatchRequest { steps }).await?.into_inner();
    while let Some(status) = statuses.message().await? {
        if let Some((x, outcome)) = step_of(&status.step).zip(status.outcome)
            && !is_unknown(&outcome)
        {
            sender.send((account, x, outcome)).await?;
        }
    }
    Ok(())
}

/// What it refused at once it does not know of.
fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(refused) if refused.reason() == Reason::Unknown)
}
