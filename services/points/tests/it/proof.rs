//! What whoever spends has to show, where the programme says so: a confirmed phone, and above a limit a fresh code at this till.

use contracts::membership::{HouseholdChanged, HouseholdRole, MemberErased, PhoneConfirmed};
use kernel::{Clock as _, HouseholdId};
use serde_json::{Value, json};
use web::Caller;

use crate::shop::{ALI, Shop, ZAHRA, base, basket, member, on_both, programme};

/// What membership is asked about the till of the tests, and about another one.
fn here() -> Value {
    json!({"branch": "vanak", "till": "till-1"})
}

/// Under this proof; Zahra has two thousand points, and Ali a hundred.
pub async fn proving(shop: Shop, proof: &Value) -> Shop {
    let mut document = programme(&[base()]);
    document["spending"] = json!({"point_value": 1_000});
    document["pooling"] = json!({});
    if !proof.is_null() {
        document["proof"] = proof.clone();
    }
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop.till().buy("k1", &basket("R1", 20_000_000)).await.expect(201);
    let mut goods = basket("R2", 1_000_000);
    goods["member"] = json!({"phone": ALI});
    shop.till().buy("k2", &goods).await.expect(201);
    shop
}

fn of(phone: &str, points: i64) -> Value {
    json!({"member": {"phone": phone}, "points": points})
}

fn paid(receipt: &str, points: i64) -> Value {
    let mut goods = basket(receipt, 5_000_000);
    goods["spend"] = json!({"points": points});
    goods
}

fn asked(shop: &Shop) -> u32 {
    shop.membership.with(|known| known.asked)
}

fn confirm(shop: &Shop, who: u128) {
    shop.membership.with(|known| known.confirmed.push(member(who).to_string()));
}

/// A fresh code vouches for a member at a counter for five minutes.
fn vouch(shop: &Shop, who: u128, place: Value) {
    let until = shop.clock.now().plus_millis(300_000).to_string();
    shop.membership.with(|known| known.vouched.push((member(who).to_string(), place, until)));
}

