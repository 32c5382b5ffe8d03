//! Redemptions: each ends completed or released, never both, whatever is heard how often and when (W4).

use std::sync::Arc;

use contracts::{
    membership::MemberErased,
    points::WhyRefused,
    rewards::{MemberForgotten, RedemptionCompleted, RedemptionReleased, RedemptionRequested, VoucherIssued},
};
use kernel::{Clock as _, SessionId};
use serde_json::{Value, json};
use uuid::Uuid;
use web::Caller;

use crate::house::{House, member, on_both};

/// A reward for which points are set aside first.
fn donation() -> Value {
    json!({"kind": {"type": "donation", "to": "trees", "amount": 5}})
}

on_both! {
    async fn a_redemption_is_done_when_points_are_redeemed_and_not_before(house: House) {
        house.offers("coffee", json!({})).await;
        house.stocks("coffee", None, 5).await;
        let id = house.asked(1, "k1", "coffee").await;
        assert_eq!(house.redemption(&id).await["state"], "fulfilled");
        assert!(house.told::<RedemptionRequested>().await[0].at_once, "there is nothing to wait for");
        assert_eq!((house.left("coffee").await, house.asked_and_ready().await), (4, (1, 0)));
        house.held(&id).await;
        assert!(house.voucher(1).await.is_null(), "nobody has what is not paid");
        for _ in 0..3 {
            house.paid(&id).await;
        }
        house.held(&id).await;
        house.let_go(&id).await;
        let done = house.redemption(&id).await;
        assert_eq!((&done["state"], done["voucher_id"].is_string()), (&json!("completed"), true));
        assert_eq!((house.told::<RedemptionCompleted>().await.len(), house.told::<VoucherIssued>().await.len()), (1, 1));
        assert!(house.told::<RedemptionReleased>().await.is_empty());
        assert_eq!(house.left("coffee").await, 4);
        house.holds().await;
    }

    async fn what_more_is_needed_for_is_done_when_it_is_ready_and_points_are_captured(house: House) {
        house.offers("trees", donation()).await;
        house.stocks("trees", None, 5).await;
        let id = house.asked(1, "k1", "trees").await;
        assert_eq!(house.redemption(&id).await["state"], "requested");
        assert!(!house.told::<RedemptionRequested>().await[0].at_once);
        for _ in 0..3 {
            house.held(&id).await;
        }
        assert_eq!((house.redemption(&id).await["state"].clone(), house.asked_and_ready().await), (json!("fulfilled"), (1, 1)));
        for _ in 0..3 {
            house.captured(&id).await;
        }
        house.let_go(&id).await;
        assert_eq!(house.redemption(&id).await["state"], "completed");
        assert_eq!((house.told::<RedemptionCompleted>().await.len(), house.left("trees").await), (1, 4));
        house.holds().await;
    }

    async fn the_same_key_is_the_same_redemption_and_another_request_is_refused(house: House) {
        house.offers("coffee", json!({})).await;
        house.offers("tea", json!({"points": 50})).await;
        let id = house.redeemed(1, "k1", "coffee").await;
        let path = "/v1/reward-redemptions";
        let again = house.member(1).keyed("k1", path, json!({"reward": "coffee"})).await.expect(200);
        assert_eq!(again["redemption_id"], id);
        house.member(1).keyed("k1", path, json!({"reward": "tea"})).await.refused(422, "rewards.key_reused");
        // Another's key of the same text is another key.
        assert_ne!(house.asked(2, "k1", "coffee").await, id);
        assert_eq!(house.asked_and_ready().await.0, 2);
        house.holds().await;
    }

    async fn what_points_refuse_comes_to_nothing_and_everything_is_given_back(house: House) {
        house.offers("coffee", json!({"limits": [{"most": 1, "per": "month"}]})).await;
        house.stocks("coffee", None, 1).await;
        let id = house.asked(1, "k1", "coffee").await;
        let path = "/v1/reward-redemptions";
        house.member(1).keyed("k2", path, json!({"reward": "coffee"})).await.refused(409, "rewards.limit_reached");
        house.member(2).keyed("k2", path, json!({"reward": "coffee"})).await.refused(409, "rewards.out_of_stock");
        house.refused(&id, WhyRefused::BalanceTooLow).await;
        let refused = house.member(1).keyed("k1", path, json!({"reward": "coffee"})).await;
        assert_eq!(refused.refused(422, "rewards.balance_too_low")["missing"], 7);
        assert_eq!(house.told::<RedemptionReleased>().await.len(), 1);
        assert_eq!(house.left("coffee").await, 1);
        // The limit and the stock are free again.
        let id = house.asked(1, "k3", "coffee").await;
        house.refused(&id, WhyRefused::AccountFrozen).await;
        house.member(1).keyed("k3", path, json!({"reward": "coffee"})).await.refused(422, "rewards.account_locked");
        for (key, why, reason) in [("k4", WhyRefused::PhoneUnconfirmed, "phone_unconfirmed"), ("k5", WhyRefused::CodeNeeded, "code_needed")] {
            let id = house.asked(1, key, "coffee").await;
            house.refused(&id, why).await;
            let refused = house.member(1).keyed(key, path, json!({"reward": "coffee"})).await;
            assert_eq!(refused.refused(422, "rewards.proof_missing")["reason"], reason);
        }
        house.holds().await;
    }

    async fn who_waits_too_long_gives_up_and_a_late_hold_changes_nothing(house: House) {
        house.offers("trees", donation()).await;
        house.offers("coffee", json!({})).await;
        house.stocks("trees", None, 2).await;
        let (late, ready) = (house.asked(1, "k1", "trees").await, house.asked(2, "k1", "trees").await);
        let at_once = house.asked(3, "k1", "coffee").await;
        house.held(&ready).await;
        house.wait_s(31);
        house.until("it is given up", || async { house.redemption(&late).await["state"] == "released" }).await;
        house.held(&late).await;
        assert_eq!(house.redemption(&late).await["reason"], "timed_out");
        house.member(1).keyed("k1", "/v1/reward-redemptions", json!({"reward": "trees"})).await.refused(409, "rewards.not_redeemed");
        // What is ready is for points alone to end.
        for id in [&ready, &at_once] {
            assert_eq!(house.redemption(id).await["state"], "fulfilled");
        }
        house.let_go(&ready).await;
        assert_eq!(house.redemption(&ready).await["reason"], "hold_over");
        house.refused(&at_once, WhyRefused::TooLate).await;
        assert_eq!(house.redemption(&at_once).await["reason"], "timed_out");
        assert_eq!((house.left("trees").await, house.asked_and_ready().await), (2, (3, 1)));
        house.holds().await;
    }

    async fn fifty_who_want_ten_get_ten(house: House) {
        house.offers("coffee", json!({})).await;
        house.stocks("coffee", None, 10).await;
        let house = Arc::new(house);
        let racing: Vec<_> = (1..=50).map(|number| {
            let house = Arc::clone(&house);
            tokio::spawn(async move {
                house.member(number).keyed("k1", "/v1/reward-redemptions", json!({"reward": "coffee"})).await
            })
        }).collect();
        let mut ids = Vec::new();
        for one in racing {
            let answer = one.await.expect("no panic");
            if answer.status == 202 {
                ids.push(answer.body["redemption_id"].clone());
            } else {
                answer.refused(409, "rewards.out_of_stock");
            }
        }
        assert_eq!((ids.len(), house.left("coffee").await), (10, 0));
        for id in &ids {
            house.held(id).await;
            house.captured(id).await;
        }
        assert_eq!(house.told::<VoucherIssued>().await.len(), 10);
        house.holds().await;
    }

    async fn points_is_told_what_the_member_showed(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({})).await;
        house.asked(1, "k1", "coffee").await;
        let fresh = Caller::Member {
            member: member(1),
            session: SessionId::from_uuid(Uuid::from_u128(7)),
            confirmed: false,
            stepped_up_until: Some(house.clock.now().plus_millis(1_000)),
        };
        let path = "/v1/reward-redemptions";
        house.calling(fresh).keyed("k2", path, json!({"reward": "coffee"})).await.expect(202);
        let body = json!({"reward": "coffee", "member": {"id": member(1)}});
        house.till("vanak").keyed("k3", path, body).await.expect(202);
        let told = house.told::<RedemptionRequested>().await;
        let shown: Vec<_> = told.iter().map(|told| told.shown.map(|shown| (shown.phone_confirmed, shown.vouched))).collect();
        assert_eq!(shown, [Some((true, false)), Some((false, true)), Some((true, false))]);
        house.holds().await;
    }

    async fn stock_at_branches_is_asked_for_by_name(house: House) {
        house.opens("vanak", "tehran").await;
        house.opens("zand", "fars").await;
        house.offers("mug", json!({"kind": {"type": "gift", "sku": "mug"}})).await;
        house.stocks("mug", Some("vanak"), 1).await;
        let path = "/v1/reward-redemptions";
        house.member(1).keyed("k1", path, json!({"reward": "mug"})).await.refused(422, "rewards.branch_missing");
        house.member(1).keyed("k1", path, json!({"reward": "mug", "branch": "zand"})).await.refused(409, "rewards.out_of_stock");
        house.member(1).keyed("k1", path, json!({"reward": "mug", "branch": "moon"})).await.refused(422, "rewards.branch_unknown");
        let body = json!({"reward": "mug", "member": {"phone": "+989121234567"}});
        let asked = house.till("vanak").keyed("k1", path, body).await.expect(202);
        assert_eq!((&asked["branch"], &asked["member_id"]), (&json!("vanak"), &json!(member(1))));
        house.held(&asked["redemption_id"]).await;
        house.captured(&asked["redemption_id"]).await;
        assert_eq!(house.voucher(1).await["branches"], json!(["vanak"]));
        house.holds().await;
    }

    async fn a_partners_codes_go_to_one_voucher_each(house: House) {
        house.offers("travel", json!({"kind": {"type": "partner_coupon", "partner": "air"}})).await;
        let path = "/v1/rewards/travel/coupons";
        let imported = house.operator().post(path, Some(json!({"codes": ["AIR-1", "AIR-2", "AIR-1"]}))).await.expect(200);
        assert_eq!(imported["imported"], 2);
        house.redeemed(1, "k1", "travel").await;
        let refused = house.asked(2, "k1", "travel").await;
        house.member(3).keyed("k1", "/v1/reward-redemptions", json!({"reward": "travel"})).await.refused(409, "rewards.out_of_stock");
        house.held(&refused).await;
        house.let_go(&refused).await;
        house.redeemed(3, "k2", "travel").await;
        let mut codes = [house.voucher(1).await["code"].to_string(), house.voucher(3).await["code"].to_string()];
        codes.sort_unstable();
        assert_eq!(codes, ["\"AIR-1\"", "\"AIR-2\""]);
        house.holds().await;
    }

    async fn who_is_erased_gets_nothing_more_and_keeps_no_code(house: House) {
        house.offers("coffee", json!({})).await;
        house.redeemed(1, "k1", "coffee").await;
        house.offers("trees", donation()).await;
        let (open, paying) = (house.asked(1, "k2", "trees").await, house.asked(1, "k4", "coffee").await);
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        assert_eq!(house.redemption(&open).await["reason"], "member_erased");
        assert_eq!(house.told::<MemberForgotten>().await.len(), 1);
        let voucher = house.voucher(1).await;
        assert_eq!((&voucher["state"], &voucher["code"]), (&json!("cancelled"), &json!(null)));
        // Only points knows whether it was quicker; what it redeemed brings nobody a voucher that could be used.
        house.paid(&paying).await;
        assert_eq!(house.redemption(&paying).await["state"], "completed");
        let voucher = house.voucher(1).await;
        assert_eq!((&voucher["state"], &voucher["code"]), (&json!("cancelled"), &json!(null)));
        house.member(1).keyed("k3", "/v1/reward-redemptions", json!({"reward": "coffee"})).await.refused(409, "rewards.not_offered");
        house.holds().await;
    }
}
