//! Promise 4: of many redemptions of one balance that arrive in one packet exactly one succeeds, on two replicas.

use std::{fmt, time::Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http::Request;
use journeys::{Goods, Till, fresh, http2};
use serde_json::{Value, json};

use crate::{
    careless,
    plan::{Plan, TWIN},
    rig::{Rig, counted, long, say},
    salvo::{Salvo, Shot},
};

/// In one packet, each of the whole balance.
const SHOTS: usize = 20;
const BALANCE: i64 = 50;
/// Redeemed at once, and set aside first, by turns.
const PATHS: [&str; 2] = ["/v1/redemptions", HOLDS];
const HOLDS: &str = "/v1/holds";

/// What became of many rounds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Rounds {
    salvos: usize,
    fewest: usize,
    most: usize,
    /// Refusals that are not the one that is documented.
    undocumented: Vec<String>,
    /// Balances after a round that are not nothing.
    left_over: usize,
    /// Accounts that were seen below nothing.
    negative: i64,
}

impl Rounds {
    fn count(&mut self, shots: &[Shot], left: &Value) {
        let done = shots.iter().filter(|shot| shot.status == 201).count();
        self.fewest = if self.salvos == 0 { done } else { self.fewest.min(done) };
        self.most = self.most.max(done);
        self.salvos += 1;
        self.left_over += usize::from(*left != 0);
        let refused = shots.iter().filter(|shot| shot.status != 201);
        let other = refused.filter(|shot| (shot.status, shot.code()) != (422, "points.balance_too_low"));
        self.undocumented.extend(other.map(|shot| format!("{} {}", shot.status, shot.body)).take(3));
    }

    fn is_clean(&self) -> bool {
        (self.fewest, self.most, self.left_over, self.negative) == (1, 1, 0, 0)
            && self.undocumented.is_empty()
    }
}

impl fmt::Display for Rounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { salvos, fewest, most, undocumented, left_over, negative } = self;
        write!(
            f,
            "{salvos} rounds of {SHOTS}: {fewest} to {most} successes each, {left_over} balances not spent, \
             {negative} below zero, undocumented {undocumented:?}"
        )
    }
}

/// A member who has as much as one of the redemptions takes.
struct Purse {
    tills: [Till; 2],
    phone: String,
    member: String,
}

impl Purse {
    async fn of(rig: &Rig) -> Self {
        let operator = rig.operator();
        let branch = operator.open_branch().await;
        let tills = [operator.enrol_till(&branch).await, operator.enrol_till(&branch).await];
        let (phone, member) = tills[0].welcome().await;
        Self { tills, phone, member }
    }

    async fn fill(&self) {
        let _ = self.tills[0].sell(&Goods::by_phone(&self.phone, BALANCE * 1_000)).await.created();
    }

    /// Redemptions at both tills, each with a key of its own.
    fn shots(&self, path: &str) -> Vec<Request<Bytes>> {
        let body = json!({"member": {"phone": self.phone}, "points": BALANCE});
        (0..SHOTS).map(|n| http2::post(path, &self.tills[n % 2].key, &fresh("key"), &body)).collect()
    }

    /// One redemption, so often.
    fn echoes(&self, path: &str) -> Vec<Request<Bytes>> {
        let (key, body) = (fresh("key"), json!({"member": {"phone": self.phone}, "points": BALANCE}));
        (0..SHOTS).map(|_| http2::post(path, &self.tills[0].key, &key, &body)).collect()
    }

    /// Redeems what holds have set aside.
    async fn capture(&self, path: &str, shots: &[Shot]) {
        for hold in shots.iter().filter(|shot| shot.status == 201 && path == HOLDS) {
            let capture = format!("/v1/holds/{}/capture", hold.body["id"].as_str().unwrap_or_default());
            let call = vafa::client::Call::post(capture).idempotency_key(&fresh("key")).json(&json!({}));
            let _ = self.tills[1].send(call).await.created();
        }
    }

    async fn left(&self) -> Value {
        self.tills[0].balance_of(&self.member).await["points"].clone()
    }
}

