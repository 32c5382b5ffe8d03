//! Events and workshops, as the chain keeps them and as members see them.

use axum::{Json, extract::State};
use kernel::{BranchCode, EventCode, MemberId, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, Caller, Lang, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, actor, bookings::SeatView, members, pages, reasons::reason, roles, views::Said};
use crate::{
    commands::{call_off::call_off, keep_events::put_event as put},
    domain::{
        event::{Event, Seat},
        offer::{OfferState, Standing},
    },
    error::{
        BRANCH_UNKNOWN, CURSOR_INVALID, DATABASE_BUSY, EVENT_INVALID, EVENT_OVER, EVENT_UNKNOWN,
        LIMIT_OUT_OF_RANGE, Missing, REASON_MISSING, REWARD_UNKNOWN, SEATS_TOO_FEW,
    },
    store::{
        events::{self, KeptEvent},
        offers, places, seats,
    },
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/events/{event}", "put_event", Access::Operator)
    .staff(Bound::Chain, roles::KEEPERS)
    .problems(&[
        &EVENT_INVALID,
        &REWARD_UNKNOWN,
        &BRANCH_UNKNOWN,
        &SEATS_TOO_FEW,
        &EVENT_OVER,
        &DATABASE_BUSY,
    ]);
pub(super) static CANCEL: RouteSpec =
    RouteSpec::post("/v1/events/{event}/cancellation", "cancel_event", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .body_limit(8 * 1024)
        .problems(&[&EVENT_UNKNOWN, &EVENT_OVER, &REASON_MISSING, &DATABASE_BUSY]);
pub(super) static READ: RouteSpec = RouteSpec::get("/v1/events/{event}", "read_event", Access::Operator)
    .staff(Bound::Anywhere, roles::READERS)
    .problems(&[&EVENT_UNKNOWN, &DATABASE_BUSY]);
pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/events", "list_events", Access::Operator)
    .staff(Bound::Anywhere, roles::READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static OF_MEMBER: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/events", "list_member_events", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// An event as the chain keeps it.
#[derive(Serialize, ToSchema)]
pub struct KeptEventView {
    /// Its code.
    #[schema(value_type = String, example = "barista-evening")]
    pub event: EventCode,
    /// What the chain wrote down.
    pub terms: Event,
    /// How many seats are taken, those whose points are on their way with them.
    pub taken: i64,
    /// How many wait for one.
    pub waiting: i64,
    /// How many came.
    pub attended: i64,
    /// How many had a seat and did not come.
    pub missed: i64,
    /// When it was called off; absent where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// By whom: `operator`, or the id of one of the staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "operator")]
    pub cancelled_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "The barista is ill.")]
    pub cancelled_for: Option<String>,
}

/// Why an event is called off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventCancellationBody {
    /// Why: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500, example = "The barista is ill.")]
    pub reason: String,
}

/// A page of events, by code.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// The events.
    pub events: Vec<KeptEventView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An event that a member can come to.
#[derive(Serialize, ToSchema)]
pub struct EventView {
    /// Its code.
    #[schema(value_type = String, example = "barista-evening")]
    pub event: EventCode,
    /// The reward by which it is in the catalogue.
    #[schema(value_type = String, example = "barista-evening")]
    pub reward: RewardCode,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Said>,
    /// What is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Said>,
    /// Where a picture of it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    /// Where it is.
    #[schema(value_type = String, example = "tehran-vanak")]
    pub branch: BranchCode,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
    /// What this member redeems for it: 0 where it is free for them.
    pub points: i64,
    /// How many seats can be had at once; 0 while others wait.
    pub left: i64,
    /// How many wait for one.
    pub waiting: i64,
    /// Until when a seat may be given back.
    pub cancel_until: Timestamp,
    /// What the member has of it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<SeatView>,
}

/// A page of what a member can come to, by code.
#[derive(Serialize, ToSchema)]
pub struct MemberEventPage {
    /// The events.
    pub events: Vec<EventView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

async fn kept(counter: &Counter, own: KeptEvent) -> Result<KeptEventView, Problem> {
    let on = counter.desk.database.connection();
    let attended = seats::count(on, &own.code, Seat::Attended).await?;
    let missed = seats::count(on, &own.code, Seat::Missed).await?;
    let KeptEvent { code, event, taken, waiting, cancelled } = own;
    let (cancelled_at, cancelled_by, cancelled_for) =
        cancelled.map_or((None, None, None), |how| (Some(how.at), Some(how.by), how.reason));
    Ok(KeptEventView {
        event: code,
        terms: event,
        taken,
        waiting,
        attended,
        missed,
        cancelled_at,
        cancelled_by,
        cancelled_for,
    })
}

/// Writes an event down, or what it is from now on.
///
/// Its texts, price, audience and limits are those of a reward of the kind `event_seat` that names this event, and it can be booked while
/// that reward is offered. There are never fewer seats than are taken.
#[utoipa::path(
    put, path = "/v1/events/{event}", operation_id = "put_event", tag = "events",
    params(("event" = EventCode, Path, description = "The event's code.")),
    request_body(content = Event, example = json!({
        "reward": "barista-evening", "branch": "tehran-vanak", "starts_at": "2026-12-10T14:30:00Z", "ends_at": "2026-12-10T16:30:00Z",
        "seats": 20, "waiting": 10, "cancel_until": "2026-12-09T14:30:00Z", "decline_hours": 12, "free_tiers": ["gold"],
    })),
    responses((status = 200, description = "The event as it is now.", body = KeptEventView))
)]
pub(super) async fn put_event(
    State(counter): State<Counter>,
    PathParams(code): PathParams<EventCode>,
    Body(event): Body<Event>,
) -> Result<Json<KeptEventView>, Problem> {
    if let Some(pointer) = event.mistake() {
        return Err(Problem::new(&EVENT_INVALID).pointer(pointer));
    }
    let on = counter.desk.database.connection();
    if places::region_of(on, &event.branch).await?.is_none() {
        return Err(Problem::new(&BRANCH_UNKNOWN).pointer("/branch"));
    }
    let desk = counter.desk.clone();
    let own = store::shielded(async move { put(&desk, &code, &event).await }).await?;
    kept(&counter, own).await.map(Json)
}

