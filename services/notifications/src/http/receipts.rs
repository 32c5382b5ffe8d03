//! What providers say by themselves of messages that they took. The provider's signature, or the secret in the address, is all that
//! opens this door.

use axum::{body::Bytes, extract::State, http::StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use web::{Access, BODY_CUT_OFF, BODY_TOO_LARGE, DeadlineAt, PathParams, Problem, Request, RouteSpec};

use super::Counter;
use crate::{
    adapters::told::{Told, ToldFlaw},
    commands::note_receipt::note_receipts,
    error::{DATABASE_BUSY, RECEIPT_DOOR_UNKNOWN, RECEIPT_UNREADABLE},
};

/// The largest request: a few hundred receipts.
const LIMIT: usize = 256 * 1024;

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/receipts/{provider}", "receive_receipts", Access::Anyone)
        .body_limit(LIMIT)
        .vouched()
        .problems(&[&RECEIPT_DOOR_UNKNOWN, &RECEIPT_UNREADABLE, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/receipts/{provider}", "receive_receipt_by_address", Access::Anyone).problems(&[
        &RECEIPT_DOOR_UNKNOWN,
        &RECEIPT_UNREADABLE,
        &DATABASE_BUSY,
    ]);

/// Takes what a provider of messages says of those that it took, in the provider's own form: a form, JSON, or pairs in the address.
///
/// Twilio signs; all others have the secret of their table in the file of providers behind `?key=`. A receipt counts once, and takes
/// nothing back. One of a message that is not known is taken and means nothing.
#[utoipa::path(
    post, path = "/v1/receipts/{provider}", operation_id = "receive_receipts", tag = "messages",
    params(
        ("provider" = String, Path, description = "The provider's name in the file of providers."),
        ("key" = Option<String>, Query, description = "The secret of the provider's table, where it signs nothing."),
        ("x-twilio-signature" = Option<String>, Header, description = "Twilio's signature."),
    ),
    responses((status = 204, description = "It was taken."))
)]
pub(super) async fn receive_receipts(
    State(counter): State<Counter>,
    PathParams(provider): PathParams<String>,
    deadline: DeadlineAt,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (head, body) = request.into_parts();
    let read = tokio::time::timeout(deadline.left() * 3 / 4, Limited::new(body, LIMIT).collect()).await;
    let body = match read {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(fault)) if fault.is::<LengthLimitError>() => {
            return Err(Problem::new(&BODY_TOO_LARGE)
                .arg("limit_bytes", LIMIT)
                .extension("limit_bytes", LIMIT));
        }
        Ok(Err(_)) | Err(_) => return Err(Problem::new(&BODY_CUT_OFF)),
    };
    take(&counter, &provider, &Told::new(&head, &body)).await
}

/// Takes the same from providers that call with everything in the address.
#[utoipa::path(
    get, path = "/v1/receipts/{provider}", operation_id = "receive_receipt_by_address", tag = "messages",
    params(
        ("provider" = String, Path, description = "The provider's name in the file of providers."),
        ("key" = Option<String>, Query, description = "The secret of the provider's table."),
    ),
    responses((status = 204, description = "It was taken."))
)]
pub(super) async fn receive_receipt_by_address(
    State(counter): State<Counter>,
    PathParams(provider): PathParams<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (head, _) = request.into_parts();
    take(&counter, &provider, &Told::new(&head, &Bytes::new())).await
}

async fn take(counter: &Counter, provider: &str, told: &Told) -> Result<StatusCode, Problem> {
    // Whoever asks for one that there is not learns as little as whoever guesses at a secret.
    let forged = || Problem::new(&RECEIPT_DOOR_UNKNOWN);
    let carrier = counter.desk.carriers.named(provider).ok_or_else(forged)?;
    let notices = carrier.provider.receipts(told).map_err(|flaw| match flaw {
        ToldFlaw::Forged => forged(),
        ToldFlaw::Unreadable => Problem::new(&RECEIPT_UNREADABLE),
    })?;
    note_receipts(&counter.desk, provider, &notices).await?;
    Ok(StatusCode::NO_CONTENT)
}
