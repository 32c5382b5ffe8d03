//! What a process can be: the gateway, and each service.

use anyhow::bail;
use runtime::Service;
use web::ErrorCode;

/// The gateway's role name.
pub const GATEWAY: &str = gateway::NAME;

/// A role that a process can play, by the name that the command line uses.
pub type Role = &'static str;

static SERVICES: [&dyn Service; 5] = [
    &membership::Membership,
    &points::Points,
    &rewards::Rewards,
    &notifications::Notifications,
    &webhooks::Webhooks,
];

/// Every service with a database of its own.
#[must_use]
pub fn services() -> &'static [&'static dyn Service] {
    &SERVICES
}

/// The service of this name.
#[must_use]
pub fn service(name: &str) -> Option<&'static dyn Service> {
    SERVICES.iter().copied().find(|service| service.name() == name)
}

/// Every problem code that a caller can meet, with the crate that owns it.
#[must_use]
pub fn all_errors() -> Vec<(&'static str, &'static [&'static ErrorCode])> {
    let mut all: Vec<(&'static str, &'static [&'static ErrorCode])> =
        vec![("web", web::ERRORS), (GATEWAY, gateway::ERRORS)];
    all.extend(SERVICES.iter().map(|service| (service.name(), service.errors())));
    all
}

/// Checks names of roles from the command line.
///
/// # Errors
/// A name that is none, with those that are.
pub fn read_roles(names: &[String]) -> anyhow::Result<Vec<Role>> {
    names
        .iter()
        .map(|name| match service(name) {
            Some(service) => Ok(service.name()),
            None if name == GATEWAY => Ok(GATEWAY),
            None => {
                let known: Vec<_> =
                    services().iter().map(|service| service.name()).chain([GATEWAY]).collect();
                bail!("there is no service {name:?}; there are {}", known.join(", "))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use runtime::archive::Given;
    use store::{
        Database, DatabaseSettings,
        sea_orm::{ConnectionTrait as _, Statement},
    };

    use super::*;

    async fn texts(database: &Database, sql: &str) -> Vec<String> {
        let on = database.connection();
        let rows = on.query_all_raw(Statement::from_string(on.get_database_backend(), sql)).await;
        let text = |row: &store::sea_orm::QueryResult| row.try_get_by_index(0).expect("a text");
        rows.expect("the SQL runs").iter().map(text).collect()
    }

    /// The tables of a service with their columns, from the schema itself.
    async fn tables(service: &dyn Service) -> BTreeMap<String, BTreeSet<String>> {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/empty.db", folder.path().display());
        let database = store::connect(&DatabaseSettings::at(&url)).await.expect("the database opens");
        store::migrate(&database, service.migrations()).await.expect("the tables are made");
        let named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let mut tables = BTreeMap::new();
        for table in texts(&database, named).await {
            let columns = texts(&database, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
            tables.insert(table, columns.into_iter().collect());
        }
        tables
    }

    #[tokio::test]
    async fn everything_that_is_kept_of_members_is_in_archives_or_left_out_for_a_reason() {
        for service in services() {
            let (kept, tables) = (service.kept(), tables(*service).await);
            assert!(tables.len() > 5, "{}: {tables:?}", service.name());
            assert_eq!(kept.gaps(&tables), [""; 0], "{}", service.name());
            for sheet in kept.sheets {
                for key in sheet.key {
                    assert!(sheet.fields.iter().any(|field| field.column == *key), "{}.{key}", sheet.name);
                }
                let given = |given: Given| !matches!(given, Given::Withheld(why) if why.is_empty());
                assert!(
                    sheet.fields.iter().all(|field| given(field.given)),
                    "{}: a reason is empty",
                    sheet.name
                );
            }
        }
    }

    #[test]
    fn every_service_that_keeps_something_of_members_is_asked_for_its_part() {
        let keeping = services().iter().filter(|service| !service.kept().sheets.is_empty());
        let others: Vec<&str> = keeping
            .map(|service| service.name())
            .filter(|name| *name != contracts::membership::SOURCE)
            .collect();
        assert_eq!(others, membership::queries::archive::OTHERS);
    }
}
