//! The harness: a service of its own for each test, without its jobs, and callers who speak to it.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use bus::Reaction;
use contracts::{Fact, FactData, FactHead};
use http_body_util::BodyExt as _;
use kernel::{Clock, FactId, Ids, KeyId, PartnerCode, Scope, Timestamp};
use runtime::{
    BlindKeys, CHAIN_SETTINGS, Chain, Context, ManualClock, Peers, SECRET_SETTINGS, Secrets, Service as _,
    SystemIds, Tasks,
};
use serde_json::{Value, json};
use store::{Database, DatabaseSettings};
use tempfile::TempDir;
use testkit::servers::Postgres;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use web::{CALLER_HEADER, Caller, CallerKey};
use webhooks::{
    Webhooks,
    adapters::lookup::Lookup,
    commands::{
        Desk,
        serve::{Served, serve, take_turns},
    },
};

use crate::receiver::Receiver;

/// When the tests play.
pub const START: &str = "2026-11-21T08:00:00Z";
pub const EARNED: &str = "vafa.points.points_earned.v1";
pub const JOINED: &str = "vafa.membership.member_joined.v1";

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
    /// Where `hooks.example` leads.
    pub leads_to: Arc<Mutex<Vec<IpAddr>>>,
    url: String,
    settings: Vec<(String, String)>,
    master_keys: Vec<(u8, [u8; 32])>,
    reactions: Vec<Arc<dyn Reaction>>,
    caller_key: CallerKey,
    router: Router,
    folder: TempDir,
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
}

