//! Purchases: a till's purchase becomes points.

use axum::{extract::State, response::IntoResponse};
use http::{HeaderName, HeaderValue, StatusCode, header};
use kernel::{JournalId, Language, MemberId, Points};
use serde::{Deserialize, Serialize};
use tracing::Span;
use web::{
    Access, AskError, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, Lang, PathParams, Problem,
    ProofPlace, RawBody, Response, RouteSpec, Shown, StaffReach, TraceParent,
};

use super::{
    Counter,
    proof::ask_what_was_shown,
    purchase_answer::{PaidAnswer, PurchaseAnswer},
    purchase_request::{Named, PurchaseRequest, Till},
    roles,
};
use crate::{
    commands::{
        learn_member::{Learned, learn_member},
        record_purchases::{Identity, RecordPurchase, Recorded, Refusal},
    },
    domain::{Account, Terms},
    error,
    queries::{self, guard::guard, household},
};

pub(super) static RECORD: RouteSpec = RouteSpec::post("/v1/purchases", "record_purchase", Access::Till)
    .lane(Lane::Till)
    // 500 lines of the longest articles and categories, in Persian.
    .body_limit(256 * 1024)
    .keyed()
    .problems(error::OF_PURCHASES);

pub(super) static READ: RouteSpec =
    RouteSpec::get("/v1/purchases/{purchase_id}", "read_purchase", Access::TillOrOperator)
        .staff(Bound::Handler, roles::MEMBER_READERS)
        .showing_members()
        .problems(&[&error::PURCHASE_UNKNOWN]);

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Record a purchase
///
/// Identifies the customer, pays a part of it with points where `spend` says so, earns points for the rest, and answers the new
/// balance with what every rule made of it. Send the same request again whenever no answer came: the same `Idempotency-Key`, or the same receipt, gets the first answer again,
/// for ever. With `dry_run` nothing is kept.
#[utoipa::path(
    post, path = "/v1/purchases", operation_id = "record_purchase", tag = "purchases",
    params(("Idempotency-Key" = String, Header, description = "Made and stored by the till before it sends; 1 to 255 visible ASCII characters.")),
    request_body = PurchaseRequest,
    responses(
        (status = 201, description = "Recorded now.", body = PurchaseAnswer),
        (status = 200, description = "Recorded before (header `Idempotency-Replayed: true`), or a dry run.", body = PurchaseAnswer),
    )
)]
pub(super) async fn record_purchase(
    State(counter): State<Counter>,
    caller: Caller,
    key: IdempotencyKey,
    deadline: DeadlineAt,
    Lang(language): Lang,
    Body(request): Body<PurchaseRequest>,
) -> Result<Response, Problem> {
    let place = ProofPlace::of(&caller);
    let Caller::Till { branch, region, till, .. } = caller else {
        return Err(Problem::new(&web::ACCESS_DENIED));
    };
    let dry_run = request.dry_run;
    let (mut command, named) =
        request.command(&counter, Till { branch, region, code: till }, key.as_str()).await?;
    command.traceparent = TraceParent::of_span(&Span::current()).map(|parent| parent.to_text());
    let mut outcome = submit(&counter, command.clone(), dry_run, deadline).await?;
    if let Err(Refusal::UnknownIdentifier | Refusal::UnknownMember) = outcome {
        let member = ask_membership(&counter, named, "/member").await?;
        command.identity = Identity::Member(member);
        outcome = submit(&counter, command.clone(), dry_run, deadline).await?;
    }
    if let Err(Refusal::Unproved(member, _)) = outcome {
        command.shown = Some(ask_what_was_shown(&counter, member, &place).await?);
        outcome = submit(&counter, command, dry_run, deadline).await?;
    }
    let recorded = outcome.map_err(error::refused)?;
    let status = if recorded.replayed || dry_run { StatusCode::OK } else { StatusCode::CREATED };
    let mut document = document(&counter, &recorded, language, dry_run)?;
    if dry_run {
        document.spendable = spendable(&counter, &recorded).await?;
    }
    respond(&document, status, recorded.replayed)
}

/// The most that points could pay of a purchase, where the programme that decided has a price for points.
async fn spendable(counter: &Counter, recorded: &Recorded) -> Result<Option<PaidAnswer>, Problem> {
    let document = &recorded.programme.document;
    let (Some(terms), Some(purchase)) = (document.spending, recorded.row.purchase()) else {
        return Ok(None);
    };
    let amount = purchase.asked.amount;
    let member = recorded.row.member;
    let mut account = counter.balances.read(member).await?.account.unwrap_or_else(|| Account::new(member));
    account.guard = guard(&counter.database, member).await.map_err(error::fault)?;
    let (debt, at) = (document.debt, counter.moment());
    let others = household::others(&counter.database, &counter.chain, document, member, at).await;
    let of_others = others.map_err(error::fault)?.map_or(Points::ZERO, |others| others.points);
    let paid = terms.could_pay(&account, of_others, amount, Terms { at, debt });
    let paid = paid.map_err(|overflow| error::fault(overflow.into()))?;
    Ok(Some(PaidAnswer::of(paid, amount)))
}

