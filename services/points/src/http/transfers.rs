//! Transfers: points from one member to another.

use axum::{Json, extract::State};
use http::StatusCode;
use kernel::{Digests, MemberId, Points, TransferId};
use serde::{Deserialize, Serialize};
use store::paging::Cursor;
use tracing::Span;
use utoipa::ToSchema;
use web::{
    Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, PathParams, Problem, QueryParams, Response,
    RouteSpec, Shown, TraceParent,
};

use super::{
    Counter,
    checks::text,
    hands::{check_person, hand_digest},
    history::Page,
    own_transfers::may_send,
    purchase_request::{Buyer, Named},
    purchases::{ask_membership, respond},
    roles,
    transfer_answer::{RequestedAnswer, TransferAnswer},
    transfer_refusals::{OF_TRANSFERS, transfer_refused},
};
use crate::{
    commands::{
        record_purchases::{Identity, fingerprint},
        request_transfer::{Behalf, Refusal, RequestTransfer, Requested, request_transfer as run},
    },
    error, queries,
};

pub(super) static REQUEST: RouteSpec =
    RouteSpec::post("/v1/transfers", "request_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .keyed()
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(OF_TRANSFERS);

pub(super) static QUOTE: RouteSpec =
    RouteSpec::post("/v1/transfers/quotes", "quote_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(OF_TRANSFERS);

pub(super) static HAND_OVER: RouteSpec =
    RouteSpec::post("/v1/hand-overs", "hand_over_points", Access::Operator)
        .keyed()
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(OF_TRANSFERS);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/transfers/{transfer_id}", "read_transfer", Access::MemberOrOperator)
        .owned_by_handler()
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .showing_members()
        .problems(&[&error::TRANSFER_UNKNOWN, &error::DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/transfers", "list_transfers", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[
            &error::MEMBER_UNKNOWN,
            &error::MEMBERSHIP_SILENT,
            &error::CURSOR_INVALID,
            &error::LIMIT_OUT_OF_RANGE,
            &error::DATABASE_BUSY,
        ]);

/// A person who acts on a member's behalf.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentRequest {
    /// Who, as the chain names its staff: 1 to 64 characters. Staff who are signed in name their own id.
    #[schema(example = "support-12", min_length = 1, max_length = 64)]
    pub agent: String,
    /// Why, in that person's words: 1 to 200 characters. It stays in the books.
    #[schema(example = "The member cannot use the app", min_length = 1, max_length = 200)]
    pub reason: String,
}

/// A transfer that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// Who gives.
    pub from: MemberId,
    /// Who gets.
    pub to: Buyer,
    /// How many points the receiver gets; the fee comes on top.
    #[schema(value_type = i64, minimum = 1, example = 100)]
    pub points: Points,
    /// Who makes it, where it is not the member; staff alone says so.
    #[serde(default)]
    pub on_behalf: Option<AgentRequest>,
}

/// A card that goes over to another person, with everything on it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOverRequest {
    /// Who gives.
    pub from: MemberId,
    /// Who gets.
    pub to: Buyer,
    /// Who makes it, where it is not the member.
    #[serde(default)]
    pub on_behalf: Option<AgentRequest>,
    /// Answer what would happen, and keep nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Request a transfer
///
/// The points leave the sender at once. They arrive at once too, unless the programme asks for a one-time code, for a second
/// person's approval, for the receiver's word or for time to think; until then the sender can recall them. Points keep their
/// last day wherever they go. A member sends their own points, once their phone is confirmed. Send the same request again whenever no answer came.
#[utoipa::path(
    post, path = "/v1/transfers", operation_id = "request_transfer", tag = "transfers",
    params(("Idempotency-Key" = String, Header, description = "Made and stored by the caller before it sends; 1 to 255 visible ASCII characters.")),
    request_body = TransferRequest,
    responses(
        (status = 201, description = "Requested now.", body = RequestedAnswer),
        (status = 200, description = "Requested before (header `Idempotency-Replayed: true`).", body = RequestedAnswer),
    )
)]
pub(super) async fn request_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(request): Body<TransferRequest>,
) -> Result<Response, Problem> {
    may_send(&caller, &request)?;
    let (command, named) = request.command(&counter, &caller, Some(key.as_str()))?;
    let requested = submit(&counter, command, named, deadline).await?;
    answer(requested, false)
}

