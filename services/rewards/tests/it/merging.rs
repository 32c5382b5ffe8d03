//! Two members turn out to be one: what either had is the one's who stays (J9).

use contracts::membership::{MemberErased, MembersMerged};
use serde_json::json;

use crate::{
    gifts::{buys, given, marked, rule},
    house::{House, member, on_both},
};

const PATH: &str = "/v1/reward-redemptions";

async fn merges(house: &House, survivor: u128, absorbed: u128) {
    let told = MembersMerged { survivor: member(survivor), absorbed: member(absorbed), guarded_until: None };
    for _ in 0..2 {
        house.hear("membership", &told).await;
    }
}

on_both! {
    async fn what_either_had_is_of_the_one_who_stays(house: House) {
        house.offers("coffee", json!({"limits": [{"most": 3, "per": "month"}]})).await;
        house.stocks("coffee", None, 9).await;
        house.redeemed(1, "k1", "coffee").await;
        house.redeemed(2, "k1", "coffee").await;
        let open = house.asked(2, "k2", "coffee").await;
        merges(&house, 1, 2).await;
        // What was on its way goes on, under its id.
        house.held(&open).await;
        house.captured(&open).await;
        let count = async |who: u128| {
            let listed = house.operator().get(&format!("/v1/members/{}/vouchers", member(who))).await.expect(200);
            listed["vouchers"].as_array().expect("a list").len()
        };
        assert_eq!((count(1).await, count(2).await), (3, 0));
        // Both counted, and what is asked for under the former name is, too.
        house.member(1).keyed("k9", PATH, json!({"reward": "coffee"})).await.refused(409, "rewards.limit_reached");
        house.member(2).keyed("k9", PATH, json!({"reward": "coffee"})).await.refused(409, "rewards.limit_reached");
        // Who merges into somebody else later leads there in one step.
        merges(&house, 3, 1).await;
        assert_eq!((count(1).await, count(3).await), (0, 3));
        house.member(2).keyed("k9", PATH, json!({"reward": "coffee"})).await.refused(409, "rewards.limit_reached");
        house.hear("membership", &MemberErased { member_id: member(3), branch: None }).await;
        house.member(2).keyed("k9", PATH, json!({"reward": "coffee"})).await.refused(409, "rewards.not_offered");
        house.holds().await;
    }

    async fn gifts_go_along_and_purchases_count_together(house: House) {
        house.offers("coffee", json!({})).await;
        rule(&house, "birthday", json!({"on": "birthday"}), 10).await;
        rule(&house, "third", json!({"on": "purchase", "every": 3}), 10).await;
        marked(&house, member(1)).await;
        marked(&house, member(2)).await;
        buys(&house, 1, 1, 5_000).await;
        buys(&house, 2, 1, 5_000).await;
        assert_eq!((given(&house, 1).await.len(), given(&house, 2).await.len()), (1, 1));
        merges(&house, 1, 2).await;
        // Both keep the one of this birthday; it is the third purchase of the two.
        buys(&house, 1, 2, 5_000).await;
        assert_eq!((given(&house, 1).await.len(), given(&house, 2).await.len()), (3, 0));
        marked(&house, member(1)).await;
        assert_eq!(given(&house, 1).await.len(), 3, "no second one of the same birthday");
        house.holds().await;
    }
}
