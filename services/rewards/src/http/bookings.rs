//! Members book seats at events, and give them back.

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode},
    response::IntoResponse as _,
};
use kernel::{EventCode, MemberId, RedemptionId, SeatId, Timestamp, VoucherId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, QueryParams,
    Response, RouteSpec, Shown,
};

use super::{
    Counter, REPLAYED, asking,
    members::{self, Who},
    pages,
    redemptions::{await_end, released, standing_of},
    roles,
};
use crate::{
    commands::book_seats::{Booking, book_seat as book, cancel_seat},
    domain::{event::Seat, redemption::State as Stage},
    error::{
        ACCOUNT_LOCKED, BALANCE_TOO_LOW, CURSOR_INVALID, DATABASE_BUSY, EVENT_UNKNOWN, IDENTIFIER_INVALID,
        KEY_REUSED, LIMIT_OUT_OF_RANGE, LIMIT_REACHED, MEMBER_MISNAMED, MEMBER_UNKNOWN, MEMBERSHIP_SILENT,
        Missing, NOT_OFFERED, NOT_REDEEMED, OUT_OF_STOCK, POINTS_SILENT, PROOF_MISSING, REWARD_UNKNOWN,
        SEAT_FIXED, SEAT_HAD, SEAT_UNKNOWN, VOUCHER_NOT_USABLE,
    },
    store::{
        events, offers, redemptions,
        seats::{self, KeptSeat},
        vouchers,
    },
};

