//! Partners of the chain: who they are, what their keys open, and from where.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{KeyId, PartnerCode, Scope, Timestamp};
use runtime::settings::Network;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, pages, reading, regions::PageParams, roles};
use crate::{
    commands::{Put, put_partner::put_partner},
    domain::partner::{NETWORKS_PER_PARTNER, Partner, PartnerKey, PartnerTerms},
    error::{
        CONTENDED, CURSOR_INVALID, DATABASE_BUSY, LIMIT_OUT_OF_RANGE, PARTNER_NAME_INVALID,
        PARTNER_NETWORKS_INVALID, PARTNER_UNKNOWN,
    },
    queries::partners::{self as asked, Keyed},
};

pub(super) static PUT: RouteSpec = RouteSpec::put("/v1/partners/{partner}", "put_partner", Access::Operator)
    .staff(Bound::Chain, roles::HEADS)
    .body_limit(8 * 1024)
    .problems(&[&PARTNER_NAME_INVALID, &PARTNER_NETWORKS_INVALID, &CONTENDED, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec = RouteSpec::get("/v1/partners/{partner}", "read_partner", Access::Operator)
    .staff(Bound::Chain, roles::HEAD_READERS)
    .problems(&[&PARTNER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/partners", "list_partners", Access::Operator)
    .staff(Bound::Chain, roles::HEAD_READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// What a partner shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerBody {
    /// What it is called: one line, up to 60 characters.
    #[schema(example = "بانک ملت")]
    pub name: String,
    /// What its keys open; nothing, when it names none.
    #[schema(example = json!(["actions:record", "points:read"]))]
    pub scopes: Vec<Scope>,
    /// From where its calls may come: up to 20 addresses or networks. From anywhere, when it names none.
    #[serde(default)]
    #[schema(example = json!(["192.0.2.0/24", "2001:db8::7"]), max_items = 20)]
    pub networks: Vec<String>,
}

/// One key of a partner, without the key itself.
#[derive(Serialize, ToSchema)]
pub struct PartnerKeyView {
    /// By which it is revoked, or replaced.
    pub key_id: KeyId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends, or did; absent where nothing was said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
}

/// A partner.
#[derive(Serialize, ToSchema)]
pub struct PartnerView {
    /// Its code.
    #[schema(example = "mellat")]
    pub partner: PartnerCode,
    /// What it is called.
    #[schema(example = "بانک ملت")]
    pub name: String,
    /// What its keys open.
    pub scopes: Vec<Scope>,
    /// From where its calls may come; from anywhere, when it names nothing.
    pub networks: Vec<String>,
    /// Since when it is known.
    pub since: Timestamp,
    /// The keys that it has or had, oldest first.
    pub keys: Vec<PartnerKeyView>,
}

/// A page of partners, by code.
#[derive(Serialize, ToSchema)]
pub struct PartnerPage {
    /// The partners.
    pub partners: Vec<PartnerView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<&PartnerKey> for PartnerKeyView {
    fn from(key: &PartnerKey) -> Self {
        Self { key_id: key.id, issued_at: key.issued_at, ends_at: key.ends_at }
    }
}

impl PartnerView {
    fn of(partner: &Partner, keys: &[PartnerKey]) -> Self {
        Self {
            partner: partner.code.clone(),
            name: partner.terms.name.text().to_owned(),
            scopes: partner.terms.scopes.clone(),
            networks: partner.terms.networks.clone(),
            since: partner.since,
            keys: keys.iter().map(PartnerKeyView::from).collect(),
        }
    }
}

impl From<&Keyed> for PartnerView {
    fn from(keyed: &Keyed) -> Self {
        Self::of(&keyed.partner, &keyed.keys)
    }
}

impl PartnerBody {
    fn read(self) -> Result<PartnerTerms, Problem> {
        let name = reading::partner_name(&self.name, "/name")?;
        let flaw = |pointer: String| {
            Problem::new(&PARTNER_NETWORKS_INVALID).arg("limit", NETWORKS_PER_PARTNER).pointer(pointer)
        };
        if self.networks.len() > NETWORKS_PER_PARTNER {
            return Err(flaw("/networks".to_owned()));
        }
        if let Some(wrong) = self.networks.iter().position(|text| Network::parse(text).is_none()) {
            return Err(flaw(format!("/networks/{wrong}")));
        }
        Ok(PartnerTerms::new(name, self.scopes, self.networks))
    }
}

/// Takes a partner in, or changes what its keys open and from where.
///
/// What is changed counts for all of its keys within 5 seconds. Sending the same again changes nothing.
#[utoipa::path(
    put, path = "/v1/partners/{partner}", operation_id = "put_partner", tag = "partners",
    params(("partner" = PartnerCode, Path, description = "The partner's code, chosen by the chain.")),
    request_body(content = PartnerBody, example = json!({"name": "بانک ملت", "scopes": ["actions:record"]})),
    responses(
        (status = 201, description = "The partner is known; it needs a key next.", body = PartnerView),
        (status = 200, description = "It was known; it is now as sent.", body = PartnerView),
    )
)]
pub(super) async fn put(
    State(counter): State<Counter>,
    PathParams(code): PathParams<PartnerCode>,
    Body(body): Body<PartnerBody>,
) -> Result<(StatusCode, Json<PartnerView>), Problem> {
    let terms = body.read()?;
    Ok(match put_partner(counter.desk(), code, terms).await? {
        Put::New(partner) => (StatusCode::CREATED, Json(PartnerView::of(&partner, &[]))),
        Put::Known(partner) => {
            let keyed = asked::partner(&counter.desk().vault, &partner.code).await?;
            (StatusCode::OK, Json((&keyed).into()))
        }
    })
}

/// Shows a partner and its keys, without the keys themselves.
#[utoipa::path(
    get, path = "/v1/partners/{partner}", operation_id = "read_partner", tag = "partners",
    params(("partner" = PartnerCode, Path, description = "The partner's code.")),
    responses((status = 200, description = "The partner.", body = PartnerView))
)]
pub(super) async fn read(
    State(counter): State<Counter>,
    PathParams(code): PathParams<PartnerCode>,
) -> Result<Json<PartnerView>, Problem> {
    let keyed = asked::partner(&counter.desk().vault, &code).await?;
    Ok(Json((&keyed).into()))
}

/// Lists the chain's partners and their keys, by code.
#[utoipa::path(
    get, path = "/v1/partners", operation_id = "list_partners", tag = "partners",
    params(PageParams),
    responses((status = 200, description = "A page of partners.", body = PartnerPage))
)]
pub(super) async fn list(
    State(counter): State<Counter>,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Json<PartnerPage>, Problem> {
    let (limit, after) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let found = asked::list_partners(&counter.desk().vault, after.as_ref(), limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(Json(PartnerPage {
        next_cursor: last.map(|keyed| pages::next(&keyed.partner.code)),
        has_more: found.has_more,
        partners: found.items.iter().map(PartnerView::from).collect(),
    }))
}
