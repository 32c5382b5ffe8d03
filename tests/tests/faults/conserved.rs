//! Promise 3: whatever moves between members, and however often the database dies, no point is made and none is lost.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use journeys::{Goods, fresh};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use vafa::client::{Call, Client};

use crate::{
    careless,
    checker::judge_by,
    diary::{Diary, Told},
    load::{Counts, PATIENCE, until_clear},
    plan::Plan,
    rig::{Dice, Rig, long, say},
};

/// What each account begins with.
const EACH: i64 = 100;

/// What was seen of all points at many moments.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sights {
    /// Moments at which everything was read.
    reads: usize,
    /// Moments at which points were on their way.
    in_transit: usize,
    /// Sums other than the one at the start.
    wrong: BTreeSet<i64>,
    /// Most accounts below nothing at one moment.
    negative: i64,
}

impl Sights {
    fn saw(&mut self, start: i64, sum: i64, in_transit: i64, negative: i64) {
        self.reads += 1;
        self.in_transit += usize::from(in_transit > 0);
        if sum != start {
            self.wrong.insert(sum);
        }
        self.negative = self.negative.max(negative);
    }

    fn is_clean(&self) -> bool {
        self.wrong.is_empty() && self.negative == 0
    }

    fn and(mut self, other: Self) -> Self {
        self.reads += other.reads;
        self.in_transit += other.in_transit;
        self.wrong.extend(other.wrong);
        self.negative = self.negative.max(other.negative);
        self
    }
}

impl fmt::Display for Sights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reads, in_transit, wrong, negative } = self;
        write!(
            f,
            "{reads} full reads ({in_transit} with points on their way): other sums {wrong:?}, below zero {negative}"
        )
    }
}

/// Balances and what is on its way, all of one moment.
const EVERYTHING: &str = "SELECT (SELECT COALESCE(SUM(balance), 0) FROM accounts)::bigint, \
     (SELECT COALESCE(SUM(points + fee), 0) FROM transfers WHERE ended_at IS NULL)::bigint, \
     (SELECT COUNT(*) FROM accounts WHERE balance < 0)";

/// Looks once at all balances in the database, where it is there.
async fn look(rig: &Rig, start: i64, sights: &mut Sights) {
    let Ok(rows) = rig.ask("points", EVERYTHING).await else { return };
    let numbers: Vec<i64> = rows[0].split('|').map(|word| word.parse().expect("a number")).collect();
    sights.saw(start, numbers[0] + numbers[1], numbers[1], numbers[2]);
}

/// Reads what the chain owes through the gateway until told to stop.
async fn accountant(client: Client, key: String, start: i64, stop: Arc<AtomicBool>) -> Sights {
    let (mut sights, broken) = (Sights::default(), AtomicUsize::new(0));
    while !stop.load(Ordering::Relaxed) {
        let call = Call::get("/v1/money/liability").bearer(&key).once();
        let report = until_clear(&client, &call, &broken).await.json::<Value>().expect("a report");
        let number = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("no number: {report}"));
        let (sum, on_the_way) = (&report["total"]["points"], &report["total"]["in_transit"]);
        // The books of branches and members add up to nothing, whatever they are.
        let negative = i64::from(number(&report["sum_of_books"]) != 0);
        sights.saw(start, number(sum), number(on_the_way), negative);
    }
    sights
}

/// Somebody who moves points between members, with a diary.
struct Mover {
    client: Client,
    key: String,
    diary: Diary,
    members: Arc<Vec<String>>,
    dice: Dice,
    counts: Arc<Counts>,
}

impl Mover {
    /// Requests a transfer until its outcome is clear; then the receiver takes it or not, or the sender takes it back.
    async fn transfer(&mut self, number: u64) {
        let count = self.members.len() as u64;
        let place = |n: u64| usize::try_from(n % count).expect("small");
        let from = self.dice.next(count);
        let (from, to) = (place(from), place(from + 1 + self.dice.next(count - 1)));
        let (name, points) = (fresh("t"), 1 + self.dice.next(40));
        let body = json!({
            "from": self.members[from], "to": {"id": self.members[to]}, "points": points,
            "on_behalf": {"agent": "mover", "reason": name},
        });
        self.diary.sends(number, "mover", &name);
        let call = Call::post("/v1/transfers").bearer(&self.key).idempotency_key(&name).once().json(&body);
        let answer = until_clear(&self.client, &call, &self.counts.broken).await;
        let told = answer.json::<Value>().expect("answers are JSON");
        if answer.status == 422 {
            assert_eq!(told["code"], "points.balance_too_low", "{told}");
            return;
        }
        let transfer = &told["transfer"];
        let id = transfer["transfer_id"].as_str().unwrap_or_else(|| panic!("{}: {told}", answer.status));
        let number_of = |value: &Value| value.as_i64().expect("a number");
        let told = Told {
            id: id.to_owned(),
            version: number_of(&told["account_version"]),
            points: number_of(&transfer["points"]),
            balance: number_of(&told["balance"]),
        };
        self.diary.taken(number, Some(&told));
        let word = ["accept", "accept", "decline", "recall"][place(self.dice.next(4)) % 4];
        let call = Call::post(format!("/v1/transfers/{id}/{word}")).bearer(&self.key).once();
        let answer = until_clear(&self.client, &call, &self.counts.broken).await;
        assert!(answer.status == 200, "{word}: {} {:?}", answer.status, answer.body);
        self.counts.taken.fetch_add(1, Ordering::Relaxed);
    }
}

