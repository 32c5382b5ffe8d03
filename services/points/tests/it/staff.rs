//! What people do to accounts by hand: with a reason, a name, and above a limit a second person (P5).

use contracts::points::{AccountStateChanged, PointsAdjusted};
use kernel::Points;
use serde_json::{Value, json};

use crate::shop::{Shop, ZAHRA, base, basket, member, on_both};

fn adjustment(points: i64) -> Value {
    json!({"points": points, "funder": "vanak", "expires_on": "2027-01-31", "actor": "staff-17", "reason": "a lost receipt"})
}

fn adjustments() -> String {
    format!("/v1/members/{}/adjustments", member(1))
}

fn account(verb: &str) -> String {
    format!("/v1/members/{}/account/{verb}", member(1))
}

fn spend(points: i64) -> Value {
    json!({"member": {"phone": ZAHRA}, "points": points})
}

async fn rich(shop: Shop) -> Shop {
    let shop = shop.selling(&[base()]).await;
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

on_both! {
    async fn points_are_given_and_taken_by_hand_and_the_member_reads_why(shop: Shop) {
        let shop = rich(shop).await;
        let staff = shop.operator();
        let given = staff.keyed("a1", &adjustments(), &adjustment(40)).await.expect(201);
        assert_eq!((&given["kind"], &given["change"], &given["balance"]), (&json!("adjustment"), &json!(40), &json!(140)));
        assert!(staff.keyed("a1", &adjustments(), &adjustment(40)).await.replayed);
        staff.keyed("a1", &adjustments(), &adjustment(41)).await.refused(422, "points.idempotency_key_reused");
        let taken = staff.keyed("a2", &adjustments(), &adjustment(-60)).await.expect(201);
        assert_eq!((&taken["change"], &taken["balance"]), (&json!(-60), &json!(80)));
        staff.keyed("a3", &adjustments(), &adjustment(-81)).await.refused(422, "points.balance_too_low");
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        assert_eq!((&history["items"][0]["reason"], &history["items"][1]["points"]), (&json!("a lost receipt"), &json!(40)));
        let told: Vec<Points> = shop.told::<PointsAdjusted>().await.into_iter().map(|(_, fact)| fact.points).collect();
        assert_eq!(told, [Points::new(40), Points::new(-60)]);
        shop.holds().await;
    }

    async fn above_the_limit_a_second_person_decides(shop: Shop) {
        let shop = rich(shop).await;
        let staff = shop.operator();
        let proposed = staff.keyed("a1", &adjustments(), &adjustment(10_001)).await.expect(202);
        assert_eq!((&proposed["state"], &proposed["points"]), (&json!("waiting"), &json!(10_001)));
        assert_eq!(staff.keyed("a1", &adjustments(), &adjustment(10_001)).await.expect(202), proposed);
        assert_eq!(shop.till().balance(member(1)).await["points"], 100, "nothing is recorded yet");
        let path = format!("/v1/adjustments/{}", proposed["id"].as_str().expect("an id"));
        let (approval, rejection) = (format!("{path}/approval"), format!("{path}/rejection"));
        let by = |actor: &str| json!({ "actor": actor });
        staff.keyed("x", &approval, &by("staff-17")).await.refused(422, "points.second_person_needed");
        let done = staff.keyed("x", &approval, &by("staff-4")).await.expect(201);
        assert_eq!((&done["change"], &done["balance"], &done["id"]), (&json!(10_001), &json!(10_101), &proposed["id"]));
        assert!(staff.keyed("x", &approval, &by("staff-4")).await.replayed, "asked again, answered again");
        staff.keyed("x", &approval, &by("staff-5")).await.refused(409, "points.proposal_decided");
        staff.keyed("x", &rejection, &by("staff-5")).await.refused(409, "points.proposal_decided");
        let found = staff.get(&path).await.expect(200);
        assert_eq!((&found["state"], &found["decided_by"]), (&json!("approved"), &json!("staff-4")));
        let other = staff.keyed("a2", &adjustments(), &adjustment(-20_000)).await.expect(202);
        let path = format!("/v1/adjustments/{}", other["id"].as_str().expect("an id"));
        staff.keyed("x", &format!("{path}/approval"), &by("staff-4")).await.refused(422, "points.balance_too_low");
        assert_eq!(staff.get(&path).await.expect(200)["state"], "waiting", "what is refused waits on");
        let rejected = staff.keyed("x", &format!("{path}/rejection"), &by("staff-17")).await.expect(200);
        assert_eq!(rejected["state"], "rejected");
        let nothing = "/v1/adjustments/0192f3a1-7c00-8000-8000-000000000099";
        staff.get(nothing).await.refused(404, "points.proposal_unknown");
        staff.keyed("x", &format!("{nothing}/approval"), &by("staff-4")).await.refused(404, "points.proposal_unknown");
        shop.holds().await;
    }

    async fn many_who_approve_at_once_record_it_once(shop: Shop) {
        let shop = rich(shop).await;
        let staff = shop.operator();
        let proposed = staff.keyed("a1", &adjustments(), &adjustment(50_000)).await.expect(202);
        let path = format!("/v1/adjustments/{}/approval", proposed["id"].as_str().expect("an id"));
        let bodies: Vec<Value> = (0..10).map(|n| json!({"actor": format!("boss-{n}")})).collect();
        let sent = bodies.iter().map(|body| staff.keyed("x", &path, body));
        let answers = futures_util::future::join_all(sent).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        assert_eq!(shop.till().balance(member(1)).await["points"], 50_100);
        shop.holds().await;
    }

    async fn a_frozen_account_earns_and_nothing_leaves_it(shop: Shop) {
        let shop = rich(shop).await;
        let staff = shop.operator();
        let hold = shop.till().keyed("h1", "/v1/holds", &spend(20)).await.expect(201);
        let why = json!({"actor": "staff-17", "reason": "phone was stolen"});
        staff.keyed("f1", &account("freeze"), &why).await.expect(201);
        staff.keyed("f2", &account("freeze"), &why).await.refused(409, "points.state_unchanged");
        assert_eq!(shop.till().balance(member(1)).await["state"], "frozen");
        shop.till().keyed("s1", "/v1/redemptions", &spend(1)).await.refused(422, "points.account_frozen");
        shop.till().keyed("h2", "/v1/holds", &spend(1)).await.refused(422, "points.account_frozen");
        let capture = format!("/v1/holds/{}/capture", hold["id"].as_str().expect("an id"));
        shop.till().keyed("c1", &capture, &json!({})).await.refused(422, "points.account_frozen");
        let earned = shop.till().buy("k2", &basket("R2", 100_000)).await.expect(201);
        assert_eq!(earned["balance"]["points"], 90);
        staff.keyed("f3", &account("unfreeze"), &why).await.expect(201);
        shop.till().keyed("c1", &capture, &json!({})).await.expect(201);
        let told: Vec<String> = shop.told::<AccountStateChanged>().await.into_iter().map(|(_, fact)| fact.state).collect();
        assert_eq!(told, ["frozen", "open"]);
        shop.holds().await;
    }

    async fn a_closed_account_has_nothing_and_does_nothing(shop: Shop) {
        let shop = rich(shop).await;
        let staff = shop.operator();
        let hold = shop.till().keyed("h1", "/v1/holds", &spend(20)).await.expect(201);
        let mut why = json!({"actor": "staff-17", "reason": "left", "funder": "nowhere"});
        staff.keyed("f1", &account("closure"), &why).await.refused(422, "points.funder_unknown");
        why["funder"] = json!("vanak");
        let closed = staff.keyed("f1", &account("closure"), &why).await.expect(201);
        assert_eq!((&closed["change"], &closed["balance"]), (&json!(-80), &json!(0)));
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["held"], &balance["state"]), (&json!(0), &Value::Null, &json!("closed")));
        shop.till().buy("k2", &basket("R2", 100_000)).await.refused(422, "points.account_closed");
        shop.till().keyed("s1", "/v1/redemptions", &spend(1)).await.refused(422, "points.account_closed");
        staff.keyed("a1", &adjustments(), &adjustment(5)).await.refused(422, "points.account_closed");
        staff.keyed("f2", &account("closure"), &why).await.refused(422, "points.account_closed");
        let path = format!("/v1/holds/{}", hold["id"].as_str().expect("an id"));
        assert_eq!(shop.till().get(&path).await.expect(200)["state"], "released");
        shop.holds().await;
    }

    async fn what_does_not_fit_is_refused_and_nothing_is_kept(shop: Shop) {
        let shop = rich(shop).await;
        let (staff, rows) = (shop.operator(), shop.rows().await);
        let wrong = |pointer: &str, value: Value| {
            let mut body = adjustment(5);
            body[pointer] = value;
            body
        };
        for (body, code) in [
            (wrong("points", json!(0)), "points.points_out_of_range"),
            (wrong("points", json!(i64::MIN)), "points.points_out_of_range"),
            (wrong("funder", json!("nowhere")), "points.funder_unknown"),
            (wrong("funder", Value::Null), "points.funder_unknown"),
            (wrong("expires_on", json!("2026-11-20")), "points.day_is_past"),
            (wrong("actor", json!("")), "points.text_invalid"),
            (wrong("reason", json!("x".repeat(501))), "points.text_invalid"),
        ] {
            let answer = staff.keyed("a1", &adjustments(), &body).await;
            assert_eq!((answer.status, answer.code()), (422, code), "{body}");
        }
        let nobody = format!("/v1/members/{}/adjustments", member(99));
        staff.keyed("a1", &nobody, &adjustment(5)).await.refused(404, "points.member_unknown");
        staff.keyed("a1", &nobody, &adjustment(50_000)).await.refused(404, "points.member_unknown");
        shop.till().keyed("a1", &adjustments(), &adjustment(5)).await.refused(403, "web.access_denied");
        assert_eq!(shop.rows().await, rows);
    }
}
