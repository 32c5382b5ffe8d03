//! The load generator: a process of its own with one thread, so that its memory and CPU are told apart from what it
//! measures.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::SocketAddr,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use futures_util::{StreamExt as _, future::join, stream::FuturesUnordered};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::{
    latency::{Latencies, Percentiles},
    mix::Mix,
    pace::{Pace, Schedule},
    requests::{Material, Requests},
    wire::Wire,
};

/// Said when the warm-up is over and when the measured time is, so that others can take their figures at the same time.
pub const MEASURING: &str = "measuring";
/// See [`MEASURING`].
pub const MEASURED: &str = "measured";

/// How long answers may be waited for after the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the load generator is told, as JSON on its standard input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadPlan {
    /// Where the public API is.
    pub address: SocketAddr,
    /// How many connections, each with one request at a time.
    pub clients: u32,
    /// When requests are sent.
    pub pace: Pace,
    /// How long before anything counts.
    pub warm_up: Duration,
    /// How long is measured.
    pub duration: Duration,
    /// What is sent.
    pub material: Material,
}

/// What the load generator found, as JSON on its standard output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadResult {
    /// Requests answered with success, within the measured time.
    pub fine: u64,
    /// Those a second.
    pub per_second: f64,
    /// Answers that were no success, by status.
    pub refused: BTreeMap<u16, u64>,
    /// Connections that ended without an answer.
    pub broken: u64,
    /// Requests that were due and got no answer at all (open loop).
    pub unanswered: u64,
    /// Latency of the answers with success; in an open loop from when the request was due.
    pub latency: Percentiles,
    /// Answers with success in each second of the measured time.
    pub timeline: Vec<u64>,
}

impl LoadResult {
    /// All that did not go well.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.refused.values().sum::<u64>() + self.broken + self.unanswered
    }
}

/// Reads the plan, runs it, prints the result.
///
/// # Errors
/// A plan that cannot be read, a platform that cannot be reached.
pub fn drive() -> anyhow::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let plan: LoadPlan = serde_json::from_str(&text).context("the plan on standard input")?;
    // A thread of its own, since the command line's runtime is already running in this one.
    let result = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run(&plan, say))
    });
    let result = result.join().map_err(|_| anyhow!("the load generator panicked"))??;
    say(&serde_json::to_string(&result)?);
    Ok(())
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    // Whoever started this and hung up does not want to know.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

struct Book {
    start: Instant,
    from: Duration,
    until: Duration,
    open: bool,
    mix: Mix,
    latencies: Latencies,
    result: LoadResult,
}

impl Book {
    /// Notes an answer. A closed loop counts what was answered in the measured time, an open one what was due in it.
    fn note(&mut self, due: Instant, answer: Option<u16>) {
        let now = Instant::now();
        let counted = if self.open { due } else { now }.saturating_duration_since(self.start);
        if counted < self.from || counted >= self.until {
            return;
        }
        match answer {
            Some(status) if self.mix.is_done(status) => {
                self.latencies.add(now - due);
                let second = usize::try_from(counted.saturating_sub(self.from).as_secs()).unwrap_or_default();
                if let Some(count) = self.result.timeline.get_mut(second) {
                    *count += 1;
                }
            }
            Some(status) => *self.result.refused.entry(status).or_default() += 1,
            None => self.result.broken += 1,
        }
    }
}

/// Runs a plan, calling `say` when measuring begins and ends.
///
/// # Errors
/// When the platform cannot be reached at the start.
pub async fn run(plan: &LoadPlan, say: impl Fn(&str)) -> anyhow::Result<LoadResult> {
    let mut wires = Vec::new();
    for _ in 0..plan.clients {
        wires.push(
            Wire::connect(plan.address).await.with_context(|| format!("connecting to {}", plan.address))?,
        );
    }
    let (from, until) = (plan.warm_up, plan.warm_up + plan.duration);
    let start = Instant::now() + Duration::from_millis(20);
    let seconds = usize::try_from(plan.duration.as_secs()).unwrap_or_default().max(1);
    let book = RefCell::new(Book {
        start,
        from,
        until,
        open: plan.pace != Pace::Closed,
        mix: plan.material.mix,
        latencies: Latencies::default(),
        result: LoadResult { timeline: vec![0; seconds], ..LoadResult::default() },
    });
    let lanes: FuturesUnordered<_> =
        (0..).zip(wires).map(|(connection, wire)| lane(plan, connection, wire, start, &book)).collect();
    let announce = async {
        sleep_until(start + from).await;
        say(MEASURING);
        sleep_until(start + until).await;
        say(MEASURED);
    };
    let all = join(lanes.collect::<()>(), announce);
    // What is not answered by then is counted as unanswered below.
    let _ = timeout_at(start + until + PATIENCE, all).await;
    Ok(close(plan, book.into_inner()))
}

