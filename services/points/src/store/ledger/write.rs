//! Everything that a batch decided, written in bulk.

use std::sync::LazyLock;

use kernel::{Day, MemberId, Points};
use store::{
    ColumnType, Tx,
    bulk::{BulkDelete, BulkInsert, BulkTogether, BulkUpdate},
    outbox::{ParcelRow, STAGE, Staged},
};
use uuid::Uuid;

use super::{
    Changed, JournalRow,
    asides::write_asides,
    columns::{AccountColumns, JournalColumns, LegColumns, LotColumns, traces},
};
use crate::domain::{Aside, Lot, Movement};

/// One row of the ledger: a movement with its place in the account's history.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// The account's version with its journal.
    pub version: u64,
    /// Which movement of the journal, from 0.
    pub leg: i16,
    /// The movement.
    pub movement: Movement,
    /// The account that the points leave.
    pub debit: Uuid,
    /// The account that the points reach.
    pub credit: Uuid,
}

/// An account before and after the batch.
#[derive(Clone, Copy, Debug)]
pub struct AccountChange {
    /// Whose.
    pub member: MemberId,
    /// The version as it was read; zero for a new account.
    pub read: u64,
    /// The version now.
    pub version: u64,
    /// The balance now.
    pub balance: Points,
    /// The debt now.
    pub debt: Points,
    /// Its state, and whether points of it are aside.
    pub marks: i16,
    /// What lapses next now.
    pub next: Option<(Day, Points)>,
    /// The last day of everything unless something happens.
    pub idle_on: Option<Day>,
}

/// Points of a lot: whose, and which.
pub type LotPoints = (MemberId, Lot);

/// Everything that a batch decided.
#[derive(Default)]
pub struct Batch {
    /// The journals, each once, with their first movements.
    pub journals: Vec<(std::sync::Arc<JournalRow>, Option<EntryRow>)>,
    /// Their other movements.
    pub legs: Vec<EntryRow>,
    /// The accounts that changed.
    pub accounts: Vec<AccountChange>,
    /// Points that came to lots, each lot once.
    pub lots: Vec<LotPoints>,
    /// Lots that have fewer points than before, or fewer bound ones, with what is in them now.
    pub fewer: Vec<LotPoints>,
    /// Lots that are gone, with none.
    pub gone: Vec<LotPoints>,
    /// Points that are pending or held, where that changed; none where they are gone.
    pub asides: Vec<(MemberId, Aside)>,
}

use ColumnType::{I16, I32, I64, Text, Uuid as Id};

static JOURNALS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", Id),
        ("member_id", Id),
        ("version", I64),
        ("kind", I16),
        ("recorded_at", I64),
        ("points", I64),
        ("balance", I64),
        ("programme_version", I32),
        ("idempotency_key", Id),
        ("fingerprint", Id),
        ("branch", Text),
        ("till", Text),
        ("receipt", Text),
        ("operation", Text),
        ("occurred_at", I64),
        ("amount", I64),
        ("currency", Text),
        ("trace", Text),
        ("expires_next_on", I32),
        ("expires_next_points", I64),
        ("lines", Text),
        ("original", Id),
        ("actor", Text),
        ("reason", Text),
        ("details", Text),
        ("template", I16),
        ("debit", Id),
        ("credit", Id),
        ("moved", I64),
        ("expires_on", I32),
        ("funder", Text),
        ("bound", I64),
    ];
    BulkInsert::new("journals", &columns, "")
});

static LEGS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("member_id", Id),
        ("version", I64),
        ("leg", I16),
        ("template", I16),
        ("debit", Id),
        ("credit", Id),
        ("points", I64),
        ("expires_on", I32),
        ("funder", Text),
        ("bound", I64),
    ];
    BulkInsert::new("legs", &columns, "")
});

static NEW_ACCOUNTS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("member_id", Id),
        ("version", I64),
        ("balance", I64),
        ("debt", I64),
        ("marks", I16),
        ("next_on", I32),
        ("next_points", I64),
        ("idle_on", I32),
    ];
    BulkInsert::new("accounts", &columns, "")
});

static ACCOUNTS: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let set = [
        ("version", I64),
        ("balance", I64),
        ("debt", I64),
        ("marks", I16),
        ("next_on", I32),
        ("next_points", I64),
        ("idle_on", I32),
    ];
    BulkUpdate::new("accounts", &[("member_id", Id), ("version", I64)], &set)
});

static LOTS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("member_id", Id), ("expires_on", I32), ("funder", Text), ("points", I64), ("bound", I64)];
    BulkInsert::new(
        "lots",
        &columns,
        "ON CONFLICT (member_id, expires_on, funder) DO UPDATE SET points = lots.points + excluded.points, \
         bound = COALESCE(lots.bound + excluded.bound, lots.bound, excluded.bound)",
    )
});

static FEWER: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let keys = [("member_id", Id), ("expires_on", I32), ("funder", Text)];
    BulkUpdate::new("lots", &keys, &[("points", I64), ("bound", I64)])
});

static GONE: LazyLock<BulkDelete> =
    LazyLock::new(|| BulkDelete::new("lots", &[("member_id", Id), ("expires_on", I32), ("funder", Text)]));

/// All of a batch in one round trip.
static ALL: LazyLock<BulkTogether> = LazyLock::new(|| {
    BulkTogether::new(&[&*NEW_ACCOUNTS, &*ACCOUNTS, &*LOTS, &*FEWER, &*GONE, &*JOURNALS, &*LEGS, &*STAGE])
});

/// Writes a batch, and the parcel that tells of it.
///
/// **Every update checks the version that was read**: where the database locks no rows (SQLite), or a lock was lost, a
/// balance that somebody else changed meanwhile is found here and the batch is decided again.
///
/// # Errors
/// [`Changed`]; a unique violation when somebody else recorded the same purchase or opened the same account; otherwise
/// why the database refused. The caller rolls back.
pub async fn write(tx: &Tx, batch: &Batch, parcel: &ParcelRow) -> anyhow::Result<()> {
    let (fresh, known): (Vec<_>, Vec<_>) = batch.accounts.iter().partition(|account| account.read == 0);
    let (fresh, old) = (AccountColumns::of(&fresh)?, AccountColumns::of(&known)?);
    let (lots, fewer) = (LotColumns::of(&batch.lots), LotColumns::of(&batch.fewer));
    let gone = LotColumns::of(&batch.gone);
    let traces = traces(&batch.journals);
    let journals = JournalColumns::of(&batch.journals, &traces)?;
    let legs = LegColumns::of(&batch.legs)?;
    let staged = Staged::of(parcel);
    tx.note_parcel();
    let columns: [&[_]; 8] = [
        &fresh.new_rows(),
        &old.changed_rows(),
        &lots.rows(),
        &fewer.rows(),
        &gone.keys(),
        &journals.rows(),
        &legs.rows(),
        &staged.columns(),
    ];
    write_asides(tx, &batch.asides).await?;
    let touched = ALL.run(tx, &columns).await?;
    let meant = [known.len(), batch.fewer.len(), batch.gone.len()].map(|rows| rows as u64);
    if touched == meant { Ok(()) } else { Err(Changed.into()) }
}
