//! How much of each limit was used: read with the batch that counts, written with a check of what was read.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use kernel::{Day, Points};
use ring::digest::{SHA256, digest};
use store::{
    Column, ColumnType, StoreError, Tx,
    bulk::{BulkInsert, BulkSelect, BulkUpdate},
};
use uuid::Uuid;

use super::ledger::Changed;
use crate::domain::{Tallies, Tally, TallyKey};

const COLUMNS: &str = "id, begun, used";

static TALLIES: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("tallies", COLUMNS, ("id", ColumnType::Uuid)));
static LOCKED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::for_update("tallies", COLUMNS, ("id", ColumnType::Uuid)));
static NEW: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("id", ColumnType::Uuid), ("begun", ColumnType::I32), ("used", ColumnType::I64)];
    BulkInsert::new("tallies", &columns, "")
});
static COUNTED: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let now = [("begun", ColumnType::I32), ("used", ColumnType::I64)];
    BulkUpdate::new("tallies", &[("id", ColumnType::Uuid), now[0], now[1]], &now)
});

/// The tallies that a batch may count towards, as they were read and as they evolve.
#[derive(Default)]
pub struct Counted {
    /// In the order of their ids, so that two batches never wait for each other in a circle.
    keys: Vec<(Uuid, TallyKey)>,
    read: HashMap<Uuid, Tally>,
    /// What decisions see and count up.
    pub tallies: Tallies,
}

/// Reads the tallies of these keys; with `locked` nobody else counts them until the transaction ends.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn load(tx: &Tx, keys: BTreeSet<TallyKey>, locked: bool) -> anyhow::Result<Counted> {
    let mut keys: Vec<(Uuid, TallyKey)> = keys.into_iter().map(|key| (id(&key), key)).collect();
    keys.sort_unstable_by_key(|(id, _)| *id);
    let ids: Vec<Uuid> = keys.iter().map(|(id, _)| *id).collect();
    let select = if locked { &LOCKED } else { &TALLIES };
    let mut read = HashMap::with_capacity(ids.len());
    for row in select.run(tx, Column::Uuid(&ids)).await? {
        let at = |index| row.try_get_by_index::<i64>(index).map_err(StoreError::from);
        let begun = row.try_get_by_index::<i32>(1).map_err(StoreError::from)?;
        let tally = Tally { begun: Day::from_number(begun), used: Points::new(at(2)?) };
        read.insert(row.try_get_by_index(0).map_err(StoreError::from)?, tally);
    }
    let mut tallies = Tallies::default();
    for (id, key) in &keys {
        if let Some(tally) = read.get(id) {
            tallies.note(key.clone(), *tally);
        }
    }
    Ok(Counted { keys, read, tallies })
}

/// Writes what was counted.
///
/// **Every update checks what was read**: where somebody else counted meanwhile, the batch is decided again.
///
/// # Errors
/// [`Changed`]; a unique violation when somebody else counted first; otherwise why the database refused.
pub async fn write(tx: &Tx, counted: &Counted) -> anyhow::Result<()> {
    let (mut new, mut known) = (Rows::default(), Rows::default());
    let mut before = Rows::default();
    for (id, key) in &counted.keys {
        let Some(now) = counted.tallies.get(key) else { continue };
        match counted.read.get(id) {
            None => new.push(*id, now),
            Some(read) if *read != now => {
                before.push(*id, *read);
                known.push(*id, now);
            }
            Some(_) => {}
        }
    }
    if !new.ids.is_empty() {
        NEW.run(tx, &[Column::Uuid(&new.ids), Column::I32(&new.begun), Column::I64(&new.used)]).await?;
    }
    if known.ids.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::Uuid(&known.ids),
        Column::I32(&before.begun),
        Column::I64(&before.used),
        Column::I32(&known.begun),
        Column::I64(&known.used),
    ];
    let touched = COUNTED.run(tx, &columns).await?;
    if touched == known.ids.len() as u64 { Ok(()) } else { Err(Changed.into()) }
}

#[derive(Default)]
struct Rows {
    ids: Vec<Uuid>,
    begun: Vec<i32>,
    used: Vec<i64>,
}

impl Rows {
    fn push(&mut self, id: Uuid, tally: Tally) {
        self.ids.push(id);
        self.begun.push(tally.begun.number());
        self.used.push(tally.used.count());
    }
}

/// The id of a tally's row.
fn id(key: &TallyKey) -> Uuid {
    // A limit's code has no space, so the two cannot run into each other.
    let hash = digest(&SHA256, format!("vafa tally {} {}", key.limit, key.of).as_bytes());
    let bytes = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
