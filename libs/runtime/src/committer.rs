//! Group commit: what arrives while a commit is in flight forms the next batch.
//!
//! No timer and no artificial delay: one request alone pays one commit, a thousand at once share it. Each lane has one
//! commit in flight; a request's lane follows from whose it is, so that two lanes rarely want the same account. The
//! lanes are tasks of their own: a till that hangs up, or a deadline that passes, cannot cut a commit in half.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Instant,
};

use opentelemetry::{KeyValue, global, metrics::Histogram};
use tokio::sync::{mpsc, oneshot};

use crate::Tasks;

struct Pending<Asked, Answer> {
    asked: Asked,
    reply: oneshot::Sender<Answer>,
}

/// Why something was not even taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// More are waiting than can be served in time.
    Full,
    /// The service stops.
    Stopping,
}

/// How many lanes there are, and how much each takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanes {
    /// Commits in flight.
    pub count: usize,
    /// The most of one commit.
    pub batch: usize,
    /// The most that wait, per lane.
    pub queue: usize,
}

/// Takes what is asked and answers it when its batch is committed.
pub struct Committer<Asked, Answer> {
    lanes: Arc<[mpsc::Sender<Pending<Asked, Answer>>]>,
}

impl<Asked, Answer> Clone for Committer<Asked, Answer> {
    fn clone(&self) -> Self {
        Self { lanes: Arc::clone(&self.lanes) }
    }
}

#[derive(Clone)]
struct Meters {
    of: KeyValue,
    batch_size: Histogram<u64>,
    duration: Histogram<f64>,
}

impl<Asked: Send + Sync + 'static, Answer: Send + 'static> Committer<Asked, Answer> {
    /// Starts the lanes; `record` commits a batch and answers in its order. Metrics are of this service, and say `what` a batch is
    /// of.
    #[must_use]
    pub fn start<R, F>((service, what): (&str, &'static str), lanes: Lanes, tasks: &Tasks, record: R) -> Self
    where
        R: Fn(Vec<Asked>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Vec<Answer>> + Send + 'static,
    {
        let meters = Meters::of(service, what);
        let lanes = (0..lanes.count).map(|_| {
            let (sender, receiver) = mpsc::channel(lanes.queue);
            let lane = Lane { receiver, most: lanes.batch, meters: meters.clone(), tasks: tasks.clone() };
            tasks.spawn("committer", lane.run(record.clone()));
            sender
        });
        Self { lanes: lanes.collect() }
    }

    /// Hands something to the lane of `whose`; the receiver gets the answer once the batch is committed.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was or will be done with it.
    pub fn take(&self, whose: &impl Hash, asked: Asked) -> Result<oneshot::Receiver<Answer>, NotTaken> {
        let mut hasher = DefaultHasher::new();
        whose.hash(&mut hasher);
        let count = u64::try_from(self.lanes.len()).unwrap_or(1);
        let lane = usize::try_from(hasher.finish() % count).unwrap_or_default();
        let (reply, answer) = oneshot::channel();
        match self.lanes[lane].try_send(Pending { asked, reply }) {
            Ok(()) => Ok(answer),
            Err(mpsc::error::TrySendError::Full(_)) => Err(NotTaken::Full),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(NotTaken::Stopping),
        }
    }
}

impl Meters {
    fn of(service: &str, what: &'static str) -> Self {
        let meter = global::meter("vafa");
        Self {
            of: KeyValue::new("of", what),
            batch_size: meter
                .u64_histogram(format!("vafa.{service}.commit.batch_size"))
                .with_description("Requests that shared one commit")
                .with_boundaries(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0])
                .build(),
            duration: meter
                .f64_histogram(format!("vafa.{service}.commit.duration"))
                .with_unit("s")
                .with_description("Time from taking a batch to its commit")
                .with_boundaries(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0])
                .build(),
        }
    }
}

struct Lane<Asked, Answer> {
    receiver: mpsc::Receiver<Pending<Asked, Answer>>,
    most: usize,
    meters: Meters,
    tasks: Tasks,
}

impl<Asked: Send + Sync, Answer: Send> Lane<Asked, Answer> {
    /// Runs until the service stops, and then until the queue is empty.
    async fn run<F: Future<Output = Vec<Answer>> + Send>(mut self, record: impl Fn(Vec<Asked>) -> F + Send) {
        let stop = self.tasks.stopping();
        let mut waiting: Vec<Pending<Asked, Answer>> = Vec::with_capacity(self.most);
        let mut stopping = false;
        loop {
            let taken = tokio::select! {
                biased;
                taken = self.receiver.recv_many(&mut waiting, self.most) => taken,
                () = stop.cancelled(), if !stopping => {
                    // No new ones are taken; those that wait are still answered.
                    stopping = true;
                    self.receiver.close();
                    continue;
                }
            };
            if taken == 0 {
                return;
            }
            let began = Instant::now();
            let (asked, replies): (Vec<_>, Vec<_>) = waiting.drain(..).map(|p| (p.asked, p.reply)).unzip();
            for (reply, answer) in replies.into_iter().zip(record(asked).await) {
                // Whoever no longer waits asks again with the same key and gets this answer.
                let _ = reply.send(answer);
            }
            let of = std::slice::from_ref(&self.meters.of);
            self.meters.batch_size.record(taken as u64, of);
            self.meters.duration.record(began.elapsed().as_secs_f64(), of);
        }
    }
}
