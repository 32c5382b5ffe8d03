//! What happens when a member leaves, and who left?

use std::time::Duration;

use axum::http::Method;
use kernel::{IdentifierKind, MemberId, Timestamp};
use serde::Deserialize;
use web::Peer;

use crate::{
    domain::{household::Belonging, leaving::Erasure},
    error::{Error, Missing},
    store::{Vault, consents, erasures, households, members},
};

/// How long `points` has to say what the member would lose.
const WITHIN: Duration = Duration::from_secs(1);

/// What a member has that ends when they leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Phones that lead to them.
    pub phones: usize,
    /// Cards that lead to them.
    pub cards: usize,
    /// The household that they belong to, and how many others are left in it.
    pub household: Option<(Belonging, usize)>,
    /// Consents that stand.
    pub consents: usize,
    /// What they have of points; `None` when `points` does not answer.
    pub points: Option<LeavingPoints>,
}

/// What a member has of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeavingPoints {
    /// Points that can be spent.
    pub points: i64,
    /// Points that are earned and cannot be spent yet.
    pub pending: i64,
    /// Points that are set aside.
    pub held: i64,
    /// Points that are owed.
    pub debt: i64,
}

#[derive(Deserialize)]
struct Balance {
    points: i64,
    #[serde(default)]
    pending: Option<Pending>,
    #[serde(default)]
    held: i64,
    #[serde(default)]
    debt: i64,
}

#[derive(Deserialize)]
struct Pending {
    points: i64,
}

/// What ends when the member leaves.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn leaving(vault: &Vault, points: Option<&Peer>, member: MemberId) -> Result<Leaving, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    let identifiers = members::identifiers_of(on, member).await?;
    let of = |kind| identifiers.iter().filter(|known| known.kind == kind).count();
    let household = match households::of_member(on, member).await? {
        None => None,
        Some(belonging) => {
            let together = households::members(on, belonging.household).await?.len();
            Some((belonging, together.saturating_sub(1)))
        }
    };
    let said = consents::standing(on, member).await?;
    let points = match points {
        Some(points) => points_of(points, member).await,
        None => None,
    };
    Ok(Leaving {
        phones: of(IdentifierKind::Phone),
        cards: of(IdentifierKind::Card),
        household,
        consents: said.iter().filter(|entry| entry.said.given).count(),
        points,
    })
}

async fn points_of(points: &Peer, member: MemberId) -> Option<LeavingPoints> {
    let path = format!("/internal/v1/members/{member}/balance");
    let answer = points.ask(Method::GET, &path, &(), WITHIN).await;
    match answer {
        Ok(Balance { points, pending, held, debt }) => {
            Some(LeavingPoints { points, pending: pending.map_or(0, |pending| pending.points), held, debt })
        }
        // Whoever has not bought anything is not known there.
        Err(error) if error.is_missing() => Some(LeavingPoints::default()),
        Err(error) => {
            tracing::warn!(target: "vafa::membership", %error, "points does not say what a member has");
            None
        }
    }
}

/// Up to `limit` members who left and one more, those who left first first, after the one named.
///
/// # Errors
/// A fault of the database.
pub async fn erasures(
    vault: &Vault,
    after: Option<(Timestamp, MemberId)>,
    limit: u64,
) -> Result<Vec<Erasure>, Error> {
    erasures::list(vault.database.connection(), after, limit + 1).await
}
