//! What a batch needs to know, one query per kind of row.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use anyhow::Context as _;
use contracts::points::ReturnedLine;
use kernel::{BranchCode, Day, Digest16, JournalId, MemberId, Points};
use sea_orm::{FromQueryResult as _, QueryResult};
use store::{Column, ColumnType, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::{
    Changed, JournalRow,
    asides::{asides, read_marks},
    read_lines,
};
use crate::{
    domain::{Account, AccountState, EarnedLot, JournalKind, Lot, Moment, Template},
    store::{
        guards, merges,
        reading::journal_row,
        rows::{at, bound, query},
        tables::journal,
    },
};

const SUMMARY: &str = "member_id, version, balance, debt, next_on, next_points, marks, idle_on";

static ACCOUNTS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("accounts", SUMMARY, ("member_id", ColumnType::Uuid)));
static LOCKED_ACCOUNTS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::for_update("accounts", SUMMARY, ("member_id", ColumnType::Uuid)));
/// Who is behind a keyed hash, their account, and the latest announcement of a programme, in one look.
static BEHIND: LazyLock<BulkSelect> = LazyLock::new(|| {
    let columns = "identifiers.member_id, version, balance, debt, next_on, next_points, marks, idle_on, digest, active, \
                   (SELECT max(programmes.announcement) FROM programmes)";
    let joined = "identifiers LEFT JOIN accounts ON accounts.member_id = identifiers.member_id";
    BulkSelect::new(joined, columns, ("digest", ColumnType::Uuid))
});
static LOTS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("lots", "member_id, expires_on, funder, points, bound", ("member_id", ColumnType::Uuid))
});
static BY_ID: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("journals", "*", ("id", ColumnType::Uuid)));
static BY_KEY: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("journals", "*", ("idempotency_key", ColumnType::Uuid)));
static IDENTIFIERS: LazyLock<BulkSelect> = LazyLock::new(|| {
    let joined = "identifiers LEFT JOIN merged_members ON merged_members.member_id = identifiers.member_id";
    let columns = "digest, COALESCE(merged_members.survivor, identifiers.member_id), active";
    BulkSelect::new(joined, columns, ("digest", ColumnType::Uuid))
});
static MEMBERS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("members", "member_id", ("member_id", ColumnType::Uuid)));

/// Which accounts are loaded with their lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lots {
    /// Those from which a purchase takes: something has lapsed, or a debt is to be paid.
    WhereTaken,
    /// All.
    All,
}

/// The accounts of these members, by their summaries; those that need them at that moment with their lots. A
/// member without an account is absent. With `locked` nobody else changes them until the transaction ends.
///
/// # Errors
/// [`Changed`] with `locked`, when the account of one of them went into another one meanwhile: look again whose it is. When the
/// database refuses, or a row cannot be read.
pub async fn accounts(
    tx: &Tx,
    members: &[Uuid],
    moment: Moment,
    lots: Lots,
    locked: bool,
) -> anyhow::Result<HashMap<MemberId, Account>> {
    let select = if locked { &LOCKED_ACCOUNTS } else { &ACCOUNTS };
    let mut found = Found::default();
    for row in select.run(tx, Column::Uuid(members)).await? {
        found.take(&row)?;
    }
    let found = found.whole(tx, moment, lots).await?;
    let closed = found.values().filter(|account| account.state == AccountState::Closed);
    let closed: Vec<Uuid> = closed.filter(|_| locked).map(|account| account.member.as_uuid()).collect();
    if !closed.is_empty() && !merges::survivors(tx, &closed).await?.is_empty() {
        return Err(Changed.into());
    }
    Ok(found)
}

/// What one look at keyed hashes shows.
#[derive(Default)]
pub struct Behind {
    /// The members that they lead to.
    pub members: HashMap<Digest16, MemberId>,
    /// Those accounts that they have, as [`accounts`] without locks.
    pub accounts: HashMap<MemberId, Account>,
    /// The latest announcement of a programme; `None` when nobody was found, or there was none yet.
    pub announcement: Option<u32>,
}

