//! What a batch costs, as points commits them: accounts loaded and locked, accounts updated, entries inserted, a parcel
//! staged, one commit. `VAFA_LONG=1 cargo test -p store --release measure -- --nocapture` says it in figures.

use std::time::Instant;

use kernel::{ParcelId, Timestamp};
use store::{
    Backend, Column, ColumnType, Database,
    bulk::{BulkInsert, BulkSelect, BulkUpdate},
    outbox::{self, ParcelRow},
    sea_orm::ConnectionTrait as _,
};
use testkit::servers::Postgres;
use uuid::Uuid;

use crate::place::{number, run, sqlite};

const ACCOUNTS: u128 = 20_000;

struct Statements {
    load: BulkSelect,
    update: BulkUpdate,
    insert: BulkInsert,
}

fn statements() -> Statements {
    let (id, version, balance) =
        (("id", ColumnType::Uuid), ("version", ColumnType::I64), ("balance", ColumnType::I64));
    let entry = [
        ("journal_id", ColumnType::Uuid),
        ("receipt", ColumnType::Bytes),
        ("debit", ColumnType::Text),
        ("credit", ColumnType::Uuid),
        ("points", ColumnType::I64),
        ("day", ColumnType::I32),
    ];
    Statements {
        load: BulkSelect::for_update("account", "id, version, balance", id),
        update: BulkUpdate::new("account", &[id, version], &[version, balance]),
        insert: BulkInsert::new("entry", &entry, ""),
    }
}

async fn tables(database: &Database) {
    store::migrate(database, store::migrations()).await.expect("the tables are made");
    let sql = match database.backend() {
        Backend::Postgres => {
            "CREATE TABLE account (id uuid PRIMARY KEY, version bigint NOT NULL, balance bigint NOT NULL) \
             WITH (fillfactor = 70);
             CREATE TABLE entry (journal_id uuid PRIMARY KEY, receipt bytea NOT NULL UNIQUE, debit text NOT NULL, \
             credit uuid NOT NULL, points bigint NOT NULL, day integer NOT NULL)"
        }
        Backend::Sqlite => {
            "CREATE TABLE account (id BLOB PRIMARY KEY, version INTEGER NOT NULL, balance INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE entry (journal_id BLOB PRIMARY KEY, receipt BLOB NOT NULL UNIQUE, debit TEXT NOT NULL, \
             credit BLOB NOT NULL, points INTEGER NOT NULL, day INTEGER NOT NULL)"
        }
    };
    run(database, sql).await;
    let columns = [("id", ColumnType::Uuid), ("version", ColumnType::I64), ("balance", ColumnType::I64)];
    let insert = BulkInsert::new("account", &columns, "");
    let ids: Vec<Uuid> = (0..ACCOUNTS).map(Uuid::from_u128).collect();
    let zeros = vec![0_i64; ids.len()];
    let tx = database.begin().await.expect("begins");
    insert
        .run(&tx, &[Column::from(&ids), Column::from(&zeros), Column::from(&zeros)])
        .await
        .expect("inserts");
    tx.commit().await.expect("commits");
}

async fn batch(database: &Database, statements: &Statements, number: u128, size: u128) {
    let ids: Vec<Uuid> = (0..size).map(|n| Uuid::from_u128((number * size + n) * 7_919 % ACCOUNTS)).collect();
    let tx = database.begin().await.expect("begins");
    let rows = statements.load.run(&tx, Column::from(&ids)).await.expect("loads");
    let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get_by_index(0).expect("an id")).collect();
    let versions: Vec<i64> = rows.iter().map(|row| row.try_get_by_index(1).expect("a version")).collect();
    let raised: Vec<i64> = versions.iter().map(|version| version + 1).collect();
    let columns = [Column::from(&ids), Column::from(&versions), Column::from(&raised), Column::from(&raised)];
    assert_eq!(statements.update.run(&tx, &columns).await.expect("updates"), ids.len() as u64);
    let journals: Vec<Uuid> = (0..size).map(|n| Uuid::from_u128((1 << 100) + number * size + n)).collect();
    let receipts: Vec<[u8; 16]> = journals.iter().map(|id| *id.as_bytes()).collect();
    let debits = vec!["branch-7"; journals.len()];
    let credits: Vec<Uuid> = ids.iter().copied().cycle().take(journals.len()).collect();
    let points = vec![10_i64; journals.len()];
    let days = vec![20_400_i32; journals.len()];
    let columns = [
        Column::from(&journals),
        Column::from(&receipts),
        Column::from(&debits),
        Column::from(&credits),
        Column::from(&points),
        Column::from(&days),
    ];
    statements.insert.run(&tx, &columns).await.expect("inserts");
    let parcel_id = ParcelId::from_uuid(journals[0]);
    let created_at = Timestamp::from_micros(1);
    let payload = vec![b'x'; journals.len() * 420];
    outbox::stage(&tx, &ParcelRow { parcel_id, created_at, payload }).await.expect("stages");
    tx.commit().await.expect("commits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_written_whole_whatever_its_size() {
    let statements = statements();
    let batches: u32 = if std::env::var_os("VAFA_LONG").is_some() { 200 } else { 4 };
    let server = Postgres::builder().durable().start().expect("a durable PostgreSQL");
    let url = server.fresh_database("measure").expect("a fresh database");
    let durable = store::connect(&store::DatabaseSettings::at(url)).await.expect("opens");
    let file = sqlite().await;
    for database in [&durable, &file.database] {
        tables(database).await;
        let (mut next, mut written) = (0, 0);
        for size in [1_u32, 10, 100, 500] {
            let began = Instant::now();
            for _ in 0..batches {
                // Batch numbers never repeat within a size, and sizes never share journals.
                next += 1;
                batch(database, &statements, next * 1_000, size.into()).await;
            }
            written += i64::from(size * batches);
            let rate = f64::from(size * batches) / began.elapsed().as_secs_f64();
            eprintln!("{:?}, batches of {size}: {rate:.0} entries/s", database.backend());
        }
        assert_eq!(number(database, "SELECT COUNT(*) FROM entry").await, written);
        assert_eq!(number(database, "SELECT COUNT(*) FROM outbox").await, i64::from(batches * 4));
        database.connection().execute_unprepared("DROP TABLE entry").await.expect("drops");
    }
}