/// Members with points, known to the rig.
async fn members(rig: &Rig, count: usize) -> Vec<String> {
    let till = rig.operator().open_shop().await;
    let mut members = Vec::new();
    for _ in 0..count {
        let (phone, member) = till.welcome().await;
        let _ = till.sell(&Goods::by_phone(&phone, EACH * 1_000)).await.created();
        members.push(member);
    }
    members
}

/// Repeats nothing by itself.
fn patient(rig: &Rig) -> Client {
    Client::patient(&rig.base(), Duration::from_secs(10), Duration::ZERO).expect("an address")
}

/// Sixteen who move points until they are told to stop.
fn set_off(
    rig: &Rig,
    members: &Arc<Vec<String>>,
    stop: &Arc<AtomicBool>,
    counts: &Arc<Counts>,
) -> JoinSet<Diary> {
    let mut movers = JoinSet::new();
    for n in 0..16_u64 {
        let mut mover = Mover {
            client: patient(rig),
            key: rig.operator_key().to_owned(),
            diary: Diary::open(&rig.folder().join(format!("mover-{n}.diary"))),
            members: Arc::clone(members),
            dice: Dice::thrown().of(n),
            counts: Arc::clone(counts),
        };
        let stop = Arc::clone(stop);
        movers.spawn(async move {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                mover.transfer(number).await;
            }
            mover.diary
        });
    }
    movers
}

/// Every transfer as the diaries tell it: who made it, its name, and what was answered.
const TRANSFERS: &str = "SELECT t.agent, t.reason, t.id, t.sent_version, t.points, j.balance FROM transfers t \
     JOIN journals j ON j.member_id = t.sender AND j.version = t.sent_version";

#[test]
fn points_are_conserved_while_the_database_dies_under_transfers() {
    // 100 accounts, 16 clients, 10 minutes and 10 kills are promised.
    let (accounts, lasts, kills) =
        if long() { (100, Duration::from_mins(10), 10) } else { (30, Duration::from_secs(8), 2) };
    let terms = json!({"transfers": {"to": "anyone", "acceptance": true}});
    journeys::block_on(async {
        let rig = Rig::planned(Plan { own_postgres: true, ..Plan::twins(&terms) }).await;
        let start = EACH * i64::try_from(accounts).expect("small");
        let (stop, counts) = (Arc::<AtomicBool>::default(), Arc::<Counts>::default());
        let members = Arc::new(members(&rig, accounts).await);
        let (begun, movers) = (Instant::now(), set_off(&rig, &members, &stop, &counts));
        let key = rig.operator_key().to_owned();
        let reading = tokio::spawn(accountant(patient(&rig), key, start, Arc::clone(&stop)));
        let (mut sights, mut before) = (Sights::default(), 0);
        for kill in 1..=kills + 1 {
            // So long, and until some transfers more have come about.
            while begun.elapsed() < lasts * kill / (kills + 1) || counts.taken() < before + 16 {
                look(&rig, start, &mut sights).await;
                assert!(begun.elapsed() < lasts + PATIENCE, "nothing is transferred any more");
            }
            before = counts.taken();
            if kill <= kills {
                rig.kill_postgres().await;
            }
        }
        stop.store(true, Ordering::Relaxed);
        let sights = sights.and(reading.await.expect("the accountant reads"));
        let diaries: Vec<Diary> = movers.join_all().await;
        rig.is_whole().await;
        let verdict = judge_by(&rig, &diaries, TRANSFERS).await;
        let (broken, seconds) = (counts.broken.load(Ordering::Relaxed), begun.elapsed().as_secs_f32());
        say(&format!(
            "row 3: {kills} kills in {seconds:.1} s, {broken} attempts cut off; {sights}; {verdict}"
        ));
        assert!(sights.is_clean(), "{sights}");
        assert!(sights.reads > 10 && sights.in_transit > 0, "{sights}");
        assert!(verdict.is_clean(), "{verdict}");
    });
}

#[test]
fn transfers_at_read_committed_without_a_lock_are_found() {
    journeys::block_on(async {
        let rig = Arc::new(Rig::start().await);
        let members = members(&rig, 4).await;
        let start = EACH * 4;
        let mut sights = Sights::default();
        // Chance may keep those apart who would be in each other's way.
        for _ in 0..5 {
            let mut movers = JoinSet::new();
            for n in 0..16_i64 {
                let place = |n: i64| usize::try_from(n % 4).expect("small");
                let (from, to) = (members[place(n)].clone(), members[place(n + 1 + n / 4 % 3)].clone());
                let rig = Arc::clone(&rig);
                // Different numbers, so that what is lost and what is made do not cancel out.
                movers
                    .spawn(async move { careless::moves(&rig, &from, Some(&to), 1 + n * n / 4, 100).await });
            }
            while movers.join_next().await.is_some() {
                look(&rig, start, &mut sights).await;
            }
            if !sights.wrong.is_empty() {
                break;
            }
        }
        say(&format!("row 3, planted (READ COMMITTED without a lock): {sights}"));
        assert!(!sights.wrong.is_empty() && !sights.is_clean(), "{sights}");
    });
}
