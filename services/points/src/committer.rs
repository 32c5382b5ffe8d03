//! Group commit: purchases that arrive while a commit is in flight form the next batch.
//!
//! No timer and no artificial delay: one purchase alone pays one commit, a thousand at once share it. Each lane has one
//! commit in flight; a purchase's lane follows from who bought, so that two lanes rarely want the same account. The
//! lanes are tasks of their own: a till that hangs up, or a deadline that passes, cannot cut a commit in half.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Instant,
};

use opentelemetry::{global, metrics::Histogram};
use runtime::Tasks;
use tokio::sync::{mpsc, oneshot};

use crate::{
    commands::record_purchases::{RecordPurchase, Recorded, Recorder, Refusal},
    settings::Settings,
};

struct Pending {
    purchase: RecordPurchase,
    reply: oneshot::Sender<Result<Recorded, Refusal>>,
}

/// Why a purchase was not even taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// More are waiting than can be served in time.
    Full,
    /// The service stops.
    Stopping,
}

/// Takes purchases and answers them when their batch is committed.
#[derive(Clone)]
pub struct Committer {
    lanes: Arc<[mpsc::Sender<Pending>]>,
}

struct Meters {
    batch_size: Histogram<u64>,
    duration: Histogram<f64>,
}

impl Committer {
    /// Starts the lanes.
    #[must_use]
    pub fn start(recorder: &Arc<Recorder>, settings: &Settings, tasks: &Tasks) -> Self {
        let lanes = (0..settings.lanes)
            .map(|_| {
                let (sender, receiver) = mpsc::channel(settings.queue);
                let lane = Lane {
                    recorder: Arc::clone(recorder),
                    receiver,
                    most: settings.batch,
                    meters: Meters::new(),
                    tasks: tasks.clone(),
                };
                tasks.spawn("points committer", lane.run());
                sender
            })
            .collect();
        Self { lanes }
    }

    /// Hands a purchase to its lane; the receiver gets the answer once the batch is committed.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was or will be done with it.
    pub fn take(
        &self,
        purchase: RecordPurchase,
    ) -> Result<oneshot::Receiver<Result<Recorded, Refusal>>, NotTaken> {
        let mut hasher = DefaultHasher::new();
        purchase.identity.hash(&mut hasher);
        let count = u64::try_from(self.lanes.len()).unwrap_or(1);
        let lane = usize::try_from(hasher.finish() % count).unwrap_or_default();
        let (reply, answer) = oneshot::channel();
        match self.lanes[lane].try_send(Pending { purchase, reply }) {
            Ok(()) => Ok(answer),
            Err(mpsc::error::TrySendError::Full(_)) => Err(NotTaken::Full),
            Err(mpsc::error::TrySendError::Closed(_)) => Err(NotTaken::Stopping),
        }
    }
}

impl Meters {
    fn new() -> Self {
        let meter = global::meter("vafa");
        Self {
            batch_size: meter
                .u64_histogram("vafa.points.commit.batch_size")
                .with_description("Purchases that shared one commit")
                .with_boundaries(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0])
                .build(),
            duration: meter
                .f64_histogram("vafa.points.commit.duration")
                .with_unit("s")
                .with_description("Time from taking a batch to its commit")
                .with_boundaries(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0])
                .build(),
        }
    }
}

struct Lane {
    recorder: Arc<Recorder>,
    receiver: mpsc::Receiver<Pending>,
    most: usize,
    meters: Meters,
    tasks: Tasks,
}

impl Lane {
    /// Runs until the service stops, and then until the queue is empty.
    async fn run(mut self) {
        let stop = self.tasks.stopping();
        let mut waiting: Vec<Pending> = Vec::with_capacity(self.most);
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
            self.commit(&mut waiting).await;
        }
    }

    async fn commit(&self, waiting: &mut Vec<Pending>) {
        let began = Instant::now();
        let (purchases, replies): (Vec<_>, Vec<_>) = waiting.drain(..).map(|p| (p.purchase, p.reply)).unzip();
        let outcomes = self.recorder.record(&purchases).await;
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Whoever no longer waits asks again with the same key and gets this answer.
            let _ = reply.send(outcome);
        }
        self.meters.batch_size.record(purchases.len() as u64, &[]);
        self.meters.duration.record(began.elapsed().as_secs_f64(), &[]);
    }
}
