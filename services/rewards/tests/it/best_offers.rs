//! What suits a member best follows from what they buy, can pay, would miss soon and never had, and says why (W8).

use contracts::membership::{MemberErased, MembersMerged};
use kernel::Language;
use rewards::http::personal_offers::best::REASON_WORDS;
use serde_json::{Value, json};
use web::{Arg, Texts};

use crate::{
    house::{House, member, on_both},
    personal_offers::{buys, offer, returns},
};

async fn best(house: &House, who: u128, limit: usize) -> Vec<Value> {
    let path = format!("/v1/members/{}/best-offers?limit={limit}", member(who));
    let found = house.member(who).get(&path).await.expect(200);
    found["best"].as_array().expect("a list").clone()
}

fn codes(shown: &[Value]) -> Vec<&str> {
    shown.iter().map(|one| one["code"].as_str().expect("a code")).collect()
}

fn habit(shown: &[Value], code: &str) -> i64 {
    let one = shown.iter().find(|one| one["code"] == code).expect("it is shown");
    one["score"]["habit"].as_i64().expect("a number")
}

/// Two rewards that the catalogue has, and offers for what is bought: coffee and tea.
async fn shop(house: &House) {
    house.offers("coffee", json!({"points": 100})).await;
    house.offers("credit", json!({"points": 600, "kind": {"type": "credit", "amount": 5_000}})).await;
    for code in ["coffee", "tea", "other"] {
        let about = if code == "other" { json!([]) } else { json!([code]) };
        offer(house, &format!("for-{code}"), json!({"categories": about})).await;
    }
}

on_both! {
    async fn who_buys_coffee_is_offered_coffee_and_told_why(house: House) {
        shop(&house).await;
        let before = best(&house, 1, 20).await;
        assert_eq!(before.len(), 5);
        assert_eq!(before, best(&house, 1, 20).await);
        assert_eq!(habit(&before, "for-coffee"), 0);
        for number in [1, 2, 2, 3] {
            buys(&house, (1, number), 100, 100).await;
        }
        let after = best(&house, 1, 3).await;
        let why = &after[0]["why"];
        assert_eq!((&after[0]["code"], habit(&after, "for-coffee")), (&json!("for-coffee"), 1_000));
        assert_eq!((&why["code"], &why["category"], &why["text"]), (&json!("often_bought"), &json!("coffee"), &json!("Because you often buy coffee")));
        let sum: i64 = ["habit", "reach", "ending", "fresh"].iter().map(|part| after[0]["score"][part].as_i64().expect("a number")).sum();
        assert_eq!(after[0]["score"]["sum"], sum);
        // Two kinds where there are two.
        let two = best(&house, 1, 2).await;
        assert_ne!(two[0]["kind"], two[1]["kind"]);
        assert_eq!(best(&house, 1, 1).await.len(), 1);
        let path = format!("/v1/members/{}/best-offers?limit=21", member(1));
        house.member(1).get(&path).await.refused(400, "rewards.limit_out_of_range");
        house.member(2).get(&format!("/v1/members/{}/best-offers", member(1))).await.refused(403, "web.access_denied");
        // Nobody else's list changes by that.
        assert_eq!(best(&house, 2, 20).await, before);
        house.holds().await;
    }

    async fn what_comes_back_and_what_is_old_is_no_habit(house: House) {
        shop(&house).await;
        buys(&house, (1, 1), 100, 100).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "for-coffee"), 1_000);
        returns(&house, (1, 2), 1, (100, 100)).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "for-coffee"), 0);
        buys(&house, (1, 3), 100, 100).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "for-coffee"), 1_000);
        house.wait_s(361 * 86_400);
        offer(&house, "later", json!({"from": "2027-11-01T00:00:00Z", "until": "2028-01-01T00:00:00Z", "categories": ["coffee"]})).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "later"), 0);
        house.holds().await;
    }

    async fn habits_go_along_and_are_forgotten(house: House) {
        shop(&house).await;
        buys(&house, (2, 1), 100, 100).await;
        house.hear("membership", &MembersMerged { survivor: member(1), absorbed: member(2), guarded_until: None }).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "for-coffee"), 1_000);
        assert_eq!(habit(&best(&house, 2, 20).await, "for-coffee"), 0);
        // What is told under the former name counts for the one who stays.
        buys(&house, (2, 2), 100, 100).await;
        assert_eq!(habit(&best(&house, 2, 20).await, "for-coffee"), 0);
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "for-coffee"), 0);
        buys(&house, (1, 9), 100, 100).await;
        assert_eq!(habit(&best(&house, 1, 20).await, "for-coffee"), 0);
        house.holds().await;
    }

    async fn what_is_had_or_used_up_is_not_shown(house: House) {
        shop(&house).await;
        let tap = format!("/v1/members/{}/offers/for-tea/activations/1", member(1));
        house.member(1).put(&tap, json!({})).await.expect(200);
        offer(&house, "few", json!({"budget": {"count": 1}})).await;
        let tap = format!("/v1/members/{}/offers/few/activations/1", member(2));
        house.member(2).put(&tap, json!({})).await.expect(200);
        let shown = best(&house, 1, 20).await;
        let mut shown = codes(&shown);
        shown.sort_unstable();
        assert_eq!(shown, ["coffee", "credit", "for-coffee", "for-other"]);
        house.holds().await;
    }
}

#[test]
fn every_reason_has_its_words_in_every_language() {
    let texts = Texts::new(&[REASON_WORDS]);
    for language in Language::ALL {
        for why in ["often_bought", "ends_soon", "new_kind", "in_reach", "nearly_in_reach", "for_you"] {
            let args = [("category", Arg::from("coffee"))];
            let text = texts.find(language, &format!("offer-reason-{why}"), &args).expect("a text");
            assert_eq!(text.contains("coffee"), why == "often_bought", "{text}");
        }
    }
}
