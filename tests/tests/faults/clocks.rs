//! Promise 17, where it is about points: wrong clocks cost nothing. Every process has a clock that is a day ahead or behind
//! and jumps while it works; points lapse, tiers change and holds end by the time of the database.

use std::{
    fmt,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use journeys::{Goods, Till, fresh};
use serde_json::{Value, json};
use testkit::wrong_clock::WrongClock;
use vafa::client::{Answer, Call};

use crate::{
    plan::{Plan, TWIN},
    rig::{Rig, long, say},
};

const DAY_S: i64 = 86_400;
/// Points of each member.
const POINTS: i64 = 100;
/// How long a hold lives.
const LIFE_S: i64 = 2;

/// Clocks of the processes, seconds ahead: at the start, and after the jump.
const CLOCKS: [(&str, i64, i64); 4] = [
    ("points", DAY_S, -DAY_S),
    (TWIN, -DAY_S, DAY_S),
    ("membership", DAY_S, DAY_S),
    ("gateway", -DAY_S, DAY_S),
];

/// What wrong clocks did.
#[derive(Debug, Default, PartialEq, Eq)]
struct Harm {
    /// Answers that were good, and those that were refused.
    good: usize,
    refused: usize,
    /// Points that lapsed, or were seen to have, before their day was over; that were there after it; written off twice.
    early: usize,
    late: usize,
    twice: i64,
    /// Holds that ended before their time, or not with it.
    holds_early: usize,
    holds_late: usize,
    /// Tiers that were lost before their day was over, were there after it, or of which that was told more than once.
    tiers_early: usize,
    tiers_late: usize,
    tiers_twice: usize,
    /// Journals dated outside the run.
    misdated: i64,
    /// Purchases of tills with wrong clocks that were not answered as they should be.
    tills: usize,
}

impl Harm {
    fn is_none(&self) -> bool {
        *self == Self { good: self.good, ..Self::default() }
    }
}

impl fmt::Display for Harm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { good, refused, early, late, twice, holds_early, holds_late, misdated, tills, .. } = self;
        let Self { tiers_early, tiers_late, tiers_twice, .. } = self;
        write!(
            f,
            "{good} good answers, {refused} refused: lapsed early {early}, late {late}, twice {twice}; tiers lost early \
             {tiers_early}, late {tiers_late}, twice {tiers_twice}; holds early {holds_early}, late {holds_late}; misdated \
             journals {misdated}; tills answered wrongly {tills}"
        )
    }
}

/// The database's time in microseconds.
async fn time(rig: &Rig) -> i64 {
    rig.number("points", "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").await
}

/// Not within two minutes of midnight, where a day ends by right.
async fn away_from_midnight(rig: &Rig) -> String {
    let local = "clock_timestamp() AT TIME ZONE 'Asia/Tehran'";
    let left = format!(
        "SELECT extract(epoch FROM date_trunc('day', {local}) + interval '1 day' - ({local}))::bigint"
    );
    let left = rig.number("points", &left).await;
    if left < 120 {
        tokio::time::sleep(Duration::from_secs(u64::try_from(left).unwrap_or_default() + 2)).await;
    }
    rig.rows("points", &format!("SELECT ({local})::date")).await.remove(0)
}

/// A ladder by spend over two months that roll, with a level that nobody here reaches by buying.
fn ladder() -> Value {
    let name = json!({"fa": "نقره‌ای", "ar": "فضي", "en": "Silver"});
    json!({
        "measure": "spend", "period": {"rolling_months": {"months": 2}}, "downgrade": "to_earned",
        "levels": [{"code": "silver", "name": name, "from": 1_000_000_000}],
    })
}

/// Members whose points and tiers have their last day today, and members whose points and tiers had it yesterday.
struct Members {
    till: Till,
    today: Vec<String>,
    yesterday: Vec<String>,
}

impl Members {
    async fn join(rig: &Rig) -> Self {
        let (operator, today) = (rig.operator(), away_from_midnight(rig).await);
        let till = operator.open_shop().await;
        let mut all = Vec::new();
        for _ in 0..8 {
            let (_, member) = till.welcome().await;
            let gift = json!({
                "points": POINTS, "funder": till.branch.code, "expires_on": today, "actor": "staff-1", "reason": "A gift",
            });
            let call = Call::post(format!("/v1/members/{member}/adjustments")).idempotency_key(&fresh("key"));
            let _ = operator.send(call.json(&gift)).await.created();
            let grant = json!({"tier": "silver", "until": today, "actor": "staff-1", "reason": "A grant"});
            let call = Call::post(format!("/v1/members/{member}/tier-grants")).json(&grant);
            let _ = operator.send(call).await.created();
            all.push(member);
        }
        let yesterday = all.split_off(4);
        Self { till, today: all, yesterday }
    }

