//! The master key is changed while the platform runs, and nobody notices (G6).

use std::sync::Arc;

use journeys::{Goods, Shape, Stage};
use serde_json::json;
use vafa::client::Call;

fn keys(ids: &[u8]) -> String {
    let pair = |id: &u8| format!("{id}:{}", format!("{id:02x}").repeat(32));
    ids.iter().map(pair).collect::<Vec<_>>().join(",")
}

async fn a_master_key_is_changed_while_people_shop(shape: Shape) {
    let stage = Stage::open(shape, &[("secrets.master_keys", &keys(&[1]))]).await;
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;

    // The new key goes behind the old one everywhere, then in front of it.
    let stage = stage.restart_with("secrets.master_keys", &keys(&[1, 2])).await;
    let stage = Arc::new(stage.restart_with("secrets.master_keys", &keys(&[2, 1])).await);
    let till = stage.as_operator().open_shop().await;
    let rotated = {
        let stage = Arc::clone(&stage);
        tokio::spawn(async move { stage.vafa(&["keys", "rotate"]).await })
    };
    while !rotated.is_finished() {
        let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
        let look_up = Call::post("/v1/members/lookup").json(&json!({"phone": phone}));
        assert_eq!(till.send(look_up).await.ok()["member_id"], member.as_str());
        let _ = till.welcome().await;
    }
    let rotated = rotated.await.unwrap().ended_with(0);
    assert!(rotated.out.contains("Master key 2:"), "{}", rotated.out);
    let audit = stage.vafa(&["verify"]).await;
    for promise in ["every member's name opens", "every identifier opens"] {
        let line = audit.out.lines().find(|line| line.contains(promise)).unwrap();
        assert!(line.trim_start().starts_with("holds"), "{}", audit.out);
    }

    let stage = Arc::into_inner(stage).unwrap().restart_with("secrets.master_keys", &keys(&[2])).await;
    let shown = stage.as_operator().get(format!("/v1/members/{member}")).await.ok();
    assert_eq!(shown["first_name"], "زهرا");
    let again = stage.vafa(&["keys", "rotate"]).await.ended_with(0);
    assert!(again.out.contains("0 members brought up, 0 other values"), "{}", again.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_is_changed_in_one_process() {
    a_master_key_is_changed_while_people_shop(Shape::EmbeddedProcess).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_is_changed_in_many_processes() {
    a_master_key_is_changed_while_people_shop(Shape::Distributed).await;
}
