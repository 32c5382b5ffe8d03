//! Rows on their way to the current key of the blind index.
//!
//! A row says which key its keyed hash is from, so that what is left to do is found again after a stop. What a member is found by
//! is sealed with the member's key, and so it can be hashed anew; its seal is bound to the hash, and is made anew with it. Who
//! looks up meanwhile does so under both keys, in one statement, which sees the row before or afterwards.

use contracts::membership::IdentifierLinked;
use kernel::MemberId;
use runtime::BlindKey;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault, blind_index,
    card_batches::stock_cell,
    cipher::IDENTIFIER,
    member_seal::{MemberSeal, load_seal},
    members::sealed,
    occasions, phone_changes, profile, questions,
    tables::{card_stock, household_invitations, identifiers, occasions as occasion_rows},
};
use crate::{
    domain::{
        answer::{Answer, Known},
        birthday::DayOfYear,
        card::CardNumber,
        identifier::Identifier,
    },
    error::Error,
};

/// Up to `limit` members after `after`, in the order of their ids, something of whom hangs on another key than this one.
///
/// # Errors
/// A fault of the database.
pub async fn members_on_others(
    on: &impl ConnectionTrait,
    key: &BlindKey,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberId>, Error> {
    let current = i16::from(key.id());
    let mut known = identifiers::Entity::find()
        .select_only()
        .column(identifiers::Column::MemberId)
        .distinct()
        .filter(identifiers::Column::BlindKey.ne(current))
        .order_by_asc(identifiers::Column::MemberId);
    let mut born = occasion_rows::Entity::find()
        .select_only()
        .column(occasion_rows::Column::MemberId)
        .filter(occasion_rows::Column::Birthday.is_not_null())
        .filter(occasion_rows::Column::BirthdayKey.ne(current))
        .order_by_asc(occasion_rows::Column::MemberId);
    if let Some(after) = after {
        known = known.filter(identifiers::Column::MemberId.gt(after.as_uuid()));
        born = born.filter(occasion_rows::Column::MemberId.gt(after.as_uuid()));
    }
    let mut ids: Vec<Uuid> = known.limit(limit).into_tuple().all(on).await?;
    ids.extend(born.limit(limit).into_tuple::<Uuid>().all(on).await?);
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(ids.into_iter().map(MemberId::from_uuid).collect())
}

/// Hashes anew, under the key that the transaction holds as the current one, whatever a member is found by, who is held. Answers what is
/// told of it; `None`, and nothing is changed, where something of it does not open.
///
/// # Errors
/// A fault of the database.
pub async fn move_member(
    tx: &Tx,
    vault: &Vault,
    key: &BlindKey,
    member: MemberId,
) -> Result<Option<Vec<IdentifierLinked>>, Error> {
    let rows = identifiers::Entity::find()
        .filter(identifiers::Column::MemberId.eq(member.as_uuid()))
        .filter(identifiers::Column::BlindKey.ne(i16::from(key.id())))
        .all(tx)
        .await?;
    let answers = profile::of_member(tx, member).await?;
    // The member's row is read after what its key opens.
    let Ok(Some(seal)) = load_seal(tx, vault, member).await else { return Ok(None) };
    let mut opened = Vec::with_capacity(rows.len());
    for row in rows {
        let sealed = sealed(row)?;
        let Ok(identifier) = seal.open_identifier(&sealed) else { return Ok(None) };
        opened.push((sealed, identifier));
    }
    let Ok(answers) = seal.open_answers(&answers) else { return Ok(None) };
    let mut told = Vec::with_capacity(opened.len());
    for (before, identifier) in opened {
        let former = before.digest;
        let digest = key.digest(identifier.kind(), identifier.normal());
        move_identifier(tx, &seal, key, (&former.0, &digest.0), &identifier).await?;
        let (kind, active) = (before.kind, before.active);
        told.push(IdentifierLinked { member_id: member, kind, digest, active, former: Some(former) });
    }
    if let Some(birthday) = birthday_among(tx, &answers).await? {
        occasions::save_birthday(tx, vault, member, Some(birthday)).await?;
    }
    if phone_changes::hash_anew(tx, &seal, key).await? > 0 {
        tracing::warn!(target: "vafa::membership", %member, "a change of a phone does not open; its hashes stay as they are until it is forgotten");
    }
    Ok(Some(told))
}

/// The birthday, where a member told it.
async fn birthday_among(tx: &Tx, answers: &[Known]) -> Result<Option<DayOfYear>, Error> {
    for known in answers {
        if let Some(Answer::Day(day)) = &known.answer
            && questions::find(tx, &known.question)
                .await?
                .is_some_and(|asked| asked.asking.kind.is_birthday())
        {
            return Ok(Some(day.of_year()));
        }
    }
    Ok(None)
}

/// Moves one identifier, and what names it by its hash.
async fn move_identifier(
    tx: &Tx,
    seal: &MemberSeal<'_>,
    key: &BlindKey,
    (former, digest): (&[u8], &[u8]),
    identifier: &Identifier,
) -> Result<(), Error> {
    use identifiers::{Column, Entity};
    let moved = Entity::update_many()
        .col_expr(Column::Digest, Expr::value(digest.to_vec()))
        .col_expr(Column::Value, Expr::value(seal.seal(IDENTIFIER, digest, identifier.normal())))
        .col_expr(Column::BlindKey, Expr::value(i16::from(key.id())))
        .filter(Column::Digest.eq(former.to_vec()));
    moved.exec(tx).await?;
    let replaced = Entity::update_many()
        .col_expr(Column::ReplacedBy, Expr::value(digest.to_vec()))
        .filter(Column::ReplacedBy.eq(former.to_vec()));
    replaced.exec(tx).await?;
    let invited = household_invitations::Entity::update_many()
        .col_expr(household_invitations::Column::Address, Expr::value(digest.to_vec()))
        .filter(household_invitations::Column::Address.eq(former.to_vec()));
    invited.exec(tx).await?;
    Ok(())
}

/// How far the cards of batches are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockMoved {
    /// The keyed hash of the last card that was looked at; nothing when there is none left.
    pub last: Option<Vec<u8>>,
    /// How many were hashed anew.
    pub moved: u64,
    /// How many do not open.
    pub broken: u64,
}

