//! What rewards asks of points about a member: what they can spend, and to whom they belong.

use axum::{Json, extract::State};
use contracts::membership::Occasion;
use kernel::{MemberId, Points, SegmentCode};
use serde::Serialize;
use web::{Access, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, balance};
use crate::{error, queries};

pub(super) static READ: RouteSpec =
    RouteSpec::get("/internal/v1/members/{member_id}/standing", "tell_standing", Access::Services)
        .lane(Lane::Till)
        .problems(&[&error::MEMBER_UNKNOWN, &error::MEMBERSHIP_SILENT, &error::TOO_BUSY, &error::STOPPING]);

/// Where a member stands.
#[derive(Serialize)]
pub struct MemberStanding {
    /// Points that the member can spend, with the household where it spends together.
    points: Points,
    /// The code of the tier; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<String>,
    /// The segments that the member is in.
    segments: Vec<SegmentCode>,
    /// Occasions of theirs that were marked within sixty days.
    occasions: Vec<Marked>,
}

/// An occasion that was marked.
#[derive(Serialize)]
struct Marked {
    /// Which.
    kind: Occasion,
    /// How many days ago, on the chain's wall clock.
    days_ago: i32,
}

/// Nobody asks about occasions that are longer ago than so many days.
const LONGEST_AFTER: i32 = 60;

pub(super) async fn tell_standing(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Json<MemberStanding>, Problem> {
    let Json(balance) = balance::read_balance(State(counter.clone()), PathParams(member_id)).await?;
    let (programmes, now) = (&counter.recorder.programmes, counter.clock.now());
    let found = queries::tier::read(&counter.database, programmes, &counter.chain, member_id, now).await;
    let tier = found.map_err(error::fault)?.and_then(|(programme, standing)| {
        let ladder = programme.document.tiers.as_ref()?;
        standing.tier(ladder).map(|place| ladder.levels[place].code.clone())
    });
    let segments = queries::segments::of_member(&counter.database, member_id).await.map_err(error::fault)?;
    let day = |at| counter.chain.local(at, None).day;
    let told =
        queries::occasions::of_member(&counter.database, member_id, &day).await.map_err(error::fault)?;
    let today = day(now).number();
    let marked = told.into_iter().map(|(kind, on)| Marked { kind, days_ago: today - on.number() });
    let occasions = marked.filter(|one| (0..=LONGEST_AFTER).contains(&one.days_ago)).collect();
    let points = balance.household.map_or(balance.points, |household| household.points);
    Ok(Json(MemberStanding { points, tier, segments, occasions }))
}
