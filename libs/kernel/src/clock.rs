//! Ports for the two things that the pure code must be given: the time and fresh ids.

use uuid::Uuid;

use crate::Timestamp;

/// Tells the time. Production asks the system; tests hold a hand on it.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, in microseconds UTC.
    fn now(&self) -> Timestamp;
}

/// Makes fresh ids and secrets. Production draws from the system; tests count.
pub trait Ids: Send + Sync + 'static {
    /// A fresh id. Ids made by one source sort by the time they were made (UUID version 7).
    fn uuid(&self) -> Uuid;

    /// Fills `bytes` with secret randomness (keys, nonces).
    fn secret(&self, bytes: &mut [u8]);
}