/// Calls an event off, until it is over.
///
/// Nobody books it from that moment on. Within moments, or minutes where it is large, every seat and every place in the waiting list ends
/// (`seat_ended`, `event_cancelled`), and points that were redeemed come back; who has come already stays so. Once more changes nothing.
#[utoipa::path(
    post, path = "/v1/events/{event}/cancellation", operation_id = "cancel_event", tag = "events",
    params(("event" = EventCode, Path, description = "The event's code.")),
    request_body(content = EventCancellationBody, example = json!({"reason": "The barista is ill."})),
    responses((status = 200, description = "The event as it is now.", body = KeptEventView))
)]
pub(super) async fn cancel_event(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(code): PathParams<EventCode>,
    Body(body): Body<EventCancellationBody>,
) -> Result<Json<KeptEventView>, Problem> {
    let (why, by, desk) = (reason(body.reason)?, actor(&caller), counter.desk.clone());
    let own = store::shielded(async move { call_off(&desk, &code, (&by, &why)).await }).await?;
    kept(&counter, own).await.map(Json)
}

/// Shows an event.
#[utoipa::path(
    get, path = "/v1/events/{event}", operation_id = "read_event", tag = "events",
    params(("event" = EventCode, Path, description = "The event's code.")),
    responses((status = 200, description = "The event.", body = KeptEventView))
)]
pub(super) async fn read_event(
    State(counter): State<Counter>,
    PathParams(code): PathParams<EventCode>,
) -> Result<Json<KeptEventView>, Problem> {
    let found = events::load(counter.desk.database.connection(), &code).await?;
    kept(&counter, found.ok_or(Missing::Event)?).await.map(Json)
}

/// Lists events, those that are over with them.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "list_events", tag = "events",
    params(EventsParams),
    responses((status = 200, description = "A page of events.", body = EventPage))
)]
pub(super) async fn list_events(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<EventsParams>,
) -> Result<Json<EventPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<EventCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", EventCode::as_str);
    let mut found = events::list(counter.desk.database.connection(), None, after, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |own| own.code.clone());
    let mut all = Vec::with_capacity(found.len());
    for own in found {
        all.push(kept(&counter, own).await?);
    }
    Ok(Json(EventPage { events: all, has_more: next_cursor.is_some(), next_cursor }))
}

/// Lists what a member can come to, with what they have booked already.
///
/// What is for others is left out, and what has begun.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/events", operation_id = "list_member_events", tag = "events",
    params(("member_id" = MemberId, Path, description = "The member."), EventsParams),
    responses((status = 200, description = "A page of events.", body = MemberEventPage))
)]
pub(super) async fn list_member_events(
    State(counter): State<Counter>,
    Lang(language): Lang,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<EventsParams>,
) -> Result<Json<MemberEventPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<EventCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", EventCode::as_str);
    let standing = members::standing(&counter, member).await;
    let now = counter.now();
    let mut found = events::list(counter.desk.database.connection(), Some(now), after, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |own| own.code.clone());
    let mut all = Vec::with_capacity(found.len());
    for own in found {
        all.extend(seen(&counter, own, (member, standing.as_ref()), language).await?);
    }
    Ok(Json(MemberEventPage { events: all, has_more: next_cursor.is_some(), next_cursor }))
}

/// An event as a member sees it; nothing where it is not for them, not offered, or called off.
async fn seen(
    counter: &Counter,
    own: KeptEvent,
    (member, standing): (MemberId, Option<&Standing>),
    language: kernel::Language,
) -> Result<Option<EventView>, Problem> {
    let on = counter.desk.database.connection();
    if own.cancelled.is_some() {
        return Ok(None);
    }
    let found = offers::load(on, &own.event.reward).await?;
    let live = found.filter(|offer| {
        offer.schedule.state(counter.now()) == OfferState::Live && offer.terms.audience.is_for(standing)
    });
    let Some(offer) = live else { return Ok(None) };
    let booking = match seats::of(on, &own.code, member).await? {
        Some(seat) => Some(SeatView::of(counter, &seat).await?),
        None => None,
    };
    let costs = own.event.costs(standing.and_then(|standing| standing.tier.as_ref()));
    let left = if own.waiting > 0 { 0 } else { own.event.seats - own.taken };
    Ok(Some(EventView {
        event: own.code,
        reward: own.event.reward,
        name: Said::of(&offer.terms.name, language),
        about: Said::of(&offer.terms.about, language),
        picture_url: offer.terms.picture_url,
        branch: own.event.branch,
        starts_at: own.event.starts_at,
        ends_at: own.event.ends_at,
        points: if costs { offer.terms.points } else { 0 },
        left,
        waiting: own.waiting,
        cancel_until: own.event.cancel_until.unwrap_or(own.event.starts_at),
        booking,
    }))
}
