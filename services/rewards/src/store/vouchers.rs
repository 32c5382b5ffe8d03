//! Vouchers. A code stands in no row as it is: by its keyed hash it is found, and what is sealed is for its member.

use kernel::{BranchCode, Digest16, GiftId, MemberId, RedemptionId, RewardCode, Timestamp, VoucherId};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, offers::code, query, uses};
use crate::{
    domain::voucher::{State, Voucher},
    error::Error,
};

/// A voucher as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: VoucherId,
    /// What brought it.
    pub origin: Origin,
    /// Whose.
    pub member: MemberId,
    /// For which reward.
    pub reward: RewardCode,
    /// By which version of the reward's terms.
    pub version: i32,
    /// What is paid besides when it is handed out, in minor units.
    pub money: i64,
    /// Its sealed code; nothing where the partner's is still to come, or it is over.
    pub sealed: Option<Vec<u8>>,
    /// The partner's coupon, where it is one.
    pub coupon: Option<Uuid>,
    /// When the member got it.
    pub issued_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// How many facts were told of it.
    pub told: u64,
    /// What it is worth, and its uses.
    pub voucher: Voucher,
}

/// What brought a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Points were redeemed for it.
    Redemption(RedemptionId),
    /// It is a gift's.
    Gift(GiftId),
}

impl Origin {
    const fn row(self) -> (Uuid, i16) {
        match self {
            Self::Redemption(id) => (id.as_uuid(), 0),
            Self::Gift(id) => (id.as_uuid(), 1),
        }
    }

    const fn read(id: Uuid, gift: i16) -> Self {
        if gift == 0 {
            Self::Redemption(RedemptionId::from_uuid(id))
        } else {
            Self::Gift(GiftId::from_uuid(id))
        }
    }
}

/// A code as rows hold it.
#[derive(Clone, Debug)]
pub struct CodeRow {
    /// Its keyed hash.
    pub hash: Digest16,
    /// The code itself, sealed.
    pub sealed: Vec<u8>,
    /// The number of the master key that sealed it.
    pub sealed_by: u8,
}

const COLUMNS: &str = "SELECT id, redemption_id, member_id, reward, version, money, code_sealed, coupon_id, issued_at, ended_at, told, \
     state, worth, valid_until, places, gift FROM vouchers";

fn read(row: &QueryResult) -> Result<Kept, Error> {
    let places: String = at(row, 14)?;
    let branches = places.split(',').filter(|place| !place.is_empty());
    let branches =
        branches.map(BranchCode::parse).collect::<Result<_, _>>().map_err(|_| broken("a branch"))?;
    Ok(Kept {
        id: VoucherId::from_uuid(at(row, 0)?),
        origin: Origin::read(at(row, 1)?, at(row, 15)?),
        member: MemberId::from_uuid(at(row, 2)?),
        reward: code(row, 3)?,
        version: at(row, 4)?,
        money: at(row, 5)?,
        sealed: at(row, 6)?,
        coupon: at(row, 7)?,
        issued_at: at::<Option<i64>>(row, 8)?.map(instant),
        ended_at: at::<Option<i64>>(row, 9)?.map(instant),
        told: u64::try_from(at::<i64>(row, 10)?).map_err(|_| broken("a count"))?,
        voucher: Voucher {
            state: State::from_word(&at::<String>(row, 11)?).ok_or_else(|| broken("a state"))?,
            worth: at(row, 12)?,
            valid_until: instant(at(row, 13)?),
            branches,
            uses: Vec::new(),
        },
    })
}

async fn with_uses(on: &impl ConnectionTrait, rows: &[QueryResult]) -> Result<Vec<Kept>, Error> {
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let mut kept = read(row)?;
        kept.voucher.uses = uses::of(on, kept.id).await?;
        all.push(kept);
    }
    Ok(all)
}

async fn one(on: &impl ConnectionTrait, which: &str, value: Uuid) -> Result<Option<Kept>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE {which} = $1"), [value.into()]).await?;
    Ok(with_uses(on, &rows).await?.pop())
}

/// A voucher.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: VoucherId) -> Result<Option<Kept>, Error> {
    one(on, "id", id.as_uuid()).await
}

/// The voucher with this code.
///
/// # Errors
/// A fault of the database.
pub async fn behind(on: &impl ConnectionTrait, hash: Digest16) -> Result<Option<Kept>, Error> {
    one(on, "code_hash", Uuid::from_bytes(hash.0)).await
}

/// The voucher of a redemption.
///
/// # Errors
/// A fault of the database.
pub async fn of_redemption(on: &impl ConnectionTrait, id: RedemptionId) -> Result<Option<Kept>, Error> {
    one(on, "redemption_id", id.as_uuid()).await
}

/// The voucher that a redemption or a gift brought, once its member has it.
///
/// # Errors
/// A fault of the database.
pub async fn issued_for(on: &impl ConnectionTrait, origin: Uuid) -> Result<Option<VoucherId>, Error> {
    let sql = "SELECT id FROM vouchers WHERE redemption_id = $1 AND issued_at IS NOT NULL";
    let rows = query(on, sql, [origin.into()]).await?;
    rows.first().map(|row| Ok(VoucherId::from_uuid(at(row, 0)?))).transpose()
}

/// Whether a voucher has neither a code nor a coupon: a partner's code is to be taken for it.
///
/// # Errors
/// A fault of the database.
pub async fn lacks_code(on: &impl ConnectionTrait, id: VoucherId) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM vouchers WHERE id = $1 AND code_hash IS NULL AND coupon_id IS NULL";
    Ok(!query(on, sql, [id.as_uuid().into()]).await?.is_empty())
}

