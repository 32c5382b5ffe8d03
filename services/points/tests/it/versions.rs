//! A version of the programme from its draft to its retirement.

use contracts::points::{ProgrammeAnnounced, ProgrammeWentLive};
use serde_json::{Value, json};
use web::Caller;

use crate::shop::{START, Shop, base, basket, on_both, programme, rule};

const TOMORROW: &str = "2026-11-22T08:00:00Z";

fn gift(points: i64) -> Value {
    rule("gift", json!({"fixed": {"points": points}}))
}

async fn states(shop: &Shop) -> Vec<(u64, String)> {
    let all = shop.operator().get("/v1/programme/versions").await.expect(200);
    let state =
        |v: &Value| (v["version"].as_u64().unwrap_or(0), v["state"].as_str().unwrap_or("?").to_owned());
    all["items"].as_array().expect("a list").iter().map(state).collect()
}

fn is(states: &[(u64, &str)]) -> Vec<(u64, String)> {
    states.iter().map(|(version, state)| (*version, (*state).to_owned())).collect()
}

on_both! {
    async fn a_version_goes_from_draft_to_retired_by_the_clock_alone(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let other = shop.replica().await;
        let draft = shop.operator().post("/v1/programme/versions", programme(&[gift(1)])).await.expect(201);
        assert_eq!((&draft["version"], &draft["state"], &draft["live_from"]), (&json!(2), &json!("draft"), &Value::Null));
        // A draft changes as often as it must, and decides nothing.
        let changed = shop.operator().put("/v1/programme/versions/2", programme(&[gift(7)])).await.expect(200);
        assert_eq!(changed["programme"]["rules"][0]["give"]["fixed"]["points"], 7);
        assert_eq!(other.till().buy("k1", &basket("R1", 50_000)).await.expect(201)["points"], 5);

        let announced = shop.operator().post("/v1/programme/versions/2/announce", json!({"live_from": TOMORROW})).await.expect(200);
        assert_eq!((&announced["state"], &announced["live_from"]), (&json!("announced"), &json!(TOMORROW)));
        assert_eq!(states(&shop).await, is(&[(2, "announced"), (1, "live")]));
        assert_eq!(other.till().buy("k2", &basket("R2", 50_000)).await.expect(201)["programme_version"], 1);
        let first = shop.operator().get("/v1/programme/versions/1").await.expect(200);
        assert_eq!(first["live_until"], TOMORROW);

        shop.clock.advance_millis(86_400_000 - 1);
        assert_eq!(other.till().buy("k3", &basket("R3", 50_000)).await.expect(201)["programme_version"], 1, "not a moment early");
        shop.clock.advance_millis(1);
        let live = other.till().buy("k4", &basket("R4", 50_000)).await.expect(201);
        assert_eq!((&live["programme_version"], &live["points"]), (&json!(2), &json!(7)), "live by the time alone");
        assert_eq!(states(&shop).await, is(&[(2, "live"), (1, "retired")]));
        assert_eq!(shop.by(Caller::Anonymous).get("/v1/programme").await.expect(200)["version"], 2);
        shop.holds().await;
    }

    async fn what_was_announced_never_changes(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.operator().post("/v1/programme/versions", programme(&[gift(1)])).await.expect(201);
        let announce = "/v1/programme/versions/2/announce";
        shop.operator().post(announce, json!({"live_from": "2026-11-21T07:59:59Z"})).await.refused(422, "points.live_from_over");
        let first = shop.operator().post(announce, json!({"live_from": TOMORROW})).await.expect(200);
        assert_eq!(shop.operator().post(announce, json!({"live_from": TOMORROW})).await.expect(200), first);
        for version in [1, 2] {
            let path = format!("/v1/programme/versions/{version}");
            let code = "points.programme_version_fixed";
            shop.operator().put(&path, programme(&[gift(2)])).await.refused(409, code);
            shop.operator().delete(&path).await.refused(409, code);
            shop.operator().post(&format!("{path}/announce"), json!({"live_from": "2027-01-01T00:00:00Z"})).await.refused(409, code);
        }
        assert_eq!(shop.operator().get("/v1/programme/versions/2").await.expect(200), first);
        assert_eq!(shop.told::<ProgrammeAnnounced>().await.len(), 2);
    }

    async fn a_draft_is_dropped_and_its_number_is_not_used_again(shop: Shop) {
        let draft = async || shop.operator().post("/v1/programme/versions", programme(&[base()])).await.expect(201)["version"].clone();
        assert_eq!(draft().await, 1);
        assert_eq!(shop.operator().delete("/v1/programme/versions/1").await.status, 204);
        assert_eq!(draft().await, 2);
        for path in ["/v1/programme/versions/1", "/v1/programme/versions/9", "/v1/programme/versions/4294967295"] {
            let code = "points.programme_version_unknown";
            shop.operator().get(path).await.refused(404, code);
            shop.operator().delete(path).await.refused(404, code);
            shop.operator().put(path, programme(&[base()])).await.refused(404, code);
            shop.operator().post(&format!("{path}/announce"), json!({})).await.refused(404, code);
        }
        shop.operator().get("/v1/programme").await.refused(422, "points.programme_missing");
        shop.till().buy("k1", &basket("R1", 50_000)).await.refused(422, "points.programme_missing");
        let live = shop.operator().post("/v1/programme/versions/2/announce", json!({})).await.expect(200);
        assert_eq!((&live["state"], &live["live_from"]), (&json!("live"), &json!(START)));
        shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
    }

    async fn a_draft_has_no_mistakes(shop: Shop) {
        let mut wrong = programme(&[gift(0)]);
        wrong["currency"] = "USD".into();
        let problem = shop.operator().post("/v1/programme/versions", wrong.clone()).await.refused(422, "points.programme_invalid");
        assert_eq!(problem["mistakes"].as_array().map(Vec::len), Some(2));
        shop.operator().post("/v1/programme/versions", programme(&[gift(1)])).await.expect(201);
        shop.operator().put("/v1/programme/versions/1", wrong).await.refused(422, "points.programme_invalid");
        let kept = shop.operator().get("/v1/programme/versions/1").await.expect(200);
        assert_eq!(kept["programme"]["currency"], "IRR");
    }

    async fn going_live_is_told_once_whoever_looks(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let other = shop.replica().await;
        let mut longer = programme(&[base(), gift(1)]);
        longer["expiry"]["months"] = 24.into();
        shop.operator().post("/v1/programme/versions", longer).await.expect(201);
        shop.operator().post("/v1/programme/versions/2/announce", json!({"live_from": TOMORROW})).await.expect(200);
        let announced = shop.told::<ProgrammeAnnounced>().await;
        let (seq, last) = announced.last().expect("an announcement");
        assert_eq!((*seq, last.version, last.live_from.to_string()), (3, 2, TOMORROW.to_owned()));
        assert_eq!(last.changed, ["expiry", "rules/gift"]);
        shop.days_later(1);
        let told = async || shop.told::<ProgrammeWentLive>().await.iter().map(|(seq, fact)| (*seq, fact.version)).collect::<Vec<_>>();
        for _ in 0..100 {
            if told().await.len() > 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
        assert_eq!(told().await, [(2, 1), (4, 2)], "both replicas look, one tells");
        drop(other);
    }

    async fn versions_are_for_the_back_office(shop: Shop) {
        for (method, path) in [
            ("POST", "/v1/programme/versions"),
            ("GET", "/v1/programme/versions/1"),
            ("PUT", "/v1/programme/versions/1"),
            ("DELETE", "/v1/programme/versions/1"),
            ("POST", "/v1/programme/versions/1/announce"),
        ] {
            shop.till().send(method, path, &[], None).await.refused(403, "web.access_denied");
            shop.by(Caller::Anonymous).send(method, path, &[], None).await.refused(401, "web.caller_required");
        }
    }
}
