//! Tiers that people grant: listed, and ended before their day.

use contracts::points::{TierChangeCause, TierChanged};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::sender::Answer;
use crate::shop::{Shop, basket, member, on_both};
use crate::simulations::simulated;
use crate::tiers::with_tiers;

fn path() -> String {
    format!("/v1/members/{}/tier-grants", member(1))
}

async fn grants(shop: &Shop, tier: &str, until: &str) -> Answer {
    let body = json!({"tier": tier, "until": until, "actor": "agent-7", "reason": "a complaint"});
    shop.operator().post(&path(), body).await
}

async fn ends(shop: &Shop, number: u32, actor: &str) -> Answer {
    let body = json!({"actor": actor, "reason": "a mistake"});
    shop.operator().post(&format!("{}/{number}/end", path()), body).await
}

async fn tier(shop: &Shop) -> Value {
    shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200)["tier"]["code"].clone()
}

on_both! {
    async fn a_grant_is_ended_before_its_day_once(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        grants(&shop, "gold", "2026-12-20").await.expect(201);
        assert_eq!(tier(&shop).await, "gold");
        shop.days_later(2);
        let with_it = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        shop.days_later(1);
        let ended = ends(&shop, 1, "agent-8").await.expect(201);
        assert_eq!((&ended["ended_by"], &ended["end_reason"], &ended["actor"]), (&json!("agent-8"), &json!("a mistake"), &json!("agent-7")));
        assert_eq!(ends(&shop, 1, "agent-8").await.expect(200), ended, "the same again changes nothing");
        ends(&shop, 1, "agent-9").await.refused(409, "points.grant_ended");
        assert_eq!(tier(&shop).await, Value::Null);
        shop.days_later(1);
        let without = shop.till().buy("k2", &basket("R2", 40_000)).await.expect(201);
        assert_eq!((&with_it["points"], &without["points"]), (&json!(10), &json!(4)), "gold doubles");
        let told: Vec<_> = shop.told::<TierChanged>().await.into_iter().map(|(seq, fact)| (seq, fact.tier, fact.cause)).collect();
        assert_eq!(told, [(1, Some("gold".to_owned()), TierChangeCause::Grant), (2, None, TierChangeCause::Grant)]);
        // What was granted, until when, is the replay's too.
        shop.days_later(1);
        let outcome = simulated(&shop, 1, json!({})).await;
        assert_eq!(outcome["figures"]["programmes"][0]["issued"], 14);
        shop.holds().await;
    }

    async fn an_end_tells_no_other_tier_where_the_credit_reaches_it(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        grants(&shop, "gold", "2026-12-20").await.expect(201);
        shop.till().buy("k1", &basket("R1", 300_000)).await.expect(201);
        ends(&shop, 1, "agent-8").await.expect(201);
        assert_eq!((tier(&shop).await, shop.told::<TierChanged>().await.len()), (json!("gold"), 1));
        // The same grant after an end is a new one.
        assert_eq!(grants(&shop, "gold", "2026-12-20").await.expect(201)["number"], 2);
        shop.holds().await;
    }

    async fn grants_are_listed_and_only_the_last_can_be_ended(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        for (tier, until) in [("gold", "2026-12-20"), ("silver", "2026-12-24"), ("gold", "2026-11-23")] {
            grants(&shop, tier, until).await.expect(201);
        }
        let numbers = |page: &Value| page["items"].as_array().expect("items").iter().map(|g| g["number"].clone()).collect::<Vec<_>>();
        let first = shop.operator().get(&format!("{}?limit=2", path())).await.expect(200);
        assert_eq!((numbers(&first), &first["has_more"]), (vec![json!(3), json!(2)], &json!(true)));
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        let rest = shop.operator().get(&format!("{}?limit=2&cursor={cursor}", path())).await.expect(200);
        assert_eq!((numbers(&rest), &rest["has_more"], rest.get("next_cursor")), (vec![json!(1)], &json!(false), None));
        assert_eq!((&rest["items"][0]["tier"], &rest["items"][0]["reason"]), (&json!("gold"), &json!("a complaint")));
        ends(&shop, 2, "agent-8").await.refused(409, "points.grant_replaced");
        ends(&shop, 4, "agent-8").await.refused(404, "points.grant_unknown");
        ends(&shop, 3, "").await.refused(422, "points.text_invalid");
        shop.till().get(&path()).await.refused(403, "web.access_denied");
        shop.operator().get(&format!("{}?cursor=what", path())).await.refused(400, "points.cursor_invalid");
        let stranger = format!("/v1/members/{}/tier-grants", member(99));
        shop.operator().get(&stranger).await.refused(404, "points.member_unknown");
        shop.days_later(3);
        ends(&shop, 3, "agent-8").await.refused(422, "points.grant_over");
    }

    async fn of_many_ends_at_once_one_counts(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        grants(&shop, "gold", "2026-12-20").await.expect(201);
        let actors: Vec<String> = (0..6).map(|n| format!("agent-{n}")).collect();
        let answers = join_all(actors.iter().map(|actor| ends(&shop, 1, actor))).await;
        let ended = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(ended, 1, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 201) {
            answer.refused(409, "points.grant_ended");
        }
        assert_eq!(shop.told::<TierChanged>().await.len(), 2);
        shop.holds().await;
    }
}
