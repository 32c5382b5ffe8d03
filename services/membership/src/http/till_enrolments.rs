//! Tills that sign: the code, the public key, and the next public key.

use axum::{extract::State, http::StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{BranchCode, KeyId, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, roles};
use crate::{
    commands::{
        Put,
        open_enrolment::open_enrolment,
        register_till_key::{enrol_key, succeed_key},
    },
    domain::{
        enrolment::EnrolmentCode,
        till::{PublicKey, TillKey},
    },
    error::{
        CONTENDED, DATABASE_BUSY, ENROLMENT_REFUSED, PUBLIC_KEY_INVALID, PUBLIC_KEY_TAKEN, TILL_KEY_PLAIN,
        TILL_KEY_UNKNOWN, TILL_KEYS_TOO_MANY, TILL_UNKNOWN,
    },
};

pub(super) static OPEN: RouteSpec =
    RouteSpec::post("/v1/branches/{branch}/tills/{till}/enrolments", "open_till_enrolment", Access::Operator)
        .staff(Bound::Branch, roles::BRANCH_HEADS)
        .problems(&[&TILL_UNKNOWN, &CONTENDED, &DATABASE_BUSY]);

pub(super) static ENROL: RouteSpec =
    RouteSpec::post("/v1/till-enrolments", "enrol_till_key", Access::Anyone).body_limit(1024).problems(&[
        &ENROLMENT_REFUSED,
        &PUBLIC_KEY_INVALID,
        &PUBLIC_KEY_TAKEN,
        &TILL_KEYS_TOO_MANY,
        &TILL_UNKNOWN,
        &DATABASE_BUSY,
    ]);

pub(super) static SUCCEED: RouteSpec =
    RouteSpec::post("/v1/till-keys", "succeed_till_key", Access::Till).body_limit(1024).problems(&[
        &PUBLIC_KEY_INVALID,
        &PUBLIC_KEY_TAKEN,
        &TILL_KEY_PLAIN,
        &TILL_KEY_UNKNOWN,
        &TILL_KEYS_TOO_MANY,
        &TILL_UNKNOWN,
        &DATABASE_BUSY,
    ]);

/// A code for a till. It is shown here and never again.
#[derive(Serialize, ToSchema)]
pub struct EnrolmentView {
    /// To be typed at the till, once. Small letters will do; O is read as 0, I and L as 1.
    #[schema(example = "K7QF-9M2X-4TWB")]
    pub code: String,
    /// The branch where the till stands.
    pub branch: BranchCode,
    /// The till.
    pub till: TillCode,
    /// Until when it is good: 15 minutes, and for five attempts.
    pub expires_at: Timestamp,
}

/// What a till brings with its code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// The code from the back office.
    #[schema(example = "K7QF-9M2X-4TWB")]
    pub code: String,
    /// The public half of the key pair that the till made: Ed25519, 32 bytes in base64url without padding.
    #[schema(example = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs")]
    pub public_key: String,
}

/// The next public key of a till.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SucceedRequest {
    /// The public half of the next key pair: Ed25519, 32 bytes in base64url without padding.
    #[schema(example = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs")]
    pub public_key: String,
}

/// A public key that signs for a till from now on.
#[derive(Serialize, ToSchema)]
pub struct RegisteredKeyView {
    /// By which it is revoked.
    pub key_id: KeyId,
    /// By which signatures name it: SHA-256 of the public key's 32 bytes, in base64url without padding.
    #[schema(example = "poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U")]
    pub keyid: String,
    /// The branch where the till stands.
    pub branch: BranchCode,
    /// The till.
    pub till: TillCode,
    /// When it was registered.
    pub issued_at: Timestamp,
}

impl From<TillKey> for RegisteredKeyView {
    fn from(key: TillKey) -> Self {
        Self {
            key_id: key.id,
            keyid: URL_SAFE_NO_PAD.encode(key.digest),
            branch: key.branch,
            till: key.till,
            issued_at: key.issued_at,
        }
    }
}

/// Makes a code by which a till brings its public key.
///
/// The till makes its key pair itself, and the private half never leaves it. The code is for one till, good once, for 15
/// minutes and five attempts; a new one ends the one before.
#[utoipa::path(
    post, path = "/v1/branches/{branch}/tills/{till}/enrolments", operation_id = "open_till_enrolment", tag = "places",
    params(
        ("branch" = BranchCode, Path, description = "The branch's code."),
        ("till" = TillCode, Path, description = "The till's code within the branch."),
    ),
    responses((status = 201, description = "The code, shown this once.", body = EnrolmentView))
)]
pub(super) async fn open_till_enrolment(
    State(counter): State<Counter>,
    PathParams((branch, till)): PathParams<(BranchCode, TillCode)>,
) -> Result<(StatusCode, Private<EnrolmentView>), Problem> {
    let (enrolment, code) = open_enrolment(counter.desk(), &branch, &till).await?;
    let view = EnrolmentView { code: code.shown(), branch, till, expires_at: enrolment.expires_at };
    Ok((StatusCode::CREATED, private(view)))
}

/// Registers a till's public key by its code.
///
/// The same again answers the same, as long as the code would be good. From then on the till signs its calls.
#[utoipa::path(
    post, path = "/v1/till-enrolments", operation_id = "enrol_till_key", tag = "places",
    request_body = EnrolRequest,
    responses(
        (status = 201, description = "The key signs for the till.", body = RegisteredKeyView),
        (status = 200, description = "It did already.", body = RegisteredKeyView),
    )
)]
pub(super) async fn enrol_till_key(
    State(counter): State<Counter>,
    Body(request): Body<EnrolRequest>,
) -> Result<(StatusCode, Private<RegisteredKeyView>), Problem> {
    let refused = |_| Problem::new(&ENROLMENT_REFUSED).pointer("/code");
    let public_key = public_key(&request.public_key)?;
    let code = EnrolmentCode::parse(&request.code).map_err(refused)?;
    Ok(shown(enrol_key(counter.desk(), &code, public_key).await?))
}

/// Registers a till's next public key, in a call that its present one signed.
///
/// Both sign from then on. When the till has sent its first call with the new key, it revokes the old one.
#[utoipa::path(
    post, path = "/v1/till-keys", operation_id = "succeed_till_key", tag = "places",
    request_body = SucceedRequest,
    responses(
        (status = 201, description = "The key signs for the till, too.", body = RegisteredKeyView),
        (status = 200, description = "It did already.", body = RegisteredKeyView),
    )
)]
pub(super) async fn succeed_till_key(
    State(counter): State<Counter>,
    caller: Caller,
    Body(request): Body<SucceedRequest>,
) -> Result<(StatusCode, Private<RegisteredKeyView>), Problem> {
    let Caller::Till { key_id, .. } = caller else { return Err(Problem::new(&web::ACCESS_DENIED)) };
    let public_key = public_key(&request.public_key)?;
    Ok(shown(succeed_key(counter.desk(), key_id, public_key).await?))
}

fn shown(registered: Put<TillKey>) -> (StatusCode, Private<RegisteredKeyView>) {
    match registered {
        Put::New(key) => (StatusCode::CREATED, private(key.into())),
        Put::Known(key) => (StatusCode::OK, private(key.into())),
    }
}

fn public_key(text: &str) -> Result<PublicKey, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok();
    let key = bytes.and_then(|bytes| PublicKey::try_from(bytes).ok());
    key.ok_or_else(|| Problem::new(&PUBLIC_KEY_INVALID).pointer("/public_key"))
}
