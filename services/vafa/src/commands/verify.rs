//! `vafa verify`: recomputes from the databases what the platform promises.

mod between;
mod table;

use std::path::Path;

use runtime::{AuditRow, settings::Values};
use store::Database;

use super::Outcome;
use crate::{database_settings, load_settings, services};

/// An audit's rows under the name of what was audited.
pub struct Section {
    /// A service, or what lies between services.
    pub name: &'static str,
    /// What was found.
    pub rows: Vec<AuditRow>,
}

/// Audits everything and prints a table; [`Outcome::Found`] when a promise does not hold.
///
/// # Errors
/// Wrong settings, or a database that cannot be read.
pub async fn run(config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let sections = audit(&values).await?;
    print!("{}", table::render(&sections));
    let holds = sections.iter().flat_map(|section| &section.rows).all(AuditRow::holds);
    Ok(if holds { Outcome::Fine } else { Outcome::Found })
}

/// Everything that can be recomputed, from the databases that the settings name.
///
/// # Errors
/// A database that cannot be read.
pub async fn audit(values: &Values) -> anyhow::Result<Vec<Section>> {
    let mut databases: Vec<(&'static str, Database)> = Vec::new();
    let mut sections = Vec::new();
    for service in services() {
        let database = store::connect(&database_settings(values, service.name())).await?;
        sections.push(Section { name: service.name(), rows: service.audit(&database).await? });
        databases.push((service.name(), database));
    }
    sections.push(Section { name: "sealed", rows: sealed(values, &databases).await? });
    sections.push(Section { name: "between", rows: between::audit(&databases).await? });
    for (_, database) in databases {
        database.close().await;
    }
    Ok(sections)
}

/// Names and identifiers open with the installation's keys, and are found by their own hashes; looks are what was sealed.
async fn sealed(values: &Values, databases: &[(&'static str, Database)]) -> anyhow::Result<Vec<AuditRow>> {
    let database = between::of(databases, contracts::membership::SOURCE)?;
    let vault = super::keys::vault(values, database)?;
    let mut rows = membership::queries::verify::verify_sealed(&vault).await?;
    for service in [contracts::membership::SOURCE, contracts::points::SOURCE, contracts::rewards::SOURCE] {
        let database = between::of(databases, service)?;
        rows.push(vault.look_book_of(service, database).audit().await?);
    }
    Ok(rows)
}
