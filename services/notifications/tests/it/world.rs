//! The world around the service: a membership that answers as it is told, and providers that do as they are told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing};
use kernel::{MemberId, Timestamp};
use notifications::{
    adapters::{
        Carrier, Carriers, Pick, Provider,
        told::{Told, ToldFlaw},
    },
    domain::{
        channel::Channel,
        sending::{Handed, Notice, Outgoing, Receipt},
        trigger::Lane,
    },
};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

/// What membership says of members; away where it says nothing.
#[derive(Clone, Default)]
pub struct Club(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    contacts: BTreeMap<String, Value>,
    bought: Value,
    joining: Value,
    joins: Vec<Value>,
    segments: BTreeMap<String, BTreeSet<MemberId>>,
    away: bool,
    speechless: bool,
}

impl Club {
    /// A member who reads this language and has this phone.
    pub fn has(&self, member: MemberId, language: &str, phone: &str) {
        self.says(member, json!({"language": language, "name": "Zahra", "phone": phone, "consents": []}));
    }

    /// A member of whom this is said.
    pub fn says(&self, member: MemberId, mut contact: Value) {
        contact["member_id"] = json!(member);
        contact["status"] = json!("active");
        self.0.lock().expect("no panic").contacts.insert(member.to_string(), contact);
    }

    /// A segment with these members, as points knows it.
    pub fn segment(&self, code: &str, members: impl IntoIterator<Item = MemberId>) {
        self.0.lock().expect("no panic").segments.insert(code.to_owned(), members.into_iter().collect());
    }

    /// Whether it answers.
    pub fn away(&self, away: bool) {
        self.0.lock().expect("no panic").away = away;
    }

    /// What points says that everybody has and bought last.
    pub fn bought(&self, purchases: Value) {
        self.0.lock().expect("no panic").bought = purchases;
    }

    /// What becomes of a stranger's first name.
    pub fn joining(&self, became: Value) {
        self.0.lock().expect("no panic").joining = became;
    }

    /// Texts by which strangers wanted to join.
    pub fn joins(&self) -> Vec<Value> {
        self.0.lock().expect("no panic").joins.clone()
    }

    /// Whether membership alone does not answer.
    pub fn speechless(&self, speechless: bool) {
        self.0.lock().expect("no panic").speechless = speechless;
    }

    pub fn router(&self) -> Router {
        let router = Router::new().route("/internal/v1/contacts", routing::post(answer));
        let router = router.route("/internal/v1/senders", routing::post(sender));
        let path = "/internal/v1/members/{member_id}/last-purchases";
        let router = router.route(path, routing::get(bought));
        let router = router.route("/internal/v1/segment-members", routing::post(audience));
        router.route("/internal/v1/names", routing::post(names)).with_state(self.clone())
    }
}

async fn answer(State(club): State<Club>, Json(question): Json<Value>) -> axum::response::Response {
    let state = club.0.lock().expect("no panic");
    if state.away || state.speechless {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let asked = question["members"].as_array().expect("a list").iter();
    let found: Vec<&Value> = asked.filter_map(|id| state.contacts.get(id.as_str().expect("an id"))).collect();
    Json(json!({ "contacts": found })).into_response()
}

async fn bought(State(club): State<Club>) -> Json<Value> {
    Json(club.0.lock().expect("no panic").bought.clone())
}

async fn sender(State(club): State<Club>, Json(question): Json<Value>) -> axum::response::Response {
    let mut state = club.0.lock().expect("no panic");
    if state.away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let phone = question["phone"].as_str().expect("a phone").to_owned();
    if !phone.starts_with('+') {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"code": "membership.phone_invalid"})))
            .into_response();
    }
    if let Some(known) = state.contacts.values().find(|contact| contact["phone"] == phone.as_str()) {
        let member = json!({"phone": phone, "member_id": known["member_id"], "language": known["language"]});
        return Json(member).into_response();
    }
    let mut stranger = json!({"phone": phone, "language": "fa"});
    if !question["joins_by"].is_null() {
        state.joins.push(question["joins_by"].clone());
        let became = state.joining.as_object().cloned().unwrap_or_default();
        stranger.as_object_mut().expect("an object").extend(became);
    }
    Json(stranger).into_response()
}

