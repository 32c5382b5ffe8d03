//! Rows of points that are pending or held, and the marks of accounts that have some.

use std::{collections::HashMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::{BranchCode, Day, JournalId, MemberId, Points, Timestamp};
use sea_orm::QueryResult;
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkDelete, BulkInsert, BulkSelect},
};
use uuid::Uuid;

use crate::{
    domain::{Account, AccountState, Aside, Lot, Place},
    store::rows::{at, bound, bound_column},
};

/// What is added to the number of an account's state when points of it are aside: one column says whether there is
/// anything more to read.
const SOME_ASIDE: i16 = 8;

/// The marks of an account.
pub fn marks(account: &Account) -> i16 {
    account.state.number() + if account.asides().is_empty() { 0 } else { SOME_ASIDE }
}

/// The state that marks say, and whether something is aside.
///
/// # Errors
/// When there are no such marks.
pub fn read_marks(marks: i16) -> anyhow::Result<(AccountState, bool)> {
    let some = marks >= SOME_ASIDE;
    let state = AccountState::from_number(marks - if some { SOME_ASIDE } else { 0 });
    Ok((state.context("an account's marks")?, some))
}

static ASIDES: LazyLock<BulkSelect> = LazyLock::new(|| {
    let columns = "member_id, hold_id, ready_at, expires_on, funder, points, bound";
    BulkSelect::new("asides", columns, ("member_id", ColumnType::Uuid))
});

const KEYS: [(&str, ColumnType); 5] = [
    ("member_id", ColumnType::Uuid),
    ("hold_id", ColumnType::Uuid),
    ("ready_at", ColumnType::I64),
    ("expires_on", ColumnType::I32),
    ("funder", ColumnType::Text),
];

static PUT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns: Vec<_> =
        KEYS.into_iter().chain([("points", ColumnType::I64), ("bound", ColumnType::I64)]).collect();
    let conflict = "ON CONFLICT (member_id, hold_id, ready_at, expires_on, funder) \
                    DO UPDATE SET points = excluded.points, bound = excluded.bound";
    BulkInsert::new("asides", &columns, conflict)
});

static GONE: LazyLock<BulkDelete> = LazyLock::new(|| BulkDelete::new("asides", &KEYS));

/// What is aside of these members' points.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn asides(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, Vec<Aside>>> {
    by_member(ASIDES.run(tx, Column::Uuid(members)).await?)
}

fn by_member(rows: Vec<QueryResult>) -> anyhow::Result<HashMap<MemberId, Vec<Aside>>> {
    let mut found: HashMap<MemberId, Vec<Aside>> = HashMap::new();
    for row in rows {
        let (hold, ready): (Uuid, i64) = (at(&row, 1)?, at(&row, 2)?);
        let place = if hold.is_nil() {
            Place::Pending { from: Day::from_number(i32::try_from(ready)?) }
        } else {
            Place::Hold { id: JournalId::from_uuid(hold), until: Timestamp::from_micros(ready) }
        };
        let lot = Lot {
            expires_on: Day::from_number(at(&row, 3)?),
            funder: BranchCode::parse(&at::<String>(&row, 4)?).context("a funder")?,
            points: Points::new(at(&row, 5)?),
            bound: bound(&row, 6)?,
        };
        found.entry(MemberId::from_uuid(at(&row, 0)?)).or_default().push(Aside { place, lot });
    }
    Ok(found)
}

/// Writes what changed: how many points of each lot are in each place now. The accounts' versions guard the rows.
///
/// # Errors
/// When the database refuses.
pub async fn write_asides(tx: &Tx, changed: &[(MemberId, Aside)]) -> anyhow::Result<()> {
    let (there, gone): (Vec<_>, Vec<_>) =
        changed.iter().partition(|(_, aside)| aside.lot.points.is_positive());
    if !gone.is_empty() {
        let gone = Columns::of(&gone);
        GONE.run(tx, &gone.keys()).await?;
    }
    if !there.is_empty() {
        let there = Columns::of(&there);
        let [member, hold, ready, day, funder] = there.keys();
        let (points, bound) = (Column::I64(&there.points), Column::I64OrNull(&there.bound));
        PUT.run(tx, &[member, hold, ready, day, funder, points, bound]).await?;
    }
    Ok(())
}

struct Columns<'a> {
    members: Vec<Uuid>,
    holds: Vec<Uuid>,
    ready: Vec<i64>,
    days: Vec<i32>,
    funders: Vec<&'a str>,
    points: Vec<i64>,
    bound: Vec<Option<i64>>,
}

impl<'a> Columns<'a> {
    fn of(rows: &[&'a (MemberId, Aside)]) -> Self {
        let place = |aside: &Aside| match aside.place {
            Place::Pending { from } => (Uuid::nil(), i64::from(from.number())),
            Place::Hold { id, until } => (id.as_uuid(), until.micros()),
        };
        Self {
            members: rows.iter().map(|(member, _)| member.as_uuid()).collect(),
            holds: rows.iter().map(|(_, aside)| place(aside).0).collect(),
            ready: rows.iter().map(|(_, aside)| place(aside).1).collect(),
            days: rows.iter().map(|(_, aside)| aside.lot.expires_on.number()).collect(),
            funders: rows.iter().map(|(_, aside)| aside.lot.funder.as_str()).collect(),
            points: rows.iter().map(|(_, aside)| aside.lot.points.count()).collect(),
            bound: rows.iter().map(|(_, aside)| bound_column(aside.lot.bound)).collect(),
        }
    }

    fn keys(&self) -> [Column<'_>; 5] {
        [
            Column::Uuid(&self.members),
            Column::Uuid(&self.holds),
            Column::I64(&self.ready),
            Column::I32(&self.days),
            Column::Text(&self.funders),
        ]
    }
}
