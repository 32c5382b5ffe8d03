//! Promise 24, where it is about points: what is limited stays limited, however many claim it at three replicas that are
//! killed: points under a budget and a cap, instant rewards, and tickets of a draw.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use journeys::{Till, fresh};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};
use vafa::client::Client;

use crate::{
    load::{Street, goods, purchase_call, until_clear},
    plan::{Plan, REPLICAS},
    rig::{Dice, Rig, counted, long, say},
};

/// Each member claims this often, and may get one.
const CLAIMS: usize = 2;
/// Claims under way at a time.
const AT_ONCE: usize = 64;

/// What is limited: its name, its rule's place in the programme, and its kind in an answer.
const LIMITED: [(&str, u8, &str); 3] =
    [("points", 2, ""), ("rewards", 3, "instant_reward"), ("tickets", 4, "draw_tickets")];

/// What was issued of something limited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Issued {
    what: &'static str,
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
        let Self { what, limit, claims, given, told, greedy } = self;
        write!(
            f,
            "{claims} claims of {limit} {what}: {given} given, {told} told, members with more than one {greedy}"
        )
    }
}

/// A point, a coffee and a ticket for each purchase: so many of each altogether and one a member. `memory` names what the
/// limits remember by.
fn programme(units: i64, memory: &str) -> Value {
    let name = json!({"fa": "هدیه", "ar": "هدية", "en": "Gift"});
    let gift = json!({"code": "gift", "name": name, "give": {"fixed": {"points": 1}}});
    let at_most = json!([{"units": units, "every": "ever"}, {"units": 1, "per": "member", "every": "ever"}]);
    let coffee = json!({"instant_reward": {"reward": "coffee", "at_most": at_most}});
    let coffee = json!({"code": format!("coffee-{memory}"), "name": name, "give": coffee});
    let ticket = json!({"draw_tickets": {"draw": "new-year", "tickets": 1, "at_most": at_most}});
    let ticket = json!({"code": format!("ticket-{memory}"), "name": name, "give": ticket});
    let mut document = journeys::programme(&[gift, coffee, ticket]);
    let limit = |code: &str, points: i64| json!({"code": format!("{code}-{memory}"), "points": points, "every": "ever", "rules": ["gift"]});
    document["budgets"] = json!([limit("all", units)]);
    document["caps"] = json!([limit("each", 1)]);
    document["caps"][0]["per"] = json!("member");
    document
}

/// What a claimant was told of each that is limited.
fn told_by(answer: &Value) -> [i64; 3] {
    LIMITED.map(|(_, _, kind)| {
        let rewards = answer["rewards"].as_array().into_iter().flatten();
        let of_kind = rewards.filter(|reward| reward["kind"] == kind);
        match kind {
            "" => answer["points"].as_i64().expect("a purchase has points"),
            _ => of_kind.map(|reward| reward["quantity"].as_i64().expect("a quantity")).sum(),
        }
    })
}

