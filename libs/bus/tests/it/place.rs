//! Throw-away databases and carriers, a clock, ids, and a reaction that keeps what it heard.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, UNIX_EPOCH},
};

use bus::{
    Carrier, Consumer, ConsumerSettings, EmbeddedCarrier, NatsCarrier, NatsSettings, Reaction, ReactionError,
    Relay, RelaySettings, Waker,
};
use contracts::{Fact, FactData as _, FactHead, parcel, points::PointsEarned};
use kernel::{Clock, FactId, Ids, ParcelId, Timestamp};
use store::{
    Backend, Column, ColumnType, Database, DatabaseSettings, Tx,
    bulk::BulkInsert,
    outbox::{self, ParcelRow},
    sea_orm::{ConnectionTrait as _, Statement},
};
use tempfile::TempDir;
use testkit::servers::{Nats, Postgres};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Whether the promises' own sizes were asked for.
pub fn long() -> bool {
    std::env::var_os("VAFA_LONG").is_some()
}

/// The system's time; measured from a fixed point, since tests may not ask for it either.
pub struct TestClock(Instant);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let base = UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let since = (base + self.0.elapsed()).duration_since(UNIX_EPOCH).expect("after 1970");
        Timestamp::from_micros(i64::try_from(since.as_micros()).expect("before the year 294247"))
    }
}

/// Ids that count.
pub struct TestIds(AtomicU64);

