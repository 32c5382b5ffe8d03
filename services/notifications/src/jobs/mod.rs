//! What is done without being asked: what is due is sent, what waits is counted, what was kept long enough is forgotten.

use std::{sync::Arc, time::Duration};

use kernel::Timestamp;
use runtime::{LookBook, Tasks};
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{
        Desk,
        ask_receipts::{EVERY_MS, ask_receipts},
        campaigns::walk::walk,
        forget_kept::forget_kept,
        note_receipt::note_receipts,
        send::{send, take},
    },
    domain::trigger::Lane,
    store::queue::waiting,
};

/// How often due messages are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Batches of a lane under way together.
const BATCHES: usize = 8;
/// How often providers on open lines are listened to.
const LISTEN_EVERY: Duration = Duration::from_secs(1);
/// How often what waits is counted.
const COUNT_EVERY: Duration = Duration::from_secs(15);
/// How often what is over is forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);
/// How long messages lie in an outbox, in milliseconds.
const OUTBOX_FOR: i64 = 24 * 60 * 60 * 1_000;
/// Looks that one transaction deletes at most.
const LOOKS: u64 = 500;

/// Starts all jobs.
pub fn start(desk: &Desk, looks: &LookBook, tasks: &Tasks) {
    for lane in [Lane::Told, Lane::Campaign] {
        send_lane(desk, lane, tasks);
    }
    let walking = desk.clone();
    every("notifications walks through audiences", LOOK_EVERY, tasks, move || {
        let desk = walking.clone();
        async move {
            while walk(&desk).await? {}
            Ok(())
        }
    });
    let listening = desk.clone();
    every("notifications hears receipts", LISTEN_EVERY, tasks, move || {
        let desk = listening.clone();
        async move {
            for carrier in desk.carriers.all() {
                note_receipts(&desk, &carrier.name, &carrier.provider.heard().await).await?;
            }
            Ok(())
        }
    });
    let asking = desk.clone();
    every(
        "notifications asks for receipts",
        Duration::from_millis(EVERY_MS.unsigned_abs()),
        tasks,
        move || {
            let desk = asking.clone();
            async move {
                ask_receipts(&desk).await?;
                Ok(())
            }
        },
    );
    let counting = desk.clone();
    every("notifications counts what waits", COUNT_EVERY, tasks, move || {
        let desk = counting.clone();
        async move {
            let (lanes, dead) = waiting(desk.database.connection()).await?;
            desk.meters.waits(&lanes, dead, desk.clock.now());
            Ok(())
        }
    });
    let (forgetting, looks) = (desk.clone(), looks.clone());
    every("notifications forgets", FORGET_EVERY, tasks, move || {
        let (desk, looks) = (forgetting.clone(), looks.clone());
        async move {
            while forget_kept(&desk).await? {}
            for carrier in desk.carriers.all() {
                carrier.provider.forget(desk.clock.now().plus_millis(-OUTBOX_FOR)).await?;
            }
            let kept = i64::try_from(desk.settings.keep_looks.as_micros()).unwrap_or(i64::MAX);
            let before = Timestamp::from_micros(desk.clock.now().micros().saturating_sub(kept));
            let tx = desk.database.begin().await?;
            looks.forget(&tx, before, LOOKS).await?;
            Ok(tx.commit().await?)
        }
    });
}

/// Sends what is due in a lane; a batch that waits for a slow provider does not hold up the next ones.
fn send_lane(desk: &Desk, lane: Lane, tasks: &Tasks) {
    let places = Arc::new(Semaphore::new(BATCHES));
    let (desk, all, stop) = (desk.clone(), tasks.clone(), tasks.stopping());
    let name = match lane {
        Lane::Code => "notifications sends codes",
        Lane::Told => "notifications sends what happened",
        Lane::Campaign => "notifications sends campaigns",
    };
    tasks.supervise(name, move || {
        let (desk, all, stop, places) = (desk.clone(), all.clone(), stop.clone(), Arc::clone(&places));
        async move {
            loop {
                let Ok(place) = Arc::clone(&places).acquire_owned().await else { return Ok(()) };
                if stop.is_cancelled() {
                    return Ok(());
                }
                let batch = take(&desk, lane).await?;
                if batch.is_empty() {
                    drop(place);
                    if pause(&stop, LOOK_EVERY).await {
                        return Ok(());
                    }
                    continue;
                }
                let desk = desk.clone();
                all.spawn("notifications sends a batch", async move {
                    let begun = Instant::now();
                    match send(&desk, batch).await {
                        Ok(sent) => desk.meters.sent(lane, sent, begun.elapsed()),
                        Err(fault) => {
                            let fault = anyhow::Error::from(fault);
                            tracing::warn!(target: "vafa::notifications", fault = format!("{fault:#}"), "a batch of messages broke off; it is settled and tried again");
                        }
                    }
                    drop(place);
                });
            }
        }
    });
}

fn every<F>(
    name: &'static str,
    each: Duration,
    tasks: &Tasks,
    work: impl Fn() -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let stop = tasks.stopping();
    tasks.supervise(name, move || {
        let (work, stop) = (work.clone(), stop.clone());
        async move {
            loop {
                work().await?;
                if pause(&stop, each).await {
                    return Ok(());
                }
            }
        }
    });
}

/// Waits so long; answers whether the process stops.
async fn pause(stop: &CancellationToken, each: Duration) -> bool {
    tokio::select! {
        () = stop.cancelled() => true,
        () = tokio::time::sleep(each) => false,
    }
}
