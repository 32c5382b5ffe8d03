//! Promise 5: the same key has the same answer and one effect; nobody gets what another one was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use futures_util::{StreamExt as _, future::join_all, stream};
use journeys::{Till, fresh};
use serde_json::{Value, json};
use vafa::client::Answer;

use crate::{
    load::{Street, goods, purchase_call},
    plan::Plan,
    rig::{Rig, long, say},
};

/// What became of one key.
#[derive(Default)]
pub struct Outcome {
    /// Effects in the ledger of what was sent with it.
    pub effects: usize,
    /// Parallel sends that were answered 201, and with how many different texts altogether.
    created: usize,
    texts: usize,
    /// Refusals of other payloads that were not what is documented.
    undocumented: Vec<String>,
    /// Answers to another caller that held something of ours.
    leaks: usize,
}

impl Outcome {
    /// Of the parallel sends alone.
    pub fn of_sends(answers: &[Answer]) -> Self {
        Self {
            created: answers.iter().filter(|answer| answer.status == 201).count(),
            texts: answers.iter().map(|answer| &answer.body).collect::<BTreeSet<_>>().len(),
            ..Self::default()
        }
    }

    /// Notes a refusal that is not this one.
    pub fn must_be(&mut self, answer: &Answer, status: u16, code: &str) {
        let said = answer.json::<Value>().unwrap_or_default()["code"].as_str().unwrap_or_default().to_owned();
        if (answer.status.as_u16(), said.as_str()) != (status, code) {
            self.undocumented.push(format!("{} {said}, not {status} {code}", answer.status));
        }
    }

    /// Notes answers to others that hold what was answered to us alone.
    pub fn must_not_hold<'a>(&mut self, secret: &str, answers: impl IntoIterator<Item = &'a Answer>) {
        let holds = |answer: &&Answer| String::from_utf8_lossy(&answer.body).contains(secret);
        self.leaks += answers.into_iter().filter(holds).count();
    }
}

/// What became of many keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub keys: usize,
    pub most_effects: usize,
    pub fewest_effects: usize,
    pub not_one_answer: usize,
    pub undocumented: Vec<String>,
    pub leaks: usize,
}

impl Summary {
    pub fn of(outcomes: &[Outcome]) -> Self {
        Self {
            keys: outcomes.len(),
            most_effects: outcomes.iter().map(|o| o.effects).max().unwrap_or_default(),
            fewest_effects: outcomes.iter().map(|o| o.effects).min().unwrap_or_default(),
            not_one_answer: outcomes.iter().filter(|o| (o.created, o.texts) != (1, 1)).count(),
            undocumented: outcomes.iter().flat_map(|o| o.undocumented.clone()).take(5).collect(),
            leaks: outcomes.iter().map(|o| o.leaks).sum(),
        }
    }

    pub fn is_clean(&self) -> bool {
        (self.most_effects, self.fewest_effects, self.not_one_answer, self.leaks) == (1, 1, 0, 0)
            && self.undocumented.is_empty()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} keys: effects a key {} to {}, keys without one single answer {}, leaks {}, undocumented {:?}",
            self.keys,
            self.fewest_effects,
            self.most_effects,
            self.not_one_answer,
            self.leaks,
            self.undocumented
        )
    }
}

/// How the keys are sent; all but [`Way::Right`] are planted bugs that the summary must show.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Right,
    /// Every send has a key and a receipt of its own.
    NewNames,
    /// The other caller is ourselves.
    SameCaller,
}

/// The same request, so often at once.
pub const SENDS: usize = 5;

async fn send(rig: &Rig, till: &Till, key: &str, body: &Value) -> Answer {
    rig.client().send(&purchase_call(till, key, body)).await.expect("an answer")
}

