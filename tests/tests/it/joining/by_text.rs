//! A customer joins by texting a first name to the club's number, and buys (J1, N6).

use std::sync::Arc;

use journeys::{Goods, Stage, fresh, in_both_shapes, now, phone};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(a_text_makes_a_member_whose_first_purchase_earns);

async fn a_text_makes_a_member_whose_first_purchase_earns(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let phone = phone();
    let text =
        |body: &str| json!({"phone": phone, "text": body, "message_id": fresh("text"), "received_at": now()});
    let send = |body: Value| operator.send(Call::post("/v1/inbound-texts").json(&body));
    let first = text("زهرا");
    assert_eq!(send(first.clone()).await.ok(), json!({"reply": "welcome"}));
    let sold = till.sell(&Goods::by_phone(&phone, 125_000)).await.created();
    assert_eq!((&sold["points"], &sold["balance"]["points"]), (&json!(125), &json!(125)));
    // Again, by the provider and by the customer: the same answer, the same member.
    for body in [first, text("Zahra")] {
        assert_eq!(send(body).await.ok(), json!({"reply": "welcome"}));
    }
    let member = till.post("/v1/members/lookup", &json!({"phone": phone})).await.ok();
    assert_eq!((&member["member_id"], &member["first_name"]), (&sold["member_id"], &json!("زهرا")));
    send(text("لغو")).await.refused(422, "membership.text_no_name");
    // Spending waits for the code that shows whose the phone is.
    assert_eq!(member["phone_confirmed"], false);
    let me = stage.sign_in(&phone, 1).await;
    assert_eq!(me.get(me.own("")).await.ok()["phone_confirmed"], true);
}