    /// Makes the points and tiers of some a day older, while nobody looks.
    async fn age(&self, rig: &Rig) {
        let older = [
            ("lots", "expires_on = expires_on - 1"),
            ("journals", "expires_on = expires_on - 1"),
            ("accounts", "next_on = next_on - 1"),
            ("tier_grants", "until = until - 1"),
            ("standings", OLDER_STANDING),
        ];
        for (table, change) in older {
            let sql = format!("UPDATE {table} SET {change} WHERE member_id IN ({})", listed(&self.yesterday));
            let _ = rig.rows("points", &sql).await;
        }
    }
}

/// What was granted ends a day earlier, and was looked at a day before.
const OLDER_STANDING: &str = "changes_on = changes_on - 1, standing = jsonb_set(jsonb_set(standing::jsonb, '{d}', \
     to_jsonb((standing::jsonb->>'d')::int - 1)), '{g,u}', to_jsonb((standing::jsonb->'g'->>'u')::int - 1))::text";

/// Members as SQL lists them.
fn listed(members: &[String]) -> String {
    members.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(",")
}

/// Whoever looks on, and writes down what is wrong.
struct Witness<'a> {
    rig: &'a Rig,
    members: &'a Members,
    harm: Harm,
}

impl Witness<'_> {
    /// Sends calls at once, so that they come to both replicas; good answers only.
    async fn send(&mut self, calls: Vec<Call>) -> Vec<Option<Value>> {
        let client = self.rig.client();
        let answers = join_all(calls.iter().map(|call| client.send(call))).await;
        let mut good = Vec::new();
        for answer in answers {
            let fine = |answer: &Answer| answer.status.is_success();
            let body = answer.ok().filter(fine).and_then(|answer| answer.json::<Value>().ok());
            *(if body.is_some() { &mut self.harm.good } else { &mut self.harm.refused }) += 1;
            good.push(body);
        }
        good
    }

    fn read(&self, path: String) -> Call {
        Call::get(path).bearer(&self.members.till.key).once()
    }

    /// Balances: there to the end of the last day, and not a moment longer.
    async fn balances(&mut self) {
        let members = self.members.today.iter().chain(&self.members.yesterday);
        let calls = members.map(|id| self.read(format!("/v1/members/{id}/balance"))).collect();
        for (place, balance) in self.send(calls).await.into_iter().enumerate() {
            let Some(balance) = balance else { continue };
            let has =
                balance["points"].as_i64().unwrap_or_default() + balance["held"].as_i64().unwrap_or_default();
            if place < self.members.today.len() {
                self.harm.early += usize::from(has != POINTS);
            } else {
                self.harm.late += usize::from(has != 0);
            }
        }
    }

    /// Tiers: there to the end of the last day, and not a moment longer.
    async fn tiers(&mut self) {
        let members = self.members.today.iter().chain(&self.members.yesterday);
        let calls = members.map(|id| self.read(format!("/v1/members/{id}/tier"))).collect();
        for (place, found) in self.send(calls).await.into_iter().enumerate() {
            let Some(found) = found else { continue };
            let silver = found["tier"]["code"] == "silver";
            if place < self.members.today.len() {
                self.harm.tiers_early += usize::from(!silver);
            } else {
                self.harm.tiers_late += usize::from(silver);
            }
        }
    }

    /// A hold for each member whose points are there, read until its time is over by the database and a little longer.
    async fn holds(&mut self) {
        let place = |member: &String| {
            let body = json!({"member": {"id": member}, "points": POINTS / 2, "lifetime_s": LIFE_S});
            Call::post("/v1/holds")
                .bearer(&self.members.till.key)
                .idempotency_key(&fresh("key"))
                .once()
                .json(&body)
        };
        let before = time(self.rig).await;
        let calls = self.members.today.iter().map(place).collect();
        let placed: Vec<Value> = self.send(calls).await.into_iter().flatten().collect();
        let after = time(self.rig).await;
        // Each began between these, so each ends between these.
        let (earliest, latest) = (before + LIFE_S * 1_000_000, after + LIFE_S * 1_000_000);
        while time(self.rig).await < latest + 300_000 {
            let reads = placed
                .iter()
                .map(|hold| self.read(format!("/v1/holds/{}", hold["id"].as_str().unwrap_or_default())));
            let (asked, found, told) =
                (time(self.rig).await, self.send(reads.collect()).await, time(self.rig).await);
            for hold in found.into_iter().flatten() {
                let over = hold["state"] != "open";
                self.harm.holds_early += usize::from(over && told < earliest - SLACK);
                self.harm.holds_late += usize::from(!over && asked > latest + SLACK);
            }
            self.balances().await;
            self.tiers().await;
        }
    }

    /// Tills whose clocks are a day off: from the future is refused, from the past is taken and counts from today.
    async fn tills(&mut self) {
        let (phone, _) = self.members.till.welcome().await;
        for (ahead_s, expected) in [(DAY_S, 422), (-DAY_S, 201), (0, 201)] {
            let at = journeys::now().plus_millis(ahead_s * 1_000);
            let goods = Goods::by_phone(&phone, 10_000).with("occurred_at", at.to_string());
            let reply = self.members.till.sell(&goods).await;
            let clear = reply.status() != 422 || reply.value()["code"] == "points.clock_ahead";
            self.harm.tills += usize::from(reply.status() != expected || !clear);
        }
    }
}

