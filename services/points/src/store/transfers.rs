//! Rows of transfers, and what is asked of them when another one is decided.

use std::{collections::HashMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::{Day, MemberId, Points, Timestamp, TransferId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect,
};
use store::{
    Backend, Column as Values, ColumnType, Database, StoreError, Tx,
    bulk::{BulkInsert, BulkSelect},
};
use uuid::Uuid;

use super::{
    ledger::{self, Changed},
    rows::{at, query},
    tables::transfer::{self, Column, Entity, Model},
};
use crate::domain::{
    Lot, Relation, SentBefore, Template, Transfer, TransferKind, TransferStatus, TransferTerms, Window,
};

/// A transfer as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// The transfer.
    pub transfer: Transfer,
    /// Why somebody made it on the sender's behalf, in that person's words.
    pub reason: Option<String>,
    /// The programme version whose terms hold for it.
    pub programme_version: u32,
    /// The version of the sender's account by which the points left.
    pub sent_version: u64,
    /// The version by which they arrived (the receiver's account) or came back (the sender's).
    pub ended_version: Option<u64>,
}

static NEW: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", ColumnType::Uuid),
        ("kind", ColumnType::I16),
        ("sender", ColumnType::Uuid),
        ("receiver", ColumnType::Uuid),
        ("points", ColumnType::I64),
        ("fee", ColumnType::I64),
        ("agent", ColumnType::Text),
        ("reason", ColumnType::Text),
        ("programme_version", ColumnType::I32),
        ("requested_at", ColumnType::I64),
        ("requested_on", ColumnType::I32),
        ("ended_at", ColumnType::I64),
        ("status", ColumnType::I16),
        ("due_at", ColumnType::I64),
        ("sent_version", ColumnType::I64),
        ("ended_version", ColumnType::I64),
    ];
    BulkInsert::new("transfers", &columns, "")
});

/// Writes new transfers, to which nobody has said anything yet.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &Tx, rows: &[TransferRow]) -> anyhow::Result<()> {
    let models = rows.iter().map(model).collect::<anyhow::Result<Vec<_>>>()?;
    let (ids, kinds) = (each(&models, |row| row.id), each(&models, |row| row.kind));
    let (senders, receivers) = (each(&models, |row| row.sender), each(&models, |row| row.receiver));
    let (points, fees) = (each(&models, |row| row.points), each(&models, |row| row.fee));
    let (agents, reasons) =
        (each(&models, |row| row.agent.as_deref()), each(&models, |row| row.reason.as_deref()));
    let programmes = each(&models, |row| row.programme_version);
    let (at, on) = (each(&models, |row| row.requested_at), each(&models, |row| row.requested_on));
    let (ended, statuses) = (each(&models, |row| row.ended_at), each(&models, |row| row.status));
    let (due, sent) = (each(&models, |row| row.due_at), each(&models, |row| row.sent_version));
    let ended_versions = each(&models, |row| row.ended_version);
    let columns = [
        Values::Uuid(&ids),
        Values::I16(&kinds),
        Values::Uuid(&senders),
        Values::Uuid(&receivers),
        Values::I64(&points),
        Values::I64(&fees),
        Values::TextOrNull(&agents),
        Values::TextOrNull(&reasons),
        Values::I32(&programmes),
        Values::I64(&at),
        Values::I32(&on),
        Values::I64OrNull(&ended),
        Values::I16(&statuses),
        Values::I64OrNull(&due),
        Values::I64(&sent),
        Values::I64OrNull(&ended_versions),
    ];
    NEW.run(tx, &columns).await?;
    Ok(())
}

fn each<'a, T>(models: &'a [Model], pick: fn(&'a Model) -> T) -> Vec<T> {
    models.iter().map(pick).collect()
}

static KNOWN: LazyLock<BulkSelect> = LazyLock::new(|| {
    let joined = "members LEFT JOIN households ON households.member_id = members.member_id";
    BulkSelect::new(joined, "members.member_id, household", ("members.member_id", ColumnType::Uuid))
});

/// Those of these members whom points has heard of, each with their household; nobody is held.
///
/// # Errors
/// When the database refuses.
pub async fn known(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, Option<Uuid>>> {
    let rows = KNOWN.run(tx, Values::Uuid(members)).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?))).collect()
}

/// Writes how far a transfer has come.
///
/// # Errors
/// [`Changed`] when it no longer stood where it stood as it was read; otherwise why the database refused.
pub async fn update(tx: &Tx, row: &TransferRow, before: TransferStatus) -> anyhow::Result<()> {
    let now = model(row)?;
    let changed = transfer::ActiveModel {
        confirmed_at: Set(now.confirmed_at),
        approved_at: Set(now.approved_at),
        reviewer: Set(now.reviewer),
        accepted_at: Set(now.accepted_at),
        ended_at: Set(now.ended_at),
        status: Set(now.status),
        due_at: Set(now.due_at),
        ended_version: Set(now.ended_version),
        ..Default::default()
    };
    let update = Entity::update_many().set(changed).filter(Column::Id.eq(now.id));
    let update = update.filter(Column::Status.eq(before.number()));
    let done = update.exec(tx.connection()).await.map_err(StoreError::from)?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Changed.into()) }
}