fn close(plan: &LoadPlan, book: Book) -> LoadResult {
    let mut result = book.result;
    result.fine = book.latencies.count();
    result.per_second = super::latency::real(result.fine) / plan.duration.as_secs_f64();
    result.latency = book.latencies.percentiles();
    let due: u64 = (0..plan.clients)
        .filter_map(|connection| Schedule::of(plan.pace, connection, plan.clients))
        .map(|schedule| schedule.count(book.from, book.until))
        .sum();
    let answered = result.fine + result.errors();
    result.unanswered = due.saturating_sub(answered);
    result
}

/// One client: one request at a time.
async fn lane(plan: &LoadPlan, connection: u32, mut wire: Wire, start: Instant, book: &RefCell<Book>) {
    let schedule = Schedule::of(plan.pace, connection, plan.clients);
    let mut requests = Requests::of(&plan.material, connection);
    let end = start + plan.warm_up + plan.duration;
    for nth in 0.. {
        let now = Instant::now();
        let due = schedule.map_or(now.max(start), |schedule| start + schedule.due(nth));
        if due >= end {
            return;
        }
        if due > now {
            sleep_until(due).await;
        }
        let answer = wire.exchange(requests.next()).await.map(|answer| answer.status);
        book.borrow_mut().note(due, answer.as_ref().ok().copied());
        if answer.is_err() {
            match Wire::connect(plan.address).await {
                Ok(fresh) => wire = fresh,
                // Nobody listens any more; the next look is a moment later, and what is due meanwhile counts as broken.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A platform that answers at once, but not at all during one second after its first.
    async fn stalling(listener: TcpListener) {
        let begun = Instant::now();
        let stall = begun + Duration::from_secs(1)..begun + Duration::from_secs(2);
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let stall = stall.clone();
            tokio::spawn(async move {
                let mut inbox = vec![0; 4096];
                while stream.read(&mut inbox).await.is_ok_and(|read| read > 0) {
                    if stall.contains(&Instant::now()) {
                        sleep_until(stall.end).await;
                    }
                    if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
                        return;
                    }
                }
            });
        }
    }

    async fn against_a_stall(pace: Pace) -> LoadResult {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let platform = tokio::spawn(stalling(listener));
        let material = Material {
            mix: Mix::Read,
            keys: vec!["vt_x".to_owned()],
            operator_key: String::new(),
            population: 1,
            customers: 1,
            members: vec!["0190a5d1-7e3a-7cc3-98c4-dc0c0c07398f".to_owned()],
            run: "test".to_owned(),
            occurred_at: String::new(),
            lines: 0,
        };
        let (warm_up, duration) = (Duration::from_millis(100), Duration::from_secs(3));
        let plan = LoadPlan { address, clients: 4, pace, warm_up, duration, material };
        let result = run(&plan, |_| {}).await.unwrap();
        platform.abort();
        result
    }

    #[tokio::test]
    async fn an_open_loop_sees_a_stall_that_a_closed_loop_hides() {
        let open = against_a_stall(Pace::Open(200.0)).await;
        assert_eq!((open.fine, open.errors()), (600, 0), "{open:?}");
        // A third of all requests were due during the stall and waited half a second on average.
        assert!(open.latency.p90_ms > 500.0 && open.latency.p50_ms < 100.0, "{open:?}");

        let closed = against_a_stall(Pace::Closed).await;
        assert!(closed.fine > 1000 && closed.latency.p99_ms < 100.0, "{closed:?}");
        assert!(closed.latency.max_ms > 800.0, "{closed:?}");
    }

    #[tokio::test]
    async fn a_platform_that_is_away_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let material = Material {
            mix: Mix::Earn,
            keys: vec!["vt_x".to_owned()],
            operator_key: String::new(),
            population: 1,
            customers: 1,
            members: vec![],
            run: "test".to_owned(),
            occurred_at: String::new(),
            lines: 0,
        };
        let (warm_up, duration) = (Duration::ZERO, Duration::from_secs(1));
        let plan = LoadPlan { address, clients: 1, pace: Pace::Closed, warm_up, duration, material };
        assert!(run(&plan, |_| {}).await.is_err());
    }
}