on_both! {
    async fn whoever_has_not_confirmed_the_phone_earns_and_spends_nothing(shop: Shop) {
        let shop = proving(shop, &json!({})).await;
        assert_eq!(asked(&shop), 0, "earning asks nothing");
        let till = shop.till();
        for path in ["/v1/redemptions", "/v1/holds"] {
            till.keyed("s1", path, &of(ZAHRA, 10)).await.refused(403, "points.phone_unconfirmed");
        }
        till.buy("b1", &paid("R3", 10)).await.refused(403, "points.phone_unconfirmed");
        till.rehearse("b1", &paid("R3", 10)).await.refused(403, "points.phone_unconfirmed");
        shop.operator().keyed("s1", "/v1/redemptions", &of(ZAHRA, 10)).await.refused(403, "points.phone_unconfirmed");
        assert_eq!(shop.till().balance(member(1)).await["points"], 2_000);
        // Confirmed a moment ago, and the fact is still on its way.
        confirm(&shop, 1);
        let before = asked(&shop);
        till.buy("b1", &paid("R3", 10)).await.expect(201);
        assert_eq!(asked(&shop), before + 1);
        till.keyed("s1", "/v1/redemptions", &of(ZAHRA, 10)).await.expect(201);
        till.keyed("s2", "/v1/holds", &of(ZAHRA, 10)).await.expect(201);
        assert_eq!(asked(&shop), before + 1, "what was answered is kept");
        shop.holds().await;
    }

    async fn the_fact_is_enough_and_goes_with_whoever_leaves(shop: Shop) {
        let shop = proving(shop, &json!({"confirmed_phone": true})).await;
        shop.tells(&PhoneConfirmed { member_id: member(1) }).await;
        shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 1_500)).await.expect(201);
        shop.till().buy("b1", &paid("R3", 10)).await.expect(201);
        assert_eq!(asked(&shop), 0);
        shop.till().keyed("s2", "/v1/redemptions", &of(ALI, 10)).await.refused(403, "points.phone_unconfirmed");
        assert_eq!(shop.number("SELECT COUNT(*) FROM members WHERE confirmed_at IS NOT NULL").await, 1);
        shop.tells(&MemberErased { member_id: member(1), branch: None }).await;
        assert_eq!(shop.number("SELECT COUNT(*) FROM members WHERE confirmed_at IS NOT NULL").await, 0);
        shop.holds().await;
    }

    async fn above_the_limit_a_fresh_code_vouches_at_this_till_and_for_a_while(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 500})).await;
        shop.tells(&PhoneConfirmed { member_id: member(1) }).await;
        confirm(&shop, 1);
        let till = shop.till();
        till.keyed("s1", "/v1/redemptions", &of(ZAHRA, 500)).await.expect(201);
        assert_eq!(asked(&shop), 0, "up to the limit nothing is asked");
        let refused = till.keyed("s2", "/v1/redemptions", &of(ZAHRA, 501)).await.refused(403, "points.code_needed");
        assert_eq!(refused["above"], 500);
        assert_eq!(till.rehearse("b1", &paid("R3", 501)).await.refused(403, "points.code_needed")["above"], 500);
        till.keyed("h1", "/v1/holds", &of(ZAHRA, 501)).await.refused(403, "points.code_needed");
        // What cannot be spent anyhow takes no code.
        till.keyed("s3", "/v1/redemptions", &of(ZAHRA, 9_999)).await.refused(422, "points.balance_too_low");

        vouch(&shop, 1, here());
        till.keyed("s2", "/v1/redemptions", &of(ZAHRA, 501)).await.expect(201);
        till.buy("b1", &paid("R3", 501)).await.expect(201);
        let elsewhere = shop.till_of("vanak", "till-2");
        elsewhere.keyed("s1", "/v1/redemptions", &of(ZAHRA, 501)).await.refused(403, "points.code_needed");
        shop.operator().keyed("s1", "/v1/redemptions", &of(ZAHRA, 501)).await.refused(403, "points.code_needed");
        vouch(&shop, 1, json!({}));
        shop.operator().keyed("s1", "/v1/redemptions", &of(ZAHRA, 501)).await.expect(201);
        shop.clock.advance_millis(300_000);
        shop.till().buy("b2", &basket("R4", 10_000_000)).await.expect(201);
        till.keyed("s4", "/v1/redemptions", &of(ZAHRA, 501)).await.refused(403, "points.code_needed");
        shop.holds().await;
    }

    async fn a_code_alone_confirms_the_phone_too(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 0})).await;
        vouch(&shop, 1, here());
        shop.till().buy("b1", &paid("R3", 10)).await.expect(201);
        let staff = json!({"staff_id": member(9)});
        vouch(&shop, 2, staff);
        let agent = shop.by(Caller::Staff {
            staff: kernel::StaffId::from_uuid(member(9).as_uuid()),
            session: kernel::SessionId::from_uuid(member(8).as_uuid()),
            grants: [kernel::Grant { role: kernel::Role::SupportAgent, reach: kernel::Reach::Chain }].into(),
        });
        agent.keyed("s1", "/v1/redemptions", &of(ALI, 10)).await.expect(201);
        shop.till().keyed("s1", "/v1/redemptions", &of(ALI, 10)).await.refused(403, "points.phone_unconfirmed");
        shop.holds().await;
    }

    async fn what_was_accepted_is_answered_again_whoever_is_silent(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 500})).await;
        shop.tells(&PhoneConfirmed { member_id: member(1) }).await;
        vouch(&shop, 1, here());
        let till = shop.till();
        till.keyed("s1", "/v1/redemptions", &of(ZAHRA, 600)).await.expect(201);
        let first = till.buy("b1", &paid("R3", 600)).await.expect(201);
        till.keyed("h1", "/v1/holds", &of(ZAHRA, 600)).await.expect(201);
        shop.membership.with(|known| known.silent = true);
        let silent = till.keyed("s2", "/v1/redemptions", &of(ZAHRA, 501)).await;
        assert!(silent.retry_after);
        silent.refused(503, "points.proof_unavailable");
        till.buy("b2", &paid("R4", 501)).await.refused(503, "points.proof_unavailable");
        shop.clock.advance_millis(600_000);
        let before = asked(&shop);
        assert!(till.keyed("s1", "/v1/redemptions", &of(ZAHRA, 600)).await.replayed);
        let again = till.buy("b1", &paid("R3", 600)).await;
        assert!(again.replayed);
        assert_eq!(again.body, first);
        assert!(till.keyed("h1", "/v1/holds", &of(ZAHRA, 600)).await.replayed);
        assert_eq!(asked(&shop), before);
        shop.holds().await;
    }

    async fn a_hold_is_captured_and_pays_without_another_code(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 100})).await;
        shop.tells(&PhoneConfirmed { member_id: member(1) }).await;
        vouch(&shop, 1, here());
        let till = shop.till();
        let first = till.keyed("h1", "/v1/holds", &of(ZAHRA, 600)).await.expect(201);
        let second = till.keyed("h2", "/v1/holds", &of(ZAHRA, 600)).await.expect(201);
        shop.clock.advance_millis(400_000);
        let before = asked(&shop);
        let capture = format!("/v1/holds/{}/capture", first["id"].as_str().expect("an id"));
        till.keyed("c1", &capture, &json!({})).await.expect(201);
        let mut goods = basket("R5", 5_000_000);
        goods["spend"] = json!({"hold": {"hold_id": second["id"]}});
        till.buy("b3", &goods).await.expect(201);
        assert_eq!(asked(&shop), before);
        shop.holds().await;
    }

    async fn whoever_spends_for_the_household_is_who_must_prove(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 500})).await;
        for who in [1, 2] {
            let household = Some(HouseholdId::from_uuid(uuid::Uuid::from_u128(7)));
            let fact = HouseholdChanged { member_id: member(who), household, role: Some(HouseholdRole::Member) };
            shop.hear(&[shop.fact(3, &fact)]).await;
        }
        shop.tells(&PhoneConfirmed { member_id: member(1) }).await;
        vouch(&shop, 1, here());
        let till = shop.till();
        till.keyed("s1", "/v1/redemptions", &of(ALI, 600)).await.refused(403, "points.phone_unconfirmed");
        confirm(&shop, 2);
        till.keyed("s1", "/v1/redemptions", &of(ALI, 600)).await.refused(403, "points.code_needed");
        till.keyed("s2", "/v1/redemptions", &of(ALI, 400)).await.expect(201);
        vouch(&shop, 2, here());
        let spent = till.keyed("s1", "/v1/redemptions", &of(ALI, 600)).await.expect(201);
        assert_eq!(spent["balance"], 0);
        assert_eq!(shop.till().balance(member(1)).await["points"], 1_100);
        shop.holds().await;
    }

    async fn a_programme_that_asks_nothing_costs_nothing(shop: Shop) {
        let shop = proving(shop, &Value::Null).await;
        shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 600)).await.expect(201);
        shop.till().buy("b1", &paid("R3", 600)).await.expect(201);
        assert_eq!(asked(&shop), 0);
    }

    async fn many_at_once_spend_no_more_than_there_is(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 100})).await;
        vouch(&shop, 1, here());
        let till = shop.till();
        let spending = (0..10).map(|number| {
            let (till, key, goods) = (&till, format!("s{number}"), paid(&format!("P{number}"), 450));
            async move { till.buy(&key, &goods).await.status }
        });
        let statuses = futures_util::future::join_all(spending).await;
        assert!(statuses.iter().all(|status| [201, 422].contains(status)), "{statuses:?}");
        // 2,000 points, and what the rest of each purchase earned.
        assert!(statuses.iter().filter(|status| **status == 201).count() >= 4, "{statuses:?}");
        shop.holds().await;
    }

    async fn the_part_is_checked_and_explained(shop: Shop) {
        let mut document = programme(&[base()]);
        document["proof"] = json!({"code_above": -1});
        let refused = shop.operator().put("/v1/programme", document.clone()).await.refused(422, "points.programme_invalid");
        assert_eq!(refused["mistakes"], json!([{"pointer": "/proof/code_above", "reason": "points_out_of_range"}]));
        document["proof"] = json!({"confirmed_phone": false});
        let refused = shop.operator().put("/v1/programme", document.clone()).await.refused(422, "points.programme_invalid");
        assert_eq!(refused["mistakes"], json!([{"pointer": "/proof", "reason": "asks_nothing"}]));
        document["proof"] = json!({"code_above": 500});
        shop.operator().put("/v1/programme", document).await.expect(201);
        let mut said = Vec::new();
        for language in ["fa", "ar", "en"] {
            let read = shop.by(Caller::Anonymous).speaking(language).get("/v1/programme").await.expect(200);
            let sections = read["page"]["sections"].as_array().expect("a list").clone();
            said.push(sections.into_iter().find(|section| section["part"] == "proof").expect("the part"));
        }
        assert_eq!(said[2], json!({"part": "proof", "title": "Proof before spending", "sentences": [
            "Spending more than 500 points at once takes a fresh one-time code, sent to the member's phone.",
            "Points are spent only by members who have confirmed their phone with a one-time code.",
        ]}));
        assert!(said[0]["sentences"][0].as_str().is_some_and(|text| text.contains("۵۰۰")), "{said:?}");
    }
}
