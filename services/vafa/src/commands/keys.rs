//! `vafa keys`: looks after the keys to what is sealed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::bail;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::Clock;
use membership::{
    Membership,
    commands::{
        move_blind_index::{Standing, move_blind_index, standing},
        rotate_keys::{members_behind, rotate_keys},
    },
    store::{Vault, blind_index::begin},
};
use runtime::{BlindKey, FollowedClock, Secrets, SystemClock, SystemIds, settings::Values};
use store::{Backend, Database};

use super::Outcome;
use crate::{database_settings, load_settings, tables};

/// How long the database may take to tell the time.
const PATIENCE: Duration = Duration::from_secs(30);

/// What can be done with keys.
#[derive(Subcommand)]
pub enum Keys {
    /// Wrap every member's key by the first of `secrets.master_keys`, and find every member by the first of
    /// `secrets.blind_index_key`, while the platform runs; goes on where it was stopped
    Rotate {
        /// Settings file (TOML)
        #[arg(long, env = "VAFA_CONFIG")]
        config: Option<PathBuf>,
    },
    /// Say how much hangs on which key, and what to do next
    Status {
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
        Keys::Status { config } => status(config.as_deref()).await,
    }
}

/// Brings all that is sealed to the newest master key, and all that is found by a keyed hash to the wanted key of the blind index;
/// [`Outcome::Found`] when something is left.
async fn rotate(config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let database = store::connect(&database_settings(&values, contracts::membership::SOURCE)).await?;
    let vault = vault(&values, &database)?;
    let masters = rotate_masters(&vault).await?;
    let index = move_index(&vault).await?;
    database.close().await;
    Ok(if masters && index { Outcome::Fine } else { Outcome::Found })
}

/// Says how much hangs on which key; [`Outcome::Found`] when a rotation has something to do.
async fn status(config: Option<&Path>) -> anyhow::Result<Outcome> {
    let values = load_settings(config)?;
    let database = store::connect(&database_settings(&values, contracts::membership::SOURCE)).await?;
    let vault = vault(&values, &database)?;
    let behind = members_behind(&vault).await?;
    let index = standing(&vault).await?;
    database.close().await;
    println!("Master key {}: {behind} members are wrapped by another one.", vault.cipher.active_id());
    print!("{}", told(&vault, &index));
    Ok(if behind == 0 && index.left() == 0 { Outcome::Fine } else { Outcome::Found })
}

/// How the blind index stands, in words.
fn told(vault: &Vault, index: &Standing) -> String {
    let hanging = index.hanging.iter().map(|(key, hanging)| format!("  {hanging} hang on key {key}.\n"));
    let left = index.left();
    let other = vault.blind.keys().sought().iter().map(BlindKey::id).find(|id| *id != index.wanted);
    let next = match other {
        _ if index.state.current != index.wanted || left > 0 => format!(
            "Next: once every process was started with both keys, run `vafa keys rotate`: it brings all to key {}.\n",
            index.wanted
        ),
        Some(other) => format!(
            "Next: nothing hangs on key {other}. Move it from secrets.blind_index_key to secrets.former_blind_index_keys, and \
             start every process anew. Codes, and invitations to people who are no members, that were made under it are good until then.\n"
        ),
        None => String::new(),
    };
    let current = index.state.current;
    format!("Blind index: everything is written under key {current}.\n{}{next}", hanging.collect::<String>())
}

/// Whether everything came to the wanted key of the blind index.
async fn move_index(vault: &Vault) -> anyhow::Result<bool> {
    begin(vault).await?;
    let before = standing(vault).await?;
    let own: Arc<dyn Clock> = Arc::new(SystemClock);
    let clock = FollowedClock::beginning_with(own);
    if vault.database.backend() != Backend::Sqlite && !clock.set_within(PATIENCE, &vault.database).await {
        bail!("the database did not tell the time within {} s", PATIENCE.as_secs());
    }
    let style = ProgressStyle::with_template("{bar:40} {pos} of about {len} members, {per_sec}")?;
    let bar = ProgressBar::new(before.left()).with_style(style);
    let done = move_blind_index(vault, &*clock, |looked_at| bar.set_position(looked_at)).await?;
    bar.finish_and_clear();
    println!(
        "Blind index key {}: {} members and {} cards of batches were hashed anew.",
        done.key, done.members, done.cards
    );
    if done.broken > 0 {
        println!("{} do not open, and stay where they are. Members:", done.broken);
        for member in &done.broken_members {
            println!("  {member}");
        }
    }
    let index = standing(vault).await?;
    print!("{}", told(vault, &index));
    Ok(index.left() == 0)
}

/// Whether everything came to the newest master key.
async fn rotate_masters(vault: &Vault) -> anyhow::Result<bool> {
    let style = ProgressStyle::with_template("{bar:40} {pos} of {len} members, {per_sec}, {eta} to go")?;
    let bar = ProgressBar::new(members_behind(vault).await?).with_style(style);
    let done = rotate_keys(vault, |looked_at| bar.set_position(looked_at)).await?;
    bar.finish_and_clear();
    let left = members_behind(vault).await?;
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
        return Ok(false);
    }
    println!(
        "Nothing needs an older master key any more, once every process was started with this one first."
    );
    Ok(true)
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
