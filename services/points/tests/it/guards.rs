//! A phone was changed without the former one at hand: few points leave the account for some days (P8; promise 23).

use contracts::membership::{MemberErased, PhoneChanged, PhoneChangedBy};
use kernel::{Clock as _, IdentifierKind, MemberId};
use serde_json::{Value, json};

use crate::shop::{ALI, Shop, ZAHRA, base, basket, member, on_both};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

fn changed(shop: &Shop, member_id: MemberId, days: i64) -> PhoneChanged {
    let guarded_until = Some(shop.clock.now().plus_millis(days * DAY_MS));
    PhoneChanged { member_id, by: PhoneChangedBy::Office, guarded_until }
}

fn of(phone: &str, points: i64) -> Value {
    json!({"member": {"phone": phone}, "points": points})
}

/// Zahra has two thousand points.
async fn rich(shop: Shop) -> Shop {
    let shop = shop.transferring(json!({"to": "anyone"})).await;
    shop.till().buy("k1", &basket("R1", 20_000_000)).await.expect(201);
    shop
}

async fn left(shop: &Shop) -> i64 {
    shop.number("SELECT points_left FROM guards").await
}

on_both! {
    async fn a_guarded_account_spends_few_points_and_passes_none_on(shop: Shop) {
        let shop = rich(shop).await;
        shop.tells(&changed(&shop, member(1), 7)).await;
        let gift = json!({"from": member(1), "to": {"phone": ALI}, "points": 1});
        let refused = shop.operator().keyed("t1", "/v1/transfers", &gift).await.refused(422, "points.account_guarded");
        assert_eq!((&refused["left"], refused["until"].is_string()), (&json!(0), true));
        let refused = shop.till().keyed("s0", "/v1/redemptions", &of(ZAHRA, 501)).await.refused(422, "points.account_guarded");
        assert_eq!(refused["left"], 500);
        shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 300)).await.expect(201);
        assert!(shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 300)).await.replayed);
        shop.till().keyed("h1", "/v1/holds", &of(ZAHRA, 201)).await.refused(422, "points.account_guarded");
        let hold = shop.till().keyed("h2", "/v1/holds", &of(ZAHRA, 200)).await.expect(201);
        assert_eq!(left(&shop).await, 0);
        // What was set aside while it could be is captured; what comes back widens nothing.
        let capture = format!("/v1/holds/{}/capture", hold["id"].as_str().expect("an id"));
        shop.till().keyed("c1", &capture, &json!({"points": 50})).await.expect(201);
        shop.till().keyed("s2", "/v1/redemptions", &of(ZAHRA, 1)).await.refused(422, "points.account_guarded");
        shop.till().buy("k2", &basket("R2", 1_000_000)).await.expect(201);
        shop.holds().await;
        shop.clock.advance_millis(7 * DAY_MS);
        shop.till().keyed("s3", "/v1/redemptions", &of(ZAHRA, 600)).await.expect(201);
        shop.operator().keyed("t2", "/v1/transfers", &gift).await.expect(201);
        shop.holds().await;
    }

    async fn many_at_once_spend_no_more_than_the_guard_lets_go(shop: Shop) {
        let shop = rich(shop).await;
        shop.tells(&changed(&shop, member(1), 7)).await;
        let till = shop.till();
        let spending = (0..20).map(|number| {
            let (till, key) = (&till, format!("s{number}"));
            async move { till.keyed(&key, "/v1/redemptions", &of(ZAHRA, 100)).await.status }
        });
        let statuses = futures_util::future::join_all(spending).await;
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 5, "{statuses:?}");
        assert_eq!(left(&shop).await, 0);
        shop.holds().await;
    }

    async fn a_guard_goes_on_and_is_not_widened_by_another_one(shop: Shop) {
        let shop = rich(shop).await;
        shop.tells(&changed(&shop, member(1), 7)).await;
        shop.till().keyed("s1", "/v1/redemptions", &of(ZAHRA, 400)).await.expect(201);
        // A change by the member guards nothing, a shorter one shortens nothing, and neither gives points.
        shop.tells(&PhoneChanged { by: PhoneChangedBy::Member, guarded_until: None, ..changed(&shop, member(1), 7) }).await;
        shop.tells(&changed(&shop, member(1), 1)).await;
        assert_eq!(left(&shop).await, 100);
        let until = shop.number("SELECT until FROM guards").await;
        assert_eq!(until, shop.clock.now().plus_millis(7 * DAY_MS).micros());
        shop.clock.advance_millis(8 * DAY_MS);
        shop.tells(&changed(&shop, member(1), 7)).await;
        assert_eq!(left(&shop).await, 500);
        shop.tells(&MemberErased { member_id: member(1), branch: None }).await;
        assert_eq!(shop.number("SELECT COUNT(*) FROM guards").await, 0);
    }

    async fn the_former_number_earns_no_more_and_the_new_one_at_once(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let new = "+989121230077";
        shop.joined(member(77), "+989121230076", IdentifierKind::Phone).await;
        let mut goods = basket("R1", 1_000_000);
        goods["member"] = json!({"phone": "+989121230076"});
        shop.till().buy("k1", &goods).await.expect(201);
        shop.clock.advance_millis(1);
        shop.links(member(77), "+989121230076", IdentifierKind::Phone, false).await;
        shop.links(member(77), new, IdentifierKind::Phone, true).await;
        goods["receipt"] = json!("R2");
        shop.till().buy("k2", &goods).await.refused(404, "points.customer_unknown");
        goods["member"] = json!({"phone": new});
        let earned = shop.till().buy("k2", &goods).await.expect(201);
        assert_eq!(earned["balance"]["points"], 200);
        shop.holds().await;
    }
}
