//! The last purchases of a member, for whoever tells them: `notifications`, when they ask by text.

use axum::{Json, extract::State};
use kernel::{MemberId, Points, Timestamp};
use serde::Serialize;
use web::{Access, PathParams, Problem, RouteSpec};

use super::{Counter, balance};
use crate::{domain::JournalKind, error, queries};

pub(super) static READ: RouteSpec = RouteSpec::get(
    "/internal/v1/members/{member_id}/last-purchases",
    "tell_last_purchases",
    Access::Services,
)
.problems(&[&error::MEMBER_UNKNOWN, &error::MEMBERSHIP_SILENT, &error::TOO_BUSY, &error::STOPPING]);

/// How many are told.
const TOLD: usize = 3;
/// Among how many of the newest events they are looked for.
const AMONG: u32 = 100;

/// What a member has, and what they bought last.
#[derive(Serialize)]
pub struct LastPurchases {
    /// Points that can be spent, with the household where it spends together.
    balance: Points,
    /// The purchases, the newest first.
    purchases: Vec<LastPurchase>,
}

/// A purchase.
#[derive(Serialize)]
struct LastPurchase {
    /// When, by the till's word.
    occurred_at: Timestamp,
    /// Paid, in minor units of the chain's currency.
    amount: i64,
    /// Points that came with it.
    points: Points,
}

pub(super) async fn tell_last_purchases(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Json<LastPurchases>, Problem> {
    let Json(balance) = balance::read_balance(State(counter.clone()), PathParams(member_id)).await?;
    let rows = queries::history::read(&counter.database, member_id, None, AMONG).await?;
    let bought = rows.iter().filter(|row| row.kind() == JournalKind::Purchase).filter_map(|row| {
        let asked = row.asked()?;
        Some(LastPurchase { occurred_at: asked.occurred_at, amount: asked.amount, points: row.points })
    });
    let points = balance.household.map_or(balance.points, |household| household.points);
    Ok(Json(LastPurchases { balance: points, purchases: bought.take(TOLD).collect() }))
}
