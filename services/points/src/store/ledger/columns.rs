//! What a batch decided, turned from rows into the columns of its bulk statements.

use std::sync::Arc;

use kernel::Day;
use store::Column;
use uuid::Uuid;

use super::{AccountChange, Asked, Deed, EntryRow, JournalRow, LotPoints, OperationRow, PurchaseRow};
use crate::store::rows::bound_column;

#[derive(Default)]
pub(super) struct AccountColumns {
    ids: Vec<Uuid>,
    reads: Vec<i64>,
    versions: Vec<i64>,
    balances: Vec<i64>,
    debts: Vec<i64>,
    marks: Vec<i16>,
    next_on: Vec<Option<i32>>,
    next_points: Vec<Option<i64>>,
    idle_on: Vec<Option<i32>>,
}

impl AccountColumns {
    pub(super) fn of(accounts: &[&AccountChange]) -> anyhow::Result<Self> {
        let mut columns = Self::default();
        for account in accounts {
            columns.ids.push(account.member.as_uuid());
            columns.reads.push(i64::try_from(account.read)?);
            columns.versions.push(i64::try_from(account.version)?);
            columns.balances.push(account.balance.count());
            columns.debts.push(account.debt.count());
            columns.marks.push(account.marks);
            columns.next_on.push(account.next.map(|(day, _)| day.number()));
            columns.next_points.push(account.next.map(|(_, points)| points.count()));
            columns.idle_on.push(account.idle_on.map(Day::number));
        }
        Ok(columns)
    }

    /// Rows that were not there before.
    pub(super) fn new_rows(&self) -> [Column<'_>; 8] {
        let [version, balance, debt, marks, next_on, next_points, idle_on] = self.now();
        [Column::Uuid(&self.ids), version, balance, debt, marks, next_on, next_points, idle_on]
    }

    /// Rows found by id and the version that was read.
    pub(super) fn changed_rows(&self) -> [Column<'_>; 9] {
        let [version, balance, debt, marks, next_on, next_points, idle_on] = self.now();
        [
            Column::Uuid(&self.ids),
            Column::I64(&self.reads),
            version,
            balance,
            debt,
            marks,
            next_on,
            next_points,
            idle_on,
        ]
    }

    /// What the rows say from now on.
    fn now(&self) -> [Column<'_>; 7] {
        [
            Column::I64(&self.versions),
            Column::I64(&self.balances),
            Column::I64(&self.debts),
            Column::I16(&self.marks),
            Column::I32OrNull(&self.next_on),
            Column::I64OrNull(&self.next_points),
            Column::I32OrNull(&self.idle_on),
        ]
    }
}

#[derive(Default)]
pub(super) struct LotColumns<'a> {
    ids: Vec<Uuid>,
    days: Vec<i32>,
    funders: Vec<&'a str>,
    points: Vec<i64>,
    bound: Vec<Option<i64>>,
}

impl<'a> LotColumns<'a> {
    pub(super) fn of(lots: &'a [LotPoints]) -> Self {
        let mut columns = Self::default();
        for (member, lot) in lots {
            columns.ids.push(member.as_uuid());
            columns.days.push(lot.expires_on.number());
            columns.funders.push(lot.funder.as_str());
            columns.points.push(lot.points.count());
            columns.bound.push(bound_column(lot.bound));
        }
        columns
    }

    pub(super) fn keys(&self) -> [Column<'_>; 3] {
        [Column::Uuid(&self.ids), Column::I32(&self.days), Column::Text(&self.funders)]
    }

    pub(super) fn rows(&self) -> [Column<'_>; 5] {
        let [member, day, funder] = self.keys();
        [member, day, funder, Column::I64(&self.points), Column::I64OrNull(&self.bound)]
    }
}

/// A journal with its first movement.
type Recorded = (Arc<JournalRow>, Option<EntryRow>);

/// The columns of journals; those that only purchases have are empty for the others.
pub(super) struct JournalColumns<'a> {
    ids: Vec<Uuid>,
    members: Vec<Uuid>,
    versions: Vec<i64>,
    kinds: Vec<i16>,
    recorded: Vec<i64>,
    points: Vec<i64>,
    balances: Vec<i64>,
    programmes: Vec<Option<i32>>,
    keys: Vec<Option<Uuid>>,
    fingerprints: Vec<Option<Uuid>>,
    branches: Vec<Option<&'a str>>,
    tills: Vec<Option<&'a str>>,
    receipts: Vec<Option<&'a str>>,
    operations: Vec<Option<&'a str>>,
    occurred: Vec<Option<i64>>,
    amounts: Vec<Option<i64>>,
    currencies: Vec<Option<&'a str>>,
    traces: Vec<Option<&'a str>>,
    expires_on: Vec<Option<i32>>,
    expires_points: Vec<Option<i64>>,
    lines: Vec<Option<&'a str>>,
    originals: Vec<Option<Uuid>>,
    actors: Vec<Option<&'a str>>,
    reasons: Vec<Option<&'a str>>,
    details: Vec<Option<&'a str>>,
    first: FirstColumns<'a>,
}

