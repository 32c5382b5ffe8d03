//! Vouchers at the till: by code or by member, at once or reserved first, whole or in parts, and no further (W5).

use contracts::rewards::{VoucherExpired, VoucherRedeemed, VoucherUseCancelled};
use kernel::{Language, MemberId};
use locale::digits::to_local;
use runtime::archive::PartQuestion;
use serde_json::{Value, json};
use store::sea_orm::{ConnectionTrait as _, Statement};
use web::Caller;

use crate::house::{House, member, on_both};

const USES: &str = "/v1/voucher-uses";

/// The only voucher of the first member, for a reward with these terms.
async fn voucher(house: &House, more: Value) -> Value {
    house.offers("coffee", more).await;
    house.redeemed(1, "k1", "coffee").await;
    house.voucher(1).await
}

fn by_code(voucher: &Value) -> Value {
    json!({"voucher": {"code": voucher["code"]}, "receipt": "R-1"})
}

on_both! {
    async fn a_code_is_used_once_and_repeats_answer_the_same(house: House) {
        let own = voucher(&house, json!({})).await;
        let till = house.till("vanak");
        let typed = to_local(own["code"].as_str().expect("a code"), Language::Fa).to_lowercase();
        let found = till.post("/v1/vouchers/lookup", Some(json!({"code": typed}))).await.expect(200);
        assert_eq!((&found["vouchers"][0]["left"], found["vouchers"][0].get("code")), (&json!(1), None));
        let used = till.keyed("u1", USES, by_code(&own)).await.expect(201);
        assert_eq!((&used["state"], &used["voucher"]["state"], &used["voucher"]["left"]), (&json!("used"), &json!("used"), &json!(0)));
        assert_eq!(till.keyed("u1", USES, by_code(&own)).await.expect(200)["use_id"], used["use_id"]);
        till.keyed("u1", USES, json!({"voucher": {"code": own["code"]}})).await.refused(422, "rewards.key_reused");
        let refused = till.keyed("u2", USES, by_code(&own)).await.refused(409, "rewards.voucher_not_usable");
        assert_eq!(refused["state"], "used");
        assert_eq!(house.told::<VoucherRedeemed>().await.len(), 1);
        // Taken back at the same branch, it is good again.
        let path = format!("{USES}/{}/cancellation", used["use_id"].as_str().expect("an id"));
        house.till("zand").post(&path, None).await.refused(404, "rewards.use_unknown");
        for _ in 0..2 {
            assert_eq!(till.post(&path, None).await.expect(200)["voucher"]["left"], 1);
        }
        assert_eq!(house.told::<VoucherUseCancelled>().await.len(), 1);
        till.keyed("u3", USES, by_code(&own)).await.expect(201);
        house.holds().await;
    }

    async fn credit_is_used_in_parts_and_reserved_for_a_while(house: House) {
        let own = voucher(&house, json!({"kind": {"type": "credit", "amount": 1_000}})).await;
        let till = house.till("vanak");
        let found = till.post("/v1/vouchers/lookup", Some(json!({"member": {"id": member(1)}}))).await.expect(200);
        let id = found["vouchers"][0]["voucher_id"].clone();
        let part = |amount: i64, more: Value| {
            let mut body = json!({"voucher": {"id": id}, "amount": amount});
            body.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            body
        };
        till.keyed("u1", USES, part(300, json!({}))).await.expect(201);
        let reserved = till.keyed("u2", USES, part(600, json!({"reserve_s": 60}))).await.expect(201);
        let refused = till.keyed("u3", USES, part(101, json!({}))).await.refused(422, "rewards.amount_invalid");
        assert_eq!(refused["left"], 100);
        let path = format!("{USES}/{}/confirmation", reserved["use_id"].as_str().expect("an id"));
        for _ in 0..2 {
            assert_eq!(till.post(&path, None).await.expect(200)["state"], "used");
        }
        let lapsing = till.keyed("u4", USES, part(100, json!({"reserve_s": 60}))).await.expect(201);
        house.wait_s(61);
        let path = format!("{USES}/{}/confirmation", lapsing["use_id"].as_str().expect("an id"));
        till.post(&path, None).await.refused(409, "rewards.use_over");
        till.keyed("u5", USES, part(100, json!({}))).await.expect(201);
        assert_eq!(house.voucher(1).await["state"], "used");
        assert_eq!(own["worth"], 1_000);
        let told: Vec<(i64, i64)> = house.told::<VoucherRedeemed>().await.iter().map(|told| (told.amount, told.left)).collect();
        assert_eq!(told, [(300, 700), (600, 100), (100, 0)]);
        house.holds().await;
    }

    async fn a_voucher_is_good_where_and_while_it_says(house: House) {
        house.opens("vanak", "tehran").await;
        house.opens("zand", "fars").await;
        let own = voucher(&house, json!({"audience": {"regions": ["fars"]}})).await;
        assert_eq!(own["branches"], json!(["zand"]));
        house.till("vanak").keyed("u1", USES, by_code(&own)).await.refused(422, "rewards.voucher_elsewhere");
        house.wait_s(30 * 86_400);
        let refused = house.till("zand").keyed("u2", USES, by_code(&own)).await.refused(409, "rewards.voucher_not_usable");
        assert_eq!(refused["state"], "expired");
        house.until("it is told", || async { house.told::<VoucherExpired>().await.len() == 1 }).await;
        assert_eq!(house.voucher(1).await["code"], Value::Null);
        house.holds().await;
    }

    async fn guessing_is_limited_and_slips_are_no_guesses(house: House) {
        let own = voucher(&house, json!({})).await;
        let till = house.till("vanak");
        let slip = own["code"].as_str().expect("a code").replace(|c: char| c.is_ascii_digit(), "Z");
        for _ in 0..5 {
            till.post("/v1/vouchers/lookup", Some(json!({"code": format!("{slip}X")}))).await.refused(404, "rewards.voucher_unknown");
        }
        // Good by its check, and nobody's.
        for _ in 0..3 {
            till.post("/v1/vouchers/lookup", Some(json!({"code": "0000-0000-0000-0000"}))).await.refused(404, "rewards.voucher_unknown");
        }
        till.keyed("u1", USES, by_code(&own)).await.refused(429, "rewards.guesses_too_many");
        house.till("zand").post("/v1/vouchers/lookup", Some(json!({"code": own["code"]}))).await.expect(200);
        house.wait_s(601);
        till.keyed("u1", USES, by_code(&own)).await.expect(201);
        house.holds().await;
    }

    async fn a_code_is_for_its_member_and_in_no_row(house: House) {
        let own = voucher(&house, json!({})).await;
        let code = own["code"].as_str().expect("a code");
        let path = format!("/v1/members/{}/vouchers", member(1));
        house.member(2).get(&path).await.refused(403, "web.access_denied");
        assert_eq!(house.operator().get(&path).await.expect(200)["vouchers"][0]["code"], Value::Null);
        let symbol = format!("/v1/vouchers/{}/symbol", own["voucher_id"].as_str().expect("an id"));
        for drawn in ["qr", "code128"] {
            let picture = house.member(1).get(&format!("{symbol}?symbology={drawn}")).await;
            assert!(picture.status == 200 && picture.text.contains(&code.replace('-', " ")), "{}", picture.text);
        }
        house.member(2).get(&symbol).await.refused(404, "rewards.voucher_unknown");
        let plain = code.replace('-', "");
        let on = house.database.connection();
        let sql = "SELECT code_sealed FROM vouchers";
        let row = on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await;
        let sealed: Vec<u8> = row.expect("the SQL runs").expect("a row").try_get_by_index(0).expect("bytes");
        assert!(!sealed.windows(8).any(|window| plain.as_bytes().windows(8).any(|part| part == window)));
        for fact in house.facts().await {
            assert!(!fact.data.get().contains(code) && !fact.data.get().contains(&plain), "{}", fact.kind);
        }
        // Called back, it is good for nothing, and its code is gone.
        let path = format!("/v1/vouchers/{}/cancellation", own["voucher_id"].as_str().expect("an id"));
        assert_eq!(house.operator().post(&path, None).await.expect(200)["state"], "cancelled");
        house.till("vanak").keyed("u1", USES, by_code(&own)).await.refused(404, "rewards.voucher_unknown");
        house.holds().await;
    }

    async fn an_archive_has_what_is_kept_of_a_member_and_no_code(house: House) {
        let own = voucher(&house, json!({})).await;
        house.till("vanak").keyed("u1", USES, by_code(&own)).await.expect(201);
        let question = serde_json::to_value(PartQuestion { language: Language::En, from: None }).expect("a question");
        let part = async |of: MemberId| {
            let path = format!("/internal/v1/members/{of}/archive");
            house.calling(Caller::Service("membership".into())).post(&path, Some(question.clone())).await.expect(200)
        };
        let told = part(member(1)).await;
        let sheets = |told: &Value| -> Vec<String> {
            let pieces = told["pieces"].as_array().expect("a list").iter();
            let some = pieces.filter(|piece| piece["rows"].as_array().is_some_and(|rows| !rows.is_empty()));
            some.filter_map(|piece| piece["sheet"].as_str().map(str::to_owned)).collect()
        };
        assert_eq!(sheets(&told), ["redemptions", "vouchers", "voucher_uses"]);
        let text = told.to_string();
        assert!(text.contains("R-1") && !text.contains("code_sealed") && !text.contains(own["code"].as_str().expect("a code")));
        assert_eq!(sheets(&part(member(2)).await), [""; 0]);
    }
}