/// Read a purchase
///
/// With its decision trace: what each rule gave, and why the others did not.
#[utoipa::path(
    get, path = "/v1/purchases/{purchase_id}", operation_id = "read_purchase", tag = "purchases",
    params(("purchase_id" = JournalId, Path, description = "As the till was told when it recorded the purchase.")),
    responses((status = 200, description = "The purchase.", body = PurchaseAnswer))
)]
pub(super) async fn read_purchase(
    State(counter): State<Counter>,
    caller: Caller,
    reach: StaffReach,
    shown: Shown,
    Lang(language): Lang,
    PathParams(id): PathParams<JournalId>,
) -> Result<Response, Problem> {
    let found = queries::purchase::read(&counter.database, &counter.recorder.programmes, id).await?;
    let recorded = found.ok_or_else(|| Problem::new(&error::PURCHASE_UNKNOWN))?;
    // A till sees what was bought in its own branch.
    if let (Caller::Till { branch, .. }, Some(purchase)) = (&caller, recorded.row.purchase())
        && *branch != purchase.asked.branch
    {
        return Err(Problem::new(&error::PURCHASE_UNKNOWN));
    }
    reach.place(recorded.row.asked().map(|asked| &asked.branch)).await?;
    shown.member(recorded.row.member);
    respond(&document(&counter, &recorded, language, false)?, StatusCode::OK, recorded.replayed)
}

async fn submit(
    counter: &Counter,
    command: RecordPurchase,
    dry_run: bool,
    deadline: DeadlineAt,
) -> Result<Result<Recorded, Refusal>, Problem> {
    deadline.check()?;
    if dry_run {
        return Ok(counter.recorder.rehearse(command).await);
    }
    let whose = command.identity;
    let waiting = counter.committer.take(&whose, command).map_err(error::not_taken)?;
    match tokio::time::timeout_at(deadline.0.into(), waiting).await {
        Ok(Ok(outcome)) => Ok(outcome),
        // The lane is gone with its process, or time is up: the purchase may or may not have been recorded.
        Ok(Err(_)) | Err(_) => Err(error::come_back(&error::STILL_RUNNING)),
    }
}

#[derive(Serialize)]
struct IdentifierQuestion {
    digest: kernel::Digest16,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<kernel::Digest16>,
    kind: kernel::IdentifierKind,
}

#[derive(Deserialize)]
struct MemberFound {
    member_id: MemberId,
    #[serde(default = "yes")]
    active: bool,
    /// It leads to the member for a minute only: nobody may keep the answer.
    #[serde(default)]
    temporary: bool,
    /// The keyed hash that leads to them.
    #[serde(default)]
    digest: Option<kernel::Digest16>,
}

const fn yes() -> bool {
    true
}

/// The facts of a customer who joined a moment ago may still be on their way: asks the one who knows, once.
pub(super) async fn ask_membership(counter: &Counter, named: Named, at: &str) -> Result<MemberId, Problem> {
    let within = std::time::Duration::from_millis(counter.settings.ask_timeout_ms);
    let found: Result<MemberFound, AskError> = match named {
        Named::Identifier(digests, kind) => {
            let also = digests.sought().iter().skip(1).copied().collect();
            let question = IdentifierQuestion { digest: digests.first(), also, kind };
            let path = "/internal/v1/identifiers/resolve";
            counter.membership.ask(http::Method::POST, path, &question, within).await
        }
        Named::Member(member) => {
            let path = format!("/internal/v1/members/{member}");
            counter.membership.ask(http::Method::GET, &path, &(), within).await
        }
    };
    match found {
        Ok(found) if found.active => {
            let learned = named.learned(found.member_id, found.digest);
            let identifier = learned.identifier.filter(|_| !found.temporary);
            learn_member(&counter.database, Learned { identifier, ..learned }).await?;
            Ok(found.member_id)
        }
        Ok(_) => Err(error::unknown_customer(named, at)),
        Err(error) if error.is_missing() => Err(error::unknown_customer(named, at)),
        Err(error) => {
            tracing::warn!(%error, "membership gave no answer about an unknown customer");
            Err(error::come_back(&error::MEMBERSHIP_SILENT))
        }
    }
}

fn document<'a>(
    counter: &'a Counter,
    recorded: &'a Recorded,
    language: Language,
    dry_run: bool,
) -> Result<PurchaseAnswer<'a>, Problem> {
    PurchaseAnswer::of(recorded, &counter.reasons, language, dry_run)
        .ok_or_else(|| Problem::new(&error::PURCHASE_UNKNOWN))
}

/// Answers what was recorded, and says so when it had been recorded before.
pub(super) fn respond(
    document: &impl Serialize,
    status: StatusCode,
    replayed: bool,
) -> Result<Response, Problem> {
    let body = serde_json::to_vec(document).map_err(|e| Problem::fault(e.into()))?;
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = (status, [json], RawBody::from(body)).into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}
