//! Promise 24, where it is about points: what is limited stays limited, however many claim it at two replicas that are killed.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use journeys::Till;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};
use vafa::client::Client;

use crate::{
    load::{Street, goods, purchase_call, until_clear},
    plan::{Plan, TWIN},
    rig::{Dice, Rig, long, say},
};

/// Each member claims this often, and may get one.
const CLAIMS: usize = 2;
/// Claims under way at a time.
const AT_ONCE: usize = 64;

/// What was issued of something limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Issued {
    limit: i64,
    claims: usize,
    /// What the ledger gave, and what the claimants were told.
    given: i64,
    told: i64,
    /// Members who got more than one.
    greedy: i64,
}

impl Issued {
    fn is_clean(&self) -> bool {
        (self.given, self.told, self.greedy) == (self.limit, self.limit, 0)
    }
}

impl fmt::Display for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, claims, given, told, greedy } = self;
        write!(
            f,
            "{claims} claims of {limit}: {given} given, {told} told, members with more than one {greedy}"
        )
    }
}

/// A gift of one point for each purchase: so many altogether and one a member. `memory` names what the limits remember by.
fn programme(units: i64, memory: &str) -> Value {
    let name = json!({"fa": "هدیه", "ar": "هدية", "en": "Gift"});
    let gift = json!({"code": "gift", "name": name, "give": {"fixed": {"points": 1}}});
    let mut document = journeys::programme(&[gift]);
    let limit = |code: &str, points: i64| json!({"code": format!("{code}-{memory}"), "points": points, "every": "ever", "rules": ["gift"]});
    document["budgets"] = json!([limit("all", units)]);
    document["caps"] = json!([limit("each", 1)]);
    document["caps"][0]["per"] = json!("member");
    document
}

/// Claims under way, and what they were told.
struct Rush {
    claims: JoinSet<()>,
    done: Arc<AtomicUsize>,
    told: Arc<AtomicI64>,
    broken: Arc<AtomicUsize>,
}

impl Rush {
    /// Every customer claims so often, in no order.
    fn of(rig: &Rig, street: &Street, each: usize, dice: &mut Dice) -> Self {
        let mut rush = Self {
            claims: JoinSet::new(),
            done: Arc::default(),
            told: Arc::default(),
            broken: Arc::default(),
        };
        let client =
            Client::patient(&rig.base(), Duration::from_secs(10), Duration::ZERO).expect("an address");
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut customers: Vec<&String> = (0..each).flat_map(|_| &street.customers).collect();
        for place in (1..customers.len()).rev() {
            let other = usize::try_from(dice.next(place as u64 + 1)).expect("small");
            customers.swap(place, other);
        }
        for (n, customer) in customers.into_iter().enumerate() {
            let till: Till = street.tills[n % street.tills.len()].clone();
            let (client, turns, customer) = (client.clone(), Arc::clone(&turns), customer.clone());
            let (done, told, broken) =
                (Arc::clone(&rush.done), Arc::clone(&rush.told), Arc::clone(&rush.broken));
            rush.claims.spawn(async move {
                let _turn = turns.acquire().await.expect("the turns stay open");
                let receipt = journeys::fresh("claim");
                // Too little for any point but the gift.
                let call = purchase_call(&till, &receipt, &goods(&customer, &receipt, 500));
                let answer = until_clear(&client, &call, &broken).await;
                let body = answer.json::<Value>().expect("answers are JSON");
                let points = body["points"].as_i64().unwrap_or_else(|| panic!("{}: {body}", answer.status));
                told.fetch_add(points, Ordering::Relaxed);
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        rush
    }

    async fn until(&self, done: usize) {
        while self.done.load(Ordering::Relaxed) < done {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// What was given in the end.
async fn issued(rig: &Rig, limit: i64, claims: usize, told: i64) -> Issued {
    let given = "SELECT COALESCE(SUM(points), 0)::bigint FROM journals WHERE kind = 1";
    let greedy = "SELECT COUNT(*) FROM (SELECT FROM journals WHERE kind = 1 GROUP BY member_id HAVING SUM(points) > 1) g";
    let (given, greedy) = (rig.number("points", given).await, rig.number("points", greedy).await);
    Issued { limit, claims, given, told, greedy }
}

#[test]
fn what_is_limited_stays_limited_while_replicas_are_killed() {
    // 1,000 clients and 100 units are promised.
    let (clients, units, kills) = if long() { (1_000, 100, 10) } else { (150, 100, 3) };
    journeys::block_on(async {
        let plan = Plan { programme: programme(units, "ours"), ..Plan::twins(&json!({})) };
        let (mut rig, mut dice, begun) = (Rig::planned(plan).await, Dice::thrown(), Instant::now());
        let street = Street::open(&rig, 8, clients).await;
        let claims = clients * CLAIMS;
        let mut rush = Rush::of(&rig, &street, CLAIMS, &mut dice);
        for kill in 0..kills {
            rush.until(claims * kill / (kills * 2)).await;
            let role = ["points", TWIN][kill % 2];
            rig.kill(role);
            rig.launch(role, None);
            rig.ready(role).await;
        }
        while let Some(ended) = rush.claims.join_next().await {
            ended.expect("a claim has an outcome");
        }
        let issued = issued(&rig, units, claims, rush.told.load(Ordering::Relaxed)).await;
        rig.is_whole().await;
        let (broken, seconds) = (rush.broken.load(Ordering::Relaxed), begun.elapsed().as_secs_f32());
        say(&format!("row 24: {issued}; {kills} kills in {seconds:.1} s cut {broken} attempts off"));
        assert!(issued.is_clean(), "{issued}");
        assert!(broken > 0, "kills that cut nothing off show nothing");
    });
}

#[test]
fn limits_that_forget_are_found() {
    journeys::block_on(async {
        let (units, clients) = (10, 20);
        let plan = Plan { programme: programme(units, "ours"), ..Plan::twins(&json!({})) };
        let (rig, mut dice) = (Rig::planned(plan).await, Dice::thrown());
        let street = Street::open(&rig, 4, clients).await;
        let mut told = 0;
        for memory in ["ours", "others"] {
            // The planted bug: a new version whose limits go by other codes remembers nothing of what was given.
            let _ = rig.operator().put("/v1/programme", &programme(units, memory)).await;
            let mut rush = Rush::of(&rig, &street, 1, &mut dice);
            while let Some(ended) = rush.claims.join_next().await {
                ended.expect("a claim has an outcome");
            }
            told += rush.told.load(Ordering::Relaxed);
        }
        let issued = issued(&rig, units, clients * CLAIMS, told).await;
        say(&format!("row 24, planted (limits without memory): {issued}"));
        assert!(issued.given == 2 * units && issued.greedy > 0 && !issued.is_clean(), "{issued}");
    });
}
