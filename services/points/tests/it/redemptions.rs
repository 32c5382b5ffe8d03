//! Rewards tells of redemptions, and points holds, captures and releases for them: each once, in whatever order facts come (W4).

use contracts::{
    membership::MemberErased,
    points::{
        PointsCaptured, PointsHeld, PointsRedeemed, PointsReleased, RedemptionRefunded, RedemptionRefused,
        RedemptionReversed, RefundRefused, WhyRefused,
    },
    rewards::{
        MemberShown, RedemptionCancelled, RedemptionFulfilled, RedemptionReleased, RedemptionRequested,
        WhoCancelled, WhyReleased,
    },
};
use kernel::{Clock as _, Points, RedemptionId, RewardCode, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::{
    paying::{paying, rich_under},
    proof::proving,
    shop::{Shop, base, basket, member, on_both, rule},
};

fn id(number: u128) -> RedemptionId {
    RedemptionId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_00aa_0000_0000 + number))
}

fn requested(shop: &Shop, number: u128, points: i64) -> RedemptionRequested {
    RedemptionRequested {
        redemption_id: id(number),
        member_id: member(1),
        reward: RewardCode::parse("coffee").expect("a code"),
        points: Points::new(points),
        until: shop.clock.now().plus_millis(30_000),
        hold_s: 900,
        branch: None,
        shown: None,
        at_once: false,
    }
}

/// What is ready, so that nothing is set aside for it.
fn ready(shop: &Shop, number: u128, points: i64) -> RedemptionRequested {
    RedemptionRequested { at_once: true, hold_s: 0, ..requested(shop, number, points) }
}

fn fulfilled(number: u128) -> RedemptionFulfilled {
    RedemptionFulfilled { redemption_id: id(number), member_id: member(1) }
}

fn released(number: u128) -> RedemptionReleased {
    RedemptionReleased {
        redemption_id: id(number),
        member_id: member(1),
        reward: RewardCode::parse("coffee").expect("a code"),
        points: Points::new(60),
        reason: WhyReleased::TimedOut,
    }
}

fn cancelled(number: u128) -> RedemptionCancelled {
    RedemptionCancelled {
        redemption_id: id(number),
        member_id: member(1),
        reward: RewardCode::parse("coffee").expect("a code"),
        points: Points::new(60),
        voucher_id: None,
        by: WhoCancelled::Member,
    }
}

