//! What is done without being asked: messages are sent, what nobody took is given up, what was kept long enough is forgotten.

mod meters;

use std::{sync::Arc, time::Duration};

use runtime::Tasks;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::meters::Meters;
use crate::{
    commands::{
        Desk,
        forget_kept::forget_kept,
        reseal_secrets::reseal_secrets,
        serve::{serve, take_turns},
    },
    queries::backlog::backlog,
};

/// How often due messages are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How often what waits is counted.
const COUNT_EVERY: Duration = Duration::from_secs(15);
/// How often what is over is given up and forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Starts all jobs.
pub fn start(desk: &Desk, tasks: &Tasks) {
    let meters = Meters::new();
    send(desk, &meters, tasks);
    let (counting, gauges) = (desk.clone(), meters.clone());
    every("webhooks counts what waits", COUNT_EVERY, tasks, move || {
        let (desk, meters) = (counting.clone(), gauges.clone());
        async move {
            let (waiting, oldest) = backlog(&desk.database).await?;
            meters.waits(waiting, oldest.map_or(0, |since| desk.clock.now().millis_since(since)));
            Ok(())
        }
    });
    let (forgetting, meters) = (desk.clone(), meters.clone());
    every("webhooks forgets", FORGET_EVERY, tasks, move || {
        let (desk, meters) = (forgetting.clone(), meters.clone());
        async move {
            if let Err(fault) = reseal_secrets(&desk).await {
                let fault = anyhow::Error::from(fault);
                tracing::warn!(target: "vafa::webhooks", fault = format!("{fault:#}"), "secrets could not be brought to the newest master key; it is tried again");
            }
            loop {
                let done = forget_kept(&desk).await?;
                meters.given_up(done.given_up);
                if !done.is_much() {
                    return Ok(());
                }
            }
        }
    });
}

/// Gives each webhook with something due its turn, so many at a time; a slow one takes its own place only.
fn send(desk: &Desk, meters: &Meters, tasks: &Tasks) {
    let places = Arc::new(Semaphore::new(desk.settings.served_at_once));
    let (desk, meters, all) = (desk.clone(), meters.clone(), tasks.clone());
    let stop = tasks.stopping();
    tasks.supervise("webhooks sends", move || {
        let (desk, meters, all) = (desk.clone(), meters.clone(), all.clone());
        let (places, stop) = (Arc::clone(&places), stop.clone());
        async move {
            loop {
                for turn in take_turns(&desk, places.available_permits()).await? {
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else { break };
                    let (desk, meters, stop) = (desk.clone(), meters.clone(), stop.clone());
                    all.spawn("webhooks serves", async move {
                        match serve(&desk, turn, &stop).await {
                            Ok(served) => meters.served(served),
                            Err(fault) => {
                                let fault = anyhow::Error::from(fault);
                                tracing::warn!(target: "vafa::webhooks", fault = format!("{fault:#}"), "a webhook's turn broke off; it is tried again");
                            }
                        }
                        drop(place);
                    });
                }
                if pause(&stop, LOOK_EVERY).await {
                    return Ok(());
                }
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
