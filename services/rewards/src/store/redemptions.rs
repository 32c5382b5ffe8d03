//! Redemptions.

use kernel::{BranchCode, Digest16, MemberId, Points, RedemptionId, RewardCode, Timestamp, VoucherId};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, offers::code, query, stock::Taken};
use crate::{domain::redemption::State, error::Error};

/// A redemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Its id, and that of its hold.
    pub id: RedemptionId,
    /// Whose.
    pub member: MemberId,
    /// What for.
    pub reward: RewardCode,
    /// By which version of the reward's terms.
    pub version: i32,
    /// At which branch, where one was named.
    pub branch: Option<BranchCode>,
    /// What it costs.
    pub points: Points,
    /// What is paid besides when it is handed out, in minor units.
    pub money: i64,
    /// Where it stands.
    pub state: State,
    /// Why it came to nothing.
    pub reason: Option<String>,
    /// How many points there were too few.
    pub missing: Option<i64>,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Until when points may answer.
    pub due_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Until when its member may cancel it.
    pub cancel_by: Option<Timestamp>,
    /// Of which stock one was taken.
    pub taken: Taken,
    /// Under which names it was counted, separated by commas.
    pub counted: String,
    /// How many facts were told of it.
    pub told: u64,
    /// Its voucher, once the member has it.
    pub voucher: Option<VoucherId>,
}

/// Who asked under which key, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The digest of the caller and the key.
    pub key: Digest16,
    /// The digest of everything that was asked.
    pub fingerprint: Digest16,
}

const COLUMNS: &str = "SELECT r.id, r.member_id, r.reward, r.version, r.branch, r.points, r.money, r.state, r.reason, r.missing, \
     r.requested_at, r.due_at, r.ended_at, r.chain_stock, r.branch_stock, r.counted, r.told, \
     (SELECT v.id FROM vouchers v WHERE v.redemption_id = r.id AND v.issued_at IS NOT NULL), r.fingerprint, r.cancel_by FROM redemptions r";

pub(super) fn redemption(row: &QueryResult) -> Result<Redemption, Error> {
    let branch = at::<Option<String>>(row, 4)?;
    let branch = branch.map(|code| BranchCode::parse(&code).map_err(|_| broken("a branch"))).transpose()?;
    let state = State::from_word(&at::<String>(row, 7)?).ok_or_else(|| broken("a state"))?;
    Ok(Redemption {
        id: RedemptionId::from_uuid(at(row, 0)?),
        member: MemberId::from_uuid(at(row, 1)?),
        reward: code(row, 2)?,
        version: at(row, 3)?,
        branch,
        points: Points::new(at(row, 5)?),
        money: at(row, 6)?,
        state,
        reason: at(row, 8)?,
        missing: at(row, 9)?,
        requested_at: instant(at(row, 10)?),
        due_at: instant(at(row, 11)?),
        ended_at: at::<Option<i64>>(row, 12)?.map(instant),
        cancel_by: at::<Option<i64>>(row, 19)?.map(instant),
        taken: Taken { chain: at::<i16>(row, 13)? != 0, branch: at::<i16>(row, 14)? != 0 },
        counted: at(row, 15)?,
        told: u64::try_from(at::<i64>(row, 16)?).map_err(|_| broken("a count"))?,
        voucher: at::<Option<Uuid>>(row, 17)?.map(VoucherId::from_uuid),
    })
}

/// A redemption.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: RedemptionId) -> Result<Option<Redemption>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE r.id = $1"), [id.as_uuid().into()]).await?;
    rows.first().map(redemption).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: RedemptionId) -> Result<Option<Redemption>, Error> {
    let sql = format!("SELECT 1 FROM redemptions WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.as_uuid().into()]).await?;
    load(tx, id).await
}

/// The redemption that was asked for under this key, with the digest of what was asked.
///
/// # Errors
/// A fault of the database.
pub async fn asked(
    on: &impl ConnectionTrait,
    key: Digest16,
) -> Result<Option<(Redemption, Digest16)>, Error> {
    let sql = format!("{COLUMNS} WHERE r.request_key = $1");
    let rows = query(on, &sql, [Uuid::from_bytes(key.0).into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((redemption(row)?, Digest16(at::<Uuid>(row, 18)?.into_bytes()))))
}

/// A member's redemptions before the one of this id, the latest first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    before: Option<RedemptionId>,
    limit: u64,
) -> Result<Vec<Redemption>, Error> {
    let sql = format!("{COLUMNS} WHERE r.member_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3");
    let before = before.map_or(Uuid::max(), RedemptionId::as_uuid);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(on, &sql, [member.as_uuid().into(), before.into(), limit.into()]).await?;
    rows.iter().map(redemption).collect()
}

/// Redemptions that wait for points and whose time is over, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn due(on: &impl ConnectionTrait, now: Timestamp, limit: u32) -> Result<Vec<RedemptionId>, Error> {
    let sql = "SELECT id FROM redemptions WHERE give_up_at <= $1 AND state = 'requested' ORDER BY give_up_at LIMIT $2";
    let rows = query(on, sql, [now.micros().into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok(RedemptionId::from_uuid(at(row, 0)?))).collect()
}

/// A member's redemptions that are not over.
///
/// # Errors
/// A fault of the database.
pub async fn open(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<RedemptionId>, Error> {
    let sql =
        "SELECT id FROM redemptions WHERE member_id = $1 AND state IN ('requested', 'fulfilled') ORDER BY id";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.iter().map(|row| Ok(RedemptionId::from_uuid(at(row, 0)?))).collect()
}

/// Writes a fresh redemption down.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &Redemption, request: Request) -> Result<(), Error> {
    let sql = "INSERT INTO redemptions (id, member_id, reward, version, branch, points, money, state, requested_at, due_at, \
               chain_stock, branch_stock, counted, told, request_key, fingerprint, cancel_by, give_up_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    let values = [
        fresh.id.as_uuid().into(),
        fresh.member.as_uuid().into(),
        fresh.reward.as_str().into(),
        fresh.version.into(),
        fresh.branch.as_ref().map(BranchCode::as_str).into(),
        fresh.points.count().into(),
        fresh.money.into(),
        fresh.state.word().into(),
        fresh.requested_at.micros().into(),
        fresh.due_at.micros().into(),
        i16::from(fresh.taken.chain).into(),
        i16::from(fresh.taken.branch).into(),
        fresh.counted.as_str().into(),
        count(fresh.told).into(),
        Uuid::from_bytes(request.key.0).into(),
        Uuid::from_bytes(request.fingerprint.0).into(),
        micros(fresh.cancel_by).into(),
        micros(give_up_at(fresh)).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where a redemption stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Redemption) -> Result<(), Error> {
    let sql = "UPDATE redemptions SET state = $1, reason = $2, missing = $3, ended_at = $4, told = $5, give_up_at = $6 WHERE id = $7";
    let values = [
        changed.state.word().into(),
        changed.reason.as_deref().into(),
        changed.missing.into(),
        micros(changed.ended_at).into(),
        count(changed.told).into(),
        micros(give_up_at(changed)).into(),
        changed.id.as_uuid().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// When to give it up, while it waits for points.
fn give_up_at(of: &Redemption) -> Option<Timestamp> {
    (of.state == State::Requested).then_some(of.due_at)
}

pub(super) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
