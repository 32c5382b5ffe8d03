//! What a member has.

use axum::{Json, extract::State};
use kernel::{Day, MemberId, Points};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, purchase_answer::ExpiresNext};
use crate::error;

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/balance", "read_balance", Access::TillOrOperator)
        .lane(Lane::Till)
        .problems(&[&error::MEMBER_UNKNOWN, &error::MEMBERSHIP_SILENT, &error::TOO_BUSY, &error::STOPPING]);

/// What a member has.
#[derive(Serialize, ToSchema)]
pub struct Balance {
    /// Whose.
    pub member_id: MemberId,
    /// Points that can be spent now.
    pub points: Points,
    /// Points that the member owes, because what earned them was returned after they had been spent; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt: Option<Points>,
    /// Rises with every change of the account; zero before the first.
    pub account_version: u64,
    /// What lapses when, soonest first; points that never lapse are not listed.
    pub expiring: Vec<ExpiresNext>,
}

/// Read a balance
///
/// Right at any instant, and never behind a purchase that was answered.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/balance", operation_id = "read_balance", tag = "accounts",
    params(("member_id" = MemberId, Path, description = "The member.")),
    responses((status = 200, description = "What the member has.", body = Balance))
)]
pub(super) async fn read_balance(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Json<Balance>, Problem> {
    let account = counter.balances.read(member_id).await?;
    let Some(account) = account else {
        if !counter.knows(member_id).await? {
            return Err(Problem::new(&error::MEMBER_UNKNOWN));
        }
        return Ok(Json(Balance {
            member_id,
            points: Points::ZERO,
            debt: None,
            account_version: 0,
            expiring: Vec::new(),
        }));
    };
    let today = counter.chain.local(counter.clock.now(), None).day;
    let points = account.available(today).map_err(|e| Problem::fault(e.into()))?;
    let mut expiring: Vec<(Day, Points)> = Vec::new();
    for lot in account.lots().iter().filter(|lot| !lot.lapsed(today) && lot.expires_on < crate::domain::NEVER)
    {
        match expiring.last_mut() {
            Some((day, sum)) if *day == lot.expires_on => *sum = sum.plus(lot.points).unwrap_or(*sum),
            _ => expiring.push((lot.expires_on, lot.points)),
        }
    }
    let expiring = expiring.into_iter().map(ExpiresNext::from).collect();
    let debt = Some(account.debt).filter(|debt| debt.is_positive());
    Ok(Json(Balance { member_id, points, debt, account_version: account.version, expiring }))
}
