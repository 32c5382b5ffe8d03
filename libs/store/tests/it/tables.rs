//! The tables that every service has.

use std::collections::HashSet;

use kernel::{FactId, ParcelId, Timestamp};
use store::{
    dead_letters::{self, DeadLetter},
    inbox, lease,
    outbox::{self, ParcelRow},
    paging::Cursor,
};
use uuid::Uuid;

use crate::place::both;

fn parcel(n: u128) -> ParcelId {
    ParcelId::from_uuid(Uuid::from_u128(n))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

async fn stage(database: &store::Database, n: u128) {
    let row = ParcelRow {
        parcel_id: parcel(n),
        created_at: at(n.try_into().expect("small")),
        payload: vec![7; 40],
    };
    let tx = database.begin().await.expect("begins");
    outbox::stage(&tx, &row).await.expect("stages");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn a_staged_parcel_is_unpublished_until_it_is_marked_and_stays_afterwards() {
    for place in both().await {
        let database = &place.database;
        assert_eq!(outbox::oldest_unpublished_at(database).await.expect("asks"), None);
        for n in 1..=5 {
            stage(database, n).await;
        }
        let waiting = outbox::unpublished(database, 3).await.expect("reads");
        assert_eq!(waiting.iter().map(|row| row.parcel.parcel_id).collect::<Vec<_>>(), [1, 2, 3].map(parcel));
        let ids: Vec<i64> = waiting.iter().map(|row| row.id).collect();
        outbox::mark_published(database, &[ids[0], ids[2]], at(9)).await.expect("marks");
        assert_eq!(outbox::oldest_unpublished_at(database).await.expect("asks"), Some(at(2)));
        let left = outbox::unpublished(database, 10).await.expect("reads");
        assert_eq!(left.iter().map(|row| row.parcel.parcel_id).collect::<Vec<_>>(), [2, 4, 5].map(parcel));
        let first = outbox::page(database, 0, 2).await.expect("reads");
        let rest = outbox::page(database, first[1].id, 10).await.expect("reads");
        assert_eq!((first.len(), rest.len()), (2, 3), "published ones are kept");
        assert_eq!(rest[0].parcel.payload, vec![7; 40]);
    }
}

#[tokio::test]
async fn a_parcel_is_claimed_once_by_each_consumer() {
    for place in both().await {
        let database = &place.database;
        let tx = database.begin().await.expect("begins");
        let asked = [parcel(2), parcel(1), parcel(2)];
        let claimed = inbox::claim(&tx, "activity", &asked, at(1)).await.expect("claims");
        assert_eq!(claimed, HashSet::from([parcel(1), parcel(2)]));
        tx.commit().await.expect("commits");
        let tx = database.begin().await.expect("begins");
        let again = inbox::claim(&tx, "activity", &[parcel(2), parcel(3)], at(2)).await.expect("claims");
        assert_eq!(again, HashSet::from([parcel(3)]));
        let other = inbox::claim(&tx, "insights", &[parcel(2)], at(2)).await.expect("claims");
        assert_eq!(other, HashSet::from([parcel(2)]));
        tx.rollback().await.expect("rolls back");
        assert_eq!(inbox::count(database, "activity").await.expect("counts"), 2);
        assert_eq!(inbox::prune(database, "activity", at(2)).await.expect("prunes"), 2);
    }
}

#[tokio::test]
async fn a_dead_letter_waits_until_it_is_resolved() {
    for place in both().await {
        let database = &place.database;
        let letter = |n: u128, kind: Option<&str>| DeadLetter {
            consumer: "activity".to_owned(),
            stream: "points".to_owned(),
            parcel_id: parcel(n),
            fact_id: kind.map(|_| FactId::from_uuid(Uuid::from_u128(n))),
            kind: kind.map(str::to_owned),
            reason: "cannot be read".to_owned(),
            attempts: 5,
            payload: b"{}".to_vec(),
            recorded_at: at(3),
        };
        let letters = [letter(1, Some("vafa.points.points_earned.v1")), letter(2, None)];
        let tx = database.begin().await.expect("begins");
        dead_letters::record(&tx, &letters).await.expect("records");
        tx.commit().await.expect("commits");
        assert_eq!(dead_letters::count(database, "activity").await.expect("counts"), 2);
        let listed = dead_letters::list(database, 0, 10).await.expect("lists");
        assert_eq!(listed.iter().map(|kept| kept.letter.clone()).collect::<Vec<_>>(), letters);
        let tx = database.begin().await.expect("begins");
        let taken = dead_letters::take(&tx, "activity", 0).await.expect("takes").expect("one waits");
        assert_eq!(taken.letter, letters[0]);
        dead_letters::resolve(&tx, taken.id, at(4)).await.expect("resolves");
        let next = dead_letters::take(&tx, "activity", taken.id).await.expect("takes").expect("one more");
        assert_eq!(next.letter, letters[1]);
        tx.commit().await.expect("commits");
        assert_eq!(dead_letters::count(database, "activity").await.expect("counts"), 1);
    }
}

#[tokio::test]
async fn a_lease_has_one_holder_and_changes_hands_when_it_ends() {
    for place in both().await {
        let database = &place.database;
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let held = lease::acquire(database, "relay", first, 400).await.expect("asks").expect("is free");
        assert_eq!(lease::acquire(database, "relay", second, 400).await.expect("asks"), None);
        assert!(lease::renew(database, &held, 300).await.expect("renews"));
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        let taken =
            lease::acquire(database, "relay", second, 10_000).await.expect("asks").expect("has ended");
        assert_eq!(taken.term, held.term + 1);
        assert!(!lease::renew(database, &held, 400).await.expect("asks"), "the first has lost it");
        lease::release(database, &held).await.expect("releases nothing");
        assert_eq!(lease::acquire(database, "relay", first, 400).await.expect("asks"), None);
        lease::release(database, &taken).await.expect("releases");
        assert!(lease::acquire(database, "relay", first, 400).await.expect("asks").is_some());
    }
}

#[test]
fn a_cursor_comes_back_as_it_went_and_a_forged_one_is_refused() {
    let cursor = Cursor::of(&(42_i64, "2026-11-22"));
    assert_eq!(Cursor::parse::<(i64, String)>(cursor.as_str()).expect("ours"), (42, "2026-11-22".to_owned()));
    for forged in ["", "????", "e30", &"A".repeat(10_000)] {
        assert!(Cursor::parse::<(i64, String)>(forged).is_err());
    }
}