/// How far two clocks may be apart that are kept together, in microseconds.
const SLACK: i64 = 50_000;

/// Runs the platform with wrong clocks that jump, and answers what came of it.
async fn with_wrong_clocks(follows: &'static str, roles: &[&'static str]) -> Harm {
    let mut plan = Plan::twins(&json!({"tiers": ladder()}));
    plan.settings = vec![("database.follow_clock", follows), ("points.settle_every_s", "1")];
    let mut rig = Rig::planned(plan).await;
    let members = Members::join(&rig).await;
    let begun = time(&rig).await;
    for role in ["gateway", "points", TWIN, "membership"] {
        rig.stop(role).await;
    }
    members.age(&rig).await;
    let mut clocks = Vec::new();
    for (role, ahead, then) in CLOCKS {
        if roles.contains(&role) {
            let file = rig.folder().join(format!("{role}.clock"));
            let clock = WrongClock::new(&file, ahead).expect("libfaketime");
            for (name, value) in clock.surroundings() {
                rig.surround(role, name, &value);
            }
            clocks.push((clock, then));
        }
        rig.launch(role, None);
    }
    for (role, ..) in CLOCKS {
        rig.ready(role).await;
    }
    let mut witness = Witness { rig: &rig, members: &members, harm: Harm::default() };
    for _ in 0..if long() { 20 } else { 1 } {
        witness.holds().await;
    }
    for (clock, then) in &clocks {
        clock.jump(*then).expect("a file");
    }
    let jumped = Instant::now();
    while jumped.elapsed() < Duration::from_millis(1_500) {
        witness.balances().await;
        witness.tiers().await;
    }
    witness.holds().await;
    if follows == "true" {
        witness.tills().await;
    }
    let mut harm = witness.harm;
    books(&rig, &members, begun, &mut harm).await;
    if follows == "true" {
        rig.is_whole().await;
    }
    harm
}

/// What the books have of points that lapsed, and when everything happened.
async fn books(rig: &Rig, members: &Members, begun: i64, harm: &mut Harm) {
    let lapses = async |members: &[String]| {
        let whose = listed(members);
        let sql = format!("SELECT COUNT(*) FROM journals WHERE kind = 2 AND member_id IN ({whose})");
        rig.number("points", &sql).await
    };
    harm.early += usize::try_from(lapses(&members.today).await).expect("a count");
    let (lapsed, due) =
        (lapses(&members.yesterday).await, i64::try_from(members.yesterday.len()).expect("small"));
    harm.twice = (lapsed - due).max(0);
    harm.late += usize::try_from((due - lapsed).max(0)).expect("a count");
    // Once for the grant; and once more when it was over.
    harm.tiers_early += beyond(rig, &members.today, "> 1").await;
    harm.tiers_twice = beyond(rig, &members.yesterday, "> 2").await;
    harm.tiers_late += beyond(rig, &members.yesterday, "< 2").await;
    let (from, to) = (begun - SLACK, time(rig).await + SLACK);
    let outside = format!("kind IN (2, 6, 7) AND recorded_at NOT BETWEEN {from} AND {to}");
    harm.misdated = rig.number("points", &format!("SELECT COUNT(*) FROM journals WHERE {outside}")).await;
}

/// Of how many members changes of the tier were told so often.
async fn beyond(rig: &Rig, members: &[String], often: &str) -> usize {
    let told = format!("(standing::jsonb->>'n')::int {often}");
    let sql = format!("SELECT COUNT(*) FROM standings WHERE {told} AND member_id IN ({})", listed(members));
    usize::try_from(rig.number("points", &sql).await).expect("a count")
}

#[test]
fn wrong_clocks_that_jump_let_nothing_lapse_early_late_or_twice() {
    let harm = journeys::block_on(with_wrong_clocks("true", &["points", TWIN, "membership", "gateway"]));
    say(&format!("row 17: all clocks a day off, and two days the other way in between; {harm}"));
    assert!(harm.is_none() && harm.good > 50, "{harm}");
}

#[test]
fn replicas_that_go_by_their_own_clocks_are_found() {
    let harm = journeys::block_on(with_wrong_clocks("false", &["points", TWIN]));
    say(&format!("row 17, planted (each replica by its own clock): {harm}"));
    assert!(harm.early > 0 && harm.tiers_early > 0 && harm.refused > 0 && !harm.is_none(), "{harm}");
}
