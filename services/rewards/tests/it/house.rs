//! The harness: a service of its own for each test, with points and membership played by the test.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use bus::Reaction;
use contracts::{
    Fact, FactData,
    membership::BranchOpened,
    parcel,
    points::{PointsCaptured, PointsHeld, PointsRedeemed, PointsReleased, RedemptionRefused, WhyRefused},
    rewards::{RedemptionFulfilled, RedemptionRequested},
};
use http_body_util::BodyExt as _;
use kernel::{
    BranchCode, Clock, Ids, JournalId, KeyId, MemberId, Points, RedemptionId, RegionCode, SessionId,
    TillCode, Timestamp,
};
use rewards::Rewards;
use runtime::{
    BlindKeys, CHAIN_SETTINGS, Chain, Context, ManualClock, SECRET_SETTINGS, Secrets, Service as _,
    SystemIds, Tasks,
};
use serde_json::{Value, json};
use store::{Database, DatabaseSettings, outbox};
use tempfile::TempDir;
use testkit::{servers::Postgres, top_ups::TopUpProvider};
use tower::ServiceExt as _;
use uuid::Uuid;
use web::{CALLER_HEADER, Caller, CallerKey};

mod hearing;
mod providers;

/// When the tests play.
pub const START: &str = "2026-11-21T08:00:00Z";

