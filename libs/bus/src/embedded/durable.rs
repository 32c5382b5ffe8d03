//! How far one durable consumer is: what is under way, what is to come again, and the floor below which all is done.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// A parcel that was delivered and is not acknowledged.
#[derive(Clone, Copy, Debug)]
struct Open {
    attempt: u32,
    /// When it comes again: the end of its waiting time, or of the delay it was given back with.
    due: Instant,
}

/// Parcels that come again, with how often they will have come.
pub(super) type Again = Vec<(u64, u32)>;

/// The state of a durable consumer, shared by whoever binds to it.
#[derive(Debug)]
pub(super) struct Durable {
    /// Delivered up to here.
    delivered: u64,
    open: BTreeMap<u64, Open>,
    /// Who is bound; a later binding ends an earlier one.
    binding: u64,
    /// The floor as it was last written down.
    written: u64,
}

impl Durable {
    pub(super) fn at(floor: u64) -> Self {
        Self { delivered: floor, open: BTreeMap::new(), binding: 0, written: floor }
    }

    /// Binds anew: everything above the floor comes again, in order.
    pub(super) fn bind(&mut self) -> u64 {
        self.delivered = self.floor();
        self.open.clear();
        self.binding += 1;
        self.binding
    }

    /// Ends whatever binding there is.
    pub(super) fn unbind(&mut self) {
        self.binding += 1;
    }

    pub(super) fn is_bound(&self, binding: u64) -> bool {
        self.binding == binding
    }

    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    pub(super) fn unacknowledged(&self) -> u64 {
        self.open.len() as u64
    }

    /// Everything up to here is acknowledged.
    pub(super) fn floor(&self) -> u64 {
        self.open.first_key_value().map_or(self.delivered, |(seq, _)| seq - 1)
    }

    /// The floor, when it differs from the one written down.
    pub(super) fn unwritten_floor(&self) -> Option<u64> {
        let floor = self.floor();
        (floor != self.written).then_some(floor)
    }

    pub(super) fn note_written(&mut self, floor: u64) {
        self.written = floor;
    }

    /// Parcels whose time to come again has come, lowest place first, `max` at most; they are under way again.
    pub(super) fn take_due(&mut self, now: Instant, ack_wait: Duration, max: usize) -> Again {
        let mut again = Vec::new();
        for (seq, open) in &mut self.open {
            if again.len() < max && open.due <= now {
                open.attempt += 1;
                open.due = now + ack_wait;
                again.push((*seq, open.attempt));
            }
        }
        again
    }

    /// When the next parcel comes again.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.open.values().map(|open| open.due).min()
    }

    /// Notes that `seq` is delivered for the first time.
    pub(super) fn deliver(&mut self, seq: u64, due: Instant) {
        self.delivered = self.delivered.max(seq);
        self.open.insert(seq, Open { attempt: 1, due });
    }

    pub(super) fn ack(&mut self, seq: u64) {
        self.open.remove(&seq);
    }

    /// Sets when `seq` comes again, as long as it is not acknowledged.
    pub(super) fn due(&mut self, seq: u64, due: Instant) {
        if let Some(open) = self.open.get_mut(&seq) {
            open.due = due;
        }
    }
}
