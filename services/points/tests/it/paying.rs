//! A purchase is paid with points in part, in the call that records it (P7).

use contracts::points::{PointsCaptured, PointsEarned, PointsRedeemed};
use kernel::Points;
use serde_json::{Value, json};

use crate::shop::{ALI, START, Shop, ZAHRA, base, basket, member, on_both, programme, rule};

/// A point pays 1,000, from ten points on, in steps of five, half of a basket at most. Zahra has a hundred points for a year and
/// fifty for a month.
async fn rich(shop: Shop) -> Shop {
    rich_under(
        shop,
        json!({"point_value": 1_000, "minimum_points": 10, "step": 5, "most_percent_of_basket": 50}),
    )
    .await
}

pub async fn rich_under(shop: Shop, spending: Value) -> Shop {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    short["when"] = json!({"minimum_basket": 1_000_000});
    let mut document = programme(&[base(), short]);
    document["spending"] = spending;
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

pub fn paying(receipt: &str, amount: i64, spend: &Value) -> Value {
    let mut body = basket(receipt, amount);
    body["spend"] = spend.clone();
    body
}

fn back(receipt: &str, of: &str, amount: i64) -> Value {
    json!({
        "purchase": {"till": "till-1", "receipt": of}, "receipt": receipt, "occurred_at": START, "currency": "IRR", "amount": amount,
    })
}

async fn points_of(shop: &Shop) -> Value {
    shop.till().balance(member(1)).await["points"].clone()
}

async fn kinds(shop: &Shop) -> Vec<Value> {
    let history = shop.operator().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
    history["items"].as_array().expect("a list").iter().map(|item| item["kind"].clone()).collect()
}

on_both! {
    async fn points_pay_a_part_earliest_expiry_first_and_only_the_rest_earns(shop: Shop) {
        let shop = rich(shop).await;
        let body = paying("R2", 200_000, &json!({"points": 60}));
        let paid = shop.till().buy("k2", &body).await.expect(201);
        assert_eq!(paid["spent"], json!({"points": 60, "amount": 60_000, "to_pay": 140_000}));
        assert_eq!((&paid["points"], &paid["balance"]["points"]), (&json!(14), &json!(104)), "{paid}");
        assert_eq!(paid["balance"]["account_version"], 3, "the redemption is a journal of its own");
        // The fifty points of a month went first.
        assert_eq!(shop.till().balance(member(1)).await["expiring"], json!([{"on": "2027-11-21", "points": 104}]));
        assert_eq!(kinds(&shop).await, ["purchase", "redemption", "purchase"]);
        let redeemed = shop.told::<PointsRedeemed>().await;
        assert_eq!((redeemed.len(), redeemed[0].0, redeemed[0].1.points), (1, 2, Points::new(60)));
        let earned = shop.told::<PointsEarned>().await;
        assert_eq!((earned[1].0, earned[1].1.points, earned[1].1.amount), (3, Points::new(14), 200_000));
        let read = shop.till().get(&format!("/v1/purchases/{}", paid["purchase_id"].as_str().expect("an id"))).await;
        assert_eq!(read.expect(200)["spent"], paid["spent"]);
        shop.holds().await;
    }

    async fn an_amount_names_the_points_and_a_repeat_spends_nothing(shop: Shop) {
        let shop = rich(shop).await;
        let body = paying("R2", 200_000, &json!({"amount": 20_000}));
        let paid = shop.till().buy("k2", &body).await.expect(201);
        assert_eq!(paid["spent"], json!({"points": 20, "amount": 20_000, "to_pay": 180_000}));
        for key in ["k2", "k3"] {
            let again = shop.till().buy(key, &body).await;
            assert!(again.replayed);
            assert_eq!(again.expect(200), paid);
        }
        let other = paying("R2", 200_000, &json!({"amount": 25_000}));
        shop.till().buy("k2", &other).await.refused(422, "points.idempotency_key_reused");
        shop.till().buy("k4", &other).await.refused(409, "points.receipt_taken");
        shop.till().buy("k4", &basket("R2", 200_000)).await.refused(409, "points.receipt_taken");
        assert_eq!(points_of(&shop).await, 148);
        shop.holds().await;
    }

    async fn every_refusal_says_what_would_do_and_changes_nothing(shop: Shop) {
        let shop = rich(shop).await;
        let rows = shop.rows().await;
        let table = [
            (json!({"points": 0}), 422, "points.points_out_of_range", "", json!(null)),
            (json!({"amount": -1}), 422, "points.points_out_of_range", "", json!(null)),
            (json!({"points": 5}), 422, "points.spend_too_small", "minimum", json!(10)),
            (json!({"points": 12}), 422, "points.spend_not_in_steps", "step", json!(5)),
            (json!({"amount": 20_500}), 422, "points.spend_not_in_steps", "worth", json!(5_000)),
            (json!({"points": 155}), 422, "points.spend_too_large", "most", json!(150)),
            (json!({"hold": {"hold_id": "0192f3a1-7c00-8000-8000-000000000099"}}), 409, "points.hold_over", "", json!(null)),
        ];
        for (spend, status, code, field, says) in table {
            for rehearsed in [false, true] {
                let body = paying("R2", 300_000, &spend);
                let answer = if rehearsed { shop.till().rehearse("k2", &body).await } else { shop.till().buy("k2", &body).await };
                let problem = answer.refused(status, code);
                assert!(problem["pointer"].as_str().is_some_and(|at| at.starts_with("/spend")), "{problem}");
                if !field.is_empty() {
                    assert_eq!(problem[field], says, "{problem}");
                }
            }
        }
        let short = shop.till().buy("k2", &paying("R2", 400_000, &json!({"points": 155}))).await;
        assert_eq!(short.refused(422, "points.balance_too_low")["missing"], 5);
        shop.till().buy("k2", &paying("R2", 400_000, &json!({"points": 1, "amount": 2}))).await.expect(400);
        assert_eq!(shop.rows().await, rows);
        let why = json!({"actor": "staff-4", "reason": "The phone was stolen"});
        shop.operator().keyed("f1", &format!("/v1/members/{}/account/freeze", member(1)), &why).await.expect(201);
        shop.till().buy("k2", &paying("R2", 200_000, &json!({"points": 50}))).await.refused(422, "points.account_frozen");
        let rehearsed = shop.till().rehearse("k2", &basket("R2", 200_000)).await.expect(200);
        assert_eq!(rehearsed["spendable"], json!({"points": 0, "amount": 0, "to_pay": 200_000}));
    }

    async fn without_a_price_points_pay_for_nothing(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        shop.till().buy("k2", &paying("R2", 200_000, &json!({"points": 10}))).await.refused(422, "points.spending_off");
        let rehearsed = shop.till().rehearse("k2", &basket("R2", 200_000)).await.expect(200);
        assert!(rehearsed.get("spendable").is_none());
    }

    async fn a_dry_run_tells_what_could_be_paid_and_keeps_nothing(shop: Shop) {
        let shop = rich(shop).await;
        let rows = shop.rows().await;
        let told = shop.till().rehearse("k2", &basket("R2", 201_000)).await.expect(200);
        assert_eq!(told["spendable"], json!({"points": 100, "amount": 100_000, "to_pay": 101_000}));
        let much = shop.till().rehearse("k2", &basket("R2", 900_000)).await.expect(200);
        assert_eq!(much["spendable"]["points"], 150);
        let little = shop.till().rehearse("k2", &basket("R2", 19_000)).await.expect(200);
        assert_eq!(little["spendable"]["points"], 0, "fewer than the fewest");
        let priced = shop.till().rehearse("k2", &paying("R2", 200_000, &json!({"points": 100}))).await.expect(200);
        assert_eq!((&priced["spent"]["to_pay"], &priced["balance"]["points"]), (&json!(100_000), &json!(60)));
        assert_eq!(shop.rows().await, rows);
    }

    async fn a_hold_pays_in_the_call_that_captures_it(shop: Shop) {
        let shop = rich(shop).await;
        let of = json!({"member": {"phone": ZAHRA}, "points": 80});
        let hold = shop.till().keyed("h1", "/v1/holds", &of).await.expect(201);
        let spend = json!({"hold": {"hold_id": hold["id"], "points": 60}});
        let mut alis = paying("R2", 200_000, &spend);
        alis["member"] = json!({"phone": ALI});
        shop.till().buy("k2", &alis).await.refused(409, "points.hold_over");
        let much = json!({"hold": {"hold_id": hold["id"], "points": 85}});
        let refused = shop.till().buy("k2", &paying("R2", 200_000, &much)).await;
        assert_eq!(refused.refused(422, "points.capture_too_large")["held"], 80);
        let paid = shop.till().buy("k2", &paying("R2", 200_000, &spend)).await.expect(201);
        assert_eq!(paid["spent"], json!({"points": 60, "amount": 60_000, "to_pay": 140_000}));
        assert_eq!(paid["balance"]["points"], 104);
        assert_eq!(kinds(&shop).await, ["purchase", "capture", "hold", "purchase"]);
        let read = shop.till().get(&format!("/v1/holds/{}", hold["id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((&read["state"], &read["captured"]), (&json!("captured"), &json!(60)));
        let told = shop.told::<PointsCaptured>().await;
        assert_eq!((told[0].1.points, told[0].1.released), (Points::new(60), Points::new(20)));
        shop.till().buy("k3", &paying("R3", 200_000, &spend)).await.refused(409, "points.hold_over");
        shop.holds().await;
    }

    async fn a_hold_whose_time_is_over_pays_nothing(shop: Shop) {
        let shop = rich(shop).await;
        let of = json!({"member": {"phone": ZAHRA}, "points": 50, "lifetime_s": 60});
        let hold = shop.till().keyed("h1", "/v1/holds", &of).await.expect(201);
        shop.clock.advance_millis(60_000);
        let spend = json!({"hold": {"hold_id": hold["id"]}});
        shop.till().buy("k2", &paying("R2", 200_000, &spend)).await.refused(409, "points.hold_over");
        assert_eq!(points_of(&shop).await, 150);
    }

    async fn a_return_gives_the_very_points_back_and_the_rest_as_money(shop: Shop) {
        let shop = rich(shop).await;
        shop.till().buy("k2", &paying("R2", 200_000, &json!({"points": 75}))).await.expect(201);
        assert_eq!(points_of(&shop).await, 87);
        let first = shop.till().give_back("b1", &back("B1", "R2", 100_000)).await.expect(201);
        assert_eq!((&first["points_back"], &first["money"], &first["points_taken"]), (&json!(37), &json!(62_500), &json!(6)), "{first}");
        assert_eq!(points_of(&shop).await, 118);
        let rest = shop.till().give_back("b2", &back("B2", "R2", 100_000)).await.expect(201);
        assert_eq!((&rest["points_back"], &rest["money"], &rest["points_taken"]), (&json!(38), &json!(62_500), &json!(6)), "{rest}");
        let balance = shop.till().balance(member(1)).await;
        let expiring = json!([{"on": "2026-12-21", "points": 50}, {"on": "2027-11-21", "points": 100}]);
        assert_eq!((&balance["points"], &balance["expiring"]), (&json!(150), &expiring));
        shop.till().give_back("b3", &back("B3", "R2", 1)).await.refused(422, "points.return_too_large");
        assert!(shop.till().give_back("b1", &back("B1", "R2", 100_000)).await.replayed);
        let plain = shop.till().give_back("b4", &back("B4", "R1", 500_000)).await.expect(201);
        assert_eq!((plain.get("points_back"), &plain["money"]), (None, &json!(500_000)));
        shop.holds().await;
    }

    async fn what_paid_for_a_purchase_comes_back_in_no_other_way(shop: Shop) {
        let shop = rich(shop).await;
        shop.till().buy("k2", &paying("R2", 200_000, &json!({"points": 60}))).await.expect(201);
        let history = shop.operator().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        let (bought, redemption) = (&history["items"][0], &history["items"][1]);
        assert_eq!(redemption["about"], bought["id"]);
        let undo = format!("/v1/redemptions/{}/reversal", redemption["id"].as_str().expect("an id"));
        let refused = shop.till().keyed("u1", &undo, &json!({})).await;
        assert_eq!(refused.refused(409, "points.redemption_paid_for_purchase")["purchase"], bought["id"]);
        assert_eq!(points_of(&shop).await, 104);
    }

    async fn a_simulation_sees_what_was_paid_with_points(shop: Shop) {
        let shop = rich(shop).await;
        shop.till().buy("k2", &paying("R2", 200_000, &json!({"points": 60}))).await.expect(201);
        shop.days_later(1);
        let outcome = crate::simulations::simulated(&shop, 1, json!({})).await;
        assert_eq!(outcome["figures"]["programmes"][0]["issued"], 164, "{outcome}");
    }

    async fn a_programme_may_let_all_of_it_earn(shop: Shop) {
        let shop = rich_under(shop, json!({"point_value": 1_000, "earns_on": "whole"})).await;
        let paid = shop.till().buy("k2", &paying("R2", 100_000, &json!({"points": 100}))).await.expect(201);
        assert_eq!((&paid["spent"]["to_pay"], &paid["points"], &paid["balance"]["points"]), (&json!(0), &json!(10), &json!(60)));
        shop.holds().await;
    }

    async fn tills_that_spend_the_same_points_at_once_spend_them_once(shop: Shop) {
        let shop = rich_under(shop, json!({"point_value": 1_000})).await;
        let other = shop.replica().await;
        let sales = (0..24).map(|nth| {
            let desk = if nth % 2 == 0 { &shop } else { &other };
            async move {
                let body = paying(&format!("S{nth}"), 20_000, &json!({"points": 20}));
                desk.till().buy(&format!("s{nth}"), &body).await
            }
        });
        let answers = futures_util::future::join_all(sales).await;
        let paid = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(paid, 7, "150 points are seven times twenty");
        assert!(answers.iter().all(|answer| answer.status == 201 || answer.code() == "points.balance_too_low"));
        assert_eq!(points_of(&shop).await, 10);
        shop.holds().await;
    }
}

#[tokio::test]
async fn wrong_terms_are_told_with_their_places() {
    let shop = Shop::on_sqlite().await;
    let mut document = programme(&[base()]);
    document["spending"] =
        json!({"point_value": 0, "minimum_points": 0, "step": -1, "most_percent_of_basket": 101});
    let refused =
        shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
    let told: Vec<_> =
        refused["mistakes"].as_array().expect("a list").iter().map(|m| m["pointer"].clone()).collect();
    let fields = ["point_value", "minimum_points", "step", "most_percent_of_basket"];
    assert_eq!(told, fields.map(|field| json!(format!("/spending/{field}"))));
}
