//! Promises 7 and 8: commits that overtake each other skip nothing, and each member's facts arrive in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use bus::ConsumerSettings;
use store::{
    Backend, Database,
    outbox::{self, Drain},
    sea_orm::{ConnectionTrait as _, Statement},
};
use tokio::task::JoinSet;

use crate::place::{AtWork, Dice, Keeper, Rig, fact, long, number, place, row, until_heard};

/// Stages parcels from many writers whose transactions stay open for a while after they drew their numbers.
async fn write_slowly(database: &Database, writers: u64, each: u64, hold_ms: u64) {
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let database = database.clone();
        tasks.spawn(async move {
            let mut dice = Dice::seeded(writer + 70);
            for n in 0..each {
                let tx = database.begin().await.expect("begins");
                outbox::stage(&tx, &row(&[fact(&format!("m{writer}"), n)])).await.expect("stages");
                tokio::time::sleep(Duration::from_millis(dice.below(hold_ms))).await;
                tx.commit().await.expect("commits");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no writer panics");
    }
}

/// The planted bug: a poller that remembers the last number it saw.
async fn poll_naively(database: &Database, seen: &mut BTreeSet<i64>, last: &mut i64) {
    let statement = Statement::from_sql_and_values(
        database.connection().get_database_backend(),
        "SELECT id FROM outbox WHERE id > $1 ORDER BY id",
        [(*last).into()],
    );
    for row in database.connection().query_all_raw(statement).await.expect("reads") {
        *last = row.try_get_by_index(0).expect("a number");
        seen.insert(*last);
    }
}

/// Promise 7. SQLite has one writer at a time, so only PostgreSQL can show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_commits_never_skip_a_parcel_though_a_naive_poller_does() {
    let (each, hold_ms) = if long() { (6_250, 500) } else { (12, 40) };
    let teller = place(Backend::Postgres).await;
    let (mut naive, mut last) = (BTreeSet::new(), 0);
    let mut ours = BTreeSet::new();
    let mut drain = Drain::new(teller.database.clone());
    let writing = write_slowly(&teller.database, 32, each, hold_ms);
    let mut writing = std::pin::pin!(writing);
    let mut written = false;
    loop {
        poll_naively(&teller.database, &mut naive, &mut last).await;
        let rows = drain.next(1_000).await.expect("reads");
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| ours.insert(*id)), "each parcel comes once");
        drain.note_published(&ids);
        if drain.marks_due_in() == Some(Duration::ZERO) {
            drain.write_marks(kernel::Timestamp::from_micros(1)).await.expect("marks");
        }
        if written && ids.is_empty() {
            break;
        }
        tokio::select! {
            () = &mut writing, if !written => written = true,
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
    }
    let all = number(&teller.database, "SELECT COUNT(*) FROM outbox").await;
    assert_eq!(i64::try_from(ours.len()).expect("small"), all);
    assert!(
        i64::try_from(naive.len()).expect("small") < all,
        "the planted bug must miss some, or this shows nothing"
    );
}

/// Tells the next fact of a member under the member's row lock, as points does.
async fn tell_next(database: &Database, member: u64) {
    let tx = database.begin().await.expect("begins");
    let backend = tx.get_database_backend();
    let sql = "UPDATE member SET seq = seq + 1 WHERE id = $1 RETURNING seq";
    let id = i64::try_from(member).expect("small");
    let statement = Statement::from_sql_and_values(backend, sql, [id.into()]);
    let row_of = tx.query_one_raw(statement).await.expect("locks").expect("the member is there");
    let seq: i64 = row_of.try_get_by_index(0).expect("a number");
    let facts = [fact(&format!("m{member}"), seq.unsigned_abs())];
    outbox::stage(&tx, &row(&facts)).await.expect("stages");
    tx.commit().await.expect("commits");
}

/// Promise 8.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_members_facts_arrive_in_order_though_relays_and_consumers_are_killed() {
    let (members, each, rounds) = if long() { (1_000_u64, 200_u64, 60) } else { (40, 25, 6) };
    for rig in Rig::both() {
        let (teller, hearer) = (place(Backend::Postgres).await, place(Backend::Postgres).await);
        let create = "CREATE TABLE member (id bigint PRIMARY KEY, seq bigint NOT NULL)";
        teller.database.connection().execute_unprepared(create).await.expect("makes it");
        let fill = format!("INSERT INTO member SELECT n, 0 FROM generate_series(0, {members}) n");
        teller.database.connection().execute_unprepared(&fill).await.expect("fills it");
        let carrier = rig.open().await;

        let mut writers = JoinSet::new();
        for writer in 0..8 {
            let database = teller.database.clone();
            writers.spawn(async move {
                let mut dice = Dice::seeded(writer + 80);
                for _ in 0..members * each / 8 {
                    tell_next(&database, dice.below(members)).await;
                }
            });
        }
        let mut dice = Dice::seeded(8);
        for _ in 0..rounds {
            let mut work = AtWork::default();
            work.relay(&teller.database, &carrier);
            work.relay(&teller.database, &carrier);
            let keeper = Arc::new(Keeper::named("keeper"));
            work.consumer(&hearer.database, &carrier, keeper, ConsumerSettings::default());
            tokio::time::sleep(Duration::from_millis(200 + dice.below(500))).await;
            work.kill().await;
        }
        while let Some(done) = writers.join_next().await {
            done.expect("no writer panics");
        }
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        let keeper = Arc::new(Keeper::named("keeper"));
        work.consumer(&hearer.database, &carrier, keeper, ConsumerSettings::default());
        let all = i64::try_from(members * each / 8 * 8).expect("small");
        until_heard(&hearer.database, all, Duration::from_mins(1)).await;
        work.stop().await;
        assert_in_order(&hearer.database).await;
    }
}

async fn assert_in_order(hearer: &Database) {
    let sql = "SELECT member, seq FROM heard ORDER BY at";
    let statement = Statement::from_string(hearer.connection().get_database_backend(), sql);
    let mut next = BTreeMap::<String, i64>::new();
    for row in hearer.connection().query_all_raw(statement).await.expect("reads") {
        let member: String = row.try_get_by_index(0).expect("text");
        let seq: i64 = row.try_get_by_index(1).expect("a number");
        let due = next.entry(member.clone()).or_insert(1);
        assert_eq!(seq, *due, "{member} out of order");
        *due += 1;
    }
}