/// Runs each test on both databases.
macro_rules! on_both {
    ($($(#[$note:meta])* async fn $name:ident($house:ident: House) $body:block)*) => {
        $($(#[$note])* async fn $name($house: House) $body)*

        mod on_sqlite {
            $(#[tokio::test] async fn $name() { super::$name(crate::house::House::on_sqlite().await).await; })*
        }

        mod on_postgres {
            $(#[tokio::test] async fn $name() { super::$name(crate::house::House::on_postgres().await).await; })*
        }
    };
}
pub(crate) use on_both;

/// A service.
pub struct House {
    pub database: Database,
    pub clock: Arc<ManualClock>,
    /// What points says of every member; nothing while it is silent.
    pub standing: Arc<Mutex<Option<Value>>>,
    /// Who sends money to phones.
    pub provider: TopUpProvider,
    reactions: Vec<Arc<dyn Reaction>>,
    caller_key: CallerKey,
    router: Router,
    tasks: Tasks,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub text: String,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let found = self.body["code"].as_str().unwrap_or_default();
        assert_eq!((self.status, found), (status, code), "{}", self.text);
        self.body
    }
}

/// Somebody who sends requests.
pub struct Sender<'a> {
    house: &'a House,
    caller: Caller,
}

pub fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0000 + number))
}

impl House {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/rewards.db", folder.path().display());
        Self::start(folder, url).await
    }

    pub async fn on_postgres() -> Self {
        let url = Postgres::shared().fresh_database("rewards").expect("a database");
        Self::start(tempfile::tempdir().expect("a folder"), url).await
    }

    async fn start(folder: TempDir, url: String) -> Self {
        let database = store::connect(&DatabaseSettings::at(url)).await.expect("the database opens");
        store::migrate(&database, Rewards.migrations()).await.expect("the tables are made");
        let clock = Arc::new(ManualClock::at(Timestamp::parse(START).expect("a time")));
        let tables = [CHAIN_SETTINGS, SECRET_SETTINGS, Rewards.settings()];
        let provider = TopUpProvider::start().expect("a provider");
        let at = provider.url();
        let named = providers::settings(&at);
        let named = named.map(|(name, value)| (format!("VAFA_REWARDS__{name}"), value.to_owned()));
        let values = runtime::settings::load(&tables, None, named.into_iter()).expect("good settings");
        let secrets = Arc::new(Secrets {
            blind_keys: BlindKeys::one(&[7; 32]),
            service_keys: vec![(1, [8; 32])],
            master_keys: vec![(1, [11; 32])],
            operator_key: "vo_test-operator-of-the-tests".to_owned(),
        });
        let caller_key = CallerKey::ring(&secrets.service_keys, clock.clone()).expect("a key");
        let standing = Arc::new(Mutex::new(Some(json!({"points": 500, "tier": "gold", "segments": []}))));
        let tasks = Tasks::new();
        let context = Context {
            clock: clock.clone(),
            ids: Arc::new(SystemIds::by(clock.clone())),
            chain: Arc::new(Chain::from_settings(&values).expect("a chain")),
            values: Arc::new(values),
            secrets,
            caller_key: caller_key.clone(),
            database: database.clone(),
            peers: providers::peers(&standing),
            relay: bus::Waker::default(),
            tasks: tasks.clone(),
        };
        let parts = Rewards.start(context).await.expect("it starts");
        let (router, reactions) = (parts.router, parts.reactions);
        Self { database, clock, standing, provider, reactions, caller_key, router, tasks, _folder: folder }
    }

    /// Lets so many seconds pass.
    pub fn wait_s(&self, seconds: i64) {
        self.clock.advance_millis(seconds * 1_000);
    }

    pub fn calling(&self, caller: Caller) -> Sender<'_> {
        Sender { house: self, caller }
    }

    pub fn operator(&self) -> Sender<'_> {
        self.calling(Caller::Operator)
    }

    pub fn member(&self, number: u128) -> Sender<'_> {
        self.calling(Caller::Member {
            member: member(number),
            session: SessionId::from_uuid(SystemIds::default().uuid()),
            confirmed: true,
            stepped_up_until: None,
        })
    }

    pub fn till(&self, branch: &str) -> Sender<'_> {
        self.calling(Caller::Till {
            branch: BranchCode::parse(branch).expect("a code"),
            region: RegionCode::parse("tehran").expect("a code"),
            till: TillCode::parse("till-1").expect("a code"),
            key_id: KeyId::from_uuid(SystemIds::default().uuid()),
        })
    }

    /// A reward that is offered, with these terms besides the usual ones.
    pub async fn offers(&self, code: &str, more: Value) {
        let mut terms = json!({
            "name": {"en": "A coffee", "fa": "یک قهوه"}, "kind": {"type": "free_item", "sku": "coffee"},
            "points": 150, "voucher_days": 30,
        });
        for (name, value) in more.as_object().expect("fields") {
            terms[name] = value.clone();
        }
        let path = format!("/v1/rewards/{code}");
        self.operator().put(&path, terms).await.expect(200);
        let schedule = json!({"live_from": "2026-11-21T00:00:00Z"});
        self.operator().put(&format!("{path}/schedule"), schedule).await.expect(200);
    }

    pub async fn stocks(&self, code: &str, branch: Option<&str>, units: i64) {
        let body = json!({"branch": branch, "units": units});
        self.operator().put(&format!("/v1/rewards/{code}/stock"), body).await.expect(200);
    }

    pub async fn opens(&self, branch: &str, region: &str) {
        let opened = BranchOpened {
            branch: BranchCode::parse(branch).expect("a code"),
            region: RegionCode::parse(region).expect("a code"),
            time_zone: None,
        };
        self.hear("membership", &opened).await;
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Everything that was told, in order.
    pub async fn facts(&self) -> Vec<Fact> {
        let rows = outbox::page(&self.database, 0, 10_000).await.expect("the outbox is readable");
        let decoded = rows.iter().flat_map(|row| parcel::decode(&row.parcel.payload).expect("a parcel"));
        decoded.map(|fact| fact.expect("a good fact")).collect()
    }

    /// The facts of one type.
    pub async fn told<T: FactData>(&self) -> Vec<T> {
        let facts = self.facts().await;
        facts.iter().filter(|fact| fact.kind == T::TYPE).map(|fact| fact.read().expect("readable")).collect()
    }

    pub async fn held(&self, id: &Value) {
        let held = PointsHeld { journal_id: journal(id), ..PointsHeld::sample() };
        self.hear("points", &held).await;
    }

    pub async fn captured(&self, id: &Value) {
        let captured = PointsCaptured { hold_id: journal(id), ..PointsCaptured::sample() };
        self.hear("points", &captured).await;
    }

    pub async fn let_go(&self, id: &Value) {
        let released = PointsReleased { hold_id: journal(id), ..PointsReleased::sample() };
        self.hear("points", &released).await;
    }

    pub async fn refused(&self, id: &Value, reason: WhyRefused) {
        let redemption_id = RedemptionId::from_uuid(journal(id).as_uuid());
        let refused =
            RedemptionRefused { redemption_id, member_id: member(1), reason, missing: Some(Points::new(7)) };
        self.hear("points", &refused).await;
    }

    /// A member's request for a reward; its id.
    pub async fn asked(&self, number: u128, key: &str, code: &str) -> Value {
        let body = json!({"reward": code});
        self.member(number).keyed(key, "/v1/reward-redemptions", body).await.expect(202)["redemption_id"]
            .clone()
    }

    /// Points redeems at once what is ready.
    pub async fn paid(&self, id: &Value) {
        let redemption_id = Some(RedemptionId::from_uuid(journal(id).as_uuid()));
        let paid = PointsRedeemed { redemption_id, ..PointsRedeemed::sample() };
        self.hear("points", &paid).await;
    }

    /// A member's request that points lets through, as points does it for this reward; its id.
    pub async fn redeemed(&self, number: u128, key: &str, code: &str) -> Value {
        let id = self.asked(number, key, code).await;
        self.let_through(&id).await;
        id
    }

    /// Points lets a request through, as it does it for this reward.
    pub async fn let_through(&self, id: &Value) {
        if self.redemption(id).await["state"] == "fulfilled" {
            self.paid(id).await;
        } else {
            self.held(id).await;
            self.captured(id).await;
        }
    }

    pub async fn redemption(&self, id: &Value) -> Value {
        let path = format!("/v1/reward-redemptions/{}", id.as_str().expect("an id"));
        self.till("vanak").get(&path).await.expect(200)
    }

    /// The only voucher of a member, with its code.
    pub async fn voucher(&self, number: u128) -> Value {
        let path = format!("/v1/members/{}/vouchers", member(number));
        self.member(number).get(&path).await.expect(200)["vouchers"][0].clone()
    }

    /// What is left of a reward, of the chain's stock.
    pub async fn left(&self, code: &str) -> i64 {
        let found = self.operator().get(&format!("/v1/rewards/{code}")).await.expect(200);
        found["stock"][0]["left"].as_i64().expect("a number")
    }

    /// Everything that is promised holds; no fact is missing in the sequence of its subject.
    pub async fn holds(&self) {
        let rows = Rewards.audit(&self.database).await.expect("the audit runs");
        let differing: Vec<_> = rows.into_iter().filter(|row| !row.holds()).map(|row| row.promise).collect();
        assert_eq!(differing, Vec::<String>::new());
        let mut last = std::collections::BTreeMap::new();
        for fact in self.facts().await {
            let before = last.insert(fact.subject.clone(), fact.seq).unwrap_or_default();
            assert_eq!(fact.seq, before + 1, "{}", fact.subject);
        }
    }

    /// Waits until a job has done what is expected.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, done: impl Fn() -> F) {
        for _ in 0..1_200 {
            if done().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{what}");
    }

    /// What points would hear: how many were asked for, and how many are ready.
    pub async fn asked_and_ready(&self) -> (usize, usize) {
        (self.told::<RedemptionRequested>().await.len(), self.told::<RedemptionFulfilled>().await.len())
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.tasks.stopping().cancel();
    }
}

