//! Occasions: told on the day in the chain's time zone, once a year, without the date (W8, N4).

use contracts::membership::{Occasion, OccasionReached};
use futures_util::future::join_all;
use kernel::Timestamp;
use membership::{commands::mark_occasions::mark_occasions, queries::verify::verify_rows};
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    profile::{joined, question},
};

const DAY: i64 = 24 * 3_600;

fn born(calendar: &str, month: u8, day: u8) -> Value {
    json!({"answer": {"calendar": calendar, "month": month, "day": day}})
}

async fn says(club: &Club, member: &str, birthday: Value, status: u16) {
    let path = format!("/v1/members/{member}/answers/birthday");
    club.signed_in(member).put(&path, birthday).await.expect(status);
}

/// Members whose occasions were told since the last look, with which.
async fn marks(club: &Club) -> Vec<(String, Occasion)> {
    let before = told(club).await.len();
    let count = mark_occasions(&club.desk, &club.chain).await.expect("occasions are marked");
    let all = told(club).await;
    assert_eq!(u64::try_from(all.len() - before).expect("few"), count);
    all[before..].to_vec()
}

async fn told(club: &Club) -> Vec<(String, Occasion)> {
    let facts = club.facts().await.into_iter();
    let of_kind = facts.filter(|fact| fact.kind.contains("occasion_reached"));
    let read = |fact: contracts::Fact| {
        let OccasionReached { member_id, occasion } = fact.read().expect("an occasion");
        assert_eq!(fact.subject, format!("{member_id}/occasions"));
        (member_id.to_string(), occasion)
    };
    of_kind.map(read).collect()
}

/// Lets the clock go to this time.
fn until(club: &Club, time: &str) {
    let there = Timestamp::parse(time).expect("a time");
    club.clock.advance_millis(there.millis_since(club.desk.clock.now()));
}

async fn asked(club: &Club) {
    club.operator().put("/v1/questions/birthday", question("birthday", 1)).await.expect(201);
}

on_both! {
    async fn a_birthday_is_told_on_its_day_once_by_the_calendar_of_the_member(club: Club) {
        asked(&club).await;
        let (zahra, sara, nobody) = (joined(&club, "09121234561").await, joined(&club, "09121234562").await, joined(&club, "09121234563").await);
        // 21 November 2026 is 30 Aban 1405.
        says(&club, &zahra, born("jalali", 9, 1), 201).await;
        says(&club, &sara, born("gregorian", 11, 22), 201).await;
        says(&club, &nobody, born("gregorian", 6, 1), 201).await;
        assert_eq!(marks(&club).await, []);
        until(&club, "2026-11-21T20:29:59Z");
        assert_eq!(marks(&club).await, [], "a second before midnight in Tehran");
        until(&club, "2026-11-21T20:30:01Z");
        let mut both = marks(&club).await;
        both.sort_by_key(|(member, _)| member.clone());
        let mut expected = vec![(zahra.clone(), Occasion::Birthday), (sara.clone(), Occasion::Birthday)];
        expected.sort_by_key(|(member, _)| member.clone());
        assert_eq!(both, expected);
        assert_eq!(marks(&club).await, []);
        let facts = serde_json::to_string(&club.facts().await).expect("JSON");
        assert!(!facts.contains("jalali") && !facts.contains("gregorian"));
        // Next year both anniversaries of joining come the day before, and 1 Azar is 22 November again.
        until(&club, "2027-11-21T12:00:00Z");
        assert_eq!(marks(&club).await.iter().filter(|(_, occasion)| *occasion == Occasion::JoinAnniversary).count(), 3);
        until(&club, "2027-11-22T12:00:00Z");
        assert_eq!(marks(&club).await.len(), 2);
        for row in verify_rows(&club.database).await.expect("an audit") {
            assert_eq!(row.differing, 0, "{row:?}");
        }
    }

    async fn a_birthday_that_is_changed_is_not_told_twice_and_one_that_is_deleted_never(club: Club) {
        asked(&club).await;
        let (zahra, sara) = (joined(&club, "09121234561").await, joined(&club, "09121234562").await);
        says(&club, &zahra, born("jalali", 8, 30), 201).await;
        assert_eq!(marks(&club).await.len(), 1, "told on the very day");
        says(&club, &zahra, born("gregorian", 11, 23), 200).await;
        says(&club, &sara, born("gregorian", 11, 23), 201).await;
        club.signed_in(&sara).delete(&format!("/v1/members/{sara}/answers/birthday")).await.expect(204);
        club.wait_s(2 * DAY);
        assert_eq!(marks(&club).await, []);
        until(&club, "2027-11-23T12:00:00Z");
        assert_eq!(marks(&club).await.iter().filter(|(_, occasion)| *occasion == Occasion::Birthday).count(), 1);
    }

    async fn what_was_missed_is_told_late_and_not_for_ever(club: Club) {
        asked(&club).await;
        let (soon, later) = (joined(&club, "09121234561").await, joined(&club, "09121234562").await);
        says(&club, &soon, born("gregorian", 11, 23), 201).await;
        says(&club, &later, born("gregorian", 12, 1), 201).await;
        assert_eq!(marks(&club).await, []);
        club.wait_s(5 * DAY);
        assert_eq!(marks(&club).await, [(soon, Occasion::Birthday)]);
        club.wait_s(20 * DAY);
        assert_eq!(marks(&club).await, [], "two weeks late is too late");
    }

    async fn an_anniversary_is_told_every_year_of_the_day_in_the_chains_zone(club: Club) {
        // 29 February 2028, one o'clock in the morning in Tehran, while it is the 28th in London.
        until(&club, "2028-02-28T21:30:00Z");
        let leap = joined(&club, "09121234561").await;
        assert_eq!(marks(&club).await, []);
        until(&club, "2029-02-27T12:00:00Z");
        assert_eq!(marks(&club).await, []);
        until(&club, "2029-02-28T12:00:00Z");
        assert_eq!(marks(&club).await, [(leap.clone(), Occasion::JoinAnniversary)]);
        assert_eq!(marks(&club).await, []);
        until(&club, "2032-02-28T12:00:00Z");
        assert_eq!(marks(&club).await, []);
        until(&club, "2032-02-29T12:00:00Z");
        assert_eq!(marks(&club).await, [(leap, Occasion::JoinAnniversary)]);
    }

    async fn many_at_once_tell_it_once(club: Club) {
        asked(&club).await;
        for number in 0..9 {
            let member = joined(&club, &format!("0912123456{number}")).await;
            says(&club, &member, born("jalali", 8, 30), 201).await;
        }
        let counts = join_all((0..4).map(|_| mark_occasions(&club.desk, &club.chain))).await;
        let sum: u64 = counts.into_iter().map(|count| count.expect("marked")).sum();
        assert_eq!((sum, told(&club).await.len()), (9, 9));
    }
}