/// Members of a segment; everybody is who is reached by something.
async fn audience(State(club): State<Club>, Json(question): Json<Value>) -> axum::response::Response {
    let state = club.0.lock().expect("no panic");
    if state.away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let everybody = || state.contacts.keys().map(|id| id.parse().expect("an id")).collect();
    let members: Option<BTreeSet<MemberId>> = match question["segment"].as_str() {
        Some(code) => state.segments.get(code).cloned(),
        None => Some(everybody()),
    };
    let Some(members) = members else {
        return (StatusCode::NOT_FOUND, Json(json!({"code": "points.segment_unknown"}))).into_response();
    };
    let after = question["after"].as_str().map(|id| id.parse::<MemberId>().expect("an id"));
    let limit = usize::try_from(question["limit"].as_u64().expect("a limit")).expect("a page");
    let page = members.iter().filter(|id| after.is_none_or(|after| **id > after)).take(limit);
    let page: Vec<&MemberId> = page.collect();
    Json(json!({"members": page, "count": members.len()})).into_response()
}

/// Everything that is asked for has a name in English.
async fn names(Json(question): Json<Value>) -> Json<Value> {
    let codes = question["codes"].as_array().expect("a list").iter();
    let names = codes.map(|code| {
        let code = code.as_str().expect("a code");
        (code.to_owned(), json!({"en": format!("the {code} {}", question["kind"].as_str().expect("a kind"))}))
    });
    Json(json!({ "names": names.collect::<serde_json::Map<_, _>>() }))
}

/// What a provider does with the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    Takes,
    Fails,
    /// It takes the message, and nobody hears of it.
    Swallows,
    RefusesAddress,
    /// It takes the message, and never says so.
    TakesAndHangs,
}

/// A provider as a test wants it.
pub struct Fake {
    does: Mutex<Does>,
    knows: bool,
    got: Mutex<Vec<Outgoing>>,
    /// How many messages it was asked about at a time, and which arrived; it is asked where some did.
    pub asked: Mutex<(Vec<usize>, Vec<String>)>,
    /// Who waits in a call until the test lets it go on.
    held: watch::Sender<Option<Uuid>>,
}

/// A call that a test holds.
pub struct Gate(watch::Receiver<Option<Uuid>>);

impl Gate {
    /// Waits until the next message has come; its id.
    pub async fn reached(mut self) -> Uuid {
        let held = self.0.wait_for(|held| held.is_some_and(|id| !id.is_nil())).await.expect("a provider");
        held.expect("a message")
    }
}

impl Fake {
    pub fn does(&self, what: Does) {
        *self.does.lock().expect("no panic") = what;
    }

    /// The next call waits after it came, until it goes on.
    pub fn holds(&self) -> Gate {
        self.held.send_replace(Some(Uuid::nil()));
        Gate(self.held.subscribe())
    }

    /// Whatever waits goes on.
    pub fn goes_on(&self) {
        self.held.send_replace(None);
    }

    /// What came, in order.
    pub fn texts(&self) -> Vec<String> {
        self.got.lock().expect("no panic").iter().map(|one| one.text.expose().clone()).collect()
    }

    /// The ids under which messages came.
    pub fn ids(&self) -> Vec<Uuid> {
        self.got.lock().expect("no panic").iter().map(|one| one.id).collect()
    }
}

