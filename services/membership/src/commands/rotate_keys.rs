//! Brings everything that is sealed to the newest master key, while the service runs, in small transactions (G6).
//!
//! What is left is read from the rows: a rotation that was stopped goes on where it was, and one that finds nothing left
//! does nothing. A second one at the same time does no harm.

use kernel::MemberId;

use crate::{
    error::Error,
    store::{Vault, direct_seals, key_rotation},
};

/// How many members one transaction takes.
const BATCH: u64 = 50;
/// How many cards of batches one transaction takes.
const CARDS: u64 = 200;
/// How many members who cannot be brought up are named.
const NAMED: usize = 10;

/// What a rotation came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// The master key that wraps now.
    pub master_key: u8,
    /// Members who were brought up.
    pub members: u64,
    /// Keys, messages, and cards in batches that were sealed anew.
    pub others: u64,
    /// Whatever does not open: its master key is missing, or it was changed by hand.
    pub broken: u64,
    /// The first of the members of whom something does not open.
    pub broken_members: Vec<MemberId>,
}

/// How many members are left to bring up.
///
/// # Errors
/// A fault of the database.
pub async fn members_behind(vault: &Vault) -> Result<u64, Error> {
    key_rotation::count_behind(vault.database.connection(), vault).await
}

/// Wraps every member's data key by the active master key, makes one for members who have none, and seals anew what other
/// master keys sealed. `progress` hears how many members were looked at. What does not open stays as it is, and is counted.
///
/// # Errors
/// A fault of the database. What was done so far stays done.
pub async fn rotate_keys(vault: &Vault, mut progress: impl FnMut(u64)) -> Result<Rotated, Error> {
    let mut done = Rotated { master_key: vault.cipher.active_id(), ..Rotated::default() };
    let (mut after, mut looked_at) = (None, 0);
    loop {
        let tx = vault.database.begin().await?;
        let batch = key_rotation::hold_behind(&tx, vault, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.member());
        for behind in &batch {
            looked_at += 1;
            if key_rotation::bring_up(&tx, vault, behind).await? {
                done.members += 1;
            } else {
                done.broken += 1;
                done.broken_members
                    .extend(Some(behind.member()).filter(|_| done.broken_members.len() < NAMED));
            }
        }
        tx.commit().await?;
        progress(looked_at);
    }
    let tx = vault.database.begin().await?;
    let (others, broken) = direct_seals::reseal_direct(&tx, vault).await?;
    tx.commit().await?;
    done.others = others;
    done.broken += broken;
    reseal_stock(vault, &mut done).await?;
    Ok(done)
}

/// The cards that wait in batches, of which there may be millions: some at a time.
async fn reseal_stock(vault: &Vault, done: &mut Rotated) -> Result<(), Error> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let tx = vault.database.begin().await?;
        let page = direct_seals::reseal_stock(&tx, vault, after.as_deref(), CARDS).await?;
        tx.commit().await?;
        done.others += page.sealed;
        done.broken += page.broken;
        if page.last.is_none() {
            return Ok(());
        }
        after = page.last;
    }
}