/// Hashes anew, under the current key, up to `limit` cards of batches that hang on another one, in the order of their hashes.
///
/// # Errors
/// A fault of the database, or a process that lacks a key.
pub async fn move_stock(
    tx: &Tx,
    vault: &Vault,
    after: Option<&[u8]>,
    limit: u64,
) -> Result<StockMoved, Error> {
    use card_stock::{Column, Entity};
    let key = blind_index::hold(tx, vault).await?;
    let mut query = Entity::find().filter(Column::BlindKey.ne(i16::from(key.id())));
    if let Some(after) = after {
        query = query.filter(Column::Digest.gt(after.to_vec()));
    }
    let mut page = StockMoved::default();
    for row in query.order_by_asc(Column::Digest).limit(limit).lock_exclusive().all(tx).await? {
        let opened = vault.cipher.open(stock_cell(&row.digest), &row.value).ok();
        let number = opened.and_then(|number| CardNumber::parse(number.expose()).ok());
        if let Some(number) = number {
            let card = vault.indexed_under(key, Identifier::Card(number.clone()));
            let moved = Entity::update_many()
                .col_expr(Column::Digest, Expr::value(card.digest.0.to_vec()))
                .col_expr(Column::Value, Expr::value(vault.seal(stock_cell(&card.digest.0), number.digits())))
                .col_expr(Column::BlindKey, Expr::value(i16::from(key.id())))
                .filter(Column::Digest.eq(row.digest.clone()));
            moved.exec(tx).await?;
            page.moved += 1;
        } else {
            page.broken += 1;
        }
        page.last = Some(row.digest);
    }
    Ok(page)
}
