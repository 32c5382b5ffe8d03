//! Bulk statements that run together, and deletions.

use std::sync::LazyLock;

use store::{
    Column, ColumnType, Database, StoreError,
    bulk::{BulkDelete, BulkInsert, BulkTogether, BulkUpdate},
};

use crate::place::{both, number, run};

const ID: (&str, ColumnType) = ("id", ColumnType::I64);
const POINTS: (&str, ColumnType) = ("points", ColumnType::I64);

static NEW: LazyLock<BulkInsert> = LazyLock::new(|| BulkInsert::new("wallet", &[ID, POINTS], ""));
static CHANGED: LazyLock<BulkUpdate> = LazyLock::new(|| BulkUpdate::new("wallet", &[ID], &[POINTS]));
static NOTES: LazyLock<BulkInsert> = LazyLock::new(|| BulkInsert::new("note", &[ID], ""));
static GONE: LazyLock<BulkDelete> = LazyLock::new(|| BulkDelete::new("coupon", &[ID, POINTS]));
static ALL: LazyLock<BulkTogether> =
    LazyLock::new(|| BulkTogether::new(&[&*NEW, &*CHANGED, &*NOTES, &*GONE]));

async fn tables(database: &Database) {
    run(database, "CREATE TABLE wallet (id bigint PRIMARY KEY, points bigint NOT NULL)").await;
    run(database, "CREATE TABLE note (id bigint PRIMARY KEY)").await;
    run(
        database,
        "CREATE TABLE coupon (id bigint NOT NULL, points bigint NOT NULL, PRIMARY KEY (id, points))",
    )
    .await;
    run(database, "INSERT INTO wallet VALUES (1, 10), (2, 20)").await;
    run(database, "INSERT INTO coupon VALUES (1, 1), (1, 2), (2, 1)").await;
}

async fn sum(database: &Database, table: &str) -> i64 {
    number(database, &format!("SELECT CAST(COALESCE(SUM(id), 0) AS bigint) FROM {table}")).await
}

#[tokio::test]
async fn all_of_them_are_done_and_what_was_touched_is_counted() {
    for place in both().await {
        let database = &place.database;
        tables(database).await;
        // As many as one text of SQLite's takes, one more, and more than any takes.
        for rows in [1_i64, 3, 256, 257, 700] {
            run(database, "DELETE FROM wallet WHERE id > 2").await;
            run(database, "DELETE FROM note").await;
            let ids: Vec<i64> = (3..3 + rows).collect();
            let notes: Vec<i64> = (1..=2 * rows).collect();
            let tx = database.begin().await.expect("begins");
            let columns: [&[Column<'_>]; 4] = [
                &[Column::I64(&ids), Column::I64(&ids)],
                &[Column::I64(&[1, 2, 99_999]), Column::I64(&[rows, 8, 9])],
                &[Column::I64(&notes)],
                &[Column::I64(&[]), Column::I64(&[])],
            ];
            let touched = ALL.run(&tx, &columns).await.expect("all of it");
            tx.commit().await.expect("commits");
            assert_eq!(touched, [2, 0], "two of three were there to be changed, and nothing was to go");
            assert_eq!(sum(database, "wallet").await, 3 + ids.iter().sum::<i64>());
            assert_eq!(sum(database, "note").await, rows * (2 * rows + 1));
            assert_eq!(number(database, "SELECT points FROM wallet WHERE id = 1").await, rows);
        }
    }
}

#[tokio::test]
async fn one_that_fails_takes_the_others_with_it() {
    for place in both().await {
        let database = &place.database;
        tables(database).await;
        let tx = database.begin().await.expect("begins");
        let columns: [&[Column<'_>]; 4] = [
            &[Column::I64(&[3]), Column::I64(&[30])],
            &[Column::I64(&[]), Column::I64(&[])],
            &[Column::I64(&[1, 1])],
            &[Column::I64(&[1]), Column::I64(&[1])],
        ];
        let failed = ALL.run(&tx, &columns).await.expect_err("a note is there twice");
        assert!(failed.is_unique_violation(), "{failed}");
        drop(tx);
        assert_eq!((sum(database, "wallet").await, sum(database, "coupon").await), (3, 4));
    }
}

#[tokio::test]
async fn a_row_goes_only_when_all_of_its_key_is_equal() {
    for place in both().await {
        let database = &place.database;
        tables(database).await;
        let tx = database.begin().await.expect("begins");
        let gone = GONE.run(&tx, &[Column::I64(&[1, 2, 2]), Column::I64(&[2, 2, 3])]).await.expect("deletes");
        tx.commit().await.expect("commits");
        assert_eq!(gone, 1);
        assert_eq!(number(database, "SELECT CAST(SUM(points) AS bigint) FROM coupon").await, 2);
    }
}

#[tokio::test]
async fn columns_that_do_not_fit_are_refused() {
    for place in both().await {
        let tx = place.database.begin().await.expect("begins");
        let too_few = ALL.run(&tx, &[&[Column::I64(&[1])]]).await;
        assert!(matches!(too_few, Err(StoreError::Shape { .. })));
    }
}
