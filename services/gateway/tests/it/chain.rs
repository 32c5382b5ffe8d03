//! Two played services, membership with the till keys and a shop, behind a gateway, in either shape.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State};
use gateway::{Backend, GatewaySettings, Plan, SETTINGS};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use kernel::{Clock, Language, MemberId, Role, Scope, SessionId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use utoipa::{
    OpenApi as _,
    openapi::{
        OpenApi,
        path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem},
        request_body::RequestBody,
    },
};
use web::{
    Access, Body, Bound, Caller, CallerKey, DeadlineAt, Deprecation, ErrorCode, Face, KeySet, Kind, Lane,
    Lang, Origin, PathParams, Problem, RawBody, Request, RouteSpec, ServeLimits, Texts, Upstream, Verb,
    serve,
};

use crate::partners;

pub const OPERATOR_KEY: &str = "the-operators-key-of-these-tests";
pub const TILL_KEY: &str = "vt_the-key-of-till-2";

pub static KEY_UNKNOWN: ErrorCode =
    ErrorCode::new("membership.till_key_unknown", Kind::Missing, "No such key.");
static SESSION_UNKNOWN: ErrorCode =
    ErrorCode::new("membership.session_unknown", Kind::Missing, "No such session.");
static SESSION_OVER: ErrorCode = ErrorCode::new("membership.session_over", Kind::Gone, "It was ended.");
pub static KEY_REVOKED: ErrorCode =
    ErrorCode::new("membership.till_key_revoked", Kind::Gone, "It was revoked.");

const RESOLVE: RouteSpec =
    RouteSpec::post("/internal/v1/till-keys/resolve", "resolve_till_key", Access::Services);
const RESOLVE_STAFF: RouteSpec =
    RouteSpec::post("/internal/v1/staff-tokens/resolve", "resolve_staff_token", Access::Services);
const RESOLVE_SESSION: RouteSpec =
    RouteSpec::post("/internal/v1/sessions/resolve", "resolve_session", Access::Services);
const KEYS: RouteSpec = RouteSpec::get("/v1/.well-known/jwks.json", "list_public_keys", Access::Anyone);
const OWN: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/baskets", "list_own_baskets", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, &[Role::Cashier]);
const ORIGIN: RouteSpec = RouteSpec::post("/v1/origin", "show_origin", Access::Anyone).with_origin();
const RECORD: RouteSpec =
    RouteSpec::post("/v1/baskets", "record_basket", Access::Till).lane(Lane::Till).body_limit(1_000);
const SHOW: RouteSpec = RouteSpec::get("/v1/baskets/{basket_id}", "show_basket", Access::TillOrOperator)
    .staff(Bound::Anywhere, &[Role::Auditor])
    .partners(Scope::PointsRead);
const ECHO: RouteSpec = RouteSpec::get("/v1/echo", "show_echo", Access::Anyone);
const SLOW: RouteSpec = RouteSpec::get("/v1/slow", "show_slow", Access::Anyone).lane(Lane::Till);
const OLD: RouteSpec =
    RouteSpec::get("/v1/old/{basket_id}", "show_old_basket", Access::Anyone).deprecated(Deprecation {
        since_s: 1_767_225_600,
        sunset_s: Some(1_798_761_600),
        successor: Some("/v1/echo"),
    });
const REPORT: RouteSpec = RouteSpec::get("/v1/reports", "show_report", Access::TillOrOperator)
    .staff(Bound::Chain, &[Role::Auditor])
    .partners(Scope::PointsRead)
    .heavy();
const HIDDEN: RouteSpec = RouteSpec::get("/internal/v1/secrets", "show_secrets", Access::Anyone);

