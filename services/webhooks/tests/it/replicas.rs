//! Two processes on one database send each message once.

use std::collections::BTreeMap;

use crate::{house::House, receiver::Receiver};

#[tokio::test]
async fn two_replicas_send_each_message_once_and_share_the_work() {
    let house = House::on_postgres().await;
    let receivers = [Receiver::start().await, Receiver::start().await, Receiver::start().await];
    for receiver in &receivers {
        house.subscribed(receiver).await;
    }
    let twin = house.twin().await;
    for _ in 0..5 {
        house.purchases(20).await;
        let (one, other) = tokio::join!(house.send(), twin.send());
        let (again, more) = tokio::join!(house.send(), twin.send());
        let taken = [one, other, again, more].map(|served| served.taken);
        assert_eq!(taken.iter().sum::<u64>(), 60, "{taken:?}");
    }
    for receiver in &receivers {
        let mut times = BTreeMap::new();
        for call in receiver.calls() {
            *times.entry(call.id).or_insert(0) += 1;
        }
        assert_eq!((times.len(), times.values().max()), (100, Some(&1)));
    }
}
