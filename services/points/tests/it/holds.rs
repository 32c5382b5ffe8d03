//! Points are set aside, captured, released, redeemed and given back: each once, and never more than there is (P7).

use contracts::points::{PointsActivated, PointsCaptured, PointsHeld, PointsReleased};
use kernel::Points;
use serde_json::{Value, json};

use crate::shop::{ALI, Shop, ZAHRA, base, basket, member, on_both, rule};

fn of(phone: &str, points: i64) -> Value {
    json!({"member": {"phone": phone}, "points": points})
}

fn end(hold: &Value, verb: &str) -> String {
    format!("/v1/holds/{}/{verb}", hold["id"].as_str().expect("an id"))
}

/// Zahra has a hundred points for a year and fifty for a month.
async fn rich(shop: Shop) -> Shop {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    let shop = shop.selling(&[base(), short]).await;
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

async fn read(shop: &Shop, hold: &Value) -> Value {
    shop.till().get(&format!("/v1/holds/{}", hold["id"].as_str().expect("an id"))).await.expect(200)
}

on_both! {
    async fn held_points_cannot_be_spent_twice(shop: Shop) {
        let shop = rich(shop).await;
        let hold = shop.till().keyed("h1", "/v1/holds", &of(ZAHRA, 60)).await.expect(201);
        assert_eq!((&hold["kind"], &hold["change"], &hold["balance"]), (&json!("hold"), &json!(-60), &json!(90)));
        let again = shop.till().keyed("h1", "/v1/holds", &of(ZAHRA, 60)).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), hold);
        shop.till().keyed("h1", "/v1/holds", &of(ZAHRA, 61)).await.refused(422, "points.idempotency_key_reused");
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["held"]), (&json!(90), &json!(60)));
        let refused = shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 91)).await;
        assert_eq!(refused.refused(422, "points.balance_too_low")["missing"], 1);
        shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 90)).await.expect(201);
        let told = shop.told::<PointsHeld>().await;
        assert_eq!((told.len(), told[0].1.points, told[0].1.balance), (1, Points::new(60), Points::new(90)));
        shop.holds().await;
    }

    async fn a_capture_takes_the_earliest_expiry_and_frees_the_rest(shop: Shop) {
        let shop = rich(shop).await;
        let hold = shop.till().keyed("h1", "/v1/holds", &of(ZAHRA, 80)).await.expect(201);
        let refused = shop.till().keyed("c0", &end(&hold, "capture"), &json!({"points": 81})).await;
        assert_eq!(refused.refused(422, "points.capture_too_large")["held"], 80);
        let captured = shop.till().keyed("c1", &end(&hold, "capture"), &json!({"points": 60})).await.expect(201);
        assert_eq!((&captured["change"], &captured["balance"]), (&json!(20), &json!(90)));
        assert!(shop.till().keyed("c1", &end(&hold, "capture"), &json!({"points": 60})).await.replayed);
        shop.till().keyed("c2", &end(&hold, "capture"), &json!({})).await.refused(409, "points.hold_over");
        shop.till().keyed("r2", &end(&hold, "release"), &json!({})).await.refused(409, "points.hold_over");
        let found = read(&shop, &hold).await;
        assert_eq!((&found["state"], &found["captured"], &found["points"]), (&json!("captured"), &json!(60), &json!(80)));
        let told = shop.told::<PointsCaptured>().await;
        assert_eq!((told[0].1.points, told[0].1.released), (Points::new(60), Points::new(20)));
        // The fifty points of a month went first.
        assert_eq!(shop.till().balance(member(1)).await["expiring"], json!([{"on": "2027-11-21", "points": 90}]));
        shop.holds().await;
    }

    async fn a_hold_lapses_by_itself_at_its_instant(shop: Shop) {
        let shop = rich(shop).await;
        let mut body = of(ZAHRA, 60);
        body["lifetime_s"] = json!(60);
        let hold = shop.till().keyed("h1", "/v1/holds", &body).await.expect(201);
        shop.clock.advance_millis(59_999);
        assert_eq!((shop.till().balance(member(1)).await["points"].clone(), read(&shop, &hold).await["state"].clone()), (json!(90), json!("open")));
        shop.clock.advance_millis(1);
        assert_eq!((shop.till().balance(member(1)).await["points"].clone(), read(&shop, &hold).await["state"].clone()), (json!(150), json!("lapsed")));
        shop.till().keyed("c1", &end(&hold, "capture"), &json!({})).await.refused(409, "points.hold_over");
        let spent = shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 150)).await.expect(201);
        assert_eq!((&spent["balance"], &spent["account_version"]), (&json!(0), &json!(4)));
        let told = shop.told::<PointsReleased>().await;
        assert_eq!((told.len(), told[0].0, told[0].1.lapsed, told[0].1.points), (1, 3, true, Points::new(60)));
        assert_eq!(read(&shop, &hold).await["state"], "lapsed");
        shop.holds().await;
    }

    async fn what_is_released_after_its_last_day_has_lapsed(shop: Shop) {
        let shop = rich(shop).await;
        let mut body = of(ZAHRA, 60);
        body["lifetime_s"] = json!(604_800);
        shop.days_later(28);
        let hold = shop.till().keyed("h1", "/v1/holds", &body).await.expect(201);
        shop.days_later(4);
        let freed = shop.till().keyed("r1", &end(&hold, "release"), &json!({})).await.expect(201);
        assert_eq!((&freed["change"], &freed["balance"]), (&json!(60), &json!(150)));
        assert_eq!(shop.till().balance(member(1)).await["points"], 100, "fifty were for a month");
        shop.holds().await;
    }

    async fn pending_points_can_be_spent_from_their_day_on(shop: Shop) {
        let mut later = base();
        later["pending"] = json!({"days": 7});
        let shop = shop.selling(&[later]).await;
        shop.till().buy("k1", &basket("R1", 500_000)).await.expect(201);
        shop.days_later(6);
        shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 1)).await.refused(422, "points.balance_too_low");
        shop.days_later(1);
        let spent = shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 10)).await.expect(201);
        assert_eq!((&spent["balance"], &spent["account_version"]), (&json!(40), &json!(3)));
        assert_eq!(shop.told::<PointsActivated>().await[0].1.points, Points::new(50));
        // Their year begins when they can be spent.
        assert_eq!(shop.till().balance(member(1)).await["expiring"], json!([{"on": "2027-11-28", "points": 40}]));
        shop.holds().await;
    }

    async fn a_redemption_is_undone_once_with_the_very_points(shop: Shop) {
        let shop = rich(shop).await;
        let before = shop.till().balance(member(1)).await;
        let spent = shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 70)).await.expect(201);
        let undo = format!("/v1/redemptions/{}/reversal", spent["id"].as_str().expect("an id"));
        let undone = shop.till().keyed("u1", &undo, &json!({})).await.expect(201);
        assert_eq!((&undone["change"], &undone["about"]), (&json!(70), &spent["id"]));
        assert!(shop.till().keyed("u1", &undo, &json!({})).await.replayed);
        shop.till().keyed("u2", &undo, &json!({})).await.refused(409, "points.reversed_before");
        let after = shop.till().balance(member(1)).await;
        assert_eq!((&after["points"], &after["expiring"]), (&before["points"], &before["expiring"]));
        let nothing = "/v1/redemptions/0192f3a1-7c00-8000-8000-000000000099/reversal";
        shop.till().keyed("u3", nothing, &json!({})).await.refused(404, "points.redemption_unknown");
        shop.holds().await;
    }

    async fn one_balance_is_spent_once_however_many_ask_at_the_same_time(shop: Shop) {
        let shop = rich(shop).await;
        let other = shop.replica().await;
        for round in 0..5 {
            let balance = shop.till().balance(member(1)).await["points"].as_i64().expect("points");
            let (tills, keys) = ([shop.till(), other.till()], 0..20);
            let keys: Vec<(usize, String)> = keys.map(|n| (n % 2, format!("s{round}-{n}"))).collect();
            let body = of(ZAHRA, balance);
            let sent = keys.iter().map(|(at, key)| tills[*at].keyed(key, "/v1/redemptions", &body));
            let answers = futures_util::future::join_all(sent).await;
            let done: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
            assert_eq!(done.len(), 1, "{:?}", answers.iter().map(|a| (a.status, &a.text)).collect::<Vec<_>>());
            assert!(answers.iter().filter(|a| a.status != 201).all(|a| a.code() == "points.balance_too_low"));
            shop.till().buy(&format!("n{round}"), &basket(&format!("N{round}"), 100_000)).await.expect(201);
        }
        shop.holds().await;
    }

    async fn what_does_not_fit_is_refused_and_nothing_is_kept(shop: Shop) {
        let shop = rich(shop).await;
        let rows = shop.rows().await;
        let mut long = of(ZAHRA, 5);
        long["lifetime_s"] = json!(604_801);
        for (body, status, code) in [
            (of(ZAHRA, 0), 422, "points.points_out_of_range"),
            (of(ZAHRA, 1_000_000_001), 422, "points.points_out_of_range"),
            (of(ZAHRA, 151), 422, "points.balance_too_low"),
            (of(ALI, 1), 422, "points.balance_too_low"),
            (of("+989121234599", 1), 404, "points.customer_unknown"),
            (of("12", 1), 422, "points.phone_invalid"),
            (long, 422, "points.lifetime_out_of_range"),
        ] {
            let answer = shop.till().keyed("h1", "/v1/holds", &body).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{body}");
        }
        let nothing = json!({"id": "0192f3a1-7c00-8000-8000-000000000099"});
        for verb in ["capture", "release"] {
            shop.till().keyed("x1", &end(&nothing, verb), &json!({})).await.refused(404, "points.hold_unknown");
        }
        assert_eq!(shop.rows().await, rows);
    }
}
