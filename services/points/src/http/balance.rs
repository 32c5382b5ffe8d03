//! What a member has.

use axum::{Json, extract::State};
use kernel::{Day, MemberId, Overflow, Points, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, purchase_answer::ExpiresNext, roles};
use crate::{
    domain::{Account, AccountState, Book, Moment, NEVER, Place, as_of, may_spend},
    error,
    queries::{balance::Found, household::others},
    store::merges,
};

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/balance", "read_balance", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .partners(Scope::PointsRead)
        .lane(Lane::Till)
        .problems(&[&error::MEMBER_UNKNOWN, &error::MEMBERSHIP_SILENT, &error::TOO_BUSY, &error::STOPPING]);

/// What a member has.
#[derive(Serialize, ToSchema)]
pub struct Balance {
    /// Whose.
    pub member_id: MemberId,
    /// Points that can be spent now.
    pub points: Points,
    /// How many of these cannot be passed on to another member, as the rules say that gave them; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_transferable: Option<Points>,
    /// Points that are earned and cannot be spent yet; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<PendingPoints>,
    /// Points that are set aside for redemptions under way; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Points>,
    /// What the account may do; absent while that is everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<AccountState>,
    /// The member whose account has everything now, where this one went into it: both are one person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<MemberId>,
    /// Points that the member owes, because what earned them was returned after they had been spent; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt: Option<Points>,
    /// What the member can spend together with the household; absent where the programme does not pool, or the member may draw
    /// on nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdPoints>,
    /// Rises with every change of the account; zero before the first.
    pub account_version: u64,
    /// The last day on which all of them can be spent when nothing happens until then: no purchase, no redemption, no transfer;
    /// absent where the programme says nothing of inactivity, or there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2028-05-22")]
    pub inactive_on: Option<Day>,
    /// What lapses when, soonest first; points that never lapse are not listed.
    pub expiring: Vec<ExpiresNext>,
}

/// Points that a household spends together.
#[derive(Serialize, ToSchema)]
pub struct HouseholdPoints {
    /// Points that the member can spend now: their own, and what they may draw from the others.
    pub points: Points,
    /// Whose points these are: the member and the others from whom they may draw, so many people.
    pub members: usize,
}

/// Points that are earned and cannot be spent yet.
#[derive(Serialize, ToSchema)]
pub struct PendingPoints {
    /// All of them.
    pub points: Points,
    /// How many can be spent from which day on, soonest first.
    pub activating: Vec<Activating>,
}

/// Points that can be spent from a day on.
#[derive(Serialize, ToSchema)]
pub struct Activating {
    /// The first day on which they can be spent.
    #[schema(value_type = String, example = "2026-12-05")]
    pub on: Day,
    /// How many.
    pub points: Points,
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
    let Found { account, announcement } = counter.balances.read(member_id).await?;
    if account.is_none() && !counter.knows(member_id).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let account = account.unwrap_or_else(|| Account::new(member_id));
    let at = counter.moment();
    // Right whether or not it was written down what has happened by itself since; the version is that of the last journal.
    let debt = if account.is_due(at) { counter.debt_terms().await.map_err(error::fault)? } else { None };
    let (settled, _) = as_of(&account, at, debt).map_err(overflow)?;
    let balance = told(&settled, at.today).map_err(overflow)?;
    let household = household(&counter, &settled, announcement, at).await?;
    let merged_into = match settled.state {
        AccountState::Closed => merges::read(&counter.database, member_id).await.map_err(error::fault)?,
        AccountState::Open | AccountState::Frozen => None,
    };
    Ok(Json(Balance { account_version: account.version, household, merged_into, ..balance }))
}

/// What can be spent together with the household. The live programme is known from the look at the account; only one that pools is
/// looked further for.
async fn household(
    counter: &Counter,
    account: &Account,
    announcement: Option<u32>,
    at: Moment,
) -> Result<Option<HouseholdPoints>, Problem> {
    let live = counter.live_by(announcement).await.map_err(error::fault)?;
    let Some(programme) = live.filter(|_| may_spend(account).is_ok()) else { return Ok(None) };
    let document = &programme.document;
    let found = others(&counter.database, &counter.chain, document, account.member, at).await;
    let Some(others) = found.map_err(error::fault)? else { return Ok(None) };
    let points = account.available(at.today).and_then(|own| own.plus(others.points)).map_err(overflow)?;
    Ok(Some(HouseholdPoints { points, members: others.members + 1 }))
}

fn overflow(overflow: Overflow) -> Problem {
    Problem::fault(overflow.into())
}

fn told(account: &Account, today: Day) -> Result<Balance, Overflow> {
    let some = |points: Points| Some(points).filter(|points| points.is_positive());
    let lapsing = account.lots().iter().filter(|lot| lot.expires_on < NEVER);
    let expiring = by_day(lapsing.map(|lot| (lot.expires_on, lot.points)))?;
    let pending = account.asides().iter().filter_map(|aside| match aside.place {
        Place::Pending { from } => Some((from, aside.lot.points)),
        Place::Hold { .. } => None,
    });
    let activating = by_day(pending)?.into_iter().map(|(on, points)| Activating { on, points }).collect();
    let pending = some(account.sum_aside(Book::Pending)?);
    let points = account.available(today)?;
    Ok(Balance {
        member_id: account.member,
        points,
        not_transferable: some(points.minus(account.transferable(today)?)?),
        pending: pending.map(|points| PendingPoints { points, activating }),
        held: some(account.sum_aside(Book::Held)?),
        state: Some(account.state).filter(|state| *state != AccountState::Open),
        merged_into: None,
        debt: some(account.debt),
        household: None,
        account_version: account.version,
        inactive_on: account.idle_on.filter(|_| points.is_positive()),
        expiring: expiring.into_iter().map(ExpiresNext::from).collect(),
    })
}

/// Sums of neighbours with the same day.
fn by_day(points: impl Iterator<Item = (Day, Points)>) -> Result<Vec<(Day, Points)>, Overflow> {
    let mut days: Vec<(Day, Points)> = Vec::new();
    for (day, points) in points {
        match days.last_mut() {
            Some((last, sum)) if *last == day => *sum = sum.plus(points)?,
            _ => days.push((day, points)),
        }
    }
    Ok(days)
}
