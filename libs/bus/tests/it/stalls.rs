//! Promise 14: stalled consumers heal.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use bus::{
    BusError, Carrier, ConsumerSettings, ConsumerSpec, ConsumerState, Delivery, NatsCarrier, NatsSettings,
    Parcel, StreamSpec, StreamState, Subscription,
};
use store::{Backend, Database, DatabaseSettings};
use testkit::{
    proxy::TcpProxy,
    servers::{Nats, Postgres},
};

use crate::place::{AtWork, Keeper, Rig, fact, heard, long, place, stage, until_heard};

/// The promise.
const HEALED: Duration = Duration::from_mins(1);

struct Line {
    teller: crate::place::Place,
    hearer: Database,
    work: AtWork,
    told: u64,
    _hearer: crate::place::Place,
}

impl Line {
    /// A relay that reaches the carrier directly, and a consumer that reaches it and its database as it is told.
    async fn over(
        carrier: Arc<dyn Carrier>,
        consumers: Arc<dyn Carrier>,
        proxied: Option<(&TcpProxy, &Postgres)>,
    ) -> Self {
        let teller = place(Backend::Sqlite).await;
        let of_hearer = place(Backend::Postgres).await;
        let hearer = of_hearer.database.clone();
        let database = match proxied {
            None => hearer.clone(),
            Some((proxy, server)) => {
                let ports = [server.port(), proxy.port()].map(|port| format!(":{port}/"));
                let url = hearer.settings().url.replace(&ports[0], &ports[1]);
                store::connect(&DatabaseSettings::at(url)).await.expect("opens through the proxy")
            }
        };
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        let settings =
            ConsumerSettings { stalled_after: Duration::from_secs(3), ..ConsumerSettings::default() };
        work.consumer(&database, &consumers, Arc::new(Keeper::named("keeper")), settings);
        Self { teller, hearer, work, told: 0, _hearer: of_hearer }
    }

    async fn tell(&mut self, facts: u64) {
        for _ in 0..facts {
            self.told += 1;
            stage(&self.teller.database, &[fact("m", self.told)]).await;
        }
    }

    async fn heals(&self, what: &str) {
        let began = Instant::now();
        until_heard(&self.hearer, self.told.try_into().expect("small"), HEALED).await;
        eprintln!("{what}: healed after {:?}", began.elapsed());
    }
}

fn pauses() -> Vec<u64> {
    if long() { (0..100).map(|n| 5 + n * 37 % 116).collect() } else { vec![1, 4] }
}

#[tokio::test]
async fn a_broker_that_stops_or_dies_holds_facts_up_and_loses_none() {
    let server = Nats::start().expect("a nats-server of its own");
    let carrier = Rig::nats_at(server.url()).open().await;
    let mut line = Line::over(Arc::clone(&carrier), carrier, None).await;
    line.tell(5).await;
    line.heals("at first").await;
    for seconds in pauses() {
        server.pause().expect("pauses");
        line.tell(3).await;
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        server.resume().expect("resumes");
        line.heals("paused").await;
        server.kill().expect("kills");
        line.tell(3).await;
        server.restart().expect("restarts");
        line.heals("killed").await;
    }
    line.work.stop().await;
    assert_eq!(heard(&line.hearer).await, i64::try_from(line.told).expect("small"));
}

#[tokio::test]
async fn a_half_open_way_to_the_broker_is_noticed_and_bound_again() {
    let proxy = TcpProxy::start(format!("127.0.0.1:{}", Nats::shared().port())).await.expect("a proxy");
    let Rig::Nats(settings) = Rig::nats() else { unreachable!("asked for NATS") };
    let direct: Arc<dyn Carrier> = Arc::new(NatsCarrier::connect(&settings).await.expect("connects"));
    let url = format!("nats://127.0.0.1:{}", proxy.port());
    let through = NatsCarrier::connect(&NatsSettings { url, ..settings }).await.expect("connects");
    let mut line = Line::over(direct, Arc::new(through), None).await;
    line.tell(5).await;
    line.heals("at first").await;
    for seconds in pauses() {
        proxy.silence();
        line.tell(3).await;
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        proxy.restore();
        line.heals("silent").await;
        proxy.cut_once().await;
        line.tell(3).await;
        line.heals("cut").await;
    }
    line.work.stop().await;
}

