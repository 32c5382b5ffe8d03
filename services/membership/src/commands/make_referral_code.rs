//! Gives a member the code by which they refer friends; it stays theirs.

use kernel::MemberId;

use super::{ATTEMPTS, Desk, Put};
use crate::{domain::referral_code::ReferralCode, error::Error, store::referrals};

/// Makes sure that a member has a code.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`Error::Contended`], or a fault of the database.
pub async fn make_referral_code(desk: &Desk, member: MemberId) -> Result<Put<ReferralCode>, Error> {
    for _ in 0..ATTEMPTS {
        let changes = desk.member_changes(&[member]).await?;
        changes.must_hold(member)?;
        if let Some(code) = referrals::code_of(&changes.tx, member).await? {
            return Ok(Put::Known(code));
        }
        let mut random = [0; 8];
        desk.ids.secret(&mut random);
        let code = ReferralCode::drawn(u64::from_be_bytes(random));
        if referrals::insert_code(&changes.tx, member, &code, changes.now).await? {
            desk.conclude_changes(changes).await?;
            return Ok(Put::New(code));
        }
    }
    Err(Error::Contended)
}
