//! `vafa keys`: looks after the keys to what is sealed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use membership::{
    Membership,
    commands::rotate_keys::{members_behind, rotate_keys},
    store::Vault,
};
use runtime::{Secrets, SystemIds, settings::Values};
use store::Database;

use super::Outcome;
use crate::{database_settings, load_settings, tables};

/// What can be done with keys.
#[derive(Subcommand)]
pub enum Keys {
    /// Wrap every member's key by the first of `secrets.master_keys`, while the platform runs; goes on where it was stopped
    Rotate {
        /// Settings file (TOML)
        #[arg(long, env = "VAFA_CONFIG")]
        config: Option<PathBuf>,
    },
}

/// Looks after keys.
///
/// # Errors
/// Wrong settings, or a database that fails.
pub async fn run(what: Keys) -> anyhow::Result<Outcome> {
    match what {
        Keys::Rotate { config } => rotate(config.as_deref()).await,
    }
}

/// Brings all that is sealed to the newest master key; [`Outcome::Found`] when something is left.
async fn rotate(config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let database = store::connect(&database_settings(&values, contracts::membership::SOURCE)).await?;
    let vault = vault(&values, &database)?;
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} members, {per_sec}, {eta} to go")?;
    let bar = ProgressBar::new(members_behind(&vault).await?).with_style(style);
    let done = rotate_keys(&vault, |looked_at| bar.set_position(looked_at)).await?;
    bar.finish_and_clear();
    let left = members_behind(&vault).await?;
    database.close().await;
    println!(
        "Master key {}: {} members brought up, {} other values sealed anew.",
        done.master_key, done.members, done.others
    );
    if done.broken > 0 {
        println!("{} do not open: a master key is missing, or they were changed. Members:", done.broken);
        for member in &done.broken_members {
            println!("  {member}");
        }
    }
    if left > 0 {
        println!("{left} members are left. Start every process with this key first, and run it again.");
    }
    if done.broken > 0 || left > 0 {
        return Ok(Outcome::Found);
    }
    println!(
        "Nothing needs an older master key any more, once every process was started with this one first."
    );
    Ok(Outcome::Fine)
}

/// Membership's database with the installation's keys, from the settings or from the data folder.
///
/// # Errors
/// Secrets that are missing or cannot be used.
pub(super) fn vault(values: &Values, database: &Database) -> anyhow::Result<Vault> {
    let ids = Arc::new(SystemIds::default());
    let folder = PathBuf::from(values.text("data.dir"));
    let secrets = if folder.join("secrets.toml").exists() {
        Secrets::from_settings_or_folder(values.clone(), &tables(), &folder, &*ids)?
    } else {
        Secrets::from_settings(values)?
    };
    Membership::vault(database.clone(), &secrets, ids)
}
