//! Promise 1: no acknowledged purchase lost, none counted twice, however often the service is killed.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use crate::{
    checker::{Verdict, judge},
    load::{Habit, Load, Street},
    rig::{Dice, Rig, long, say},
};

#[test]
fn a_killed_service_loses_no_acknowledged_purchase_and_counts_none_twice() {
    // 50 kills and 300,000 acknowledged purchases are promised.
    let (kills, between, tills) = if long() { (50, 6_000, 64) } else { (5, 100, 16) };
    journeys::block_on(async {
        let (mut rig, mut dice, begun) = (Rig::start().await, Dice::thrown(), Instant::now());
        let street = Street::open(&rig, tills, 8).await;
        let mut load = Load::begin(&rig, street, Habit::Careful);
        for _ in 0..kills {
            load.until_more(between).await;
            tokio::time::sleep(Duration::from_millis(dice.next(100))).await;
            rig.kill("points");
            rig.launch("points", None);
            rig.ready("points").await;
        }
        load.until_more(between).await;
        let broken = load.counts.broken.load(Ordering::Relaxed);
        let street = load.finish().await;
        rig.is_whole().await;
        let verdict = judge(&rig, &street.diaries).await;
        let seconds = begun.elapsed().as_secs_f32();
        say(&format!("row 1: {kills} kills in {seconds:.1} s, {broken} attempts cut off; {verdict}"));
        assert!(verdict.is_clean(), "{verdict}");
        assert!(broken > 0, "kills that cut nothing off show nothing");
    });
}

/// One crash at a point of the commit, under tills with a bad habit.
async fn after_a_crash(point: &str, habit: Habit) -> Verdict {
    let mut rig = Rig::start().await;
    let street = Street::open(&rig, 8, 4).await;
    rig.stop("points").await;
    rig.launch("points", Some(&format!("{point}:20")));
    rig.ready("points").await;
    let mut load = Load::begin(&rig, street, habit);
    rig.crashed("points", point).await;
    rig.launch("points", None);
    rig.ready("points").await;
    load.until_more(20).await;
    let street = load.finish().await;
    // Whatever tills do, the service's own books are sound.
    rig.is_whole().await;
    judge(&rig, &street.diaries).await
}

#[test]
fn the_judge_finds_what_tills_double_that_make_a_new_key_for_an_old_purchase() {
    let verdict = journeys::block_on(after_a_crash("points.after_commit", Habit::Forgetful));
    say(&format!("row 1, planted (new key and receipt on retry): {verdict}"));
    assert!(verdict.duplicated > 0 && verdict.missing == 0, "{verdict}");
}

#[test]
fn the_judge_finds_what_is_lost_when_yes_is_said_before_the_commit() {
    let verdict = journeys::block_on(after_a_crash("points.before_commit", Habit::Trusting));
    say(&format!("row 1, planted (yes before the commit): {verdict}"));
    assert!(verdict.missing > 0 && verdict.duplicated == 0, "{verdict}");
}
