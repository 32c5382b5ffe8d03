//! Points that a rule gives for the member alone: they are spent like others, and nobody else gets them (P1, P6).

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::shop::{ALI, START, Shop, ZAHRA, base, basket, member, on_both, programme, rule};
use crate::transfers::gift;

/// Zahra has a hundred points and fifty for herself alone, in one lot. With `pending` the fifty can be spent a week later.
async fn rich(shop: Shop, terms: Value, pending: bool) -> Shop {
    let mut own = rule("own", json!({"fixed": {"points": 50}}));
    own["when"] = json!({"minimum_basket": 1_000_000});
    own["transferable"] = json!(false);
    if pending {
        own["pending"] = json!({"days": 7});
    }
    let mut document = programme(&[base(), own]);
    document["transfers"] = terms;
    document["spending"] = json!({"point_value": 1_000});
    let mut survey = rule("survey", json!({"fixed": {"points": 5}}));
    survey["on"] = json!({"action": "survey"});
    survey["funder"] = "vanak".into();
    survey["transferable"] = json!(false);
    document["actions"] = json!([survey]);
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

/// What Zahra can spend, and what of it she cannot pass on.
async fn has(shop: &Shop) -> [i64; 2] {
    let balance = shop.till().balance(member(1)).await;
    let number = |field: &str| balance[field].as_i64().unwrap_or_default();
    [number("points"), number("not_transferable")]
}

async fn quote(shop: &Shop, points: i64) -> crate::sender::Answer {
    shop.operator().send("POST", "/v1/transfers/quotes", &[], Some(gift(points).to_string())).await
}

fn of_zahra(points: i64) -> Value {
    json!({"member": {"phone": ZAHRA}, "points": points})
}

fn back(receipt: &str, of: &str, amount: i64) -> Value {
    json!({
        "purchase": {"till": "till-1", "receipt": of}, "receipt": receipt, "occurred_at": START, "currency": "IRR", "amount": amount,
    })
}

on_both! {
    async fn a_transfer_takes_points_that_may_go_and_no_others(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"}), false).await;
        assert_eq!(has(&shop).await, [150, 50]);
        assert_eq!(quote(&shop, 60).await.expect(200)["transferable"], 100);
        let rows = shop.rows().await;
        for refused in [quote(&shop, 101).await, shop.operator().transfer("t1", &gift(101)).await] {
            let problem = refused.refused(422, "points.points_not_transferable");
            assert_eq!((&problem["transferable"], &problem["pointer"]), (&json!(100), &json!("/points")));
        }
        let missing = shop.operator().transfer("t1", &gift(151)).await.refused(422, "points.balance_too_low");
        assert_eq!(missing["missing"], 1);
        assert_eq!(shop.rows().await, rows);
        let sent = shop.operator().transfer("t1", &gift(60)).await.expect(201);
        assert_eq!(sent["lots"], json!([{"points": 60, "on": "2027-11-21"}]));
        assert_eq!(has(&shop).await, [90, 50]);
        let others = shop.till().balance(member(2)).await;
        assert_eq!((&others["points"], &others["not_transferable"]), (&json!(60), &Value::Null));
        shop.holds().await;
    }

    async fn a_hand_over_leaves_what_is_the_members_own(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "fee": {"fixed": 10}}), false).await;
        let body = json!({"from": member(1).to_string(), "to": {"phone": ALI}, "dry_run": false});
        let over = async |key: &str| shop.operator().keyed(key, "/v1/hand-overs", &body).await;
        let handed = over("h1").await.expect(201);
        assert_eq!((&handed["transfer"]["points"], &handed["transfer"]["fee"]), (&json!(100), &json!(10)));
        assert_eq!(has(&shop).await, [40, 40], "the fee was paid with points that could not go");
        assert_eq!(over("h2").await.refused(422, "points.points_not_transferable")["transferable"], 0);
        shop.holds().await;
    }

    async fn what_comes_back_can_go_again_and_the_fee_is_as_it_was(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true, "fee": {"fixed": 10}, "waits_s": 600}), false).await;
        let sent = shop.operator().transfer("t1", &gift(100)).await.expect(201);
        assert_eq!(has(&shop).await, [40, 40]);
        shop.holds().await;
        shop.operator().says(&sent["transfer"]["transfer_id"], "recall", None).await.expect(200);
        assert_eq!(has(&shop).await, [150, 50]);
        shop.operator().transfer("t2", &gift(100)).await.expect(201);
        shop.clock.advance_millis(600_000);
        // What is due to come back may go at once.
        shop.operator().transfer("t3", &gift(100)).await.expect(201);
        assert_eq!(has(&shop).await, [40, 40]);
        shop.holds().await;
    }

    async fn what_is_spent_is_the_members_own_first_and_comes_back_as_it_left(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"}), false).await;
        let hold = shop.till().keyed("h1", "/v1/holds", &of_zahra(60)).await.expect(201);
        assert_eq!(has(&shop).await, [90, 0]);
        shop.holds().await;
        let path = |verb: &str| format!("/v1/holds/{}/{verb}", hold["id"].as_str().expect("an id"));
        let captured = shop.till().keyed("c1", &path("capture"), &json!({"points": 30})).await.expect(201);
        assert_eq!(has(&shop).await, [120, 20]);
        let reversal = format!("/v1/redemptions/{}/reversal", captured["id"].as_str().expect("an id"));
        shop.till().keyed("u1", &reversal, &json!({})).await.expect(201);
        assert_eq!(has(&shop).await, [150, 50]);
        let mut paid = basket("R2", 200_000);
        paid["spend"] = json!({"points": 60});
        shop.till().buy("k2", &paid).await.expect(201);
        assert_eq!(has(&shop).await, [104, 0]);
        for (receipt, left) in [("B1", [127, 25]), ("B2", [150, 50])] {
            shop.till().give_back(receipt, &back(receipt, "R2", 100_000)).await.expect(201);
            assert_eq!(has(&shop).await, left);
            shop.holds().await;
        }
    }

    async fn a_return_takes_both_kinds_in_proportion_as_far_as_they_are_there(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"}), false).await;
        shop.till().give_back("b1", &back("B1", "R1", 333_333)).await.expect(201);
        assert_eq!(has(&shop).await, [101, 34], "49 are due, 16 of them her own");
        shop.operator().transfer("t1", &gift(60)).await.expect(201);
        assert_eq!(has(&shop).await, [41, 34]);
        // Thirty more are due, ten of them her own: of the other twenty seven are there, so more of her own go.
        shop.till().give_back("b2", &back("B2", "R1", 196_667)).await.expect(201);
        assert_eq!(has(&shop).await, [11, 11]);
        shop.holds().await;
        shop.till().give_back("b3", &back("B3", "R1", 470_000)).await.expect(201);
        assert_eq!(has(&shop).await, [0, 0]);
        assert_eq!(shop.till().balance(member(1)).await["debt"], 60);
        shop.holds().await;
    }

    async fn what_is_pending_is_still_the_members_own_when_it_can_be_spent(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"}), true).await;
        assert_eq!(has(&shop).await, [100, 0]);
        shop.till().give_back("b1", &back("B1", "R1", 500_000)).await.expect(201);
        shop.holds().await;
        shop.days_later(7);
        assert_eq!(has(&shop).await, [75, 25], "reckoned, and not written down yet");
        let refused = shop.operator().transfer("t1", &gift(51)).await;
        assert_eq!(refused.refused(422, "points.points_not_transferable")["transferable"], 50);
        shop.operator().transfer("t1", &gift(50)).await.expect(201);
        assert_eq!(has(&shop).await, [25, 25]);
        shop.holds().await;
    }

    async fn what_an_action_gives_can_be_for_the_member_alone(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"}), false).await;
        let done = json!({"member": {"phone": ZAHRA}, "action": "survey", "reference": "s-1", "occurred_at": START});
        shop.operator().keyed("a1", "/v1/actions", &done).await.expect(201);
        assert_eq!(has(&shop).await, [155, 55]);
        // Its lot is another purchase's too: both kinds are written to the row that is there.
        shop.till().buy("k2", &basket("R2", 100_000)).await.expect(201);
        assert_eq!(has(&shop).await, [165, 55]);
        shop.holds().await;
        shop.days_later(366);
        shop.till().buy("k3", &basket("R3", 10_000)).await.expect(201);
        assert_eq!(has(&shop).await, [1, 0]);
        shop.holds().await;
    }

    async fn the_page_and_the_mistakes_speak_of_it(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"}), false).await;
        let mut pages = Vec::new();
        for language in ["fa", "ar", "en"] {
            let page = shop.operator().speaking(language).get("/v1/programme").await.expect(200)["page"].clone();
            let about = |part: &str| {
                let sections = page["sections"].as_array().expect("sections").iter();
                let section = sections.filter(|section| section["part"] == part).collect::<Vec<_>>();
                section[0]["sentences"].as_array().and_then(|all| all.last()).cloned()
            };
            pages.push([about("rules"), about("actions")]);
        }
        insta::assert_json_snapshot!("points_for_the_member_alone", pages);
        let mut reward = rule("gift", json!({"instant_reward": {"reward": "coffee"}}));
        reward["transferable"] = json!(false);
        let refused = shop.operator().put("/v1/programme", programme(&[base(), reward])).await;
        let problem = refused.refused(422, "points.programme_invalid");
        assert_eq!(problem["pointer"], "/rules/1/transferable");
    }
}

