//! Tickets that staff give by hand.

use axum::{Json, extract::State};
use kernel::DrawCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, IdempotencyKey, PathParams, Problem, RouteSpec};

use super::actor;
use crate::{
    commands::draws::tickets::{Grant, grant_tickets},
    domain::draw::MOST_TICKETS,
    error::{
        DATABASE_BUSY, DRAW_NOT_OPEN, DRAW_UNKNOWN, IDENTIFIER_INVALID, KEY_REUSED, LIMIT_REACHED,
        MEMBER_UNKNOWN, MEMBERSHIP_SILENT, TICKETS_INVALID,
    },
    http::{Counter, asking, members::Who, roles},
};

pub(in crate::http) static GRANT: RouteSpec =
    RouteSpec::post("/v1/draws/{draw}/tickets", "grant_draw_tickets", Access::Operator)
        .staff(Bound::Chain, roles::TICKET_GIVERS)
        .keyed()
        .problems(&[
            &DRAW_UNKNOWN,
            &DRAW_NOT_OPEN,
            &TICKETS_INVALID,
            &LIMIT_REACHED,
            &IDENTIFIER_INVALID,
            &MEMBER_UNKNOWN,
            &KEY_REUSED,
            &MEMBERSHIP_SILENT,
            &DATABASE_BUSY,
        ]);

/// Who gets tickets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketsBody {
    /// Who.
    pub member: Who,
    /// How many: 1 to 10,000.
    #[schema(minimum = 1, maximum = 10_000)]
    pub tickets: u32,
    /// Why, 1 to 200 characters, for the draw's history: it names nobody.
    #[schema(min_length = 1, max_length = 200, example = "invited to the opening")]
    pub reason: String,
}

/// How many tickets a member has.
#[derive(Serialize, ToSchema)]
pub struct TicketsHeld {
    /// So many, in this draw.
    pub tickets: i64,
}

/// Gives a member tickets of an open draw: who is invited, or is owed some.
///
/// All of them or none; the history of the draw says who gave them, and why.
#[utoipa::path(
    post, path = "/v1/draws/{draw}/tickets", operation_id = "grant_draw_tickets", tag = "draws",
    params(
        ("draw" = DrawCode, Path, description = "The draw's code."),
        ("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters."),
    ),
    request_body = TicketsBody,
    responses((status = 200, description = "How many the member has now.", body = TicketsHeld))
)]
pub(in crate::http) async fn grant_draw_tickets(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    PathParams(draw): PathParams<DrawCode>,
    Body(body): Body<TicketsBody>,
) -> Result<Json<TicketsHeld>, Problem> {
    let invalid = |at: &str| Problem::new(&TICKETS_INVALID).pointer(at.to_owned());
    if !(1..=MOST_TICKETS).contains(&body.tickets) {
        return Err(invalid("/tickets"));
    }
    let reason = body.reason.trim().to_owned();
    if !(1..=200).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return Err(invalid("/reason"));
    }
    let member = body.member.find(&counter).await?;
    let request = asking(&caller, key.as_str(), &["draw tickets", draw.as_str()]);
    let grant = Grant { draw, member, tickets: body.tickets, actor: actor(&caller), reason, request };
    let desk = counter.desk.clone();
    let tickets = store::shielded(async move { grant_tickets(&desk, &grant).await }).await?;
    Ok(Json(TicketsHeld { tickets }))
}
