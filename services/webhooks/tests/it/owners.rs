//! Partners have webhooks of their own, see no others, and hear of what they may read.

use kernel::Scope;
use serde_json::{Value, json};

use crate::{
    house::{EARNED, House, JOINED, on_both, text},
    receiver::Receiver,
};

fn body(receiver: &Receiver, kinds: &[&str]) -> Value {
    json!({"url": receiver.url(), "kinds": kinds})
}

on_both! {
    async fn a_partner_sees_its_own_webhooks_and_no_other(house: House) {
        let receiver = Receiver::start().await;
        let bank = house.partner("bank", &[Scope::HistoryRead]);
        let shop = house.partner("shop", &[Scope::HistoryRead]);
        let made = bank.post("/v1/webhooks", body(&receiver, &[EARNED])).await.expect(201);
        assert_eq!(made["webhook"]["partner"], "bank");
        let path = format!("/v1/webhooks/{}", text(&made["webhook"], "webhook_id"));
        house.subscribed(&receiver).await;
        house.purchases(1).await;
        house.send().await;
        let listed = |page: Value| page["webhooks"].as_array().map(Vec::len);
        assert_eq!(listed(bank.get("/v1/webhooks").await.expect(200)), Some(1));
        assert_eq!(listed(shop.get("/v1/webhooks").await.expect(200)), Some(0));
        assert_eq!(listed(house.operator().get("/v1/webhooks").await.expect(200)), Some(2));
        let page = bank.get(&format!("{path}/deliveries")).await.expect(200);
        let delivery = format!("{path}/deliveries/{}", text(&page["deliveries"][0], "delivery_id"));
        bank.get(&delivery).await.expect(200);
        let mut change = body(&receiver, &[EARNED]);
        change["on"] = true.into();
        for refused in [
            shop.get(&path).await,
            shop.put(&path, change).await,
            shop.delete(&path).await,
            shop.post(&format!("{path}/secret"), json!({"overlap_s": 0})).await,
            shop.post_nothing(&format!("{path}/ping")).await,
            shop.get(&format!("{path}/deliveries")).await,
            shop.get(&delivery).await,
            shop.post_nothing(&format!("{delivery}/replay")).await,
            shop.post(&format!("{path}/replay"), json!({"since": "2026-11-21T00:00:00Z"})).await,
        ] {
            refused.refused(404, "webhooks.webhook_unknown");
        }
        bank.delete(&path).await.expect(204);
    }

    async fn a_partner_hears_of_nothing_that_its_scopes_do_not_let_it_read(house: House) {
        let receiver = Receiver::start().await;
        let bank = house.partner("bank", &[Scope::MembersRead]);
        bank.post("/v1/webhooks", body(&receiver, &[JOINED])).await.expect(201);
        let refused = bank.post("/v1/webhooks", body(&receiver, &[JOINED, EARNED])).await;
        assert_eq!(refused.refused(403, "web.scope_missing")["scope"], "history:read");
        let without = house.calling(web::Caller::Anonymous);
        without.get("/v1/webhooks").await.refused(401, "web.caller_required");
        let kinds = bank.get("/v1/webhook-kinds").await.expect(200);
        let kinds = kinds["kinds"].as_array().expect("a list");
        assert!(kinds.iter().any(|kind| kind["kind"] == EARNED && kind["scope"] == "history:read"));
        assert!(!kinds.iter().any(|kind| text(kind, "kind").contains("identifier_linked")));
    }

    async fn an_owner_has_so_many_webhooks_and_no_more_whoever_asks_together(house: House) {
        let house = house.with(&[("per_owner", "3")]).await;
        let receiver = Receiver::start().await;
        let bank = house.partner("bank", &[Scope::HistoryRead]);
        let ask = || bank.post("/v1/webhooks", body(&receiver, &[EARNED]));
        let answers = tokio::join!(ask(), ask(), ask(), ask(), ask());
        let statuses = [answers.0, answers.1, answers.2, answers.3, answers.4].map(|answer| answer.status);
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3, "{statuses:?}");
        assert_eq!(ask().await.refused(409, "webhooks.webhooks_too_many")["limit"], 3);
        house.subscribed(&receiver).await;
        let listed = bank.get("/v1/webhooks?limit=2").await.expect(200);
        assert_eq!(listed["has_more"], true);
        let next = format!("/v1/webhooks?limit=2&cursor={}", text(&listed, "next_cursor"));
        assert_eq!(bank.get(&next).await.expect(200)["webhooks"].as_array().map(Vec::len), Some(1));
        let first = text(&listed["webhooks"][0], "webhook_id");
        bank.delete(&format!("/v1/webhooks/{first}")).await.expect(204);
        ask().await.expect(201);
    }
}
