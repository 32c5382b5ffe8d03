//! What was redeemed is given back: by members as the terms let them, by the chain with a reason, and never once it is used (W4).

use contracts::{
    membership::MemberErased,
    points::{RedemptionRefunded, RefundRefused, WhyRefused},
    rewards::{RedemptionCancelled, VoucherCancelled, WhoCancelled},
};
use kernel::{Points, RedemptionId};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::house::{Answer, House, Sender, member, on_both};

fn id_of(id: &Value) -> RedemptionId {
    id.as_str().expect("an id").parse().expect("an id")
}

async fn refunded(house: &House, id: &Value) {
    let told =
        RedemptionRefunded { redemption_id: id_of(id), member_id: member(1), points: Points::new(150) };
    house.hear("points", &told).await;
}

async fn unpayable(house: &House, id: &Value) {
    let reason = WhyRefused::AccountClosed;
    house.hear("points", &RefundRefused { redemption_id: id_of(id), member_id: member(1), reason }).await;
}

async fn cancel(by: Sender<'_>, id: &Value, body: Value) -> Answer {
    by.post(&format!("/v1/reward-redemptions/{}/cancellation", id.as_str().expect("an id")), Some(body)).await
}

on_both! {
    async fn a_member_gives_back_what_is_whole_and_everything_is_as_before(house: House) {
        house.offers("coffee", json!({"cancel_hours": 2, "limits": [{"most": 1, "per": "month"}]})).await;
        house.stocks("coffee", None, 1).await;
        let id = house.redeemed(1, "k1", "coffee").await;
        assert_eq!(house.redemption(&id).await["cancellable_until"], "2026-11-21T10:00:00Z");
        cancel(house.member(2), &id, json!({})).await.refused(404, "rewards.redemption_unknown");
        for _ in 0..3 {
            let cancelled = cancel(house.member(1), &id, json!({})).await.expect(200);
            assert_eq!((&cancelled["state"], cancelled.get("cancellable_until")), (&json!("cancelled"), None));
        }
        // The voucher is gone before anything comes back, and stock and limit are free.
        assert_eq!(house.voucher(1).await["state"], "cancelled");
        assert_eq!(house.left("coffee").await, 1);
        let told = house.told::<RedemptionCancelled>().await;
        assert_eq!((told.len(), told[0].points, told[0].by), (1, Points::new(150), WhoCancelled::Member));
        assert_eq!(house.told::<VoucherCancelled>().await.len(), 1);
        for _ in 0..3 {
            refunded(&house, &id).await;
        }
        // Whatever comes too late, or again, changes nothing.
        unpayable(&house, &id).await;
        house.captured(&id).await;
        house.let_go(&id).await;
        assert_eq!(house.redemption(&id).await["state"], "refunded");
        let again = house.member(1).keyed("k1", "/v1/reward-redemptions", json!({"reward": "coffee"})).await;
        assert_eq!(again.expect(200)["state"], "refunded");
        house.redeemed(1, "k2", "coffee").await;
        assert_eq!((house.left("coffee").await, house.told::<RedemptionCancelled>().await.len()), (0, 1));
        house.holds().await;
    }

    async fn members_may_not_always_and_the_chain_may_with_a_reason(house: House) {
        house.offers("coffee", json!({"cancel_hours": 2})).await;
        house.offers("tea", json!({})).await;
        let (late, never) = (house.redeemed(1, "k1", "coffee").await, house.redeemed(1, "k2", "tea").await);
        let open = house.asked(1, "k3", "tea").await;
        let refused = cancel(house.member(1), &open, json!({})).await.refused(409, "rewards.not_cancellable");
        assert_eq!(refused["state"], "fulfilled");
        let refused = cancel(house.member(1), &never, json!({})).await.refused(409, "rewards.cancellation_over");
        assert_eq!(refused.get("until"), None);
        house.wait_s(2 * 60 * 60);
        let refused = cancel(house.member(1), &late, json!({})).await.refused(409, "rewards.cancellation_over");
        assert_eq!(refused["until"], "2026-11-21T10:00:00Z");
        for reason in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(501)})] {
            cancel(house.operator(), &late, reason).await.refused(422, "rewards.reason_missing");
        }
        for id in [&late, &never] {
            cancel(house.operator(), id, json!({"reason": "It was broken."})).await.expect(200);
        }
        let by: Vec<WhoCancelled> = house.told::<RedemptionCancelled>().await.iter().map(|told| told.by).collect();
        assert_eq!(by, [WhoCancelled::Chain; 2]);
        house.holds().await;
    }

    async fn nothing_that_is_used_or_being_used_comes_back(house: House) {
        let kind = json!({"type": "credit", "amount": 1_000});
        house.offers("credit", json!({"kind": kind, "cancel_hours": 2})).await;
        let id = house.redeemed(1, "k1", "credit").await;
        let code = house.voucher(1).await["code"].clone();
        let till = house.till("vanak");
        let uses = "/v1/voucher-uses";
        let reserved = till.keyed("u1", uses, json!({"voucher": {"code": code}, "amount": 1, "reserve_s": 60})).await.expect(201);
        for by in [house.member(1), house.operator()] {
            let refused = cancel(by, &id, json!({"reason": "no"})).await.refused(409, "rewards.voucher_not_usable");
            assert_eq!(refused["state"], "used");
        }
        let place = format!("{uses}/{}", reserved["use_id"].as_str().expect("an id"));
        till.post(&format!("{place}/confirmation"), None).await.expect(200);
        cancel(house.operator(), &id, json!({"reason": "no"})).await.refused(409, "rewards.voucher_not_usable");
        till.post(&format!("{place}/cancellation"), None).await.expect(200);
        cancel(house.member(1), &id, json!({})).await.expect(200);
        let used = till.keyed("u2", uses, json!({"voucher": {"code": code}})).await;
        used.refused(404, "rewards.voucher_unknown");
        house.holds().await;
    }

    async fn the_last_use_and_a_cancellation_at_once_are_one_or_the_other(house: House) {
        house.offers("coffee", json!({"cancel_hours": 2})).await;
        for round in 0..8_u128 {
            let id = house.redeemed(10 + round, "k1", "coffee").await;
            let code = house.voucher(10 + round).await["code"].clone();
            let till = house.till("vanak");
            let key = format!("u{round}");
            let (used, cancelled) = tokio::join!(
                till.keyed(&key, "/v1/voucher-uses", json!({"voucher": {"code": code}})),
                cancel(house.member(10 + round), &id, json!({})),
            );
            assert_eq!(u8::from(used.status == 201) + u8::from(cancelled.status == 200), 1, "{used:?} {cancelled:?}");
        }
        house.holds().await;
    }

    async fn a_code_that_its_member_has_seen_goes_to_nobody_else(house: House) {
        house.offers("travel", json!({"kind": {"type": "partner_coupon", "partner": "air"}})).await;
        let codes = json!({"codes": ["AIR-1"]});
        house.operator().post("/v1/rewards/travel/coupons", Some(codes)).await.expect(200);
        let id = house.redeemed(1, "k1", "travel").await;
        cancel(house.member(1), &id, json!({})).await.refused(409, "rewards.cancellation_over");
        cancel(house.operator(), &id, json!({"reason": "The partner is closed."})).await.expect(200);
        refunded(&house, &id).await;
        let body = json!({"reward": "travel"});
        house.member(2).keyed("k1", "/v1/reward-redemptions", body).await.refused(409, "rewards.out_of_stock");
        house.holds().await;
    }

    async fn points_that_have_nowhere_to_go_are_forfeited_and_reasons_are_forgotten_with_the_member(house: House) {
        house.offers("coffee", json!({})).await;
        let id = house.redeemed(1, "k1", "coffee").await;
        cancel(house.operator(), &id, json!({"reason": "Sara wished it."})).await.expect(200);
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        unpayable(&house, &id).await;
        refunded(&house, &id).await;
        let ended = house.redemption(&id).await;
        assert_eq!((&ended["state"], &ended["reason"]), (&json!("forfeited"), &json!("account_closed")));
        let on = house.database.connection();
        let sql = "SELECT 1 FROM redemptions WHERE cancelled_for IS NOT NULL";
        let kept = on.query_all_raw(Statement::from_string(on.get_database_backend(), sql)).await;
        assert!(kept.expect("rows").is_empty());
        house.holds().await;
    }
}