/// The members that these keyed hashes lead to, with their accounts and the programme.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn behind(tx: &Tx, digests: &[Uuid], moment: Moment) -> anyhow::Result<Behind> {
    let (mut found, mut accounts) = (Behind::default(), Found::default());
    for row in BEHIND.run(tx, Column::Uuid(digests)).await? {
        found.announcement = at::<Option<i32>>(&row, 10)?.map(u32::try_from).transpose()?;
        if !at::<bool>(&row, 9)? {
            continue;
        }
        let member = MemberId::from_uuid(at(&row, 0)?);
        found.members.insert(Digest16(*at::<Uuid>(&row, 8)?.as_bytes()), member);
        if at::<Option<i64>>(&row, 1)?.is_some() {
            accounts.take(&row)?;
        }
    }
    found.accounts = accounts.whole(tx, moment, Lots::WhereTaken).await?;
    Ok(found)
}

/// Accounts by their summaries, with their marks.
#[derive(Default)]
struct Found {
    accounts: HashMap<MemberId, Account>,
    marked: Vec<(MemberId, i16)>,
}

impl Found {
    /// An account out of its summary.
    fn take(&mut self, row: &QueryResult) -> anyhow::Result<()> {
        let member = MemberId::from_uuid(at(row, 0)?);
        let (version, balance) = (u64::try_from(at::<i64>(row, 1)?)?, Points::new(at(row, 2)?));
        let debt = Points::new(at(row, 3)?);
        let (next_on, next_points): (Option<i32>, Option<i64>) = (at(row, 4)?, at(row, 5)?);
        let next = next_on.zip(next_points).map(|(on, points)| (Day::from_number(on), Points::new(points)));
        let mut account = Account::from_summary(member, version, balance, debt, next);
        account.idle_on = at::<Option<i32>>(row, 7)?.map(Day::from_number);
        self.accounts.insert(member, account);
        let marks: i16 = at(row, 6)?;
        if marks != 0 {
            self.marked.push((member, marks));
        }
        Ok(())
    }

    /// Gives the accounts what is aside, and those their lots of which something will be taken: what has lapsed, and what
    /// pays a debt.
    async fn whole(
        mut self,
        tx: &Tx,
        moment: Moment,
        lots: Lots,
    ) -> anyhow::Result<HashMap<MemberId, Account>> {
        if !self.marked.is_empty() {
            let members: Vec<Uuid> = self.marked.iter().map(|(member, _)| member.as_uuid()).collect();
            let mut asides = asides(tx, &members).await?;
            for (member, marks) in self.marked {
                let (state, _) = read_marks(marks)?;
                let aside = asides.remove(&member).unwrap_or_default();
                if let Some(account) = self.accounts.remove(&member) {
                    self.accounts.insert(member, account.with_asides(state, aside));
                }
            }
        }
        let gives = |account: &&Account| lots == Lots::All || account.needs_lots(moment);
        let giving: Vec<MemberId> =
            self.accounts.values().filter(gives).map(|account| account.member).collect();
        give_lots(tx, &mut self.accounts, giving.into_iter()).await?;
        Ok(self.accounts)
    }
}

/// Gives the accounts of these members their lots, where they were loaded by their summaries; asks nothing where all have
/// theirs.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn give_lots(
    tx: &Tx,
    accounts: &mut HashMap<MemberId, Account>,
    members: impl Iterator<Item = MemberId>,
) -> anyhow::Result<()> {
    let without = |member: &MemberId| accounts.get(member).is_some_and(|account| !account.knows_lots());
    let mut giving: Vec<Uuid> = members.filter(without).map(MemberId::as_uuid).collect();
    giving.sort_unstable();
    giving.dedup();
    let mut lots: HashMap<Uuid, Vec<Lot>> = HashMap::with_capacity(giving.len());
    for row in LOTS.run(tx, Column::Uuid(&giving)).await? {
        lots.entry(at(&row, 0)?).or_default().push(lot(&row)?);
    }
    guard(tx, accounts, &giving).await?;
    for member in giving {
        if let Some(account) = accounts.remove(&MemberId::from_uuid(member)) {
            let lots = lots.remove(&member).unwrap_or_default();
            accounts.insert(account.member, account.with_lots(lots));
        }
    }
    Ok(())
}

