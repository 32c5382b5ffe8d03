//! Throw-away databases of both kinds.

use store::{Database, DatabaseSettings};
use tempfile::TempDir;
use testkit::servers::Postgres;

/// A database for one test; its files go when it is dropped.
pub struct Place {
    pub database: Database,
    pub settings: DatabaseSettings,
    _folder: Option<TempDir>,
}

pub async fn sqlite() -> Place {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}/deep/er/test.db", folder.path().display());
    let settings = DatabaseSettings::at(url);
    let database = store::connect(&settings).await.expect("SQLite opens");
    Place { database, settings, _folder: Some(folder) }
}

pub async fn postgres() -> Place {
    let url = Postgres::shared().fresh_database("store").expect("a fresh database");
    let settings = DatabaseSettings::at(url);
    let database = store::connect(&settings).await.expect("PostgreSQL opens");
    Place { database, settings, _folder: None }
}

/// One of each, with the tables that every service has.
pub async fn both() -> [Place; 2] {
    let places = [sqlite().await, postgres().await];
    for place in &places {
        store::migrate(&place.database, store::migrations()).await.expect("the tables are made");
    }
    places
}

/// Runs statements as they stand.
pub async fn run(database: &Database, sql: &str) {
    use store::sea_orm::ConnectionTrait as _;
    database.connection().execute_unprepared(sql).await.expect("the statement runs");
}

/// The single number that a query answers.
pub async fn number(database: &Database, sql: &str) -> i64 {
    use store::sea_orm::{ConnectionTrait as _, Statement};
    let connection = database.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("the query runs").expect("a row");
    row.try_get_by_index(0).expect("a number")
}
