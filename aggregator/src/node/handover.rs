//! Steps that this node cannot settle soon go to whoever can. It keeps them until the chain has them.

use super::context::Context;
use crate::{
    error::Error,
    prover::{Target, submit, targets},
    rpc::Outcome,
};
use alloy::primitives::Address;
use notefold_folding::step::StatementHash;
use std::collections::HashSet;

/// Steps handed over in one stream.
const AT_ONCE: usize = 64;

/// Hands steps over whenever the chain moved and no turn of this node is near.
pub(crate) async fn run(context: Context) -> Result<(), Error> {
    let mut views = context.view.clone();
    let mut handed: HashSet<(StatementHash, Address)> = HashSet::new();
    loop {
        tokio::select! {
            _ = views.changed() => {}
            () = context.end() => return Ok(()),
        }
        let Some(view) = context.view() else { continue };
        let queue = context.store.queue();
        handed.retain(|(x, _)| queue.iter().any(|(queued, _)| queued == x));
        if queue.is_empty() || !view.turns.is_empty() {
            continue;
        }
        let targets = match targets(&context.client, &context.schedule, view.head).await {
            Ok(targets) => targets,
            Err(error) => {
                tracing::warn!(%error, "nobody to hand steps over to");
                continue;
            }
        };
        let us = context.account.address();
        for target in targets.iter().filter(|target| target.account != us) {
            let steps: Vec<StatementHash> = queue
                .iter()
                .map(|(x, _)| *x)
                .filter(|x| !handed.contains(&(*x, target.account)))
                .take(AT_ONCE)
                .collect();
            hand(&context, target, &steps, &mut handed).await?;
        }
    }
}

async fn hand(
    context: &Context,
    target: &Target,
    steps: &[StatementHash],
    handed: &mut HashSet<(StatementHash, Address)>,
) -> Result<(), Error> {
    let mut messages = Vec::with_capacity(steps.len());
    for x in steps {
        if let Some(proof) = context.store.proof(*x)? {
            messages.push((*x, proof));
        }
    }
    if messages.is_empty() {
        return Ok(());
    }
    let mut taken = 0;
    let told = |x: StatementHash, outcome: &Outcome| {
        // Whoever refuses a step has said all that it will say; who is full is asked again.
        if !matches!(outcome, Outcome::Wait(_)) {
            handed.insert((x, target.account));
            taken += 1;
        }
    };
    let sent = tokio::select! {
        sent = submit(&target.endpoint, &messages, told) => sent,
        () = context.end() => return Ok(()),
    };
    context.metrics.handed_over.inc_by(taken);
    match sent {
        Ok(_) => tracing::info!(steps = messages.len(), account = %target.account, "handed over"),
        Err(error) => tracing::warn!(%error, "steps stay here"),
    }
    Ok(())
}
