//! A small service with one route of each sort, and ways to call it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{Json, Router};
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt;
use kernel::{
    BranchCode, Clock, Grant, KeyId, PartnerCode, Reach, RegionCode, Role, Scope, SessionId, StaffId,
    TillCode, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower::ServiceExt;
use web::{
    Access, Body, Bound, Caller, CallerKey, DeadlineAt, Face, IdempotencyKey, Lane, Lang, PathParams,
    Problem, QueryParams, RawBody, Request, RouteSpec, Sent, StaffReach, Texts, Whereabouts,
};

pub const SECRET: &[u8] = b"a shared secret of thirty-two by";

/// A clock that a test sets.
#[derive(Debug, Default)]
pub struct HandClock(pub AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basket {
    pub currency: String,
    pub kind: Option<BasketKind>,
    pub lines: Vec<Line>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasketKind {
    Sale,
    Gift,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub sku: String,
    pub amount: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    limit: Option<u32>,
    cursor: Option<String>,
    branch: BranchCode,
}

pub const RECORD: RouteSpec =
    RouteSpec::post("/v1/baskets", "record_basket", Access::Till).body_limit(1_000).lane(Lane::Till);
pub const SHOW: RouteSpec = RouteSpec::get("/v1/baskets/{basket_id}", "show_basket", Access::TillOrOperator)
    .staff(Bound::Anywhere, &[Role::Auditor])
    .partners(Scope::PointsRead);
pub const DROP: RouteSpec = RouteSpec::delete("/v1/baskets/{basket_id}", "drop_basket", Access::Operator)
    .staff(Bound::Chain, &[Role::Finance]);
pub const STAFF: RouteSpec = RouteSpec::get("/v1/branches/{branch}/staff", "show_staff", Access::Operator)
    .staff(Bound::Branch, &[Role::BranchManager]);
pub const PERSON: RouteSpec = RouteSpec::get("/v1/people/{staff_id}", "show_person", Access::Operator)
    .staff(Bound::Chain, &[Role::Administrator])
    .or_themselves();
pub const RECEIPT: RouteSpec = RouteSpec::get("/v1/receipts/{of}", "show_receipt", Access::Operator)
    .staff(Bound::Handler, &[Role::Cashier]);
pub const FORGETFUL: RouteSpec = RouteSpec::get("/v1/forgetful/{of}", "show_forgetful", Access::Operator)
    .staff(Bound::Handler, &[Role::Cashier]);
pub const TILL: RouteSpec = RouteSpec::get("/v1/branches/{branch}/tills/{till}", "show_till", Access::Anyone);
pub const LIST: RouteSpec = RouteSpec::get("/v1/baskets", "list_baskets", Access::Anyone);
pub const RESOLVE: RouteSpec = RouteSpec::post("/internal/v1/resolve", "resolve", Access::Services);
pub const BROKEN: RouteSpec = RouteSpec::get("/v1/broken", "show_broken", Access::Anyone);
pub const PANICS: RouteSpec = RouteSpec::get("/v1/panics", "show_panic", Access::Anyone);
pub const KEYED: RouteSpec = RouteSpec::post("/v1/keyed", "record_keyed", Access::Anyone);

async fn record(caller: Caller, Lang(language): Lang, Body(basket): Body<Basket>) -> Json<Value> {
    let total: i64 = basket.lines.iter().map(|line| line.amount).sum();
    Json(json!({ "total": total, "caller": caller.word(), "language": language.tag() }))
}

async fn show(PathParams(id): PathParams<u32>, deadline: DeadlineAt) -> Result<Json<Value>, Problem> {
    deadline.check()?;
    Ok(Json(json!({ "basket_id": id })))
}

async fn drop_basket(PathParams(id): PathParams<u32>) -> Json<Value> {
    Json(json!({ "dropped": id }))
}

async fn staff(PathParams(branch): PathParams<BranchCode>) -> Json<Value> {
    Json(json!({ "branch": branch }))
}

async fn receipt(reach: StaffReach, PathParams(of): PathParams<String>) -> Result<Json<Value>, Problem> {
    reach.place(BranchCode::parse(&of).ok().as_ref()).await?;
    Ok(Json(json!({ "of": of })))
}

async fn forgetful(PathParams(of): PathParams<String>) -> Json<Value> {
    Json(json!({ "of": of }))
}

/// Every branch of `isfahan` belongs to the region `centre`.
fn whereabouts() -> Whereabouts {
    Arc::new(|branch| {
        Box::pin(async move {
            let known = branch.as_str().starts_with("isfahan");
            Ok(known.then(|| RegionCode::parse("centre").unwrap()))
        })
    })
}

async fn till(PathParams((branch, till)): PathParams<(BranchCode, TillCode)>) -> Json<Value> {
    Json(json!({ "branch": branch, "till": till }))
}

async fn list(QueryParams(page): QueryParams<Page>) -> Json<Value> {
    Json(json!({ "limit": page.limit, "cursor": page.cursor, "branch": page.branch }))
}

async fn resolve(sent: Sent<Value>) -> Json<Value> {
    Json(json!({ "heard": sent.value, "bytes": sent.bytes.len() }))
}

async fn broken() -> Result<Json<Value>, Problem> {
    Err(anyhow::anyhow!("the disk said 0912 345 6789").context("reading the ledger").into())
}

async fn panics() -> Json<Value> {
    let nothing: Vec<Value> = Vec::new();
    Json(nothing.into_iter().next().expect("a planted panic"))
}

async fn keyed(key: IdempotencyKey) -> String {
    key.as_str().to_owned()
}

pub fn caller_key() -> CallerKey {
    CallerKey::new(SECRET, Arc::new(HandClock::default()))
}

pub fn router(key: CallerKey) -> Router {
    Face::new("shop", key, Texts::new(&[]))
        .whereabouts(whereabouts())
        .route(&STAFF, staff)
        .route(&RECEIPT, receipt)
        .route(&PERSON, forgetful)
        .route(&FORGETFUL, forgetful)
        .route(&RECORD, record)
        .route(&SHOW, show)
        .route(&DROP, drop_basket)
        .route(&TILL, till)
        .route(&LIST, list)
        .route(&RESOLVE, resolve)
        .route(&BROKEN, broken)
        .route(&PANICS, panics)
        .route(&KEYED, keyed)
        .finish(())
}

pub fn a_till() -> Caller {
    Caller::Till {
        branch: BranchCode::parse("isfahan-1").unwrap(),
        region: RegionCode::parse("centre").unwrap(),
        till: TillCode::parse("till-2").unwrap(),
        key_id: KeyId::from_uuid(uuid::Uuid::from_u128(7)),
    }
}

pub fn a_person(grants: &[(Role, Reach)]) -> Caller {
    Caller::Staff {
        staff: StaffId::from_uuid(uuid::Uuid::from_u128(8)),
        session: SessionId::from_uuid(uuid::Uuid::from_u128(9)),
        grants: grants.iter().map(|(role, reach)| Grant { role: *role, reach: reach.clone() }).collect(),
    }
}

pub fn a_partner(scopes: &[Scope]) -> Caller {
    Caller::Partner {
        partner: PartnerCode::parse("mellat").unwrap(),
        key_id: KeyId::from_uuid(uuid::Uuid::from_u128(10)),
        scopes: scopes.into(),
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

    pub fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.0.headers_mut().append(name, http::HeaderValue::from_bytes(value.as_ref()).unwrap());
        self
    }

    pub fn from(self, caller: &Caller) -> Self {
        let signed = caller_key().sign(caller, "shop", std::time::Duration::from_secs(10));
        self.header("vafa-caller", signed.as_bytes())
    }

    pub fn body(mut self, body: impl Into<RawBody>) -> Self {
        *self.0.body_mut() = body.into();
        self
    }

    pub fn json(self, text: impl Into<String>) -> Self {
        self.header(header::CONTENT_TYPE.as_str().to_owned().leak(), "application/json").body(text.into())
    }

    pub async fn send(self) -> Answer {
        self.send_to(router(caller_key())).await
    }

    pub async fn send_to(self, router: Router) -> Answer {
        let response = router.oneshot(self.0).await.unwrap();
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
