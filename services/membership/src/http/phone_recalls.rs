//! Calling a change of a phone back, by whoever has the former phone.

use axum::extract::State;
use kernel::{Pii, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, DeadlineAt, Lane, Problem, RouteSpec};

use super::{Counter, Private, private};
use crate::{
    commands::recall_phone_change::recall_phone_change,
    domain::phone_change::{PhoneRefusal, RecallCode},
    error::{DATABASE_BUSY, PHONE_RECALL_REFUSED},
};

pub(super) static POST: RouteSpec =
    RouteSpec::post("/v1/phone-recalls", "recall_phone_change", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&PHONE_RECALL_REFUSED, &DATABASE_BUSY]);

/// The code that came to the former phone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecallBody {
    /// Twelve letters and digits; hyphens and spaces are left out.
    #[schema(value_type = String, example = "K7QF-9M2X-4TWB")]
    pub code: Pii<String>,
}

/// What calling a change back came to.
#[derive(Serialize, ToSchema)]
pub struct RecalledView {
    /// Until when the member passes no points on and spends few; absent where the chain guards nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guarded_until: Option<Timestamp>,
}

/// Calls a change of a phone back, by the code that came to the former phone.
///
/// The former number leads to the member again; whatever came after it does not. All sessions end, and the account is guarded anew.
#[utoipa::path(
    post, path = "/v1/phone-recalls", operation_id = "recall_phone_change", tag = "phone changes",
    request_body = RecallBody,
    responses((status = 200, description = "The former phone leads to the member again.", body = RecalledView))
)]
pub(super) async fn call_phone_back(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<RecallBody>,
) -> Result<Private<RecalledView>, Problem> {
    let code = RecallCode::parse(body.code.expose());
    let code = code.map_err(|_| Problem::from(PhoneRefusal::RecallRefused))?;
    deadline.check()?;
    let guarded_until = recall_phone_change(counter.desk(), &code).await?;
    Ok(private(RecalledView { guarded_until }))
}
