//! Webhooks: where which facts are told.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{BranchCode, PartnerCode, Scope, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec, SCOPE_MISSING};

use super::{Private, asker, pages, pages::PageParams, private, roles};
use crate::{
    commands::{self, Desk, subscribe::Subscribed},
    domain::{
        public_facts::scope_of,
        webhook::{BRANCHES_PER_WEBHOOK, Owner, State as Standing, Terms, URL_LIMIT, Webhook},
    },
    error::{
        ADDRESS_REFUSED, BRANCHES_TOO_MANY, CURSOR_INVALID, DATABASE_BUSY, HOST_NOT_LISTED, KINDS_INVALID,
        LIMIT_OUT_OF_RANGE, URL_INVALID, WEBHOOK_UNKNOWN, WEBHOOKS_TOO_MANY,
    },
    queries::list_webhooks as asked,
};

pub(super) static SUBSCRIBE: RouteSpec =
    RouteSpec::post("/v1/webhooks", "subscribe_webhook", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .partners(Scope::WebhooksManage)
        .body_limit(16 * 1024)
        .problems(&[
            &URL_INVALID,
            &HOST_NOT_LISTED,
            &ADDRESS_REFUSED,
            &KINDS_INVALID,
            &BRANCHES_TOO_MANY,
            &SCOPE_MISSING,
            &WEBHOOKS_TOO_MANY,
            &DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/webhooks", "list_webhooks", Access::Operator)
    .staff(Bound::Chain, roles::READERS)
    .partners(Scope::WebhooksManage)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/webhooks/{webhook_id}", "read_webhook", Access::Operator)
        .staff(Bound::Chain, roles::READERS)
        .partners(Scope::WebhooksManage)
        .problems(&[&WEBHOOK_UNKNOWN, &DATABASE_BUSY]);

pub(super) static CHANGE: RouteSpec =
    RouteSpec::put("/v1/webhooks/{webhook_id}", "change_webhook", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .partners(Scope::WebhooksManage)
        .body_limit(16 * 1024)
        .problems(&[
            &WEBHOOK_UNKNOWN,
            &URL_INVALID,
            &HOST_NOT_LISTED,
            &ADDRESS_REFUSED,
            &KINDS_INVALID,
            &BRANCHES_TOO_MANY,
            &SCOPE_MISSING,
            &DATABASE_BUSY,
        ]);

pub(super) static REMOVE: RouteSpec =
    RouteSpec::delete("/v1/webhooks/{webhook_id}", "remove_webhook", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .partners(Scope::WebhooksManage)
        .problems(&[&WEBHOOK_UNKNOWN, &DATABASE_BUSY]);

/// What a webhook shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookBody {
    /// Where messages are sent: `https://`, up to 500 characters, without user, password or fragment.
    #[schema(example = "https://hooks.bank.example/vafa", max_length = 500)]
    pub url: String,
    /// The kinds of facts that are told; `GET /v1/webhook-kinds` lists them.
    #[schema(example = json!(["vafa.points.points_earned.v1"]), min_items = 1, max_items = 100)]
    pub kinds: Vec<String>,
    /// Only facts of these branches, up to 200; facts of no branch are then not told. All facts, when it names none.
    #[serde(default)]
    #[schema(example = json!(["tehran-vanak"]), max_items = 200)]
    pub branches: Vec<BranchCode>,
}

/// What a webhook shall be from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChange {
    /// Where messages are sent; those that wait, too.
    #[schema(example = "https://hooks.bank.example/vafa", max_length = 500)]
    pub url: String,
    /// The kinds of facts that are told from now on.
    #[schema(example = json!(["vafa.points.points_earned.v1"]), min_items = 1, max_items = 100)]
    pub kinds: Vec<String>,
    /// Only facts of these branches, up to 200. All facts, when it names none.
    #[serde(default)]
    #[schema(example = json!(["tehran-vanak"]), max_items = 200)]
    pub branches: Vec<BranchCode>,
    /// Whether it is switched on. What waits for one that is switched off becomes dead letters.
    pub on: bool,
}

/// A webhook.
#[derive(Serialize, ToSchema)]
pub struct WebhookView {
    /// Its id.
    pub webhook_id: WebhookId,
    /// Whose it is; absent for the chain's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerCode>,
    /// Where messages are sent.
    #[schema(example = "https://hooks.bank.example/vafa")]
    pub url: String,
    /// The kinds of facts that are told.
    pub kinds: Vec<String>,
    /// Only facts of these branches; all, when it names none.
    pub branches: Vec<BranchCode>,
    /// `active`, `off` (switched off), or `ended` (its receiver answered 410).
    #[schema(example = "active")]
    pub state: &'static str,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// Since when they fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Until when the receiver is left alone, since it failed ten times, or asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// A fresh webhook. Its secret is shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct SubscribedView {
    /// The secret by which the receiver verifies what it is sent (Standard Webhooks).
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfYJg6zqkA=")]
    pub secret: String,
    /// The webhook.
    pub webhook: WebhookView,
}

/// A page of webhooks, by id.
#[derive(Serialize, ToSchema)]
pub struct WebhookPage {
    /// The webhooks.
    pub webhooks: Vec<WebhookView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<&Webhook> for WebhookView {
    fn from(webhook: &Webhook) -> Self {
        let partner = match &webhook.owner {
            Owner::Chain => None,
            Owner::Partner(code) => Some(code.clone()),
        };
        Self {
            webhook_id: webhook.id,
            partner,
            url: webhook.terms.url.clone(),
            kinds: webhook.terms.kinds.clone(),
            branches: webhook.terms.branches.clone(),
            state: webhook.state.word(),
            failures: webhook.health.failures,
            failing_since: webhook.health.failing_since,
            paused_until: webhook.health.paused_until.filter(|_| webhook.state == Standing::Active),
            created_at: webhook.created_at,
        }
    }
}

/// Terms as they were sent; the address itself is looked at by whoever would call it.
fn terms(url: String, kinds: Vec<String>, branches: Vec<BranchCode>) -> Result<Terms, Problem> {
    if url.len() > URL_LIMIT {
        return Err(Problem::new(&URL_INVALID).pointer("/url"));
    }
    if kinds.is_empty() {
        return Err(Problem::new(&KINDS_INVALID).pointer("/kinds"));
    }
    if let Some(wrong) = kinds.iter().position(|kind| scope_of(kind).is_none()) {
        return Err(Problem::new(&KINDS_INVALID).pointer(format!("/kinds/{wrong}")));
    }
    if branches.len() > BRANCHES_PER_WEBHOOK {
        let problem = Problem::new(&BRANCHES_TOO_MANY).arg("limit", BRANCHES_PER_WEBHOOK);
        return Err(problem.pointer("/branches"));
    }
    Ok(Terms::new(url, kinds, branches))
}

/// Makes a webhook.
///
/// From now on its address is told facts of these kinds, each in a signed message of its own (Standard Webhooks). The secret
/// is shown once. A partner hears of what its key's other scopes let it read, and sees its own webhooks only.
#[utoipa::path(
    post, path = "/v1/webhooks", operation_id = "subscribe_webhook", tag = "webhooks",
    request_body(content = WebhookBody, example = json!({
        "url": "https://hooks.bank.example/vafa", "kinds": ["vafa.points.points_earned.v1"],
    })),
    responses((status = 201, description = "The webhook and its secret, shown this once.", body = SubscribedView))
)]
pub(super) async fn subscribe(
    State(desk): State<Desk>,
    caller: Caller,
    Body(body): Body<WebhookBody>,
) -> Result<(StatusCode, Private<SubscribedView>), Problem> {
    let terms = terms(body.url, body.kinds, body.branches)?;
    let Subscribed { webhook, secret } = commands::subscribe::subscribe(&desk, &asker(caller), terms).await?;
    Ok((StatusCode::CREATED, private(SubscribedView { secret, webhook: (&webhook).into() })))
}

/// Lists webhooks: a partner's own, or all of them.
#[utoipa::path(
    get, path = "/v1/webhooks", operation_id = "list_webhooks", tag = "webhooks",
    params(PageParams),
    responses((status = 200, description = "A page of webhooks.", body = WebhookPage))
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    caller: Caller,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<WebhookPage>, Problem> {
    let (limit, after) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let found = asked::list_webhooks(&desk.database, &asker(caller), after, limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(Json(WebhookPage {
        next_cursor: last.map(|webhook| pages::next(webhook.id)),
        has_more: found.has_more,
        webhooks: found.items.iter().map(WebhookView::from).collect(),
    }))
}

/// Shows a webhook and how its receiver does.
#[utoipa::path(
    get, path = "/v1/webhooks/{webhook_id}", operation_id = "read_webhook", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id.")),
    responses((status = 200, description = "The webhook.", body = WebhookView))
)]
pub(super) async fn read(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
) -> Result<Json<WebhookView>, Problem> {
    let webhook = asked::webhook(&desk.database, &asker(caller), id).await?;
    Ok(Json((&webhook).into()))
}

/// Changes a webhook, and switches it on or off.
///
/// Switching it on asks its receiver again at once, also when it had answered 410 or failed for long.
#[utoipa::path(
    put, path = "/v1/webhooks/{webhook_id}", operation_id = "change_webhook", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id.")),
    request_body(content = WebhookChange, example = json!({
        "url": "https://hooks.bank.example/vafa", "kinds": ["vafa.points.points_earned.v1"], "on": true,
    })),
    responses((status = 200, description = "The webhook as it is now.", body = WebhookView))
)]
pub(super) async fn change(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
    Body(body): Body<WebhookChange>,
) -> Result<Json<WebhookView>, Problem> {
    let terms = terms(body.url, body.kinds, body.branches)?;
    let changed = commands::change_webhook::change_webhook(&desk, &asker(caller), id, terms, body.on).await?;
    Ok(Json((&changed).into()))
}

/// Removes a webhook with all that was to be sent to it.
#[utoipa::path(
    delete, path = "/v1/webhooks/{webhook_id}", operation_id = "remove_webhook", tag = "webhooks",
    params(("webhook_id" = WebhookId, Path, description = "The webhook's id.")),
    responses((status = 204, description = "Nothing is sent any more."))
)]
pub(super) async fn remove(
    State(desk): State<Desk>,
    caller: Caller,
    PathParams(id): PathParams<WebhookId>,
) -> Result<StatusCode, Problem> {
    commands::remove_webhook::remove_webhook(&desk, &asker(caller), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