/// Quote a transfer
///
/// What a transfer would cost, what would travel, and what it would wait for; nothing is kept.
#[utoipa::path(
    post, path = "/v1/transfers/quotes", operation_id = "quote_transfer", tag = "transfers",
    request_body = TransferRequest,
    responses((status = 200, description = "What would happen.", body = RequestedAnswer))
)]
pub(super) async fn quote_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    deadline: DeadlineAt,
    Body(request): Body<TransferRequest>,
) -> Result<Response, Problem> {
    may_send(&caller, &request)?;
    let (command, named) = request.command(&counter, &caller, None)?;
    let requested = submit(&counter, command, named, deadline).await?;
    answer(requested, true)
}

/// Hand everything over
///
/// A card goes over to another person: a transfer of all points that the sender has, less the fee, under the same policy.
#[utoipa::path(
    post, path = "/v1/hand-overs", operation_id = "hand_over_points", tag = "transfers",
    params(("Idempotency-Key" = String, Header, description = "Made and stored by the caller before it sends; 1 to 255 visible ASCII characters.")),
    request_body = HandOverRequest,
    responses(
        (status = 201, description = "Requested now.", body = RequestedAnswer),
        (status = 200, description = "Requested before (header `Idempotency-Replayed: true`), or a dry run.", body = RequestedAnswer),
    )
)]
pub(super) async fn hand_over_points(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Body(request): Body<HandOverRequest>,
) -> Result<Response, Problem> {
    let key = (!request.dry_run).then_some(key.as_str());
    let asked = Asked { from: request.from, to: request.to, points: None, on_behalf: request.on_behalf };
    let (command, named) = asked.command(&counter, &caller, key)?;
    let requested = submit(&counter, command, named, deadline).await?;
    answer(requested, request.dry_run)
}

/// Read a transfer
///
/// Where it stands now, right at any instant. A member sees those that they sent and those that they got; who of the staff had a
/// hand in it is the chain's own affair.
#[utoipa::path(
    get, path = "/v1/transfers/{transfer_id}", operation_id = "read_transfer", tag = "transfers",
    params(("transfer_id" = TransferId, Path, description = "As it was answered when it was requested.")),
    responses((status = 200, description = "The transfer.", body = TransferAnswer))
)]
pub(super) async fn read_transfer(
    State(counter): State<Counter>,
    caller: Caller,
    shown: Shown,
    PathParams(id): PathParams<TransferId>,
) -> Result<Json<TransferAnswer>, Problem> {
    let row = counter.transfer_for(&caller, id).await?;
    shown.members([row.transfer.sender, row.transfer.receiver]);
    Ok(Json(TransferAnswer::shown(counter.up_to_date(row).await?, &caller)))
}

/// Transfers of a member, newest first.
#[derive(Serialize, ToSchema)]
pub struct Transfers {
    /// The transfers.
    pub items: Vec<TransferAnswer>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// List a member's transfers
///
/// Those that the member sent and those that they got, newest first, each where it stands now.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/transfers", operation_id = "list_transfers", tag = "transfers",
    params(("member_id" = MemberId, Path, description = "The member."), Page),
    responses((status = 200, description = "A page of the transfers.", body = Transfers))
)]
pub(super) async fn list_transfers(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member): PathParams<MemberId>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<Transfers>, Problem> {
    let past = page.place::<(i32, TransferId)>()?;
    let mut rows = queries::transfers::of_member(&counter.database, member, past, page.limit + 1).await?;
    if rows.is_empty() && past.is_none() && !counter.knows(member).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let has_more = page.cut(&mut rows);
    let last = rows.last().filter(|_| has_more).map(|row| &row.transfer);
    let next_cursor = last.map(|last| Cursor::of(&(last.requested_on.number(), last.id)).as_str().to_owned());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(TransferAnswer::shown(counter.up_to_date(row).await?, &caller));
    }
    Ok(Json(Transfers { items, has_more, next_cursor }))
}

/// What is asked of a transfer or a hand-over.
struct Asked {
    from: MemberId,
    to: Buyer,
    points: Option<Points>,
    on_behalf: Option<AgentRequest>,
}

const LONGEST_REASON: usize = 200;

impl TransferRequest {
    fn command(
        self,
        counter: &Counter,
        caller: &Caller,
        key: Option<&str>,
    ) -> Result<(RequestTransfer, Named), Problem> {
        let Self { from, to, points, on_behalf } = self;
        Asked { from, to, points: Some(points), on_behalf }.command(counter, caller, key)
    }
}

