//! Changes of members' phones, and the phones that lead to them or rest.

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, IdentifierKind, MemberId, PhoneChangeId, SessionId, Timestamp};
use runtime::BlindKey;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault, blind_index,
    cipher::SealedColumn,
    coded_bytes, instant,
    member_seal::MemberSeal,
    members::{SealedIdentifier, identifiers_of},
    tables::{
        identifiers, members,
        phone_changes::{Column, Entity, Model},
    },
};
use crate::{
    domain::{
        code::OneTimeCode,
        identifier::{Identifier, Indexed},
        phone::Phone,
        phone_change::{AskedBy, CHANGES_SHOWN, ChangeReason, ChangeStatus, PhoneChange, RecallCode},
    },
    error::Error,
};

/// Both phones of a change: the new one, and the one before in a line of its own.
pub const PHONES: SealedColumn = SealedColumn { table: "phone_changes", column: "phones" };

/// Why a phone's row does not lead to its member any more.
const GIVEN_UP: &str = "given_up";

/// A change, still sealed. Read it before the member's row, which has the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedChange(Model);

/// Stores a change that was asked for.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, seal: &MemberSeal<'_>, change: &PhoneChange) -> Result<(), Error> {
    Entity::insert(row(seal, change).into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores what became of a change that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, seal: &MemberSeal<'_>, change: &PhoneChange) -> Result<(), Error> {
    Entity::update(row(seal, change).into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

/// The change of that member, when there is one; the member must be held, and so nobody else changes it.
///
/// # Errors
/// A fault of the database.
pub async fn find(tx: &Tx, member: MemberId, id: PhoneChangeId) -> Result<Option<SealedChange>, Error> {
    let query = Entity::find_by_id(id.as_uuid()).filter(Column::MemberId.eq(member.as_uuid()));
    Ok(query.one(tx).await?.map(SealedChange))
}

/// Which change a code calls back, and whose it is.
///
/// # Errors
/// A fault of the database.
pub async fn find_recall(
    on: &impl ConnectionTrait,
    recall: &[[u8; 32]],
) -> Result<Option<(MemberId, PhoneChangeId)>, Error> {
    let recall = recall.iter().map(|digest| digest.to_vec());
    let query = Entity::find().filter(Column::Recall.is_in(recall)).select_only();
    let query = query.columns([Column::MemberId, Column::Id]);
    let found: Option<(Uuid, Uuid)> = query.into_tuple().one(on).await?;
    Ok(found.map(|(member, id)| (MemberId::from_uuid(member), PhoneChangeId::from_uuid(id))))
}

/// The changes of a member, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<SealedChange>, Error> {
    let query = Entity::find()
        .filter(Column::MemberId.eq(member.as_uuid()))
        .order_by_desc(Column::AskedAt)
        .order_by_desc(Column::Id)
        .limit(CHANGES_SHOWN);
    Ok(query.all(on).await?.into_iter().map(SealedChange).collect())
}

/// Gives up whatever a member, who is held, asked for and waits.
///
/// # Errors
/// A fault of the database.
pub async fn withdraw_open(tx: &Tx, member: MemberId, now: Timestamp) -> Result<(), Error> {
    let open = [ChangeStatus::AwaitsCode, ChangeStatus::AwaitsApproval].map(ChangeStatus::word);
    let waiting = Condition::all().add(Column::Status.is_in(open));
    end(tx, member, waiting, (ChangeStatus::Withdrawn, now)).await
}

/// Calls back whatever changed the phone of a member, who is held, since `since`.
///
/// # Errors
/// A fault of the database.
pub async fn recall_since(tx: &Tx, member: MemberId, since: Timestamp, now: Timestamp) -> Result<(), Error> {
    let done = Condition::all()
        .add(Column::Status.eq(ChangeStatus::Done.word()))
        .add(Column::ChangedAt.gte(since.micros()));
    end(tx, member, done, (ChangeStatus::Recalled, now)).await
}

async fn end(
    tx: &Tx,
    member: MemberId,
    which: Condition,
    (status, now): (ChangeStatus, Timestamp),
) -> Result<(), Error> {
    let ended = Entity::update_many()
        .col_expr(Column::Status, Expr::value(status.word()))
        .col_expr(Column::EndedAt, Expr::value(now.micros()))
        .filter(Column::MemberId.eq(member.as_uuid()))
        .filter(which);
    ended.exec(tx).await?;
    Ok(())
}

/// Whether a change of a member was called back since `since`.
///
/// # Errors
/// A fault of the database.
pub async fn was_recalled(tx: &Tx, member: MemberId, since: Timestamp) -> Result<bool, Error> {
    let query = Entity::find()
        .filter(Column::MemberId.eq(member.as_uuid()))
        .filter(Column::Status.eq(ChangeStatus::Recalled.word()))
        .filter(Column::EndedAt.gte(since.micros()));
    Ok(query.one(tx).await?.is_some())
}

/// The phones that lead to a member.
///
/// # Errors
/// A fault of the database.
pub async fn phones_of(tx: &Tx, member: MemberId) -> Result<Vec<SealedIdentifier>, Error> {
    let mut phones = identifiers_of(tx, member).await?;
    phones.retain(|known| known.kind == IdentifierKind::Phone);
    Ok(phones)
}

/// Lets a phone rest: it leads to nobody, and nobody else takes it.
///
/// # Errors
/// A fault of the database.
pub async fn rest(tx: &Tx, digest: Digest16, now: Timestamp) -> Result<(), Error> {
    let changed = identifiers::ActiveModel {
        digest: Set(digest.0.to_vec()),
        active: Set(false),
        blocked_at: Set(Some(now.micros())),
        blocked_why: Set(Some(GIVEN_UP.to_owned())),
        ..Default::default()
    };
    identifiers::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Lets a phone of a member that rests lead to them again; `false` when it is theirs no more.
///
/// # Errors
/// A fault of the database.
pub async fn wake(tx: &Tx, member: MemberId, digest: Digest16, now: Timestamp) -> Result<bool, Error> {
    let woken = identifiers::Entity::update_many()
        .col_expr(identifiers::Column::Active, Expr::value(true))
        .col_expr(identifiers::Column::LinkedAt, Expr::value(now.micros()))
        .col_expr(identifiers::Column::BlockedAt, Expr::value(Option::<i64>::None))
        .col_expr(identifiers::Column::BlockedWhy, Expr::value(Option::<String>::None))
        .filter(identifiers::Column::Digest.eq(digest.0.to_vec()))
        .filter(identifiers::Column::MemberId.eq(member.as_uuid()));
    Ok(woken.exec(tx).await?.rows_affected == 1)
}

/// Removes a phone, so that whoever has it may join.
///
/// # Errors
/// A fault of the database.
pub async fn free(tx: &Tx, digest: Digest16) -> Result<(), Error> {
    identifiers::Entity::delete_by_id(digest.0.to_vec()).exec(tx).await?;
    Ok(())
}

/// Notes that a member, who is held, has shown that their phone is theirs; `false` when that was known.
///
/// # Errors
/// A fault of the database.
pub async fn confirm(tx: &Tx, member: MemberId, at: Timestamp) -> Result<bool, Error> {
    let confirmed = members::Entity::update_many()
        .col_expr(members::Column::ConfirmedAt, Expr::value(at.micros()))
        .filter(members::Column::Id.eq(member.as_uuid()))
        .filter(members::Column::ConfirmedAt.is_null());
    Ok(confirmed.exec(tx).await?.rows_affected == 1)
}

/// Hashes both phones of every change of a member, who is held, under another key of the blind index; answers how many changes do
/// not open.
///
/// # Errors
/// A fault of the database.
pub(super) async fn hash_anew(tx: &Tx, seal: &MemberSeal<'_>, key: &BlindKey) -> Result<u64, Error> {
    let mut broken = 0;
    for row in Entity::find().filter(Column::MemberId.eq(seal.member().as_uuid())).all(tx).await? {
        let sealed = SealedChange(row);
        let Ok(change) = seal.open_change(&sealed) else {
            broken += 1;
            continue;
        };
        let hash = |phone: &Indexed| {
            blind_index::bytes(key.digest(phone.identifier.kind(), phone.identifier.normal()))
        };
        let hashed = Entity::update_many()
            .col_expr(Column::Phone, Expr::value(hash(&change.phone)))
            .col_expr(Column::Former, Expr::value(change.former.as_ref().map(hash)))
            .filter(Column::Id.eq(sealed.0.id));
        hashed.exec(tx).await?;
    }
    Ok(broken)
}

impl Vault {
    /// The keyed hash under which the code of a change is kept.
    #[must_use]
    pub fn change_digest(&self, id: PhoneChangeId, code: &OneTimeCode) -> [u8; 32] {
        self.code_digest(kernel::SignInId::from_uuid(id.as_uuid()), code)
    }

    /// Whether this is the code of the change; takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn fits_change(&self, change: &PhoneChange, code: &OneTimeCode) -> bool {
        let id = kernel::SignInId::from_uuid(change.id.as_uuid());
        self.is_code_digest(&coded_bytes(id, code), &change.code)
    }

    /// The keyed hash by which a change is found that a code calls back; the one that is kept from now on comes first.
    #[must_use]
    pub fn recall_digests(&self, code: &RecallCode) -> Vec<[u8; 32]> {
        self.code_digests(format!("recall:{}", code.text()).as_bytes())
    }
}

impl MemberSeal<'_> {
    /// Opens a change of the member's phone.
    ///
    /// # Errors
    /// A fault when it does not open, or is none.
    pub fn open_change(&self, sealed: &SealedChange) -> Result<PhoneChange, Error> {
        let SealedChange(row) = sealed;
        let broken = || anyhow!("change {} of a phone is broken", row.id);
        let text = self.open(PHONES, row.id.as_bytes(), &row.phones).with_context(broken)?;
        let (phone, former) = text.expose().split_once('\n').with_context(broken)?;
        // Hashed anew: the key of the blind index may have changed since.
        let indexed = |text: &str| -> Result<Indexed, Error> {
            let phone = Phone::parse(text).map_err(|_| broken())?;
            Ok(self.vault().index(Identifier::Phone(phone)))
        };
        let bytes = |digest: &[u8]| <[u8; 32]>::try_from(digest).map_err(|_| broken());
        let recall = match (&row.recall, row.recall_until) {
            (Some(digest), Some(until)) => Some((bytes(digest)?, instant(until))),
            _ => None,
        };
        Ok(PhoneChange {
            id: PhoneChangeId::from_uuid(row.id),
            member: MemberId::from_uuid(row.member_id),
            asked_by: match (row.session_id, &row.asked_by) {
                (Some(session), _) => AskedBy::Member(SessionId::from_uuid(session)),
                (None, person) => AskedBy::Office(person.clone().with_context(broken)?),
            },
            reason: ChangeReason::from_word(&row.reason).with_context(broken)?,
            phone: indexed(phone)?,
            former: row.former.as_ref().map(|_| indexed(former)).transpose()?,
            code: bytes(&row.code)?,
            tries_left: u32::try_from(row.tries_left).map_err(|_| broken())?,
            status: ChangeStatus::from_word(&row.status).with_context(broken)?,
            asked_at: instant(row.asked_at),
            expires_at: instant(row.expires_at),
            confirmed_at: row.confirmed_at.map(instant),
            approved_by: row.approved_by.clone(),
            changed_at: row.changed_at.map(instant),
            recall,
            guarded_until: row.guarded_until.map(instant),
            ended_at: row.ended_at.map(instant),
        })
    }
}

