//! Points lapse when their last day is over on the chain's wall clock, whether or not anything has written them off.

use contracts::points::{PointsEarned, PointsExpired};
use kernel::{Day, Points};
use serde_json::{Value, json};

use web::Caller;

use crate::shop::{Shop, base, basket, member, on_both, programme, rule};

/// Points that last a month beside points that last a year.
fn short_and_long() -> [Value; 2] {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    [base(), short]
}

const HOUR: i64 = 3_600_000;

on_both! {
    async fn lapsed_points_do_not_count_from_midnight_of_the_chain_on(shop: Shop) {
        let shop = shop.selling(&short_and_long()).await;
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        let expected = json!([{"points": 50, "on": "2026-12-21"}, {"points": 20, "on": "2027-11-21"}]);
        assert_eq!(shop.till().balance(member(1)).await["expiring"], expected);
        // 11:30 in Tehran; the last day is the 21st of December, and it ends at midnight there.
        shop.days_later(30);
        shop.clock.advance_millis(12 * HOUR + HOUR / 2 - 1);
        assert_eq!(shop.till().balance(member(1)).await["points"], 70);
        shop.clock.advance_millis(1);
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["account_version"]), (&json!(20), &json!(1)));
        assert_eq!(balance["expiring"], json!([{"points": 20, "on": "2027-11-21"}]));
        assert_eq!(shop.number("SELECT CAST(SUM(points) AS bigint) FROM lots").await, 70, "nothing has written them off yet");
        shop.holds().await;
    }

    async fn points_last_to_the_end_of_a_period_or_to_a_day(shop: Shop) {
        let mut season = rule("season", json!({"fixed": {"points": 5}}));
        season["expiry"] = json!({"months": 1, "end_of": "quarter"});
        let mut fair = rule("fair", json!({"fixed": {"points": 7}}));
        fair["expiry"] = json!({"on": "2026-12-01"});
        let mut document = programme(&[base(), season, fair]);
        document["expiry"] = json!({"end_of": "jalali_year"});
        shop.operator().put("/v1/programme", document).await.expect(201);
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        let expected = json!([
            {"points": 7, "on": "2026-12-01"}, {"points": 5, "on": "2026-12-31"}, {"points": 20, "on": "2027-03-20"}
        ]);
        assert_eq!(shop.till().balance(member(1)).await["expiring"], expected);
        shop.days_later(11);
        shop.till().buy("k2", &basket("R2", 200_000)).await.expect(201);
        let expected = json!([
            {"points": 5, "on": "2026-12-31"}, {"points": 5, "on": "2027-03-31"}, {"points": 40, "on": "2027-03-20"},
            {"points": 7, "on": "2027-12-01"}
        ]);
        let mut expected = expected.as_array().expect("lots").clone();
        expected.sort_by_key(|lot| lot["on"].to_string());
        assert_eq!(shop.till().balance(member(1)).await["expiring"], Value::Array(expected), "the day of the fair is over");
        let mut pages = Vec::new();
        for language in ["fa", "ar", "en"] {
            let read = shop.by(Caller::Anonymous).speaking(language).get("/v1/programme").await.expect(200);
            pages.push(read["page"]["sections"].clone());
        }
        insta::assert_json_snapshot!("how_long_points_last", pages);
        shop.holds().await;
    }

    async fn a_programme_says_one_thing_about_how_long_points_last(shop: Shop) {
        let mut document = programme(&[base()]);
        document["expiry"] = json!({"end_of": "year", "on": "2027-03-20"});
        document["rules"][0]["expiry"] = json!({});
        let problem = shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
        let found: Vec<&Value> = problem["mistakes"].as_array().expect("mistakes").iter().map(|m| &m["pointer"]).collect();
        assert_eq!(found, [&json!("/expiry"), &json!("/rules/0/expiry")]);
    }

    async fn a_job_writes_off_what_nobody_comes_back_for_while_tills_go_on(shop: Shop) {
        let mut pending = rule("later", json!({"fixed": {"points": 7}}));
        pending["pending"] = json!({"days": 3});
        let [base, short] = short_and_long();
        let shop = shop.selling(&[base, short, pending]).await;
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        let mut hold = json!({"member": {"id": member(1)}, "points": 5});
        hold["lifetime_s"] = json!(60);
        shop.till().keyed("h1", "/v1/holds", &hold).await.expect(201);
        shop.days_later(40);
        let before = shop.till().balance(member(1)).await;
        let _two = [shop.with(&[("points.settle_every_s", "1")], |_| {}).await, shop.with(&[("points.settle_every_s", "1")], |_| {}).await];
        let done = async {
            while shop.told::<PointsExpired>().await.is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), done).await.expect("the job comes by");
        let after = shop.till().balance(member(1)).await;
        assert_eq!((&after["points"], &after["expiring"]), (&before["points"], &before["expiring"]));
        assert_eq!(after["account_version"], 5, "the hold lapsed, what was pending can be spent, a lot lapsed");
        assert_eq!(shop.number("SELECT CAST(SUM(points) AS bigint) FROM lots").await, 27);
        assert_eq!(shop.told::<PointsExpired>().await[0].1.points, Points::new(50));
        // Long after, and by two of them, nothing has happened twice.
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        assert_eq!(shop.till().balance(member(1)).await, after);
        shop.holds().await;
    }

    async fn the_next_purchase_writes_them_off_and_tells_so_first(shop: Shop) {
        let shop = shop.selling(&short_and_long()).await;
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        shop.days_later(31);
        let answer = shop.till().buy("k2", &basket("R2", 100_000)).await.expect(201);
        assert_eq!((&answer["points"], &answer["balance"]["points"]), (&json!(60), &json!(80)));
        assert_eq!(answer["balance"]["account_version"], 3, "the lapse is a journal of its own");
        let expired = shop.told::<PointsExpired>().await;
        let (seq, expired) = &expired[0];
        assert_eq!((*seq, expired.account_version, expired.points), (2, 2, Points::new(50)));
        assert_eq!((expired.expired_on, expired.balance), (Day::parse("2026-12-21").expect("a day"), Points::new(20)));
        let earned: Vec<u64> = shop.told::<PointsEarned>().await.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(earned, [1, 3]);
        let kinds: Vec<_> = shop.facts().await.iter().map(|fact| fact.kind.to_string()).collect();
        let last = ["vafa.points.points_expired.v1", "vafa.points.points_earned.v1"];
        assert!(kinds.ends_with(&last.map(str::to_owned)), "in the order of their numbers: {kinds:?}");
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        let told: Vec<_> = history["items"].as_array().expect("a list").iter()
            .map(|i| (i["kind"].as_str().expect("a kind"), i["points"].as_i64().expect("points"), i["balance"].as_i64().expect("points")))
            .collect();
        assert_eq!(told, [("purchase", 60, 80), ("expiry", -50, 20), ("purchase", 70, 70)]);
        shop.holds().await;
    }

    async fn a_replay_after_the_lapse_still_has_the_first_answer(shop: Shop) {
        let shop = shop.selling(&short_and_long()).await;
        let first = shop.till().buy("k1", &basket("R1", 200_000)).await;
        shop.days_later(31);
        let rows = shop.rows().await;
        let again = shop.till().buy("k1", &basket("R1", 200_000)).await;
        assert_eq!((again.replayed, &again.text), (true, &first.text));
        assert_eq!(shop.rows().await, rows, "a replay writes nothing off");
    }

    async fn a_rehearsal_shows_the_write_off_and_does_not_do_it(shop: Shop) {
        let shop = shop.selling(&short_and_long()).await;
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        shop.days_later(31);
        let rows = shop.rows().await;
        let rehearsed = shop.till().rehearse("k2", &basket("R2", 100_000)).await.expect(200);
        assert_eq!((&rehearsed["balance"]["points"], &rehearsed["balance"]["account_version"]), (&json!(80), &json!(3)));
        assert_eq!(shop.rows().await, rows);
    }

    async fn points_without_expiry_never_lapse(shop: Shop) {
        let mut document = crate::shop::programme(&[base()]);
        document.as_object_mut().expect("an object").remove("expiry");
        shop.operator().put("/v1/programme", document).await.expect(201);
        let answer = shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        assert!(answer["balance"].get("expires_next").is_none());
        shop.days_later(100 * 365);
        assert_eq!(shop.till().balance(member(1)).await["points"], 20);
        shop.holds().await;
    }

    async fn a_clock_that_goes_back_takes_nothing_away(shop: Shop) {
        let shop = shop.selling(&short_and_long()).await;
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        shop.days_later(31);
        shop.till().buy("k2", &basket("R2", 100_000)).await.expect(201);
        shop.days_later(-31);
        let answer = shop.till().buy("k3", &basket("R3", 100_000)).await.expect(201);
        assert_eq!(answer["balance"]["points"], 140);
        shop.holds().await;
    }
}
