//! Looks out for the end of redemptions, for everybody who waits for one: a question every few milliseconds, however many wait.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::RedemptionId;
use runtime::Tasks;
use store::Database;
use tokio::sync::{Notify, oneshot};

use crate::store::{redemptions::Redemption, sagas};

/// How often is looked while somebody waits.
const PACE: Duration = Duration::from_millis(10);
/// How long after the database had no answer.
const SETBACK: Duration = Duration::from_millis(250);

type Waiting = HashMap<RedemptionId, Vec<oneshot::Sender<Redemption>>>;

/// Tells when redemptions are over, whichever replica heard of it.
#[derive(Clone, Default)]
pub struct Lookout {
    waiting: Arc<Mutex<Waiting>>,
    somebody: Arc<Notify>,
}

impl Lookout {
    /// Looks out until the service stops.
    #[must_use]
    pub fn start(database: &Database, tasks: &Tasks) -> Self {
        let lookout = Self::default();
        let (looking, database, stop) = (lookout.clone(), database.clone(), tasks.stopping());
        tasks.spawn("rewards lookout", async move {
            while !stop.is_cancelled() {
                tokio::select! {
                    () = looking.somebody.notified() => {}
                    () = stop.cancelled() => return,
                }
                looking.until_nobody(&database).await;
            }
        });
        lookout
    }

    /// Waits until a redemption is over, so long at most.
    pub async fn end_of(&self, id: RedemptionId, within: Duration) -> Option<Redemption> {
        let (tell, told) = oneshot::channel();
        self.locked(|waiting| waiting.entry(id).or_default().push(tell));
        self.somebody.notify_one();
        tokio::time::timeout(within, told).await.ok()?.ok()
    }

    /// Looks until nobody waits any more; whoever waits has a deadline of their own.
    async fn until_nobody(&self, database: &Database) {
        loop {
            let ids = self.locked(|waiting| {
                waiting.retain(|_, tell| tell.iter().any(|tell| !tell.is_closed()));
                waiting.keys().copied().collect::<Vec<_>>()
            });
            if ids.is_empty() {
                return;
            }
            tokio::time::sleep(PACE).await;
            match sagas::over(database, &ids).await {
                Ok(over) => self.tell(over),
                Err(error) => {
                    tracing::debug!(?error, "nothing is known of the end of redemptions");
                    tokio::time::sleep(SETBACK).await;
                }
            }
        }
    }

    fn tell(&self, over: Vec<Redemption>) {
        self.locked(|waiting| {
            for redemption in over {
                for tell in waiting.remove(&redemption.id).into_iter().flatten() {
                    // Whoever went meanwhile reads it later.
                    let _ = tell.send(redemption.clone());
                }
            }
        });
    }

    fn locked<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
