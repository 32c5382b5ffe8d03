//! A stop finishes what is in flight; whatever was answered is there afterwards (G4, G5; promise 1 in a small size).

use std::time::Duration;

use journeys::{Goods, Reply, Stage, Till, alone_in_both_shapes, fresh};
use tokio::task::JoinSet;
use vafa::client::{Call, Client};

alone_in_both_shapes!(&[]; a_stop_loses_no_answer_and_the_next_start_goes_on);

const PURCHASES: usize = 400;

async fn a_stop_loses_no_answer_and_the_next_start_goes_on(stage: Stage) {
    stage.publish(&[]).await;
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let goods: Vec<(String, Goods)> =
        (0..PURCHASES).map(|_| (fresh("key"), Goods::by_phone(&phone, 1_000))).collect();

    // Tills that send once and do not come back, while the platform stops.
    let base = stage.client().base().to_owned();
    let impatient = Client::patient(&base, Duration::from_secs(30), Duration::ZERO).unwrap();
    let mut sending = JoinSet::new();
    for (number, (key, goods)) in goods.iter().cloned().enumerate() {
        let (client, till_key) = (impatient.clone(), till.key.clone());
        sending.spawn(async move {
            tokio::time::sleep(Duration::from_micros(500) * u32::try_from(number).unwrap()).await;
            let call =
                Call::post("/v1/purchases").bearer(&till_key).idempotency_key(&key).json(&goods.0).once();
            (number, client.send(&call).await.ok().map(Reply))
        });
    }
    tokio::time::sleep(Duration::from_millis(120)).await;
    let stage = stage.restart().await;
    let mut answers: Vec<Option<Reply>> = vec![None; PURCHASES];
    while let Some(sent) = sending.join_next().await {
        let (number, reply) = sent.unwrap();
        answers[number] = reply;
    }
    compare(&till, &goods, &answers).await;

    let points = i64::try_from(PURCHASES).unwrap() + 1;
    assert_eq!(till.balance_of(&member).await["points"], points, "each counted once");
    stage.stop().await;
}

/// Sends all of them again, and compares with what was answered before the stop.
async fn compare(till: &Till, goods: &[(String, Goods)], answers: &[Option<Reply>]) {
    let (mut kept, mut lost) = (0, 0);
    for ((key, goods), before) in goods.iter().zip(answers) {
        let again = till.sell_as(key, goods).await;
        let was_there = again.header("idempotency-replayed") == "true";
        match before.as_ref().filter(|before| before.status() == 201) {
            Some(before) => {
                assert!(was_there, "answered and gone: {}", before.text());
                assert_eq!(again.ok(), before.value());
                kept += 1;
            }
            None if was_there => lost += 1,
            None => assert!(matches!(again.status(), 200 | 201), "{}", again.text()),
        }
        if let Some(before) = before {
            assert!(matches!(before.status(), 200 | 201 | 503), "{}", before.text());
        }
    }
    assert!(kept > 0, "the stop came before the first purchase: nothing was shown");
    assert!(kept < goods.len(), "the stop came after the last purchase: nothing was shown");
    assert_eq!(lost, 0, "purchases were recorded whose tills got no answer");
}