pub(super) static BOOK: RouteSpec =
    RouteSpec::post("/v1/event-bookings", "book_seat", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .owned_by_handler()
        .lane(Lane::Till)
        .body_limit(16 * 1024)
        .keyed()
        .problems(&[
            &EVENT_UNKNOWN,
            &REWARD_UNKNOWN,
            &MEMBER_MISNAMED,
            &MEMBER_UNKNOWN,
            &IDENTIFIER_INVALID,
            &NOT_OFFERED,
            &SEAT_HAD,
            &LIMIT_REACHED,
            &OUT_OF_STOCK,
            &BALANCE_TOO_LOW,
            &ACCOUNT_LOCKED,
            &PROOF_MISSING,
            &NOT_REDEEMED,
            &KEY_REUSED,
            &POINTS_SILENT,
            &MEMBERSHIP_SILENT,
            &DATABASE_BUSY,
        ]);
pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/event-bookings", "list_event_bookings", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(super) static CANCEL: RouteSpec =
    RouteSpec::post("/v1/event-bookings/{seat_id}/cancellation", "give_seat_back", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .owned_by_handler()
        .showing_members()
        .problems(&[&SEAT_UNKNOWN, &SEAT_FIXED, &VOUCHER_NOT_USABLE, &DATABASE_BUSY]);

/// Who wants to come to what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BookingBody {
    /// The event's code.
    #[schema(value_type = String, example = "barista-evening")]
    pub event: EventCode,
    /// The member: named by tills and staff, left out by members.
    #[serde(default)]
    pub member: Option<Who>,
}

/// A seat, or a place in the waiting list.
#[derive(Serialize, ToSchema)]
pub struct SeatView {
    /// Its id.
    pub seat_id: SeatId,
    /// At which event.
    #[schema(value_type = String, example = "barista-evening")]
    pub event: EventCode,
    /// Whose.
    pub member_id: MemberId,
    /// `asked` (points are on their way), `booked`, `waiting`, `attended`, `missed` or `ended` (it is nobody's any more).
    #[schema(example = "booked")]
    pub state: &'static str,
    /// Why it is nobody's any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "cancelled")]
    pub reason: Option<String>,
    /// What it costs in points; 0 where it is free.
    pub points: i64,
    /// How many wait before the member, for who waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    /// The redemption of its points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption_id: Option<RedemptionId>,
    /// Its ticket: a voucher, whose code is taken at the door. For a free seat it comes a moment later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
    /// Until when it may be given back.
    pub cancel_until: Timestamp,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

/// Which bookings.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BookingsParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of bookings, the latest first.
#[derive(Serialize, ToSchema)]
pub struct BookingPage {
    /// The bookings.
    pub bookings: Vec<SeatView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl SeatView {
    pub(super) async fn of(counter: &Counter, seat: &KeptSeat) -> Result<Self, Problem> {
        let on = counter.desk.database.connection();
        let before = match seat.state {
            Seat::Waiting => Some(seats::before(on, &seat.event, seat.position).await?),
            _ => None,
        };
        let voucher_id = match seat.brought_by {
            Some(origin) => vouchers::issued_for(on, origin).await?,
            None => None,
        };
        Ok(Self {
            seat_id: seat.id,
            event: seat.event.clone(),
            member_id: seat.member,
            state: seat.state.word(),
            reason: seat.reason.clone(),
            points: seat.points,
            before,
            redemption_id: seat.brought_by.filter(|_| seat.points > 0).map(RedemptionId::from_uuid),
            voucher_id,
            cancel_until: seat.cancel_until,
            asked_at: seat.asked_at,
        })
    }
}

/// Books a seat at an event, or a place in its waiting list.
///
/// Where others wait, or no seat is left, the member waits, too, and moves up by themselves, one after the other; `state` says which. A seat
/// that costs points is `booked` when they are redeemed: within moments, or later with 202. The same request again, by its key, gets the
/// same seat.
#[utoipa::path(
    post, path = "/v1/event-bookings", operation_id = "book_seat", tag = "events",
    params(("Idempotency-Key" = String, Header, description = "Made and stored before it is sent; 1 to 255 visible ASCII characters.")),
    request_body(content = BookingBody, example = json!({"event": "barista-evening"})),
    responses(
        (status = 201, description = "Booked, or waiting.", body = SeatView),
        (status = 200, description = "Asked before with this key (header `Idempotency-Replayed: true`).", body = SeatView),
        (status = 202, description = "Its points are on their way.", body = SeatView),
    )
)]
pub(super) async fn book_seat(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(body): Body<BookingBody>,
) -> Result<Response, Problem> {
    let member = members::meant(&counter, &caller, body.member.as_ref()).await?;
    let (member_text, event_text) = (member.to_string(), body.event.to_string());
    let request = asking(&caller, key.as_str(), &["book", &member_text, &event_text]);
    let on = counter.desk.database.connection();
    let kept = events::load(on, &body.event).await?.ok_or(Missing::Event)?;
    let offer = offers::load(on, &kept.event.reward).await?.ok_or(Missing::Reward)?;
    let asks = kept.event.asks_tier() || offer.terms.audience.asks_standing();
    let standing = if asks { Some(standing_of(&counter, member).await?) } else { None };
    let shown = members::shown(&counter, &caller, member).await?;
    let traceparent = super::traceparent();
    let wanted = Booking { member, event: body.event, standing, shown, request, traceparent };
    let desk = counter.desk.clone();
    let booked = store::shielded(async move { book(&desk, &wanted).await }).await?;
    let mut seat = booked.seat;
    if seat.points > 0
        && let Some(origin) = seat.brought_by
    {
        let begun = redemptions::load(on, RedemptionId::from_uuid(origin)).await?;
        let ended = await_end(&counter, begun.ok_or(Missing::Redemption)?, deadline).await?;
        if ended.state == Stage::Released {
            return Err(released(&ended));
        }
        seat = seats::load(on, seat.id).await?.ok_or(Missing::Seat)?;
    }
    let status = match seat.state {
        Seat::Asked => StatusCode::ACCEPTED,
        _ if booked.replayed => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    let mut response = (status, Json(SeatView::of(&counter, &seat).await?)).into_response();
    if booked.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Lists what a member booked, or waits for, the latest first.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/event-bookings", operation_id = "list_event_bookings", tag = "events",
    params(("member_id" = MemberId, Path, description = "The member."), BookingsParams),
    responses((status = 200, description = "A page of bookings.", body = BookingPage))
)]
pub(super) async fn list_event_bookings(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    QueryParams(asked): QueryParams<BookingsParams>,
) -> Result<Json<BookingPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let before = pages::after(asked.cursor.as_deref())?;
    let mut found = seats::of_member(counter.desk.database.connection(), member, before, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |seat| seat.id);
    let mut bookings = Vec::with_capacity(found.len());
    for seat in &found {
        bookings.push(SeatView::of(&counter, seat).await?);
    }
    Ok(Json(BookingPage { bookings, has_more: next_cursor.is_some(), next_cursor }))
}

/// Gives a seat, or a place in the waiting list, back.
///
/// Whoever waits longest moves up, and points that were redeemed for it come back. It may be done until `cancel_until`; doing it again
/// changes nothing.
#[utoipa::path(
    post, path = "/v1/event-bookings/{seat_id}/cancellation", operation_id = "give_seat_back", tag = "events",
    params(("seat_id" = SeatId, Path, description = "The seat.")),
    responses((status = 200, description = "The seat as it is now.", body = SeatView))
)]
pub(super) async fn give_seat_back(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    PathParams(id): PathParams<SeatId>,
) -> Result<Json<SeatView>, Problem> {
    let found = seats::load(counter.desk.database.connection(), id).await?;
    // Another's is as unknown as one that never was.
    let own = found.filter(|seat| caller.owns(seat.member).is_ok()).ok_or(Missing::Seat)?;
    shown.member(own.member);
    let (desk, traceparent) = (counter.desk.clone(), super::traceparent());
    let seat = store::shielded(async move { cancel_seat(&desk, id, traceparent.as_deref()).await }).await?;
    SeatView::of(&counter, &seat).await.map(Json)
}