/// One key: five sends at once, then other payloads, then another caller.
async fn try_key(rig: &Rig, street: &Street, way: Way, number: usize) -> Outcome {
    let ours = &street.tills[0];
    let theirs = if way == Way::SameCaller { ours } else { &street.tills[1] };
    let (key, customer) = (fresh("key"), &street.customers[number % street.customers.len()]);
    let body = goods(customer, &fresh("R"), 7_000);
    let sends = (0..SENDS).map(|_| {
        let (mut key, mut body) = (key.clone(), body.clone());
        if way == Way::NewNames {
            (key, body["receipt"]) =
                (fresh("key"), fresh(body["receipt"].as_str().unwrap_or_default()).into());
        }
        async move { send(rig, ours, &key, &body).await }
    });
    let answers = join_all(sends).await;
    let mut outcome = Outcome::of_sends(&answers);
    let mut other = body.clone();
    other["amount"] = 8_000.into();
    let mut elsewhere = body.clone();
    elsewhere["receipt"] = fresh("R").into();
    let refused = [
        (send(rig, ours, &key, &other).await, 422, "points.idempotency_key_reused"),
        (send(rig, ours, &key, &elsewhere).await, 422, "points.idempotency_key_reused"),
        (send(rig, ours, &fresh("key"), &other).await, 409, "points.receipt_taken"),
    ];
    for (answer, status, code) in &refused {
        outcome.must_be(answer, *status, code);
    }
    let told = answers[0].json::<Value>().unwrap_or_default();
    let secret = told["purchase_id"].as_str().unwrap_or("no purchase").to_owned();
    let mut forged = theirs.clone();
    forged.key = format!("vt_{}", "0".repeat(43));
    let others = [send(rig, theirs, &key, &body).await, send(rig, &forged, &key, &body).await];
    outcome.must_not_hold(&secret, others.iter().chain(refused.iter().map(|(answer, ..)| answer)));
    outcome
}

async fn try_keys(rig: &Rig, street: &Street, way: Way, keys: usize) -> Summary {
    let tries = stream::iter(0..keys).map(|number| try_key(rig, street, way, number));
    let mut outcomes: Vec<Outcome> = tries.buffered(8).collect().await;
    // Effects by the first word of the receipt: planted sends add to it.
    let sql = format!("SELECT receipt FROM journals WHERE kind = 1 AND till = '{}'", street.tills[0].code);
    let mut effects: BTreeMap<String, usize> = BTreeMap::new();
    for receipt in rig.rows("points", &sql).await {
        let words: Vec<&str> = receipt.splitn(3, '-').collect();
        *effects.entry(words[..2].join("-")).or_default() += 1;
    }
    let counted: Vec<usize> = effects.into_values().collect();
    assert_eq!(counted.len(), outcomes.len(), "every key has an effect, and nothing else has");
    for (outcome, effects) in outcomes.iter_mut().zip(counted) {
        outcome.effects = effects;
    }
    Summary::of(&outcomes)
}

fn summary_of(way: Way, keys: usize) -> Summary {
    journeys::block_on(async {
        let rig = Rig::planned(Plan::twins(&json!({}))).await;
        let street = Street::open(&rig, 2, 10).await;
        let summary = try_keys(&rig, &street, way, keys).await;
        rig.is_whole().await;
        summary
    })
}

#[test]
fn the_same_key_has_the_same_answer_and_one_effect() {
    // 1,000 keys are promised.
    let summary = summary_of(Way::Right, if long() { 1_000 } else { 100 });
    say(&format!("row 5: {SENDS} sends at once, three other payloads and two other callers each; {summary}"));
    assert!(summary.is_clean(), "{summary}");
}

#[test]
fn effects_that_are_doubled_and_answers_that_leak_are_found() {
    let doubled = summary_of(Way::NewNames, 5);
    say(&format!("row 5, planted (a new name for each send): {doubled}"));
    assert!(doubled.most_effects >= SENDS && !doubled.is_clean(), "{doubled}");
    let leaked = summary_of(Way::SameCaller, 5);
    say(&format!("row 5, planted (the other caller is the same): {leaked}"));
    assert!(leaked.leaks == 5 && !leaked.is_clean(), "{leaked}");
}