impl Asked {
    fn command(
        self,
        counter: &Counter,
        caller: &Caller,
        key: Option<&str>,
    ) -> Result<(RequestTransfer, Named), Problem> {
        if self.on_behalf.is_none() && matches!(caller, Caller::Staff { .. }) {
            return Err(Problem::new(&error::PERSON_OTHER).pointer("/on_behalf"));
        }
        if let Some(on_behalf) = &self.on_behalf {
            check_person(caller, &on_behalf.agent, "/on_behalf/agent")?;
            text(&on_behalf.reason, LONGEST_REASON, "/on_behalf/reason")?;
        }
        let named = self.to.named(counter, "/to")?;
        let request = key.map(|key| (hand_digest(caller, key), self.fingerprint(named)));
        let command = RequestTransfer {
            request,
            sender: self.from,
            receiver: named.identity(),
            points: self.points,
            behalf: self.on_behalf.map(|AgentRequest { agent, reason }| Behalf { agent, reason }),
            traceparent: TraceParent::of_span(&Span::current()).map(|parent| parent.to_text()),
        };
        Ok((command, named))
    }

    /// Two requests with one fingerprint ask for the same thing.
    fn fingerprint(&self, named: Named) -> Digests {
        let points = self.points.map_or_else(|| "all".to_owned(), |points| points.to_string());
        let behalf = self.on_behalf.as_ref();
        let agent = behalf.map(|behalf| behalf.agent.as_str()).unwrap_or_default();
        let reason = behalf.map(|behalf| behalf.reason.as_str()).unwrap_or_default();
        let from = self.from.to_string();
        named.fingerprints(|to| fingerprint(&["transfer", &from, to, &points, agent, reason]))
    }
}

/// Runs the command; whom points has not heard of yet it asks membership for, once each.
async fn submit(
    counter: &Counter,
    mut command: RequestTransfer,
    named: Named,
    deadline: DeadlineAt,
) -> Result<Requested, Problem> {
    let (mut asked_sender, mut asked_receiver) = (false, false);
    loop {
        match once(counter, command.clone(), deadline).await? {
            Ok(requested) => return Ok(requested),
            Err(Refusal::UnknownSender) if !asked_sender => {
                asked_sender = true;
                let sender = Named::Member(command.sender);
                ask_membership(counter, sender, "/from").await.map_err(at_sender)?;
            }
            Err(Refusal::UnknownReceiver) if !asked_receiver => {
                asked_receiver = true;
                command.receiver = Identity::Member(ask_membership(counter, named, "/to").await?);
            }
            Err(refusal) => return Err(transfer_refused(refusal)),
        }
    }
}

/// The sender is named by id alone, without a place below it.
fn at_sender(problem: Problem) -> Problem {
    if problem.code().code == error::MEMBER_UNKNOWN.code { problem.pointer("/from") } else { problem }
}

async fn once(
    counter: &Counter,
    command: RequestTransfer,
    deadline: DeadlineAt,
) -> Result<Result<Requested, Refusal>, Problem> {
    deadline.check()?;
    if command.request.is_some() {
        let whose = command.sender;
        let waiting = counter.transfers.take(&whose, command).map_err(error::not_taken)?;
        return match tokio::time::timeout_at(deadline.0.into(), waiting).await {
            Ok(Ok(outcome)) => Ok(outcome),
            // The lane is gone with its process, or time is up: it may or may not have been requested.
            Ok(Err(_)) | Err(_) => Err(error::come_back(&error::STILL_RUNNING)),
        };
    }
    let recorder = std::sync::Arc::clone(&counter.recorder);
    // A caller that hangs up cannot cut it in half.
    let done = store::shielded(async move { run(&recorder, &command).await });
    match tokio::time::timeout_at(deadline.0.into(), done).await {
        Ok(outcome) => Ok(outcome),
        Err(_) => Err(error::come_back(&error::STILL_RUNNING)),
    }
}

fn answer(requested: Requested, dry_run: bool) -> Result<Response, Problem> {
    let replayed = requested.replayed;
    let status = if replayed || dry_run { StatusCode::OK } else { StatusCode::CREATED };
    respond(&RequestedAnswer::of(requested, dry_run), status, replayed)
}