impl House {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/webhooks.db", folder.path().display());
        Self::start(folder, url).await
    }

    pub async fn on_postgres() -> Self {
        let url = Postgres::shared().fresh_database("webhooks").expect("a database");
        Self::start(tempfile::tempdir().expect("a folder"), url).await
    }

    async fn start(folder: TempDir, url: String) -> Self {
        let settings = [("PLAIN_HTTP", "true"), ("PRIVATE_NETWORKS", "127.0.0.0/8"), ("TIMEOUT_MS", "1000")];
        let named = settings.map(|(name, value)| (format!("VAFA_WEBHOOKS__{name}"), value.to_owned()));
        Self::around(folder, url, named.to_vec(), vec![(1, [11; 32])]).await
    }

    async fn around(
        folder: TempDir,
        url: String,
        settings: Vec<(String, String)>,
        master_keys: Vec<(u8, [u8; 32])>,
    ) -> Self {
        let database = store::connect(&DatabaseSettings::at(url.clone())).await.expect("the database opens");
        store::migrate(&database, Webhooks.migrations()).await.expect("the tables are made");
        let clock = Arc::new(ManualClock::at(Timestamp::parse(START).expect("a time")));
        let tables = [CHAIN_SETTINGS, SECRET_SETTINGS, Webhooks.settings()];
        let values =
            runtime::settings::load(&tables, None, settings.clone().into_iter()).expect("good settings");
        let secrets = Arc::new(Secrets {
            blind_keys: BlindKeys::one(&[7; 32]),
            service_keys: vec![(1, [8; 32])],
            master_keys: master_keys.clone(),
            operator_key: "vo_test-operator-of-the-tests".to_owned(),
        });
        let caller_key = CallerKey::ring(&secrets.service_keys, clock.clone()).expect("a key");
        let chain = Arc::new(Chain::from_settings(&values).expect("a chain"));
        let (time, ids) =
            (clock.clone() as Arc<dyn Clock>, Arc::new(SystemIds::by(clock.clone())) as Arc<dyn Ids>);
        let reactions = webhooks::reactions(&values, &time, &ids).expect("good settings");
        let context = Context {
            clock: time,
            ids,
            chain,
            values: Arc::new(values),
            secrets,
            caller_key: caller_key.clone(),
            database: database.clone(),
            peers: Peers::default(),
            relay: bus::Waker::default(),
            tasks: Tasks::new(),
        };
        let leads_to = Arc::new(Mutex::new(vec![IpAddr::from([127, 0, 0, 1])]));
        let desk = Webhooks::desk(&context, table(&leads_to)).expect("a desk");
        let router = webhooks::http::router(desk.clone(), caller_key.clone());
        Self {
            database,
            desk,
            clock,
            leads_to,
            url,
            settings,
            master_keys,
            reactions,
            caller_key,
            router,
            folder,
        }
    }

    /// The same database under a service with these settings of section `webhooks` besides.
    pub async fn with(self, settings: &[(&str, &str)]) -> Self {
        let mut all = self.settings;
        for (name, value) in settings {
            all.push((format!("VAFA_WEBHOOKS__{}", name.to_uppercase()), (*value).to_owned()));
        }
        Self::around(self.folder, self.url, all, self.master_keys).await
    }

    /// The same database under a service with other master keys.
    pub async fn with_keys(self, master_keys: Vec<(u8, [u8; 32])>) -> Self {
        Self::around(self.folder, self.url, self.settings, master_keys).await
    }

    /// Another process on the same database.
    pub async fn twin(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::around(folder, self.url.clone(), self.settings.clone(), self.master_keys.clone()).await
    }

    /// Lets so many seconds pass.
    pub fn wait_s(&self, seconds: i64) {
        self.clock.advance_millis(seconds * 1_000);
    }

    pub fn operator(&self) -> Sender<'_> {
        self.calling(Caller::Operator)
    }

    pub fn calling(&self, caller: Caller) -> Sender<'_> {
        Sender { house: self, caller, language: "en" }
    }

    /// A partner whose key has these scopes besides that for webhooks.
    pub fn partner(&self, code: &str, scopes: &[Scope]) -> Sender<'_> {
        let scopes = [scopes, &[Scope::WebhooksManage]].concat();
        self.calling(Caller::Partner {
            partner: PartnerCode::parse(code).expect("a code"),
            key_id: KeyId::from_uuid(SystemIds::default().uuid()),
            scopes: Arc::from(scopes),
        })
    }

    /// A webhook of the chain for purchases; its id and its secret.
    pub async fn subscribed(&self, receiver: &Receiver) -> (String, String) {
        let body = json!({"url": receiver.url(), "kinds": [EARNED, JOINED]});
        let made = self.operator().post("/v1/webhooks", body).await.expect(201);
        (text(&made["webhook"], "webhook_id"), text(&made, "secret"))
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

    /// So many purchases.
    pub async fn purchases(&self, count: usize) -> Vec<Fact> {
        let sample = contracts::points::PointsEarned::sample();
        let facts: Vec<Fact> = (0..count).map(|_| self.fact(contracts::points::SOURCE, &sample)).collect();
        self.hear(&facts).await;
        facts
    }

    /// Sends what is due now.
    pub async fn send(&self) -> Served {
        let mut all = Served::default();
        loop {
            let turns = take_turns(&self.desk, 100).await.expect("turns");
            if turns.is_empty() {
                return all;
            }
            for turn in turns {
                let served = serve(&self.desk, turn, &CancellationToken::new()).await.expect("served");
                all.taken += served.taken;
                all.failed += served.failed;
                all.dead += served.dead;
            }
        }
    }

    /// The messages to a webhook, newest first.
    pub async fn messages(&self, webhook: &str) -> Vec<Value> {
        let page =
            self.operator().get(&format!("/v1/webhooks/{webhook}/deliveries?limit=500")).await.expect(200);
        page["deliveries"].as_array().expect("a list").clone()
    }

    pub async fn webhook(&self, id: &str) -> Value {
        self.operator().get(&format!("/v1/webhooks/{id}")).await.expect(200)
    }

    /// How many differences the audit finds.
    pub async fn differences(&self) -> Vec<String> {
        let rows = Webhooks.audit(&self.database).await.expect("the audit runs");
        rows.into_iter().filter(|row| !row.holds()).map(|row| row.promise).collect()
    }
}

fn table(leads_to: &Arc<Mutex<Vec<IpAddr>>>) -> Lookup {
    let leads_to = Arc::clone(leads_to);
    Arc::new(move |host| {
        let found =
            if host == "hooks.example" { leads_to.lock().expect("no panic").clone() } else { Vec::new() };
        Box::pin(async move { Ok(found) })
    })
}

impl Sender<'_> {
    pub fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body.to_string())).await
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
            let signed = self.house.caller_key.sign(&self.caller, webhooks::NAME, Duration::from_mins(1));
            request = request.header(CALLER_HEADER, signed);
        }
        let request = match body {
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