pub fn journal(id: &Value) -> JournalId {
    id.as_str().expect("an id").parse().expect("an id")
}

impl Sender<'_> {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, None).await
    }

    /// The same as a file.
    pub async fn file(&self, path: &str) -> Answer {
        let signed = self.house.caller_key.sign(&self.caller, rewards::NAME, Duration::from_mins(1));
        let request = Request::builder().uri(path).header("accept", "text/csv").header(CALLER_HEADER, signed);
        self.answered(request.body(Body::empty()).expect("a request")).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, None, Some(body)).await
    }

    pub async fn post(&self, path: &str, body: Option<Value>) -> Answer {
        self.send("POST", path, None, body).await
    }

    pub async fn keyed(&self, key: &str, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(key), Some(body)).await
    }

    async fn send(&self, method: &str, path: &str, key: Option<&str>, body: Option<Value>) -> Answer {
        let signed = self.house.caller_key.sign(&self.caller, rewards::NAME, Duration::from_mins(1));
        let mut request = Request::builder().method(method).uri(path).header("accept-language", "en");
        request = request.header(CALLER_HEADER, signed);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = match body {
            Some(body) => {
                request.header("content-type", "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        self.answered(request.expect("a request")).await
    }

    async fn answered(&self, request: Request<Body>) -> Answer {
        let response = self.house.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Answer { status, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}
