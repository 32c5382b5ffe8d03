//! What cannot be is refused when it is written; what began says what it says.

use contracts::{
    FactData,
    membership::{self, MemberErased, MembersMerged},
};
use kernel::Role;
use notifications::domain::trigger::Lane;
use serde_json::{Value, json};

use super::{list, peopled, post, put, schedule, terms, with, words};
use crate::house::{House, member, on_both};

fn listed() -> Value {
    terms(&json!({"type": "list"}), "Come!")
}

on_both! {
    async fn words_that_cannot_be_said_are_refused(house: House) {
        let refused = |body: Value| {
            let house = &house;
            async move {
                let answer = house.operator().send("PUT", "/v1/campaigns/a", Some(body.to_string())).await;
                answer.refused(422, "notifications.campaign_invalid")["pointer"].clone()
            }
        };
        assert_eq!(refused(terms(&json!({"type": "list"}), "{ $points }")).await, "/words/fa/text");
        assert_eq!(refused(with(listed(), &json!({"second_percent": 50}))).await, "/second_percent");
        assert_eq!(refused(with(listed(), &json!({"second_words": words("")}))).await, "/second_words/fa/text");
        assert_eq!(refused(with(listed(), &json!({"ways": [["pigeon"]]}))).await, "/ways/0/0");
        let long = "x".repeat(2_001);
        assert_eq!(refused(with(listed(), &json!({"words": words(&long)}))).await, "/words/fa/text");
        let mut two = listed();
        two["words"].as_object_mut().expect("words").remove("ar");
        house.operator().send("PUT", "/v1/campaigns/a", Some(two.to_string())).await.refused(400, "web.field_missing");
        house.operator().get("/v1/campaigns/a").await.refused(404, "notifications.campaign_unknown");
    }

    async fn a_campaign_is_fixed_once_it_is_scheduled_and_can_be_recalled(house: House) {
        peopled(&house, 2);
        put(&house, "a", &listed()).await;
        house.operator().post("/v1/campaigns/a/schedule", json!({})).await.refused(422, "notifications.campaign_list_empty");
        list(&house, "a", 2).await;
        let later = json!({"starts_at": "2026-11-22T08:30:00Z"});
        house.operator().post("/v1/campaigns/a/schedule", later.clone()).await.expect(200);
        let other = with(listed(), &json!({"per_minute": 7}));
        let answer = house.operator().send("PUT", "/v1/campaigns/a", Some(other.to_string())).await;
        assert_eq!(answer.refused(409, "notifications.campaign_fixed")["stage"], "scheduled");
        // The same once more is no change.
        put(&house, "a", &listed()).await;
        house.operator().post("/v1/campaigns/a/members", json!({"members": [member(3)]})).await.refused(409, "notifications.campaign_fixed");
        house.operator().post_nothing("/v1/campaigns/a/pause").await.refused(409, "notifications.campaign_not_now");
        assert_eq!(post(&house, "a/recall").await["stage"], "draft");
        put(&house, "a", &other).await;
        let early = with(listed(), &json!({"until": "2026-11-20T00:00:00Z"}));
        put(&house, "a", &early).await;
        house.operator().post("/v1/campaigns/a/schedule", later).await.refused(422, "notifications.campaign_ends_before");
        put(&house, "a", &listed()).await;
        schedule(&house, "a").await;
        house.walk().await;
        house.operator().post_nothing("/v1/campaigns/a/recall").await.refused(409, "notifications.campaign_not_now");
        let page = house.operator().get("/v1/campaigns").await.expect(200);
        assert_eq!((page["campaigns"][0]["campaign"].as_str(), &page["has_more"]), (Some("a"), &json!(false)));
        house.operator().get("/v1/campaigns?limit=0").await.refused(400, "notifications.limit_out_of_range");
        house.operator().get("/v1/campaigns?cursor=x").await.refused(400, "notifications.cursor_invalid");
        for step in ["schedule", "stop", "audience", "results", "members"] {
            let path = format!("/v1/campaigns/none/{step}");
            let body = if step == "members" { json!({"members": [member(1)]}) } else { json!({}) };
            let answer = match step {
                "audience" | "results" => house.operator().get(&path).await,
                "stop" => house.operator().post_nothing(&path).await,
                _ => house.operator().post(&path, body).await,
            };
            answer.refused(404, "notifications.campaign_unknown");
        }
    }

    async fn lists_are_for_campaigns_of_lists_and_segments_have_to_be_there(house: House) {
        put(&house, "a", &terms(&json!({"type": "segment", "segment": "nowhere"}), "Come!")).await;
        let some = json!({"members": [member(1)]});
        house.operator().post("/v1/campaigns/a/members", some).await.refused(409, "notifications.campaign_has_no_list");
        house.operator().post("/v1/campaigns/a/members", json!({"members": []})).await.refused(422, "notifications.campaign_members_invalid");
        house.operator().get("/v1/campaigns/a/audience").await.refused(422, "notifications.campaign_segment_unknown");
        house.operator().post("/v1/campaigns/a/schedule", json!({})).await.refused(422, "notifications.campaign_segment_unknown");
    }

    async fn whoever_left_or_is_somebody_else_is_told_as_who_they_are(house: House) {
        let sms = peopled(&house, 4);
        put(&house, "a", &listed()).await;
        let merged = MembersMerged { survivor: member(2), absorbed: member(1), ..MembersMerged::sample() };
        list(&house, "a", 2).await;
        house.hear(&[house.fact(membership::SOURCE, &merged)]).await;
        let erased = MemberErased { member_id: member(3), ..MemberErased::sample() };
        house.hear(&[house.fact(membership::SOURCE, &erased)]).await;
        assert_eq!(list(&house, "a", 4).await, json!({"added": 1, "listed": 2}));
        schedule(&house, "a").await;
        house.walk().await;
        let erased = MemberErased { member_id: member(4), ..MemberErased::sample() };
        house.hear(&[house.fact(membership::SOURCE, &erased)]).await;
        house.send_lane(Lane::Campaign).await;
        assert_eq!(sms.texts().len(), 1);
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn marketing_writes_auditors_read_and_nobody_else_does_either(house: House) {
        put(&house, "a", &listed()).await;
        let calls = |role| house.staff(role);
        calls(Role::Marketing).get("/v1/campaigns/a").await.expect(200);
        calls(Role::Auditor).get("/v1/campaigns/a/results").await.expect(200);
        calls(Role::Auditor).post_nothing("/v1/campaigns/a/stop").await.refused(403, "web.access_denied");
        calls(Role::SupportAgent).get("/v1/campaigns").await.refused(403, "web.access_denied");
    }
}