async fn below_zero(rig: &Rig) -> i64 {
    rig.number("points", "SELECT COUNT(*) FROM accounts WHERE balance < 0").await
}

/// How many redemptions and holds a process of points was asked for.
async fn served(rig: &Rig, role: &str) -> f64 {
    let metrics = rig.metrics(role).await;
    let of = |route: &str| {
        counted(&metrics, "http_server_request_duration_seconds_count", &format!("route=\"{route}\""))
    };
    of("/v1/redemptions") + of("/v1/holds")
}

#[test]
fn of_twenty_redemptions_in_one_packet_one_succeeds_on_two_replicas() {
    // 500 rounds are promised.
    let rounds = if long() { 500 } else { 20 };
    journeys::block_on(async {
        let (rig, begun) = (Rig::planned(Plan::twins(&json!({}))).await, Instant::now());
        let (purse, mut salvo) = (Purse::of(&rig).await, Salvo::of(&rig).await);
        let mut seen = Rounds::default();
        for round in 0..rounds {
            purse.fill().await;
            let path = PATHS[round % 2];
            let shots = salvo.fire(purse.shots(path)).await;
            seen.count(&shots, &purse.left().await);
            purse.capture(path, &shots).await;
        }
        seen.negative = below_zero(&rig).await;
        let (here, there) = (served(&rig, "points").await, served(&rig, TWIN).await);
        rig.is_whole().await;
        let seconds = begun.elapsed().as_secs_f32();
        say(&format!("row 4: {seen}; {here} served by one replica, {there} by the other; {seconds:.1} s"));
        assert!(seen.is_clean(), "{seen}");
        assert!(here > 0.0 && there > 0.0, "one replica alone shows half of it");
    });
}

#[test]
fn one_redemption_twenty_times_in_one_packet_is_one_with_one_answer() {
    let rounds = if long() { 500 } else { 20 };
    journeys::block_on(async {
        let rig = Rig::planned(Plan::twins(&json!({}))).await;
        let (purse, mut salvo) = (Purse::of(&rig).await, Salvo::of(&rig).await);
        let (mut odd, mut left_over) = (Vec::new(), 0);
        for round in 0..rounds {
            purse.fill().await;
            let path = PATHS[round % 2];
            let shots = salvo.fire(purse.echoes(path)).await;
            let done = shots.iter().filter(|shot| shot.status == 201).count();
            let same =
                shots.iter().all(|shot| matches!(shot.status, 200 | 201) && shot.body == shots[0].body);
            if done != 1 || !same {
                odd.push(shots.clone());
            }
            left_over += usize::from(purse.left().await != 0);
            purse.capture(path, &shots).await;
        }
        let negative = below_zero(&rig).await;
        rig.is_whole().await;
        let rounds_odd = odd.len();
        say(&format!(
            "row 4: {rounds} rounds of one redemption {SHOTS} times: not one effect with one answer {rounds_odd}, \
             {left_over} balances not spent, {negative} below zero"
        ));
        assert_eq!((rounds_odd, left_over, negative), (0, 0, 0), "{:?}", odd.first());
    });
}

#[test]
fn redemptions_that_read_and_write_without_a_lock_are_found() {
    journeys::block_on(async {
        let rig = Rig::start().await;
        let purse = Purse::of(&rig).await;
        purse.fill().await;
        let shots =
            join_all((0..SHOTS).map(|_| careless::moves(&rig, &purse.member, None, BALANCE, 500))).await;
        let shots = shots.into_iter().map(|done| Shot {
            status: if done { 201 } else { 422 },
            body: json!({"code": "points.balance_too_low"}),
        });
        let mut seen = Rounds::default();
        let left = rig.number("points", "SELECT SUM(balance)::bigint FROM accounts").await;
        seen.count(&shots.collect::<Vec<_>>(), &json!(left));
        say(&format!("row 4, planted (reads, then writes, without a lock): {seen}"));
        assert!(seen.most > 1 && !seen.is_clean(), "{seen}");
    });
}
