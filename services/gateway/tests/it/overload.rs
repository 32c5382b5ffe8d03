//! Three times more than a service can do (promise 15, in small): what is let through is quick, and money goes last.
//!
//! Time is virtual, so that the same happens in each run.

use std::{sync::Arc, time::Duration};

use http::Method;
use tokio::{
    sync::{Mutex, Semaphore},
    time::Instant,
};
use web::{Access, Face, Lane, RouteSpec, Texts, Upstream};

use crate::chain::{Call, Chain, Membership, backend, caller_key, plan, settings};

const EARN: RouteSpec = RouteSpec::post("/v1/earn", "earn", Access::Anyone).lane(Lane::Till).keyed();
const LOOK: RouteSpec = RouteSpec::get("/v1/look", "look", Access::Anyone).lane(Lane::Till);
const REPORT: RouteSpec = RouteSpec::get("/v1/report", "read_report", Access::Anyone);

/// What the service can do: so many at a time, each so long.
const HANDS: usize = 8;
const WORK: Duration = Duration::from_millis(20);
const CAPACITY: usize = 400;

const LONGEST: Duration = Duration::from_secs(1);

async fn work(hands: Arc<Semaphore>) {
    let _hand = hands.acquire().await.unwrap();
    tokio::time::sleep(WORK).await;
}

fn chain(guard: &str) -> Chain {
    let hands = Arc::new(Semaphore::new(HANDS));
    let shop = Face::new("shop", caller_key(), Texts::new(&[]))
        .route(&EARN, |axum::extract::State(hands): axum::extract::State<Arc<Semaphore>>| work(hands))
        .route(&LOOK, |axum::extract::State(hands): axum::extract::State<Arc<Semaphore>>| work(hands))
        .route(&REPORT, |axum::extract::State(hands): axum::extract::State<Arc<Semaphore>>| work(hands))
        .finish(hands);
    let nowhere = Upstream::in_process(Arc::default());
    let shop = backend("shop", &[&EARN, &LOOK, &REPORT], Upstream::in_process(Arc::new(shop.into())));
    let many = [
        ("gateway.anonymous_rate_per_s", "1000000"),
        ("gateway.door_rate_per_s", "1000000"),
        ("gateway.door_burst", "1000000"),
        ("gateway.anonymous_burst", "1000000"),
        ("gateway.guard", guard),
    ];
    let plan = plan(vec![backend("membership", &[], nowhere), shop], settings(&many));
    Chain { router: gateway::router(plan).unwrap(), membership: Arc::new(Membership::default()) }
}

/// What became of the requests of one route.
#[derive(Clone, Debug, Default)]
struct Tally {
    sent: usize,
    /// How long those took that were let through.
    took: Vec<Duration>,
    refused: usize,
}

impl Tally {
    fn in_time(&self) -> usize {
        self.took.iter().filter(|took| **took <= LONGEST).count()
    }

    fn p99(&self) -> Duration {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get(took.len() * 99 / 100).copied().unwrap_or_default()
    }
}

/// Sends `per_s` requests a second for so long, whether answers come or not.
async fn send(chain: &Chain, spec: &'static RouteSpec, per_s: u32, time: Duration) -> Tally {
    let tally = Arc::new(Mutex::new(Tally::default()));
    let (begun, mut due) = (Instant::now(), Duration::ZERO);
    let mut sent = tokio::task::JoinSet::new();
    while due < time {
        tokio::time::sleep_until(begun + due).await;
        let (tally, chain) = (Arc::clone(&tally), chain.clone());
        sent.spawn(async move {
            let started = Instant::now();
            let method: Method = spec.verb.name().parse().unwrap();
            let answer = chain.send(Call::new(method, spec.path).header("idempotency-key", "k")).await;
            let mut tally = tally.lock().await;
            tally.sent += 1;
            match answer.status.as_u16() {
                200 => tally.took.push(started.elapsed()),
                503 => {
                    assert_eq!(answer.refusal().1, "gateway.overloaded");
                    assert!(answer.headers.contains_key("retry-after"));
                    tally.refused += 1;
                }
                504 => {}
                _ => panic!("{answer:?}"),
            }
        });
        due += Duration::from_secs(1) / per_s;
    }
    sent.join_all().await;
    Arc::into_inner(tally).unwrap().into_inner()
}

/// Three times the capacity for ten seconds; says what is not as promised.
async fn judge(guard: &str) -> Result<(), String> {
    let chain = chain(guard);
    let time = Duration::from_secs(10);
    let tally = send(&chain, &EARN, 3 * u32::try_from(CAPACITY).unwrap(), time).await;
    let (good, peak, p99) = (tally.in_time(), CAPACITY * 10, tally.p99());
    if good * 100 < peak * 80 || p99 > LONGEST {
        return Err(format!("{good} of {peak} in time, p99 {p99:?}, {} refused", tally.refused));
    }
    let after = send(&chain, &EARN, 200, Duration::from_secs(2)).await;
    if after.refused > 0 { Err(format!("{} refused afterwards", after.refused)) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn at_three_times_the_capacity_most_of_it_is_still_used_and_nobody_waits_long() {
    judge("true").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn without_the_guard_the_same_is_found_to_break_the_promise() {
    let found = judge("false").await.unwrap_err();
    assert!(found.contains("in time"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn money_is_the_last_to_go_and_the_back_office_the_first() {
    let chain = chain("true");
    let time = Duration::from_secs(10);
    let (earn, look, report) = tokio::join!(
        send(&chain, &EARN, 300, time),
        send(&chain, &LOOK, 600, time),
        send(&chain, &REPORT, 300, time)
    );
    let share = |tally: &Tally| tally.took.len() * 100 / tally.sent;
    // What is refused is refused in the first second, until the limit has found where it belongs.
    assert!(share(&earn) >= 90, "{} of {}", earn.took.len(), earn.sent);
    assert!(share(&look) < 60 && share(&report) < share(&look), "{} {}", share(&look), share(&report));
    assert!(earn.p99() < LONGEST && look.p99() < LONGEST);
}