/// Gives the accounts of these members their guards: whoever takes points out of lots has to know them.
async fn guard(tx: &Tx, accounts: &mut HashMap<MemberId, Account>, members: &[Uuid]) -> anyhow::Result<()> {
    for (member, guard) in guards::of_members(tx, members).await? {
        if let Some(account) = accounts.get_mut(&member) {
            account.guard = Some(guard);
        }
    }
    Ok(())
}

/// The account of a member who has none yet. There may be a guard all the same, and a household's points to be spent.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn fresh_account(tx: &Tx, member: MemberId) -> anyhow::Result<Account> {
    let mut account = Account::new(member);
    account.guard = guards::of_members(tx, &[member.as_uuid()]).await?.pop().map(|(_, guard)| guard);
    Ok(account)
}

/// A lot out of a row of something else, expiry day, funder, points, and how many are bound.
fn lot(row: &QueryResult) -> anyhow::Result<Lot> {
    let funder: String = at(row, 2)?;
    Ok(Lot {
        expires_on: Day::from_number(at(row, 1)?),
        funder: BranchCode::parse(&funder).context("a lot's funder")?,
        points: Points::new(at(row, 3)?),
        bound: bound(row, 4)?,
    })
}

/// The purchases and returns that were recorded under these ids or these idempotency keys.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn purchases(tx: &Tx, ids: &[Uuid], keys: &[Uuid]) -> anyhow::Result<Vec<Arc<JournalRow>>> {
    let mut rows = BY_ID.run(tx, Column::Uuid(ids)).await?;
    rows.extend(BY_KEY.run(tx, Column::Uuid(keys)).await?);
    rows.iter()
        .map(|row| {
            let model = journal::Model::from_query_result(row, "").map_err(store::StoreError::from)?;
            journal_row(&model).map(Arc::new)
        })
        .collect()
}

/// The lots that paid for a purchase: what the journal just before it redeemed.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn paid_with(tx: &Tx, purchase: &JournalRow) -> anyhow::Result<Vec<Lot>> {
    let moved = moved(tx, purchase.member, purchase.version - 1).await?.into_iter();
    let paid = |template| matches!(template, Template::Redeemed | Template::Captured);
    Ok(moved.filter(|(template, _)| paid(*template)).map(|(_, lot)| lot).collect())
}

/// What a purchase earned, by its movements.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn earned(tx: &Tx, member: MemberId, version: u64) -> anyhow::Result<Vec<EarnedLot>> {
    let moved = moved(tx, member, version).await?;
    let earned = moved.into_iter().filter_map(|(template, lot)| match template {
        Template::PurchaseEarned | Template::Bonus => Some(EarnedLot { lot, pending: false }),
        Template::EarnedPending => Some(EarnedLot { lot, pending: true }),
        _ => None,
    });
    Ok(earned.collect())
}

/// The movements of a journal: which template, and how many points of which lot.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn moved(tx: &Tx, member: MemberId, version: u64) -> anyhow::Result<Vec<(Template, Lot)>> {
    let sql = "SELECT template, expires_on, funder, points, bound FROM entries \
               WHERE member_id = $1 AND version = $2 ORDER BY leg";
    let values = [member.as_uuid().into(), i64::try_from(version)?.into()];
    let rows = query(tx, sql, values).await?;
    rows.iter()
        .map(|row| Ok((Template::from_number(at(row, 0)?).context("an entry's template")?, lot(row)?)))
        .collect()
}

/// What has come back of a purchase, return by return: how much of its amount, and which lines where they were named. Lock
/// its account before, so that no other return is under way.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn came_back(tx: &Tx, purchase: JournalId) -> anyhow::Result<Vec<(i64, Vec<ReturnedLine>)>> {
    let sql = "SELECT amount, lines FROM journals WHERE original = $1 AND kind = $2";
    let values = [purchase.as_uuid().into(), JournalKind::Return.number().into()];
    let rows = query(tx, sql, values).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, read_lines(at::<Option<String>>(row, 1)?.as_deref())?))).collect()
}

