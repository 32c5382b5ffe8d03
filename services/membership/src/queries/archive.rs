//! What is kept of a member, here and in the other services?

use std::time::Duration;

use axum::http::Method;
use kernel::MemberId;
use runtime::archive::{Part, PartQuestion, Place, Reading, read};
use web::Peer;

use crate::{
    commands::Desk,
    domain::{archive::Archive, member::Member},
    error::{Error, Missing},
    store::{Vault, archives, kept, members},
};

/// **The other services that keep something of members**, in the order in which people read it. One that is not named here is missing
/// in every archive.
pub const OTHERS: [&str; 3] = [contracts::points::SOURCE, contracts::rewards::SOURCE, "notifications"];

/// The other services, as this process reaches them.
#[must_use]
pub fn others(desk: &Desk) -> [(&'static str, Option<&Peer>); 3] {
    let [points, rewards, notifications] = OTHERS;
    [
        (points, desk.points.as_ref()),
        (rewards, desk.rewards.as_ref()),
        (notifications, desk.notifications.as_ref()),
    ]
}

/// How many archives of a member are listed.
const LISTED: u64 = 100;

/// The member whose archive it will be.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn subject(vault: &Vault, member: MemberId) -> Result<Member, Error> {
    let found = members::load_member(vault.database.connection(), vault, member).await?;
    Ok(found.ok_or(Missing::Member(member))?)
}

/// A page of what is kept of the member here, behind `from`.
///
/// # Errors
/// [`Missing::Member`] when they left meanwhile, or a fault of the database.
pub async fn own_part(vault: &Vault, member: MemberId, from: Option<&Place>) -> Result<Reading, Error> {
    // The key before anything that it opens: who leaves meanwhile is not found.
    let opened = kept::opener(vault, member).await?.ok_or(Missing::Member(member))?;
    Ok(read(&vault.database, kept::KEPT.sheets, member, from, &|cell| opened.open(cell)).await?)
}

/// A page of what another service keeps of the member; `None` when it does not say so in time.
pub async fn others_part(
    name: &str,
    peer: Option<&Peer>,
    member: MemberId,
    question: &PartQuestion,
    within: Duration,
) -> Option<Part> {
    let path = format!("/internal/v1/members/{member}/archive");
    match peer?.ask(Method::POST, &path, question, within).await {
        Ok(part) => Some(part),
        Err(error) => {
            tracing::warn!(target: "vafa::membership", asked = name, %error, "a part of an archive is missing");
            None
        }
    }
}

/// The archives of a member that were handed out, the latest first: a hundred at most.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn list_archives(vault: &Vault, member: MemberId) -> Result<Vec<Archive>, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    archives::of_member(on, member, LISTED).await
}
