//! How staff come in by the chain's identity provider (`OpenID` Connect, code flow with PKCE). Codes and tokens come in bodies, and no
//! cache may keep the answers.

use axum::{extract::State, http::StatusCode};
use kernel::{Pii, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, roles, staff::who, staff_sign_in::StaffTokensView};
use crate::{
    commands::{
        link_subject::link_subject,
        sign_in_by_provider::{Back, begin_provider_sign_in, finish_provider_sign_in},
    },
    domain::provider_sign_in::{SUBJECT_LIMIT, Subject},
    error::{
        DATABASE_BUSY, INVITATION_REFUSED, LOGIN_INVALID, PROVIDER_MISSING, PROVIDER_REFUSED,
        PROVIDER_SILENT, STAFF_OWN_AFFAIR, STAFF_UNKNOWN, SUBJECT_INVALID, SUBJECT_TAKEN, SUBJECT_UNKNOWN,
    },
};

pub(super) static BEGIN: RouteSpec =
    RouteSpec::post("/v1/staff-sign-in/provider", "begin_provider_sign_in", Access::Anyone)
        .problems(&[&PROVIDER_MISSING, &PROVIDER_SILENT]);

pub(super) static FINISH: RouteSpec =
    RouteSpec::post("/v1/staff-sign-in/provider/tokens", "finish_provider_sign_in", Access::Anyone)
        .body_limit(8 * 1024)
        .problems(&[
            &PROVIDER_MISSING,
            &LOGIN_INVALID,
            &PROVIDER_REFUSED,
            &PROVIDER_SILENT,
            &SUBJECT_UNKNOWN,
            &INVITATION_REFUSED,
            &SUBJECT_TAKEN,
            &DATABASE_BUSY,
        ]);

pub(super) static LINK: RouteSpec =
    RouteSpec::put("/v1/staff/{staff_id}/subject", "link_staff_subject", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .body_limit(1024)
        .problems(&[
            &PROVIDER_MISSING,
            &SUBJECT_INVALID,
            &STAFF_UNKNOWN,
            &STAFF_OWN_AFFAIR,
            &SUBJECT_TAKEN,
            &DATABASE_BUSY,
        ]);

pub(super) static UNLINK: RouteSpec =
    RouteSpec::delete("/v1/staff/{staff_id}/subject", "unlink_staff_subject", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&PROVIDER_MISSING, &STAFF_UNKNOWN, &STAFF_OWN_AFFAIR, &DATABASE_BUSY]);

/// A sign-in on its way.
#[derive(Serialize, ToSchema)]
pub struct ProviderSignInView {
    /// Keep it in the app, not in any address; send it with what comes back.
    #[schema(example = "vl_1795000000000000.Zm9v.YmFy")]
    pub login: String,
    /// Where to send the person's browser.
    #[schema(example = "https://id.example/authorize?response_type=code&client_id=vafa")]
    pub authorization_url: String,
    /// Until when they can come back.
    pub expires_at: Timestamp,
}

/// What came back from the provider to the app's own address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderReturnBody {
    /// What the app kept.
    #[schema(value_type = String)]
    pub login: Pii<String>,
    /// The address's `state`.
    pub state: String,
    /// The address's `code`.
    #[schema(value_type = String)]
    pub code: Pii<String>,
    /// An invitation, when the person is to be known by the provider's word from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub invitation: Option<Pii<String>>,
}

/// By what the provider names a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectBody {
    /// The claim `sub`, exactly: 1 to 255 visible ASCII characters.
    #[schema(value_type = String, example = "248289761001", min_length = 1, max_length = 255)]
    pub subject: Pii<String>,
}

/// Begins to sign a person of the staff in by the chain's identity provider.
///
/// Send their browser to `authorization_url`. The provider sends it back to the address in `membership.provider_redirect_uri`, with `code` and
/// `state`, within ten minutes.
#[utoipa::path(
    post, path = "/v1/staff-sign-in/provider", operation_id = "begin_provider_sign_in", tag = "staff-sign-in",
    responses((status = 200, description = "Where to go.", body = ProviderSignInView))
)]
pub(super) async fn begin(State(counter): State<Counter>) -> Result<Private<ProviderSignInView>, Problem> {
    let begun = begin_provider_sign_in(counter.desk()).await?;
    Ok(private(ProviderSignInView {
        login: begun.login,
        authorization_url: begun.address,
        expires_at: begun.expires_at,
    }))
}

/// Signs a person of the staff in whom the chain's identity provider vouches for.
///
/// The provider says who they are, the chain's own list what they may. A subject that leads to nobody on the list opens nothing; with
/// an invitation it leads to whoever was invited, from now on.
#[utoipa::path(
    post, path = "/v1/staff-sign-in/provider/tokens", operation_id = "finish_provider_sign_in", tag = "staff-sign-in",
    request_body = ProviderReturnBody,
    responses((status = 200, description = "They are signed in.", body = StaffTokensView))
)]
pub(super) async fn finish(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<ProviderReturnBody>,
) -> Result<Private<StaffTokensView>, Problem> {
    deadline.check()?;
    let back = Back {
        login: body.login.expose(),
        state: &body.state,
        code: body.code.expose(),
        invitation: body.invitation.as_ref().map(|text| text.expose().as_str()),
    };
    Ok(private(finish_provider_sign_in(counter.desk(), &back).await?.into()))
}

/// Says by which subject the chain's identity provider means a person of the staff, in place of the one before.
///
/// Whoever was signed in as them is signed out when that changes. Nobody does it for themselves.
#[utoipa::path(
    put, path = "/v1/staff/{staff_id}/subject", operation_id = "link_staff_subject", tag = "staff-list",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    request_body = SubjectBody,
    responses((status = 204, description = "The subject leads to them."))
)]
pub(super) async fn link(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
    Body(body): Body<SubjectBody>,
) -> Result<StatusCode, Problem> {
    let flaw = || Problem::new(&SUBJECT_INVALID).arg("limit", SUBJECT_LIMIT).pointer("/subject");
    let subject = Subject::parse(body.subject.expose()).ok_or_else(flaw)?;
    link_subject(counter.desk(), id, Some(&subject), who(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets the chain's identity provider vouch for a person of the staff no more. The same again changes nothing.
#[utoipa::path(
    delete, path = "/v1/staff/{staff_id}/subject", operation_id = "unlink_staff_subject", tag = "staff-list",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 204, description = "No subject leads to them."))
)]
pub(super) async fn unlink(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
) -> Result<StatusCode, Problem> {
    link_subject(counter.desk(), id, None, who(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
