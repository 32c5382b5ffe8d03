//! Draws as members see them, and their prizes.

use axum::{Json, extract::State};
use kernel::{BranchCode, DrawCode, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use web::{Access, Body, Bound, Caller, Lang, PathParams, Problem, RouteSpec};

use super::{DrawnPlace, actor};
use crate::{
    commands::draws::claim_prizes,
    domain::draw::PrizeKind,
    error::{
        CLAIM_OVER, DATABASE_BUSY, DRAW_UNKNOWN, IDENTIFIER_INVALID, MEMBER_UNKNOWN, MEMBERSHIP_SILENT,
        PRIZE_UNKNOWN,
    },
    http::{Counter, members::Who, roles, views::Said},
    queries::draws::{MemberDraw, of_member},
    store::{draw_wins::Win, draws::Draw},
};

pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/draws", "list_member_draws", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&DATABASE_BUSY]);
pub(in crate::http) static CLAIM: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/draws/{draw}/claim",
    "claim_draw_prize",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[&DRAW_UNKNOWN, &PRIZE_UNKNOWN, &CLAIM_OVER, &DATABASE_BUSY]);
pub(in crate::http) static HAND_OVER: RouteSpec =
    RouteSpec::post("/v1/branches/{branch}/draw-handovers", "hand_over_draw_prize", Access::Operator)
        .staff(Bound::Branch, roles::HANDERS)
        .problems(&[
            &DRAW_UNKNOWN,
            &PRIZE_UNKNOWN,
            &CLAIM_OVER,
            &IDENTIFIER_INVALID,
            &MEMBER_UNKNOWN,
            &MEMBERSHIP_SILENT,
            &DATABASE_BUSY,
        ]);

/// A prize that a member won.
#[derive(Serialize, ToSchema)]
pub struct WonPrize {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Said>,
    /// What it is.
    pub what: PrizeKind,
    /// Where it stands.
    #[serde(flatten)]
    pub place: DrawnPlace,
}

impl WonPrize {
    fn of(draw: &Draw, win: &Win, lang: Lang) -> Option<Self> {
        let prize = draw.terms.prize(win.prize?)?;
        Some(Self { title: Said::of(&prize.title, lang.0), what: prize.what.clone(), place: win.into() })
    }
}

/// A draw, and what a member has in it.
#[derive(Serialize, ToSchema)]
pub struct DrawView {
    /// Its code.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Said>,
    /// What is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Said>,
    /// `published`, `closed`, `settled` or `cancelled`.
    #[schema(example = "published")]
    pub state: &'static str,
    /// From then on it takes tickets.
    pub opens_at: Timestamp,
    /// From then on it takes none.
    pub closes_at: Timestamp,
    /// How many tickets the member has.
    pub tickets: i64,
    /// The number under which they stand in the published list, once they had a ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<Uuid>,
    /// What they won.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub won: Option<WonPrize>,
}

impl DrawView {
    fn of(found: MemberDraw, lang: Lang) -> Self {
        let MemberDraw { draw, holder, tickets, win } = found;
        Self {
            title: Said::of(&draw.terms.title, lang.0),
            about: Said::of(&draw.terms.about, lang.0),
            state: draw.state.word(),
            opens_at: draw.terms.opens_at,
            closes_at: draw.terms.closes_at,
            tickets,
            holder,
            won: win.as_ref().and_then(|win| WonPrize::of(&draw, win, lang)),
            draw: draw.code,
        }
    }
}

/// Draws of a member.
#[derive(Serialize, ToSchema)]
pub struct MemberDraws {
    /// Those that take tickets or will, and those in which the member has some; of the last year, by code.
    pub draws: Vec<DrawView>,
}

/// Whose prize is handed over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandoverBody {
    /// The draw.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// Who won.
    pub member: Who,
}

/// Lists draws with the member's tickets and prizes.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/draws", operation_id = "list_member_draws", tag = "draws",
    params(("member_id" = MemberId, Path, description = "The member.")),
    responses((status = 200, description = "The draws.", body = MemberDraws))
)]
pub(in crate::http) async fn list_member_draws(
    State(counter): State<Counter>,
    lang: Lang,
    PathParams(member): PathParams<MemberId>,
) -> Result<Json<MemberDraws>, Problem> {
    let found = of_member(&counter.desk.database, member, counter.now()).await?;
    Ok(Json(MemberDraws { draws: found.into_iter().map(|found| DrawView::of(found, lang)).collect() }))
}

/// Claims the prize that a member won; once more changes nothing.
///
/// A voucher is the member's at once; a thing waits at the branches for whoever claimed it.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/draws/{draw}/claim", operation_id = "claim_draw_prize", tag = "draws",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("draw" = DrawCode, Path, description = "The draw's code."),
    ),
    responses((status = 200, description = "The prize.", body = WonPrize))
)]
pub(in crate::http) async fn claim_draw_prize(
    State(counter): State<Counter>,
    caller: Caller,
    lang: Lang,
    PathParams((member, code)): PathParams<(MemberId, DrawCode)>,
) -> Result<Json<WonPrize>, Problem> {
    let (desk, by) = (counter.desk.clone(), actor(&caller));
    let claim = async move { claim_prizes::claim_prize(&desk, &code, member, &by).await };
    let (draw, win) = store::shielded(claim).await?;
    Ok(Json(WonPrize::of(&draw, &win, lang).ok_or(crate::error::Missing::Prize)?))
}

/// Notes that a prize was handed over at a branch; it is claimed with it where it was not before.
#[utoipa::path(
    post, path = "/v1/branches/{branch}/draw-handovers", operation_id = "hand_over_draw_prize", tag = "draws",
    params(("branch" = BranchCode, Path, description = "The branch.")),
    request_body = HandoverBody,
    responses((status = 200, description = "The prize.", body = WonPrize))
)]
pub(in crate::http) async fn hand_over_draw_prize(
    State(counter): State<Counter>,
    caller: Caller,
    lang: Lang,
    PathParams(branch): PathParams<BranchCode>,
    Body(body): Body<HandoverBody>,
) -> Result<Json<WonPrize>, Problem> {
    let member = body.member.find(&counter).await?;
    let (desk, by) = (counter.desk.clone(), actor(&caller));
    let hand = async move { claim_prizes::hand_over(&desk, &body.draw, member, (&branch, &by)).await };
    let (draw, win) = store::shielded(hand).await?;
    Ok(Json(WonPrize::of(&draw, &win, lang).ok_or(crate::error::Missing::Prize)?))
}