/// A clock that stands still.
#[derive(Default)]
pub struct StoppedClock(AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// What membership knows of keys, by the SHA-256 of their text.
#[derive(Default)]
pub struct Membership {
    pub keys: Mutex<HashMap<String, &'static str>>,
    /// The public halves of keys that sign, by their digests.
    pub public_keys: Mutex<HashMap<String, String>>,
    pub questions: AtomicU32,
    /// What it knows of sessions: whose they are, or that they were ended.
    pub sessions: Mutex<HashMap<SessionId, Option<MemberId>>>,
    /// The keys that it shows, and how often it was asked for them.
    pub shown: Mutex<KeySet>,
    pub shows: AtomicU32,
    pub session_questions: AtomicU32,
}

#[derive(Deserialize)]
struct SessionQuestion {
    session_id: SessionId,
}

async fn resolve_session(
    State(membership): State<Arc<Membership>>,
    Body(question): Body<SessionQuestion>,
) -> Result<Json<Value>, Problem> {
    membership.session_questions.fetch_add(1, Ordering::SeqCst);
    match membership.sessions.lock().unwrap().get(&question.session_id) {
        Some(Some(member)) => Ok(Json(json!({ "member_id": member }))),
        Some(None) => Err(Problem::new(&SESSION_OVER)),
        None => Err(Problem::new(&SESSION_UNKNOWN)),
    }
}

async fn show_keys(State(membership): State<Arc<Membership>>) -> Json<KeySet> {
    membership.shows.fetch_add(1, Ordering::SeqCst);
    Json(membership.shown.lock().unwrap().clone())
}

async fn own(PathParams(id): PathParams<MemberId>, caller: Caller) -> Json<Value> {
    let up = matches!(caller, Caller::Member { stepped_up_until: Some(_), confirmed: true, .. });
    Json(json!({ "member_id": id, "caller": caller.word(), "stepped_up": up }))
}

async fn show_origin(Origin(from): Origin) -> Json<Value> {
    Json(json!({ "from": from }))
}

#[derive(Deserialize)]
pub struct Question {
    pub digest: String,
}

async fn resolve(
    State(membership): State<Arc<Membership>>,
    caller: Caller,
    Body(question): Body<Question>,
) -> Result<Json<Value>, Problem> {
    assert_eq!(caller, Caller::Service("gateway".into()));
    membership.questions.fetch_add(1, Ordering::SeqCst);
    if let Some(public) = membership.public_keys.lock().unwrap().get(&question.digest) {
        return Ok(Json(json!({
            "key_id": "00000000-0000-0000-0000-000000000008",
            "branch": "isfahan-1", "region": "centre", "till": "till-3", "public_key": public,
        })));
    }
    match membership.keys.lock().unwrap().get(&question.digest) {
        Some(&"live") => Ok(Json(json!({
            "key_id": "00000000-0000-0000-0000-000000000007",
            "branch": "isfahan-1", "region": "centre", "till": "till-2",
        }))),
        Some(_) => Err(Problem::new(&KEY_REVOKED)),
        None => Err(Problem::new(&KEY_UNKNOWN)),
    }
}

async fn resolve_staff(
    State(membership): State<Arc<Membership>>,
    Body(question): Body<Question>,
) -> Result<Json<Value>, Problem> {
    membership.questions.fetch_add(1, Ordering::SeqCst);
    let good = |until: &str| {
        Ok(Json(json!({
            "staff_id": "00000000-0000-0000-0000-000000000008",
            "session_id": "00000000-0000-0000-0000-000000000009",
            "expires_at": until,
            "grants": [{"role": "auditor"}, {"role": "cashier", "branch": "isfahan-1"}, {"role": "cashier", "region": "south"}],
        })))
    };
    match membership.keys.lock().unwrap().get(&question.digest) {
        Some(&"live") => good("1970-01-01T00:15:00Z"),
        Some(&"lapsed") => good("1970-01-01T00:00:00Z"),
        Some(_) => Err(Problem::new(&SESSION_OVER)),
        None => Err(Problem::new(&SESSION_UNKNOWN)),
    }
}

async fn record(caller: Caller, Body(body): Body<Value>) -> Json<Value> {
    Json(json!({ "caller": caller.word(), "body": body }))
}

async fn show(PathParams(id): PathParams<u32>, caller: Caller, Lang(language): Lang) -> Json<Value> {
    Json(json!({ "basket_id": id, "caller": caller.word(), "language": language.tag() }))
}

async fn echo(deadline: DeadlineAt, headers: HeaderMap) -> Json<Value> {
    let headers: HashMap<&str, &str> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    Json(json!({ "headers": headers, "left_ms": u64::try_from(deadline.left().as_millis()).unwrap() }))
}

async fn slow() {
    tokio::time::sleep(Duration::from_mins(1)).await;
}

/// How the services stand behind the gateway.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    OneProcess,
    OverHttp,
}

#[derive(Clone)]
pub struct Chain {
    pub router: Router,
    pub membership: Arc<Membership>,
}

pub fn caller_key() -> CallerKey {
    CallerKey::new(b"a shared secret of thirty-two by", Arc::new(StoppedClock::default()))
}

pub fn settings(changes: &[(&str, &str)]) -> GatewaySettings {
    let values = runtime::settings::load(&[SETTINGS], None, std::iter::empty()).unwrap();
    let values =
        changes.iter().fold(values, |values, (name, value)| values.with(&[SETTINGS], name, value).unwrap());
    GatewaySettings::from_settings(&values)
}

