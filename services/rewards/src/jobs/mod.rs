//! What is done without being asked: redemptions that wait too long end, vouchers lapse, members are reminded of them, days are summed, codes are sealed anew, what was kept long
//! enough is forgotten.

mod lookout;

use std::time::Duration;

use kernel::Timestamp;
use opentelemetry::{KeyValue, global, metrics::Counter};
use runtime::{LookBook, Tasks};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{
        Desk,
        book_seats::fill_seats,
        challenges::decide_contests::{decide_contests, forget_marks},
        close_cost_days::close_cost_days,
        draws::{
            cancel_draws::refund_tickets, close_draws::close_draws, keep_draws::reseal_seeds,
            lapse_prizes::lapse_prizes,
        },
        expire_vouchers::expire_vouchers,
        follow_seats::close_events,
        fulfil::ask_provider,
        give::give_gifts,
        give_up::give_up,
        make_codes::{forget_codes, make_codes},
        personal_offers::{lapse_offers::lapse_offers, note_tastes::forget_tastes},
        promise_gifts::win_back,
        remind_members::remind_members,
        reseal_codes::reseal_codes,
    },
    error::Error,
    store::guesses,
};

pub use lookout::Lookout;

/// How often codes are looked for that an older key sealed, and what was kept long enough.
const UPKEEP_EVERY: Duration = Duration::from_mins(1);
/// Gifts that are promised are looked for this often at least: what comes with a purchase is there while the customer still is.
const GIFTS_EVERY: Duration = Duration::from_millis(250);
/// Looks that one transaction deletes at most.
const LOOKS: u64 = 500;

/// Starts all jobs.
pub fn start(desk: &Desk, looks: &LookBook, tasks: &Tasks) {
    let ended = global::meter("vafa")
        .u64_counter("vafa.rewards.ended")
        .with_description("Redemptions and vouchers that ended by themselves, by what they were")
        .build();
    let sweeping = desk.clone();
    every("rewards sweeps", desk.settings.sweep, tasks, move || {
        let (desk, ended) = (sweeping.clone(), ended.clone());
        async move { sweep(&desk, &ended).await }
    });
    let asking = desk.clone();
    every("rewards deliveries", desk.settings.sweep, tasks, move || {
        let desk = asking.clone();
        async move { Ok(until_none(|| ask_provider(&desk)).await.map(drop)?) }
    });
    let giving = desk.clone();
    every("rewards gifts", GIFTS_EVERY.min(desk.settings.sweep), tasks, move || {
        let desk = giving.clone();
        async move {
            win_back(&desk).await?;
            fill_seats(&desk).await?;
            close_events(&desk).await?;
            until_none(|| give_gifts(&desk)).await?;
            Ok(())
        }
    });
    let (keeping, looks) = (desk.clone(), looks.clone());
    every("rewards upkeep", UPKEEP_EVERY.min(desk.settings.sweep * 60), tasks, move || {
        let (desk, looks) = (keeping.clone(), looks.clone());
        async move {
            forget(&desk).await?;
            until_none(|| reseal_codes(&desk)).await?;
            until_none(|| reseal_seeds(&desk)).await?;
            let now = desk.teller.clock.now();
            let tx = desk.database.begin().await?;
            guesses::forget(&tx, now).await?;
            tx.commit().await?;
            let kept = i64::try_from(desk.settings.keep_looks.as_micros()).unwrap_or(i64::MAX);
            let before = Timestamp::from_micros(now.micros().saturating_sub(kept));
            let tx = desk.database.begin().await?;
            looks.forget(&tx, before, LOOKS).await?;
            Ok(tx.commit().await?)
        }
    });
}

/// Ends what is over by now.
async fn sweep(desk: &Desk, ended: &Counter<u64>) -> anyhow::Result<()> {
    until_none(|| remind_members(desk)).await?;
    until_none(|| make_codes(desk)).await?;
    for (what, count) in [
        ("redemption", until_none(|| give_up(desk)).await?),
        ("voucher", until_none(|| expire_vouchers(desk)).await?),
        ("ticket", until_none(|| refund_tickets(desk)).await?),
        ("draw", until_none(|| close_draws(desk)).await?),
        ("prize", until_none(|| lapse_prizes(desk)).await?),
        ("contest", until_none(|| decide_contests(desk)).await?),
        ("activation", until_none(|| lapse_offers(desk)).await?),
    ] {
        if count > 0 {
            ended.add(count, &[KeyValue::new("what", what)]);
        }
    }
    Ok(())
}

/// Sums days that are over; forgets codes that were fetched, what was bought too long ago to count, and how challenges were counted that closed
/// long ago.
async fn forget(desk: &Desk) -> Result<(), Error> {
    close_cost_days(desk).await?;
    until_none(|| forget_codes(desk)).await?;
    until_none(|| forget_marks(desk)).await?;
    until_none(|| forget_tastes(desk)).await.map(drop)
}

/// Does it again until there is nothing more to do; answers how much was done.
async fn until_none<F>(work: impl Fn() -> F) -> Result<u64, Error>
where
    F: Future<Output = Result<usize, Error>>,
{
    let mut all = 0;
    loop {
        match work().await? {
            0 => return Ok(all),
            some => all += some as u64,
        }
    }
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
