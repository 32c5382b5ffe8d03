//! Who left, and how everything that is known of somebody is removed.

use anyhow::Context as _;
use kernel::{BranchCode, MemberId, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault, coded, counted, instant,
    invitations::own_addresses,
    members::{known, update_member_version},
    tables::{
        card_tokens, erasures, household_invitations, identifiers, joinings, members, occasions,
        phone_changes, plan_checkouts, profile_answers, referral_codes, refresh_tokens, sessions,
        sign_in_messages, sign_ins, subscriptions,
    },
    vouchings,
};
use crate::{
    domain::{
        leaving::{Erasure, Forgetter, LeavingReason},
        member::MemberStatus,
    },
    error::Error,
};

/// The branch where a member joined, when it was at a till.
///
/// # Errors
/// A fault of the database.
pub async fn branch_of(tx: &Tx, member: MemberId) -> Result<Option<BranchCode>, Error> {
    let query = known(member).select_only().column(members::Column::Branch);
    let branch: Option<Option<String>> = query.into_tuple().one(tx).await?;
    branch.flatten().as_deref().map(coded).transpose()
}

/// Counts one more fact about a member who left, and answers its number; `None` for anybody else. Others wait for the
/// transaction's end.
///
/// # Errors
/// A fault of the database.
pub async fn count_fact(tx: &Tx, member: MemberId) -> Result<Option<u64>, Error> {
    let left = members::Entity::find_by_id(member.as_uuid())
        .filter(members::Column::Status.eq(MemberStatus::Erased.word()));
    let query = left.select_only().column(members::Column::Version).lock_exclusive();
    let version: Option<i64> = query.into_tuple().one(tx).await?;
    let Some(version) = version else { return Ok(None) };
    let next = counted(version)? + 1;
    update_member_version(tx, member, next).await?;
    Ok(Some(next))
}

/// Removes what is known of a member whom the transaction holds: the name and its key, phones, cards and what is shown in
/// place of them, former phones, sessions, codes on their way, invitations from and to them, answers, birthday, referral code, paid plan and checkouts. The row that stays says that there was
/// somebody, and how many facts were told; the ledger of consents stays under its id, and so do who referred whom and what was paid.
///
/// # Errors
/// A fault of the database.
pub async fn erase(tx: &Tx, vault: &Vault, member: MemberId) -> Result<(), Error> {
    forget_sign_ins(tx, member).await?;
    let id = member.as_uuid();
    let to_them: Vec<Vec<u8>> =
        own_addresses(tx, vault, member).await?.into_iter().map(|address| address.0.0.to_vec()).collect();
    let invitations = Condition::any()
        .add(household_invitations::Column::Inviter.eq(id))
        .add(household_invitations::Column::Address.is_in(to_them));
    household_invitations::Entity::delete_many().filter(invitations).exec(tx).await?;
    vouchings::forget(tx, member).await?;
    card_tokens::Entity::delete_many().filter(card_tokens::Column::MemberId.eq(id)).exec(tx).await?;
    identifiers::Entity::delete_many().filter(identifiers::Column::MemberId.eq(id)).exec(tx).await?;
    profile_answers::Entity::delete_many().filter(profile_answers::Column::MemberId.eq(id)).exec(tx).await?;
    occasions::Entity::delete_many().filter(occasions::Column::MemberId.eq(id)).exec(tx).await?;
    referral_codes::Entity::delete_many().filter(referral_codes::Column::MemberId.eq(id)).exec(tx).await?;
    phone_changes::Entity::delete_many().filter(phone_changes::Column::MemberId.eq(id)).exec(tx).await?;
    plan_checkouts::Entity::delete_many().filter(plan_checkouts::Column::MemberId.eq(id)).exec(tx).await?;
    subscriptions::Entity::delete_many().filter(subscriptions::Column::MemberId.eq(id)).exec(tx).await?;
    blank(tx, member).await
}

/// Empties the row of a member, with the key to what was sealed: what stays says that there was somebody, and how many facts were told.
///
/// # Errors
/// A fault of the database.
pub async fn blank(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let id = member.as_uuid();
    let nothing = members::ActiveModel {
        id: Set(id),
        status: Set(MemberStatus::Erased.word().to_owned()),
        first_name: Set(Vec::new()),
        data_key: Set(None),
        master_key: Set(None),
        branch: Set(None),
        till: Set(None),
        joined_through: Set(None),
        confirmed_at: Set(None),
        ..Default::default()
    };
    members::Entity::update(nothing).exec(tx).await?;
    Ok(())
}

