//! What the way from outbox to effect costs. Small in every build; `VAFA_LONG=1 cargo test -p bus --release measure --
//! --nocapture` says it in figures, `FACTS=…` sets how many facts a parcel has.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use bus::{ConsumerSettings, Reaction, ReactionError, Waker};
use contracts::{Fact, FactData as _, points::PointsEarned};
use kernel::Clock;
use store::{
    Backend, Database, Tx,
    outbox::{self, ParcelRow},
};
use testkit::servers::{Nats, Postgres};

use crate::place::{AtWork, Rig, clock, fact, long, number, parcel_id, place, row};

/// Reads every fact and writes nothing: what is left is the cost of the way.
struct Reader {
    facts: AtomicI64,
    points: AtomicI64,
    worst_ms: AtomicI64,
    clock: Arc<dyn Clock>,
}

#[async_trait::async_trait]
impl Reaction for Reader {
    fn consumer(&self) -> &'static str {
        "reader"
    }

    fn stream(&self) -> &'static str {
        "points"
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE]
    }

    async fn apply(&self, _: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        for fact in facts {
            self.points.fetch_add(fact.read::<PointsEarned>()?.points.count(), Ordering::Relaxed);
        }
        let oldest = facts.iter().map(|fact| self.clock.now().millis_since(fact.time)).max().unwrap_or(0);
        self.worst_ms.fetch_max(oldest, Ordering::Relaxed);
        self.facts.fetch_add(i64::try_from(facts.len()).expect("small"), Ordering::Relaxed);
        Ok(())
    }
}

/// Seconds of CPU that a process and the children it has waited for have used; none once it has ended.
fn cpu(pid: u32) -> f64 {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return 0.0 };
    let fields: Vec<&str> = stat.rsplit(')').next().expect("a line").split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<f64>().expect("a number");
    (ticks(11) + ticks(12)) / 100.0
}

/// The backends of a PostgreSQL server are its children.
fn cpu_of_children(pid: u32) -> f64 {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|child| child.parse().ok()).map(cpu).sum()
}

/// CPU seconds so far of this process, PostgreSQL and NATS.
fn cpu_of_all() -> [f64; 3] {
    let postgres = Postgres::shared().pid().expect("runs");
    let nats = Nats::shared().pid().expect("runs");
    [cpu(std::process::id()), cpu_of_children(postgres), cpu(nats)]
}

fn parcels() -> u32 {
    if long() { 1_000 } else { 100 }
}

/// Stages parcels at a steady 200 a second.
async fn stage_steadily(database: &Database, staged: &ParcelRow, waker: Option<&Waker>) {
    let began = Instant::now();
    for n in 1..=parcels() {
        let again = ParcelRow { parcel_id: parcel_id(), ..staged.clone() };
        let tx = database.begin().await.expect("begins");
        outbox::stage(&tx, &again).await.expect("stages");
        tx.commit().await.expect("commits");
        if let Some(waker) = waker {
            waker.wake();
        }
        tokio::time::sleep_until((began + Duration::from_millis(5) * n).into()).await;
    }
}

fn tell(what: &str, facts_per_parcel: u32, began: Instant, before: [f64; 3]) {
    let after = cpu_of_all();
    let took = began.elapsed().as_secs_f64();
    let share = |at: usize| (after[at] - before[at]) / took * 100.0;
    eprintln!(
        "{what}: {:.0} facts/s; of a core: this process {:.1} %, PostgreSQL {:.1} %, NATS {:.1} %",
        f64::from(parcels() * facts_per_parcel) / took,
        share(0),
        share(1),
        share(2),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parcels_that_come_close_together_share_transactions() {
    let per_parcel: u32 = std::env::var("FACTS").map_or(100, |n| n.parse().expect("a number"));
    let facts: Vec<Fact> = (0..per_parcel).map(|n| fact("m", n.into())).collect();
    let staged = row(&facts);
    for (backend, rig) in [
        (Backend::Sqlite, Rig::embedded()),
        (Backend::Postgres, Rig::embedded()),
        (Backend::Postgres, Rig::nats()),
    ] {
        let (teller, idle, hearer) = (place(backend).await, place(backend).await, place(backend).await);
        let carrier = rig.open().await;
        let kind = if matches!(rig, Rig::Nats(_)) { "NATS" } else { "embedded" };
        let (began, before) = (Instant::now(), cpu_of_all());
        stage_steadily(&idle.database, &staged, None).await;
        tell(&format!("{backend:?}, staging alone"), per_parcel, began, before);

        let reader = Arc::new(Reader {
            facts: AtomicI64::new(0),
            points: AtomicI64::new(0),
            worst_ms: AtomicI64::new(0),
            clock: clock(),
        });
        let mut work = AtWork::default();
        let waker = work.relay(&teller.database, &carrier);
        let reaction = Arc::clone(&reader) as Arc<dyn Reaction>;
        work.consumer(&hearer.database, &carrier, reaction, ConsumerSettings::default());
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (began, before) = (Instant::now(), cpu_of_all());
        stage_steadily(&teller.database, &staged, Some(&waker)).await;
        while reader.facts.load(Ordering::Relaxed) < i64::from(parcels() * per_parcel) {
            assert!(began.elapsed() < Duration::from_mins(2), "facts are missing");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tell(&format!("{backend:?}, {kind}, staging and the way"), per_parcel, began, before);
        let shared = number(&hearer.database, "SELECT COUNT(DISTINCT processed_at) FROM inbox").await;
        eprintln!("    {shared} transactions for {} parcels", parcels());
        assert!(shared < i64::from(parcels()) / 2);
        work.stop().await;
    }
}
