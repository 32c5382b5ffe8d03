//! Bulk statements.

use store::{
    Backend, Column, ColumnType, Database, StoreError,
    bulk::{BulkInsert, BulkSelect, BulkUpdate},
    sea_orm::QueryResult,
};
use uuid::Uuid;

use crate::place::{both, number, run};

const COLUMNS: [(&str, ColumnType); 8] = [
    ("id", ColumnType::Uuid),
    ("balance", ColumnType::I64),
    ("day", ColumnType::I32),
    ("kind", ColumnType::I16),
    ("open", ColumnType::Bool),
    ("note", ColumnType::Text),
    ("digest", ColumnType::Bytes),
    ("sealed", ColumnType::Bytes),
];

async fn table(database: &Database) {
    let sql = match database.backend() {
        Backend::Postgres => {
            "CREATE TABLE account (id uuid PRIMARY KEY, balance bigint NOT NULL, day integer, kind smallint, \
             open boolean, note text, digest bytea UNIQUE, sealed bytea)"
        }
        Backend::Sqlite => {
            "CREATE TABLE account (id BLOB PRIMARY KEY, balance INTEGER NOT NULL, day INTEGER, kind INTEGER, \
             open BOOLEAN, note TEXT, digest BLOB UNIQUE, sealed BLOB)"
        }
    };
    run(database, sql).await;
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn digest(n: u128) -> [u8; 16] {
    (n + 7).to_be_bytes()
}

/// Inserts accounts 1..=rows; every third has empty places.
async fn fill(database: &Database, insert: &BulkInsert, rows: u128) -> u64 {
    let ids: Vec<Uuid> = (1..=rows).map(id).collect();
    let balances: Vec<i64> = (1..=rows).map(|n| i64::try_from(n).expect("small") * 10).collect();
    let days: Vec<Option<i32>> = (1..=rows).map(|n| (n % 3 != 0).then_some(20_000)).collect();
    let kinds = vec![-3_i16; ids.len()];
    let open: Vec<Option<bool>> = (1..=rows).map(|n| (n % 3 != 0).then_some(n % 2 == 0)).collect();
    let texts: Vec<String> = (1..=rows).map(|n| format!("«{n}», \"quoted\", \\ وفا")).collect();
    let notes: Vec<Option<&str>> =
        texts.iter().enumerate().map(|(at, text)| ((at + 1) % 3 != 0).then_some(text.as_str())).collect();
    let digests: Vec<[u8; 16]> = (1..=rows).map(digest).collect();
    let sealed: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    let tx = database.begin().await.expect("begins");
    let columns = [
        Column::from(&ids),
        Column::from(&balances),
        Column::from(&days),
        Column::from(&kinds),
        Column::from(&open),
        Column::from(&notes),
        Column::from(&digests),
        Column::from(&sealed),
    ];
    let inserted = insert.run(&tx, &columns).await.expect("inserts");
    tx.commit().await.expect("commits");
    inserted
}

fn read(row: &QueryResult) -> (Uuid, i64, Option<i32>, Option<bool>, Option<String>, Vec<u8>) {
    (
        row.try_get_by_index(0).expect("id"),
        row.try_get_by_index(1).expect("balance"),
        row.try_get_by_index(2).expect("day"),
        row.try_get_by_index(3).expect("open"),
        row.try_get_by_index(4).expect("note"),
        row.try_get_by_index(5).expect("digest"),
    )
}

#[tokio::test]
async fn rows_come_back_as_they_went_in_whatever_their_number() {
    for place in both().await {
        let database = &place.database;
        table(database).await;
        let insert = BulkInsert::new("account", &COLUMNS, "");
        let select =
            BulkSelect::new("account", "id, balance, day, open, note, digest", ("id", ColumnType::Uuid));
        for rows in [1_u128, 3, 4, 5, 21, 337, 1_000] {
            run(database, "DELETE FROM account").await;
            assert_eq!(u128::from(fill(database, &insert, rows).await), rows);
            let mut keys: Vec<Uuid> = (1..=rows).map(id).collect();
            keys.push(id(999_999));
            let found = select.read(database, Column::from(&keys)).await.expect("reads");
            assert_eq!(found.len() as u128, rows, "each row once, and the unknown key not at all");
            let tx = database.begin().await.expect("begins");
            let mut found = select.run(&tx, Column::from(&keys)).await.expect("reads");
            tx.rollback().await.expect("rolls back");
            found.sort_by_key(|row| row.try_get_by_index::<Uuid>(0).expect("id"));
            for (row, n) in found.iter().zip(1..) {
                let full = n % 3 != 0;
                let note = full.then(|| format!("«{n}», \"quoted\", \\ وفا"));
                let balance = i64::try_from(n).expect("small") * 10;
                let want = (
                    id(n),
                    balance,
                    full.then_some(20_000),
                    full.then_some(n % 2 == 0),
                    note,
                    digest(n).to_vec(),
                );
                assert_eq!(read(row), want);
            }
        }
    }
}

#[tokio::test]
async fn a_row_that_is_there_is_skipped_or_added_to_as_the_conflict_text_says() {
    for place in both().await {
        let database = &place.database;
        table(database).await;
        let skip = BulkInsert::new("account", &COLUMNS, "ON CONFLICT (id) DO NOTHING");
        assert_eq!(fill(database, &skip, 30).await, 30);
        assert_eq!(fill(database, &skip, 40).await, 10);
        let add = BulkInsert::new(
            "account",
            &COLUMNS,
            "ON CONFLICT (id) DO UPDATE SET balance = account.balance + excluded.balance",
        );
        assert_eq!(fill(database, &add, 41).await, 41);
        let total = number(database, "SELECT CAST(SUM(balance) AS bigint) FROM account").await;
        assert_eq!(total, 2 * (40 * 41 / 2) * 10 + 410);
    }
}

#[tokio::test]
async fn an_update_changes_only_rows_whose_version_is_the_one_read() {
    for place in both().await {
        let database = &place.database;
        run(
            database,
            "CREATE TABLE wallet (id bigint PRIMARY KEY, version bigint NOT NULL, points bigint NOT NULL)",
        )
        .await;
        run(database, "INSERT INTO wallet VALUES (1, 1, 0), (2, 1, 0), (3, 5, 0)").await;
        let update = BulkUpdate::new(
            "wallet",
            &[("id", ColumnType::I64), ("version", ColumnType::I64)],
            &[("version", ColumnType::I64), ("points", ColumnType::I64)],
        );
        let tx = database.begin().await.expect("begins");
        let columns = [
            Column::I64(&[1, 2, 3]),
            Column::I64(&[1, 1, 4]),
            Column::I64(&[2, 2, 5]),
            Column::I64(&[70, 80, 90]),
        ];
        assert_eq!(update.run(&tx, &columns).await.expect("updates"), 2, "the third was changed by others");
        tx.commit().await.expect("commits");
        assert_eq!(number(database, "SELECT points FROM wallet WHERE id = 2 AND version = 2").await, 80);
        assert_eq!(number(database, "SELECT points FROM wallet WHERE id = 3 AND version = 5").await, 0);
        let tx = database.begin().await.expect("begins");
        let select = BulkSelect::for_update("wallet", "id", ("id", ColumnType::I64));
        let found = select.run(&tx, Column::I64(&[3, 1])).await.expect("locks");
        assert_eq!(found.len(), 2);
    }
}

#[tokio::test]
async fn rows_that_two_columns_name_are_read_and_added_to() {
    for place in both().await {
        let database = &place.database;
        run(
            database,
            "CREATE TABLE shelf (thing text, place text, free bigint NOT NULL, PRIMARY KEY (thing, place))",
        )
        .await;
        run(database, "INSERT INTO shelf VALUES ('mug', '', 5), ('mug', 'north', 3), ('cup', '', 7), ('cup', 'north', 1)").await;
        let keys = [("thing", ColumnType::Text), ("place", ColumnType::Text)];
        let more = BulkUpdate::adding("shelf", &keys, &[("free", ColumnType::I64)]);
        let select = BulkSelect::by_for_update("shelf", "thing, place, free", &keys);
        let (things, places) = (["mug", "cup", "hat"], ["north", "", ""]);
        let sought = [Column::Text(&things), Column::Text(&places)];
        let tx = database.begin().await.expect("begins");
        let changed = more.run(&tx, &[sought[0], sought[1], Column::I64(&[-2, 10, 1])]).await.expect("adds");
        assert_eq!(changed, 2, "there are no hats");
        let rows = select.run_by(&tx, &sought).await.expect("reads");
        let mut found: Vec<(String, String, i64)> = rows
            .iter()
            .map(|row| {
                let text = |at| row.try_get_by_index::<String>(at).expect("a text");
                (text(0), text(1), row.try_get_by_index(2).expect("a number"))
            })
            .collect();
        found.sort_unstable();
        assert_eq!(found, [("cup".into(), String::new(), 17), ("mug".into(), "north".into(), 1)]);
        tx.commit().await.expect("commits");
        assert_eq!(number(database, "SELECT CAST(sum(free) AS bigint) FROM shelf").await, 5 + 1 + 17 + 1);
    }
}

#[tokio::test]
async fn columns_that_do_not_fit_are_refused_before_the_database_is_asked() {
    for place in both().await {
        let insert =
            BulkInsert::new("account", &[("id", ColumnType::Uuid), ("balance", ColumnType::I64)], "");
        let tx = place.database.begin().await.expect("begins");
        let wrong_type = insert.run(&tx, &[Column::I64(&[1]), Column::I64(&[1])]).await;
        assert!(matches!(wrong_type, Err(StoreError::Shape { .. })));
        let wrong_length = insert.run(&tx, &[Column::Uuid(&[id(1)]), Column::I64(&[1, 2])]).await;
        assert!(matches!(wrong_length, Err(StoreError::Shape { .. })));
        let nameless =
            insert.run(&tx, &[Column::UuidOrNull(&[Some(id(1)), None]), Column::I64(&[1, 2])]).await;
        assert!(matches!(nameless, Err(StoreError::Shape { .. })), "no row is left out in silence");
        assert_eq!(insert.run(&tx, &[Column::Uuid(&[]), Column::I64(&[])]).await.expect("nothing to do"), 0);
    }
}
