//! Merges that were asked for, and ids that lead to another member since one was done.

use anyhow::{Context as _, anyhow};
use kernel::{MemberId, MergeId, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use store::{Database, Tx};

use super::{
    Vault, coded_bytes, instant,
    tables::{
        merged_members,
        merges::{Column, Entity, Model},
    },
};
use crate::{
    domain::{
        code::OneTimeCode,
        merging::{MERGES_SHOWN, Merge, MergeReason, MergeStatus, Proof},
    },
    error::Error,
};

/// Stores a merge that was asked for.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, merge: &Merge) -> Result<(), Error> {
    Entity::insert(row(merge).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores what became of a merge whose member who stays is held.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, merge: &Merge) -> Result<(), Error> {
    Entity::update(row(merge).into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

/// The merge into that member, when there is one.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    on: &impl ConnectionTrait,
    survivor: MemberId,
    id: MergeId,
) -> Result<Option<Merge>, Error> {
    let query = Entity::find_by_id(id.as_uuid()).filter(Column::Survivor.eq(survivor.as_uuid()));
    query.one(on).await?.as_ref().map(merge).transpose()
}

/// The merges that a member is a part of, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Merge>, Error> {
    let query = Entity::find()
        .filter(part_of(member))
        .order_by_desc(Column::AskedAt)
        .order_by_desc(Column::Id)
        .limit(MERGES_SHOWN);
    query.all(on).await?.iter().map(merge).collect()
}

fn part_of(member: MemberId) -> Condition {
    let id = member.as_uuid();
    Condition::any().add(Column::Survivor.eq(id)).add(Column::Absorbed.eq(id))
}

/// Gives up whatever was asked for and waits of which a member is a part, but for one merge.
///
/// # Errors
/// A fault of the database.
pub async fn withdraw_open(
    tx: &Tx,
    member: MemberId,
    but: Option<MergeId>,
    now: Timestamp,
) -> Result<(), Error> {
    let open = [MergeStatus::AwaitsCodes, MergeStatus::AwaitsApproval].map(MergeStatus::word);
    let mut ended = Entity::update_many()
        .col_expr(Column::Status, Expr::value(MergeStatus::Withdrawn.word()))
        .col_expr(Column::EndedAt, Expr::value(now.micros()))
        .col_expr(Column::OverAt, Expr::value(now.micros()))
        .filter(part_of(member))
        .filter(Column::Status.is_in(open));
    if let Some(but) = but {
        ended = ended.filter(Column::Id.ne(but.as_uuid()));
    }
    ended.exec(tx).await?;
    Ok(())
}

/// Notes that a member's id leads to another one from now on, and so do ids that led to it.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, absorbed: MemberId, survivor: MemberId, at: Timestamp) -> Result<(), Error> {
    let led = merged_members::Entity::update_many()
        .col_expr(merged_members::Column::Survivor, Expr::value(survivor.as_uuid()))
        .filter(merged_members::Column::Survivor.eq(absorbed.as_uuid()));
    led.exec(tx).await?;
    let row = merged_members::Model {
        member_id: absorbed.as_uuid(),
        survivor: survivor.as_uuid(),
        merged_at: at.micros(),
    };
    merged_members::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Who has everything of a member since a merge; `None` for whoever was not absorbed.
///
/// # Errors
/// A fault of the database.
pub async fn survivor_of(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<MemberId>, Error> {
    let row = merged_members::Entity::find_by_id(member.as_uuid()).one(on).await?;
    Ok(row.map(|row| MemberId::from_uuid(row.survivor)))
}

/// The member, or whoever has everything of them since a merge.
///
/// # Errors
/// A fault of the database.
pub async fn follow(on: &impl ConnectionTrait, member: MemberId) -> Result<MemberId, Error> {
    Ok(survivor_of(on, member).await?.unwrap_or(member))
}

/// Whose memberships went into those of these members, each with the member who stayed.
///
/// # Errors
/// A fault of the database.
pub async fn absorbed_by(
    on: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<Vec<(MemberId, MemberId)>, Error> {
    let ids = members.iter().map(|member| member.as_uuid());
    let query = merged_members::Entity::find().filter(merged_members::Column::Survivor.is_in(ids));
    let rows = query.order_by_asc(merged_members::Column::MemberId).all(on).await?;
    let pair =
        |row: &merged_members::Model| (MemberId::from_uuid(row.member_id), MemberId::from_uuid(row.survivor));
    Ok(rows.iter().map(pair).collect())
}

/// Every id that leads to another member.
///
/// # Errors
/// A fault of the database.
pub async fn list(database: &Database) -> Result<Vec<(MemberId, MemberId)>, Error> {
    let rows = merged_members::Entity::find().all(database.connection()).await?;
    let pair =
        |row: merged_members::Model| (MemberId::from_uuid(row.member_id), MemberId::from_uuid(row.survivor));
    Ok(rows.into_iter().map(pair).collect())
}

impl Vault {
    /// The keyed hash under which a code of a merge is kept.
    #[must_use]
    pub fn merge_digest(&self, id: MergeId, code: &OneTimeCode) -> [u8; 32] {
        self.code_digest(kernel::SignInId::from_uuid(id.as_uuid()), code)
    }

    /// Whether this is the code that went there; takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn fits_proof(&self, id: MergeId, proof: &Proof, code: &OneTimeCode) -> bool {
        let id = kernel::SignInId::from_uuid(id.as_uuid());
        self.is_code_digest(&coded_bytes(id, code), &proof.code)
    }
}

fn merge(row: &Model) -> Result<Merge, Error> {
    let broken = || anyhow!("merge {} is broken", row.id);
    let proof = |code: &Option<Vec<u8>>, tries: i64, at: Option<i64>| -> Result<Option<Proof>, Error> {
        let Some(code) = code else { return Ok(None) };
        let code = <[u8; 32]>::try_from(code.as_slice()).map_err(|_| broken())?;
        let tries_left = u32::try_from(tries).map_err(|_| broken())?;
        Ok(Some(Proof { code, tries_left, came_at: at.map(instant) }))
    };
    Ok(Merge {
        id: MergeId::from_uuid(row.id),
        survivor: MemberId::from_uuid(row.survivor),
        absorbed: MemberId::from_uuid(row.absorbed),
        reason: MergeReason::from_word(&row.reason).with_context(broken)?,
        asked_by: row.asked_by.clone(),
        proofs: [
            proof(&row.survivor_code, row.survivor_tries, row.survivor_at)?,
            proof(&row.absorbed_code, row.absorbed_tries, row.absorbed_at)?,
        ],
        status: MergeStatus::from_word(&row.status).with_context(broken)?,
        asked_at: instant(row.asked_at),
        expires_at: instant(row.expires_at),
        approved_by: row.approved_by.clone(),
        merged_at: row.merged_at.map(instant),
        ended_at: row.ended_at.map(instant),
    })
}

fn row(merge: &Merge) -> Model {
    let [survivor, absorbed] = &merge.proofs;
    let tries = |proof: &Option<Proof>| proof.map_or(0, |proof| i64::from(proof.tries_left));
    let came = |proof: &Option<Proof>| proof.and_then(|proof| proof.came_at).map(Timestamp::micros);
    Model {
        id: merge.id.as_uuid(),
        survivor: merge.survivor.as_uuid(),
        absorbed: merge.absorbed.as_uuid(),
        reason: merge.reason.word().to_owned(),
        asked_by: merge.asked_by.clone(),
        survivor_code: survivor.map(|proof| proof.code.to_vec()),
        survivor_tries: tries(survivor),
        survivor_at: came(survivor),
        absorbed_code: absorbed.map(|proof| proof.code.to_vec()),
        absorbed_tries: tries(absorbed),
        absorbed_at: came(absorbed),
        status: merge.status.word().to_owned(),
        asked_at: merge.asked_at.micros(),
        expires_at: merge.expires_at.micros(),
        approved_by: merge.approved_by.clone(),
        merged_at: merge.merged_at.map(Timestamp::micros),
        ended_at: merge.ended_at.map(Timestamp::micros),
        over_at: merge.over_at().micros(),
    }
}
