//! Friends who were brought: both sides earn once, and give it back when the purchase comes back (J6).

use contracts::membership::{MemberErased, ReferralQualified, ReferralUndone};
use kernel::BranchCode;
use serde_json::{Value, json};

use crate::shop::{Shop, base, member, on_both, programme, rule};

/// A programme that gives 100 to whoever brings a friend, twice at most, and 40 to the friend.
async fn rewarding(shop: Shop) -> Shop {
    let about = |action: &str, points: i64| {
        let mut rule = rule(action, json!({"fixed": {"points": points}}));
        rule["on"] = json!({ "action": action });
        rule
    };
    let mut brought = about("referral", 100);
    brought["limits"] = json!([{"per": "member", "every": "ever", "times": 2}]);
    let mut document = programme(&[base()]);
    document["actions"] = json!([brought, about("referred", 40)]);
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop
}

fn qualified(friend: u128) -> ReferralQualified {
    let branch = BranchCode::parse("vanak").expect("a code");
    ReferralQualified { referrer: member(1), friend: member(friend), branch }
}

async fn points(shop: &Shop, number: u128) -> Value {
    shop.till().balance(member(number)).await["points"].clone()
}

on_both! {
    async fn both_sides_earn_once_and_the_referrer_within_the_rules_limits(shop: Shop) {
        let shop = rewarding(shop).await;
        for friend in [50, 50, 51, 52] {
            shop.tells(&qualified(friend)).await;
        }
        assert_eq!(points(&shop, 1).await, 200, "two friends at most");
        for friend in [50, 51, 52] {
            assert_eq!(points(&shop, friend).await, 40);
        }
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        let item = &history["items"][2];
        assert_eq!((&item["action"], &item["reference"]), (&json!("referral"), &json!(member(50).to_string())));
        shop.holds().await;
    }

    async fn what_was_undone_is_given_back_by_both_once(shop: Shop) {
        let shop = rewarding(shop).await;
        let undone = ReferralUndone { referrer: member(1), friend: member(50) };
        // Both in one parcel, and again.
        shop.hear(&[shop.fact(0, &qualified(50)), shop.fact(1, &undone)]).await;
        shop.tells(&undone).await;
        shop.tells(&qualified(51)).await;
        assert_eq!((points(&shop, 1).await, points(&shop, 50).await, points(&shop, 51).await), (json!(100), json!(0), json!(40)));
        shop.tells(&ReferralUndone { friend: member(77), ..undone }).await;
        assert_eq!(points(&shop, 1).await, 100, "nothing was given for that one");
        shop.holds().await;
    }

    async fn the_friend_earns_also_when_the_referrer_has_left(shop: Shop) {
        let shop = rewarding(shop).await;
        shop.tells(&qualified(50)).await;
        shop.tells(&MemberErased { member_id: member(1), branch: None }).await;
        shop.tells(&qualified(51)).await;
        assert_eq!(points(&shop, 51).await, 40);
        shop.tells(&ReferralUndone { referrer: member(1), friend: member(50) }).await;
        assert_eq!(points(&shop, 50).await, 0);
        shop.holds().await;
    }
}
