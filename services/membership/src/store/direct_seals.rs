//! What a master key seals without a data key between, on its way to the newest master key.
//!
//! Whatever is changed here is compared with what was read.

use kernel::MemberId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use store::Tx;

use super::{
    Vault,
    card_batches::stock_cell,
    cipher::{Cell, NOBODY, SIGNING_KEY, SealBroken, key_id},
    invitations::cell as invited_cell,
    joinings::cell as joining_cell,
    sign_ins::message_cell,
    staff::name_cell as staff_cell,
    staff_accounts::secret_cell,
    tables::{
        card_stock, household_invitations, joinings, sign_in_messages, signing_keys, staff, staff_accounts,
        staff_invitations,
    },
};
use crate::error::Error;

/// Seals what belongs to no member by the active master key, but for cards that wait in batches: keys that sign access tokens,
/// messages on their way, who joins in an app, names and second factors of staff, ends of numbers that were invited. Answers how many it sealed and how many do not
/// open. They are few: keys of some months, messages of some minutes, invitations of some days.
///
/// # Errors
/// A fault of the database.
pub async fn reseal_direct(tx: &Tx, vault: &Vault) -> Result<(u64, u64), Error> {
    let (mut sealed, mut broken) = (0, 0);
    let mut note = |done: bool| if done { sealed += 1 } else { broken += 1 };
    for row in signing_keys::Entity::find().all(tx).await? {
        let number = row.number.to_be_bytes();
        let cell = Cell { column: SIGNING_KEY, member: NOBODY, row: &number };
        let Some(fresh) = vault.renewed(cell, &row.secret) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::Secret, Expr::value(fresh))
            .filter(signing_keys::Column::Number.eq(row.number))
            .filter(signing_keys::Column::Secret.eq(row.secret));
        changed.exec(tx).await?;
    }
    for row in sign_in_messages::Entity::find().all(tx).await? {
        let cell = message_cell(row.member_id.map(MemberId::from_uuid), row.id.as_bytes());
        let Some(fresh) = vault.renewed(cell, &row.sealed) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = sign_in_messages::Entity::update_many()
            .col_expr(sign_in_messages::Column::Sealed, Expr::value(fresh))
            .filter(sign_in_messages::Column::Id.eq(row.id))
            .filter(sign_in_messages::Column::Sealed.eq(row.sealed));
        changed.exec(tx).await?;
    }
    for row in staff::Entity::find().all(tx).await? {
        let cell = staff_cell(row.id.as_bytes());
        let Some(fresh) = vault.renewed(cell, &row.display_name) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = staff::Entity::update_many()
            .col_expr(staff::Column::DisplayName, Expr::value(fresh))
            .filter(staff::Column::Id.eq(row.id))
            .filter(staff::Column::DisplayName.eq(row.display_name));
        changed.exec(tx).await?;
    }
    for row in household_invitations::Entity::find().all(tx).await? {
        let cell = invited_cell(MemberId::from_uuid(row.inviter), row.id.as_bytes());
        let Some(fresh) = vault.renewed(cell, &row.shown) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = household_invitations::Entity::update_many()
            .col_expr(household_invitations::Column::Shown, Expr::value(fresh))
            .filter(household_invitations::Column::Id.eq(row.id))
            .filter(household_invitations::Column::Shown.eq(row.shown));
        changed.exec(tx).await?;
    }
    let (factors, factors_broken) = reseal_second_factors(tx, vault).await?;
    let (newcomers, newcomers_broken) = reseal_newcomers(tx, vault).await?;
    Ok((sealed + factors + newcomers, broken + factors_broken + newcomers_broken))
}

/// The same for who joins in an app, until there is a member.
async fn reseal_newcomers(tx: &Tx, vault: &Vault) -> Result<(u64, u64), Error> {
    let (mut sealed, mut broken) = (0, 0);
    let mut note = |done: bool| if done { sealed += 1 } else { broken += 1 };
    for row in joinings::Entity::find().filter(joinings::Column::MemberId.is_null()).all(tx).await? {
        let Some(fresh) = vault.renewed(joining_cell(row.sign_in_id.as_bytes()), &row.sealed) else {
            continue;
        };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = joinings::Entity::update_many()
            .col_expr(joinings::Column::Sealed, Expr::value(fresh))
            .filter(joinings::Column::SignInId.eq(row.sign_in_id))
            .filter(joinings::Column::Sealed.eq(row.sealed));
        changed.exec(tx).await?;
    }
    Ok((sealed, broken))
}

/// The same for the second factors of staff, in accounts and in invitations that were followed half the way.
async fn reseal_second_factors(tx: &Tx, vault: &Vault) -> Result<(u64, u64), Error> {
    let (mut sealed, mut broken) = (0, 0);
    let mut note = |done: bool| if done { sealed += 1 } else { broken += 1 };
    for row in staff_accounts::Entity::find().all(tx).await? {
        let Some(fresh) = vault.renewed(secret_cell(row.staff_id.as_bytes()), &row.secret) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = staff_accounts::Entity::update_many()
            .col_expr(staff_accounts::Column::Secret, Expr::value(fresh))
            .filter(staff_accounts::Column::StaffId.eq(row.staff_id))
            .filter(staff_accounts::Column::Secret.eq(row.secret));
        changed.exec(tx).await?;
    }
    for row in staff_invitations::Entity::find().all(tx).await? {
        let Some(secret) = row.secret else { continue };
        let Some(fresh) = vault.renewed(secret_cell(row.staff_id.as_bytes()), &secret) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = staff_invitations::Entity::update_many()
            .col_expr(staff_invitations::Column::Secret, Expr::value(fresh))
            .filter(staff_invitations::Column::Digest.eq(row.digest))
            .filter(staff_invitations::Column::Secret.eq(secret));
        changed.exec(tx).await?;
    }
    Ok((sealed, broken))
}

/// How far the resealing of cards in batches is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockPage {
    /// The keyed hash of the last card that was looked at; nothing when there is none left.
    pub last: Option<Vec<u8>>,
    /// How many were sealed anew.
    pub sealed: u64,
    /// How many do not open.
    pub broken: u64,
}

/// Seals by the active master key up to `limit` cards of batches whose keyed hashes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn reseal_stock(
    tx: &Tx,
    vault: &Vault,
    after: Option<&[u8]>,
    limit: u64,
) -> Result<StockPage, Error> {
    let mut query = card_stock::Entity::find().order_by_asc(card_stock::Column::Digest).limit(limit);
    if let Some(after) = after {
        query = query.filter(card_stock::Column::Digest.gt(after.to_vec()));
    }
    let mut page = StockPage::default();
    for row in query.all(tx).await? {
        match vault.renewed(stock_cell(&row.digest), &row.value) {
            None => {}
            Some(Err(_)) => page.broken += 1,
            Some(Ok(fresh)) => {
                let changed = card_stock::Entity::update_many()
                    .col_expr(card_stock::Column::Value, Expr::value(fresh))
                    .filter(card_stock::Column::Digest.eq(row.digest.clone()))
                    .filter(card_stock::Column::Value.eq(row.value));
                changed.exec(tx).await?;
                page.sealed += 1;
            }
        }
        page.last = Some(row.digest);
    }
    Ok(page)
}

impl Vault {
    /// What an older master key sealed, sealed by the active one; `None` where it is so already.
    fn renewed(&self, cell: Cell<'_>, sealed: &[u8]) -> Option<Result<Vec<u8>, SealBroken>> {
        if key_id(sealed) == Ok(self.cipher.active_id()) {
            return None;
        }
        Some(self.cipher.open(cell, sealed).map(|value| self.seal(cell, value.expose())))
    }
}
