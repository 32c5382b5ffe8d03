//! What is done without being asked: messages are handed over, keys take turns, what is over is forgotten.

use std::time::Duration;

use kernel::Timestamp;
use runtime::Tasks;

use crate::{
    adapters::{Carriers, Wording},
    commands::{
        Desk, deliver_messages::deliver_messages, forget_lapsed::forget_lapsed,
        forget_sign_ins::forget_sign_ins, make_cards::make_cards, rotate_signing_keys::rotate_signing_keys,
    },
    domain::code_window::DAY,
};

/// How often messages are looked for that nobody announced: of another replica that died, or that failed before.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often keys are read again, far more often than one may sign that was not there before.
const KEYS_EVERY: Duration = Duration::from_mins(1);
/// How often batches of cards are looked for whose numbers are to be made.
const CARDS_EVERY: Duration = Duration::from_secs(1);
/// How often what is over is forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);

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
    let (forgetting, carriers) = (desk.clone(), carriers.clone());
    every("membership forgets sign-ins", FORGET_EVERY, tasks, move || {
        let (desk, carriers) = (forgetting.clone(), carriers.clone());
        async move {
            forget_sign_ins(&desk).await?;
            let day_ago = desk.clock.now().micros().saturating_sub(DAY);
            carriers.forget(Timestamp::from_micros(day_ago)).await
        }
    });
    let making = desk.clone();
    every("membership makes cards", CARDS_EVERY, tasks, move || {
        let desk = making.clone();
        async move { Ok(make_cards(&desk).await?) }
    });
    let inviting = desk.clone();
    every("membership forgets what lapsed", FORGET_EVERY, tasks, move || {
        let desk = inviting.clone();
        async move {
            forget_lapsed(&desk).await?;
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
