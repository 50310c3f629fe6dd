//! What aggregators go on to say of steps that they were sent: folded, settled, refused after all.

use super::Target;
use crate::rpc::{AggregatorClient, Outcome, Reason, WatchRequest, step_of};
use alloy::primitives::Address;
use notefold_folding::step::StatementHash;
use std::collections::HashMap;
use tokio::{sync::mpsc, task::JoinSet};

/// News that wait to be heard.
const NEWS: usize = 256;

/// What is heard.
pub(super) enum News {
    /// An aggregator said something of a step.
    Said(Address, StatementHash, Outcome),
    /// An aggregator that was listened to went away.
    Gone(Address),
}

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
            // Why it is gone the next submission says.
            let _ = listen(endpoint, account, steps, &sender).await;
            // Nobody listens any more: the session is over.
            let _ = sender.send(News::Gone(account)).await;
        });
        if let Some(before) = self.running.insert(account, task) {
            before.abort();
        }
    }

    /// The next thing that was not said before.
    pub(super) async fn next(&mut self) -> News {
        loop {
            match self.news.recv().await {
                Some(News::Said(account, x, outcome)) if !self.is_news(account, x, &outcome) => {}
                Some(news) => return news,
                // Not while this value holds a sender.
                None => return std::future::pending().await,
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
    sender: &mpsc::Sender<News>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut client = AggregatorClient::connect(endpoint).await?;
    let steps = steps.iter().map(|x| x.to_bytes().to_vec()).collect();
    let mut statuses = client.watch(WatchRequest { steps }).await?.into_inner();
    while let Some(status) = statuses.message().await? {
        if let Some((x, outcome)) = step_of(&status.step).zip(status.outcome)
            && !is_unknown(&outcome)
        {
            sender.send(News::Said(account, x, outcome)).await?;
        }
    }
    Ok(())
}

/// What it refused at once it does not know of.
fn is_unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(refused) if refused.reason() == Reason::Unknown)
}
