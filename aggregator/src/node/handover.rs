//! Steps that this node cannot settle soon go to whoever can. It keeps them until the chain has them.

use super::context::{Context, View};
use crate::{
    error::Error,
    prover::{Target, submit, targets},
    rpc::Outcome,
};
use alloy::primitives::Address;
use notefold_folding::step::StatementHash;
use std::{collections::HashSet, time::Duration};

/// Steps handed over in one stream.
const AT_ONCE: usize = 64;
/// How long the last hand-over may take, of a node that ends.
const LAST: Duration = Duration::from_secs(10);

/// Hands steps over whenever the chain moved and no turn of this node is near; and at the end, whoever's turn it is.
pub(crate) async fn run(context: Context) -> Result<(), Error> {
    let mut views = context.view.clone();
    let mut handover = Handover {
        context: context.clone(),
        handed: HashSet::new(),
    };
    loop {
        tokio::select! {
            _ = views.changed() => {}
            () = context.end() => break,
        }
        let Some(view) = context.view().filter(|view| view.turns.is_empty()) else {
            continue;
        };
        tokio::select! {
            done = handover.round(&view) => done?,
            () = context.end() => break,
        }
    }
    let Some(view) = context.view() else {
        return Ok(());
    };
    // Nothing is lost if nobody takes them: they are here when the node is back.
    let last = tokio::time::timeout(LAST, handover.round(&view)).await;
    last.unwrap_or(Ok(()))
}

struct Handover {
    context: Context,
    /// Who was given which step.
    handed: HashSet<(StatementHash, Address)>,
}

impl Handover {
    async fn round(&mut self, view: &View) -> Result<(), Error> {
        let context = self.context.clone();
        let queue = context.store.queue();
        self.handed
            .retain(|(x, _)| queue.iter().any(|(queued, _)| queued == x));
        if queue.is_empty() {
            return Ok(());
        }
        let targets = match targets(&context.client, &context.schedule, view.head).await {
            Ok(targets) => targets,
            Err(error) => {
                tracing::warn!(%error, "nobody to hand steps over to");
                return Ok(());
            }
        };
        let us = context.account.address();
        for target in targets.iter().filter(|target| target.account != us) {
            let steps: Vec<StatementHash> = queue
                .iter()
                .map(|(x, _)| *x)
                .filter(|x| !self.handed.contains(&(*x, target.account)))
                .take(AT_ONCE)
                .collect();
            self.hand(target, &steps).await?;
        }
        Ok(())
    }

    async fn hand(&mut self, target: &Target, steps: &[StatementHash]) -> Result<(), Error> {
        let mut messages = Vec::with_capacity(steps.len());
        for x in steps {
            if let Some(proof) = self.context.store.proof(*x)? {
                messages.push((*x, proof));
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        let (handed, metrics) = (&mut self.handed, &self.context.metrics);
        let told = |x: StatementHash, outcome: &Outcome| {
            // Whoever refuses a step has said all that it will say; who is full is asked again.
            if !matches!(outcome, Outcome::Wait(_)) && handed.insert((x, target.account)) {
                metrics.handed_over.inc();
            }
        };
        match submit(&target.endpoint, &messages, told).await {
            Ok(_) => {
                tracing::info!(steps = messages.len(), account = %target.account, "handed over");
            }
            Err(error) => tracing::warn!(%error, "steps stay here"),
        }
        Ok(())
    }
}
