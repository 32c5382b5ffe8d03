//! Cards in every form: on the phone, printed, replaced, handed over with what is on them (J3, J3b).

use std::time::{Duration, Instant};

use journeys::{Goods, Stage, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[("membership.card_token_s", "20")];
    a_member_buys_with_the_card_on_the_phone_until_it_lapses,
    a_printed_card_is_exported_linked_replaced_and_handed_over_with_its_points,
);

/// J3: the number on the phone is taken like a card's by membership and points, and by neither once it lapsed.
async fn a_member_buys_with_the_card_on_the_phone_until_it_lapses(stage: Stage) {
    stage.publish(&[]).await;
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let me = stage.sign_in(&phone, 1).await;
    let shown_at = Instant::now();
    let shown = me.send(Call::post(me.own("/virtual-card"))).await.created();
    assert!(shown["qr"].as_str().is_some_and(|svg| svg.starts_with("<svg ")));
    let card = json!({"card": shown["number"]});
    assert_eq!(till.post("/v1/members/lookup", &card).await.ok()["member_id"], member);
    let (key, goods) = (fresh("key"), Goods::by(&card, 7_000));
    let sold = till.sell_as(&key, &goods).await.created();
    assert_eq!((&sold["member_id"], &sold["points"]), (&json!(member), &json!(7)));

    tokio::time::sleep(Duration::from_secs(21).saturating_sub(shown_at.elapsed())).await;
    // What was recorded is answered again; what is new finds nobody.
    assert_eq!(till.sell_as(&key, &goods).await.ok()["purchase_id"], sold["purchase_id"]);
    till.sell(&Goods::by(&card, 7_000)).await.refused(404, "points.customer_unknown");
    till.post("/v1/members/lookup", &card).await.refused(410, "membership.card_token_lapsed");
    assert_eq!(me.get(me.own("/balance")).await.ok()["points"], 7);
}

/// J3, J3b.
async fn a_printed_card_is_exported_linked_replaced_and_handed_over_with_its_points(stage: Stage) {
    let operator = stage.as_operator();
    let mut document = programme(&[]);
    document["transfers"] = json!({"to": "anyone"});
    let _ = operator.put("/v1/programme", &document).await.created();
    let till = operator.open_shop().await;
    let batch = "/v1/card-batches/0192f3a1-7c00-7000-8000-0000000000b1";
    let _ = operator.put(batch, &json!({"name": "نوروز", "size": 3_000})).await.created();
    let file = export(&stage, batch).await;
    let numbers: Vec<&str> = file.lines().skip(1).filter_map(|line| Some(line.split_once(',')?.1)).collect();
    assert_eq!(numbers.len(), 3_000);

    let ((phone, zahra), (_, ali)) = (till.welcome().await, till.welcome().await);
    let cards = format!("/v1/members/{zahra}/cards");
    let _ = till.post(&cards, &json!({"number": numbers[0]})).await.created();
    let _ = till.sell(&Goods::by(&json!({"card": numbers[0]}), 40_000)).await.created();
    let me = stage.sign_in(&phone, 1).await;
    let card_of = async |place: usize| {
        let listed = me.get(me.own("/cards")).await.ok();
        listed["cards"][place]["card_id"].as_str().unwrap().to_owned()
    };
    let replace = format!("{cards}/{}/replacement", card_of(0).await);
    let replaced = till.post(&replace, &json!({"reason": "damaged", "number": numbers[1]})).await.created();
    assert_eq!(replaced["replaced"]["status"], "blocked");
    till.post("/v1/members/lookup", &json!({"card": numbers[0]}))
        .await
        .refused(410, "membership.card_blocked");

    // The card goes over, and what its former owner had follows.
    let hand_over = format!("{cards}/{}/hand-over", card_of(1).await);
    let to = json!({"member_id": ali});
    me.send(Call::post(hand_over.as_str()).json(&to)).await.refused(403, "membership.step_up_needed");
    let gone = operator.send(Call::post(hand_over.as_str()).json(&to)).await.ok();
    assert_eq!((&gone["from"], &gone["to"]), (&json!(zahra), &json!(ali)));
    let since = Instant::now();
    let balance = async |member: &str| {
        let answer = till.get(format!("/v1/members/{member}/balance")).await;
        if answer.status() == 200 { answer.ok()["points"].clone() } else { Value::Null }
    };
    while balance(&ali).await != 40 {
        assert!(since.elapsed() < Duration::from_secs(20), "the points do not follow the card");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(balance(&zahra).await, 0);
    let sold = till.sell(&Goods::by(&json!({"card": numbers[1]}), 2_000)).await.created();
    assert_eq!(sold["member_id"], json!(ali));
}

/// The file of a batch, once it is ready.
async fn export(stage: &Stage, batch: &str) -> String {
    let since = Instant::now();
    loop {
        let file = stage.as_operator().get(format!("{batch}/cards")).await;
        if file.status() == 200 {
            return file.text();
        }
        file.refused(409, "membership.card_batch_not_ready");
        assert!(since.elapsed() < Duration::from_mins(1), "the batch is not made");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