#[tokio::test]
async fn a_half_open_way_to_the_database_is_noticed_and_the_batch_tried_again() {
    let server = Postgres::shared();
    let proxy = TcpProxy::start(format!("127.0.0.1:{}", server.port())).await.expect("a proxy");
    let carrier = Rig::nats().open().await;
    let mut line = Line::over(Arc::clone(&carrier), carrier, Some((&proxy, server))).await;
    line.tell(5).await;
    line.heals("at first").await;
    for seconds in pauses() {
        proxy.silence();
        line.tell(3).await;
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        proxy.restore();
        line.heals("silent").await;
        proxy.cut_once().await;
        line.tell(3).await;
        line.heals("cut").await;
    }
    line.work.stop().await;
}

/// A carrier whose first subscription brings nothing, whatever waits: the state in which a connected client can be left.
struct Deaf {
    inner: Arc<dyn Carrier>,
    bound: AtomicU32,
}

struct Nothing;

#[async_trait::async_trait]
impl Subscription for Nothing {
    async fn next(&mut self, _: usize, wait: Duration) -> Result<Vec<Delivery>, BusError> {
        tokio::time::sleep(wait).await;
        Ok(Vec::new())
    }

    async fn ack(&mut self, _: &[u64]) -> Result<(), BusError> {
        Ok(())
    }

    async fn retry(&mut self, _: &[u64], _: Duration) -> Result<(), BusError> {
        Ok(())
    }

    async fn working(&mut self, _: &[u64]) -> Result<(), BusError> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl Carrier for Deaf {
    async fn ensure_stream(&self, spec: &StreamSpec) -> Result<(), BusError> {
        self.inner.ensure_stream(spec).await
    }

    async fn ensure_consumer(&self, spec: &ConsumerSpec) -> Result<(), BusError> {
        self.inner.ensure_consumer(spec).await
    }

    async fn publish(&self, stream: &str, parcels: &[Parcel]) -> Result<(), BusError> {
        self.inner.publish(stream, parcels).await
    }

    async fn consume(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        let real = self.inner.consume(spec).await?;
        if self.bound.fetch_add(1, Ordering::Relaxed) == 0 { Ok(Box::new(Nothing)) } else { Ok(real) }
    }

    async fn stream_state(&self, stream: &str) -> Result<StreamState, BusError> {
        self.inner.stream_state(stream).await
    }

    async fn consumer_state(&self, stream: &str, durable: &str) -> Result<ConsumerState, BusError> {
        self.inner.consumer_state(stream, durable).await
    }

    async fn forget_consumer(&self, stream: &str, durable: &str) -> Result<(), BusError> {
        self.inner.forget_consumer(stream, durable).await
    }

    async fn forget_stream(&self, stream: &str) -> Result<(), BusError> {
        self.inner.forget_stream(stream).await
    }

    async fn ping(&self) -> Result<(), BusError> {
        self.inner.ping().await
    }
}

#[tokio::test]
async fn a_subscription_that_brings_nothing_though_parcels_wait_is_bound_again() {
    let inner = Rig::nats().open().await;
    let deaf = Arc::new(Deaf { inner: Arc::clone(&inner), bound: AtomicU32::new(0) });
    let mut line = Line::over(inner, Arc::clone(&deaf) as Arc<dyn Carrier>, None).await;
    line.tell(5).await;
    line.heals("deaf").await;
    assert!(deaf.bound.load(Ordering::Relaxed) >= 2);
    line.work.stop().await;
}
