//! What every carrier must do. Both run the same checks.

use std::{sync::Arc, time::Duration};

use bus::{BusError, Carrier, ConsumerSpec, Delivery, LONGEST_PARCEL, Parcel, StreamSpec, Subscription};

use crate::place::{Rig, parcel_id};

const SOON: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(5);

fn spec(durable: &str) -> ConsumerSpec {
    ConsumerSpec {
        stream: "points".to_owned(),
        durable: durable.to_owned(),
        ack_wait: Duration::from_secs(30),
        max_ack_pending: 1_000,
    }
}

fn parcels(count: usize) -> Vec<Parcel> {
    let one = |n: usize| Parcel { id: parcel_id(), payload: format!("[{n}]").into_bytes().into() };
    (0..count).map(one).collect()
}

async fn carrier(rig: &Rig) -> Arc<dyn Carrier> {
    let carrier = rig.open().await;
    carrier.ensure_stream(&StreamSpec::named("points")).await.expect("the stream is made");
    carrier
}

/// Takes until `count` parcels came or none comes any more.
async fn take(subscription: &mut dyn Subscription, count: usize) -> Vec<Delivery> {
    let mut all = Vec::new();
    while all.len() < count {
        let some = subscription.next(count - all.len(), PATIENCE).await.expect("answers");
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    all
}

fn seqs(deliveries: &[Delivery]) -> Vec<u64> {
    deliveries.iter().map(|delivery| delivery.stream_seq).collect()
}

fn contents(deliveries: &[Delivery]) -> Vec<Parcel> {
    deliveries.iter().map(|delivery| delivery.parcel.clone()).collect()
}

#[tokio::test]
async fn parcels_arrive_whole_and_in_order_whatever_the_batch() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        carrier.ensure_consumer(&spec("a")).await.expect("the consumer is made");
        let sent = parcels(701);
        for (from, to) in [(0, 1), (1, 3), (3, 700), (700, 701)] {
            carrier.publish("points", &sent[from..to]).await.expect("publishes");
        }
        let state = carrier.stream_state("points").await.expect("answers");
        assert_eq!(state.parcels, 701);
        let mut subscription = carrier.consume(&spec("a")).await.expect("binds");
        let came = take(&mut *subscription, 701).await;
        assert_eq!(contents(&came), sent);
        assert!(came.iter().all(|delivery| delivery.attempt == 1));
        assert!(seqs(&came).is_sorted());
        subscription.ack(&seqs(&came)).await.expect("acknowledges");
        assert!(subscription.next(10, SOON).await.expect("answers").is_empty());
        let state = carrier.consumer_state("points", "a").await.expect("answers");
        assert_eq!((state.pending, state.unacknowledged), (0, 0));
    }
}

#[tokio::test]
async fn a_parcel_that_is_published_again_is_dropped_and_its_neighbours_are_not() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let sent = parcels(10);
        carrier.publish("points", &sent[..6]).await.expect("publishes");
        carrier.publish("points", &sent[3..]).await.expect("publishes the new ones");
        carrier.publish("points", &sent).await.expect("publishes nothing");
        let mut subscription = carrier.consume(&spec("a")).await.expect("binds");
        assert_eq!(contents(&take(&mut *subscription, 10).await), sent);
        assert!(subscription.next(10, SOON).await.expect("answers").is_empty());
    }
}

#[tokio::test]
async fn a_waiting_consumer_is_woken_and_takes_what_is_there() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let mut subscription = carrier.consume(&spec("a")).await.expect("binds");
        let sent = parcels(5);
        let (came, ()) =
            tokio::join!(async { subscription.next(100, PATIENCE).await.expect("answers") }, async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                carrier.publish("points", &sent).await.expect("publishes");
            });
        assert!(!came.is_empty());
        let mut rest = came;
        rest.extend(take(&mut *subscription, 5 - rest.len()).await);
        assert_eq!(contents(&rest), sent);
    }
}

#[tokio::test]
async fn what_was_acknowledged_stays_done_across_a_restart_and_the_rest_comes_again_first_and_in_order() {
    for rig in Rig::both() {
        let sent = parcels(30);
        {
            let carrier = carrier(&rig).await;
            carrier.publish("points", &sent[..20]).await.expect("publishes");
            let mut subscription = carrier.consume(&spec("a")).await.expect("binds");
            let came = take(&mut *subscription, 20).await;
            subscription.ack(&seqs(&came[..8])).await.expect("acknowledges");
            // Carriers may write acknowledgements down a little later.
            tokio::time::sleep(Duration::from_millis(600)).await;
            assert!(subscription.next(1, SOON).await.expect("answers").is_empty());
        }
        let carrier = carrier(&rig).await;
        carrier.publish("points", &sent[20..]).await.expect("publishes");
        let mut subscription = carrier.consume(&spec("a")).await.expect("binds again");
        let came = take(&mut *subscription, 22).await;
        assert_eq!(contents(&came), sent[8..]);
    }
}