impl Ids for TestIds {
    fn uuid(&self) -> Uuid {
        let high = u64::from(std::process::id()) << 32;
        Uuid::from_u64_pair(high, self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn secret(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

static IDS: TestIds = TestIds(AtomicU64::new(1));

pub fn ids() -> Arc<dyn Ids> {
    struct Shared;
    impl Ids for Shared {
        fn uuid(&self) -> Uuid {
            IDS.uuid()
        }
        fn secret(&self, bytes: &mut [u8]) {
            IDS.secret(bytes);
        }
    }
    Arc::new(Shared)
}

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(TestClock(Instant::now()))
}

pub fn parcel_id() -> ParcelId {
    ParcelId::from_uuid(IDS.uuid())
}

/// A database with the tables that every service has, and one that the test reaction writes to.
pub struct Place {
    pub database: Database,
    _folder: Option<TempDir>,
}

pub async fn place(backend: Backend) -> Place {
    let (settings, folder) = match backend {
        Backend::Postgres => {
            let url = Postgres::shared().fresh_database("bus").expect("a fresh database");
            (DatabaseSettings { max_connections: 16, ..DatabaseSettings::at(url) }, None)
        }
        Backend::Sqlite => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let settings = DatabaseSettings::at(format!("sqlite://{}/service.db", folder.path().display()));
            (settings, Some(folder))
        }
    };
    let database = store::connect(&settings).await.expect("the database opens");
    store::migrate(&database, store::migrations()).await.expect("the tables are made");
    let sql = match backend {
        Backend::Postgres => {
            "CREATE TABLE heard (at bigint GENERATED ALWAYS AS IDENTITY, fact_id uuid PRIMARY KEY, \
             member text NOT NULL, seq bigint NOT NULL)"
        }
        Backend::Sqlite => {
            "CREATE TABLE heard (at INTEGER PRIMARY KEY AUTOINCREMENT, fact_id BLOB UNIQUE NOT NULL, \
             member TEXT NOT NULL, seq INTEGER NOT NULL)"
        }
    };
    database.connection().execute_unprepared(sql).await.expect("the table is made");
    Place { database, _folder: folder }
}

/// A carrier that can be opened again, as after a restart.
pub enum Rig {
    Embedded(TempDir),
    Nats(NatsSettings),
}

impl Rig {
    /// One of each kind.
    pub fn both() -> [Self; 2] {
        [Self::embedded(), Self::nats()]
    }

    pub fn embedded() -> Self {
        Self::Embedded(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn nats() -> Self {
        Self::nats_at(Nats::shared().url())
    }

    pub fn nats_at(url: String) -> Self {
        let prefix = format!("t{}", IDS.uuid().as_u64_pair().1);
        Self::Nats(NatsSettings { url, prefix, ..NatsSettings::default() })
    }

    pub async fn open(&self) -> Arc<dyn Carrier> {
        match self {
            Self::Embedded(folder) => {
                let file = folder.path().join("bus.db");
                Arc::new(EmbeddedCarrier::open(&file).await.expect("the carrier opens"))
            }
            Self::Nats(settings) => Arc::new(NatsCarrier::connect(settings).await.expect("NATS answers")),
        }
    }
}

/// A fact of a member's sequence.
pub fn fact(member: &str, seq: u64) -> Fact {
    let head = FactHead {
        id: FactId::from_uuid(IDS.uuid()),
        source: "points",
        subject: member.to_owned(),
        seq,
        time: TestClock(Instant::now()).now(),
        traceparent: None,
    };
    Fact::new(head, &PointsEarned::sample())
}

pub fn row(facts: &[Fact]) -> ParcelRow {
    ParcelRow {
        parcel_id: parcel_id(),
        created_at: TestClock(Instant::now()).now(),
        payload: parcel::encode(facts),
    }
}

/// Stages a parcel of these facts in a transaction of its own.
pub async fn stage(database: &Database, facts: &[Fact]) {
    let tx = database.begin().await.expect("begins");
    outbox::stage(&tx, &row(facts)).await.expect("stages");
    tx.commit().await.expect("commits");
}

pub async fn number(database: &Database, sql: &str) -> i64 {
    let connection = database.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("the query runs").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

pub async fn heard(database: &Database) -> i64 {
    number(database, "SELECT COUNT(*) FROM heard").await
}

/// Waits until as many facts were heard, at most for `limit`; ten times as long for the long sizes.
pub async fn until_heard(database: &Database, facts: i64, limit: Duration) {
    let limit = if long() { limit * 10 } else { limit };
    let began = Instant::now();
    loop {
        let count = heard(database).await;
        if count >= facts {
            return;
        }
        assert!(began.elapsed() < limit, "only {count} of {facts} facts were heard in {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Keeps each fact as a row, under the natural key of its id.
pub struct Keeper {
    pub consumer: &'static str,
    insert: BulkInsert,
}

impl Keeper {
    pub fn named(consumer: &'static str) -> Self {
        let columns = [("fact_id", ColumnType::Uuid), ("member", ColumnType::Text), ("seq", ColumnType::I64)];
        Self { consumer, insert: BulkInsert::new("heard", &columns, "ON CONFLICT DO NOTHING") }
    }

    pub async fn keep(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let ids: Vec<Uuid> = facts.iter().map(|fact| fact.id.as_uuid()).collect();
        let members: Vec<&str> = facts.iter().map(|fact| fact.subject.as_str()).collect();
        let seqs: Vec<i64> = facts.iter().map(|fact| i64::try_from(fact.seq).expect("small")).collect();
        self.insert.run(tx, &[Column::Uuid(&ids), Column::Text(&members), Column::I64(&seqs)]).await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl Reaction for Keeper {
    fn consumer(&self) -> &'static str {
        self.consumer
    }

    fn stream(&self) -> &'static str {
        "points"
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        self.keep(tx, facts).await
    }
}

/// Relays and consumers at work, each on a task of its own until it is stopped.
#[derive(Default)]
pub struct AtWork {
    shutdown: CancellationToken,
    tasks: JoinSet<()>,
}

impl AtWork {
    pub fn relay(&mut self, database: &Database, carrier: &Arc<dyn Carrier>) -> Waker {
        let relay = Relay::new(database.clone(), Arc::clone(carrier), "points", clock(), &*ids())
            .with_settings(RelaySettings { lease: Duration::from_millis(400), ..RelaySettings::default() });
        let waker = relay.waker();
        self.tasks.spawn(relay.run(self.shutdown.clone()));
        waker
    }

    pub fn consumer(
        &mut self,
        database: &Database,
        carrier: &Arc<dyn Carrier>,
        reaction: Arc<dyn Reaction>,
        settings: ConsumerSettings,
    ) {
        let settings = ConsumerSettings { lease: Duration::from_millis(400), ..settings };
        let consumer = Consumer::new(database.clone(), Arc::clone(carrier), reaction, clock(), &*ids());
        self.tasks.spawn(consumer.with_settings(settings).run(self.shutdown.clone()));
    }

    /// Asks all to stop and waits until they have.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("no task panics");
        }
    }

    /// Stops all in the middle of what they do, as a kill would.
    pub async fn kill(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Numbers that look random and are the same in every run with the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A place in a list of `length`.
    pub fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below a usize")
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
