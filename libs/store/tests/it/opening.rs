//! Opening and migrating.

use store::{DatabaseSettings, SqlMigration, StoreError};
use tokio::task::JoinSet;

use crate::place::{number, postgres, run, sqlite};

fn plan() -> Vec<Box<dyn store::sea_orm_migration::MigrationTrait>> {
    let mut all = store::migrations();
    all.push(
        SqlMigration::new("m0001_own", "CREATE TABLE own (n bigint)", "CREATE TABLE own (n INTEGER)").boxed(),
    );
    all
}

#[tokio::test]
async fn eight_starts_at_once_migrate_once() {
    for place in [sqlite().await, postgres().await] {
        let mut starts = JoinSet::new();
        for _ in 0..8 {
            let settings = place.settings.clone();
            starts.spawn(async move {
                let database = store::connect(&settings).await?;
                store::migrate(&database, plan()).await
            });
        }
        while let Some(start) = starts.join_next().await {
            start.expect("no panic").expect("migrates");
        }
        assert_eq!(number(&place.database, "SELECT COUNT(*) FROM seaql_migrations").await, 2);
        assert_eq!(number(&place.database, "SELECT COUNT(*) FROM own").await, 0);
    }
}

#[tokio::test]
async fn services_share_a_postgres_database_by_schema() {
    let place = postgres().await;
    for schema in ["points", "membership"] {
        let settings = DatabaseSettings { schema: Some(schema.to_owned()), ..place.settings.clone() };
        let database = store::connect(&settings).await.expect("opens");
        store::migrate(&database, plan()).await.expect("migrates");
        run(&database, "INSERT INTO own VALUES (1)").await;
        assert_eq!(number(&database, "SELECT COUNT(*) FROM own").await, 1);
    }
    let sql = "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'own'";
    assert_eq!(number(&place.database, sql).await, 2);
}

#[tokio::test]
async fn sqlite_writes_ahead_and_waits_for_the_disk() {
    let place = sqlite().await;
    assert_eq!(number(&place.database, "SELECT synchronous FROM pragma_synchronous").await, 2);
    assert_eq!(number(&place.database, "SELECT foreign_keys FROM pragma_foreign_keys").await, 1);
    assert_eq!(number(&place.database, "SELECT journal_mode = 'wal' FROM pragma_journal_mode").await, 1);
}

#[tokio::test]
async fn wrong_settings_are_refused_by_name_and_passwords_are_not_shown() {
    let refused = |settings: DatabaseSettings| match settings.check() {
        Err(StoreError::Settings(problem)) => problem,
        other => panic!("not refused: {other:?}"),
    };
    assert!(refused(DatabaseSettings::at("mysql://x")).contains("url"));
    let schema = Some("points; DROP TABLE x".to_owned());
    assert!(refused(DatabaseSettings { schema, ..DatabaseSettings::at("postgres://x") }).contains("schema"));
    assert!(
        refused(DatabaseSettings { max_connections: 0, ..DatabaseSettings::at("sqlite:x") })
            .contains("max_connections")
    );
    let shown = format!("{:?}", DatabaseSettings::at("postgres://vafa:s3cret@db/points"));
    assert!(shown.contains("db/points") && !shown.contains("s3cret"));
}

#[tokio::test]
async fn an_open_database_gives_signs_of_life_and_says_how_full_it_is() {
    for place in [sqlite().await, postgres().await] {
        place.database.ping().await.expect("lives");
        let pool = place.database.pool_use();
        assert!(pool.open >= 1 && pool.max == 8);
        place.database.close().await;
        assert!(place.database.ping().await.is_err());
    }
}

#[tokio::test]
async fn connections_for_reading_see_what_was_committed_and_change_nothing() {
    use store::sea_orm::{ConnectionTrait as _, Statement};
    for place in [sqlite().await, postgres().await] {
        let reads = place.database.reads();
        run(&place.database, "CREATE TABLE own (n bigint)").await;
        run(&place.database, "INSERT INTO own VALUES (7)").await;
        let ask = |sql: &str| reads.query_one_raw(Statement::from_string(reads.get_database_backend(), sql));
        let row = ask("SELECT n FROM own").await.expect("the query runs").expect("a row");
        assert_eq!(row.try_get_by_index::<i64>(0).expect("a number"), 7);
        assert!(reads.execute_unprepared("INSERT INTO own VALUES (8)").await.is_err());
        assert!(ask("INSERT INTO own VALUES (9) RETURNING n").await.is_err(), "the database itself refuses");
        assert_eq!(number(&place.database, "SELECT COUNT(*) FROM own").await, 1);
    }
}
