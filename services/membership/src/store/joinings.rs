//! First names that came with the asking for a code: sealed until their members exist, and not there any more then.

use anyhow::{Context as _, anyhow};
use kernel::{Language, MemberId, SignInId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use store::Tx;

use super::{
    Vault,
    cipher::{Cell, NOBODY, SealedColumn},
    tables::{joinings, sign_ins},
};
use crate::{
    domain::{name::FirstName, newcomer::Newcomer, phone::Phone},
    error::Error,
};

/// Phone, language and first name of somebody who joins in an app.
const JOINING: SealedColumn = SealedColumn { table: "joinings", column: "sealed" };

/// How far a joining is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Joining {
    /// Nobody has looked yet whether the phone leads to a member.
    Open(Newcomer),
    /// It is this member's.
    Settled(MemberId),
}

pub(super) fn cell(row: &[u8]) -> Cell<'_> {
    Cell { column: JOINING, member: NOBODY, row }
}

/// Notes who wants to join, beside the sign-in that was made for them.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, vault: &Vault, id: SignInId, newcomer: &Newcomer) -> Result<(), Error> {
    let Newcomer { phone, first_name, language } = newcomer;
    let text = format!("{}\n{}\n{}", phone.e164(), language.tag(), first_name.text());
    let row = joinings::Model {
        sign_in_id: id.as_uuid(),
        member_id: None,
        sealed: vault.seal(cell(id.as_uuid().as_bytes()), &text),
    };
    joinings::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The joining that belongs to a sign-in, where one does.
///
/// # Errors
/// A fault of the database, or a row that does not open.
pub async fn load(on: &impl ConnectionTrait, vault: &Vault, id: SignInId) -> Result<Option<Joining>, Error> {
    let Some(row) = joinings::Entity::find_by_id(id.as_uuid()).one(on).await? else { return Ok(None) };
    if let Some(member) = row.member_id {
        return Ok(Some(Joining::Settled(MemberId::from_uuid(member))));
    }
    let text = vault.cipher.open(cell(row.sign_in_id.as_bytes()), &row.sealed);
    let text = text.with_context(|| format!("joining {}", row.sign_in_id))?;
    let newcomer = newcomer(text.expose()).ok_or_else(|| anyhow!("joining {} is broken", row.sign_in_id))?;
    Ok(Some(Joining::Open(newcomer)))
}

fn newcomer(text: &str) -> Option<Newcomer> {
    let mut parts = text.splitn(3, '\n');
    let (phone, language, name) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Newcomer {
        phone: Phone::parse(phone).ok()?,
        first_name: FirstName::parse(name).ok()?,
        language: Language::parse(language).ok()?,
    })
}

/// Notes whose sign-in it is, and forgets what they said. A sign-in that was forgotten meanwhile stays so.
///
/// # Errors
/// A fault of the database.
pub async fn settle(tx: &Tx, id: SignInId, member: MemberId) -> Result<(), Error> {
    let sign_in = sign_ins::Entity::update_many()
        .col_expr(sign_ins::Column::MemberId, Expr::value(member.as_uuid()))
        .filter(sign_ins::Column::Id.eq(id.as_uuid()));
    sign_in.exec(tx).await?;
    let joining = joinings::Entity::update_many()
        .col_expr(joinings::Column::MemberId, Expr::value(member.as_uuid()))
        .col_expr(joinings::Column::Sealed, Expr::value(Vec::<u8>::new()))
        .filter(joinings::Column::SignInId.eq(id.as_uuid()));
    joining.exec(tx).await?;
    Ok(())
}

/// Forgets a joining from which nobody comes.
///
/// # Errors
/// A fault of the database.
pub async fn remove(tx: &Tx, id: SignInId) -> Result<(), Error> {
    joinings::Entity::delete_by_id(id.as_uuid()).exec(tx).await?;
    Ok(())
}
