//! The policy of transfers, over the API: each refusal has its code and its place, and changes nothing (P6).

use contracts::membership::{HouseholdChanged, HouseholdRole};
use kernel::{HouseholdId, IdentifierKind};
use serde_json::{Value, json};
use web::Caller;

use crate::shop::{Shop, base, basket, member, on_both, programme};
use crate::transfers::{gift, rich};

fn changed(pointer: &str, value: Value) -> Value {
    let mut body = gift(50);
    match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => body[&pointer[1..]] = value,
    }
    body
}

on_both! {
    async fn each_term_refuses_with_its_own_code(shop: Shop) {
        let mut shop = rich(shop, json!({"to": "anyone"})).await;
        let rows = shop.rows().await;
        let mut code_and_place = Vec::new();
        for (terms, code, pointer) in [
            (json!({"to": "household"}), "points.transfer_outside_circle", "/to"),
            (json!({"to": "same_tier_group"}), "points.transfer_outside_circle", "/to"),
            (json!({"to": "anyone", "account_age_days": 1}), "points.transfer_account_too_young", "/from"),
            (json!({"to": "anyone", "minimum": 51}), "points.transfer_too_small", "/points"),
            (json!({"to": "anyone", "maximum": 49}), "points.transfer_too_large", "/points"),
            (json!({"to": "anyone", "fee": {"fixed": 51}}), "points.balance_too_low", "/points"),
            (json!({"to": "anyone", "sent": [{"per": "day", "most": 49}]}), "points.transfer_sender_cap", "/points"),
            (json!({"to": "anyone", "received": [{"per": "year", "most": 49}]}), "points.transfer_receiver_cap", "/points"),
        ] {
            shop = shop.transferring(terms).await;
            let refused = shop.operator().transfer("t1", &gift(50)).await.refused(422, code);
            code_and_place.push((refused["pointer"].clone(), pointer));
            let quoted = shop.operator().send("POST", "/v1/transfers/quotes", &[], Some(gift(50).to_string())).await;
            quoted.refused(422, code);
        }
        assert!(code_and_place.iter().all(|(told, expected)| told == expected), "{code_and_place:?}");
        let mut now = shop.rows().await;
        now[4] = rows[4];
        assert_eq!(now, rows, "but for the announcements of the programmes");
    }

    async fn what_is_asked_wrongly_is_told_apart(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let rows = shop.rows().await;
        for (body, status, code) in [
            (changed("/to", json!({"id": member(1).to_string()})), 422, "points.transfer_to_self"),
            (changed("/to", json!({"id": member(9).to_string()})), 404, "points.member_unknown"),
            (changed("/from", json!(member(9).to_string())), 404, "points.member_unknown"),
            (changed("/to", json!({"phone": "+989129999999"})), 404, "points.customer_unknown"),
            (changed("/to", json!({"phone": "12"})), 422, "points.phone_invalid"),
            (changed("/to", json!({"card": "12"})), 422, "points.card_invalid"),
            (changed("/points", json!(0)), 422, "points.transfer_too_small"),
            (changed("/points", json!(-1)), 422, "points.transfer_too_small"),
            (changed("/points", json!(101)), 422, "points.balance_too_low"),
            (changed("/points", json!(i64::MAX)), 422, "points.balance_too_low"),
            (changed("/points", json!("all")), 400, "web.field_type"),
            (changed("/on_behalf", json!({"agent": "a"})), 400, "web.field_missing"),
            (changed("/on_behalf", json!({"agent": "", "reason": "x"})), 422, "points.text_invalid"),
            (changed("/on_behalf", json!({"agent": "a", "reason": ""})), 422, "points.text_invalid"),
            (changed("/tip", json!(1)), 400, "web.field_unknown"),
        ] {
            let answer = shop.operator().transfer("t1", &body).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{body}");
        }
        shop.operator().send("POST", "/v1/transfers", &[], Some(gift(50).to_string())).await.refused(400, "web.idempotency_key_missing");
        let nobody = json!("0192f3a1-7c00-7000-8000-00000000aaaa");
        for (step, body) in [("confirm", None), ("accept", None), ("recall", None), ("approve", Some(json!({"reviewer": "x"})))] {
            shop.operator().says(&nobody, step, body).await.refused(404, "points.transfer_unknown");
        }
        shop.operator().get("/v1/transfers/0192f3a1-7c00-7000-8000-00000000aaaa").await.refused(404, "points.transfer_unknown");
        shop.operator().says(&nobody, "reject", Some(json!({"reviewer": ""}))).await.refused(422, "points.text_invalid");
        shop.till().transfer("t1", &gift(50)).await.refused(403, "web.access_denied");
        shop.by(Caller::Anonymous).transfer("t1", &gift(50)).await.refused(401, "web.caller_required");
        assert_eq!(shop.rows().await, rows);
    }

    async fn without_a_programme_or_its_section_there_are_no_transfers(shop: Shop) {
        shop.operator().transfer("t1", &gift(50)).await.refused(422, "points.programme_missing");
        let shop = shop.selling(&[base()]).await;
        shop.operator().transfer("t1", &gift(50)).await.refused(422, "points.transfers_off");
        let mut wrong = programme(&[base()]);
        wrong["transfers"] = json!({"to": "anyone", "minimum": 5, "maximum": 4, "waits_s": 1});
        let refused = shop.operator().put("/v1/programme", wrong).await.refused(422, "points.programme_invalid");
        let places: Vec<_> = refused["mistakes"].as_array().expect("mistakes").iter().map(|m| m["pointer"].clone()).collect();
        assert_eq!(places, ["/transfers/maximum", "/transfers/waits_s"]);
    }

    async fn a_household_is_what_membership_told(shop: Shop) {
        let shop = rich(shop, json!({"to": "household"})).await;
        let home = |member_id: kernel::MemberId, household: Option<u128>| HouseholdChanged {
            member_id,
            household: household.map(|number| HouseholdId::from_uuid(uuid::Uuid::from_u128(number))),
            role: household.map(|_| HouseholdRole::Member),
        };
        let refused = async |key: &str| {
            shop.operator().transfer(key, &gift(5)).await.refused(422, "points.transfer_outside_circle");
        };
        let told = async |seq: usize, fact: &HouseholdChanged| shop.hear(&[shop.fact(seq, fact)]).await;
        refused("t1").await;
        told(3, &home(member(1), Some(7))).await;
        refused("t2").await;
        told(3, &home(member(2), Some(8))).await;
        refused("t3").await;
        told(4, &home(member(2), Some(7))).await;
        // An earlier word that comes again changes nothing.
        told(3, &home(member(2), Some(8))).await;
        shop.operator().transfer("t4", &gift(5)).await.expect(201);
        told(4, &home(member(1), None)).await;
        told(5, &home(member(2), None)).await;
        refused("t5").await;
        shop.holds().await;
    }

    async fn caps_count_what_is_on_its_way_and_not_what_came_back(shop: Shop) {
        let terms = json!({"to": "anyone", "acceptance": true, "waits_s": 600, "sent": [{"per": "month", "most": 100}], "receivers": [{"per": "day", "most": 1}]});
        let shop = rich(shop, terms).await;
        shop.till().buy("k2", &basket("R2", 2_000_000)).await.expect(201);
        shop.joined(member(3), "+989121234569", IdentifierKind::Phone).await;
        let id = shop.operator().transfer("t1", &gift(70)).await.expect(201)["transfer"]["transfer_id"].clone();
        let refused = shop.operator().transfer("t2", &gift(31)).await.refused(422, "points.transfer_sender_cap");
        assert_eq!((&refused["left"], &refused["per"]), (&json!(30), &json!("month")));
        let elsewhere = changed("/to", json!({"id": member(3).to_string()}));
        let refused = shop.operator().transfer("t3", &changed_points(&elsewhere, 5)).await.refused(422, "points.transfer_receivers_cap");
        assert_eq!((&refused["most"], &refused["per"]), (&json!(1), &json!("day")));
        shop.operator().says(&id, "decline", None).await.expect(200);
        shop.operator().transfer("t3", &changed_points(&elsewhere, 5)).await.expect(201);
        shop.clock.advance_millis(600_000);
        // Nobody accepted in time: it is over from this instant on, whether or not anything looked.
        shop.operator().transfer("t4", &gift(100)).await.expect(201);
        shop.operator().transfer("t5", &gift(1)).await.refused(422, "points.transfer_sender_cap");
        shop.days_later(30);
        shop.operator().transfer("t6", &gift(100)).await.expect(201);
        shop.holds().await;
    }
}

fn changed_points(body: &Value, points: i64) -> Value {
    let mut body = body.clone();
    body["points"] = json!(points);
    body
}
