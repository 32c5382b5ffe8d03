//! Members form a household by themselves, and spend together as soon as points has heard of it (J5).

use std::time::{Duration, Instant};

use journeys::{Goods, SignedIn, Stage, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_family_comes_about_by_invitation_spends_together_and_parts,
);

/// The balance, once it says of the household what is expected.
async fn balance_when(me: &SignedIn, household: &Value) -> Value {
    let since = Instant::now();
    loop {
        let balance = me.get(me.own("/balance")).await.ok();
        if balance.get("household").unwrap_or(&Value::Null) == household {
            return balance;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "{balance}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// J5.
async fn a_family_comes_about_by_invitation_spends_together_and_parts(stage: Stage) {
    let operator = stage.as_operator();
    let mut document = programme(&[]);
    document["pooling"] = json!({});
    let _ = operator.put("/v1/programme", &document).await.created();
    let till = operator.open_shop().await;
    let ((phone, _), (guest_phone, guest_id)) = (till.welcome().await, till.welcome().await);
    for phone in [&phone, &guest_phone] {
        let _ = till.sell(&Goods::by_phone(phone, 10_000)).await.created();
    }
    let (me, guest) = (stage.sign_in(&phone, 1).await, stage.sign_in(&guest_phone, 1).await);

    let invite = Call::post(me.own("/household/invitations")).json(&json!({"phone": guest_phone}));
    let made = me.send(invite).await.created();
    let received = guest.get(guest.own("/household/invitations")).await.ok();
    assert_eq!(received["received"][0]["invitation_id"], made["invitation_id"]);
    assert_eq!(received["received"][0]["from"], "زهرا");
    let id = made["invitation_id"].as_str().unwrap();
    let accept = guest.own(&format!("/household/invitations/{id}/acceptance"));
    let household = guest.send(Call::post(accept)).await.ok();
    assert_eq!((&household["role"], &household["members"][0]["role"]), (&json!("member"), &json!("head")));

    // Points has heard of it, and both spend together.
    let _ = balance_when(&me, &json!({"points": 20, "members": 2})).await;
    let body = json!({"member": {"phone": phone}, "points": 15});
    let spend = Call::post("/v1/redemptions").idempotency_key(&fresh("key")).json(&body);
    let _ = till.send(spend).await.created();
    assert_eq!(guest.get(guest.own("/balance")).await.ok()["points"], 5);

    // Nobody outside may look at it, and only the head removes.
    let neighbour = stage.sign_in(&till.welcome().await.0, 1).await;
    neighbour.get(me.own("/household")).await.refused(403, "web.access_denied");
    let own_id = me.text("member_id");
    let removes = Call::delete(guest.own(&format!("/household/members/{own_id}")));
    guest.send(removes).await.refused(422, "membership.household_head_only");
    let passes = Call::put(me.own(&format!("/household/members/{guest_id}"))).json(&json!({"role": "head"}));
    assert_eq!(me.send(passes).await.ok()["role"], "member");
    assert_eq!(me.send(Call::delete(me.own("/household"))).await.status(), 204);
    let _ = balance_when(&me, &Value::Null).await;
    me.get(me.own("/household")).await.refused(404, "membership.household_none");
}
