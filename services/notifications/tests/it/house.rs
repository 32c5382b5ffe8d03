//! The harness: a service of its own for each test, without its jobs, and callers who speak to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use bus::Reaction;
use contracts::{Fact, FactData, FactHead};
use http_body_util::BodyExt as _;
use kernel::{Clock, FactId, Grant, Ids, MemberId, Reach, Role, SessionId, StaffId, Timestamp};
use notifications::{
    Notifications,
    adapters::doors::Doors,
    commands::{
        Desk,
        campaigns::walk::walk,
        send::{Sent, send, take},
    },
    domain::trigger::Lane,
};
use runtime::{
    BlindKeys, CHAIN_SETTINGS, Chain, Context, ManualClock, Peers, SECRET_SETTINGS, Secrets, Service as _,
    SystemIds, Tasks,
};
use serde_json::Value;
use store::{Database, DatabaseSettings};
use tempfile::TempDir;
use testkit::servers::Postgres;
use tower::ServiceExt as _;
use uuid::Uuid;
use web::{CALLER_HEADER, Caller, CallerKey, Upstream};

use crate::world::{Club, Fleet};

/// When the tests play: noon in Tehran, 30 Aban 1405.
pub const START: &str = "2026-11-21T08:30:00Z";

/// The door through which texts come.
const DOOR: &str = "[[inbound]]\nname = \"main\"\ndoor = \"a-door-that-nobody-guesses-1\"\n";

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
    pub desk: Desk,
    pub clock: Arc<ManualClock>,
    /// What membership says of members.
    pub club: Club,
    /// The providers.
    pub fleet: Arc<Fleet>,
    reactions: Vec<Arc<dyn Reaction>>,
    caller_key: CallerKey,
    router: Router,
    /// Goes when the house goes.
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
    language: &'static str,
    reason: Option<&'static str>,
}

/// A member.
pub fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0000 + number))
}

