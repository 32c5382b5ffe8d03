//! Gifts, and how many of each budget were given.

use contracts::rewards::WhyGiven;
use kernel::{BranchCode, GiftId, JournalId, MemberId, RewardCode, Timestamp, VoucherId};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, offers::code, query, stock::Taken, takings};
use crate::{
    domain::gift::{State, WhyEnded},
    error::Error,
};

/// A gift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// Its id.
    pub id: GiftId,
    /// Who gives it: a rule, the programme's purchases, a draw. Up to 64 characters.
    pub source: String,
    /// What for: the same source gives a member one gift for one cause. Up to 100 characters.
    pub cause: String,
    /// To whom.
    pub member: MemberId,
    /// Why, as members are told.
    pub why: WhyGiven,
    /// What.
    pub reward: RewardCode,
    /// Where, for a reward that is kept at branches.
    pub branch: Option<BranchCode>,
    /// The purchase that brought it.
    pub purchase: Option<JournalId>,
    /// Where it stands.
    pub state: State,
    /// Why it came to nothing.
    pub reason: Option<String>,
    /// Whether as many as a budget has are given at most.
    pub budgeted: bool,
    /// Of which stock one was taken.
    pub taken: Taken,
    /// Its voucher.
    pub voucher: Option<VoucherId>,
    /// When its cause was told.
    pub caused_at: Timestamp,
    /// When it was given, or came to nothing.
    pub ended_at: Option<Timestamp>,
    /// How many facts were told of it.
    pub told: u64,
}

const COLUMNS: &str = "SELECT id, source, cause, member_id, why, reward, branch, purchase_id, state, reason, budgeted, chain_stock, \
     branch_stock, voucher_id, caused_at, ended_at, told FROM gifts";

fn read(row: &QueryResult) -> Result<Gift, Error> {
    let branch = at::<Option<String>>(row, 6)?;
    let branch = branch.map(|code| BranchCode::parse(&code).map_err(|_| broken("a branch"))).transpose()?;
    Ok(Gift {
        id: GiftId::from_uuid(at(row, 0)?),
        source: at(row, 1)?,
        cause: at(row, 2)?,
        member: MemberId::from_uuid(at(row, 3)?),
        why: why(&at::<String>(row, 4)?)?,
        reward: code(row, 5)?,
        branch,
        purchase: at::<Option<Uuid>>(row, 7)?.map(JournalId::from_uuid),
        state: State::from_word(&at::<String>(row, 8)?).ok_or_else(|| broken("a state"))?,
        reason: at(row, 9)?,
        budgeted: at::<i16>(row, 10)? != 0,
        taken: Taken { chain: at::<i16>(row, 11)? != 0, branch: at::<i16>(row, 12)? != 0 },
        voucher: at::<Option<Uuid>>(row, 13)?.map(VoucherId::from_uuid),
        caused_at: instant(at(row, 14)?),
        ended_at: at::<Option<i64>>(row, 15)?.map(instant),
        told: u64::try_from(at::<i64>(row, 16)?).map_err(|_| broken("a count"))?,
    })
}