/// Zahra has 150 points.
async fn rich(shop: Shop) -> Shop {
    let shop = shop.selling(&[base(), rule("more", json!({"fixed": {"points": 50}}))]).await;
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

async fn balance(shop: &Shop) -> (i64, i64) {
    let balance = shop.till().balance(member(1)).await;
    let number = |name: &str| balance[name].as_i64().unwrap_or_default();
    (number("points"), number("held"))
}

on_both! {
    async fn a_reward_takes_the_proof_that_the_programme_wants(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 100})).await;
        let said = |phone_confirmed, vouched| Some(MemberShown { phone_confirmed, vouched });
        let cases = [
            (100, None, Some(WhyRefused::PhoneUnconfirmed)),
            (100, said(false, false), Some(WhyRefused::PhoneUnconfirmed)),
            (101, said(true, false), Some(WhyRefused::CodeNeeded)),
            (100, said(true, false), None),
            (101, said(false, true), None),
            (9_999, said(false, false), Some(WhyRefused::BalanceTooLow)),
        ];
        for (number, (points, shown, _)) in (1..).zip(&cases) {
            shop.tells(&RedemptionRequested { shown: *shown, ..requested(&shop, number, *points) }).await;
        }
        let refused: Vec<WhyRefused> = shop.told::<RedemptionRefused>().await.into_iter().map(|(_, told)| told.reason).collect();
        let expected: Vec<WhyRefused> = cases.iter().filter_map(|(.., why)| *why).collect();
        assert_eq!(refused, expected);
        assert_eq!(balance(&shop).await.1, 201);
        shop.holds().await;
    }

    async fn points_are_held_and_captured_once_however_often_it_is_told(shop: Shop) {
        let shop = rich(shop).await;
        let wanted = requested(&shop, 1, 60);
        for _ in 0..3 {
            shop.tells(&wanted).await;
        }
        assert_eq!(balance(&shop).await, (90, 60));
        let held = shop.told::<PointsHeld>().await;
        assert_eq!((held.len(), held[0].1.journal_id.as_uuid()), (1, id(1).as_uuid()));
        for _ in 0..3 {
            shop.tells(&fulfilled(1)).await;
        }
        shop.tells(&wanted).await;
        shop.tells(&released(1)).await;
        assert_eq!(balance(&shop).await, (90, 0));
        let captured = shop.told::<PointsCaptured>().await;
        assert_eq!((captured.len(), captured[0].1.points), (1, Points::new(60)));
        assert!(shop.told::<RedemptionRefused>().await.is_empty() && shop.told::<PointsReleased>().await.is_empty());
        shop.holds().await;
    }

    async fn what_is_ready_is_redeemed_at_once_and_once(shop: Shop) {
        let shop = rich(shop).await;
        let before = shop.till().balance(member(1)).await["expiring"].clone();
        for _ in 0..3 {
            shop.tells(&ready(&shop, 1, 60)).await;
        }
        assert_eq!(balance(&shop).await, (90, 0));
        let told = shop.told::<PointsRedeemed>().await;
        assert_eq!((told.len(), told[0].1.redemption_id, told[0].1.points), (1, Some(id(1)), Points::new(60)));
        assert!(shop.told::<PointsHeld>().await.is_empty() && shop.told::<PointsCaptured>().await.is_empty());
        let path = format!("/v1/redemptions/{}/reversal", told[0].1.journal_id);
        shop.till().keyed("undo", &path, &json!({})).await.refused(404, "points.redemption_unknown");
        for _ in 0..3 {
            shop.tells(&cancelled(1)).await;
            shop.tells(&ready(&shop, 1, 60)).await;
        }
        assert_eq!((balance(&shop).await, &shop.till().balance(member(1)).await["expiring"]), ((150, 0), &before));
        assert_eq!(shop.told::<RedemptionRefunded>().await.len(), 1);
        shop.holds().await;
    }

    async fn what_is_ready_is_refused_as_a_hold_would_be(shop: Shop) {
        let shop = proving(shop, &json!({"code_above": 100})).await;
        let said = |phone_confirmed, vouched| Some(MemberShown { phone_confirmed, vouched });
        let late = RedemptionRequested { until: Timestamp::from_micros(1), shown: said(true, true), ..ready(&shop, 1, 60) };
        shop.tells(&late).await;
        let cases = [(9_999, said(true, true)), (100, None), (101, said(true, false)), (100, said(true, false))];
        for (number, (points, shown)) in (2..).zip(cases) {
            shop.tells(&RedemptionRequested { shown, ..ready(&shop, number, points) }).await;
        }
        let refused: Vec<WhyRefused> = shop.told::<RedemptionRefused>().await.into_iter().map(|(_, told)| told.reason).collect();
        assert_eq!(refused, [WhyRefused::TooLate, WhyRefused::BalanceTooLow, WhyRefused::PhoneUnconfirmed, WhyRefused::CodeNeeded]);
        assert_eq!(shop.told::<PointsRedeemed>().await.len(), 1);
        shop.holds().await;
    }

    async fn who_has_too_few_points_is_refused_once_and_for_ever(shop: Shop) {
        let shop = rich(shop).await;
        let wanted = requested(&shop, 1, 151);
        shop.tells(&wanted).await;
        // What comes later makes no difference to what was refused.
        shop.till().buy("k2", &basket("R2", 1_000_000)).await.expect(201);
        shop.tells(&wanted).await;
        shop.tells(&fulfilled(1)).await;
        let refused = shop.told::<RedemptionRefused>().await;
        assert_eq!(refused.len(), 1);
        assert_eq!((refused[0].0, refused[0].1.reason, refused[0].1.missing), (1, WhyRefused::BalanceTooLow, Some(Points::new(1))));
        assert_eq!(balance(&shop).await.1, 0);
        shop.holds().await;
    }

    async fn what_is_released_first_is_never_held_and_what_is_held_is_free_again(shop: Shop) {
        let shop = rich(shop).await;
        shop.tells(&released(1)).await;
        shop.tells(&requested(&shop, 1, 60)).await;
        assert_eq!(balance(&shop).await, (150, 0));
        shop.tells(&requested(&shop, 2, 60)).await;
        shop.tells(&released(2)).await;
        shop.tells(&released(2)).await;
        assert_eq!(balance(&shop).await, (150, 0));
        shop.tells(&fulfilled(2)).await;
        assert_eq!((shop.told::<PointsReleased>().await.len(), shop.told::<PointsCaptured>().await.len()), (1, 0));
        shop.holds().await;
    }

    async fn what_is_told_too_late_or_lapsed_is_refused(shop: Shop) {
        let shop = rich(shop).await;
        let late = RedemptionRequested { until: Timestamp::from_micros(1), ..requested(&shop, 1, 60) };
        shop.tells(&late).await;
        shop.tells(&requested(&shop, 2, 60)).await;
        shop.clock.advance_millis(901_000);
        shop.tells(&fulfilled(2)).await;
        let why: Vec<WhyRefused> = shop.told::<RedemptionRefused>().await.iter().map(|(_, told)| told.reason).collect();
        assert_eq!(why, [WhyRefused::TooLate, WhyRefused::HoldOver]);
        shop.holds().await;
    }

    async fn nobody_else_touches_what_is_held_for_a_redemption(shop: Shop) {
        let shop = rich_under(shop, json!({"point_value": 1_000})).await;
        shop.tells(&requested(&shop, 1, 60)).await;
        for verb in ["capture", "release"] {
            let path = format!("/v1/holds/{}/{verb}", id(1));
            shop.till().keyed(verb, &path, &json!({})).await.refused(404, "points.hold_unknown");
        }
        let goods = paying("R9", 10_000, &json!({"hold": {"hold_id": id(1)}}));
        shop.till().buy("k9", &goods).await.refused(409, "points.hold_over");
        shop.tells(&fulfilled(1)).await;
        let captured = shop.told::<PointsCaptured>().await;
        assert_eq!(captured.len(), 1);
        let path = format!("/v1/redemptions/{}/reversal", captured[0].1.journal_id);
        shop.till().keyed("undo", &path, &json!({})).await.refused(404, "points.redemption_unknown");
        shop.holds().await;
    }

    async fn what_is_cancelled_comes_back_to_its_lots_once_however_often_it_is_told(shop: Shop) {
        let shop = rich(shop).await;
        let before = shop.till().balance(member(1)).await["expiring"].clone();
        shop.tells(&requested(&shop, 1, 60)).await;
        shop.tells(&fulfilled(1)).await;
        assert_eq!(balance(&shop).await, (90, 0));
        for _ in 0..3 {
            shop.tells(&cancelled(1)).await;
        }
        assert_eq!(balance(&shop).await, (150, 0));
        assert_eq!(shop.till().balance(member(1)).await["expiring"], before);
        // Whatever comes again changes nothing.
        shop.tells(&fulfilled(1)).await;
        shop.tells(&requested(&shop, 1, 60)).await;
        shop.tells(&released(1)).await;
        assert_eq!(balance(&shop).await, (150, 0));
        let refunded = shop.told::<RedemptionRefunded>().await;
        assert_eq!((refunded.len(), refunded[0].0, refunded[0].1.points), (1, 1, Points::new(60)));
        assert_eq!(shop.told::<RedemptionReversed>().await.len(), 1);
        assert!(shop.told::<RefundRefused>().await.is_empty());
        shop.holds().await;
    }

    async fn what_was_never_captured_or_has_no_account_left_does_not_come_back(shop: Shop) {
        let shop = rich(shop).await;
        shop.tells(&cancelled(1)).await;
        shop.tells(&requested(&shop, 1, 60)).await;
        assert_eq!(balance(&shop).await, (150, 0));
        shop.tells(&requested(&shop, 2, 60)).await;
        shop.tells(&fulfilled(2)).await;
        shop.tells(&MemberErased { member_id: member(1), branch: None }).await;
        shop.tells(&cancelled(2)).await;
        shop.tells(&cancelled(2)).await;
        let why: Vec<WhyRefused> = shop.told::<RefundRefused>().await.iter().map(|(_, told)| told.reason).collect();
        assert_eq!(why, [WhyRefused::HoldOver, WhyRefused::AccountClosed]);
        assert!(shop.told::<RedemptionRefunded>().await.is_empty());
        shop.holds().await;
    }
}
