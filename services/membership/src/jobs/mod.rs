//! What is done without being asked: messages are handed over, keys take turns, what is over is forgotten, and who left stays so.

mod forgetting;

use std::{sync::Arc, time::Duration};

use kernel::Timestamp;
use runtime::{Chain, Tasks};

use self::forgetting::Forgetting;
use crate::{
    adapters::{Carriers, Wording},
    commands::{
        Desk, checkouts::look_after_checkouts, deliver_messages::deliver_messages, end_plan::pass_plans,
        make_cards::make_cards, mark_occasions::mark_occasions, replay_erasures::replay_erasures,
        rotate_signing_keys::rotate_signing_keys,
    },
    domain::code_window::DAY,
    store::blind_index,
};

/// How often messages are looked for that nobody announced: of another replica that died, or that failed before.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often keys are read again, far more often than one may sign that was not there before.
const KEYS_EVERY: Duration = Duration::from_mins(1);
/// How often batches of cards are looked for whose numbers are to be made.
const CARDS_EVERY: Duration = Duration::from_secs(1);
/// How often checkouts are looked for that are due.
const CHECKOUTS_EVERY: Duration = Duration::from_secs(1);
/// How often the database is asked which key of the blind index is current.
const INDEX_EVERY: Duration = Duration::from_secs(5);
/// How often what is over is forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// How often `points` is asked who left: a backup may have brought them back.
const REPLAY_EVERY: Duration = Duration::from_mins(5);
/// When it is asked again that did not answer.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// Starts all jobs.
pub fn start(desk: &Desk, carriers: &Carriers, wording: &Wording, tasks: &Tasks) {
    let (desk_of, carriers_of, wording) = (desk.clone(), carriers.clone(), wording.clone());
    let stop = tasks.stopping();
    tasks.supervise("membership delivers messages", move || {
        let (desk, carriers, wording) = (desk_of.clone(), carriers_of.clone(), wording.clone());
        let stop = stop.clone();
        async move {
            loop {
                while deliver_messages(&desk, &carriers, &wording).await? > 0 && !stop.is_cancelled() {}
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = desk.messages.notified() => {}
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
    });
    let rotating = desk.clone();
    every("membership turns signing keys", KEYS_EVERY, tasks, move || {
        let desk = rotating.clone();
        async move { Ok(rotate_signing_keys(&desk).await?) }
    });
    let index = desk.clone();
    every("membership learns which key of the blind index is current", INDEX_EVERY, tasks, move || {
        let desk = index.clone();
        async move { Ok(blind_index::refresh(&desk.vault).await.map(drop)?) }
    });
    replay(desk, tasks);
    forget(desk, carriers, tasks);
    let making = desk.clone();
    every("membership makes cards", CARDS_EVERY, tasks, move || {
        let desk = making.clone();
        async move { Ok(make_cards(&desk).await?) }
    });
}

/// Forgets what was kept long enough, at the start and every hour: a process that runs for less than that forgets, too.
fn forget(desk: &Desk, carriers: &Carriers, tasks: &Tasks) {
    let (forgetting, carriers, desk) = (Forgetting::new(desk), carriers.clone(), desk.clone());
    let stop = tasks.stopping();
    tasks.supervise("membership forgets", move || {
        let (forgetting, carriers, desk) = (forgetting.clone(), carriers.clone(), desk.clone());
        let stop = stop.clone();
        async move {
            loop {
                forgetting.run().await;
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(FORGET_EVERY) => {}
                }
                let day_ago = desk.clock.now().micros().saturating_sub(DAY);
                carriers.forget(Timestamp::from_micros(day_ago)).await?;
            }
        }
    });
}

/// Erases again whom a backup brought back, at the start and now and then. A start may be faster than that of `points`.
fn replay(desk: &Desk, tasks: &Tasks) {
    let (desk, stop) = (desk.clone(), tasks.stopping());
    tasks.supervise("membership erases again", move || {
        let (desk, stop) = (desk.clone(), stop.clone());
        async move {
            loop {
                let pause = match replay_erasures(&desk).await {
                    Ok(_) => REPLAY_EVERY,
                    Err(fault) => {
                        tracing::warn!(target: "vafa::membership", fault = format!("{fault:#}"), "who left before could not be looked up; it is tried again");
                        TRY_AGAIN
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    });
}

/// Starts to tell of paid plans that time has passed over.
pub fn start_plans(desk: &Desk, chain: &Arc<Chain>, tasks: &Tasks) {
    let (passing, chain) = (desk.clone(), chain.clone());
    every("membership passes plans", desk.settings.plans_every, tasks, move || {
        let (desk, chain) = (passing.clone(), chain.clone());
        async move {
            pass_plans(&desk, &chain).await?;
            Ok(())
        }
    });
}

/// Starts to look after checkouts, where members pay in the app.
pub fn start_checkouts(desk: &Desk, chain: &Arc<Chain>, tasks: &Tasks) {
    if desk.payments.is_none() {
        return;
    }
    let (looking, chain) = (desk.clone(), chain.clone());
    every("membership looks after checkouts", CHECKOUTS_EVERY, tasks, move || {
        let (desk, chain) = (looking.clone(), chain.clone());
        async move {
            look_after_checkouts(&desk, &chain).await?;
            Ok(())
        }
    });
}

/// Starts to tell whose birthday or anniversary is today.
pub fn start_occasions(desk: &Desk, chain: &Arc<Chain>, tasks: &Tasks) {
    let (marking, chain) = (desk.clone(), chain.clone());
    every("membership marks occasions", desk.settings.occasions_every, tasks, move || {
        let (desk, chain) = (marking.clone(), chain.clone());
        async move {
            mark_occasions(&desk, &chain).await?;
            Ok(())
        }
    });
}

fn every<F>(
    name: &'static str,
    pause: Duration,
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
                tokio::select! {
                    () = stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(pause) => {}
                }
                work().await?;
            }
        }
    });
}
