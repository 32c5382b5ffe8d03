//! The harness: a service of its own for each test, and callers who speak to it.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::Request,
};
use bus::Reaction;
use contracts::{Fact, parcel};
use http_body_util::BodyExt as _;
use kernel::{BranchCode, Clock, Ids, KeyId, MemberId, RegionCode, SessionId, TillCode, Timestamp};
use membership::{
    Membership,
    commands::Desk,
    settings::Settings,
    store::{passwords::Passwords, signing_keys::KeyRing},
};
use runtime::{
    BlindKeys, CHAIN_SETTINGS, Chain, Context, ManualClock, SECRET_SETTINGS, Secrets, Service as _,
    SystemIds, Tasks, settings::Values,
};
use serde_json::{Value, json};
use store::{Database, DatabaseSettings, outbox};
use tempfile::TempDir;
use testkit::servers::Postgres;
use tower::ServiceExt as _;
use web::{CALLER_HEADER, Caller, CallerKey, ORIGIN_HEADER};

use crate::beginning::{Beginning, payments, peers};

/// When the tests play.
pub const START: &str = "2026-11-21T08:00:00Z";

/// Runs each test on both databases.
macro_rules! on_both {
    ($($(#[$note:meta])* async fn $name:ident($club:ident: Club) $body:block)*) => {
        $($(#[$note])* async fn $name($club: Club) $body)*

        mod on_sqlite {
            $(#[tokio::test] async fn $name() { super::$name(crate::club::Club::on_sqlite().await).await; })*
        }

        mod on_postgres {
            $(#[tokio::test] async fn $name() { super::$name(crate::club::Club::on_postgres().await).await; })*
        }
    };
}
pub(crate) use on_both;

/// A running service.
pub struct Club {
    pub database: Database,
    /// With which commands are done that no route does.
    pub desk: Desk,
    pub chain: Arc<Chain>,
    pub secrets: Arc<Secrets>,
    pub reaction: Arc<dyn Reaction>,
    /// Where the SQLite files are.
    pub folder: TempDir,
    /// Where messages to members are.
    pub outbox: TempDir,
    pub clock: Arc<ManualClock>,
    pub settings: Vec<(String, String)>,
    /// The service `points` that it asks; none where nobody plays one.
    pub points: Option<Router>,
    caller_key: CallerKey,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub text: String,
    pub bytes: Bytes,
}

impl Answer {
    /// The problem's code; empty when it is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The body, once it is sure that the answer has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Asserts a refusal with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.text);
        self.body
    }
}

/// Somebody who sends requests.
pub struct Sender<'a> {
    club: &'a Club,
    caller: Caller,
    language: &'static str,
    address: Option<IpAddr>,
    /// Why they look, where somebody is shown to them.
    pub reason: Option<&'static str>,
    key: Option<String>,
    /// More headers.
    pub headers: Vec<(&'static str, String)>,
}

/// The master key of every club that is not restarted with others.
pub const MASTER_KEYS: [(u8, [u8; 32]); 1] = [(1, [11; 32])];

fn desk(database: &Database, secrets: &Secrets, clock: &Arc<ManualClock>, values: &Values) -> Desk {
    let settings = Settings::from_values(values).expect("good settings");
    let ids = Arc::new(SystemIds::default()) as Arc<dyn Ids>;
    Desk {
        vault: Membership::vault(database.clone(), secrets, ids.clone()).expect("good keys"),
        clock: clock.clone(),
        ids,
        relay: bus::Waker::default(),
        passwords: Passwords::new(&settings.passwords, [0; 32]).expect("good rules"),
        payments: payments(&settings),
        settings: Arc::new(settings),
        keys: KeyRing::default(),
        messages: Arc::default(),
        points: None,
        rewards: None,
        notifications: None,
        provider: None,
    }
}

impl Club {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/membership.db", folder.path().display());
        Self::start(folder, &url, MASTER_KEYS.to_vec()).await
    }

    pub async fn on_postgres() -> Self {
        let url = Postgres::shared().fresh_database("membership").expect("a database");
        Self::start(tempfile::tempdir().expect("a folder"), &url, MASTER_KEYS.to_vec()).await
    }

    async fn start(folder: TempDir, url: &str, master_keys: Vec<(u8, [u8; 32])>) -> Self {
        let database = store::connect(&DatabaseSettings::at(url)).await.expect("the database opens");
        store::migrate(&database, Membership.migrations()).await.expect("the tables are made");
        let (start, outbox) =
            (Timestamp::parse(START).expect("a time"), tempfile::tempdir().expect("a folder"));
        let settings = Vec::new();
        let blind_keys = BlindKeys::one(&[7; 32]);
        Self::begin(Beginning {
            start,
            folder,
            outbox,
            database,
            master_keys,
            blind_keys,
            settings,
            points: None,
        })
        .await
    }

    pub async fn begin(beginning: Beginning) -> Self {
        let Beginning { start, folder, outbox, database, master_keys, blind_keys, settings, points } =
            beginning;
        let clock = Arc::new(ManualClock::at(start));
        let tables = [CHAIN_SETTINGS, SECRET_SETTINGS, Membership.settings()];
        let messages = ("VAFA_MEMBERSHIP__OUTBOX_DIR".to_owned(), outbox.path().display().to_string());
        let given = std::iter::once(messages).chain(settings.iter().cloned());
        let values = runtime::settings::load(&tables, None, given).expect("good settings");
        let secrets = Arc::new(Secrets {
            blind_keys,
            service_keys: vec![(1, [8; 32])],
            master_keys,
            operator_key: "vo_test-operator-of-the-tests".to_owned(),
        });
        let caller_key = CallerKey::ring(&secrets.service_keys, clock.clone()).expect("a key");
        let chain = Arc::new(Chain::from_settings(&values).expect("a chain"));
        let desk = desk(&database, &secrets, &clock, &values);
        let context = Context {
            clock: clock.clone() as Arc<dyn Clock>,
            ids: Arc::new(SystemIds::default()) as Arc<dyn Ids>,
            chain: chain.clone(),
            values: Arc::new(values),
            secrets: secrets.clone(),
            caller_key: caller_key.clone(),
            database: database.clone(),
            peers: peers(points.as_ref()),
            relay: bus::Waker::default(),
            tasks: Tasks::new(),
        };
        let parts = Membership.start(context).await.expect("the service starts");
        let reaction = parts.reactions.into_iter().next().expect("one reaction");
        Self {
            database,
            desk,
            chain,
            secrets,
            reaction,
            folder,
            outbox,
            clock,
            settings,
            points,
            caller_key,
            router: parts.router,
        }
    }

    /// Lets so many seconds pass.
    pub fn wait_s(&self, seconds: i64) {
        self.clock.advance_millis(seconds * 1_000);
    }

    pub fn member(&self, member: MemberId, session: SessionId) -> Sender<'_> {
        let caller = Caller::Member { member, session, confirmed: true, stepped_up_until: None };
        self.sender(caller)
    }

    /// A member by the text of their id, in a session of theirs.
    pub fn signed_in(&self, member: &str) -> Sender<'_> {
        self.member(member.parse().expect("an id"), SessionId::from_uuid(SystemIds::default().uuid()))
    }

    /// A member in a session that a fresh code raised.
    pub fn raised(&self, member: &str) -> Sender<'_> {
        let session = SessionId::from_uuid(SystemIds::default().uuid());
        let until = Some(self.clock.now().plus_millis(60_000));
        let member = member.parse().expect("an id");
        self.sender(Caller::Member { member, session, confirmed: true, stepped_up_until: until })
    }

    /// A member whose phone is not known to be theirs.
    pub fn unconfirmed(&self, member: &str) -> Sender<'_> {
        let session = SessionId::from_uuid(SystemIds::default().uuid());
        let member = member.parse().expect("an id");
        self.sender(Caller::Member { member, session, confirmed: false, stepped_up_until: None })
    }

    /// Now, as the club sees it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn sender(&self, caller: Caller) -> Sender<'_> {
        Sender {
            club: self,
            caller,
            language: "en",
            address: None,
            reason: Some("member_asked"),
            key: None,
            headers: Vec::new(),
        }
    }

    /// The code in the newest message to this phone, once there are `count` of them.
    pub async fn code_for(&self, phone: &str, count: usize) -> String {
        for _ in 0..500 {
            if let Some(message) = self.messages_to(phone).get(count - 1) {
                let text = message["text"].as_str().expect("a text").to_owned();
                let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
                return digits.into_iter().find(|word| word.len() == 6).expect("six digits").to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no message came to {phone}");
    }

    pub fn operator(&self) -> Sender<'_> {
        self.sender(Caller::Operator)
    }

    pub fn service(&self) -> Sender<'_> {
        self.sender(Caller::Service("gateway".into()))
    }

    pub fn anonymous(&self) -> Sender<'_> {
        self.sender(Caller::Anonymous)
    }

    pub fn till(&self) -> Sender<'_> {
        let caller = Caller::Till {
            branch: BranchCode::parse("tehran-vanak").expect("a code"),
            region: RegionCode::parse("tehran").expect("a code"),
            till: TillCode::parse("till-1").expect("a code"),
            key_id: KeyId::from_uuid(SystemIds::default().uuid()),
        };
        self.sender(caller)
    }

    /// Opens region `tehran`, branch `tehran-vanak` and till `till-1`.
    pub async fn with_places(self) -> Self {
        let operator = self.operator();
        operator
            .put("/v1/regions/tehran", json!({"names": {"fa": "تهران", "en": "Tehran"}}))
            .await
            .expect(201);
        let branch = json!({"region": "tehran", "names": {"fa": "ونک"}, "time_zone": "Asia/Tehran"});
        operator.put("/v1/branches/tehran-vanak", branch).await.expect(201);
        operator.put_nothing("/v1/branches/tehran-vanak/tills/till-1").await.expect(201);
        self
    }

    /// Every fact told so far, in the order of the outbox.
    pub async fn facts(&self) -> Vec<Fact> {
        let rows = outbox::page(&self.database, 0, 10_000).await.expect("the outbox is readable");
        let decoded = rows.iter().flat_map(|row| parcel::decode(&row.parcel.payload).expect("a parcel"));
        decoded.map(|fact| fact.expect("a good fact")).collect()
    }

    /// The last words of the facts' types with their numbers: `member_joined 1`.
    pub async fn told(&self) -> Vec<String> {
        let name = |fact: &Fact| fact.kind.rsplit('.').nth(1).unwrap_or_default().to_owned();
        self.facts().await.iter().map(|fact| format!("{} {}", name(fact), fact.seq)).collect()
    }
}

impl Sender<'_> {
    pub fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// With an `Idempotency-Key`.
    pub fn keyed(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.parse().expect("an address"));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body.to_string())).await
    }

    pub async fn put_nothing(&self, path: &str) -> Answer {
        self.send("PUT", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body.to_string())).await
    }

    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send("POST", path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("accept-language", self.language);
        if self.caller != Caller::Anonymous {
            let signed = self.club.caller_key.sign(&self.caller, "membership", Duration::from_mins(1));
            request = request.header(CALLER_HEADER, signed);
        }
        if let Some(address) = self.address {
            let signed = self.club.caller_key.sign_origin(address, "membership", Duration::from_mins(1));
            request = request.header(ORIGIN_HEADER, signed);
        }
        if let Some(reason) = self.reason {
            request = request.header("look-reason", reason);
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        let response = self.club.router.clone().oneshot(request).await.expect("a router always answers");
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.expect("a body").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default(), text, bytes }
    }
}
