//! Bad input: each flaw has a code of its own, in the caller's language, and nothing is written.

use serde_json::json;

use crate::{
    house::{EARNED, House, on_both, text},
    receiver::Receiver,
};

const NOBODY: &str = "0192f3a1-7c00-7000-8000-000000000002";

on_both! {
    async fn each_mistake_has_its_code_and_writes_nothing(house: House) {
        let receiver = Receiver::start().await;
        let good = json!({"url": receiver.url(), "kinds": [EARNED]});
        let with = |name: &str, value: serde_json::Value| {
            let mut body = good.clone();
            body[name] = value;
            body
        };
        for (body, status, code, pointer) in [
            (json!({"kinds": [EARNED]}), 400, "web.field_missing", "/url"),
            (with("colour", json!("red")), 400, "web.field_unknown", "/colour"),
            (with("kinds", json!([])), 422, "webhooks.kinds_invalid", "/kinds"),
            (with("kinds", json!([EARNED, "vafa.membership.identifier_linked.v1"])), 422, "webhooks.kinds_invalid", "/kinds/1"),
            (with("kinds", json!(["vafa.webhooks.ping.v1"])), 422, "webhooks.kinds_invalid", "/kinds/0"),
            (with("url", json!(format!("http://hooks.example/{}", "x".repeat(500)))), 422, "webhooks.url_invalid", "/url"),
            (with("url", json!("nowhere")), 422, "webhooks.url_invalid", "/url"),
            (with("branches", json!(vec!["vanak"; 201])), 422, "webhooks.branches_too_many", "/branches"),
            (with("branches", json!(["Vanak 1"])), 400, "web.field_invalid", "/branches/0"),
        ] {
            assert_eq!(house.operator().post("/v1/webhooks", body).await.refused(status, code)["pointer"], pointer);
        }
        assert_eq!(house.operator().get("/v1/webhooks").await.expect(200)["webhooks"], json!([]));
        let (webhook, _) = house.subscribed(&receiver).await;
        let operator = house.operator();
        operator.get("/v1/webhooks?limit=0").await.refused(400, "webhooks.limit_out_of_range");
        operator.get("/v1/webhooks?cursor=b3Bz").await.refused(400, "webhooks.cursor_invalid");
        operator.get("/v1/webhooks/none").await.refused(400, "web.path_invalid");
        operator.get(&format!("/v1/webhooks/{NOBODY}")).await.refused(404, "webhooks.webhook_unknown");
        let path = format!("/v1/webhooks/{webhook}/deliveries");
        operator.get(&format!("{path}?state=lost")).await.refused(400, "web.query_parameter_invalid");
        operator.get(&format!("{path}/{NOBODY}")).await.refused(404, "webhooks.delivery_unknown");
        operator.post_nothing(&format!("{path}/{NOBODY}/replay")).await.refused(404, "webhooks.delivery_unknown");
    }

    async fn refusals_speak_the_callers_language(house: House) {
        for (language, word) in [("fa", "وب‌هوک"), ("ar", "خطاف"), ("en", "webhook")] {
            let answer = house.operator().speaking(language).get(&format!("/v1/webhooks/{NOBODY}")).await;
            let refused = answer.refused(404, "webhooks.webhook_unknown");
            assert!(text(&refused, "title").contains(word), "{language}: {refused}");
        }
    }
}
