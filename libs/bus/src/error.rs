//! What can go wrong between a service and the bus.

use store::StoreError;

/// A failure of the bus gear.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The carrier cannot be reached, or refused.
    #[error("carrier: {0}")]
    Carrier(String),
    /// The carrier did not answer in time; what was asked may have happened.
    #[error("carrier: no answer in time to {0}")]
    Late(&'static str),
    /// The subscription is no longer good: its consumer was removed, or another bound it. Bind again.
    #[error("the subscription is no longer bound: {0}")]
    Unbound(String),
    /// A parcel is longer than the carrier takes.
    #[error("parcel of {bytes} bytes is longer than the carrier's {longest}")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The carrier's limit.
        longest: usize,
    },
    /// A setting cannot be used; names the setting and what is allowed.
    #[error("{0}")]
    Settings(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BusError {
    pub(crate) fn carrier(error: impl std::fmt::Display) -> Self {
        Self::Carrier(error.to_string())
    }
}
