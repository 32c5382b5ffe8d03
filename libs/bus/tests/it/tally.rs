//! An effect that only counts: no natural key protects it, so every doubling shows. And the planted bugs of promises 6,
//! 12 and 13: a consumer whose inbox is forgotten doubles, one that insists on order at a poison fact stands still.

use std::{sync::Arc, time::Duration};

use bus::{Carrier, ConsumerSettings, ConsumerSpec, Parcel, Reaction, ReactionError, StreamSpec};
use contracts::{Fact, FactData as _, parcel, points::PointsEarned};
use kernel::Timestamp;
use store::{
    Backend, Database, Tx, inbox,
    outbox::{self, ParcelRow},
    sea_orm::{ConnectionTrait as _, Statement},
};

use crate::place::{AtWork, Keeper, Rig, fact, heard, number, place, row, stage};

/// Adds up how many facts it heard.
pub struct Tally;

impl Tally {
    pub async fn prepare(database: &Database) {
        let connection = database.connection();
        for sql in ["CREATE TABLE tally (facts bigint NOT NULL)", "INSERT INTO tally VALUES (0)"] {
            connection.execute_unprepared(sql).await.expect("the table is made");
        }
    }

    pub async fn counted(database: &Database) -> i64 {
        number(database, "SELECT facts FROM tally").await
    }
}

#[async_trait::async_trait]
impl Reaction for Tally {
    fn consumer(&self) -> &'static str {
        "tally"
    }

    fn stream(&self) -> &'static str {
        "points"
    }

    fn hears(&self) -> &'static [&'static str] {
        &[PointsEarned::TYPE]
    }

    async fn apply(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        let connection = tx.connection();
        let values = [i64::try_from(facts.len()).expect("small").into()];
        let sql = "UPDATE tally SET facts = facts + $1";
        let add = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        connection.execute_raw(add).await?;
        Ok(())
    }
}

async fn until_quiet(carrier: &dyn Carrier, parcels: u64) {
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let (Ok(stream), Ok(consumer)) =
            (carrier.stream_state("points").await, carrier.consumer_state("points", "tally").await)
        else {
            continue;
        };
        if stream.parcels >= parcels && (consumer.pending, consumer.unacknowledged) == (0, 0) {
            return;
        }
    }
    panic!("the consumer does not come to rest");
}

#[tokio::test]
async fn an_effect_that_only_counts_is_once_through_the_inbox_and_doubles_without_it() {
    const PARCELS: u64 = 100;
    const FACTS: i64 = 200;
    for (rig, backend) in [(Rig::embedded(), Backend::Sqlite), (Rig::nats(), Backend::Postgres)] {
        let (teller, hearer) = (place(backend).await, place(backend).await);
        Tally::prepare(&hearer.database).await;
        for n in 0..PARCELS {
            stage(&teller.database, &[fact("m", 2 * n), fact("m", 2 * n + 1)]).await;
        }
        let carrier = rig.open().await;
        let consume = || {
            let mut work = AtWork::default();
            work.consumer(&hearer.database, &carrier, Arc::new(Tally), ConsumerSettings::default());
            work
        };
        let mut work = consume();
        work.relay(&teller.database, &carrier);
        until_quiet(&*carrier, PARCELS).await;
        work.stop().await;
        assert_eq!(Tally::counted(&hearer.database).await, FACTS);

        // Everything twice more, through a stream that has forgotten what it carried.
        let rows = outbox::page(&teller.database, 0, u32::MAX).await.expect("reads");
        carrier.forget_stream("points").await.expect("forgets");
        carrier.ensure_stream(&StreamSpec::named("points")).await.expect("makes it again");
        for row in rows.iter().rev() {
            let again = Parcel { id: row.parcel.parcel_id, payload: row.parcel.payload.clone().into() };
            carrier.publish("points", &[again]).await.expect("publishes");
        }
        let work = consume();
        until_quiet(&*carrier, PARCELS).await;
        work.stop().await;
        assert_eq!(Tally::counted(&hearer.database).await, FACTS, "the inbox knows them");

        // The planted bug: no inbox.
        inbox::prune(&hearer.database, "tally", Timestamp::from_micros(i64::MAX)).await.expect("prunes");
        carrier.forget_consumer("points", "tally").await.expect("forgets");
        let work = consume();
        until_quiet(&*carrier, PARCELS).await;
        work.stop().await;
        assert_eq!(Tally::counted(&hearer.database).await, 2 * FACTS, "without it every effect is doubled");
    }
}

#[tokio::test]
async fn a_naive_consumer_that_insists_on_order_stands_still_at_the_first_poison_fact() {
    const PARCELS: u64 = 50;
    let rig = Rig::embedded();
    let (teller, hearer) = (place(Backend::Sqlite).await, place(Backend::Sqlite).await);
    for n in 0..PARCELS {
        let staged = match n {
            20 => ParcelRow { payload: b"no parcel at all".to_vec(), ..row(&[]) },
            _ => row(&[fact("m", n)]),
        };
        let tx = teller.database.begin().await.expect("begins");
        outbox::stage(&tx, &staged).await.expect("stages");
        tx.commit().await.expect("commits");
    }
    let carrier = rig.open().await;
    let mut work = AtWork::default();
    work.relay(&teller.database, &carrier);
    carrier.ensure_stream(&StreamSpec::named("points")).await.expect("makes it");
    let spec = ConsumerSpec {
        stream: "points".to_owned(),
        durable: "naive".to_owned(),
        ack_wait: Duration::from_secs(5),
        max_ack_pending: 100,
    };
    let mut subscription = carrier.consume(&spec).await.expect("binds");
    let keeper = Keeper::named("naive");
    let (mut stuck, mut applied) = (0, 0);
    while stuck < 10 {
        for delivery in subscription.next(1, Duration::from_millis(200)).await.expect("brings") {
            let Ok(facts) = parcel::decode(&delivery.parcel.payload) else {
                // The planted bug: the same one again, and nothing else before it is done.
                stuck += 1;
                break;
            };
            if stuck > 0 {
                continue;
            }
            let facts: Vec<Fact> = facts.into_iter().flatten().collect();
            let tx = hearer.database.begin().await.expect("begins");
            keeper.keep(&tx, &facts).await.expect("keeps");
            tx.commit().await.expect("commits");
            subscription.ack(&[delivery.stream_seq]).await.expect("acknowledges");
            applied += 1;
        }
        stuck += i32::from(stuck > 0);
    }
    work.stop().await;
    assert_eq!((applied, heard(&hearer.database).await), (20, 20), "the other 29 are never reached");
}
