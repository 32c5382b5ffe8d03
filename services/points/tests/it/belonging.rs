//! Rules about who a member is: tier, segment, household, occasion.

use contracts::{
    FactData as _,
    membership::{MemberErased, MembersMerged, Occasion},
};
use kernel::IdentifierKind;
use serde_json::{Value, json};
use web::Caller;

use crate::rule_text::read_rule;
use crate::shop::{Shop, basket, member, on_both, programme};

fn said(text: &str) -> Value {
    read_rule(text).unwrap_or_else(|| panic!("no rule: {text}"))
}

/// What Zahra's purchase of 100,000 brings by each rule: points, or the reason why not.
async fn buys(shop: &Shop, receipt: &str) -> Vec<String> {
    buys_as(shop, receipt, 1).await
}

async fn buys_as(shop: &Shop, receipt: &str, who: u128) -> Vec<String> {
    let mut body = basket(receipt, 100_000);
    body["member"] = json!({"id": member(who).to_string()});
    let answer = shop.till().buy(receipt, &body).await.expect(201);
    let rules = answer["rules"].as_array().expect("rules").iter();
    rules.map(|r| r["skipped"].as_str().map_or_else(|| r["points"].to_string(), str::to_owned)).collect()
}

/// Silver from 10 points on, gold from 30.
fn with_tiers(rules: &[Value]) -> Value {
    let level = |code: &str, from: i64| json!({"code": code, "name": {"fa": "ف", "ar": "ع", "en": code}, "from": from});
    let mut document = programme(rules);
    document["tiers"] =
        json!({"measure": "points", "period": "year", "levels": [level("silver", 10), level("gold", 30)]});
    document
}

/// Puts members into one household, as membership would tell.
async fn household(shop: &Shop, members: &[u128]) {
    let postgres = shop.database.backend() == store::Backend::Postgres;
    let literal = |id: String| {
        if postgres { format!("'{id}'") } else { format!("x'{}'", id.replace('-', "")) }
    };
    for who in members {
        let (id, of) = (literal(member(*who).to_string()), literal(member(900).to_string()));
        shop.execute(&format!("INSERT INTO households (member_id, household) VALUES ({id}, {of})")).await;
    }
}

pub async fn opened(shop: &Shop, segment: &str) -> u16 {
    shop.operator().send("PUT", &format!("/v1/segments/{segment}"), &[], None).await.status
}

pub async fn chosen(shop: &Shop, segment: &str, add: &[u128], remove: &[u128]) -> Value {
    let ids = |members: &[u128]| members.iter().map(|n| member(*n).to_string()).collect::<Vec<_>>();
    let body = json!({"add": ids(add), "remove": ids(remove)});
    shop.operator().post(&format!("/v1/segments/{segment}/members"), body).await.expect(200)
}