impl<'a> JournalColumns<'a> {
    /// `traces` are those of [`traces`].
    pub(super) fn of(rows: &'a [Recorded], traces: &'a [Option<String>]) -> anyhow::Result<Self> {
        let versions =
            rows.iter().map(|(row, _)| i64::try_from(row.version)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            ids: each(rows, |row| row.id.as_uuid()),
            members: each(rows, |row| row.member.as_uuid()),
            versions,
            kinds: each(rows, |row| row.kind().number()),
            recorded: each(rows, |row| row.recorded_at.micros()),
            points: each(rows, |row| row.points.count()),
            balances: each(rows, |row| row.balance.count()),
            programmes: bought(rows, |p| i32::try_from(p.programme_version).ok()),
            keys: perhaps(rows, |row| Some(Uuid::from_bytes(row.request()?.0.0))),
            fingerprints: perhaps(rows, |row| Some(Uuid::from_bytes(row.request()?.1.0))),
            branches: perhaps(rows, branch),
            tills: asked(rows, |a| a.till.as_str()),
            receipts: asked(rows, |a| a.receipt.as_str()),
            operations: asked(rows, |a| a.operation.as_str()),
            occurred: asked(rows, |a| a.occurred_at.micros()),
            amounts: asked(rows, |a| a.amount),
            currencies: asked(rows, |a| a.currency.code()),
            traces: traces.iter().map(Option::as_deref).collect(),
            expires_on: bought(rows, |p| p.expires_next.map(|(day, _)| day.number())),
            expires_points: bought(rows, |p| p.expires_next.map(|(_, points)| points.count())),
            lines: perhaps(rows, lines),
            originals: perhaps(rows, JournalRow::about),
            actors: operated(rows, |o| o.actor.as_deref()),
            reasons: operated(rows, |o| o.reason.as_deref()),
            details: bought(rows, |p| p.details.as_deref()),
            first: FirstColumns::of(rows),
        })
    }

    pub(super) fn rows(&self) -> [Column<'_>; 32] {
        let first = &self.first;
        [
            Column::Uuid(&self.ids),
            Column::Uuid(&self.members),
            Column::I64(&self.versions),
            Column::I16(&self.kinds),
            Column::I64(&self.recorded),
            Column::I64(&self.points),
            Column::I64(&self.balances),
            Column::I32OrNull(&self.programmes),
            Column::UuidOrNull(&self.keys),
            Column::UuidOrNull(&self.fingerprints),
            Column::TextOrNull(&self.branches),
            Column::TextOrNull(&self.tills),
            Column::TextOrNull(&self.receipts),
            Column::TextOrNull(&self.operations),
            Column::I64OrNull(&self.occurred),
            Column::I64OrNull(&self.amounts),
            Column::TextOrNull(&self.currencies),
            Column::TextOrNull(&self.traces),
            Column::I32OrNull(&self.expires_on),
            Column::I64OrNull(&self.expires_points),
            Column::TextOrNull(&self.lines),
            Column::UuidOrNull(&self.originals),
            Column::TextOrNull(&self.actors),
            Column::TextOrNull(&self.reasons),
            Column::TextOrNull(&self.details),
            Column::I16OrNull(&first.templates),
            Column::UuidOrNull(&first.debits),
            Column::UuidOrNull(&first.credits),
            Column::I64OrNull(&first.points),
            Column::I32OrNull(&first.days),
            Column::TextOrNull(&first.funders),
            Column::I64OrNull(&first.bound),
        ]
    }
}

/// What was decided about journals, as it is stored.
pub(super) fn traces(rows: &[Recorded]) -> Vec<Option<String>> {
    let trace = |row: &JournalRow| match &row.deed {
        Deed::Purchase(purchase) => Some(purchase.decided()),
        Deed::Return(returned) => Some(returned.decided()),
        Deed::Operation(operation) => operation.outcome.clone(),
    };
    rows.iter().map(|(row, _)| trace(row)).collect()
}