#[async_trait]
impl Provider for Fake {
    async fn hand(&self, message: &Outgoing) -> Handed {
        let does = *self.does.lock().expect("no panic");
        if matches!(does, Does::Takes | Does::Swallows | Does::TakesAndHangs) {
            self.got.lock().expect("no panic").push(message.clone());
        }
        if self.held.borrow().is_some() {
            self.held.send_replace(Some(message.id));
            self.held.subscribe().wait_for(Option::is_none).await.expect("a test");
        }
        match does {
            Does::Takes => Handed::Taken { reference: Some(message.id.to_string()), cost: None },
            Does::Fails => Handed::Failed { why: "busy".to_owned(), wait_s: None },
            Does::Swallows => Handed::Uncertain { why: "timed_out".to_owned() },
            Does::TakesAndHangs => std::future::pending().await,
            Does::RefusesAddress => Handed::Refused(notifications::domain::sending::Refused::Address),
        }
    }

    fn knows_repetitions(&self) -> bool {
        self.knows
    }

    async fn status(&self, _: Uuid, _: Option<&str>) -> anyhow::Result<Option<Receipt>> {
        Ok(None)
    }

    fn is_asked(&self) -> bool {
        !self.asked.lock().expect("no panic").1.is_empty()
    }

    async fn ask_about(&self, references: &[String]) -> anyhow::Result<Vec<Notice>> {
        let mut book = self.asked.lock().expect("no panic");
        book.0.push(references.len());
        let there = references.iter().filter(|reference| book.1.contains(reference));
        let notice = |reference: &String| Notice {
            attempt: None,
            reference: Some(reference.clone()),
            receipt: Receipt::Delivered,
        };
        Ok(there.map(notice).collect())
    }

    /// `reference` and `status` in words, behind `?key=right`.
    fn receipts(&self, told: &Told) -> Result<Vec<Notice>, ToldFlaw> {
        if told.asked("key") != Some("right") {
            return Err(ToldFlaw::Forged);
        }
        let reference = told.field("reference").ok_or(ToldFlaw::Unreadable)?;
        let receipt = match told.field("status").as_deref() {
            Some("underway") => Receipt::Underway,
            Some("delivered") => Receipt::Delivered,
            Some("read") => Receipt::Read,
            Some("failed") => Receipt::Failed,
            _ => return Err(ToldFlaw::Unreadable),
        };
        Ok(vec![Notice { attempt: None, reference: Some(reference), receipt }])
    }
}

/// The providers, in the order in which they are tried.
#[derive(Default)]
pub struct Fleet(Mutex<Vec<(Carrier, Arc<Fake>)>>);

impl Fleet {
    /// One more provider, behind the others.
    pub fn add(&self, name: &str, channel: Channel, knows: bool) -> Arc<Fake> {
        let fake = Arc::new(Fake {
            does: Mutex::new(Does::Takes),
            knows,
            got: Mutex::default(),
            asked: Mutex::default(),
            held: watch::Sender::default(),
        });
        let carrier = Carrier { name: name.to_owned(), channel, price: 1_500, provider: fake.clone() };
        self.0.lock().expect("no panic").push((carrier, fake.clone()));
        fake
    }
}

impl Carriers for Fleet {
    fn serve(&self, channel: Channel) -> bool {
        self.0.lock().expect("no panic").iter().any(|(one, _)| one.channel == channel)
    }

    fn pick(&self, channel: Channel, _: Lane, tried: &[String], _: Timestamp) -> Pick {
        let all = self.0.lock().expect("no panic");
        let left = all.iter().find(|(one, _)| one.channel == channel && !tried.contains(&one.name));
        left.map_or(Pick::Nobody, |(one, _)| Pick::Now(one.clone()))
    }

    fn named(&self, name: &str) -> Option<Carrier> {
        self.0.lock().expect("no panic").iter().find(|(one, _)| one.name == name).map(|(one, _)| one.clone())
    }

    fn note(&self, _: &str, _: &Handed, _: Timestamp) {}

    fn all(&self) -> Vec<Carrier> {
        self.0.lock().expect("no panic").iter().map(|(one, _)| one.clone()).collect()
    }
}
