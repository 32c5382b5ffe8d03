//! Invitations, passwords with second factors, recovery codes, and attempts to sign in.

use anyhow::{Context as _, anyhow};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use kernel::{Digest16, StaffId, Timestamp};
use ring::hmac;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use store::Tx;

use super::{
    Vault,
    cipher::{Cell, NOBODY, STAFF_SECRET},
    counted, instant,
    tables::{staff_accounts, staff_attempts, staff_invitations, staff_recovery_codes},
};
use crate::{
    domain::{
        account::{Account, Invitation},
        attempts::Attempts,
        second_factor::{AppCode, counter},
        staff::UserName,
    },
    error::Error,
};

impl Vault {
    /// The keyed hash under which attempts of a user name are counted.
    #[must_use]
    pub fn attempts_digest(&self, user_name: &UserName) -> Digest16 {
        Digest16(self.lasting_digest_of(format!("staff:{}", user_name.as_str()).as_bytes()))
    }

    /// The keyed hash under which a recovery code is kept: bound to its person.
    #[must_use]
    pub fn recovery_digest(&self, staff: StaffId, code: &str) -> [u8; 32] {
        let bytes = [b"recovery:".as_slice(), staff.as_uuid().as_bytes(), code.as_bytes()].concat();
        self.lasting_digest_of(&bytes)
    }

    /// The code that an app shows in a step.
    #[must_use]
    pub fn app_code(secret: &[u8], step: i64) -> AppCode {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
        let mac = hmac::sign(&key, &counter(step));
        AppCode::of(mac.as_ref().try_into().expect("HMAC-SHA-1 has 20 bytes"))
    }

    fn seal_secret(&self, staff: StaffId, secret: &[u8]) -> Vec<u8> {
        self.seal(secret_cell(staff.as_uuid().as_bytes()), &STANDARD_NO_PAD.encode(secret))
    }

    fn open_secret(&self, staff: StaffId, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let text = self.cipher.open(secret_cell(staff.as_uuid().as_bytes()), sealed);
        let text = text.with_context(|| format!("the second factor of staff {staff}"))?;
        let secret = STANDARD_NO_PAD.decode(text.expose());
        Ok(secret.with_context(|| format!("the second factor of staff {staff}"))?)
    }
}