impl House {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/notifications.db", folder.path().display());
        Self::start(folder, url).await
    }

    pub async fn on_postgres() -> Self {
        let url = Postgres::shared().fresh_database("notifications").expect("a database");
        Self::start(tempfile::tempdir().expect("a folder"), url).await
    }

    async fn start(folder: TempDir, url: String) -> Self {
        let database = store::connect(&DatabaseSettings::at(url)).await.expect("the database opens");
        store::migrate(&database, Notifications.migrations()).await.expect("the tables are made");
        let clock = Arc::new(ManualClock::at(Timestamp::parse(START).expect("a time")));
        let tables = [CHAIN_SETTINGS, SECRET_SETTINGS, Notifications.settings()];
        let outbox = folder.path().join("messages").display().to_string();
        let named = [("VAFA_NOTIFICATIONS__OUTBOX_DIR".to_owned(), outbox)];
        let values = runtime::settings::load(&tables, None, named.into_iter()).expect("good settings");
        let secrets = Arc::new(Secrets {
            blind_keys: BlindKeys::one(&[7; 32]),
            service_keys: vec![(1, [8; 32])],
            master_keys: vec![(1, [11; 32])],
            operator_key: "vo_test-operator-of-the-tests".to_owned(),
        });
        let caller_key = CallerKey::ring(&secrets.service_keys, clock.clone()).expect("a key");
        let chain = Arc::new(Chain::from_settings(&values).expect("a chain"));
        let (time, ids) =
            (clock.clone() as Arc<dyn Clock>, Arc::new(SystemIds::by(clock.clone())) as Arc<dyn Ids>);
        let reactions = notifications::reactions(&values, &time, &ids).expect("good settings");
        let club = Club::default();
        let there = Arc::new(OnceLock::new());
        there.set(club.router()).expect("the first one");
        let others = Upstream::in_process(there);
        let context = Context {
            clock: time,
            ids,
            chain,
            values: Arc::new(values),
            secrets,
            caller_key: caller_key.clone(),
            database: database.clone(),
            peers: Peers::new(BTreeMap::from([
                (contracts::membership::SOURCE, others.clone()),
                (contracts::points::SOURCE, others.clone()),
                (contracts::rewards::SOURCE, others),
            ])),
            relay: bus::Waker::default(),
            tasks: Tasks::new(),
        };
        let fleet = Arc::new(Fleet::default());
        let mut desk = Notifications::desk(&context, fleet.clone()).expect("a desk");
        desk.doors = Arc::new(Doors::read(DOOR).expect("a door"));
        let counter = Notifications::counter(&context, &desk);
        let router = notifications::http::router(counter, caller_key.clone(), context.chain.language);
        Self { database, desk, clock, club, fleet, reactions, caller_key, router, _folder: folder }
    }

    /// Lets so many seconds pass.
    pub fn wait_s(&self, seconds: i64) {
        self.clock.advance_millis(seconds * 1_000);
    }

    pub fn operator(&self) -> Sender<'_> {
        self.calling(Caller::Operator)
    }

    /// Somebody of the staff with this role, everywhere.
    pub fn staff(&self, role: Role) -> Sender<'_> {
        let grants = Arc::from([Grant { role, reach: Reach::Chain }]);
        let (staff, session) =
            (StaffId::from_uuid(Uuid::from_u128(1)), SessionId::from_uuid(Uuid::from_u128(2)));
        self.calling(Caller::Staff { staff, session, grants })
    }

    /// How many rows a table has.
    pub async fn rows(&self, table: &str) -> u64 {
        notifications::store::auditing::flaws(self.database.connection(), table, "1 = 1")
            .await
            .expect("it is there")
            .0
    }

    pub fn calling(&self, caller: Caller) -> Sender<'_> {
        Sender { house: self, caller, language: "en", reason: None }
    }

    /// A fact as it would come over the bus.
    pub fn fact<T: FactData>(&self, source: &'static str, data: &T) -> Fact {
        let head = FactHead {
            id: FactId::from_uuid(self.desk.ids.uuid()),
            source,
            subject: "somebody".to_owned(),
            seq: 1,
            time: self.clock.now(),
            traceparent: None,
        };
        Fact::new(head, data)
    }

    /// Hears facts, as the consumer of their stream does it.
    pub async fn hear(&self, facts: &[Fact]) {
        for reaction in &self.reactions {
            let theirs: Vec<Fact> = facts
                .iter()
                .filter(|fact| fact.source == reaction.stream() && reaction.hears().contains(&&*fact.kind))
                .cloned()
                .collect();
            let tx = self.database.begin().await.expect("a transaction");
            reaction.apply(&tx, &theirs).await.expect("it is heard");
            tx.commit().await.expect("it stays");
        }
    }

    /// Sends what is due of what happened.
    pub async fn send(&self) -> Sent {
        self.send_lane(Lane::Told).await
    }

    /// Sends what is due of a lane.
    pub async fn send_lane(&self, lane: Lane) -> Sent {
        let mut all = Sent::default();
        loop {
            let batch = take(&self.desk, lane).await.expect("a batch");
            if batch.is_empty() {
                return all;
            }
            let sent = send(&self.desk, batch).await.expect("it is sent");
            all.sent += sent.sent;
            all.waiting += sent.waiting;
            all.dropped += sent.dropped;
            all.dead += sent.dead;
        }
    }

    /// Walks through the audiences of campaigns as far as their pace allows now; answers how many steps that took.
    pub async fn walk(&self) -> u32 {
        let mut steps = 0;
        while walk(&self.desk).await.expect("a step") {
            steps += 1;
        }
        steps
    }

    /// What was sent to a member, the newest first.
    pub async fn messages(&self, member: MemberId) -> Vec<Value> {
        let page = self.operator().get(&format!("/v1/members/{member}/messages?limit=500")).await.expect(200);
        page["messages"].as_array().expect("a list").clone()
    }

    /// How many differences the audit finds.
    pub async fn differences(&self) -> Vec<String> {
        let rows = Notifications.audit(&self.database).await.expect("the audit runs");
        rows.into_iter().filter(|row| !row.holds()).map(|row| row.promise).collect()
    }
}

impl Sender<'_> {
    pub fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// Looks at members for this reason.
    pub fn saying(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body.to_string())).await
    }

    /// A call by its caller's own name for it.
    pub async fn keyed(&self, method: &str, path: &str, key: &str, body: Value) -> Answer {
        let key = [("idempotency-key", key)];
        self.send_with(method, path, &key, Some(body.to_string())).await
    }

    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send("POST", path, None).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        self.send_with(method, path, &[], body).await
    }

    /// A form, as providers send them.
    pub async fn form(&self, path: &str, form: &str) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send_with("POST", path, &kind, Some(form.to_owned())).await
    }

    async fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("accept-language", self.language);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if self.caller != Caller::Anonymous {
            let signed =
                self.house.caller_key.sign(&self.caller, notifications::NAME, Duration::from_mins(1));
            request = request.header(CALLER_HEADER, signed);
        }
        if let Some(reason) = self.reason {
            request = request.header("look-reason", reason);
        }
        let request = match body {
            Some(body) if headers.iter().any(|(name, _)| *name == "content-type") => {
                request.body(Body::from(body))
            }
            Some(body) => request.header("content-type", "application/json").body(Body::from(body)),
            None => request.body(Body::empty()),
        };
        let response =
            self.house.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Answer { status, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}

/// A text in an answer.
#[track_caller]
pub fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {body}")).to_owned()
}
