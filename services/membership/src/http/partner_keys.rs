//! Keys of partners: issued, replaced, revoked, and asked about by the gateway.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{KeyId, PartnerCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, Private, partners::PartnerKeyView, private, reading, roles};
use crate::{
    commands::{
        issue_partner_key::{self as issuing, IssuedPartnerKey},
        revoke_partner_keys as revoking,
    },
    domain::partner::LONGEST_OVERLAP_S,
    error::{
        DATABASE_BUSY, DIGEST_INVALID, PARTNER_KEY_OVER, PARTNER_KEY_UNKNOWN, PARTNER_KEYS_TOO_MANY,
        PARTNER_OVERLAP, PARTNER_UNKNOWN,
    },
    queries,
};

pub(super) static ISSUE: RouteSpec =
    RouteSpec::post("/v1/partners/{partner}/keys", "issue_partner_key", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&PARTNER_UNKNOWN, &PARTNER_KEYS_TOO_MANY, &DATABASE_BUSY]);

pub(super) static ROTATE: RouteSpec =
    RouteSpec::post("/v1/partner-keys/{key_id}/rotation", "rotate_partner_key", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .body_limit(1024)
        .problems(&[
            &PARTNER_KEY_UNKNOWN,
            &PARTNER_OVERLAP,
            &PARTNER_KEY_OVER,
            &PARTNER_KEYS_TOO_MANY,
            &DATABASE_BUSY,
        ]);

pub(super) static REVOKE: RouteSpec =
    RouteSpec::delete("/v1/partner-keys/{key_id}", "revoke_partner_key", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&PARTNER_KEY_UNKNOWN, &DATABASE_BUSY]);

pub(super) static REVOKE_ALL: RouteSpec =
    RouteSpec::delete("/v1/partners/{partner}/keys", "revoke_partner_keys", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&PARTNER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static RESOLVE: RouteSpec =
    RouteSpec::post("/internal/v1/partner-keys/resolve", "resolve_partner_key", Access::Services)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[
            &DIGEST_INVALID,
            &PARTNER_KEY_UNKNOWN,
            &PARTNER_KEY_OVER,
            &PARTNER_UNKNOWN,
            &DATABASE_BUSY,
        ]);

/// How long the old key stays good beside the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotationBody {
    /// In seconds: 0 ends it at once, 30 days are the most.
    #[schema(example = 86_400, maximum = 2_592_000)]
    pub overlap_s: u32,
}

/// A fresh key. It is shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct IssuedPartnerKeyView {
    /// By which it is revoked, or replaced.
    pub key_id: KeyId,
    /// The key itself, for the `Authorization: Bearer` header of the partner's programs.
    #[schema(example = "vp_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    pub key: String,
    /// Whose it is.
    #[schema(example = "mellat")]
    pub partner: PartnerCode,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The key in whose place it comes, and when that one ends; absent for one more key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<PartnerKeyView>,
}

/// Which partner has this key?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartnerKeyQuestion {
    /// SHA-256 of the key's text, in hexadecimal.
    digest: String,
}

/// The partner that has the key, which is good.
#[derive(Serialize)]
pub(super) struct PartnerKeyAnswer {
    partner: PartnerCode,
    key_id: KeyId,
    scopes: Vec<Scope>,
    networks: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
}

fn shown(issued: IssuedPartnerKey) -> (StatusCode, Private<IssuedPartnerKeyView>) {
    let view = IssuedPartnerKeyView {
        key_id: issued.key.id,
        key: issued.text,
        partner: issued.key.partner,
        issued_at: issued.key.issued_at,
        replaces: issued.replaces.as_ref().map(PartnerKeyView::from),
    };
    (StatusCode::CREATED, private(view))
}

/// Issues a key to a partner.
///
/// The key is shown once and kept as a digest only. A partner has four good keys at most.
#[utoipa::path(
    post, path = "/v1/partners/{partner}/keys", operation_id = "issue_partner_key", tag = "partners",
    params(("partner" = PartnerCode, Path, description = "The partner's code.")),
    responses((status = 201, description = "The key, shown this once.", body = IssuedPartnerKeyView))
)]
pub(super) async fn issue(
    State(counter): State<Counter>,
    PathParams(code): PathParams<PartnerCode>,
) -> Result<(StatusCode, Private<IssuedPartnerKeyView>), Problem> {
    Ok(shown(issuing::issue_partner_key(counter.desk(), code).await?))
}

/// Issues a key in place of another one, which stays good for the overlap, so that the partner changes it without a stop.
#[utoipa::path(
    post, path = "/v1/partner-keys/{key_id}/rotation", operation_id = "rotate_partner_key", tag = "partners",
    params(("key_id" = KeyId, Path, description = "The id of the key that is replaced.")),
    request_body(content = RotationBody, example = json!({"overlap_s": 86_400})),
    responses((status = 201, description = "The new key, shown this once.", body = IssuedPartnerKeyView))
)]
pub(super) async fn rotate(
    State(counter): State<Counter>,
    PathParams(id): PathParams<KeyId>,
    Body(body): Body<RotationBody>,
) -> Result<(StatusCode, Private<IssuedPartnerKeyView>), Problem> {
    if body.overlap_s > LONGEST_OVERLAP_S {
        return Err(Problem::new(&PARTNER_OVERLAP).arg("most", LONGEST_OVERLAP_S).pointer("/overlap_s"));
    }
    Ok(shown(issuing::rotate_partner_key(counter.desk(), id, body.overlap_s).await?))
}

/// Revokes a partner's key. It stops working within 5 seconds everywhere. Revoking it again changes nothing.
#[utoipa::path(
    delete, path = "/v1/partner-keys/{key_id}", operation_id = "revoke_partner_key", tag = "partners",
    params(("key_id" = KeyId, Path, description = "The key's id.")),
    responses((status = 204, description = "The key is revoked."))
)]
pub(super) async fn revoke(
    State(counter): State<Counter>,
    PathParams(id): PathParams<KeyId>,
) -> Result<StatusCode, Problem> {
    revoking::revoke_partner_key(counter.desk(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes all keys of a partner. They stop working within 5 seconds everywhere. The same again changes nothing.
#[utoipa::path(
    delete, path = "/v1/partners/{partner}/keys", operation_id = "revoke_partner_keys", tag = "partners",
    params(("partner" = PartnerCode, Path, description = "The partner's code.")),
    responses((status = 204, description = "The keys are revoked."))
)]
pub(super) async fn revoke_all(
    State(counter): State<Counter>,
    PathParams(code): PathParams<PartnerCode>,
) -> Result<StatusCode, Problem> {
    revoking::revoke_partner_keys(counter.desk(), &code).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers 404 for a key that never was, 410 for one that has ended.
pub(super) async fn resolve(
    State(counter): State<Counter>,
    Body(question): Body<PartnerKeyQuestion>,
) -> Result<Json<PartnerKeyAnswer>, Problem> {
    let (desk, digest) = (counter.desk(), reading::digest32(&question.digest)?);
    let (partner, key) = queries::partners::resolve_key(&desk.vault, &digest, desk.clock.now()).await?;
    Ok(Json(PartnerKeyAnswer {
        partner: partner.code,
        key_id: key.id,
        scopes: partner.terms.scopes,
        networks: partner.terms.networks,
        ends_at: key.ends_at,
    }))
}