fn branch(row: &JournalRow) -> Option<&str> {
    let operation = || row.operation()?.branch.as_ref();
    Some(row.asked().map(|asked| &asked.branch).or_else(operation)?.as_str())
}

fn lines(row: &JournalRow) -> Option<&str> {
    let returned = || row.returned()?.lines.as_deref();
    row.purchase().and_then(|purchase| purchase.lines.as_deref()).or_else(returned)
}

fn perhaps<'a, T>(rows: &'a [Recorded], pick: fn(&'a JournalRow) -> Option<T>) -> Vec<Option<T>> {
    rows.iter().map(|(row, _)| pick(row)).collect()
}

fn operated<'a, T>(rows: &'a [Recorded], pick: fn(&'a OperationRow) -> Option<T>) -> Vec<Option<T>> {
    rows.iter().map(|(row, _)| row.operation().and_then(pick)).collect()
}

fn asked<'a, T>(rows: &'a [Recorded], pick: fn(&'a Asked) -> T) -> Vec<Option<T>> {
    rows.iter().map(|(row, _)| row.asked().map(pick)).collect()
}

fn each<T>(rows: &[Recorded], pick: fn(&JournalRow) -> T) -> Vec<T> {
    rows.iter().map(|(row, _)| pick(row)).collect()
}

fn bought<'a, T>(rows: &'a [Recorded], pick: fn(&'a PurchaseRow) -> Option<T>) -> Vec<Option<T>> {
    rows.iter().map(|(row, _)| row.purchase().and_then(pick)).collect()
}

/// The columns of the journals' first movements.
struct FirstColumns<'a> {
    templates: Vec<Option<i16>>,
    debits: Vec<Option<Uuid>>,
    credits: Vec<Option<Uuid>>,
    points: Vec<Option<i64>>,
    days: Vec<Option<i32>>,
    funders: Vec<Option<&'a str>>,
    bound: Vec<Option<i64>>,
}

impl<'a> FirstColumns<'a> {
    fn of(rows: &'a [Recorded]) -> Self {
        let firsts = || rows.iter().map(|(_, first)| first.as_ref());
        Self {
            templates: firsts().map(|first| Some(first?.movement.template.number())).collect(),
            debits: firsts().map(|first| Some(first?.debit)).collect(),
            credits: firsts().map(|first| Some(first?.credit)).collect(),
            points: firsts().map(|first| Some(first?.movement.points.count())).collect(),
            days: firsts().map(|first| Some(first?.movement.expires_on.number())).collect(),
            funders: firsts().map(|first| Some(first?.movement.funder.as_str())).collect(),
            bound: firsts().map(|first| bound_column(first?.movement.bound)).collect(),
        }
    }
}

/// The columns of the journals' other movements.
pub(super) struct LegColumns<'a> {
    members: Vec<Uuid>,
    versions: Vec<i64>,
    legs: Vec<i16>,
    templates: Vec<i16>,
    debits: Vec<Uuid>,
    credits: Vec<Uuid>,
    points: Vec<i64>,
    days: Vec<i32>,
    funders: Vec<&'a str>,
    bound: Vec<Option<i64>>,
}

impl<'a> LegColumns<'a> {
    pub(super) fn of(rows: &'a [EntryRow]) -> anyhow::Result<Self> {
        Ok(Self {
            members: rows.iter().map(|row| row.movement.member.as_uuid()).collect(),
            versions: rows.iter().map(|row| i64::try_from(row.version)).collect::<Result<Vec<_>, _>>()?,
            legs: rows.iter().map(|row| row.leg).collect(),
            templates: rows.iter().map(|row| row.movement.template.number()).collect(),
            debits: rows.iter().map(|row| row.debit).collect(),
            credits: rows.iter().map(|row| row.credit).collect(),
            points: rows.iter().map(|row| row.movement.points.count()).collect(),
            days: rows.iter().map(|row| row.movement.expires_on.number()).collect(),
            funders: rows.iter().map(|row| row.movement.funder.as_str()).collect(),
            bound: rows.iter().map(|row| bound_column(row.movement.bound)).collect(),
        })
    }

    pub(super) fn rows(&self) -> [Column<'_>; 10] {
        [
            Column::Uuid(&self.members),
            Column::I64(&self.versions),
            Column::I16(&self.legs),
            Column::I16(&self.templates),
            Column::Uuid(&self.debits),
            Column::Uuid(&self.credits),
            Column::I64(&self.points),
            Column::I32(&self.days),
            Column::Text(&self.funders),
            Column::I64OrNull(&self.bound),
        ]
    }
}
