//! Promise 13, its last part: whoever watches the platform hears of a poison fact within a minute.

use std::time::{Duration, Instant};

use bus::{Carrier as _, NatsCarrier, NatsSettings, Parcel};
use kernel::ParcelId;
use testkit::servers::Nats;
use uuid::Uuid;

use crate::{
    load::{Habit, Load, Street},
    rig::{Rig, counted, hearers_of, say},
};

const ALARM: Duration = Duration::from_mins(1);
/// Into which poison comes.
const STREAMS: [&str; 2] = ["points", "membership"];
const COUNTER: &str = "vafa_consumer_dead_letters_total";

#[test]
fn a_poison_parcel_is_counted_logged_and_listed_within_a_minute_while_others_are_heard() {
    journeys::block_on(async {
        let rig = Rig::start().await;
        let street = Street::open(&rig, 4, 4).await;
        assert!(counted(&rig.metrics("membership").await, COUNTER, "") < 0.5);
        let mut load = Load::begin(&rig, street, Habit::Careful);
        load.until_more(20).await;

        let settings =
            NatsSettings { url: Nats::shared().url(), prefix: rig.bus_prefix(), ..NatsSettings::default() };
        let carrier = NatsCarrier::connect(&settings).await.expect("the broker runs");
        let begun = Instant::now();
        for (number, stream) in (13..).zip(STREAMS) {
            let id = ParcelId::from_uuid(Uuid::from_u128(number));
            let poison = Parcel { id, payload: b"no parcel at all".to_vec().into() };
            carrier.publish(stream, &[poison]).await.expect("it is taken");
        }
        let hearers: i64 = STREAMS.into_iter().map(hearers_of).sum();
        while counted(&rig.metrics("membership").await, COUNTER, "") < 0.5 {
            assert!(begun.elapsed() < ALARM, "nothing was counted");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let after = begun.elapsed();
        assert!(rig.log_of("membership").contains("a fact went to the dead letters"));
        let dead = "SELECT COUNT(*) FROM dead_letters WHERE resolved_at IS NULL";
        let letters = async || {
            let mut all = 0;
            for service in ["membership", "points", "rewards", "notifications", "webhooks"] {
                all += rig.number(service, dead).await;
            }
            all
        };
        while letters().await < hearers {
            assert!(begun.elapsed() < ALARM, "once for each who hears a stream");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(letters().await, hearers, "once for each who hears a stream");

        load.until_more(100).await;
        drop(load.finish().await);
        // What came after them is heard: only the parcels that nobody told stand over.
        let unheard = rig.unheard_at_rest().await;
        assert_eq!(unheard, -hearers, "everything told was heard, and one parcel of each stream more");
        say(&format!("row 13: the alarm came after {after:.1?}"));
    });
}
