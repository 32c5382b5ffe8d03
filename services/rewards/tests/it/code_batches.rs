//! Codes without members: made in a job, given out once, used once at a till, revoked together (W5).

use std::{collections::BTreeSet, time::Instant};

use contracts::rewards::{BearerCodeUseCancelled, BearerCodeUsed};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::house::{House, on_both};

const GOOD_UNTIL: &str = "2026-12-21T08:00:00Z";

async fn begun(house: &House, key: &str, count: i64) -> Value {
    let body = json!({"reward": "coffee", "count": count, "valid_until": GOOD_UNTIL});
    house.operator().keyed(key, "/v1/code-batches", body).await.expect(202)
}

async fn batch(house: &House, id: &Value) -> Value {
    house.operator().get(&format!("/v1/code-batches/{}", id.as_str().expect("an id"))).await.expect(200)
}

async fn made(house: &House, id: &Value) -> Value {
    house.until("it is made", || async { batch(house, id).await["state"] == "made" }).await;
    batch(house, id).await
}

/// The codes of a batch by their numbers, out of its file.
async fn file(house: &House, key: &str, id: &Value) -> Vec<String> {
    let path = format!("/v1/code-batches/{}/file", id.as_str().expect("an id"));
    let answer = house.operator().keyed(key, &path, json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut lines = answer.text.split_terminator("\r\n");
    assert_eq!(lines.next(), Some("number,code"));
    let read = |(place, line): (usize, &str)| {
        let (number, code) = line.split_once(',').expect("two columns");
        assert_eq!(number, (place + 1).to_string());
        code.to_owned()
    };
    lines.enumerate().map(read).collect()
}

async fn count(house: &House, sql: &str) -> usize {
    let on = house.database.connection();
    on.query_all_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("rows").len()
}

on_both! {
    async fn a_batch_has_each_number_once_and_each_code_once(house: House) {
        house.offers("coffee", json!({})).await;
        let long = std::env::var_os("VAFA_LONG").is_some();
        let wanted: usize = if long { 100_000 } else { 2_000 };
        let began = Instant::now();
        let count_wanted = i64::try_from(wanted).expect("a number");
        let id = begun(&house, "k1", count_wanted).await["batch_id"].clone();
        for _ in 0..if long { 100 } else { 1 } {
            if batch(&house, &id).await["state"] == "made" { break; }
            house.until("it goes on", || async { batch(&house, &id).await["made"] == count_wanted }).await;
        }
        let done = made(&house, &id).await;
        eprintln!("{wanted} codes are made in {:?}", began.elapsed());
        assert_eq!((&done["made"], &done["used"], done.get("fetched_at")), (&json!(wanted), &json!(0), None));
        let codes = file(&house, "f1", &id).await;
        eprintln!("and given out after {:?}", began.elapsed());
        assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (wanted, wanted));
        assert_eq!(batch(&house, &id).await["fetched_by"], "operator");
        house.holds().await;
    }

    async fn a_file_is_given_out_once_and_then_only_hashes_are_left(house: House) {
        house.offers("coffee", json!({})).await;
        let id = begun(&house, "k1", 3).await["batch_id"].clone();
        made(&house, &id).await;
        let again = json!({"reward": "coffee", "count": 3, "valid_until": GOOD_UNTIL});
        let same = house.operator().keyed("k1", "/v1/code-batches", again).await.expect(200);
        assert_eq!(same["batch_id"], id);
        let other = json!({"reward": "coffee", "count": 4, "valid_until": GOOD_UNTIL});
        house.operator().keyed("k1", "/v1/code-batches", other).await.refused(422, "rewards.key_reused");
        let first = file(&house, "f1", &id).await;
        assert_eq!(file(&house, "f1", &id).await, first);
        let path = format!("/v1/code-batches/{}/file", id.as_str().expect("an id"));
        house.operator().keyed("f2", &path, json!({})).await.refused(409, "rewards.batch_fetched");
        house.wait_s(3_601);
        house.operator().keyed("f1", &path, json!({})).await.refused(409, "rewards.batch_fetched");
        house.until("the codes are forgotten", || async { count(&house, "SELECT 1 FROM bearer_codes WHERE code_sealed IS NOT NULL").await == 0 }).await;
        // Whoever has one can use it.
        house.till("vanak").keyed("u1", "/v1/code-uses", json!({"code": first[1]})).await.expect(201);
        house.holds().await;
    }

    async fn a_code_is_used_once_and_can_be_taken_back_where_it_was_used(house: House) {
        house.opens("vanak", "tehran").await;
        house.opens("zand", "fars").await;
        house.offers("coffee", json!({"audience": {"branches": ["vanak"]}})).await;
        let id = begun(&house, "k1", 2).await["batch_id"].clone();
        made(&house, &id).await;
        let codes = file(&house, "f1", &id).await;
        let (vanak, zand, uses) = (house.till("vanak"), house.till("zand"), "/v1/code-uses");
        zand.keyed("u0", uses, json!({"code": codes[0]})).await.refused(422, "rewards.voucher_elsewhere");
        let used = vanak.keyed("u1", uses, json!({"code": codes[0], "receipt": "R-1"})).await.expect(201);
        assert_eq!((&used["state"], &used["number"], &used["kind"]["type"]), (&json!("used"), &json!(1), &json!("free_item")));
        let again = vanak.keyed("u1", uses, json!({"code": codes[0], "receipt": "R-1"})).await.expect(200);
        assert_eq!(again, used);
        vanak.keyed("u1", uses, json!({"code": codes[0]})).await.refused(422, "rewards.key_reused");
        vanak.keyed("u2", uses, json!({"code": codes[0]})).await.refused(409, "rewards.voucher_not_usable");
        let back = format!("{uses}/{}/cancellation", used["use_id"].as_str().expect("an id"));
        zand.post(&back, None).await.refused(404, "rewards.use_unknown");
        for _ in 0..2 {
            assert_eq!(vanak.post(&back, None).await.expect(200)["state"], "cancelled");
        }
        assert_eq!(vanak.keyed("u1", uses, json!({"code": codes[0], "receipt": "R-1"})).await.expect(200)["state"], "cancelled");
        vanak.keyed("u3", uses, json!({"code": codes[0]})).await.expect(201);
        assert_eq!((house.told::<BearerCodeUsed>().await.len(), house.told::<BearerCodeUseCancelled>().await.len()), (2, 1));
        assert_eq!(batch(&house, &id).await["used"], 1);
        // A voucher's route does not know it, and the other way round.
        vanak.keyed("u4", "/v1/voucher-uses", json!({"voucher": {"code": codes[1]}})).await.refused(404, "rewards.voucher_unknown");
        vanak.keyed("u5", uses, json!({"code": "0000-0000-0000-0000"})).await.refused(404, "rewards.voucher_unknown");
        vanak.keyed("u5", uses, json!({"code": codes[1], "receipt": ""})).await.refused(422, "rewards.receipt_invalid");
        house.holds().await;
    }

    async fn what_is_revoked_or_over_is_used_by_nobody(house: House) {
        house.offers("coffee", json!({})).await;
        let (first, second) = (begun(&house, "k1", 1).await["batch_id"].clone(), begun(&house, "k2", 1).await["batch_id"].clone());
        made(&house, &first).await;
        made(&house, &second).await;
        let (lost, late) = (file(&house, "f1", &first).await, file(&house, "f2", &second).await);
        let path = format!("/v1/code-batches/{}/revocation", first.as_str().expect("an id"));
        house.operator().post(&path, Some(json!({"reason": ""}))).await.refused(422, "rewards.reason_missing");
        let revoked = house.operator().post(&path, Some(json!({"reason": "The flyers were lost."}))).await.expect(200);
        assert_eq!((&revoked["state"], &revoked["revoked_by"]), (&json!("revoked"), &json!("operator")));
        let refused = house.till("vanak").keyed("u1", "/v1/code-uses", json!({"code": lost[0]})).await.refused(409, "rewards.voucher_not_usable");
        assert_eq!(refused["state"], "cancelled");
        let unready = format!("/v1/code-batches/{}/file", first.as_str().expect("an id"));
        house.operator().keyed("f3", &unready, json!({})).await.refused(409, "rewards.batch_unready");
        house.wait_s(31 * 24 * 60 * 60);
        let refused = house.till("vanak").keyed("u2", "/v1/code-uses", json!({"code": late[0]})).await.refused(409, "rewards.voucher_not_usable");
        assert_eq!(refused["state"], "expired");
        house.holds().await;
    }

    async fn one_code_at_many_tills_at_once_is_used_once(house: House) {
        house.offers("coffee", json!({})).await;
        let id = begun(&house, "k1", 1).await["batch_id"].clone();
        made(&house, &id).await;
        let code = file(&house, "f1", &id).await[0].clone();
        let till = house.till("vanak");
        let keys: Vec<String> = (0..10).map(|number| format!("u{number}")).collect();
        let racing = keys.iter().map(|key| till.keyed(key, "/v1/code-uses", json!({"code": code})));
        let answers = futures_util::future::join_all(racing).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status)));
        house.holds().await;
    }

    async fn each_mistake_about_a_batch_has_its_code(house: House) {
        house.offers("coffee", json!({})).await;
        house.offers("travel", json!({"kind": {"type": "partner_coupon", "partner": "air"}})).await;
        let ask = async |body: Value| house.operator().keyed("k", "/v1/code-batches", body).await;
        let of = |reward: &str, count: i64, until: &str| json!({"reward": reward, "count": count, "valid_until": until});
        assert_eq!(ask(of("coffee", 0, GOOD_UNTIL)).await.refused(422, "rewards.batch_invalid")["pointer"], "/count");
        assert_eq!(ask(of("coffee", 100_001, GOOD_UNTIL)).await.refused(422, "rewards.batch_invalid")["pointer"], "/count");
        assert_eq!(ask(of("coffee", 1, crate::house::START)).await.refused(422, "rewards.batch_invalid")["pointer"], "/valid_until");
        ask(of("tea", 1, GOOD_UNTIL)).await.refused(404, "rewards.reward_unknown");
        ask(of("travel", 1, GOOD_UNTIL)).await.refused(409, "rewards.codeless");
        let nobody = "/v1/code-batches/0192f3a1-7c00-7000-8000-00000000dead";
        house.operator().get(nobody).await.refused(404, "rewards.batch_unknown");
        house.member(1).get(nobody).await.refused(403, "web.access_denied");
        assert_eq!(house.operator().get("/v1/code-batches").await.expect(200)["batches"], json!([]));
        for wrong in ["u1", "u2", "u3"] {
            let body = json!({"code": "0000-0000-0000-0000"});
            house.till("vanak").keyed(wrong, "/v1/code-uses", body).await.refused(404, "rewards.voucher_unknown");
        }
        let body = json!({"code": "0000-0000-0000-0000"});
        house.till("vanak").keyed("u4", "/v1/code-uses", body).await.refused(429, "rewards.guesses_too_many");
    }
}
