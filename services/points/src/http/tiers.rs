//! Tiers: where a member stands.

use axum::{Json, extract::State};
use kernel::{Day, Language, MemberId, Scope};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Lang, PathParams, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    domain::{Ladder, Level, Measure},
    error, queries,
};

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/tier", "read_tier", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .partners(Scope::PointsRead)
        .problems(&[
            &error::MEMBER_UNKNOWN,
            &error::TIERS_MISSING,
            &error::MEMBERSHIP_SILENT,
            &error::DATABASE_BUSY,
        ]);

/// An entitlement of a tier.
#[derive(Serialize, ToSchema)]
pub struct TierBenefit {
    /// Its code.
    pub code: String,
    /// Its name in the caller's language.
    pub name: String,
}

/// A tier.
#[derive(Serialize, ToSchema)]
pub struct Tier {
    /// Its code.
    #[schema(example = "gold")]
    pub code: String,
    /// Its name in the caller's language.
    pub name: String,
    /// What purchase rules give is multiplied by this, in per cent.
    pub multiplier_percent: u32,
    /// What else it brings.
    pub benefits: Vec<TierBenefit>,
    /// The last day on which it is sure; absent for one that is kept for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assured_until: Option<Day>,
}

/// The tier above.
#[derive(Serialize, ToSchema)]
pub struct NextTier {
    /// Its code.
    pub code: String,
    /// Its name in the caller's language.
    pub name: String,
    /// What it asks for in a period.
    pub from: i64,
    /// What is missing to that.
    pub missing: i64,
}

/// Where a member stands.
#[derive(Serialize, ToSchema)]
pub struct TierAnswer {
    /// Whose.
    pub member_id: MemberId,
    /// The tier as of now; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// What is counted.
    pub measure: Measure,
    /// What has been counted in the period that runs.
    pub credit: i64,
    /// The last day on which that still counts as it does now.
    pub counts_until: Day,
    /// The tier above; absent on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
}

/// Read a tier
///
/// As of now, whether or not a job has passed, with what is missing to the next one.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/tier", operation_id = "read_tier", tag = "tiers",
    params(("member_id" = MemberId, Path, description = "The member.")),
    responses((status = 200, description = "Where the member stands.", body = TierAnswer))
)]
pub(super) async fn read_tier(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Json<TierAnswer>, Problem> {
    let (programmes, now) = (&counter.recorder.programmes, counter.clock.now());
    let found = queries::tier::read(&counter.database, programmes, &counter.chain, member_id, now).await;
    let Some((programme, standing)) = found.map_err(error::fault)? else {
        return Err(Problem::new(&error::TIERS_MISSING));
    };
    if !counter.knows(member_id).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let ladder = programme.document.tiers.as_ref().ok_or_else(|| Problem::new(&error::TIERS_MISSING))?;
    let progress = standing.progress(ladder);
    let tier = standing.tier(ladder).map(|place| {
        let until = standing.assured_until(ladder).filter(|until| *until < crate::domain::NEVER);
        tier_of(&ladder.levels[place], until, language)
    });
    let next = progress.next.map(|(place, missing)| next_of(ladder, place, missing, language));
    let (measure, credit, counts_until) = (ladder.measure, progress.credit, progress.counts_until);
    Ok(Json(TierAnswer { member_id, tier, measure, credit, counts_until, next }))
}

fn tier_of(level: &Level, assured_until: Option<Day>, language: Language) -> Tier {
    let benefits = level.benefits.iter().map(|benefit| TierBenefit {
        code: benefit.code.clone(),
        name: benefit.name.text(language).to_owned(),
    });
    Tier {
        code: level.code.clone(),
        name: level.name.text(language).to_owned(),
        multiplier_percent: level.multiplier_percent,
        benefits: benefits.collect(),
        assured_until,
    }
}

fn next_of(ladder: &Ladder, place: usize, missing: i64, language: Language) -> NextTier {
    let level = &ladder.levels[place];
    let name = level.name.text(language).to_owned();
    NextTier { code: level.code.clone(), name, from: level.from, missing }
}
