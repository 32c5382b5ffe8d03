//! A binding to a durable consumer of the embedded carrier.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use store::Database;
use tokio::sync::Notify;

use super::{durable::Durable, locked, log};
use crate::{BusError, ConsumerSpec, Delivery, Subscription};

/// The floor is written down this often at most: losing it costs only a second delivery.
const WRITE_FLOOR: Duration = Duration::from_millis(500);
/// Parcels read from the file at once: they may be long.
const AT_ONCE: usize = 64;
/// Longest sleep, so that a binding that was taken over is noticed.
const NAP: Duration = Duration::from_secs(1);

pub(super) struct EmbeddedSubscription {
    database: Database,
    durable: Arc<Mutex<Durable>>,
    binding: u64,
    arrival: Arc<Notify>,
    spec: ConsumerSpec,
    floor_written: Instant,
}

impl EmbeddedSubscription {
    pub(super) fn new(
        database: Database,
        durable: Arc<Mutex<Durable>>,
        binding: u64,
        arrival: Arc<Notify>,
        spec: ConsumerSpec,
    ) -> Self {
        Self { database, durable, binding, arrival, spec, floor_written: Instant::now() }
    }

    /// What is there to be delivered now: first what comes again, then what is new.
    async fn at_hand(&self, max: usize) -> Result<Vec<Delivery>, BusError> {
        let now = Instant::now();
        let (again, room, delivered) = {
            let mut durable = locked(&self.durable);
            if !durable.is_bound(self.binding) {
                return Err(BusError::Unbound("another subscription took over".to_owned()));
            }
            let again = durable.take_due(now, self.spec.ack_wait, max);
            let under_way = usize::try_from(durable.unacknowledged()).unwrap_or(usize::MAX);
            let room =
                usize::try_from(self.spec.max_ack_pending).unwrap_or(usize::MAX).saturating_sub(under_way);
            let room = room.min(max - again.len());
            (again, room.min(AT_ONCE), durable.delivered())
        };
        let mut deliveries = self.fetch_again(&again).await?;
        if room > 0 {
            let fresh = log::after(&self.database, &self.spec.stream, delivered, room).await?;
            let mut durable = locked(&self.durable);
            for placed in fresh {
                durable.deliver(placed.seq, now + self.spec.ack_wait);
                deliveries.push(Delivery { parcel: placed.parcel, attempt: 1, stream_seq: placed.seq });
            }
        }
        Ok(deliveries)
    }

    async fn fetch_again(&self, again: &[(u64, u32)]) -> Result<Vec<Delivery>, BusError> {
        if again.is_empty() {
            return Ok(Vec::new());
        }
        let seqs: Vec<u64> = again.iter().map(|(seq, _)| *seq).collect();
        let parcels = log::at(&self.database, &seqs).await?;
        let attempt = |seq| again.iter().find(|(again, _)| *again == seq).map_or(1, |(_, attempt)| *attempt);
        let deliveries = parcels.into_iter().map(|placed| Delivery {
            attempt: attempt(placed.seq),
            parcel: placed.parcel,
            stream_seq: placed.seq,
        });
        Ok(deliveries.collect())
    }

    async fn write_floor(&mut self) -> Result<(), BusError> {
        let floor = locked(&self.durable).unwritten_floor();
        if let Some(floor) = floor {
            log::write_floor(&self.database, &self.spec.stream, &self.spec.durable, floor).await?;
            locked(&self.durable).note_written(floor);
        }
        self.floor_written = Instant::now();
        Ok(())
    }

    /// How long to sleep when nothing is at hand.
    fn nap(&self, until: Instant) -> Instant {
        let durable = locked(&self.durable);
        let mut wake = until.min(Instant::now() + NAP);
        if let Some(due) = durable.next_due() {
            wake = wake.min(due);
        }
        if durable.unwritten_floor().is_some() {
            wake = wake.min(self.floor_written + WRITE_FLOOR);
        }
        wake
    }
}

#[async_trait::async_trait]
impl Subscription for EmbeddedSubscription {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Delivery>, BusError> {
        let until = Instant::now() + wait;
        loop {
            let arrival = Arc::clone(&self.arrival);
            let mut arrived = std::pin::pin!(arrival.notified());
            // Before the look, so that nothing published meanwhile is missed.
            arrived.as_mut().enable();
            let deliveries = self.at_hand(max).await?;
            if !deliveries.is_empty() || Instant::now() >= until {
                return Ok(deliveries);
            }
            if self.floor_written.elapsed() >= WRITE_FLOOR {
                self.write_floor().await?;
            }
            let _ = tokio::time::timeout_at(self.nap(until).into(), arrived).await;
        }
    }

    async fn ack(&mut self, stream_seqs: &[u64]) -> Result<(), BusError> {
        {
            let mut durable = locked(&self.durable);
            if !durable.is_bound(self.binding) {
                return Ok(());
            }
            for seq in stream_seqs {
                durable.ack(*seq);
            }
        }
        if self.floor_written.elapsed() >= WRITE_FLOOR {
            self.write_floor().await?;
        }
        Ok(())
    }

    async fn retry(&mut self, stream_seqs: &[u64], delay: Duration) -> Result<(), BusError> {
        self.reschedule(stream_seqs, Instant::now() + delay);
        Ok(())
    }

    async fn working(&mut self, stream_seqs: &[u64]) -> Result<(), BusError> {
        self.reschedule(stream_seqs, Instant::now() + self.spec.ack_wait);
        Ok(())
    }
}

impl EmbeddedSubscription {
    fn reschedule(&self, stream_seqs: &[u64], due: Instant) {
        let mut durable = locked(&self.durable);
        if durable.is_bound(self.binding) {
            for seq in stream_seqs {
                durable.due(*seq, due);
            }
        }
    }
}
