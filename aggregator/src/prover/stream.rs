//! One stream of step proofs to one aggregator.

use crate::rpc::{AggregatorClient, MAX_MESSAGE_BYTES, Outcome, StepSubmission, WINDOW, step_of};
use notefold_folding::step::StatementHash;
use std::{collections::HashMap, time::Duration};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;

/// How long an aggregator is given to take a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it is given to say anything about a step.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a stream ended before its time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    /// It cannot be reached.
    #[error("expected an aggregator at {endpoint}: {source}")]
    Connect {
        /// Where.
        endpoint: String,
        /// Why.
        source: Box<tonic::transport::Error>,
    },
    /// It ended the stream.
    #[error("expected the aggregator at {endpoint} to go on: {source}")]
    Ended {
        /// Where.
        endpoint: String,
        /// What it said.
        source: Box<tonic::Status>,
    },
    /// It says nothing.
    #[error("expected the aggregator at {endpoint} to answer within {} s, got nothing", PATIENCE.as_secs())]
    Silent {
        /// Where.
        endpoint: String,
    },
}

/// What was said about steps.
pub(crate) type Heard = HashMap<StatementHash, Outcome>;

/// Sends steps and waits until something was said about each: accepted, refused, or anything later.
///
/// A step that the aggregator has no room for is sent again after the time that it asks for. `told` hears everything.
pub(crate) async fn submit(
    endpoint: &str,
    steps: &[(StatementHash, Vec<u8>)],
    mut told: impl FnMut(StatementHash, &Outcome),
) -> Result<Heard, StreamError> {
    let connect = |source| StreamError::Connect {
        endpoint: endpoint.to_owned(),
        source: Box::new(source),
    };
    let ended = |source| StreamError::Ended {
        endpoint: endpoint.to_owned(),
        source: Box::new(source),
    };
    let channel = Endpoint::from_shared(endpoint.to_owned())
        .map_err(connect)?
        .connect_timeout(CONNECT)
        .connect()
        .await
        .map_err(connect)?;
    let mut client = AggregatorClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES);
    let (sender, receiver) = mpsc::channel(WINDOW);
    let mut queue: Vec<usize> = (0..steps.len()).rev().collect();
    // By place in the stream, which step it was: a refusal of bytes that do not decode names no step.
    let mut sent: Vec<usize> = Vec::new();
    let mut under_way = 0;
    let mut heard = Heard::new();
    let push = |queue: &mut Vec<usize>, under_way: &mut usize, sent: &mut Vec<usize>| {
        while *under_way < WINDOW {
            let Some(index) = queue.pop() else { break };
            let proof = steps[index].1.clone();
            if sender.try_send(StepSubmission { proof }).is_err() {
                queue.push(index);
                break;
            }
            sent.push(index);
            *under_way += 1;
        }
    };
    push(&mut queue, &mut under_way, &mut sent);
    let silent = || StreamError::Silent {
        endpoint: endpoint.to_owned(),
    };
    let begun = tokio::time::timeout(PATIENCE, client.submit(ReceiverStream::new(receiver))).await;
    let mut statuses = begun.map_err(|_| silent())?.map_err(ended)?.into_inner();
    while heard.len() < steps.len() {
        let status = match tokio::time::timeout(PATIENCE, statuses.message()).await {
            Ok(status) => status.map_err(ended)?,
            Err(_) => return Err(silent()),
        };
        let Some(status) = status else { break };
        let Some(outcome) = status.outcome else {
            continue;
        };
        let place = usize::try_from(status.submission).unwrap_or(usize::MAX);
        let known = sent.get(place).map(|index| steps[*index].0);
        let Some(x) = known.or_else(|| step_of(&status.step)) else {
            continue;
        };
        told(x, &outcome);
        if let Outcome::Wait(wait) = &outcome {
            under_way = under_way.saturating_sub(1);
            tokio::time::sleep(Duration::from_millis(wait.milliseconds.min(10_000))).await;
            queue.extend(sent.get(place));
        } else if heard.insert(x, outcome).is_none() {
            under_way = under_way.saturating_sub(1);
        }
        push(&mut queue, &mut under_way, &mut sent);
    }
    Ok(heard)
}
