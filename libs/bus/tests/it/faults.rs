//! Promise 6: a crash anywhere between commit and effect loses no fact and doubles none.
//!
//! A child process (this test program again) relays and consumes and is killed at a named point; another takes over.

use std::{process::Command, sync::Arc, time::Duration};

use bus::{ConsumerSettings, NatsCarrier, NatsSettings, crash};
use store::{Backend, DatabaseSettings, inbox, outbox};

use crate::{
    place::{AtWork, Keeper, Rig, fact, heard, long, number, place, stage},
    tally::Tally,
};

const CHILD: &str = "VAFA_TEST_CHILD";

/// What the child works on: databases and the carrier, by word.
fn start_child(words: &str, crash_at: Option<&str>) -> std::process::Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["--exact", "faults::the_child_works_until_all_is_heard", "--nocapture"]).env(CHILD, words);
    match crash_at {
        Some(point) => command.env(crash::VARIABLE, point),
        None => command.env_remove(crash::VARIABLE),
    };
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command.spawn().expect("the child starts")
}

/// Not a test by itself: what the child process does, until it is killed or its work is done.
#[tokio::test]
async fn the_child_works_until_all_is_heard() {
    let Ok(words) = std::env::var(CHILD) else { return };
    let [teller, hearer, url, prefix, facts]: [&str; 5] =
        words.split(' ').collect::<Vec<_>>().try_into().expect("five words");
    let teller = store::connect(&DatabaseSettings::at(teller)).await.expect("opens");
    let hearer = store::connect(&DatabaseSettings::at(hearer)).await.expect("opens");
    let settings = NatsSettings { url: url.to_owned(), prefix: prefix.to_owned(), ..NatsSettings::default() };
    let carrier: Arc<dyn bus::Carrier> = Arc::new(NatsCarrier::connect(&settings).await.expect("connects"));
    let mut work = AtWork::default();
    work.relay(&teller, &carrier);
    work.consumer(&hearer, &carrier, Arc::new(Keeper::named("keeper")), ConsumerSettings::default());
    work.consumer(&hearer, &carrier, Arc::new(Tally), ConsumerSettings::default());
    let facts: i64 = facts.parse().expect("a number");
    while heard(&hearer).await < facts
        || Tally::counted(&hearer).await < facts
        || outbox::oldest_unpublished_at(&teller).await.expect("asks").is_some()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Long enough for acknowledgements and marks to pass their points, too.
    tokio::time::sleep(Duration::from_millis(400)).await;
    work.stop().await;
}

#[tokio::test]
async fn a_crash_at_any_point_loses_no_fact_and_doubles_none() {
    let times = if long() { 100 } else { 1 };
    let (teller, hearer) = (place(Backend::Postgres).await, place(Backend::Postgres).await);
    Tally::prepare(&hearer.database).await;
    let Rig::Nats(nats) = Rig::nats() else { unreachable!("asked for NATS") };
    let mut told = 0_i64;
    for round in 0..times {
        for point in crash::POINTS {
            for _ in 0..12 {
                told += 1;
                stage(&teller.database, &[fact("m", told.unsigned_abs())]).await;
            }
            let words = |facts: i64| {
                let urls = [&teller, &hearer].map(|place| place.database.settings().url.clone());
                format!("{} {} {} {} {facts}", urls[0], urls[1], nats.url, nats.prefix)
            };
            let armed = format!("{point}:1");
            let status = start_child(&words(told), Some(&armed)).wait().expect("ends");
            assert!(!status.success(), "round {round}: the child must die at {point}");
            let status = start_child(&words(told), None).wait().expect("ends");
            assert!(status.success(), "round {round}: the next one must finish what {point} left");
            assert_eq!(heard(&hearer.database).await, told, "after a crash at {point}");
            // No natural key protects this one.
            assert_eq!(Tally::counted(&hearer.database).await, told, "effects after a crash at {point}");
            assert_eq!(outbox::oldest_unpublished_at(&teller.database).await.expect("asks"), None);
        }
    }
    let parcels = number(&teller.database, "SELECT COUNT(*) FROM outbox").await;
    assert_eq!(inbox::count(&hearer.database, "keeper").await.expect("counts"), parcels.unsigned_abs());
}
