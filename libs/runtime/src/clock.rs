//! The system's clock and randomness, and their stand-ins that tests hold in the hand.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use kernel::{Clock, Ids, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use uuid::{Builder, Uuid};

/// The system's clock, to the microsecond.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everyone else is given")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `at`.
    #[must_use]
    pub const fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.micros()))
    }

    /// Moves the clock by so many milliseconds, back when negative.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis.saturating_mul(1000), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Random bytes are drawn from the system in blocks, since a call for each id would be most of its cost.
const BLOCK: usize = 1024;

struct Block {
    bytes: [u8; BLOCK],
    used: usize,
}

/// Ids of UUID version 7 (time first, so that they sort and index well) with randomness from the system.
pub struct SystemIds {
    random: SystemRandom,
    block: Mutex<Block>,
    clock: Arc<dyn Clock>,
}

impl SystemIds {
    /// Ids with the time of this clock.
    #[must_use]
    pub fn by(clock: Arc<dyn Clock>) -> Self {
        let block = Mutex::new(Block { bytes: [0; BLOCK], used: BLOCK });
        Self { random: SystemRandom::new(), block, clock }
    }
}

impl Default for SystemIds {
    fn default() -> Self {
        Self::by(Arc::new(SystemClock))
    }
}

impl Ids for SystemIds {
    fn uuid(&self) -> Uuid {
        let mut tail = [0_u8; 10];
        {
            let mut block = self.block.lock().expect("no panic happens while the block is held");
            if block.used + tail.len() > BLOCK {
                self.secret(&mut block.bytes);
                block.used = 0;
            }
            let used = block.used;
            tail.copy_from_slice(&block.bytes[used..used + 10]);
            block.bytes[used..used + 10].fill(0);
            block.used = used + 10;
        }
        let millis = u64::try_from(self.clock.now().micros() / 1000).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn secret(&self, bytes: &mut [u8]) {
        self.random.fill(bytes).expect("the system has randomness; without it nothing here is safe to run");
    }
}

/// Ids that count up from one, for tests whose output must not change.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl Ids for SequentialIds {
    fn uuid(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Builder::from_unix_timestamp_millis(count, &[0; 10]).into_uuid()
    }

    fn secret(&self, bytes: &mut [u8]) {
        let seed = self.uuid();
        for (slot, byte) in bytes.iter_mut().zip(seed.as_bytes().iter().cycle()) {
            *slot = *byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ten_thousand_ids_are_ten_thousand_ids() {
        let ids = SystemIds::default();
        let all: BTreeSet<Uuid> = (0..10_000).map(|_| ids.uuid()).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::at(Timestamp::from_micros(5));
        assert_eq!(clock.now(), Timestamp::from_micros(5));
        clock.advance_millis(-1);
        assert_eq!(clock.now(), Timestamp::from_micros(-995));
    }
}
