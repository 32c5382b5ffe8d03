//! Writes into a member's ledger of consents: given, or withdrawn (J9).

use kernel::{Language, MemberId, PurposeCode};

use super::{Desk, Put};
use crate::{
    domain::consent::{self, Entry, Said, SaidAt, told_given, told_withdrawn},
    error::{Error, Missing},
    store::{consents, members, telling::Telling},
};

/// What a member was shown and agreed to.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// To what.
    pub purpose: PurposeCode,
    /// The version of the words that they were shown.
    pub version: u32,
    /// The language of the words.
    pub language: Language,
}

/// Notes a consent; one to the same words that stands already is left as it is.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Purpose`], [`crate::domain::rejection::Rejection::ConsentTextOutdated`], or a fault of
/// the database.
pub async fn give_consent(
    desk: &Desk,
    member: MemberId,
    agreed: Agreed,
    at: SaidAt,
) -> Result<Put<Entry>, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let known = members::hold_member(&tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    let purpose = consents::purpose(&tx, &agreed.purpose, None).await?.ok_or(Missing::Purpose)?;
    let last = consents::last_about(&tx, member, &agreed.purpose).await?;
    let new = consent::give(last.as_ref(), &purpose, agreed.version)?;
    if let Some(last) = last.filter(|_| !new) {
        return Ok(Put::Known(last));
    }
    let Agreed { purpose, version, language } = agreed;
    let said = Said { purpose, given: true, version, language, at, time: now };
    let entry = consents::append(&tx, member, said).await?;
    let version = known.version + 1;
    members::update_member_version(&tx, member, version).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(member.to_string(), version, &told_given(member, &entry.said));
    desk.conclude(tx, telling).await?;
    Ok(Put::New(entry))
}

/// Takes a consent back; where none stands, nothing happens.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Purpose`], or a fault of the database.
pub async fn withdraw_consent(
    desk: &Desk,
    member: MemberId,
    purpose: &PurposeCode,
    at: SaidAt,
) -> Result<(), Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let known = members::hold_member(&tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    consents::purpose(&tx, purpose, None).await?.ok_or(Missing::Purpose)?;
    let last = consents::last_about(&tx, member, purpose).await?;
    let Some(said) = consent::withdraw(last, at, now) else { return Ok(()) };
    let entry = consents::append(&tx, member, said).await?;
    let version = known.version + 1;
    members::update_member_version(&tx, member, version).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(member.to_string(), version, &told_withdrawn(member, &entry.said));
    desk.conclude(tx, telling).await
}