/// Claims under way, and what they were told.
struct Rush {
    claims: JoinSet<()>,
    done: Arc<AtomicUsize>,
    told: Arc<[AtomicI64; 3]>,
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
                let receipt = fresh("claim");
                // Too little for any point but the gift.
                let call = purchase_call(&till, &receipt, &goods(&customer, &receipt, 500));
                let answer = until_clear(&client, &call, &broken).await;
                let body = answer.json::<Value>().expect("answers are JSON");
                assert!(answer.status.is_success(), "{}: {body}", answer.status);
                for (all, told) in told.iter().zip(told_by(&body)) {
                    all.fetch_add(told, Ordering::Relaxed);
                }
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        rush
    }

    /// Waits for the outcome of every claim.
    async fn end(&mut self) {
        while let Some(ended) = self.claims.join_next().await {
            ended.expect("a claim has an outcome");
        }
    }

    fn told(&self) -> [i64; 3] {
        [0, 1, 2].map(|place: usize| self.told[place].load(Ordering::Relaxed))
    }

    async fn until(&self, done: usize) {
        while self.done.load(Ordering::Relaxed) < done {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// How much a rule gave with a purchase, as the purchase's trace has it.
fn units(place: u8) -> String {
    format!("COALESCE(substring(split_part(trace, ',', {place}) FROM '^[*]?([0-9]+)')::bigint, 0)")
}

/// What was given in the end.
async fn issued(rig: &Rig, limit: i64, claims: usize, told: [i64; 3]) -> Vec<Issued> {
    let mut all = Vec::new();
    for ((what, place, _), told) in LIMITED.into_iter().zip(told) {
        let units = units(place);
        let given = format!("SELECT SUM({units})::bigint FROM journals WHERE kind = 1");
        let greedy = format!(
            "SELECT COUNT(*) FROM (SELECT FROM journals WHERE kind = 1 GROUP BY member_id HAVING SUM({units}) > 1) g"
        );
        let (given, greedy) = (rig.number("points", &given).await, rig.number("points", &greedy).await);
        all.push(Issued { what, limit, claims, given, told, greedy });
    }
    all
}

#[test]
fn what_is_limited_stays_limited_while_replicas_are_killed() {
    // 1,000 clients and 100 units are promised.
    let (clients, units, kills) = if long() { (1_000, 100, 10) } else { (150, 100, 3) };
    journeys::block_on(async {
        let plan = Plan { programme: programme(units, "ours"), replicas: REPLICAS.len(), ..Plan::default() };
        let (mut rig, mut dice, begun) = (Rig::planned(plan).await, Dice::thrown(), Instant::now());
        let street = Street::open(&rig, 8, clients).await;
        let claims = clients * CLAIMS;
        let mut rush = Rush::of(&rig, &street, CLAIMS, &mut dice);
        for kill in 0..kills {
            rush.until(claims * kill / (kills * 2)).await;
            let role = REPLICAS[kill % REPLICAS.len()];
            rig.kill(role);
            rig.launch(role, None);
            rig.ready(role).await;
        }
        rush.end().await;
        let issued = issued(&rig, units, claims, rush.told()).await;
        rig.is_whole().await;
        let (broken, seconds) = (rush.broken.load(Ordering::Relaxed), begun.elapsed().as_secs_f32());
        // What the gateway sent once more by itself, no claimant has noticed.
        let again = counted(&rig.metrics("gateway").await, "gateway_retries_total", "");
        for issued in &issued {
            say(&format!(
                "row 24: {issued}; {kills} kills in {seconds:.1} s cut {broken} attempts off, the gateway met {again} of them"
            ));
        }
        assert!(issued.iter().all(Issued::is_clean), "{issued:?}");
        assert!(broken > 0 || again > 0.5, "kills that cut nothing off show nothing");
    });
}

#[test]
fn limits_that_forget_are_found() {
    journeys::block_on(async {
        let (units, clients) = (10, 20);
        let plan = Plan { programme: programme(units, "ours"), ..Plan::twins(&json!({})) };
        let (rig, mut dice) = (Rig::planned(plan).await, Dice::thrown());
        let street = Street::open(&rig, 4, clients).await;
        let mut told = [0; 3];
        for memory in ["ours", "others"] {
            // The planted bug: a new version whose limits go by other codes remembers nothing of what was given.
            let _ = rig.operator().put("/v1/programme", &programme(units, memory)).await;
            let mut rush = Rush::of(&rig, &street, 1, &mut dice);
            rush.end().await;
            told.iter_mut().zip(rush.told()).for_each(|(all, more)| *all += more);
        }
        for issued in issued(&rig, units, clients * CLAIMS, told).await {
            say(&format!("row 24, planted (limits without memory): {issued}"));
            assert!(issued.given == 2 * units && issued.greedy > 0 && !issued.is_clean(), "{issued}");
        }
    });
}