on_both! {
    async fn a_tier_counts_as_it_was_before_the_purchase(shop: Shop) {
        let document = with_tiers(&[
            said("base: 1 point per 10000"), said("silver: 2 points; tiers silver"), said("high: 3 points; tiers silver gold"),
        ]);
        shop.operator().put("/v1/programme", document).await.expect(201);
        assert_eq!(buys(&shop, "R1").await, ["10", "other_tier", "other_tier"]);
        assert_eq!(buys(&shop, "R2").await, ["10", "2", "3"], "silver by what came before");
        assert_eq!(buys(&shop, "R3").await, ["10", "2", "3"], "25 before it");
        assert_eq!(buys(&shop, "R4").await, ["10", "other_tier", "3"], "gold is no silver");
        assert_eq!(buys_as(&shop, "R5", 2).await, ["10", "other_tier", "other_tier"]);
        shop.holds().await;
    }

    async fn a_segment_is_who_the_chain_says(shop: Shop) {
        assert_eq!((opened(&shop, "regulars").await, opened(&shop, "regulars").await, opened(&shop, "press").await), (201, 200, 201));
        let shop = shop.selling(&[said("base: 1 point"), said("club: 5 points; segments regulars press")]).await;
        assert_eq!(buys(&shop, "R1").await, ["1", "not_in_segment"]);
        assert_eq!(chosen(&shop, "regulars", &[1, 2], &[]).await["members"], 2);
        assert_eq!(chosen(&shop, "regulars", &[1, 2], &[]).await["members"], 2, "again changes nothing");
        assert_eq!(buys(&shop, "R2").await, ["1", "5"]);
        assert_eq!(chosen(&shop, "regulars", &[2], &[1, 2]).await["members"], 1, "who goes and comes stays");
        assert_eq!((buys(&shop, "R3").await, buys_as(&shop, "R4", 2).await), (vec!["1".to_owned(), "not_in_segment".to_owned()], vec!["1".to_owned(), "5".to_owned()]));
        chosen(&shop, "press", &[1], &[]).await;
        assert_eq!(buys(&shop, "R5").await, ["1", "5"], "one of them is enough");
    }

    async fn whom_a_campaign_is_about_is_told_page_by_page(shop: Shop) {
        let notifications = shop.by(Caller::Service("notifications".into()));
        let ask = |question: Value| {
            let notifications = &notifications;
            async move { notifications.post("/internal/v1/segment-members", question).await }
        };
        shop.joined(member(3), "+989121234569", IdentifierKind::Phone).await;
        opened(&shop, "regulars").await;
        chosen(&shop, "regulars", &[1, 2, 3], &[]).await;
        let first = ask(json!({"segment": "regulars", "limit": 2, "counted": true})).await.expect(200);
        assert_eq!(first, json!({"members": [member(1), member(2)], "count": 3}));
        let rest = ask(json!({"segment": "regulars", "limit": 2, "after": member(2)})).await.expect(200);
        assert_eq!(rest, json!({"members": [member(3)]}));
        ask(json!({"segment": "nowhere", "limit": 2})).await.refused(404, "points.segment_unknown");
        // Everybody is who is there: nobody who is erased, or turned out to be somebody else.
        let everybody = ask(json!({"limit": 1_000, "counted": true})).await.expect(200);
        let all = everybody["members"].as_array().expect("a list").len();
        assert!(all >= 3 && everybody["count"] == all, "{everybody}");
        shop.tells(&MemberErased { member_id: member(2), ..MemberErased::sample() }).await;
        shop.tells(&MembersMerged { survivor: member(1), absorbed: member(3), ..MembersMerged::sample() }).await;
        let fewer = ask(json!({"limit": 1_000, "counted": true})).await.expect(200);
        assert_eq!((&fewer["count"], fewer["members"].as_array().expect("a list").len()), (&json!(all - 2), all - 2));
        let refused = shop.operator().post("/internal/v1/segment-members", json!({"limit": 1})).await;
        assert_eq!(refused.status, 403);
    }

    async fn segments_are_listed_in_pages(shop: Shop) {
        let operator = shop.operator();
        opened(&shop, "regulars").await;
        chosen(&shop, "regulars", &[2, 1], &[]).await;
        let all = operator.get("/v1/segments").await.expect(200);
        assert_eq!((&all["items"][0]["segment"], &all["items"][0]["members"]), (&json!("regulars"), &json!(2)));
        let first = operator.get("/v1/segments/regulars/members?limit=1").await.expect(200);
        assert_eq!((&first["items"], &first["has_more"]), (&json!([member(1).to_string()]), &json!(true)));
        let path = format!("/v1/segments/regulars/members?limit=1&cursor={}", first["next_cursor"].as_str().expect("a cursor"));
        let second = operator.get(&path).await.expect(200);
        assert_eq!((&second["items"], &second["has_more"]), (&json!([member(2).to_string()]), &json!(false)));
    }

    async fn what_is_wrong_with_a_segment_is_told_and_nothing_is_half_done(shop: Shop) {
        let operator = shop.operator();
        operator.get("/v1/segments/nobody/members").await.refused(404, "points.segment_unknown");
        operator.post("/v1/segments/nobody/members", json!({})).await.refused(404, "points.segment_unknown");
        opened(&shop, "regulars").await;
        let change = async |body: Value| operator.post("/v1/segments/regulars/members", body).await;
        let ids = |ids: &[u128]| ids.iter().map(|n| member(*n).to_string()).collect::<Vec<_>>();
        let problem = change(json!({"add": ids(&[1, 77])})).await.refused(404, "points.member_unknown");
        assert_eq!(problem["pointer"], "/add/1");
        assert_eq!(shop.number("SELECT COUNT(*) FROM segment_members").await, 0);
        let problem = change(json!({"remove": vec![member(1).to_string(); 5_001]})).await.refused(422, "points.members_too_many");
        assert_eq!((&problem["most"], &problem["pointer"]), (&json!(5_000), &json!("/remove")));
        assert_eq!(change(json!({"remove": vec![member(1).to_string(); 5_000]})).await.status, 200);
        shop.till().get("/v1/segments").await.refused(403, "web.access_denied");
        for n in 0..199 {
            shop.execute(&format!("INSERT INTO segments (code, opened_at, changed_at) VALUES ('s{n}', 0, 0)")).await;
        }
        let answer = operator.send("PUT", "/v1/segments/more", &[], None).await;
        assert_eq!(answer.refused(422, "points.segments_too_many")["most"], 200);
        assert_eq!(opened(&shop, "regulars").await, 200, "it is one of them");
    }

    async fn a_household_counts_its_members(shop: Shop) {
        let shop = shop.selling(&[said("any: 1 point; household 1"), said("family: 5 points; household 3")]).await;
        assert_eq!(buys(&shop, "R1").await, ["no_household", "no_household"]);
        household(&shop, &[1, 2]).await;
        assert_eq!(buys(&shop, "R2").await, ["1", "no_household"]);
        household(&shop, &[3]).await;
        assert_eq!(buys(&shop, "R3").await, ["1", "5"]);
    }

    async fn an_occasion_holds_from_the_day_on_which_it_is_told(shop: Shop) {
        let shop = shop.selling(&[said("day: 1 point; occasion birthday 0"), said("week: 5 points; occasion birthday 7"), said("year: 9 points; occasion join_anniversary 0")]).await;
        assert_eq!(buys(&shop, "R1").await, ["no_occasion", "no_occasion", "no_occasion"]);
        shop.occasion(member(1), Occasion::Birthday).await;
        shop.occasion(member(1), Occasion::Birthday).await;
        assert_eq!(buys(&shop, "R2").await, ["1", "5", "no_occasion"]);
        assert_eq!(buys_as(&shop, "R3", 2).await, ["no_occasion", "no_occasion", "no_occasion"]);
        shop.days_later(7);
        assert_eq!(buys(&shop, "R4").await, ["no_occasion", "5", "no_occasion"]);
        shop.days_later(1);
        shop.occasion(member(1), Occasion::JoinAnniversary).await;
        assert_eq!(buys(&shop, "R5").await, ["no_occasion", "no_occasion", "9"]);
        shop.holds().await;
    }

    async fn mistakes_about_members_have_their_place(shop: Shop) {
        let mut wrong = said("a: 1 point; tiers gold bronze; segments nobody; household 0; occasion birthday 61");
        wrong["when"]["member"]["household"]["at_least"] = 101.into();
        let problem = shop.operator().put("/v1/programme", with_tiers(&[wrong, said("b: 1 point; tiers gold")])).await;
        let problem = problem.refused(422, "points.programme_invalid");
        let mistakes = problem["mistakes"].as_array().expect("a list").iter();
        let found: Vec<_> = mistakes.map(|m| (m["pointer"].as_str().expect("text"), m["reason"].as_str().expect("text"))).collect();
        assert_eq!(found, [
            ("/rules/0/when/member/tiers/1", "unknown_tier"),
            ("/rules/0/when/member/segments/0", "unknown_segment"),
            ("/rules/0/when/member/household/at_least", "one_to_hundred_members"),
            ("/rules/0/when/member/occasion/after_days", "more_than_sixty_days"),
        ]);
        let problem = shop.operator().put("/v1/programme", programme(&[said("b: 1 point; tiers gold")])).await;
        assert_eq!(problem.refused(422, "points.programme_invalid")["mistakes"][0]["reason"], "unknown_tier", "there is no ladder");
    }

    async fn the_page_and_the_reasons_speak_of_members_in_three_languages(shop: Shop) {
        opened(&shop, "regulars").await;
        let document = with_tiers(&[said(
            "all: 1 point; tiers gold; segments regulars; household 3; occasion birthday 7",
        ), said("gift: reward coffee; most 1 per member every day"), said("lot: 2 tickets of new-year per 10000; most 5; most 1 per branch every month")]);
        shop.operator().put("/v1/programme", document).await.expect(201);
        let expected = [
            ("en", ["for members of these tiers: gold", "for members whom the club has chosen: regulars", "households of 3 or more", "marks the member's birthday and on the 7 days after", "the reward coffee at once (at most 1 a day for each member)", "2 tickets of the draw new-year for each IRR 100 (at most 5 in all, at most 1 a month in each branch)"]),
            ("fa", ["برای اعضای این سطح‌ها: ف", "برگزیده است: regulars", "خانوارهای ۳ نفره", "تا ۷ روز پس از آن", "جایزهٔ coffee در همان لحظه (حداکثر ۱ عدد در روز برای هر عضو)", "۲ شانس در قرعه‌کشی new-year برای هر"]),
            ("ar", ["لأعضاء هذه المستويات: ع", "اختارهم النادي: regulars", "أفراد فأكثر", "أيام بعده", "مكافأة coffee فورًا", "تذكرتان في السحب new-year عن كل"]),
        ];
        for (language, parts) in expected {
            let page = shop.operator().speaking(language).get("/v1/programme").await.expect(200);
            let text: String = page["page"].to_string().chars().filter(|c| !('\u{2066}'..='\u{2069}').contains(c)).collect();
            for part in parts {
                assert!(text.contains(part), "{language} lacks {part}: {text}");
            }
        }
    }
}