/// What is done to the rows, each on fresh books.
const PLANTS: &[&str] = &[
    "UPDATE lots SET bound = bound + 1 WHERE bound IS NOT NULL",
    "UPDATE lots SET bound = NULL",
    "UPDATE lots SET bound = 1 WHERE bound IS NULL",
    "UPDATE asides SET bound = NULL",
    "UPDATE journals SET bound = bound + 1 WHERE bound IS NOT NULL",
    "UPDATE journals SET bound = 1 WHERE template = 17",
];

#[tokio::test]
async fn each_damage_to_what_cannot_be_passed_on_is_named() {
    let mut unnamed = Vec::new();
    for sql in PLANTS {
        let shop = rich(Shop::on_sqlite().await, json!({"to": "anyone"}), false).await;
        shop.operator().transfer("t1", &gift(60)).await.expect(201);
        shop.till().keyed("h1", "/v1/holds", &of_zahra(20)).await.expect(201);
        shop.holds().await;
        shop.execute(sql).await;
        let rows = shop.audited().await;
        if !rows.iter().any(|row| !row.holds() && row.promise.contains("cannot be passed on")) {
            unnamed.push(*sql);
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

#[tokio::test]
async fn a_lot_cannot_have_more_points_of_ones_own_than_points() {
    for shop in [Shop::on_sqlite().await, Shop::on_postgres().await] {
        let shop = rich(shop, json!({"to": "anyone"}), false).await;
        let more = shop.database.connection().execute_unprepared("UPDATE lots SET bound = points + 1").await;
        assert!(more.is_err());
    }
}
