//! Money from the app that is told of when things have changed: its member left or is another one, or people had seen to it (J7).

use membership::{commands::forget_kept::forget_kept, domain::retention::Kept};
use serde_json::{Value, json};
use testkit::payments::{FakePayment, SECRETS};

use crate::{
    club::{Club, on_both},
    leaving::count,
    merging::merge,
    profile::joined,
    shop::{PRICE, STRAYS, Shop, begins, id},
};

const A: &str = "+989121234567";
const B: &str = "+989121234568";
const C: &str = "+989121234569";
const DAY: i64 = 86_400;

/// Another member, who did not join at the same moment.
async fn another(shop: &Shop, phone: &str) -> String {
    shop.club.clock.advance_millis(1);
    joined(&shop.club, phone).await
}

/// A checkout of another member that waits for its money: its id.
async fn waits(shop: &Shop, member: &str, key: &str) -> String {
    let begun = begins(&shop.club, member, key, "plus").await.expect(201);
    assert_eq!(begun["state"], "waiting", "{begun}");
    id(&begun)
}

async fn payments(shop: &Shop) -> i64 {
    count(&shop.club, "plan_payments").await
}

on_both! {
    async fn what_was_counted_is_no_stray_however_late_it_is_told_again(club: Club) {
        let shop = Shop::open(club).await;
        let checkout = shop.waits("k1").await;
        let paid = FakePayment { status: "succeeded", ..shop.payment(&checkout) };
        shop.hears(&shop.news(&checkout, "succeeded")).await.expect(204);
        let other = another(&shop, B).await;
        let theirs = waits(&shop, &other, "k2").await;
        // The same payment under another checkout's name is no second payment, and none that is passed over.
        let mixed = FakePayment { reference: theirs.clone(), ..paid.clone() };
        shop.hears(&shop.provider.tells(&mixed, SECRETS[0], shop.now_s())).await.expect(204);
        assert_eq!((payments(&shop).await, shop.strays().await[0]["reason"].clone()), (1, json!("paid_before")));
        let path = format!("{STRAYS}/{}/settlement", shop.strays().await[0]["stray_payment_id"].as_str().expect("an id"));
        shop.club.operator().put(&path, json!({"outcome": "not_ours"})).await.expect(200);
        let shown = shop.club.operator().get(&format!("/v1/members/{other}/plan-checkouts/{theirs}")).await.expect(200);
        assert_eq!(shown["state"], "waiting");
        shop.hears(&shop.news(&theirs, "succeeded")).await.expect(204);
        assert_eq!(payments(&shop).await, 2, "their own money counts");

        // Its checkout is forgotten, or erased with its member: it was counted all the same.
        let left = format!("/v1/members/{other}/leaving");
        shop.club.operator().post(&left, json!({"reason": "asked"})).await.expect(200);
        shop.hears(&shop.news(&theirs, "succeeded")).await.expect(204);
        shop.club.wait_s(91 * DAY);
        forget_kept(&shop.club.desk, Kept::Checkouts).await.expect("forgotten");
        assert_eq!(count(&shop.club, "plan_checkouts").await, 0);
        shop.hears(&shop.provider.tells(&paid, SECRETS[0], shop.now_s())).await.expect(204);
        assert_eq!((shop.strays().await, payments(&shop).await), (Vec::<Value>::new(), 2));
    }

    async fn what_people_have_seen_to_pays_for_nothing_more(club: Club) {
        let shop = Shop::open(club).await;
        let checkout = shop.waits("k1").await;
        let less = FakePayment { status: "succeeded", amount: PRICE - 1, ..shop.payment(&checkout) };
        shop.hears(&shop.provider.tells(&less, SECRETS[0], shop.now_s())).await.expect(204);
        let path = format!("{STRAYS}/{}/settlement", shop.strays().await[0]["stray_payment_id"].as_str().expect("an id"));
        shop.club.operator().put(&path, json!({"outcome": "paid_back"})).await.expect(200);
        shop.hears(&shop.news(&checkout, "succeeded")).await.expect(204);
        assert_eq!((shop.state(&checkout).await.as_str(), payments(&shop).await), ("waiting", 0), "it was paid back");
        shop.club.wait_s(30 * 60);
        shop.becomes(&checkout, "lapsed").await;
        assert_eq!((payments(&shop).await, shop.strays().await.len()), (0, 0));
    }

    async fn money_follows_the_membership_into_which_its_own_went(club: Club) {
        let shop = Shop::open(club).await;
        let goes = another(&shop, B).await;
        let checkout = waits(&shop, &goes, "k1").await;
        merge(&shop.club, (&shop.member, A), (&goes, B)).await;
        assert_eq!(shop.state(&checkout).await, "waiting", "whoever stays sees it");
        shop.hears(&shop.news(&checkout, "succeeded")).await.expect(204);
        assert_eq!((shop.state(&checkout).await.as_str(), shop.standing().await), ("paid", json!("active")));
        assert_eq!((payments(&shop).await, shop.told().await, shop.strays().await.len()), (1, 1, 0));

        // Both have one that waits: the first money buys the period, the second lies where finance looks.
        shop.club.wait_s(25 * DAY);
        let third = another(&shop, C).await;
        let own = shop.waits("k2").await;
        let theirs = waits(&shop, &third, "k2").await;
        // Codes go to the phone that was linked last.
        merge(&shop.club, (&shop.member, B), (&third, C)).await;
        shop.hears(&shop.news(&theirs, "succeeded")).await.expect(204);
        assert_eq!((payments(&shop).await, shop.strays().await.len()), (2, 0));
        assert_eq!(count(&shop.club, "subscriptions").await, 1, "nobody who is gone has a plan");
        shop.hears(&shop.news(&own, "succeeded")).await.expect(204);
        assert_eq!((payments(&shop).await, shop.strays().await[0]["reason"].clone()), (2, json!("plan")));
        assert_eq!(shop.state(&own).await, "failed");
    }
}
