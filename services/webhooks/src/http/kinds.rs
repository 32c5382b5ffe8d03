//! Kinds of facts that webhooks can be told.

use axum::Json;
use kernel::Scope;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Problem, RouteSpec};

use super::roles;
use crate::domain::public_facts::told;

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/webhook-kinds", "list_webhook_kinds", Access::Operator)
        .staff(Bound::Chain, roles::READERS)
        .partners(Scope::WebhooksManage);

/// A kind of fact.
#[derive(Serialize, ToSchema)]
pub struct KindView {
    /// Its name, as `type` of a message says it.
    #[schema(example = "vafa.points.points_earned.v1")]
    pub kind: &'static str,
    /// When it is told.
    pub about: &'static str,
    /// The scope that a partner needs to hear it.
    pub scope: Scope,
    /// What `data` of a message looks like.
    #[schema(value_type = Object)]
    pub sample: serde_json::Value,
}

/// All kinds.
#[derive(Serialize, ToSchema)]
pub struct KindList {
    /// The kinds, in the order of the documentation.
    pub kinds: Vec<KindView>,
}

/// Lists the kinds of facts that webhooks can be told, each with a sample.
#[utoipa::path(
    get, path = "/v1/webhook-kinds", operation_id = "list_webhook_kinds", tag = "webhooks",
    responses((status = 200, description = "All kinds.", body = KindList))
)]
pub(super) async fn list() -> Result<Json<KindList>, Problem> {
    let mut kinds = Vec::new();
    for (fact, scope) in told() {
        let sample = serde_json::from_str(fact.sample.data.get());
        let sample = sample.map_err(|fault| Problem::fault(fault.into()))?;
        kinds.push(KindView { kind: fact.kind, about: fact.about, scope, sample });
    }
    Ok(Json(KindList { kinds }))
}