async fn upstream(shape: Shape, router: Router) -> Upstream {
    match shape {
        Shape::OneProcess => Upstream::in_process(Arc::new(OnceLock::from(router))),
        Shape::OverHttp => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let base = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(serve(listener, router, ServeLimits::default(), CancellationToken::new()));
            Upstream::http(&base).unwrap()
        }
    }
}

/// A document with one bare operation for each route.
pub fn document(routes: &[&RouteSpec]) -> OpenApi {
    #[derive(utoipa::OpenApi)]
    struct Empty;
    let mut document = Empty::openapi();
    for spec in routes.iter().filter(|spec| spec.is_public()) {
        let method = match spec.verb {
            Verb::Get => HttpMethod::Get,
            _ => HttpMethod::Post,
        };
        let body = (spec.verb == Verb::Post).then(RequestBody::new);
        let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        let keys = spec.keyed.then(|| key.build());
        let operation = OperationBuilder::new()
            .operation_id(Some(spec.operation))
            .request_body(body)
            .parameters(Some(keys))
            .build();
        document.paths.paths.insert(spec.path.to_owned(), PathItem::new(method, operation));
    }
    document
}

pub fn backend(service: &'static str, routes: &[&'static RouteSpec], upstream: Upstream) -> Backend {
    let document = document(routes);
    Backend { service, routes: routes.to_vec(), openapi: Arc::new(move || document.clone()), upstream }
}

pub fn plan(backends: Vec<Backend>, settings: GatewaySettings) -> Plan {
    Plan {
        settings,
        caller_key: caller_key(),
        operator_key: OPERATOR_KEY.to_owned(),
        language: Language::En,
        sample_ratio: 0.0,
        replicas: gateway::Replicas::of(std::num::NonZeroU32::MIN),
        backends,
    }
}

impl Chain {
    pub async fn start(shape: Shape, changes: &[(&str, &str)]) -> Self {
        let membership = Arc::new(Membership::default());
        let texts = Texts::new(&[]);
        let members = Face::new("membership", caller_key(), texts.clone())
            .route(&RESOLVE, resolve)
            .route(&RESOLVE_SESSION, resolve_session)
            .route(&RESOLVE_STAFF, resolve_staff)
            .route(&partners::RESOLVE, partners::resolve)
            .route(&KEYS, show_keys)
            .finish(Arc::clone(&membership));
        let shop = Face::new("shop", caller_key(), texts)
            .route(&RECORD, record)
            .route(&SHOW, show)
            .route(&OWN, own)
            .route(&ORIGIN, show_origin)
            .route(&ECHO, echo)
            .route(&SLOW, slow)
            .route(&OLD, show)
            .route(&REPORT, echo)
            .route(&HIDDEN, echo)
            .finish(());
        let backends = vec![
            backend(
                "membership",
                &[&RESOLVE, &RESOLVE_SESSION, &RESOLVE_STAFF, &partners::RESOLVE, &KEYS],
                upstream(shape, members).await,
            ),
            backend(
                "shop",
                &[&RECORD, &SHOW, &OWN, &ORIGIN, &ECHO, &SLOW, &OLD, &REPORT, &HIDDEN],
                upstream(shape, shop).await,
            ),
        ];
        let chain = Self { router: gateway::router(plan(backends, settings(changes))).unwrap(), membership };
        chain.set_key(TILL_KEY, "live");
        chain
    }

    pub fn set_key(&self, key: &str, state: &'static str) {
        let hash = ring::digest::digest(&ring::digest::SHA256, key.as_bytes());
        let digest = hash.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        self.membership.keys.lock().unwrap().insert(digest, state);
    }

    pub fn questions(&self) -> u32 {
        self.membership.questions.load(Ordering::SeqCst)
    }

    pub async fn send(&self, call: Call) -> Answer {
        let response = self.router.clone().oneshot(call.0).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            body: serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
}

/// A request under construction.
pub struct Call(Request);

impl Call {
    pub fn new(method: Method, path: &str) -> Self {
        let mut request = Request::new(RawBody::empty());
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        Self(request)
    }

    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.0.headers_mut().append(name, value.parse().unwrap());
        self
    }

    pub fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn at_address(mut self, address: &str) -> Self {
        self.0.extensions_mut().insert(web::PeerAddress(address.parse().unwrap()));
        self
    }

    pub fn body(mut self, body: impl Into<RawBody>) -> Self {
        *self.0.body_mut() = body.into();
        self
    }

    pub fn basket(body: impl Into<RawBody>) -> Self {
        Self::new(Method::POST, "/v1/baskets")
            .bearer(TILL_KEY)
            .header("content-type", "application/json")
            .body(body)
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The status and the problem's code.
    pub fn refusal(&self) -> (u16, &str) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        (self.status.as_u16(), self.body["code"].as_str().unwrap())
    }
}
