//! What rewards cost whom, read through the gateway by whoever may, and by nobody else (W2, I4).

use std::time::{Duration, Instant};

use journeys::{Goods, SignedIn, Stage, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

use crate::redemptions::audit_is_clean;

alone_in_both_shapes!(&[];
    a_sponsor_pays_for_what_was_used_and_owes_what_is_left,
);

const COSTS: &str = "/v1/reward-money/costs?from=2020-01-01&to=2029-12-31";

/// The vouchers of what was redeemed, once there are two.
async fn two_vouchers(me: &SignedIn) -> Value {
    let begun = Instant::now();
    loop {
        let found = me.get(me.own("/vouchers")).await.ok()["vouchers"].clone();
        if found.as_array().is_some_and(|all| all.len() == 2) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_sponsor_pays_for_what_was_used_and_owes_what_is_left(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let mug = |cost: i64| {
        json!({
            "name": {"fa": "ماگ", "ar": "كوب", "en": "A mug"}, "kind": {"type": "free_item", "sku": "mug"},
            "points": 50, "voucher_days": 30, "sponsor": "Mahak", "cost": cost,
        })
    };
    let _ = operator.put("/v1/rewards/mug", &mug(700)).await.ok();
    let live = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put("/v1/rewards/mug/schedule", &live).await.ok();
    let (phone, _) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 250_000)).await.created();
    let me = stage.sign_in(&phone, 1).await;
    for _ in 0..2 {
        let wish = Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key"));
        let answer = me.send(wish.json(&json!({"reward": "mug"}))).await;
        assert!([201, 202].contains(&answer.status()), "{}", answer.text());
    }
    let vouchers = two_vouchers(&me).await;
    // Dearer mugs of later change nothing about those that were redeemed.
    let _ = operator.put("/v1/rewards/mug", &mug(9_000)).await.ok();
    let used = Call::post("/v1/voucher-uses").idempotency_key(&fresh("key"));
    let _ = till.send(used.json(&json!({"voucher": {"code": vouchers[0]["code"]}}))).await.created();

    let finance = operator.hire(&[json!({"role": "finance"})]).await;
    let costs = finance.get(COSTS).await.ok();
    assert_eq!(
        (&costs["cost"], &costs["rewards"][0]["total"]["issued"]),
        (&json!(700), &json!(2)),
        "{costs}"
    );
    let owed = finance.get("/v1/reward-money/liability").await.ok();
    assert_eq!(
        (&owed["by_sponsor"][0]["name"], &owed["by_sponsor"][0]["cost"]),
        (&json!("Mahak"), &json!(700)),
        "{owed}"
    );
    let file = finance.send(Call::get(COSTS).header("accept", "text/csv")).await;
    assert!(file.text().contains("mug,free_item,redemption,2,2,"), "{}", file.text());
    // Today is not over, so that nothing of it can be in a statement yet; who may not write may not close.
    let closing =
        || Call::post("/v1/sponsor-statements").json(&json!({"sponsor": "Mahak", "to": "2029-12-31"}));
    finance.send(closing()).await.refused(409, "rewards.statement_unready");
    let auditor = operator.hire(&[json!({"role": "auditor"})]).await;
    auditor.send(closing()).await.refused(403, "web.access_denied");
    assert_eq!(auditor.get("/v1/sponsor-statements").await.ok()["statements"], json!([]));
    let marketing = operator.hire(&[json!({"role": "marketing"})]).await;
    for path in [COSTS, "/v1/reward-money/liability"] {
        marketing.get(path).await.refused(403, "web.access_denied");
        me.get(path.to_owned()).await.refused(403, "web.access_denied");
    }
    audit_is_clean(&stage).await;
}
