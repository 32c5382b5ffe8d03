//! The key by which members are found is changed while the platform runs, and nobody notices (G6).

use std::{sync::Arc, time::Duration};

use journeys::{Goods, Shape, Stage};
use serde_json::json;
use vafa::client::Call;

const INDEX: &str = "secrets.blind_index_key";

fn key(id: u8) -> String {
    format!("{id}:{}", format!("{id:02x}").repeat(32))
}

/// The audit, once all that was told was heard.
async fn all_holds(stage: &Stage) {
    for _ in 0..30 {
        let audit = stage.vafa(&["verify"]).await;
        if audit.code == Some(0) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let _ = stage.vafa(&["verify"]).await.ended_with(0);
}

async fn the_key_of_the_blind_index_is_changed_while_people_shop(shape: Shape) {
    let stage = Stage::open(shape, &[(INDEX, &key(1))]).await;
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let card = till.send(Call::post(format!("/v1/members/{member}/cards")).json(&json!({}))).await.created();
    let card = json!({"card": card["number"]});
    let mut sold = 0;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let _ = till.sell(&Goods::by(&card, 1_000)).await.created();

    // Phase one: every process knows both keys. Nothing moves by that alone.
    let stage = Arc::new(stage.restart_with(INDEX, &format!("{},{}", key(2), key(1))).await);
    let till = stage.as_operator().open_shop().await;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let status = stage.vafa(&["keys", "status"]).await.ended_with(1);
    assert!(status.out.contains("everything is written under key 1"), "{}", status.out);
    assert!(status.out.contains("run `vafa keys rotate`"), "{}", status.out);

    // Phase two: everything comes to the new key, beside people who shop and join.
    let rotated = {
        let stage = Arc::clone(&stage);
        tokio::spawn(async move { stage.vafa(&["keys", "rotate"]).await })
    };
    while !rotated.is_finished() || sold == 0 {
        let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
        let _ = till.sell(&Goods::by(&card, 1_000)).await.created();
        sold += 2;
        let look_up = Call::post("/v1/members/lookup").json(&json!({"phone": phone}));
        assert_eq!(till.send(look_up).await.ok()["member_id"], member.as_str());
        let (fresh, joined) = till.welcome().await;
        assert_eq!(till.sell(&Goods::by_phone(&fresh, 1_000)).await.created()["member_id"], joined.as_str());
    }
    let rotated = rotated.await.unwrap().ended_with(0);
    assert!(rotated.out.contains("Blind index key 2:"), "{}", rotated.out);
    assert!(rotated.out.contains("nothing hangs on key 1"), "{}", rotated.out);
    let _ = stage.vafa(&["keys", "status"]).await.ended_with(0);
    all_holds(&stage).await;

    // Phase three: the old key finds nobody any more.
    let stage = Arc::into_inner(stage).unwrap();
    let stage =
        stage.restart_with_all(&[(INDEX, &key(2)), ("secrets.former_blind_index_keys", &key(1))]).await;
    let till = stage.as_operator().open_shop().await;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let _ = till.sell(&Goods::by(&card, 1_000)).await.created();
    let again = stage.vafa(&["keys", "rotate"]).await.ended_with(0);
    assert!(again.out.contains("Blind index key 2: 0 members and 0 cards"), "{}", again.out);
    all_holds(&stage).await;
    let bought = till.balance_of(&member).await;
    assert_eq!(bought["account_version"], json!(sold + 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_blind_index_is_changed_in_one_process() {
    the_key_of_the_blind_index_is_changed_while_people_shop(Shape::EmbeddedProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_the_blind_index_is_changed_in_many_processes() {
    the_key_of_the_blind_index_is_changed_while_people_shop(Shape::Distributed).await;
}