fn row(seal: &MemberSeal<'_>, change: &PhoneChange) -> Model {
    let (session_id, asked_by) = match &change.asked_by {
        AskedBy::Member(session) => (Some(session.as_uuid()), None),
        AskedBy::Office(person) => (None, Some(person.clone())),
    };
    let former = change.former.as_ref().map_or("", |former| former.identifier.normal());
    let phones = format!("{}\n{former}", change.phone.identifier.normal());
    let id = change.id.as_uuid();
    Model {
        id,
        member_id: change.member.as_uuid(),
        session_id,
        asked_by,
        reason: change.reason.word().to_owned(),
        phone: change.phone.digest.0.to_vec(),
        former: change.former_digest().map(|digest| digest.0.to_vec()),
        phones: seal.seal(PHONES, id.as_bytes(), &phones),
        code: change.code.to_vec(),
        tries_left: change.tries_left.into(),
        status: change.status.word().to_owned(),
        asked_at: change.asked_at.micros(),
        expires_at: change.expires_at.micros(),
        confirmed_at: change.confirmed_at.map(Timestamp::micros),
        approved_by: change.approved_by.clone(),
        changed_at: change.changed_at.map(Timestamp::micros),
        recall: change.recall.map(|(digest, _)| digest.to_vec()),
        recall_until: change.recall.map(|(_, until)| until.micros()),
        guarded_until: change.guarded_until.map(Timestamp::micros),
        ended_at: change.ended_at.map(Timestamp::micros),
        over_at: change.over_at().micros(),
    }
}
