//! How staff get an account: an invitation, a password of their own, and a second factor. All of them come in bodies, never
//! in addresses, and no cache may keep the answers.

use anyhow::Context as _;
use axum::{extract::State, http::StatusCode};
use kernel::{Pii, StaffId, Timestamp};
use qrcode::{QrCode, render::unicode::Dense1x2};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, reading, roles, staff::who};
use crate::{
    commands::{invite_staff::invite_staff, make_account},
    domain::second_factor::{base32, uri_of},
    error::{
        DATABASE_BUSY, Error, FACTOR_MALFORMED, FACTOR_WRONG, INVITATION_REFUSED, PASSWORD_GUESSABLE,
        PASSWORD_LENGTH, PASSWORD_SIGN_IN_CLOSED, SIGN_INS_BUSY, STAFF_DISABLED, STAFF_OWN_AFFAIR,
        STAFF_UNKNOWN,
    },
};

pub(super) static INVITE: RouteSpec =
    RouteSpec::post("/v1/staff/{staff_id}/invitations", "invite_staff", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&STAFF_UNKNOWN, &STAFF_OWN_AFFAIR, &STAFF_DISABLED, &DATABASE_BUSY]);

pub(super) static BEGIN: RouteSpec =
    RouteSpec::post("/v1/staff-sign-in/accounts", "begin_staff_account", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(4 * 1024)
        .problems(&[
            &INVITATION_REFUSED,
            &PASSWORD_SIGN_IN_CLOSED,
            &PASSWORD_LENGTH,
            &PASSWORD_GUESSABLE,
            &SIGN_INS_BUSY,
            &DATABASE_BUSY,
        ]);

pub(super) static CONFIRM: RouteSpec =
    RouteSpec::post("/v1/staff-sign-in/accounts/confirm", "confirm_staff_account", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&INVITATION_REFUSED, &FACTOR_MALFORMED, &FACTOR_WRONG, &DATABASE_BUSY]);

/// An invitation, shown this once.
#[derive(Serialize, ToSchema)]
pub struct InvitationView {
    /// The invitation; give it to the person and to nobody else.
    #[schema(example = "vi_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    pub invitation: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A password for an account that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    /// The invitation.
    #[schema(value_type = String)]
    pub invitation: Pii<String>,
    /// The password: 12 characters or more, 256 bytes at most, none of those that everybody tries first.
    #[schema(value_type = String, format = Password)]
    pub password: Pii<String>,
}

/// The second factor, to be put into an app that shows codes. Shown this once; asked for again, it is another one.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorView {
    /// By which the person signs in.
    pub user_name: String,
    /// The secret, to be typed into an app.
    pub secret: String,
    /// The same as an address that apps open.
    pub uri: String,
    /// The same as a picture of letters for a terminal, to be read by a camera.
    pub qr: String,
}

/// The first code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The invitation.
    #[schema(value_type = String)]
    pub invitation: Pii<String>,
    /// The six digits that the app shows.
    #[schema(value_type = String, example = "042719")]
    pub code: Pii<String>,
}

/// What helps when the app is lost.
#[derive(Serialize, ToSchema)]
pub struct RecoveryView {
    /// Codes that stand for the app's, each once. Shown this once.
    #[schema(example = json!(["MZXW-6YTB-OI2A-BCDE"]))]
    pub recovery_codes: Vec<String>,
}

/// Invites a person to make an account, or to make it anew.
///
/// The invitation is good for three days, and what was sent before is not good any more. An account that they have stays
/// until the new one is confirmed; its sessions end then. Nobody invites themselves.
#[utoipa::path(
    post, path = "/v1/staff/{staff_id}/invitations", operation_id = "invite_staff", tag = "staff-sign-in",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 201, description = "The invitation.", body = InvitationView))
)]
pub(super) async fn invite(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
) -> Result<(StatusCode, Private<InvitationView>), Problem> {
    let invited = invite_staff(counter.desk(), id, who(&caller)).await?;
    let view = InvitationView { invitation: invited.text, expires_at: invited.expires_at };
    Ok((StatusCode::CREATED, private(view)))
}

/// Follows an invitation: chooses a password, and gets a second factor for an app that shows codes.
///
/// Nothing changes before the first code is confirmed.
#[utoipa::path(
    post, path = "/v1/staff-sign-in/accounts", operation_id = "begin_staff_account", tag = "staff-sign-in",
    request_body = AccountBody,
    responses((status = 200, description = "The second factor, shown this once.", body = SecondFactorView))
)]
pub(super) async fn begin(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<AccountBody>,
) -> Result<Private<SecondFactorView>, Problem> {
    deadline.check()?;
    let desk = counter.desk();
    let begun = make_account::begin_account(desk, body.invitation.expose(), body.password.expose()).await?;
    let user_name = begun.person.user_name.as_str().to_owned();
    let secret = base32(&begun.secret);
    let uri = uri_of(&desk.settings.issuer, &user_name, &secret);
    let qr = picture(&uri)?;
    Ok(private(SecondFactorView { user_name, secret, uri, qr }))
}

/// Makes the account with the first code that the app shows. Sessions of an account before it end.
#[utoipa::path(
    post, path = "/v1/staff-sign-in/accounts/confirm", operation_id = "confirm_staff_account", tag = "staff-sign-in",
    request_body = ConfirmBody,
    responses((status = 200, description = "The account is made; recovery codes, shown this once.", body = RecoveryView))
)]
pub(super) async fn confirm(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<ConfirmBody>,
) -> Result<Private<RecoveryView>, Problem> {
    let code = reading::app_code(body.code.expose(), "/code")?;
    deadline.check()?;
    let codes = make_account::confirm_account(counter.desk(), body.invitation.expose(), code).await?;
    Ok(private(RecoveryView { recovery_codes: codes }))
}

/// The text as a picture of letters, dark on light, as cameras read it.
fn picture(text: &str) -> Result<String, Error> {
    let code = QrCode::new(text).context("a QR code of a second factor")?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}
