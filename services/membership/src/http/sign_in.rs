//! Signing in: asking for a code, exchanging it for tokens, going on with a refresh token, the public keys.
//!
//! Codes and tokens come in bodies, never in addresses, and no cache may keep the answers.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header::CACHE_CONTROL},
};
use kernel::{Language, MemberId, Pii, SessionId, SignInId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, DeadlineAt, KeySet, Lane, Origin, Problem, RouteSpec};

use super::{Counter, Private, private, reading};
use crate::{
    commands::{
        confirm_code::Answered,
        exchange_code::{Tokens, exchange_code},
        refresh_session,
        request_code::{Asking, request_code},
    },
    domain::{code::CODE_DIGITS, device::App, newcomer::Newcomer},
    error::{
        CODE_MALFORMED, CODE_SPENT, CODE_WRONG, CODES_EXHAUSTED, CODES_TOO_MANY, DATABASE_BUSY,
        DEVICE_INVALID, FIRST_NAME_EMPTY, FIRST_NAME_FORBIDDEN, FIRST_NAME_TOO_LONG, INSTALLATION_INVALID,
        PHONE_COUNTRY_CLOSED, PHONE_INVALID, PHONE_NOT_MOBILE, REFRESH_REFUSED, REFRESH_REUSED,
    },
    queries::public_keys::public_keys,
};

pub(super) static POST_CODE: RouteSpec = RouteSpec::post("/v1/sign-in/codes", "request_code", Access::Anyone)
    .lane(Lane::Till)
    .with_origin()
    .body_limit(1024)
    .problems(&[
        &PHONE_INVALID,
        &PHONE_NOT_MOBILE,
        &PHONE_COUNTRY_CLOSED,
        &FIRST_NAME_EMPTY,
        &FIRST_NAME_TOO_LONG,
        &FIRST_NAME_FORBIDDEN,
        &CODES_TOO_MANY,
        &CODES_EXHAUSTED,
        &DATABASE_BUSY,
    ]);

pub(super) static POST_TOKENS: RouteSpec =
    RouteSpec::post("/v1/sign-in/tokens", "exchange_code", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[
            &CODE_MALFORMED,
            &CODE_WRONG,
            &CODE_SPENT,
            &DEVICE_INVALID,
            &INSTALLATION_INVALID,
            &DATABASE_BUSY,
        ]);

pub(super) static POST_REFRESH: RouteSpec =
    RouteSpec::post("/v1/sign-in/refresh", "refresh_session", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&REFRESH_REFUSED, &REFRESH_REUSED, &DATABASE_BUSY]);

pub(super) static GET_KEYS: RouteSpec =
    RouteSpec::get("/v1/.well-known/jwks.json", "list_public_keys", Access::Anyone).lane(Lane::Till);

/// Whose phone gets a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeBody {
    /// The member's mobile number, in E.164 or as it is dialled in the chain's country; Persian and Arabic digits are
    /// read.
    #[schema(value_type = String, example = "۰۹۱۲۱۲۳۴۵۶۷")]
    pub phone: Pii<String>,
    /// What to call whoever joins, if no member has the number yet: one line in any script, up to 40 characters. Leave it out where
    /// people only sign in.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "زهرا")]
    pub first_name: Option<Pii<String>>,
    /// The language to speak to whoever joins; the chain's own when it is left out.
    #[serde(default)]
    pub language: Option<Language>,
}

/// What to send back with the code. A number that nobody has gets the same answer, and no message unless somebody joins with it.
#[derive(Serialize, ToSchema)]
pub struct CodeView {
    /// Names this asking; keep it until the code is typed.
    pub sign_in_id: SignInId,
    /// How many digits the code has.
    #[schema(example = 6)]
    pub digits: usize,
    /// Until when the code is good.
    pub expires_at: Timestamp,
}

/// The code that arrived.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokensBody {
    /// What the asking was answered with.
    pub sign_in_id: SignInId,
    /// The six digits; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۴۲۷۱۹")]
    pub code: Pii<String>,
    /// What the member will know this device by in the list of their sessions: one line, up to 60 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "گوشی زهرا")]
    pub device: Option<Pii<String>>,
    /// What the app calls itself on this device: 16 to 64 random visible ASCII characters that it makes when it is installed, and
    /// keeps. Two members who sign in on one device do not refer each other.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "d6f0c1b29e5a4f7083b1c7a2e94d5f60")]
    pub installation: Option<Pii<String>>,
}

/// The refresh token that was given last.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// The token. It is used up by this; the answer brings the next one.
    #[schema(value_type = String, example = "vr_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    pub refresh_token: Pii<String>,
}