/// How many returns of a purchase were recorded. Lock its account before, so that no other one is under way.
///
/// # Errors
/// When the database refuses.
pub async fn returns_before(tx: &Tx, purchase: JournalId) -> anyhow::Result<u64> {
    let sql = "SELECT COUNT(*) FROM journals WHERE original = $1 AND kind = $2";
    let kind = JournalKind::Return.number();
    let rows = query(tx, sql, [purchase.as_uuid().into(), kind.into()]).await?;
    rows.first().map_or(Ok(0), |row| Ok(u64::try_from(at::<i64>(row, 0)?)?))
}

/// Whether a redemption has been undone. Lock its account before.
///
/// # Errors
/// When the database refuses.
pub async fn reversed(tx: &Tx, redemption: Option<Uuid>) -> anyhow::Result<bool> {
    is_followed(tx, redemption, JournalKind::RedemptionReversal).await
}

/// Whether what was pending of a purchase was activated before its day. Lock its account before.
///
/// # Errors
/// When the database refuses.
pub async fn activated(tx: &Tx, purchase: JournalId) -> anyhow::Result<bool> {
    is_followed(tx, Some(purchase.as_uuid()), JournalKind::Activation).await
}

async fn is_followed(tx: &Tx, original: Option<Uuid>, by: JournalKind) -> anyhow::Result<bool> {
    let sql = "SELECT 1 FROM journals WHERE original = $1 AND kind = $2 LIMIT 1";
    Ok(!query(tx, sql, [original.into(), by.number().into()]).await?.is_empty())
}

/// Members of whose accounts something is due at that moment, so many at most, those that wait longest first.
///
/// # Errors
/// When the database refuses.
pub async fn due(tx: &Tx, moment: Moment, most: u32) -> anyhow::Result<Vec<Uuid>> {
    let lapsing = "SELECT member_id FROM accounts WHERE next_on < $1 ORDER BY next_on LIMIT $2";
    let today = moment.today.number();
    let mut rows = query(tx, lapsing, [today.into(), i64::from(most).into()]).await?;
    let idle = "SELECT member_id FROM accounts WHERE idle_on < $1 AND balance > 0 ORDER BY idle_on LIMIT $2";
    rows.extend(query(tx, idle, [today.into(), i64::from(most).into()]).await?);
    // Pending points wait for a day, holds for an instant in microseconds: days are far below all instants.
    let asides = "SELECT member_id FROM asides WHERE ready_at <= $1 OR ready_at BETWEEN $2 AND $3 ORDER BY ready_at LIMIT $4";
    let values = [
        i64::from(today).into(),
        i64::from(i32::MAX).into(),
        moment.now.micros().into(),
        i64::from(most).into(),
    ];
    rows.extend(query(tx, asides, values).await?);
    let mut members = rows.iter().map(|row| at(row, 0)).collect::<anyhow::Result<Vec<Uuid>>>()?;
    members.sort_unstable();
    members.dedup();
    Ok(members)
}

/// The members that these keyed hashes lead to.
///
/// # Errors
/// When the database refuses.
pub async fn members_behind(tx: &Tx, digests: &[Uuid]) -> anyhow::Result<HashMap<Digest16, MemberId>> {
    let mut found = HashMap::with_capacity(digests.len());
    for row in IDENTIFIERS.run(tx, Column::Uuid(digests)).await? {
        if at::<bool>(&row, 2)? {
            found.insert(Digest16(*at::<Uuid>(&row, 0)?.as_bytes()), MemberId::from_uuid(at(&row, 1)?));
        }
    }
    Ok(found)
}

/// Which of these members points has heard of.
///
/// # Errors
/// When the database refuses.
pub async fn known_members(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashSet<MemberId>> {
    let rows = MEMBERS.run(tx, Column::Uuid(members)).await?;
    rows.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?))).collect()
}
