//! Takes in who joins in an app (J1), before their code leaves.
//!
//! The asking itself writes the same whether a member has the phone or not; what differs happens here, after the answer. Joining
//! is by phone, so that what was interrupted is done when the message comes again.

use kernel::{MemberId, SignInId};

use super::{
    Desk,
    join::{Join, Outcome, join},
};
use crate::{
    domain::{member::JoinedBy, newcomer::Newcomer, phone_change::PhoneRefusal, rejection::Rejection},
    error::Error,
    store::joinings::{self, Joining},
};

/// The member whose sign-in it is, taken in where the phone led to nobody. `None` for a sign-in with which nobody joins, and for a
/// phone that was given up a few days ago and may be called back.
///
/// # Errors
/// [`Error::Contended`], or a fault of the database.
pub async fn settle_joining(desk: &Desk, id: SignInId) -> Result<Option<MemberId>, Error> {
    let on = desk.vault.database.connection();
    let newcomer = match joinings::load(on, &desk.vault, id).await? {
        None => return Ok(None),
        Some(Joining::Settled(member)) => return Ok(Some(member)),
        Some(Joining::Open(newcomer)) => newcomer,
    };
    let Newcomer { phone, first_name, language } = newcomer;
    let joining = Join { phone, first_name, language, card: None, joined_by: JoinedBy::Api };
    let member = match join(desk, joining).await {
        Ok(Outcome::New(joined)) => Some(joined.member.id),
        Ok(Outcome::Known(member)) => Some(member),
        Err(Error::Rejected(Rejection::Phone(PhoneRefusal::Resting))) => None,
        Err(fault) => return Err(fault),
    };
    let tx = desk.vault.database.begin().await?;
    match member {
        Some(member) => joinings::settle(&tx, id, member).await?,
        None => joinings::remove(&tx, id).await?,
    }
    tx.commit().await?;
    Ok(member)
}