/// Removes the sessions of a member, codes on their way and other messages to them.
///
/// # Errors
/// A fault of the database.
pub async fn forget_sign_ins(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let id = member.as_uuid();
    let phones = identifiers::Entity::find().select_only().column(identifiers::Column::Digest);
    let phones = phones.filter(identifiers::Column::MemberId.eq(id)).into_query();
    let theirs = Condition::any()
        .add(sign_ins::Column::MemberId.eq(id))
        .add(sign_ins::Column::Phone.in_subquery(phones));
    let asked = sign_ins::Entity::find().select_only().column(sign_ins::Column::Id).filter(theirs.clone());
    let joining = joinings::Column::SignInId.in_subquery(asked.clone().into_query());
    joinings::Entity::delete_many().filter(joining).exec(tx).await?;
    let about_them = Condition::any()
        .add(sign_in_messages::Column::Id.in_subquery(asked.into_query()))
        .add(sign_in_messages::Column::MemberId.eq(id));
    let messages = sign_in_messages::Entity::delete_many().filter(about_them);
    messages.exec(tx).await?;
    sign_ins::Entity::delete_many().filter(theirs).exec(tx).await?;
    let open = sessions::Entity::find().select_only().column(sessions::Column::Id);
    let open = open.filter(sessions::Column::MemberId.eq(id)).into_query();
    let tokens =
        refresh_tokens::Entity::delete_many().filter(refresh_tokens::Column::SessionId.in_subquery(open));
    tokens.exec(tx).await?;
    sessions::Entity::delete_many().filter(sessions::Column::MemberId.eq(id)).exec(tx).await?;
    Ok(())
}

/// Notes that a member left; one who left before, and came back by a backup, is noted anew.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, erasure: &Erasure) -> Result<(), Error> {
    let row = erasures::Model {
        member_id: erasure.member.as_uuid(),
        erased_at: erasure.erased_at.micros(),
        reason: erasure.reason.word().to_owned(),
        points_at: erasure.points_at.map(Timestamp::micros),
        rewards_at: erasure.rewards_at.map(Timestamp::micros),
    };
    let again = OnConflict::column(erasures::Column::MemberId)
        .update_columns([erasures::Column::ErasedAt, erasures::Column::Reason])
        .to_owned();
    let insert = erasures::Entity::insert(row.into_active_model()).on_conflict(again);
    insert.exec_without_returning(tx).await?;
    Ok(())
}

const fn said_at(by: Forgetter) -> erasures::Column {
    match by {
        Forgetter::Points => erasures::Column::PointsAt,
        Forgetter::Rewards => erasures::Column::RewardsAt,
    }
}

/// Notes when another service said that it has done its part; the first word counts.
///
/// # Errors
/// A fault of the database.
pub async fn confirm(tx: &Tx, by: Forgetter, member: MemberId, at: Timestamp) -> Result<(), Error> {
    let confirmed = erasures::Entity::update_many()
        .col_expr(said_at(by), Expr::value(at.micros()))
        .filter(erasures::Column::MemberId.eq(member.as_uuid()))
        .filter(said_at(by).is_null());
    confirmed.exec(tx).await?;
    Ok(())
}

/// Whose erasure this service has confirmed, with ids after `after` and up to `until`.
///
/// # Errors
/// A fault of the database.
pub async fn confirmed_between(
    on: &impl ConnectionTrait,
    by: Forgetter,
    after: Option<MemberId>,
    until: Option<MemberId>,
) -> Result<Vec<MemberId>, Error> {
    let mut query = erasures::Entity::find().filter(said_at(by).is_not_null());
    if let Some(after) = after {
        query = query.filter(erasures::Column::MemberId.gt(after.as_uuid()));
    }
    if let Some(until) = until {
        query = query.filter(erasures::Column::MemberId.lte(until.as_uuid()));
    }
    let ids: Vec<Uuid> = query.select_only().column(erasures::Column::MemberId).into_tuple().all(on).await?;
    Ok(ids.into_iter().map(MemberId::from_uuid).collect())
}

/// Those of these members whose erasure this service has not confirmed.
///
/// # Errors
/// A fault of the database.
pub async fn unconfirmed(
    on: &impl ConnectionTrait,
    by: Forgetter,
    among: &[MemberId],
) -> Result<Vec<MemberId>, Error> {
    let among: Vec<Uuid> = among.iter().map(|member| member.as_uuid()).collect();
    let query = erasures::Entity::find().filter(erasures::Column::MemberId.is_in(among));
    let query = query.filter(said_at(by).is_null()).select_only().column(erasures::Column::MemberId);
    let ids: Vec<Uuid> = query.into_tuple().all(on).await?;
    Ok(ids.into_iter().map(MemberId::from_uuid).collect())
}

/// Up to `limit` members who left, those who left first first, after the one named.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    after: Option<(Timestamp, MemberId)>,
    limit: u64,
) -> Result<Vec<Erasure>, Error> {
    let mut query = erasures::Entity::find()
        .order_by_asc(erasures::Column::ErasedAt)
        .order_by_asc(erasures::Column::MemberId)
        .limit(limit);
    if let Some((at, member)) = after {
        let same = Condition::all()
            .add(erasures::Column::ErasedAt.eq(at.micros()))
            .add(erasures::Column::MemberId.gt(member.as_uuid()));
        query = query.filter(Condition::any().add(erasures::Column::ErasedAt.gt(at.micros())).add(same));
    }
    query.all(on).await?.iter().map(erasure).collect()
}

fn erasure(row: &erasures::Model) -> Result<Erasure, Error> {
    let member = MemberId::from_uuid(row.member_id);
    let reason = LeavingReason::from_word(&row.reason);
    Ok(Erasure {
        member,
        erased_at: instant(row.erased_at),
        reason: reason.with_context(|| format!("{member} left for the unknown reason {:?}", row.reason))?,
        points_at: row.points_at.map(instant),
        rewards_at: row.rewards_at.map(instant),
    })
}