/// What a member's app calls with from now on.
#[derive(Serialize, ToSchema)]
pub struct TokensView {
    /// Who is signed in.
    pub member_id: MemberId,
    /// The session, by which it can be ended.
    pub session_id: SessionId,
    /// For the `Authorization: Bearer` header of calls about what is the member's own.
    pub access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// In how many seconds the access token lapses.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// For the next access token, once. Keep it where only the app can read it.
    pub refresh_token: String,
    /// When the refresh token lapses, if it is not used.
    pub refresh_expires_at: Timestamp,
}

impl From<Tokens> for TokensView {
    fn from(tokens: Tokens) -> Self {
        Self {
            member_id: tokens.session.member,
            session_id: tokens.session.id,
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: tokens.access_seconds,
            refresh_token: tokens.refresh,
            refresh_expires_at: tokens.refresh_until,
        }
    }
}

/// Sends a one-time code to a member's phone, or takes in who joins with it.
///
/// With a first name, whoever has the number is a member from now on, earns at once, and may spend once the code has shown that
/// the phone is theirs; who was a member signs in, and keeps the name. Without one, a number that nobody has gets no message.
/// The answer is the same, and takes as long, whether a member has the number or not: nobody learns from it who is in
/// the club. How often codes may be asked for is limited, for both alike.
#[utoipa::path(
    post, path = "/v1/sign-in/codes", operation_id = "request_code", tag = "sign-in",
    request_body = CodeBody,
    responses((status = 202, description = "If a member has this number, or somebody joins with it, a code is on its way to it.", body = CodeView))
)]
pub(super) async fn request(
    State(counter): State<Counter>,
    Origin(from): Origin,
    deadline: DeadlineAt,
    Body(body): Body<CodeBody>,
) -> Result<(StatusCode, Private<CodeView>), Problem> {
    let phone = reading::phone(body.phone.expose(), counter.0.country, "/phone")?;
    reading::open_country(&phone, &counter.desk().settings.codes.countries, "/phone")?;
    let first_name = body.first_name.as_ref();
    let first_name = first_name.map(|name| reading::first_name(name.expose(), "/first_name")).transpose()?;
    let language = body.language.unwrap_or(counter.0.language);
    let asking = match first_name {
        Some(first_name) => Asking::Newcomer(Newcomer { phone, first_name, language }),
        None => Asking::Member(phone),
    };
    deadline.check()?;
    let requested = request_code(counter.desk(), &asking, from).await?;
    let view = CodeView { sign_in_id: requested.id, digits: CODE_DIGITS, expires_at: requested.expires_at };
    Ok((StatusCode::ACCEPTED, private(view)))
}

/// Signs a member in with the code that they were sent.
///
/// A code is good once, for a few minutes and a few attempts. It also confirms the member's phone.
#[utoipa::path(
    post, path = "/v1/sign-in/tokens", operation_id = "exchange_code", tag = "sign-in",
    request_body = TokensBody,
    responses((status = 200, description = "The member is signed in.", body = TokensView))
)]
pub(super) async fn exchange(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<TokensBody>,
) -> Result<Private<TokensView>, Problem> {
    let answered = Answered { sign_in: body.sign_in_id, code: reading::code(body.code.expose(), "/code")? };
    let device = body.device.as_ref().map(|name| reading::device(name.expose(), "/device")).transpose()?;
    let installation = body.installation.as_ref();
    let installation =
        installation.map(|own| reading::installation(own.expose(), "/installation")).transpose()?;
    deadline.check()?;
    let app = App { device, installation };
    Ok(private(exchange_code(counter.desk(), &answered, app).await?.into()))
}

/// Continues a session when its access token has lapsed.
///
/// Every refresh token is good once. One that comes a second time ends its session, since somebody has a copy of it; so
/// store the new one before using its access token, and never send two refreshes at a time.
#[utoipa::path(
    post, path = "/v1/sign-in/refresh", operation_id = "refresh_session", tag = "sign-in",
    request_body = RefreshBody,
    responses((status = 200, description = "The session goes on.", body = TokensView))
)]
pub(super) async fn refresh(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<RefreshBody>,
) -> Result<Private<TokensView>, Problem> {
    deadline.check()?;
    let tokens = refresh_session::refresh_session(counter.desk(), body.refresh_token.expose()).await?;
    Ok(private(tokens.into()))
}

/// Lists the public keys by which access tokens are verified (JWKS). The next key is shown an hour before it signs.
#[utoipa::path(
    get, path = "/v1/.well-known/jwks.json", operation_id = "list_public_keys", tag = "sign-in",
    responses((status = 200, description = "The keys.", body = KeySet))
)]
pub(super) async fn list_public_keys(
    State(counter): State<Counter>,
) -> ([(HeaderName, &'static str); 1], Json<KeySet>) {
    let desk = counter.desk();
    let keys = public_keys(&desk.keys, &desk.settings.turns, desk.clock.now());
    ([(CACHE_CONTROL, "public, max-age=300")], Json(keys))
}
