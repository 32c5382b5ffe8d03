//! `vafa bus`: looks after the way of facts: dead letters, their replay, refilling a lost stream.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use bus::Reaction;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Clock, Ids};
use runtime::{SystemClock, SystemIds, settings::Values};
use store::{Database, dead_letters};

use super::Outcome;
use crate::{database_settings, load_settings, open_carrier, service};

/// Lists the facts that a service could not apply.
///
/// # Errors
/// Wrong settings, or a database that cannot be read.
pub async fn list_dead_letters(name: &str, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let database = database(name, config).await?;
    let (mut after, mut count) = (0, 0);
    loop {
        let letters = dead_letters::list(&database, after, 200).await?;
        let Some(last) = letters.last() else { break };
        after = last.id;
        for kept in &letters {
            let letter = &kept.letter;
            println!(
                "{:>8}  {}  {}  tried {} times",
                kept.id, letter.consumer, letter.reason, letter.attempts
            );
            count += 1;
        }
    }
    if count == 0 {
        println!("{name} has no dead letters.");
        return Ok(Outcome::Fine);
    }
    println!("\n{count} dead letters. Once their cause is mended: vafa bus replay {name}");
    Ok(Outcome::Found)
}

/// Applies the dead letters of a service again.
///
/// # Errors
/// Wrong settings, or a database that fails.
pub async fn replay(name: &str, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let database = database(name, config).await?;
    let mut left = 0;
    for reaction in reactions(name, &database, &values)? {
        let done = bus::replay_dead_letters(&database, &*reaction, &SystemClock).await?;
        println!("{}: {} applied, {} left", reaction.consumer(), done.resolved, done.left);
        left += done.left;
    }
    Ok(if left == 0 { Outcome::Fine } else { Outcome::Found })
}

/// Publishes everything that a service ever told again; consumers pass over what they have.
///
/// # Errors
/// Wrong settings, a database or a broker that fails.
pub async fn refill(name: &str, config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let database = database(name, config).await?;
    let carrier = open_carrier(&values).await?;
    let bar = ProgressBar::new_spinner()
        .with_style(ProgressStyle::with_template("{spinner} {pos} parcels, {per_sec}")?);
    let published = bus::refill(&database, &*carrier, name, |count| bar.set_position(count)).await?;
    bar.finish_and_clear();
    println!("{published} parcels of {name} are on the bus again.");
    Ok(Outcome::Fine)
}

fn reactions(name: &str, database: &Database, values: &Values) -> anyhow::Result<Vec<Arc<dyn Reaction>>> {
    let (clock, ids) =
        (Arc::new(SystemClock) as Arc<dyn Clock>, Arc::new(SystemIds::default()) as Arc<dyn Ids>);
    Ok(match name {
        // The relay of a platform that runs looks by itself; this one wakes nobody.
        "membership" => membership::reactions(&clock, &ids),
        "points" => points::reactions(database, &clock, &ids, values)?,
        "rewards" => rewards::reactions(&clock, &ids),
        "notifications" => notifications::reactions(values, &clock, &ids)?,
        "webhooks" => webhooks::reactions(values, &clock, &ids)?,
        _ => Vec::new(),
    })
}

async fn database(name: &str, config: Option<&Path>) -> anyhow::Result<Database> {
    let values = load_settings(config)?;
    let known = service(name).with_context(|| format!("there is no service {name:?} with a database"))?;
    Ok(store::connect(&database_settings(&values, known.name())).await?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn dead_letters_of_every_consumer_can_be_replayed() {
        let folder = tempfile::tempdir().expect("a folder");
        let set = [("VAFA_DATA__DIR".to_owned(), folder.path().display().to_string())];
        let values = runtime::settings::load(&crate::tables(), None, set.into_iter()).expect("good settings");
        for service in crate::services() {
            if service.hears().is_empty() {
                continue;
            }
            let settings = database_settings(&values, service.name());
            let database = store::connect(&settings).await.expect("a database");
            let hear: BTreeSet<_> = service.hears().iter().map(|hearing| hearing.consumer).collect();
            let replay = reactions(service.name(), &database, &values).expect("its reactions");
            let replay: BTreeSet<_> = replay.iter().map(|reaction| reaction.consumer()).collect();
            assert_eq!(replay, hear, "{}", service.name());
        }
    }
}
