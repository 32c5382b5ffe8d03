//! What membership asks of points about members who leave: what they have, and who is erased.

use axum::{Json, extract::State};
use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{error, store::erasures};

pub(super) static BALANCE: RouteSpec =
    RouteSpec::get("/internal/v1/members/{member_id}/balance", "ask_balance", Access::Services).problems(&[
        &error::MEMBER_UNKNOWN,
        &error::MEMBERSHIP_SILENT,
        &error::TOO_BUSY,
        &error::STOPPING,
    ]);
pub(super) static LIST: RouteSpec =
    RouteSpec::post("/internal/v1/erasures/list", "list_erasures", Access::Services).body_limit(4 * 1024);

/// Members of one answer.
const PAGE: u64 = 500;

/// Who was erased, after whom.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasuresQuestion {
    /// The last one of the answer before; left out at first.
    #[serde(default)]
    after: Option<MemberId>,
}

/// Up to 500 erased members, by id.
#[derive(Serialize)]
pub struct Erasures {
    erased: Vec<Erased>,
}

#[derive(Serialize)]
struct Erased {
    member_id: MemberId,
    erased_at: Timestamp,
}

pub(super) async fn list_erasures(
    State(counter): State<Counter>,
    Body(question): Body<ErasuresQuestion>,
) -> Result<Json<Erasures>, Problem> {
    let found = erasures::list(&counter.database, question.after, PAGE).await.map_err(error::fault)?;
    let erased = found.into_iter().map(|(member_id, erased_at)| Erased { member_id, erased_at });
    Ok(Json(Erasures { erased: erased.collect() }))
}
