//! `vafa facts`: the schemas of all facts.

use contracts::catalog;
use serde_json::json;

use super::Outcome;

/// Prints every fact that services tell each other: type, owner, meaning, JSON Schema, sample.
///
/// # Errors
/// Never for the facts there are; a schema that cannot be written as JSON would be one.
pub fn run() -> anyhow::Result<Outcome> {
    let facts: Vec<_> = catalog()
        .into_iter()
        .map(|fact| {
            json!({
                "type": fact.kind,
                "owner": fact.owner,
                "about": fact.about,
                "schema": fact.schema,
                "sample": fact.sample,
            })
        })
        .collect();
    println!("{}", serde_json::to_string_pretty(&json!({ "specversion": "1.0", "facts": facts }))?);
    Ok(Outcome::Fine)
}
