//! The gRPC service.

use super::{Answer, Submission, limits::Limits, wait};
use crate::{
    node::context::{Context, News},
    rpc::{
        Aggregator, DescribeRequest, Description, Outcome, Reason, StepStatus, StepSubmission,
        Wait, WatchRequest, step_of,
    },
};
use notefold_folding::{ivc::FoldingParams, step::StatementHash};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::Arc,
    time::Instant,
};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::{Stream, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

/// Answers that a slow reader may leave unread before its stream is held up.
const ANSWERS: usize = 64;
/// Submissions that do not decode before a stream is ended.
const PATIENCE: u32 = 16;
/// Steps that one request may watch.
const WATCHED: usize = 4096;

/// The service.
pub(crate) struct Service {
    context: Context,
    submissions: mpsc::Sender<Submission>,
    limits: Arc<Limits>,
}

impl Service {
    pub(crate) fn new(context: Context, submissions: mpsc::Sender<Submission>) -> Self {
        let limits = Arc::new(Limits::new(context.config.rate));
        Self {
            context,
            submissions,
            limits,
        }
    }
}

type Statuses = Pin<Box<dyn Stream<Item = Result<StepStatus, Status>> + Send>>;

#[tonic::async_trait]
impl Aggregator for Service {
    type SubmitStream = Statuses;
    type WatchStream = Statuses;

    async fn submit(
        &self,
        request: Request<Streaming<StepSubmission>>,
    ) -> Result<Response<Statuses>, Status> {
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let sender = request.remote_addr().map_or(local, |address| address.ip());
        let (out, statuses) = mpsc::channel(ANSWERS);
        let session = Session {
            context: self.context.clone(),
            submissions: self.submissions.clone(),
            limits: self.limits.clone(),
            sender,
            out,
            places: HashMap::new(),
            malformed: 0,
            outstanding: 0,
        };
        tokio::spawn(session.run(request.into_inner()));
        Ok(Response::new(Box::pin(ReceiverStream::new(statuses))))
    }

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Statuses>, Status> {
        let steps = request.into_inner().steps;
        if steps.len() > WATCHED {
            let message = format!("expected at most {WATCHED} steps, got {}", steps.len());
            return Err(Status::invalid_argument(message));
        }
        let mut places = HashMap::new();
        for (place, bytes) in (0u64..).zip(&steps) {
            let x = step_of(bytes).ok_or_else(|| {
                Status::invalid_argument(format!(
                    "step {place}: expected a statement hash of 32 bytes, got 0x{}",
                    hex::encode(bytes)
                ))
            })?;
            places.insert(x, place);
        }
        let (out, statuses) = mpsc::channel(ANSWERS);
        let context = self.context.clone();
        tokio::spawn(async move {
            let mut news = context.listen();
            for (x, place) in &places {
                let known = context.store.state(*x).ok().flatten();
                let outcome = known.map_or_else(
                    || {
                        Outcome::refused(
                            Reason::Unknown,
                            format!("expected a step of this aggregator, got {x}"),
                        )
                    },
                    |state| state.outcome(),
                );
                if out
                    .send(Ok(status(*place, Some(*x), outcome)))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            loop {
                tokio::select! {
                    () = out.closed() => return,
                    () = context.end() => return,
                    heard = news.recv() => if !relay(&context, &places, &out, heard).await { return },
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(statuses))))
    }

    async fn describe(&self, _: Request<DescribeRequest>) -> Result<Response<Description>, Status> {
        let context = &self.context;
        let params: &FoldingParams = &context.params;
        Ok(Response::new(Description {
            deployment: context.client.deployment().to_bytes().to_vec(),
            parameters: params.step().digest().bytes().to_vec(),
            account: context.account.address().to_vec(),
            minimum_fee: context.config.minimum_fee,
            queued: context.store.queued() as u64,
        }))
    }
}

/// One stream of submissions.
struct Session {
    context: Context,
    submissions: mpsc::Sender<Submission>,
    limits: Arc<Limits>,
    sender: IpAddr,
    out: mpsc::Sender<Result<StepStatus, Status>>,
    places: HashMap<StatementHash, u64>,
    malformed: u32,
    /// Submissions that are being checked: never more than the channel of answers holds, so that a sender who does not
    /// read cannot hold up the check of others.
    outstanding: usize,
}

impl Session {
    async fn run(mut self, mut incoming: Streaming<StepSubmission>) {
        let mut news = self.context.listen();
        let (answer, mut answers) = mpsc::channel::<Answer>(ANSWERS);
        let mut place = 0;
        let mut open = true;
        loop {
            tokio::select! {
                // Answers first: a sender that is told nothing sends no more.
                biased;
                Some(answer) = answers.recv() => {
                    if !self.pass_on(answer).await { return }
                }
                heard = news.recv() => {
                    if !relay(&self.context, &self.places, &self.out, heard).await { return }
                }
                () = self.context.end() => {
                    // What was accepted is durable; what was not is sent again to whoever is there.
                    let _ = self.out.send(Err(Status::unavailable("the aggregator is going down"))).await;
                    return;
                }
                () = self.out.closed() => return,
                message = incoming.message(), if open && self.outstanding < ANSWERS => match message {
                    Ok(Some(submission)) => {
                        if !self.submit(place, submission.proof, &answer).await { return }
                        place += 1;
                    }
                    // The sender has no more to send and may still listen.
                    Ok(None) => open = false,
                    Err(_) => return,
                },
            }
        }
    }

    async fn submit(&mut self, place: u64, proof: Vec<u8>, answer: &mpsc::Sender<Answer>) -> bool {
        let outcome = match self.limits.take(self.sender, Instant::now()) {
            Err(pause) => Outcome::Wait(Wait {
                milliseconds: u64::try_from(pause.as_millis()).unwrap_or(u64::MAX).max(1),
            }),
            Ok(()) => {
                let submission = Submission {
                    proof,
                    place,
                    answer: answer.clone(),
                };
                match self.submissions.try_send(submission) {
                    Ok(()) => {
                        self.outstanding += 1;
                        return true;
                    }
                    Err(mpsc::error::TrySendError::Full(_)) => wait(),
                    Err(mpsc::error::TrySendError::Closed(_)) => return false,
                }
            }
        };
        self.context.metrics.waits.inc();
        self.out
            .send(Ok(status(place, None, outcome)))
            .await
            .is_ok()
    }

    async fn pass_on(&mut self, answer: Answer) -> bool {
        self.outstanding = self.outstanding.saturating_sub(1);
        match answer.x {
            Some(x) => {
                self.places.insert(x, answer.place);
            }
            None if matches!(answer.outcome, Outcome::Refused(_)) => self.malformed += 1,
            None => {}
        }
        let status = status(answer.place, answer.x, answer.outcome);
        if self.out.send(Ok(status)).await.is_err() {
            return false;
        }
        if self.malformed >= PATIENCE {
            let message = format!("expected step proofs, got {PATIENCE} messages that are none");
            let _ = self
                .out
                .send(Err(Status::resource_exhausted(message)))
                .await;
            return false;
        }
        true
    }
}

/// Passes news on to who asked about their step.
async fn relay(
    context: &Context,
    places: &HashMap<StatementHash, u64>,
    out: &mpsc::Sender<Result<StepStatus, Status>>,
    heard: Result<News, broadcast::error::RecvError>,
) -> bool {
    match heard {
        Ok(news) => match places.get(&news.x) {
            Some(place) => out
                .send(Ok(status(*place, Some(news.x), news.outcome)))
                .await
                .is_ok(),
            None => true,
        },
        Err(broadcast::error::RecvError::Lagged(_)) => {
            // What was missed is in the store.
            for (x, place) in places {
                if let Ok(Some(state)) = context.store.state(*x)
                    && out
                        .send(Ok(status(*place, Some(*x), state.outcome())))
                        .await
                        .is_err()
                {
                    return false;
                }
            }
            true
        }
        Err(broadcast::error::RecvError::Closed) => false,
    }
}

fn status(place: u64, x: Option<StatementHash>, outcome: Outcome) -> StepStatus {
    StepStatus {
        step: x.map(|x| x.to_bytes().to_vec()).unwrap_or_default(),
        submission: place,
        outcome: Some(outcome),
    }
}
