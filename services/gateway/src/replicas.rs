//! How many gateways share the callers, and so the limits.

use std::{
    collections::HashSet,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use opentelemetry::global;
use tokio_util::sync::CancellationToken;

/// How often the name is looked up.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How many gateways there are. Each lets through its part of a limit.
#[derive(Clone, Debug)]
pub struct Replicas(Arc<AtomicU32>);

impl Replicas {
    /// So many.
    #[must_use]
    pub fn of(count: NonZeroU32) -> Self {
        let replicas = Self(Arc::new(AtomicU32::new(count.get())));
        let shown = Arc::downgrade(&replicas.0);
        global::meter("vafa")
            .u64_observable_gauge("gateway.replicas")
            .with_description("Gateways that share the callers' limits, as this one knows")
            .with_callback(move |out| {
                if let Some(count) = shown.upgrade() {
                    out.observe(count.load(Ordering::Relaxed).into(), &[]);
                }
            })
            .build();
        replicas
    }

    pub(crate) fn count(&self) -> NonZeroU32 {
        NonZeroU32::new(self.0.load(Ordering::Relaxed)).unwrap_or(NonZeroU32::MIN)
    }

    /// Counts the addresses of this name (`host:port`) again and again, until `stop`. While the name is not found, what was known
    /// last is kept.
    pub async fn follow(self, name: String, stop: CancellationToken) {
        loop {
            if let Ok(found) = tokio::net::lookup_host(&name).await {
                let addresses: HashSet<_> = found.map(|address| address.ip()).collect();
                self.set(addresses.len());
            }
            if tokio::time::timeout(LOOK_EVERY, stop.cancelled()).await.is_ok() {
                return;
            }
        }
    }

    pub(crate) fn set(&self, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        if self.0.swap(count, Ordering::Relaxed) != count {
            tracing::info!(target: "vafa::gateway", count, "gateways that share the limits");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_addresses_of_a_name_are_counted_and_an_unknown_name_changes_nothing() {
        for (name, expected) in [("127.0.0.1:1", 1), ("no-such-name.invalid:1", 3)] {
            let replicas = Replicas::of(NonZeroU32::new(3).unwrap());
            let stop = CancellationToken::new();
            stop.cancel();
            replicas.clone().follow(name.to_owned(), stop).await;
            assert_eq!(replicas.count().get(), expected, "{name}");
        }
    }
}