/// A transfer by its id.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn load<C: ConnectionTrait>(db: &C, id: TransferId) -> anyhow::Result<Option<TransferRow>> {
    let found = Entity::find_by_id(id.as_uuid()).one(db).await.map_err(StoreError::from)?;
    found.as_ref().map(read).transpose()
}

/// The same, and nobody else changes it until the transaction ends. Lock its accounts first: all who need both do.
///
/// # Errors
/// As [`load`].
pub async fn load_locked(tx: &Tx, id: TransferId) -> anyhow::Result<Option<TransferRow>> {
    let find = Entity::find_by_id(id.as_uuid());
    let find = if tx.backend() == Backend::Postgres { find.lock_exclusive() } else { find };
    let found = find.one(tx.connection()).await.map_err(StoreError::from)?;
    found.as_ref().map(read).transpose()
}

/// A place in a member's list: the day and the id.
pub type TransferPlace = (i32, TransferId);

/// What a member sent and got, newest first, past a place.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn of_member(
    database: &Database,
    member: MemberId,
    past: Option<TransferPlace>,
    limit: u32,
) -> anyhow::Result<Vec<TransferRow>> {
    let either =
        Condition::any().add(Column::Sender.eq(member.as_uuid())).add(Column::Receiver.eq(member.as_uuid()));
    let mut find = Entity::find().filter(either);
    if let Some((day, id)) = past {
        let same_day = Condition::all().add(Column::RequestedOn.eq(day)).add(Column::Id.lt(id.as_uuid()));
        find = find.filter(Condition::any().add(Column::RequestedOn.lt(day)).add(same_day));
    }
    let find = find.order_by_desc(Column::RequestedOn).order_by_desc(Column::Id).limit(u64::from(limit));
    let rows = find.all(database.connection()).await.map_err(StoreError::from)?;
    rows.iter().map(read).collect()
}

/// Transfers that time has moved on, those due first; of one member or of all.
///
/// # Errors
/// When the database refuses.
pub async fn due(
    database: &Database,
    now: Timestamp,
    of: Option<MemberId>,
    limit: u64,
) -> anyhow::Result<Vec<TransferId>> {
    let mut find = Entity::find().filter(Column::DueAt.lte(now.micros()));
    if let Some(member) = of.map(MemberId::as_uuid) {
        find = find.filter(Condition::any().add(Column::Sender.eq(member)).add(Column::Receiver.eq(member)));
    }
    let find = find.select_only().column(Column::Id).order_by_asc(Column::DueAt).limit(limit);
    let ids = find.into_tuple::<uuid::Uuid>().all(database.connection()).await.map_err(StoreError::from)?;
    Ok(ids.into_iter().map(TransferId::from_uuid).collect())
}

/// What left a sender's account by one journal: the lots that travel, and those that paid the fee.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn sent_lots(tx: &Tx, sender: MemberId, version: u64) -> anyhow::Result<(Vec<Lot>, Vec<Lot>)> {
    let (mut lots, mut fee) = (Vec::new(), Vec::new());
    for (template, lot) in ledger::moved(tx, sender, version).await? {
        match template {
            Template::TransferSent => lots.push(lot),
            Template::TransferFee => fee.push(lot),
            other => anyhow::bail!("a transfer was sent by {other:?}"),
        }
    }
    Ok((lots, fee))
}

/// Keeps other transfers of these two from being decided until the transaction ends, and answers who of them is known and
/// what they are to each other.
///
/// Caps are summed up over transfers, so whoever decides one holds both members; always in the order of their ids, so that
/// nobody waits in a circle. (P6)
///
/// # Errors
/// When the database refuses.
pub async fn hold_members(tx: &Tx, two: [MemberId; 2]) -> anyhow::Result<(Vec<MemberId>, Relation)> {
    let lock = if tx.backend() == Backend::Postgres { " FOR NO KEY UPDATE OF m" } else { "" };
    let sql = format!(
        "SELECT m.member_id, h.household FROM members m LEFT JOIN households h ON h.member_id = m.member_id \
         WHERE m.member_id IN ($1, $2) ORDER BY m.member_id{lock}"
    );
    let rows = query(tx, &sql, two.map(|member| member.as_uuid().into())).await?;
    let known = rows.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?)));
    let known = known.collect::<anyhow::Result<Vec<_>>>()?;
    let households = rows.iter().map(|row| at::<Option<uuid::Uuid>>(row, 1));
    let households = households.collect::<anyhow::Result<Vec<_>>>()?;
    let one_household = matches!(households.as_slice(), [Some(one), Some(other)] if one == other);
    // Points knows no tiers yet: nobody is in the same group as anybody.
    Ok((known, Relation { one_household, one_tier_group: false }))
}

