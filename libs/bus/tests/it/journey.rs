//! A fact's whole way: staged in one database, applied in another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bus::{
    Carrier, Consumer, ConsumerSettings, Parcel, Reaction, ReactionError, Relay, RelaySettings, StreamSpec,
    refill,
};
use contracts::{Fact, FactData as _, parcel, points::PointsEarned};
use store::{Backend, Database, Tx, inbox, outbox, sea_orm::ConnectionTrait as _};
use tokio_util::sync::CancellationToken;

use crate::place::{
    AtWork, Dice, Keeper, Place, Rig, clock, fact, heard, ids, long, number, parcel_id, place, row, stage,
    until_heard,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// Both shapes: the carrier, the teller's database, the hearer's.
async fn shapes() -> Vec<(Rig, Place, Place)> {
    vec![
        (Rig::embedded(), place(Backend::Sqlite).await, place(Backend::Sqlite).await),
        (Rig::nats(), place(Backend::Postgres).await, place(Backend::Postgres).await),
    ]
}

fn keeper() -> Arc<Keeper> {
    Arc::new(Keeper::named("keeper"))
}

#[tokio::test]
async fn a_staged_fact_is_applied_once_elsewhere_and_soon() {
    for (rig, teller, hearer) in shapes().await {
        let carrier = rig.open().await;
        let mut work = AtWork::default();
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        let waker = work.relay(&teller.database, &carrier);
        for n in 1..=5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stage(&teller.database, &[fact("m", n)]).await;
            waker.wake();
            let committed = Instant::now();
            until_heard(&hearer.database, n.try_into().expect("small"), PATIENCE).await;
            assert!(
                n == 1 || committed.elapsed() < Duration::from_millis(250),
                "took {:?}",
                committed.elapsed()
            );
        }
        work.stop().await;
        assert_eq!(
            outbox::oldest_unpublished_at(&teller.database).await.expect("asks"),
            None,
            "marks are written"
        );
        assert_eq!(inbox::count(&hearer.database, "keeper").await.expect("counts"), 5);
    }
}

/// Tells a fact of its own for each that it hears.
struct Echo;

#[async_trait::async_trait]
impl Reaction for Echo {
    fn consumer(&self) -> &'static str {
        "echo"
    }

    fn stream(&self) -> &'static str {
        "points"
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let again: Vec<Fact> = facts.iter().map(|heard| fact(&heard.subject, heard.seq)).collect();
        Ok(outbox::stage(tx, &row(&again)).await?)
    }
}

