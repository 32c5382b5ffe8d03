//! Referral codes, who referred whom, and what came back of purchases that counted.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use kernel::{Currency, JournalId, MemberId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, sea_query::OnConflict,
};
use store::Tx;

use super::{
    instant,
    tables::{
        referral_codes, referral_returns,
        referrals::{self, Column, Entity, Model},
    },
};
use crate::{
    domain::{
        referral::{CountedBy, Promise, Referral},
        referral_code::ReferralCode,
    },
    error::Error,
};

/// How many of a member's referrals stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The friend has still time.
    pub open: u64,
    /// They count.
    pub counted: u64,
    /// The friend did not buy in time.
    pub lapsed: u64,
    /// What the friend bought came back.
    pub undone: u64,
}

/// A member's code, when they have one.
///
/// # Errors
/// A fault of the database.
pub async fn code_of(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<ReferralCode>, Error> {
    let row = referral_codes::Entity::find_by_id(member.as_uuid()).one(on).await?;
    let read = |row: referral_codes::Model| {
        ReferralCode::parse(&row.code).map_err(|flaw| Error::Fault(anyhow!("{member}: {flaw}")))
    };
    row.map(read).transpose()
}

/// Whose code it is.
///
/// # Errors
/// A fault of the database.
pub async fn owner_of(on: &impl ConnectionTrait, code: &ReferralCode) -> Result<Option<MemberId>, Error> {
    let query = referral_codes::Entity::find().filter(referral_codes::Column::Code.eq(code.text()));
    Ok(query.one(on).await?.map(|row| MemberId::from_uuid(row.member_id)))
}

/// Gives a member a code; `false` when they have one, or somebody has this one.
///
/// # Errors
/// A fault of the database.
pub async fn insert_code(
    tx: &Tx,
    member: MemberId,
    code: &ReferralCode,
    now: Timestamp,
) -> Result<bool, Error> {
    let (member_id, code, made_at) = (member.as_uuid(), code.text().to_owned(), now.micros());
    let row = referral_codes::Model { member_id, code, made_at };
    let insert = referral_codes::Entity::insert(row.into_active_model());
    let first = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(first.exec_without_returning(tx).await? == 1)
}

/// By whom somebody was referred, when they were.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, friend: MemberId) -> Result<Option<Referral>, Error> {
    Entity::find_by_id(friend.as_uuid()).one(on).await?.as_ref().map(referral).transpose()
}

/// Stores that somebody was referred.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, referral: &Referral) -> Result<(), Error> {
    Entity::insert(row(referral).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores that a referral counts, or that it was undone.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, referral: &Referral) -> Result<(), Error> {
    let Model { friend, counted_at, purchase, amount, undone_at, .. } = row(referral);
    let changed = referrals::ActiveModel {
        friend: Set(friend),
        counted_at: Set(counted_at),
        purchase: Set(purchase),
        amount: Set(amount),
        undone_at: Set(undone_at),
        ..Default::default()
    };
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Those of `friends` who were referred, held in the order of their ids until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, friends: &[MemberId]) -> Result<BTreeMap<MemberId, Referral>, Error> {
    let ids = friends.iter().map(|friend| friend.as_uuid());
    let query = Entity::find().filter(Column::Friend.is_in(ids)).filter(Column::UndoneAt.is_null());
    let rows = query.order_by_asc(Column::Friend).lock_exclusive().all(tx).await?;
    rows.iter().map(|row| referral(row).map(|referral| (referral.friend, referral))).collect()
}

/// Notes that a part of a friend's purchase came back, once, and answers how much of it has come back by now.
///
/// # Errors
/// A fault of the database.
pub async fn note_return(tx: &Tx, friend: MemberId, id: JournalId, amount: i64) -> Result<i64, Error> {
    use referral_returns::{Column, Entity, Model};
    let row = Model { return_id: id.as_uuid(), friend: friend.as_uuid(), amount };
    let insert = Entity::insert(row.into_active_model());
    insert.on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(tx).await?;
    let all = Entity::find().select_only().column(Column::Amount).filter(Column::Friend.eq(friend.as_uuid()));
    let amounts: Vec<i64> = all.into_tuple().all(tx).await?;
    Ok(amounts.into_iter().fold(0, i64::saturating_add))
}

/// How many friends a member referred since `since`.
///
/// # Errors
/// A fault of the database.
pub async fn count_since(
    on: &impl ConnectionTrait,
    referrer: MemberId,
    since: Timestamp,
) -> Result<u64, Error> {
    Ok(of(referrer).filter(Column::MadeAt.gt(since.micros())).count(on).await?)
}

/// How many of a member's referrals stand where.
///
/// # Errors
/// A fault of the database.
pub async fn counts(on: &impl ConnectionTrait, referrer: MemberId, now: Timestamp) -> Result<Counts, Error> {
    let waiting = || of(referrer).filter(Column::CountedAt.is_null());
    let counted = of(referrer).filter(Column::CountedAt.is_not_null()).filter(Column::UndoneAt.is_null());
    Ok(Counts {
        open: waiting().filter(Column::Until.gte(now.micros())).count(on).await?,
        counted: counted.count(on).await?,
        lapsed: waiting().filter(Column::Until.lt(now.micros())).count(on).await?,
        undone: of(referrer).filter(Column::UndoneAt.is_not_null()).count(on).await?,
    })
}

/// The last friends whom a member referred, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn latest(
    on: &impl ConnectionTrait,
    referrer: MemberId,
    limit: u64,
) -> Result<Vec<Referral>, Error> {
    let ordered = of(referrer).order_by_desc(Column::MadeAt).order_by_asc(Column::Friend);
    ordered.limit(limit).all(on).await?.iter().map(referral).collect()
}

fn of(referrer: MemberId) -> Select<Entity> {
    Entity::find().filter(Column::Referrer.eq(referrer.as_uuid()))
}

fn row(referral: &Referral) -> Model {
    let counted = referral.counted;
    Model {
        friend: referral.friend.as_uuid(),
        referrer: referral.referrer.as_uuid(),
        made_at: referral.made_at.micros(),
        minimum_amount: referral.promise.minimum_amount,
        currency: referral.promise.currency.to_string(),
        until: referral.promise.until.micros(),
        counted_at: counted.map(|counted| counted.at.micros()),
        purchase: counted.map(|counted| counted.purchase.as_uuid()),
        amount: counted.map(|counted| counted.amount),
        undone_at: referral.undone_at.map(Timestamp::micros),
    }
}

fn referral(row: &Model) -> Result<Referral, Error> {
    let friend = MemberId::from_uuid(row.friend);
    let counted = match (row.counted_at, row.purchase, row.amount) {
        (Some(at), Some(purchase), Some(amount)) => {
            Some(CountedBy { purchase: JournalId::from_uuid(purchase), amount, at: instant(at) })
        }
        _ => None,
    };
    let currency = Currency::parse(&row.currency).with_context(|| format!("referral of {friend}"))?;
    let (minimum_amount, until) = (row.minimum_amount, instant(row.until));
    Ok(Referral {
        friend,
        referrer: MemberId::from_uuid(row.referrer),
        made_at: instant(row.made_at),
        promise: Promise { minimum_amount, currency, until },
        counted,
        undone_at: row.undone_at.map(instant),
    })
}
