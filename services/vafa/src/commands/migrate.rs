//! `vafa migrate`: brings the databases' schemas up to date.

use std::path::Path;

use anyhow::Context as _;

use super::Outcome;
use crate::{database_settings, load_settings, read_roles, services};

/// Migrates the named services' databases, or all.
///
/// # Errors
/// Wrong settings, a database that cannot be reached, a step that fails.
pub async fn run(names: &[String], config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let roles = read_roles(names)?;
    for service in services().iter().filter(|service| roles.is_empty() || roles.contains(&service.name())) {
        let name = service.name();
        let database =
            store::connect(&database_settings(&values, name)).await.with_context(|| name.to_owned())?;
        let steps = service.migrations();
        let last = steps.last().map(|step| step.name().to_owned()).unwrap_or_default();
        store::migrate(&database, steps).await.with_context(|| name.to_owned())?;
        println!("{name}: up to date ({last})");
        database.close().await;
    }
    Ok(Outcome::Fine)
}
