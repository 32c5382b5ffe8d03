//! Everything lapses when nothing happens to an account for as long as the programme says.

use contracts::points::PointsExpired;
use kernel::Points;
use serde_json::{Value, json};
use web::Caller;

use crate::shop::{Shop, base, basket, member, on_both, programme};

/// A club whose points last two years, and lapse after half a year in which nothing happens.
fn half_a_year() -> Value {
    let mut document = programme(&[base()]);
    document["expiry"] = json!({"months": 24});
    document["inactivity"] = json!({"months": 6});
    document
}

async fn opened(shop: &Shop, document: Value) {
    shop.operator().put("/v1/programme", document).await.expect(201);
}

/// Lets a second replica come by that settles every second, until `done`.
async fn settled(shop: &Shop, done: impl AsyncFn() -> bool) {
    let _replica = shop.with(&[("points.settle_every_s", "1")], |_| {}).await;
    let waiting = async {
        while !done().await {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.expect("the job comes by");
}

on_both! {
    async fn points_lapse_when_nothing_happens_and_every_entry_begins_the_time_anew(shop: Shop) {
        opened(&shop, half_a_year()).await;
        let bought = shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        assert_eq!(bought["balance"]["expires_next"], json!({"points": 100, "on": "2027-05-21"}), "before the lot's own last day");
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["inactive_on"], &balance["expiring"]), (&json!("2027-05-21"), &json!([{"points": 100, "on": "2028-11-21"}])));
        shop.days_later(150);
        let spend = json!({"member": {"id": member(1)}, "points": 10});
        shop.till().keyed("r1", "/v1/redemptions", &spend).await.expect(201);
        assert_eq!(shop.till().balance(member(1)).await["inactive_on"], "2027-10-20");
        shop.days_later(180);
        assert_eq!(shop.till().balance(member(1)).await["points"], 90);
        shop.days_later(5);
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["inactive_on"], &balance["expiring"]), (&json!(0), &Value::Null, &json!([])));
        shop.till().keyed("r2", "/v1/redemptions", &spend).await.refused(422, "points.balance_too_low");
        shop.holds().await;
        // Whoever comes back begins anew; what lapsed was written off under its own name, just before.
        let back = shop.till().buy("k2", &basket("R2", 500_000)).await.expect(201);
        assert_eq!((&back["balance"]["points"], &back["balance"]["account_version"]), (&json!(50), &json!(4)));
        assert_eq!(shop.number("SELECT count(*) FROM entries WHERE template = 26 AND points = 90").await, 1);
        assert_eq!(shop.told::<PointsExpired>().await[0].1.points, Points::new(90));
        shop.holds().await;
    }

    async fn a_job_writes_off_what_nobody_comes_back_for_and_the_statement_says_so(shop: Shop) {
        opened(&shop, half_a_year()).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        shop.days_later(200);
        settled(&shop, async || !shop.told::<PointsExpired>().await.is_empty()).await;
        assert_eq!(shop.number("SELECT count(*) FROM lots").await, 0);
        let month = shop.till().get(&format!("/v1/members/{}/statements/2027-06", member(1))).await.expect(200);
        assert_eq!((&month["opening"], &month["closing"]), (&json!(100), &json!(0)), "{month}");
        // A transfer or a correction that comes later does not lapse at once.
        let gift = json!({"points": 5, "funder": "vanak", "actor": "agent-7", "reason": "goodwill"});
        let gift = shop.operator().keyed("g1", &format!("/v1/members/{}/adjustments", member(1)), &gift).await;
        assert!([200, 201].contains(&gift.status), "{}", gift.text);
        assert_eq!(shop.till().balance(member(1)).await["points"], 5);
        shop.holds().await;
    }

    async fn a_rule_that_begins_counts_for_nobody_from_before_it(shop: Shop) {
        let mut without = half_a_year();
        without.as_object_mut().expect("an object").remove("inactivity");
        opened(&shop, without.clone()).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        shop.days_later(300);
        assert_eq!(shop.till().balance(member(1)).await["inactive_on"], Value::Null);
        opened(&shop, half_a_year()).await;
        settled(&shop, async || !shop.till().balance(member(1)).await["inactive_on"].is_null()).await;
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["inactive_on"]), (&json!(100), &json!("2028-03-17")), "the whole time from now on");
        opened(&shop, without).await;
        settled(&shop, async || shop.till().balance(member(1)).await["inactive_on"].is_null()).await;
        shop.days_later(250);
        assert_eq!(shop.till().balance(member(1)).await["points"], 100);
        shop.holds().await;
    }

    async fn the_page_says_what_happens_when_nothing_does(shop: Shop) {
        let mut wrong = half_a_year();
        wrong["inactivity"] = json!({"months": 0});
        let problem = shop.operator().put("/v1/programme", wrong).await.refused(422, "points.programme_invalid");
        assert_eq!(problem["mistakes"][0], json!({"pointer": "/inactivity/months", "reason": "one_to_120_months"}));
        opened(&shop, half_a_year()).await;
        for (language, words) in [("en", "for 6 months"), ("fa", "۶ ماه"), ("ar", "٦ أشهر")] {
            let page = shop.by(Caller::Anonymous).speaking(language).get("/v1/programme").await.expect(200)["page"].to_string();
            assert!(page.contains("\"inactivity\"") && page.contains(words), "{page}");
        }
    }
}