#[tokio::test]
async fn a_parcel_given_back_comes_again_after_its_delay_and_holds_up_no_other() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let sent = parcels(3);
        carrier.publish("points", &sent).await.expect("publishes");
        let mut subscription = carrier.consume(&spec("a")).await.expect("binds");
        let came = take(&mut *subscription, 3).await;
        let delay = Duration::from_millis(700);
        let given_back = tokio::time::Instant::now();
        subscription.retry(&seqs(&came[..1]), delay).await.expect("gives back");
        subscription.ack(&seqs(&came[1..])).await.expect("acknowledges");
        let again = take(&mut *subscription, 1).await;
        assert!(given_back.elapsed() + Duration::from_millis(20) >= delay);
        assert_eq!(contents(&again), sent[..1]);
        assert_eq!(again[0].attempt, 2);
        subscription.ack(&seqs(&again)).await.expect("acknowledges");
        assert!(subscription.next(1, SOON).await.expect("answers").is_empty());
    }
}

#[tokio::test]
async fn a_parcel_that_is_not_acknowledged_in_time_comes_again_unless_it_is_worked_on() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let sent = parcels(2);
        carrier.publish("points", &sent).await.expect("publishes");
        let hasty = ConsumerSpec { ack_wait: Duration::from_millis(1_200), ..spec("a") };
        let mut subscription = carrier.consume(&hasty).await.expect("binds");
        let came = take(&mut *subscription, 2).await;
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            subscription.working(&seqs(&came[1..])).await.expect("says so");
        }
        let again = subscription.next(2, PATIENCE).await.expect("answers");
        assert_eq!(contents(&again), sent[..1], "the first lapsed, the second is being worked on");
        assert_eq!(again[0].attempt, 2);
    }
}

#[tokio::test]
async fn no_more_is_under_way_than_was_allowed() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        carrier.publish("points", &parcels(20)).await.expect("publishes");
        let narrow = ConsumerSpec { max_ack_pending: 8, ..spec("a") };
        let mut subscription = carrier.consume(&narrow).await.expect("binds");
        let came = take(&mut *subscription, 8).await;
        assert_eq!(came.len(), 8);
        assert!(subscription.next(10, SOON).await.expect("answers").is_empty());
        assert_eq!(carrier.consumer_state("points", "a").await.expect("answers").unacknowledged, 8);
        subscription.ack(&seqs(&came)).await.expect("acknowledges");
        assert_eq!(take(&mut *subscription, 8).await.len(), 8);
    }
}

#[tokio::test]
async fn consumers_do_not_disturb_each_other_and_a_forgotten_one_begins_anew() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let sent = parcels(4);
        carrier.publish("points", &sent).await.expect("publishes");
        for durable in ["a", "b", "a"] {
            let mut subscription = carrier.consume(&spec(durable)).await.expect("binds");
            let came = take(&mut *subscription, 4).await;
            assert_eq!(contents(&came), sent);
            subscription.ack(&seqs(&came)).await.expect("acknowledges");
            assert!(subscription.next(1, SOON).await.expect("answers").is_empty());
            if durable == "b" {
                carrier.forget_consumer("points", "a").await.expect("forgets");
            }
        }
    }
}

#[tokio::test]
async fn a_second_subscription_takes_over_what_the_first_left_open() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let sent = parcels(6);
        carrier.publish("points", &sent).await.expect("publishes");
        let mut stalled = carrier.consume(&spec("a")).await.expect("binds");
        let came = take(&mut *stalled, 4).await;
        stalled.ack(&seqs(&came[..1])).await.expect("acknowledges");
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(stalled);
        let mut second = carrier.consume(&spec("a")).await.expect("binds again");
        assert_eq!(contents(&take(&mut *second, 5).await), sent[1..]);
    }
}

#[tokio::test]
async fn a_subscription_to_a_consumer_that_is_gone_says_so() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let mut subscription = carrier.consume(&spec("a")).await.expect("binds");
        let (outcome, ()) = tokio::join!(subscription.next(1, Duration::from_secs(20)), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            carrier.forget_consumer("points", "a").await.expect("forgets");
        });
        assert!(matches!(outcome, Err(BusError::Unbound(_))));
    }
}

#[tokio::test]
async fn what_cannot_be_carried_is_refused() {
    for rig in Rig::both() {
        let carrier = carrier(&rig).await;
        let long = Parcel { id: parcel_id(), payload: vec![b' '; LONGEST_PARCEL + 1].into() };
        let refused = carrier.publish("points", &[long]).await;
        assert!(matches!(refused, Err(BusError::TooLong { .. })));
        let longest = Parcel { id: parcel_id(), payload: vec![b' '; LONGEST_PARCEL].into() };
        carrier.publish("points", &[longest]).await.expect("the longest is carried");
        assert!(carrier.publish("nobody", &parcels(1)).await.is_err(), "there is no such stream");
        carrier.ping().await.expect("gives a sign of life");
        carrier.forget_stream("points").await.expect("removes");
        assert!(carrier.stream_state("points").await.is_err());
    }
}
