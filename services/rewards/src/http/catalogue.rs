//! The catalogue as a member sees it.

use axum::{Json, extract::State};
use kernel::{BranchCode, MemberId, RewardCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Bound, Lane, Lang, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, members, pages, roles, views::RewardView};
use crate::{
    domain::offer::Place,
    error::{BRANCH_UNKNOWN, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE},
    queries::catalogue::{self, Affordable, Found, Order, Search},
    store::places,
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/rewards", "list_member_rewards", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .lane(Lane::Till)
        .problems(&[&BRANCH_UNKNOWN, &LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// What a member can pay.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RewardReachable)]
pub enum Reachable {
    /// With the points that they have.
    Now,
    /// With a quarter more at most.
    Nearly,
}

/// In which order.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RewardSort)]
pub enum Sort {
    /// The cheapest first.
    Points,
    /// The dearest first.
    PointsDown,
    /// By name.
    Name,
}

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CatalogueParams {
    /// Only those of this kind, such as `free_item`.
    pub kind: Option<String>,
    /// Only those in whose name or description this stands, in any language.
    pub search: Option<String>,
    /// Only those that can be had at this branch.
    #[param(value_type = Option<String>)]
    pub branch: Option<BranchCode>,
    /// Only those that the member can pay, or nearly can.
    pub reachable: Option<Reachable>,
    /// In which order; the cheapest first when it is not said.
    pub sort: Option<Sort>,
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of what a member can have.
#[derive(Serialize, ToSchema)]
pub struct CataloguePage {
    /// What the member can spend; absent where points does not say so just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    /// The rewards.
    pub rewards: Vec<RewardView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Lists what a member can have.
///
/// What is for others is left out. Where points does not say in time where the member stands, only what is for everybody is listed, and
/// nothing is said of what they can pay.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/rewards", operation_id = "list_member_rewards", tag = "catalogue",
    params(("member_id" = MemberId, Path, description = "The member."), CatalogueParams),
    responses((status = 200, description = "A page of rewards.", body = CataloguePage))
)]
pub(super) async fn list_member_rewards(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<CatalogueParams>,
) -> Result<Json<CataloguePage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<RewardCode> = pages::after(asked.cursor.as_deref())?;
    let place = match asked.branch {
        Some(branch) => Some(known(&counter, branch).await?),
        None => None,
    };
    let standing = members::standing(&counter, member).await;
    let search = Search {
        kind: asked.kind,
        text: asked.search,
        place,
        affordable: match asked.reachable {
            None => Affordable::Any,
            Some(Reachable::Now) => Affordable::Now,
            Some(Reachable::Nearly) => Affordable::Nearly,
        },
        order: match asked.sort {
            None | Some(Sort::Points) => Order::Points,
            Some(Sort::PointsDown) => Order::PointsDown,
            Some(Sort::Name) => Order::Name,
        },
    };
    let when = (counter.now(), language);
    let mut found = catalogue::catalogue(&counter.desk.database, &search, standing.as_ref(), when).await?;
    if let Some(after) = after {
        let place = found.iter().position(|one| one.offer.code == after).map_or(0, |place| place + 1);
        found.drain(..place);
    }
    let next_cursor = pages::cut(&mut found, limit, |one: &Found| one.offer.code.clone());
    Ok(Json(CataloguePage {
        balance: standing.map(|standing| standing.points.count()),
        rewards: found.iter().map(|one| RewardView::of(one, language)).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    }))
}

/// A branch with its region.
pub(super) async fn known(counter: &Counter, branch: BranchCode) -> Result<Place, Problem> {
    let region = places::region_of(counter.desk.database.connection(), &branch).await?;
    if region.is_none() {
        return Err(Problem::new(&BRANCH_UNKNOWN).pointer("/branch"));
    }
    Ok(Place { branch, region })
}