#[tokio::test]
async fn what_a_reaction_tells_leaves_right_after_its_commit() {
    for (rig, teller, hearer) in shapes().await {
        let carrier = rig.open().await;
        let mut work = AtWork::default();
        let seldom = RelaySettings { poll: Duration::from_mins(10), ..RelaySettings::default() };
        let relay = Relay::new(hearer.database.clone(), Arc::clone(&carrier), "echoes", clock(), &*ids())
            .with_settings(seldom);
        let reaction: Arc<dyn Reaction> = Arc::new(Echo);
        let consumer =
            Consumer::new(hearer.database.clone(), Arc::clone(&carrier), reaction, clock(), &*ids());
        let stop = CancellationToken::new();
        let consuming = tokio::spawn(consumer.with_relay(relay.waker()).run(stop.clone()));
        let relaying = tokio::spawn(relay.run(stop.clone()));
        let waker = work.relay(&teller.database, &carrier);
        for n in 1..=3 {
            tokio::time::sleep(Duration::from_millis(200)).await;
            stage(&teller.database, &[fact("m", n)]).await;
            waker.wake();
            let told = Instant::now();
            while carrier.stream_state("echoes").await.map_or(0, |state| state.parcels) < n {
                assert!(told.elapsed() < PATIENCE, "the answer to {n} lies there");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        stop.cancel();
        consuming.await.expect("ends");
        relaying.await.expect("ends");
        work.stop().await;
    }
}

#[tokio::test]
async fn a_lost_wake_up_costs_a_moment_and_no_fact() {
    for (rig, teller, hearer) in shapes().await {
        let carrier = rig.open().await;
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        stage(&teller.database, &[fact("m", 1), fact("m", 2)]).await;
        until_heard(&hearer.database, 2, PATIENCE).await;
        work.stop().await;
    }
}

/// Everything heard, in a form in which the order of arrival does not show.
async fn state(database: &Database) -> Vec<(String, i64)> {
    let statement = store::sea_orm::Statement::from_string(
        database.connection().get_database_backend(),
        "SELECT member, seq FROM heard ORDER BY member, seq",
    );
    let rows = database.connection().query_all_raw(statement).await.expect("reads");
    rows.iter()
        .map(|row| (row.try_get_by_index(0).expect("text"), row.try_get_by_index(1).expect("number")))
        .collect()
}

async fn told(teller: &Database, dice: &mut Dice, parcels: u64) {
    for n in 0..parcels {
        let member = format!("m{}", dice.below(9));
        stage(teller, &[fact(&member, 2 * n), fact(&member, 2 * n + 1)]).await;
    }
}

/// Promise 12.
#[tokio::test]
async fn redelivery_and_replay_change_nothing() {
    let parcels = if long() { 20_000 } else { 200 };
    for (rig, teller, hearer) in shapes().await {
        let carrier = rig.open().await;
        let mut dice = Dice::seeded(12);
        told(&teller.database, &mut dice, parcels).await;
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        until_heard(&hearer.database, i64::try_from(2 * parcels).expect("small"), PATIENCE).await;
        let once = state(&hearer.database).await;

        // Every parcel twice more, in any order, under the eyes of a carrier that has forgotten them.
        let rows = outbox::page(&teller.database, 0, u32::MAX).await.expect("reads");
        let mut again: Vec<Parcel> = rows
            .iter()
            .flat_map(|row| [row, row])
            .map(|row| Parcel { id: row.parcel.parcel_id, payload: row.parcel.payload.clone().into() })
            .collect();
        for at in (1..again.len()).rev() {
            again.swap(at, dice.place(at + 1));
        }
        work.stop().await;
        carrier.forget_stream("points").await.expect("forgets");
        carrier.ensure_stream(&StreamSpec::named("points")).await.expect("makes it again");
        for some in again.chunks(50) {
            carrier.publish("points", some).await.expect("publishes");
        }
        let mut work = AtWork::default();
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        until_quiet(&*carrier).await;
        assert_eq!(state(&hearer.database).await, once, "after redelivery");
        work.stop().await;

        // And the whole stream from its beginning, with the inbox forgotten: natural keys hold.
        let forgotten =
            inbox::prune(&hearer.database, "keeper", kernel::Timestamp::from_micros(i64::MAX)).await;
        assert_eq!(forgotten.expect("prunes"), parcels);
        carrier.forget_consumer("points", "keeper").await.expect("forgets");
        let mut work = AtWork::default();
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        until_quiet(&*carrier).await;
        assert_eq!(state(&hearer.database).await, once, "after a replay");
        work.stop().await;
    }
}

/// Waits until the consumer has taken everything there is.
async fn until_quiet(carrier: &dyn Carrier) {
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Ok(state) = carrier.consumer_state("points", "keeper").await
            && (state.pending, state.unacknowledged) == (0, 0)
        {
            return;
        }
    }
    panic!("the consumer does not come to rest");
}

#[tokio::test]
async fn a_lost_stream_is_filled_again_from_the_outbox() {
    for (rig, teller, hearer) in shapes().await {
        let carrier = rig.open().await;
        told(&teller.database, &mut Dice::seeded(10), 300).await;
        let mut work = AtWork::default();
        work.relay(&teller.database, &carrier);
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if carrier.stream_state("points").await.is_ok_and(|state| state.parcels == 300) {
                break;
            }
        }
        work.stop().await;
        carrier.forget_stream("points").await.expect("the carrier loses its disk");
        let mut seen = Vec::new();
        let count =
            refill(&teller.database, &*carrier, "points", |count| seen.push(count)).await.expect("refills");
        assert_eq!((count, seen), (300, vec![256, 300]));
        let mut work = AtWork::default();
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        until_heard(&hearer.database, 600, PATIENCE).await;
        work.stop().await;
    }
}

#[tokio::test]
async fn types_that_nobody_hears_are_passed_over_and_their_parcels_are_done_with() {
    for (rig, _, hearer) in shapes().await {
        let carrier = rig.open().await;
        carrier.ensure_stream(&StreamSpec::named("points")).await.expect("makes it");
        let mut other = fact("m", 1);
        other.kind = "vafa.points.something_else.v1".into();
        let bodies = [parcel::encode(&[other.clone()]), parcel::encode(&[other, fact("m", 2)])];
        let parcels = bodies.map(|body| Parcel { id: parcel_id(), payload: body.into() });
        carrier.publish("points", &parcels).await.expect("publishes");
        let mut work = AtWork::default();
        work.consumer(&hearer.database, &carrier, keeper(), ConsumerSettings::default());
        until_quiet(&*carrier).await;
        work.stop().await;
        assert_eq!(heard(&hearer.database).await, 1);
        assert_eq!(number(&hearer.database, "SELECT COUNT(*) FROM inbox").await, 2);
    }
}
