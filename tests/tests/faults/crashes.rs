//! Promise 6: a crash at any point between commit and effect loses no fact and doubles none, in the real processes.

use std::time::{Duration, Instant};

use crate::{
    checker::judge,
    load::{Habit, Load, Street},
    rig::{Dice, Rig, long, say},
};

/// Every named point on the way of a purchase, and who passes it.
const POINTS: [(&str, &str); 9] = [
    ("points", "points.before_commit"),
    ("points", "points.after_commit"),
    ("points", "relay.before_publish"),
    ("points", "relay.after_publish"),
    ("points", "relay.after_mark"),
    ("membership", "consumer.before_commit"),
    ("membership", "consumer.after_commit"),
    ("membership", "consumer.before_ack"),
    ("membership", "consumer.after_ack"),
];

#[test]
fn every_crash_point_of_the_bus_is_crashed_at() {
    let ours = POINTS.map(|(_, point)| point);
    let missing: Vec<_> = bus::crash::POINTS.iter().filter(|point| !ours.contains(point)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Sells until `role` has died at `point` the `nth` time that it came by, and goes on for a while afterwards.
async fn crash(rig: &mut Rig, street: Street, role: &'static str, point: &str, nth: u64) -> Street {
    rig.stop(role).await;
    rig.launch(role, Some(&format!("{point}:{nth}")));
    rig.ready(role).await;
    let mut load = Load::begin(rig, street, Habit::Careful);
    rig.crashed(role, point).await;
    rig.launch(role, None);
    rig.ready(role).await;
    load.until_more(20).await;
    load.finish().await
}

/// Crashes at every point with this beginning, one after the other.
fn crash_at_each(beginning: &str) {
    // 100 crashes at each point are promised.
    let rounds = if long() { 100 } else { 1 };
    let points: Vec<_> = POINTS.into_iter().filter(|(_, point)| point.starts_with(beginning)).collect();
    journeys::block_on(async {
        let (mut rig, mut dice, begun) = (Rig::start().await, Dice::thrown(), Instant::now());
        let mut street = Street::open(&rig, 8, 8).await;
        for _ in 0..rounds {
            for (role, point) in &points {
                let nth = 1 + dice.next(4);
                street = crash(&mut rig, street, role, point, nth).await;
                let left = rig.unheard_after(Duration::from_secs(30)).await;
                assert_eq!(left, (0, 0), "unpublished and unheard 30 s after a crash at {point}");
            }
        }
        rig.is_whole().await;
        let verdict = judge(&rig, &street.diaries).await;
        let (crashes, seconds) = (rounds * points.len(), begun.elapsed().as_secs_f32());
        let parcels = rig.number("points", "SELECT COUNT(*) FROM outbox").await;
        say(&format!(
            "row 6: {crashes} crashes at {beginning}* in {seconds:.1} s, {parcels} parcels; {verdict}"
        ));
        assert!(verdict.is_clean(), "{verdict}");
    });
}

#[test]
fn a_crash_around_the_commit_loses_no_fact_and_doubles_none() {
    crash_at_each("points.");
}

#[test]
fn a_crash_of_the_relay_loses_no_fact_and_doubles_none() {
    crash_at_each("relay.");
}

#[test]
fn a_crash_of_the_consumer_loses_no_fact_and_doubles_none() {
    crash_at_each("consumer.");
}

#[test]
fn a_relay_that_marks_before_it_publishes_is_found_out() {
    journeys::block_on(async {
        let mut rig = Rig::start().await;
        let street = Street::open(&rig, 4, 4).await;
        assert_eq!(rig.unheard_after(Duration::from_secs(30)).await, (0, 0));
        rig.stop("points").await;
        rig.launch("points", Some("relay.before_publish"));
        rig.ready("points").await;
        let mut load = Load::begin(&rig, street, Habit::Careful);
        rig.crashed("points", "relay.before_publish").await;
        // The planted bug: such a relay would have left its batch marked, and died before it was published.
        let _ = rig.rows("points", "UPDATE outbox SET published_at = 1 WHERE published_at IS NULL").await;
        rig.launch("points", None);
        rig.ready("points").await;
        load.until_more(20).await;
        let street = load.finish().await;
        let unheard = rig.unheard_at_rest().await;
        let found = rig.verify().await.ended_with(1);
        let verdict = judge(&rig, &street.diaries).await;
        say(&format!("row 6, planted (marks before it publishes): {unheard} parcels unheard; {verdict}"));
        assert!(unheard > 0 && found.out.contains("was not processed"), "{}", found.out);
        assert!(found.out.contains("membership counts the purchases that points has"), "{}", found.out);
        assert!(verdict.is_clean(), "the books are sound, only others have not heard: {verdict}");
    });
}
