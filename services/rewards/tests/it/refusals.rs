//! Bad input: each flaw has a code of its own, and nothing is written.

use serde_json::{Value, json};

use crate::house::{House, member, on_both};

fn terms() -> Value {
    json!({"name": {"en": "A coffee"}, "kind": {"type": "free_item", "sku": "coffee"}, "points": 150, "voucher_days": 30})
}

fn with(name: &str, value: Value) -> Value {
    let mut terms = terms();
    terms[name] = value;
    terms
}

on_both! {
    async fn each_mistake_in_a_reward_is_named(house: House) {
        for (body, pointer) in [
            (with("name", json!({})), "/name"),
            (with("name", json!({"fa": " "})), "/name/fa"),
            (with("about", json!({"ar": "x".repeat(1_001)})), "/about/ar"),
            (with("picture_url", json!("http://pictures.example/a.png")), "/picture_url"),
            (with("sponsor", json!("")), "/sponsor"),
            (with("points", json!(0)), "/points"),
            (with("voucher_days", json!(0)), "/voucher_days"),
            (with("cost", json!(-1)), "/cost"),
            (with("cancel_hours", json!(0)), "/cancel_hours"),
            (with("cancel_hours", json!(8_785)), "/cancel_hours"),
            (with("kind", json!({"type": "credit", "amount": 0})), "/kind/amount"),
            (with("kind", json!({"type": "discount_percent", "percent": 101, "extent": {"of": "basket"}})), "/kind/percent"),
            (with("kind", json!({"type": "discount_amount", "amount": 5, "extent": {"of": "sku", "sku": ""}})), "/kind/extent/sku"),
            (with("limits", json!([{"most": 1, "per": "day"}, {"most": 2, "per": "day"}])), "/limits"),
            (with("limits", json!([{"most": 0, "per": "ever"}])), "/limits/0/most"),
            (with("audience", json!({"tiers": [""]})), "/audience/tiers/0"),
            (with("audience", json!({"occasion": {"kind": "birthday", "after_days": 61}})), "/audience/occasion/after_days"),
        ] {
            let refused = house.operator().put("/v1/rewards/coffee", body).await.refused(422, "rewards.terms_invalid");
            assert_eq!(refused["pointer"], pointer);
        }
        let mut paid = with("kind", json!({"type": "credit", "amount": 10}));
        paid["money"] = json!(5);
        let mut given = with("kind", json!({"type": "donation", "to": "Mahak", "amount": 10}));
        given["cancel_hours"] = json!(5);
        assert_eq!(house.operator().put("/v1/rewards/coffee", given).await.refused(422, "rewards.terms_invalid")["pointer"], "/cancel_hours");
        assert_eq!(house.operator().put("/v1/rewards/coffee", paid).await.refused(422, "rewards.terms_invalid")["pointer"], "/money");
        house.operator().get("/v1/rewards/coffee").await.refused(404, "rewards.reward_unknown");
        house.operator().put("/v1/rewards/coffee", terms()).await.expect(200);
        let pooled = with("kind", json!({"type": "partner_coupon", "partner": "air"}));
        house.operator().put("/v1/rewards/coffee", pooled.clone()).await.refused(409, "rewards.kind_changed");
        house.operator().put("/v1/rewards/travel", pooled).await.expect(200);
        let put = async |path: &str, body: Value| house.operator().put(path, body).await;
        put("/v1/rewards/travel/stock", json!({"units": 5})).await.refused(409, "rewards.stock_is_pool");
        put("/v1/rewards/coffee/stock", json!({"units": -1})).await.refused(422, "rewards.units_invalid");
        put("/v1/rewards/coffee/stock", json!({"units": 1, "branch": "moon"})).await.refused(422, "rewards.branch_unknown");
        put("/v1/rewards/tea/stock", json!({"units": 1})).await.refused(404, "rewards.reward_unknown");
        put("/v1/rewards/coffee/schedule", json!({"live_until": "2026-11-22T00:00:00Z"})).await.refused(422, "rewards.schedule_invalid");
        let import = async |code: &str, codes: Value| house.operator().post(&format!("/v1/rewards/{code}/coupons"), Some(json!({"codes": codes}))).await;
        import("coffee", json!(["A"])).await.refused(409, "rewards.not_pooled");
        import("travel", json!([])).await.refused(422, "rewards.coupons_invalid");
        assert_eq!(import("travel", json!(["A", "b c"])).await.refused(422, "rewards.coupons_invalid")["pointer"], "/codes/1");
    }

    async fn each_mistake_of_a_till_or_an_app_has_its_code(house: House) {
        house.offers("coffee", json!({})).await;
        let path = "/v1/reward-redemptions";
        let named = json!({"reward": "coffee", "member": {"id": member(2)}});
        house.member(1).keyed("k", path, named.clone()).await.refused(422, "rewards.member_misnamed");
        house.till("vanak").keyed("k", path, json!({"reward": "coffee"})).await.refused(422, "rewards.member_misnamed");
        let body = json!({"reward": "coffee", "member": {"card": "12"}});
        house.till("vanak").keyed("k", path, body).await.refused(422, "rewards.identifier_invalid");
        house.member(1).keyed("k", path, json!({"reward": "tea"})).await.refused(404, "rewards.reward_unknown");
        house.member(1).post(path, Some(json!({"reward": "coffee"}))).await.refused(400, "web.idempotency_key_missing");
        let mine = house.asked(1, "k1", "coffee").await;
        let path = format!("/v1/reward-redemptions/{}", mine.as_str().expect("an id"));
        house.member(2).get(&path).await.refused(404, "rewards.redemption_unknown");
        let own = format!("/v1/members/{}/reward-redemptions", member(1));
        assert_eq!(house.member(1).get(&own).await.expect(200)["redemptions"][0]["redemption_id"], mine);
        house.member(1).get(&format!("{own}?limit=0")).await.refused(400, "rewards.limit_out_of_range");
        house.member(1).get(&format!("{own}?cursor=b3Bz")).await.refused(400, "rewards.cursor_invalid");
        house.member(2).get(&own).await.refused(403, "web.access_denied");
        let till = house.till("vanak");
        let uses = "/v1/voucher-uses";
        let of = |more: Value| {
            let mut body = json!({"voucher": {"code": "0000-0000-0000-0000"}});
            body.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            body
        };
        till.keyed("u", uses, of(json!({"reserve_s": 3_601}))).await.refused(422, "rewards.reservation_invalid");
        till.keyed("u", uses, of(json!({"receipt": ""}))).await.refused(422, "rewards.receipt_invalid");
        till.keyed("u", uses, of(json!({}))).await.refused(404, "rewards.voucher_unknown");
        assert_eq!(house.asked_and_ready().await.0, 1);
        house.holds().await;
    }
}
