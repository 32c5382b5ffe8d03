//! Tills that sell without a pause, each with a diary, until they are told to go home.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use journeys::Till;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vafa::client::{Answer, Call, Client, ClientError, Refusal};

use crate::{
    diary::{Diary, Told},
    rig::Rig,
};

/// What a till does when no good answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Sends the same again: same key, same receipt. As tills must.
    Careful,
    /// Planted bug: makes a new key and a new receipt, as if it had not sent anything.
    Forgetful,
    /// Planted bug: takes silence for a yes, as a service would that answers before it commits.
    Trusting,
}

/// Tills of one branch and the customers who come by.
pub struct Street {
    pub tills: Vec<Till>,
    pub customers: Vec<String>,
    pub diaries: Vec<Diary>,
}

impl Street {
    /// So many tills and customers, all known to membership.
    pub async fn open(rig: &Rig, tills: usize, customers: usize) -> Self {
        let operator = rig.operator();
        let branch = operator.open_branch().await;
        let mut street = Self { tills: Vec::new(), customers: Vec::new(), diaries: Vec::new() };
        for n in 0..tills {
            street.tills.push(operator.enrol_till(&branch).await);
            street.diaries.push(Diary::open(&rig.folder().join(format!("till-{n}.diary"))));
        }
        for _ in 0..customers {
            street.customers.push(street.tills[0].welcome().await.0);
        }
        street
    }
}

/// Counts of a load while it goes on.
#[derive(Default)]
pub struct Counts {
    pub taken: AtomicUsize,
    pub broken: AtomicUsize,
    stop: AtomicBool,
}

impl Counts {
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Tills at work.
pub struct Load {
    pub counts: Arc<Counts>,
    tills: JoinSet<(Till, Diary)>,
    customers: Vec<String>,
}

/// How long nothing may come about.
pub const PATIENCE: Duration = Duration::from_mins(2);

impl Load {
    /// Every till of the street begins to sell.
    pub fn begin(rig: &Rig, street: Street, habit: Habit) -> Self {
        let counts = Arc::<Counts>::default();
        let mut tills = JoinSet::new();
        let customers = Arc::new(street.customers.clone());
        for (till, diary) in street.tills.into_iter().zip(street.diaries) {
            let client =
                Client::patient(&rig.base(), Duration::from_secs(10), Duration::ZERO).expect("an address");
            let (counts, customers) = (Arc::clone(&counts), Arc::clone(&customers));
            let mut seller = Seller { till, diary, client, habit, counts, customers };
            tills.spawn(async move {
                while !seller.counts.stop.load(Ordering::Relaxed) {
                    seller.sell().await;
                }
                (seller.till, seller.diary)
            });
        }
        Self { counts, tills, customers: street.customers }
    }

    /// Waits until so many purchases more are taken, as long as some are.
    pub async fn until_more(&mut self, more: usize) {
        let (mut before, mut sold_at) = (self.counts.taken(), Instant::now());
        let wanted = before + more;
        while before < wanted {
            if let Some(ended) = self.tills.try_join_next() {
                ended.expect("a till failed");
            }
            assert!(sold_at.elapsed() < PATIENCE, "tills sell nothing any more");
            tokio::time::sleep(Duration::from_millis(5)).await;
            if self.counts.taken() > before {
                (before, sold_at) = (self.counts.taken(), Instant::now());
            }
        }
    }

    /// Lets every till finish the purchase in hand and go home.
    pub async fn finish(mut self) -> Street {
        self.counts.stop.store(true, Ordering::Relaxed);
        let mut street = Street { tills: Vec::new(), customers: self.customers, diaries: Vec::new() };
        while let Some(ended) = self.tills.join_next().await {
            let (till, diary) = ended.expect("a till failed");
            street.tills.push(till);
            street.diaries.push(diary);
        }
        street
    }
}

struct Seller {
    till: Till,
    diary: Diary,
    client: Client,
    habit: Habit,
    counts: Arc<Counts>,
    customers: Arc<Vec<String>>,
}

/// A purchase as a till sends it.
pub fn goods(phone: &str, receipt: &str, amount: u64) -> Value {
    json!({
        "member": {"phone": phone}, "receipt": receipt, "occurred_at": journeys::now(),
        "currency": "IRR", "amount": amount,
    })
}

/// The call that records a purchase, sent once.
pub fn purchase_call(till: &Till, key: &str, goods: &Value) -> Call {
    Call::post("/v1/purchases").bearer(&till.key).idempotency_key(key).once().json(goods)
}

/// Sends a call again and again, the same, until its outcome is clear; counts the attempts that were not.
pub async fn until_clear(client: &Client, call: &Call, broken: &AtomicUsize) -> Answer {
    let begun = Instant::now();
    loop {
        match client.send(call).await {
            Ok(answer) if !is_unclear(&Ok(answer.clone())) => return answer,
            _ => broken.fetch_add(1, Ordering::Relaxed),
        };
        assert!(begun.elapsed() < PATIENCE, "no clear answer for too long");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether nobody can say from this what became of the purchase, or it may be sent again.
fn is_unclear(outcome: &Result<Answer, ClientError>) -> bool {
    outcome.as_ref().map_or(true, |answer| match answer.status.as_u16() {
        409 => Refusal::of(answer).code == "points.still_running",
        status => (502..=504).contains(&status),
    })
}

impl Seller {
    /// Sells one basket, however many attempts it takes.
    async fn sell(&mut self) {
        let name = journeys::fresh("p");
        let number: u64 = name.trim_start_matches("p-").parse().expect("a fresh word ends in a number");
        let customer = &self.customers[usize::try_from(number).expect("small") % self.customers.len()];
        let (mut key, mut body) = (format!("key-{name}"), goods(customer, &name, (number % 97 + 1) * 1_000));
        let begun = Instant::now();
        for attempt in 1.. {
            let receipt = body["receipt"].as_str().unwrap_or_default().to_owned();
            self.diary.sends(number, &self.till.code, &receipt);
            let outcome = self.client.send(&purchase_call(&self.till, &key, &body)).await;
            if !is_unclear(&outcome) {
                let answer = outcome.expect("an outcome that is clear is an answer");
                let told = answer.json::<Value>().ok().as_ref().and_then(Told::of);
                let told = told.unwrap_or_else(|| panic!("{}: {:?}", answer.status, answer.body));
                self.diary.taken(number, Some(&told));
                break;
            }
            self.counts.broken.fetch_add(1, Ordering::Relaxed);
            match self.habit {
                Habit::Careful => {}
                Habit::Forgetful => {
                    key = format!("key-{name}-{attempt}");
                    body["receipt"] = format!("{name}-{attempt}").into();
                }
                Habit::Trusting => {
                    self.diary.taken(number, None);
                    break;
                }
            }
            assert!(begun.elapsed() < PATIENCE, "a purchase was not taken for too long");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.counts.taken.fetch_add(1, Ordering::Relaxed);
    }
}