/// A voucher, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: VoucherId) -> Result<Option<Kept>, Error> {
    let sql = format!("SELECT 1 FROM vouchers WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.as_uuid().into()]).await?;
    load(tx, id).await
}

/// A member's vouchers that they have or had, before the one of this id, the latest first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    before: Option<VoucherId>,
    limit: u64,
) -> Result<Vec<Kept>, Error> {
    let sql = format!(
        "{COLUMNS} WHERE member_id = $1 AND id < $2 AND issued_at IS NOT NULL ORDER BY id DESC LIMIT $3"
    );
    let before = before.map_or(Uuid::max(), VoucherId::as_uuid);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query(on, &sql, [member.as_uuid().into(), before.into(), limit.into()]).await?;
    with_uses(on, &rows).await
}

/// Vouchers that are issued and whose time is over, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn over(on: &impl ConnectionTrait, now: Timestamp, limit: u32) -> Result<Vec<VoucherId>, Error> {
    let sql =
        "SELECT id FROM vouchers WHERE expires_at <= $1 AND state = 'issued' ORDER BY expires_at LIMIT $2";
    let rows = query(on, sql, [now.micros().into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok(VoucherId::from_uuid(at(row, 0)?))).collect()
}

/// A member's vouchers that can still be used.
///
/// # Errors
/// A fault of the database.
pub async fn open(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<VoucherId>, Error> {
    let sql = "SELECT id FROM vouchers WHERE member_id = $1 AND state = 'issued' ORDER BY id";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.iter().map(|row| Ok(VoucherId::from_uuid(at(row, 0)?))).collect()
}

/// Writes a fresh voucher down, with its code where it has one already, and when to look whether its member is to be reminded.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    tx: &Tx,
    fresh: &Kept,
    code: Option<&CodeRow>,
    (now, remind_at): (Timestamp, Option<Timestamp>),
) -> Result<(), Error> {
    let (brought, gift) = fresh.origin.row();
    let places: Vec<&str> = fresh.voucher.branches.iter().map(BranchCode::as_str).collect();
    let sql = "INSERT INTO vouchers (id, redemption_id, member_id, reward, version, worth, money, places, state, valid_until, \
               code_hash, code_sealed, sealed_by, created_at, told, gift, expires_at, remind_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $10, $16)";
    let values = [
        fresh.id.as_uuid().into(),
        brought.into(),
        fresh.member.as_uuid().into(),
        fresh.reward.as_str().into(),
        fresh.version.into(),
        fresh.voucher.worth.into(),
        fresh.money.into(),
        places.join(",").into(),
        fresh.voucher.state.word().into(),
        fresh.voucher.valid_until.micros().into(),
        code.map(|code| Uuid::from_bytes(code.hash.0)).into(),
        code.map(|code| code.sealed.clone()).into(),
        code.map(|code| i16::from(code.sealed_by)).into(),
        now.micros().into(),
        gift.into(),
        micros(remind_at).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where a voucher stands now. **The code of one that can never be used again is forgotten.**
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Kept) -> Result<(), Error> {
    let sql = "UPDATE vouchers SET state = $1, coupon_id = $2, issued_at = $3, ended_at = $4, told = $5, expires_at = $6 WHERE id = $7";
    let can_expire = matches!(changed.voucher.state, State::Pending | State::Issued);
    let expires_at = can_expire.then_some(changed.voucher.valid_until);
    let values = [
        changed.voucher.state.word().into(),
        changed.coupon.into(),
        micros(changed.issued_at).into(),
        micros(changed.ended_at).into(),
        i64::try_from(changed.told).unwrap_or(i64::MAX).into(),
        micros(expires_at).into(),
        changed.id.as_uuid().into(),
    ];
    execute(tx, sql, values).await?;
    if matches!(changed.voucher.state, State::Cancelled) {
        let sql = "UPDATE vouchers SET code_hash = NULL, code_sealed = NULL, sealed_by = NULL WHERE id = $1";
        execute(tx, sql, [changed.id.as_uuid().into()]).await?;
    }
    Ok(())
}

/// Forgets the codes of a member's vouchers that can be used by nobody any more.
///
/// # Errors
/// A fault of the database.
pub async fn forget_codes(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let sql = "UPDATE vouchers SET code_hash = NULL, code_sealed = NULL, sealed_by = NULL \
               WHERE member_id = $1 AND state <> 'pending' AND code_hash IS NOT NULL";
    execute(tx, sql, [member.as_uuid().into()]).await.map(drop)
}

/// Codes of vouchers that another key than this one sealed, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn sealed_by_others(tx: &Tx, key: u8, limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
    let sql = format!(
        "SELECT id, code_sealed FROM vouchers WHERE sealed_by <> $1 ORDER BY id LIMIT $2{}",
        held(tx)
    );
    let rows = query(tx, &sql, [i16::from(key).into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// Puts a code that was sealed anew in the place of the same one.
///
/// # Errors
/// A fault of the database.
pub async fn reseal(tx: &Tx, id: Uuid, sealed: Vec<u8>, key: u8) -> Result<(), Error> {
    let sql = "UPDATE vouchers SET code_sealed = $1, sealed_by = $2 WHERE id = $3";
    execute(tx, sql, [sealed.into(), i16::from(key).into(), id.into()]).await.map(drop)
}
