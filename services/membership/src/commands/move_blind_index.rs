//! Brings all that members are found by to the wanted key of the blind index, while the service runs, in small transactions (G6).
//!
//! The wanted key becomes the current one first: from then on everything is written under it. What hangs on the former one is moved
//! member by member, and told. What is left is read from the rows: a move that was stopped goes on where it was, one that finds nothing
//! left does nothing, and two at a time do no harm. With the former key in front again it goes back the same way.

use kernel::{Clock, MemberId};

use crate::{
    error::Error,
    store::{
        Vault,
        blind_index::{self, Hanging, State},
        blind_move,
        held::HeldMembers,
        telling::Telling,
    },
};

/// How many members one transaction takes.
const BATCH: u64 = 50;
/// How many cards of batches one transaction takes.
const CARDS: u64 = 200;
/// How many members who cannot be moved are named.
const NAMED: usize = 10;

/// What a move came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// The key that everything is written under now.
    pub key: u8,
    /// Members of whom something was hashed anew.
    pub members: u64,
    /// Cards of batches that were.
    pub cards: u64,
    /// Whatever does not open, and stays where it is.
    pub broken: u64,
    /// The first of the members of whom something does not open.
    pub broken_members: Vec<MemberId>,
}

/// How the index stands, and how many rows hang on which key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which key is written under.
    pub state: State,
    /// The key that the settings want.
    pub wanted: u8,
    /// How many rows hang on each key.
    pub hanging: Vec<(i16, Hanging)>,
}

impl Standing {
    /// How many rows hang on another key than the wanted one.
    #[must_use]
    pub fn left(&self) -> u64 {
        let others = self.hanging.iter().filter(|(key, _)| *key != i16::from(self.wanted));
        others.map(|(_, hanging)| hanging.all()).sum()
    }
}

/// How the index stands.
///
/// # Errors
/// A fault of the database, or keys that are missing.
pub async fn standing(vault: &Vault) -> Result<Standing, Error> {
    let state = blind_index::refresh(vault).await?;
    let hanging = blind_index::keys_in_use(vault.database.connection()).await?;
    Ok(Standing { state, wanted: vault.blind.keys().wanted().id(), hanging })
}

/// Makes the wanted key the current one, and moves everything to it. `progress` hears how many members were looked at. What does not open
/// stays as it is, and is counted.
///
/// # Errors
/// A fault of the database, or keys that are missing. What was done so far stays done.
pub async fn move_blind_index(
    vault: &Vault,
    clock: &dyn Clock,
    mut progress: impl FnMut(u64),
) -> Result<Moved, Error> {
    let tx = vault.database.begin().await?;
    let state = blind_index::turn(&tx, vault, clock.now()).await?;
    tx.commit().await?;
    blind_index::refresh(vault).await?;
    let mut done = Moved { key: state.current, ..Moved::default() };
    let (mut after, mut looked_at) = (None, 0);
    while let Some(last) = move_members(vault, clock, after, &mut done).await? {
        after = Some(last.0);
        looked_at += last.1;
        progress(looked_at);
    }
    let mut after: Option<Vec<u8>> = None;
    loop {
        let tx = vault.database.begin().await?;
        let page = blind_move::move_stock(&tx, vault, after.as_deref(), CARDS).await?;
        tx.commit().await?;
        done.cards += page.moved;
        done.broken += page.broken;
        if page.last.is_none() {
            return Ok(done);
        }
        after = page.last;
    }
}

/// One transaction; answers the last member who was looked at, and how many were.
async fn move_members(
    vault: &Vault,
    clock: &dyn Clock,
    after: Option<MemberId>,
    done: &mut Moved,
) -> Result<Option<(MemberId, u64)>, Error> {
    let tx = vault.database.begin().await?;
    let current = vault.blind.keys().of(done.key)?;
    let ids = blind_move::members_on_others(&tx, current, after, BATCH).await?;
    let Some(last) = ids.last() else { return Ok(None) };
    let mut held = HeldMembers::hold(&tx, &ids).await?;
    let key = blind_index::hold(&tx, vault).await?;
    if key.id() != done.key {
        return Err(anyhow::anyhow!("somebody else moves to key {} meanwhile", key.id()).into());
    }
    let mut telling = Telling::new(&*vault.ids, clock.now());
    for member in ids.iter().filter(|id| held.has(**id)).copied().collect::<Vec<_>>() {
        let Some(told) = blind_move::move_member(&tx, vault, key, member).await? else {
            done.broken += 1;
            done.broken_members.extend(Some(member).filter(|_| done.broken_members.len() < NAMED));
            continue;
        };
        for fact in &told {
            if let Some(number) = held.count_fact(&tx, member).await? {
                telling.tell(member.to_string(), number, fact);
            }
        }
        done.members += 1;
    }
    if !telling.is_empty() {
        telling.stage(&tx).await?;
    }
    tx.commit().await?;
    Ok(Some((*last, u64::try_from(ids.len()).unwrap_or(u64::MAX))))
}
