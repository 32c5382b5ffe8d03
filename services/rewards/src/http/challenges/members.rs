//! Challenges and contests as members follow them. Nothing that is shown leads to another member.

use axum::{Json, extract::State};
use kernel::{ChallengeCode, Day, MemberId, RewardCode, Timestamp, VoucherId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Lang, PathParams, Problem, RouteSpec};

use crate::{
    domain::challenge::{Aim, Counts},
    error::DATABASE_BUSY,
    http::{Counter, roles, views::Said},
    queries::challenges::{MemberChallenge, Prize, of_member},
};

pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/challenges", "list_member_challenges", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&DATABASE_BUSY]);

/// How far a member has come towards a goal.
#[derive(Serialize, ToSchema)]
pub struct ChallengeGoal {
    /// So far they have to come.
    #[schema(example = 3)]
    pub goal: i64,
    /// So much is missing.
    #[schema(example = 1)]
    pub remaining: i64,
    /// How much of it is done, in percent, 0 to 100.
    #[schema(example = 66)]
    pub percent: i64,
    /// When they reached it; that stays, whatever comes back later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_at: Option<Timestamp>,
    /// What is given for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "cake")]
    pub reward: Option<RewardCode>,
}

/// How a member stands in a contest.
#[derive(Serialize, ToSchema)]
pub struct ContestStanding {
    /// Their place, from 1; absent while nothing counts. Of equal ones stands first who came so far first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 4)]
    pub place: Option<i64>,
    /// Of how many members something counts.
    #[schema(example = 812)]
    pub participants: i64,
    /// How far the first ones have come, up to ten, the farthest first.
    #[schema(example = json!([31, 28, 28]))]
    pub leading: Vec<i64>,
    /// What the first one wins, the second one, and so on.
    #[schema(value_type = Vec<String>, example = json!(["hamper", "cake"]))]
    pub prizes: Vec<RewardCode>,
    /// Whether it is decided.
    pub decided: bool,
}

/// What a member is given by a challenge or a contest.
#[derive(Serialize, ToSchema)]
pub struct ChallengePrize {
    /// What.
    #[schema(value_type = String, example = "cake")]
    pub reward: RewardCode,
    /// `due` (in a moment), `given`, or `ended` (it came to nothing).
    #[schema(example = "given")]
    pub state: &'static str,
    /// Why it came to nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "budget_spent")]
    pub reason: Option<String>,
    /// Its voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
}

/// A challenge or a contest as a member sees it.
#[derive(Serialize, ToSchema)]
pub struct MemberChallengeView {
    /// Its code.
    #[schema(value_type = String, example = "may-coffee")]
    pub challenge: ChallengeCode,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Said>,
    /// What is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Said>,
    /// `live`, `closing` (its days are over, and late purchases are heard of), `over` or `decided`.
    #[schema(example = "live")]
    pub state: &'static str,
    /// The first day on which purchases count.
    pub first_day: Day,
    /// The last one.
    pub last_day: Day,
    /// When that ends.
    pub ends_at: Timestamp,
    /// What is counted.
    pub counts: Counts,
    /// How far they have come.
    #[schema(example = 2)]
    pub counted: i64,
    /// Of a challenge: the goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<ChallengeGoal>,
    /// Of a contest: how they stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contest: Option<ContestStanding>,
    /// What they are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prize: Option<ChallengePrize>,
}

fn percent(counted: i64, goal: i64) -> i64 {
    let share = i128::from(counted) * 100 / i128::from(goal.max(1));
    i64::try_from(share.min(100)).unwrap_or(100)
}

impl From<Prize> for ChallengePrize {
    fn from(prize: Prize) -> Self {
        Self {
            reward: prize.reward,
            state: prize.state.word(),
            reason: prize.reason,
            voucher_id: prize.voucher,
        }
    }
}

fn view(counter: &Counter, found: MemberChallenge, Lang(language): Lang) -> MemberChallengeView {
    let MemberChallenge { kept, entry, ranking, prize } = found;
    let counted = entry.as_ref().map_or(0, |entry| entry.progress.counted);
    let (mut goal, mut contest) = (None, None);
    match &kept.terms.aim {
        Aim::Goal { goal: far, reward } => {
            goal = Some(ChallengeGoal {
                goal: *far,
                remaining: far.saturating_sub(counted).max(0),
                percent: percent(counted, *far),
                reached_at: entry.and_then(|entry| entry.reached_at),
                reward: reward.as_ref().map(|given| given.reward.clone()),
            });
        }
        Aim::Contest { prizes } => {
            let ranking = ranking.unwrap_or_default();
            contest = Some(ContestStanding {
                place: ranking.place,
                participants: ranking.participants,
                leading: ranking.leading,
                prizes: prizes.clone(),
                decided: kept.decided_at.is_some(),
            });
        }
    }
    MemberChallengeView {
        state: kept.state(counter.now()),
        title: Said::of(&kept.terms.title, language),
        about: Said::of(&kept.terms.about, language),
        first_day: kept.terms.first_day,
        last_day: kept.terms.last_day,
        ends_at: kept.ends_at(),
        challenge: kept.code,
        counts: kept.terms.counts,
        counted,
        goal,
        contest,
        prize: prize.map(ChallengePrize::from),
    }
}

/// A member's challenges and contests.
#[derive(Serialize, ToSchema)]
pub struct MemberChallenges {
    /// Those that are open, and those of the last 30 days in which they took part, by code.
    pub challenges: Vec<MemberChallengeView>,
}

/// Lists challenges and contests with a member's own progress.
///
/// Of other members nothing is shown but how many take part, and how far the first ones have come.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/challenges", operation_id = "list_member_challenges", tag = "challenges",
    params(("member_id" = MemberId, Path, description = "The member.")),
    responses((status = 200, description = "The challenges.", body = MemberChallenges))
)]
pub(in crate::http) async fn list_member_challenges(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(member): PathParams<MemberId>,
) -> Result<Json<MemberChallenges>, Problem> {
    let found = of_member(&counter.desk.database, member, counter.now()).await?;
    let challenges = found.into_iter().map(|found| view(&counter, found, Lang(language))).collect();
    Ok(Json(MemberChallenges { challenges }))
}
