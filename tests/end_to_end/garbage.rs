//! Provers that misbehave, speaking gRPC by themselves.

use crate::harness::{Net, aggregator::Aggregator, wallet::Wallet};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};

#[allow(missing_docs, unreachable_pub, clippy::all)]
mod rpc {
    tonic::include_proto!("notefold.v1");
}

use rpc::{
    Reason, StepStatus, StepSubmission, aggregator_client::AggregatorClient, step_status::Outcome,
};

/// Sends messages in one stream, and returns what is said about each until the stream ends or all are answered.
async fn send(port: u16, messages: Vec<Vec<u8>>) -> (Vec<StepStatus>, Option<tonic::Status>) {
    let mut client = AggregatorClient::connect(format!("http://127.0.0.1:{port}"))
        .await
        .expect("it listens");
    let expected = messages.len();
    let (sender, receiver) = tokio::sync::mpsc::channel(expected);
    for proof in messages {
        sender.send(StepSubmission { proof }).await.expect("room");
    }
    let stream = client.submit(ReceiverStream::new(receiver)).await;
    let mut stream = match stream {
        Ok(stream) => stream.into_inner(),
        Err(status) => return (Vec::new(), Some(status)),
    };
    let mut statuses = Vec::new();
    while statuses.len() < expected {
        match stream.next().await {
            Some(Ok(status)) => statuses.push(status),
            Some(Err(status)) => return (statuses, Some(status)),
            None => break,
        }
    }
    (statuses, None)
}

fn reason(status: &StepStatus) -> Option<Reason> {
    match &status.outcome {
        Some(Outcome::Refused(refused)) => Some(refused.reason()),
        _ => None,
    }
}

fn accepted(status: &StepStatus) -> bool {
    matches!(status.outcome, Some(Outcome::Accepted(_)))
}

/// All of them.
pub(crate) fn run(net: &Net, node: &Aggregator, alice: &Wallet) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let port = node.listen;
    let good = net.outbox(alice).remove(0);

    // Garbage: refused as such; after a few, the stream is ended.
    let (said, end) = runtime.block_on(send(
        port,
        vec![vec![7; 1000], Vec::new(), good[..good.len() - 1].to_vec()],
    ));
    assert!(end.is_none(), "{end:?}");
    assert!(
        said.iter().all(|s| reason(s) == Some(Reason::Malformed)),
        "{said:?}"
    );
    let (_, end) = runtime.block_on(send(port, vec![vec![7; 10]; 20]));
    assert_eq!(
        end.map(|status| status.code()),
        Some(tonic::Code::ResourceExhausted)
    );

    // A message above the limit ends its stream, whatever it says.
    let (_, end) = runtime.block_on(send(port, vec![vec![0; 1 << 20]]));
    assert!(end.is_some() || node.number("accepted") == 0);

    // A proof with one element of its witness changed.
    let mut forged = good.clone();
    let place = forged.len() - 5_000;
    forged[place] ^= 1;
    let (said, _) = runtime.block_on(send(port, vec![forged]));
    assert!(
        matches!(reason(&said[0]), Some(Reason::Invalid | Reason::Malformed)),
        "{said:?}"
    );
    assert_eq!(node.number("accepted"), 0);

    // The honest step, among garbage, and once more: accepted once, and told so twice.
    let (said, _) = runtime.block_on(send(port, vec![vec![1; 50], good.clone()]));
    assert!(said.iter().any(accepted), "{said:?}");
    let (said, _) = runtime.block_on(send(port, vec![good.clone()]));
    assert!(accepted(&said[0]), "{said:?}");
    assert_eq!((node.number("accepted"), node.number("queued")), (1, 1));

    // A flood: what is above the rate is told to wait, and nothing of it is kept.
    let (said, _) = runtime.block_on(send(port, vec![good; 100]));
    let waits = said
        .iter()
        .filter(|s| matches!(s.outcome, Some(Outcome::Wait(_))))
        .count();
    assert!(waits > 20, "{waits} of {} were told to wait", said.len());
    assert_eq!((node.number("accepted"), node.number("queued")), (1, 1));
}

/// Submits steps, and waits until all are accepted.
pub(crate) fn accept(port: u16, steps: &[Vec<u8>]) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (said, end) = runtime.block_on(send(port, steps.to_vec()));
    assert!(end.is_none() && said.len() == steps.len(), "{end:?}");
    assert!(said.iter().all(accepted), "{said:?}");
}

/// Submits steps one after another, until one is not accepted; how many were.
pub(crate) fn offer(port: u16, steps: &[Vec<u8>]) -> usize {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let taken = |step: &&Vec<u8>| {
        let (said, _) = runtime.block_on(send(port, vec![step.to_vec()]));
        said.iter().any(accepted)
    };
    steps.iter().take_while(taken).count()
}