/// The word of a reason to give, as facts have it.
#[must_use]
pub fn word(why: WhyGiven) -> String {
    let word = serde_json::to_value(why).ok();
    word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn why(word: &str) -> Result<WhyGiven, Error> {
    serde_json::from_value(word.into()).map_err(|_| broken("a reason to give"))
}

/// Writes a gift down that is promised; `false` where the member was promised one for this cause before, or, with `apart_ms`, one of the
/// same source less than so many milliseconds before or after.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &Gift, apart_ms: i64) -> Result<bool, Error> {
    let sql = "INSERT INTO gifts (id, source, cause, member_id, why, reward, branch, purchase_id, state, budgeted, chain_stock, \
               branch_stock, caused_at, told) \
               SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'due', $9, 0, 0, $10, 0 WHERE NOT EXISTS \
               (SELECT 1 FROM gifts WHERE source = $2 AND member_id = $4 AND caused_at > $11 AND caused_at < $12) \
               ON CONFLICT (source, cause, member_id) DO NOTHING";
    let (since, until) = match apart_ms {
        0 => (i64::MAX, i64::MIN),
        apart => (fresh.caused_at.plus_millis(-apart).micros(), fresh.caused_at.plus_millis(apart).micros()),
    };
    let values = [
        fresh.id.as_uuid().into(),
        fresh.source.as_str().into(),
        fresh.cause.as_str().into(),
        fresh.member.as_uuid().into(),
        word(fresh.why).into(),
        fresh.reward.as_str().into(),
        fresh.branch.as_ref().map(|branch| branch.as_str().to_owned()).into(),
        fresh.purchase.map(JournalId::as_uuid).into(),
        i16::from(fresh.budgeted).into(),
        fresh.caused_at.micros().into(),
        since.into(),
        until.into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Gifts that are promised, those of older causes first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn due(on: &impl ConnectionTrait, limit: u32) -> Result<Vec<GiftId>, Error> {
    let sql = "SELECT id FROM gifts WHERE state = 'due' ORDER BY id LIMIT $1";
    let rows = query(on, sql, [i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok(GiftId::from_uuid(at(row, 0)?))).collect()
}

/// A gift.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: GiftId) -> Result<Option<Gift>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE id = $1"), [id.as_uuid().into()]).await?;
    rows.first().map(read).transpose()
}

/// A gift, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: GiftId) -> Result<Option<Gift>, Error> {
    let sql = format!("{COLUMNS} WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.as_uuid().into()]).await?.first().map(read).transpose()
}

/// A member's gifts before the one of this id, the latest first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    before: Option<GiftId>,
    limit: u64,
) -> Result<Vec<Gift>, Error> {
    let sql = format!("{COLUMNS} WHERE member_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    let before = before.map_or(Uuid::max(), GiftId::as_uuid);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(on, &sql, [member.as_uuid().into(), before.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// The gifts that a purchase brought, in the order of their causes.
///
/// # Errors
/// A fault of the database.
pub async fn of_purchase(on: &impl ConnectionTrait, purchase: JournalId) -> Result<Vec<Gift>, Error> {
    let sql = format!("{COLUMNS} WHERE purchase_id = $1 ORDER BY cause, id");
    query(on, &sql, [purchase.as_uuid().into()]).await?.iter().map(read).collect()
}

/// A member's gifts that are promised.
///
/// # Errors
/// A fault of the database.
pub async fn promised(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<GiftId>, Error> {
    let sql = "SELECT id FROM gifts WHERE member_id = $1 AND state = 'due' ORDER BY id";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.iter().map(|row| Ok(GiftId::from_uuid(at(row, 0)?))).collect()
}

/// Writes down by which version of its reward's terms a gift without a voucher was given; a voucher names its own.
///
/// # Errors
/// A fault of the database.
pub async fn note_version(tx: &Tx, gift: GiftId, version: i32) -> Result<(), Error> {
    let sql = "UPDATE gifts SET version = $1 WHERE id = $2";
    execute(tx, sql, [version.into(), gift.as_uuid().into()]).await.map(drop)
}

/// Writes down where a gift stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Gift) -> Result<(), Error> {
    let sql = "UPDATE gifts SET state = $1, reason = $2, chain_stock = $3, branch_stock = $4, voucher_id = $5, ended_at = $6, \
               told = $7 WHERE id = $8";
    let values = [
        changed.state.word().into(),
        changed.reason.clone().into(),
        i16::from(changed.taken.chain).into(),
        i16::from(changed.taken.branch).into(),
        changed.voucher.map(VoucherId::as_uuid).into(),
        micros(changed.ended_at).into(),
        i64::try_from(changed.told).unwrap_or(i64::MAX).into(),
        changed.id.as_uuid().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Ends a gift; what an offer set apart for it is free again.
///
/// # Errors
/// A fault of the database.
pub async fn end(tx: &Tx, gift: &mut Gift, why: WhyEnded, now: Timestamp) -> Result<(), Error> {
    (gift.state, gift.reason, gift.ended_at) = (State::Ended, Some(why.word().to_owned()), Some(now));
    update(tx, gift).await?;
    takings::end_gift(tx, gift.id, now).await
}

/// Notes which return took a gift back.
///
/// # Errors
/// A fault of the database.
pub async fn undo(tx: &Tx, gift: GiftId, by: JournalId) -> Result<(), Error> {
    let sql = "UPDATE gifts SET undone_by = $1 WHERE id = $2";
    execute(tx, sql, [by.as_uuid().into(), gift.as_uuid().into()]).await.map(drop)
}

/// How many gifts of a purchase a return took back that have this in front of their cause, and which it may still take, the last first.
///
/// # Errors
/// A fault of the database.
pub async fn undoable(
    tx: &Tx,
    purchase: JournalId,
    causes: &str,
    by: JournalId,
) -> Result<(usize, Vec<GiftId>), Error> {
    let sql = "SELECT id, cause, undone_by FROM gifts WHERE purchase_id = $1 ORDER BY cause DESC";
    let (mut done, mut left) = (0, Vec::new());
    for row in query(tx, sql, [purchase.as_uuid().into()]).await? {
        if !at::<String>(&row, 1)?.starts_with(causes) {
            continue;
        }
        match at::<Option<Uuid>>(&row, 2)? {
            None => left.push(GiftId::from_uuid(at(&row, 0)?)),
            Some(undone) => done += usize::from(undone == by.as_uuid()),
        }
    }
    Ok((done, left))
}

/// Says how many may be given of a budget, all in all; `false` where more were given already.
///
/// # Errors
/// A fault of the database.
pub async fn set_budget(tx: &Tx, source: &str, most: i64) -> Result<bool, Error> {
    let sql = "INSERT INTO gift_budgets (source, most, given) VALUES ($1, $2, 0) \
               ON CONFLICT (source) DO UPDATE SET most = excluded.most WHERE gift_budgets.given <= excluded.most";
    Ok(execute(tx, sql, [source.into(), most.into()]).await? == 1)
}

/// Takes one of a budget; `false` where all were given.
///
/// # Errors
/// A fault of the database.
pub async fn spend(tx: &Tx, source: &str) -> Result<bool, Error> {
    let sql = "UPDATE gift_budgets SET given = given + 1 WHERE source = $1 AND given < most";
    Ok(execute(tx, sql, [source.into()]).await? == 1)
}

/// How many were given of a budget.
///
/// # Errors
/// A fault of the database.
pub async fn given(on: &impl ConnectionTrait, source: &str) -> Result<i64, Error> {
    let rows = query(on, "SELECT given FROM gift_budgets WHERE source = $1", [source.into()]).await?;
    rows.first().map_or(Ok(0), |row| at(row, 0))
}
