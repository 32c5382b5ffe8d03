//! Whom the identity provider's subjects lead to, by keyed hashes.

use kernel::{StaffId, Timestamp};
use ring::hmac;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use store::Tx;

use super::{Vault, tables::staff_subjects};
use crate::{domain::provider_sign_in::Subject, error::Error};

/// The keyed hash of a provider's subject.
pub type SubjectDigest = [u8; 32];

impl Vault {
    /// The keyed hash under which a subject of this provider is kept.
    #[must_use]
    pub fn subject_digest(&self, issuer: &str, subject: &Subject) -> SubjectDigest {
        let bytes = [b"subject:".as_slice(), issuer.as_bytes(), b"\n", subject.text().as_bytes()].concat();
        self.lasting_digest_of(&bytes)
    }

    /// The seal of what an app keeps while a person is at the provider.
    #[must_use]
    pub fn login_seal(&self, sealed: &str) -> hmac::Tag {
        hmac::sign(self.blind.code_key(), &login_bytes(sealed))
    }

    /// Whether this is the seal; takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn login_fits(&self, sealed: &str, seal: &[u8]) -> bool {
        self.is_code_digest(&login_bytes(sealed), seal)
    }
}

fn login_bytes(sealed: &str) -> Vec<u8> {
    [b"login:".as_slice(), sealed.as_bytes()].concat()
}

/// Whom a subject leads to, when it leads to anybody.
///
/// # Errors
/// A fault of the database.
pub async fn find(on: &impl ConnectionTrait, digest: &SubjectDigest) -> Result<Option<StaffId>, Error> {
    let row = staff_subjects::Entity::find_by_id(digest.to_vec()).one(on).await?;
    Ok(row.map(|row| StaffId::from_uuid(row.staff_id)))
}

/// Lets a subject lead to a person, whom the transaction holds, in place of the one before; `false` when it leads to another person.
///
/// # Errors
/// A fault of the database.
pub async fn link(tx: &Tx, digest: &SubjectDigest, staff: StaffId, at: Timestamp) -> Result<bool, Error> {
    unlink(tx, staff).await?;
    let row =
        staff_subjects::Model { digest: digest.to_vec(), staff_id: staff.as_uuid(), linked_at: at.micros() };
    let first = OnConflict::column(staff_subjects::Column::Digest).do_nothing().to_owned();
    let insert = staff_subjects::Entity::insert(row.into_active_model()).on_conflict(first);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// Lets no subject lead to a person any more; `false` when none did.
///
/// # Errors
/// A fault of the database.
pub async fn unlink(tx: &Tx, staff: StaffId) -> Result<bool, Error> {
    let theirs = staff_subjects::Column::StaffId.eq(staff.as_uuid());
    Ok(staff_subjects::Entity::delete_many().filter(theirs).exec(tx).await?.rows_affected > 0)
}