/// Stores an invitation in place of all that the person had.
///
/// # Errors
/// A fault of the database.
pub async fn invite(tx: &Tx, invitation: &Invitation) -> Result<(), Error> {
    forget_invitations(tx, invitation.staff).await?;
    let row = staff_invitations::Model {
        digest: invitation.digest.to_vec(),
        staff_id: invitation.staff.as_uuid(),
        issued_at: invitation.issued_at.micros(),
        expires_at: invitation.expires_at.micros(),
        password: None,
        secret: None,
    };
    staff_invitations::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes every invitation of a person back.
///
/// # Errors
/// A fault of the database.
pub async fn forget_invitations(tx: &Tx, staff: StaffId) -> Result<(), Error> {
    let theirs = staff_invitations::Column::StaffId.eq(staff.as_uuid());
    staff_invitations::Entity::delete_many().filter(theirs).exec(tx).await?;
    Ok(())
}

/// The invitation with this digest, when there is one.
///
/// # Errors
/// A fault of the database, or a secret that does not open.
pub async fn find_invitation(
    on: &impl ConnectionTrait,
    vault: &Vault,
    digest: &[u8; 32],
) -> Result<Option<Invitation>, Error> {
    let row = staff_invitations::Entity::find_by_id(digest.to_vec()).one(on).await?;
    row.map(|row| invitation(vault, *digest, row)).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database, or a secret that does not open.
pub async fn hold_invitation(tx: &Tx, vault: &Vault, digest: &[u8; 32]) -> Result<Option<Invitation>, Error> {
    let row = staff_invitations::Entity::find_by_id(digest.to_vec()).lock_exclusive().one(tx).await?;
    row.map(|row| invitation(vault, *digest, row)).transpose()
}

/// Stores what was begun with an invitation that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn begin(
    tx: &Tx,
    vault: &Vault,
    invitation: &Invitation,
    (password, secret): (&str, &[u8]),
) -> Result<(), Error> {
    let changed = staff_invitations::ActiveModel {
        digest: Set(invitation.digest.to_vec()),
        password: Set(Some(password.to_owned())),
        secret: Set(Some(vault.seal_secret(invitation.staff, secret))),
        ..Default::default()
    };
    staff_invitations::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Stores an account in place of the one that the person had, with these recovery codes, hashed.
///
/// # Errors
/// A fault of the database.
pub async fn put_account(tx: &Tx, vault: &Vault, account: &Account, codes: &[[u8; 32]]) -> Result<(), Error> {
    let id = account.staff.as_uuid();
    staff_accounts::Entity::delete_by_id(id).exec(tx).await?;
    let theirs = staff_recovery_codes::Column::StaffId.eq(id);
    staff_recovery_codes::Entity::delete_many().filter(theirs).exec(tx).await?;
    let row = staff_accounts::Model {
        staff_id: id,
        password: account.password.clone(),
        secret: vault.seal_secret(account.staff, &account.secret),
        used_step: account.used_step,
        made_at: account.made_at.micros(),
    };
    staff_accounts::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let row = |digest: &[u8; 32]| {
        staff_recovery_codes::Model { digest: digest.to_vec(), staff_id: id, used_at: None }
            .into_active_model()
    };
    staff_recovery_codes::Entity::insert_many(codes.iter().map(row)).exec_without_returning(tx).await?;
    Ok(())
}

/// The person with this user name, when there is one, and the hash of their password when they have an account.
///
/// # Errors
/// A fault of the database.
pub async fn password_of(on: &impl ConnectionTrait, staff: StaffId) -> Result<Option<String>, Error> {
    let row = staff_accounts::Entity::find_by_id(staff.as_uuid()).one(on).await?;
    Ok(row.map(|row| row.password))
}

/// The account of a person, when they have one, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database, or a secret that does not open.
pub async fn hold_account(tx: &Tx, vault: &Vault, staff: StaffId) -> Result<Option<Account>, Error> {
    let row = staff_accounts::Entity::find_by_id(staff.as_uuid()).lock_exclusive().one(tx).await?;
    let account = |row: staff_accounts::Model| {
        Ok(Account {
            staff,
            secret: vault.open_secret(staff, &row.secret)?,
            password: row.password,
            used_step: row.used_step,
            made_at: instant(row.made_at),
        })
    };
    row.map(account).transpose()
}

/// Stores which step of the second factor of a held account was used last.
///
/// # Errors
/// A fault of the database.
pub async fn use_step(tx: &Tx, staff: StaffId, step: i64) -> Result<(), Error> {
    let changed = staff_accounts::ActiveModel {
        staff_id: Set(staff.as_uuid()),
        used_step: Set(Some(step)),
        ..Default::default()
    };
    staff_accounts::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Uses a recovery code up; `false` when it is not there, or was used.
///
/// # Errors
/// A fault of the database.
pub async fn use_recovery_code(tx: &Tx, digest: &[u8; 32], at: Timestamp) -> Result<bool, Error> {
    let used = staff_recovery_codes::Entity::update_many()
        .col_expr(staff_recovery_codes::Column::UsedAt, Expr::value(at.micros()))
        .filter(staff_recovery_codes::Column::Digest.eq(digest.to_vec()))
        .filter(staff_recovery_codes::Column::UsedAt.is_null());
    Ok(used.exec(tx).await?.rows_affected == 1)
}

/// What is known of the attempts under a user name.
///
/// # Errors
/// A fault of the database.
pub async fn attempts(on: &impl ConnectionTrait, subject: Digest16) -> Result<Attempts, Error> {
    let row = staff_attempts::Entity::find_by_id(subject.0.to_vec()).one(on).await?;
    row.map_or(Ok(Attempts::none(subject)), |row| known(subject, &row))
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_attempts(tx: &Tx, subject: Digest16) -> Result<Attempts, Error> {
    let none = staff_attempts::Model { subject: subject.0.to_vec(), failed: 0, blocked_until: 0 };
    // Writing the key again holds the row: the job that forgets cannot take it away before it is read.
    let held = OnConflict::column(staff_attempts::Column::Subject)
        .update_column(staff_attempts::Column::Subject)
        .to_owned();
    let insert = staff_attempts::Entity::insert(none.into_active_model()).on_conflict(held);
    insert.exec_without_returning(tx).await?;
    let row = staff_attempts::Entity::find_by_id(subject.0.to_vec()).lock_exclusive().one(tx).await?;
    known(subject, &row.ok_or_else(|| anyhow!("attempts that were just counted are gone"))?)
}

/// Stores attempts that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update_attempts(tx: &Tx, attempts: &Attempts) -> Result<(), Error> {
    let changed = staff_attempts::ActiveModel {
        subject: Set(attempts.subject.0.to_vec()),
        failed: Set(attempts.failed.into()),
        blocked_until: Set(attempts.blocked_until.micros()),
    };
    staff_attempts::Entity::update(changed).exec(tx).await?;
    Ok(())
}

pub(super) fn secret_cell(row: &[u8]) -> Cell<'_> {
    Cell { column: STAFF_SECRET, member: NOBODY, row }
}

fn known(subject: Digest16, row: &staff_attempts::Model) -> Result<Attempts, Error> {
    let failed = u32::try_from(counted(row.failed)?).unwrap_or(u32::MAX);
    Ok(Attempts { subject, failed, blocked_until: instant(row.blocked_until) })
}

fn invitation(vault: &Vault, digest: [u8; 32], row: staff_invitations::Model) -> Result<Invitation, Error> {
    let staff = StaffId::from_uuid(row.staff_id);
    let begun = row.password.zip(row.secret).map(|(password, secret)| {
        let secret = vault.open_secret(staff, &secret)?;
        Ok::<_, Error>((password, secret))
    });
    Ok(Invitation {
        digest,
        staff,
        issued_at: instant(row.issued_at),
        expires_at: instant(row.expires_at),
        begun: begun.transpose()?,
    })
}