/// What two members transferred before, as far as these terms ask for it. What came back, or is about to, does not count.
///
/// # Errors
/// When the database refuses.
pub async fn sent_before(
    tx: &Tx,
    terms: &TransferTerms,
    [sender, receiver]: [MemberId; 2],
    today: Day,
    now: Timestamp,
) -> anyhow::Result<SentBefore> {
    let mut before = SentBefore::default();
    if !(terms.sent.is_empty() && terms.receivers.is_empty()) {
        let row = sums(tx, "sender", [sender, receiver], today, now).await?;
        for place in 0..3 {
            before.sent[place] = Points::new(at(&row, place)?);
            before.other_receivers[place] = at(&row, place + 3)?;
        }
    }
    if !terms.received.is_empty() {
        let row = sums(tx, "receiver", [receiver, receiver], today, now).await?;
        for place in 0..3 {
            before.received[place] = Points::new(at(&row, place)?);
        }
    }
    Ok(before)
}

/// Sums of one side for day, month and year, and the numbers of others than `not` on its other side.
async fn sums(
    tx: &Tx,
    side: &str,
    [member, not]: [MemberId; 2],
    today: Day,
    now: Timestamp,
) -> anyhow::Result<QueryResult> {
    let [day, month, year] = Window::ALL.map(|window| window.begins(today).number());
    let points = |since: i32| {
        format!("CAST(COALESCE(SUM(CASE WHEN requested_on >= {since} THEN points END), 0) AS bigint)")
    };
    let others = |since: i32| {
        format!("COUNT(DISTINCT CASE WHEN requested_on >= {since} AND receiver <> $2 THEN receiver END)")
    };
    let columns = [points(day), points(month), points(year), others(day), others(month), others(year)];
    let [completed, cooling] =
        [TransferStatus::Completed, TransferStatus::CoolingOff].map(TransferStatus::number);
    let sql = format!(
        "SELECT {} FROM transfers WHERE {side} = $1 AND requested_on >= {year} \
         AND (status IN ({completed}, {cooling}) OR due_at > $3)",
        columns.join(", ")
    );
    let values = [member.as_uuid().into(), not.as_uuid().into(), now.micros().into()];
    query(tx, &sql, values).await?.into_iter().next().context("sums have one row")
}

/// When the first journal of an account was recorded.
///
/// # Errors
/// When the database refuses.
pub async fn opened_at(tx: &Tx, member: MemberId) -> anyhow::Result<Option<Timestamp>> {
    let sql = "SELECT recorded_at FROM journals WHERE member_id = $1 AND version = 1";
    let rows = query(tx, sql, [member.as_uuid().into()]).await?;
    rows.first().map(|row| at(row, 0).map(Timestamp::from_micros)).transpose()
}

fn model(row: &TransferRow) -> anyhow::Result<Model> {
    let transfer = &row.transfer;
    let micros = |at: Option<Timestamp>| at.map(Timestamp::micros);
    Ok(Model {
        id: transfer.id.as_uuid(),
        kind: transfer.kind.number(),
        sender: transfer.sender.as_uuid(),
        receiver: transfer.receiver.as_uuid(),
        points: transfer.points.count(),
        fee: transfer.fee.count(),
        agent: transfer.agent.clone(),
        reason: row.reason.clone(),
        programme_version: i32::try_from(row.programme_version)?,
        requested_at: transfer.requested_at.micros(),
        requested_on: transfer.requested_on.number(),
        confirmed_at: micros(transfer.confirmed_at),
        approved_at: micros(transfer.approved_at),
        reviewer: transfer.reviewer.clone(),
        accepted_at: micros(transfer.accepted_at),
        ended_at: micros(transfer.ended_at),
        status: transfer.status.number(),
        due_at: micros(transfer.due_at),
        sent_version: i64::try_from(row.sent_version)?,
        ended_version: row.ended_version.map(i64::try_from).transpose()?,
    })
}

fn read(row: &Model) -> anyhow::Result<TransferRow> {
    let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    let transfer = Transfer {
        id: TransferId::from_uuid(row.id),
        kind: TransferKind::from_number(row.kind).context("a kind of transfer")?,
        sender: MemberId::from_uuid(row.sender),
        receiver: MemberId::from_uuid(row.receiver),
        points: Points::new(row.points),
        fee: Points::new(row.fee),
        agent: row.agent.clone(),
        requested_at: Timestamp::from_micros(row.requested_at),
        requested_on: Day::from_number(row.requested_on),
        confirmed_at: at(row.confirmed_at),
        approved_at: at(row.approved_at),
        reviewer: row.reviewer.clone(),
        accepted_at: at(row.accepted_at),
        ended_at: at(row.ended_at),
        status: TransferStatus::from_number(row.status).context("a status of a transfer")?,
        due_at: at(row.due_at),
    };
    Ok(TransferRow {
        transfer,
        reason: row.reason.clone(),
        programme_version: u32::try_from(row.programme_version)?,
        sent_version: u64::try_from(row.sent_version)?,
        ended_version: row.ended_version.map(u64::try_from).transpose()?,
    })
}
