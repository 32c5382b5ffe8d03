//! Plans that are paid in the app: money that the provider took pays for exactly one period, or lies where people look at it (J7).

use futures_util::future::join_all;
use membership::{
    commands::{checkouts::look_after_checkouts, forget_kept::forget_kept},
    domain::retention::Kept,
};
use serde_json::{Value, json};
use testkit::payments::{FakePayment, Mood, SECRETS, SignedEvent};

use crate::{
    club::{Club, on_both},
    leaving::count,
    profile::joined,
    shop::{EVENTS, PRICE, STRAYS, Shop, begins, id, terms},
};

const B: &str = "+989121234568";
const DAY: i64 = 86_400;

on_both! {
    async fn a_member_pays_in_the_app_and_the_plan_is_there(club: Club) {
        let shop = Shop::open(club).await;
        let begun = shop.begins("k1", "plus").await.expect(201);
        let checkout = id(&begun);
        assert_eq!((&begun["state"], &begun["amount"], &begun["version"]), (&json!("waiting"), &json!(PRICE), &json!(1)));
        assert_eq!(begun["page_url"], format!("https://pay.example/p/{checkout}"));
        assert_eq!(shop.begins("k1", "plus").await.expect(200), begun);
        assert_eq!(shop.begins("k2", "plus").await.expect(200), begun, "one is open at a time");
        shop.begins("k1", "gold").await.refused(422, "membership.idempotency_key_reused");
        let waiting = shop.begins("k3", "gold").await.refused(409, "membership.checkout_open");
        assert_eq!(waiting["checkout_id"], checkout.as_str());
        let sent = shop.provider.sent();
        let expected = json!({
            "amount": PRICE, "currency": "IRR", "reference": checkout, "description": "ویژه", "return_url": "https://app.example/paid",
            "expires_at": begun["expires_at"],
        });
        assert_eq!(sent, [expected], "the provider learns nothing else");

        let news = shop.news(&checkout, "succeeded");
        for _ in 0..2 {
            shop.hears(&news).await.expect(204);
        }
        shop.hears(&shop.news(&checkout, "succeeded")).await.expect(204);
        shop.hears(&shop.news(&checkout, "failed")).await.expect(204);
        assert_eq!((shop.state(&checkout).await.as_str(), shop.standing().await), ("paid", json!("active")));
        assert_eq!((count(&shop.club, "plan_payments").await, shop.told().await, shop.strays().await.len()), (1, 1, 0));
        let listed = shop.club.operator().get(&format!("/v1/members/{}/plan-payments", shop.member)).await.expect(200);
        let paid = &listed["payments"][0];
        assert_eq!((&paid["checkout_id"], &paid["amount"], &paid["receipt"]), (&json!(checkout), &json!(PRICE), &Value::Null));
        shop.begins("k4", "plus").await.refused(409, "membership.plan_not_due");
        shop.begins("k4", "gold").await.refused(409, "membership.plan_other");
        shop.club.wait_s(25 * DAY);
        let renewal = shop.waits("k5").await;
        shop.hears(&shop.news(&renewal, "succeeded")).await.expect(204);
        let second = FakePayment { id: "another".to_owned(), ..shop.payment(&renewal) };
        shop.hears(&shop.provider.tells(&second, SECRETS[0], shop.now_s())).await.expect(204);
        assert_eq!(shop.strays().await[0]["reason"], "paid_before");
        assert_eq!(count(&shop.club, "plan_payments").await, 2);
    }

    async fn what_cannot_be_paid_at_a_till_cannot_be_begun(club: Club) {
        let club = club.with_places().await;
        let member = joined(&club, B).await;
        club.operator().put("/v1/plans/plus", terms()).await.expect(201);
        for (language, word) in [("en", "app"), ("fa", "برنامه"), ("ar", "التطبيق")] {
            let path = format!("/v1/members/{member}/plan-checkouts");
            let sender = club.signed_in(&member).keyed("k").speaking(language);
            let refused = sender.post(&path, json!({"plan": "plus"})).await.refused(409, "membership.checkouts_closed");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
        club.anonymous().post(EVENTS, json!({"type": "payment.succeeded"})).await.refused(401, "membership.payment_event_forged");
        let shop = Shop::open_on(club).await;
        shop.begins("k1", "silver").await.refused(404, "membership.plan_unknown");
        let mut retired = terms();
        retired["live"] = json!(false);
        shop.club.operator().put("/v1/plans/gold", retired).await.expect(200);
        shop.begins("k1", "gold").await.refused(409, "membership.plan_closed");
        let path = format!("/v1/members/{}/plan-checkouts", shop.member);
        shop.club.signed_in(&member).keyed("k").post(&path, json!({"plan": "plus"})).await.refused(403, "web.access_denied");
        shop.club.till().keyed("k").post(&path, json!({"plan": "plus"})).await.refused(403, "web.access_denied");
        shop.club.signed_in(&shop.member).post(&path, json!({"plan": "plus"})).await.refused(400, "web.idempotency_key_missing");
        let nobody = "0192f3a1-7c00-7000-8000-00000000dead";
        begins(&shop.club, nobody, "k1", "plus").await.refused(404, "membership.member_unknown");
        let checkout = shop.waits("k1").await;
        for theirs in [format!("/v1/members/{member}/plan-checkouts/{checkout}"), format!("{path}/{nobody}")] {
            shop.club.operator().get(&theirs).await.refused(404, "membership.checkout_unknown");
        }
        assert_eq!(shop.provider.payments().len(), 1);
    }

    async fn answers_that_are_lost_are_asked_for_again(club: Club) {
        let shop = Shop::open(club).await;
        shop.provider.be(&[Mood::LosesItsAnswer]);
        let begun = shop.begins("k1", "plus").await.expect(201);
        let checkout = id(&begun);
        assert_eq!((&begun["state"], begun.get("page_url")), (&json!("begun"), None));
        shop.provider.be(&[Mood::Answers(503), Mood::LosesItsAnswer]);
        for wait in [5, 10, 20] {
            shop.club.wait_s(wait);
            look_after_checkouts(&shop.club.desk, &shop.club.chain).await.expect("looked after");
        }
        shop.club.wait_s(40);
        shop.becomes(&checkout, "waiting").await;
        assert_eq!(shop.provider.payments().len(), 1, "however often it was asked for");
        shop.hears(&shop.news(&checkout, "cancelled")).await.expect(204);
        assert_eq!(shop.state(&checkout).await, "failed");
        shop.provider.be(&[Mood::Answers(422)]);
        let refused = shop.begins("k2", "plus").await.expect(201);
        assert_eq!(refused["state"], "failed", "the provider will never take it");
        shop.provider.be(&[Mood::Silent]);
        let slow = shop.begins("k3", "plus").await.expect(201);
        assert_eq!(slow["state"], "begun", "who does not answer is not waited for");
        let slow = id(&slow);
        let early = FakePayment { id: "pay".to_owned(), reference: slow.clone(), amount: PRICE, currency: "IRR".to_owned(), status: "succeeded" };
        shop.hears(&shop.provider.tells(&early, SECRETS[0], shop.now_s())).await.expect(204);
        assert_eq!((shop.state(&slow).await.as_str(), shop.standing().await), ("paid", json!("active")), "news may be faster than the answer");
    }

    async fn news_that_is_lost_is_asked_for_until_the_checkout_lapses(club: Club) {
        let shop = Shop::open(club).await;
        let checkout = shop.waits("k1").await;
        shop.provider.ends(&checkout, "succeeded");
        look_after_checkouts(&shop.club.desk, &shop.club.chain).await.expect("looked after");
        assert_eq!((shop.state(&checkout).await.as_str(), shop.provider.asked()), ("waiting", 0), "not yet");
        shop.provider.be(&[Mood::Answers(500), Mood::Lies(-1)]);
        shop.club.wait_s(5);
        for _ in 0..100 {
            look_after_checkouts(&shop.club.desk, &shop.club.chain).await.expect("looked after");
            if shop.provider.asked() == 2 {
                break;
            }
            shop.club.wait_s(1);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        while shop.strays().await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!((shop.state(&checkout).await.as_str(), shop.standing().await), ("waiting", Value::Null), "a lie pays for nothing");
        let stray = shop.strays().await[0].clone();
        assert_eq!((&stray["reason"], &stray["amount"]), (&json!("amount"), &json!(PRICE - 1)));
        shop.club.wait_s(60);
        shop.becomes(&checkout, "paid").await;
        assert_eq!((shop.standing().await, shop.strays().await.len()), (json!("active"), 0), "it was counted after all");
        assert_eq!((count(&shop.club, "plan_payments").await, shop.told().await), (1, 1));
    }

    async fn money_that_comes_late_lies_where_finance_looks(club: Club) {
        let shop = Shop::open(club).await;
        let checkout = shop.waits("k1").await;
        shop.club.wait_s(30 * 60);
        shop.becomes(&checkout, "lapsed").await;
        for _ in 0..2 {
            shop.hears(&shop.news(&checkout, "succeeded")).await.expect(204);
        }
        assert_eq!((shop.state(&checkout).await.as_str(), shop.standing().await), ("lapsed", Value::Null));
        let strays = shop.strays().await;
        assert_eq!(strays.len(), 1, "{strays:?}");
        assert_eq!((&strays[0]["reason"], &strays[0]["checkout_id"]), (&json!("over"), &json!(checkout)));
        let path = format!("{STRAYS}/{}/settlement", strays[0]["stray_payment_id"].as_str().expect("an id"));
        let word = |word: &str| json!({"outcome": word});
        shop.club.operator().put(&path, word("counted")).await.refused(400, "web.field_choice");
        for _ in 0..2 {
            let settled = shop.club.operator().put(&path, word("paid_back")).await.expect(200);
            assert_eq!(settled["outcome"], "paid_back");
        }
        shop.club.operator().put(&path, word("made_good")).await.refused(409, "membership.stray_payment_settled");
        let nobody = format!("{STRAYS}/0192f3a1-7c00-7000-8000-00000000dead/settlement");
        shop.club.operator().put(&nobody, word("not_ours")).await.refused(404, "membership.stray_payment_unknown");
        assert!(shop.strays().await.is_empty());
        let again = shop.waits("k2").await;
        assert_ne!(again, checkout);
        // A checkout that is over makes room even before anybody looked after it.
        shop.club.wait_s(31 * 60);
        let third = shop.waits("k3").await;
        assert_eq!((shop.state(&again).await.as_str(), shop.state(&third).await.as_str()), ("lapsed", "waiting"));
        shop.hears(&shop.news(&third, "failed")).await.expect(204);
        shop.club.wait_s(91 * DAY);
        forget_kept(&shop.club.desk, Kept::Checkouts).await.expect("forgotten");
        assert_eq!((count(&shop.club, "plan_checkouts").await, count(&shop.club, "stray_payments").await), (0, 1));
    }

    async fn only_the_provider_is_heard(club: Club) {
        let shop = Shop::open(club).await;
        let checkout = shop.waits("k1").await;
        let good = shop.news(&checkout, "succeeded");
        let unsigned = SignedEvent { headers: [("x-a", String::new()), ("x-b", String::new()), ("x-c", String::new())], ..good.clone() };
        let changed = SignedEvent { body: good.body.replace("500000", "500001"), ..good.clone() };
        let foreign = shop.provider.tells(&shop.payment(&checkout), "whsec_CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=", shop.now_s());
        let old = shop.provider.tells(&shop.payment(&checkout), SECRETS[0], shop.now_s() - 301);
        let early = shop.provider.tells(&shop.payment(&checkout), SECRETS[0], shop.now_s() + 301);
        let mut mixed = good.clone();
        "msg_other".clone_into(&mut mixed.headers[0].1);
        for forged in [unsigned, changed, foreign, old, early, mixed] {
            let refused = shop.hears(&forged).await.refused(401, "membership.payment_event_forged");
            assert_eq!(refused.get("reason"), None, "no word of why");
        }
        assert_eq!((shop.state(&checkout).await.as_str(), shop.strays().await.len()), ("waiting", 0));
        let sign = |body: Value| shop.provider.signs(&body, SECRETS[0], shop.now_s());
        shop.hears(&sign(json!({"type": "payout.created", "data": 1}))).await.expect(204);
        for unreadable in [json!({"type": "payment.succeeded", "data": {}}), json!({"type": "payment.succeeded", "data": {"payment_id": "", "reference": "x", "amount": 1, "currency": "IRR"}})] {
            shop.hears(&sign(unreadable)).await.refused(422, "membership.payment_event_unreadable");
        }
        for reference in ["anything", "0192f3a1-7c00-7000-8000-00000000dead"] {
            let data = json!({"payment_id": format!("p-{reference}"), "reference": reference, "amount": 7, "currency": "USD"});
            shop.hears(&sign(json!({"type": "payment.succeeded", "data": data}))).await.expect(204);
            shop.hears(&sign(json!({"type": "payment.failed", "data": data}))).await.expect(204);
        }
        let strays = shop.strays().await;
        assert!(strays.len() == 2 && strays.iter().all(|stray| stray["reason"] == "unknown"), "{strays:?}");
        let other = FakePayment { id: "another".to_owned(), status: "failed", ..shop.payment(&checkout) };
        shop.hears(&shop.provider.tells(&other, SECRETS[0], shop.now_s())).await.expect(204);
        assert_eq!(shop.state(&checkout).await, "waiting", "news of another payment");
        let by_the_old_one = shop.provider.tells(&shop.payment(&checkout), SECRETS[1], shop.now_s());
        shop.hears(&by_the_old_one).await.expect(204);
        assert_eq!(shop.state(&checkout).await, "paid", "secrets overlap");
    }

    async fn what_comes_at_once_pays_once(club: Club) {
        let shop = Shop::open(club).await;
        let checkouts = join_all((0..5).map(|number| { let shop = &shop; async move { shop.begins(&format!("k{number}"), "plus").await } })).await;
        let ids: Vec<String> = checkouts.iter().map(|answer| id(&answer.body)).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{checkouts:?}");
        assert_eq!(checkouts.iter().filter(|answer| answer.status == 201).count(), 1);
        shop.club.wait_s(60);
        let (news, again) = (shop.news(&ids[0], "succeeded"), shop.news(&ids[0], "succeeded"));
        let (heard, asked) = tokio::join!(
            join_all([&news, &again, &news, &again].map(|event| shop.hears(event))),
            look_after_checkouts(&shop.club.desk, &shop.club.chain),
        );
        assert!(heard.iter().all(|answer| answer.status == 204), "{heard:?}");
        asked.expect("looked after");
        assert_eq!((shop.state(&ids[0]).await.as_str(), count(&shop.club, "plan_payments").await, shop.told().await), ("paid", 1, 1));
        assert!(shop.strays().await.is_empty());

        // Its end and its money at once: one of them is first, and the money is counted or lies there.
        for round in 1..4_i64 {
            shop.club.wait_s(30 * DAY);
            let (payments, strays) = (count(&shop.club, "plan_payments").await, shop.strays().await.len());
            let checkout = shop.waits(&format!("end{round}")).await;
            shop.club.wait_s(30 * 60);
            let payment = FakePayment { status: "succeeded", ..shop.payment(&checkout) };
            let news = shop.provider.tells(&payment, SECRETS[0], shop.now_s());
            let (heard, looked) = tokio::join!(shop.hears(&news), look_after_checkouts(&shop.club.desk, &shop.club.chain));
            heard.expect(204);
            looked.expect("looked after");
            let paid = shop.state(&checkout).await == "paid";
            let after = (count(&shop.club, "plan_payments").await, shop.strays().await.len());
            assert_eq!(after, if paid { (payments + 1, strays) } else { (payments, strays + 1) });
            if !paid {
                shop.pays_at_a_till(&format!("put-right-{round}")).await.expect(201);
            }
        }

        // A till and the provider at once: the period is paid once, and what is too much lies there, or goes back at the till.
        for round in 1..4_i64 {
            shop.club.wait_s(30 * DAY);
            let (payments, strays) = (count(&shop.club, "plan_payments").await, shop.strays().await.len());
            let checkout = shop.waits(&format!("till{round}")).await;
            let (news, receipt) = (shop.news(&checkout, "succeeded"), format!("R{round}"));
            let (heard, till) = tokio::join!(shop.hears(&news), shop.pays_at_a_till(&receipt));
            heard.expect(204);
            assert_eq!(count(&shop.club, "plan_payments").await, payments + 1);
            if till.status == 201 {
                assert_eq!(shop.strays().await.len(), strays + 1);
                assert_eq!((shop.strays().await[strays]["reason"].clone(), shop.state(&checkout).await.as_str()), (json!("plan"), "failed"));
            } else {
                till.refused(409, "membership.plan_not_due");
                assert_eq!((shop.strays().await.len(), shop.state(&checkout).await.as_str()), (strays, "paid"));
            }
        }
    }

    async fn the_price_at_the_beginning_holds_and_who_left_owes_nothing(club: Club) {
        let shop = Shop::open(club).await;
        let checkout = shop.waits("k1").await;
        let mut dearer = terms();
        dearer["price"] = json!(2 * PRICE);
        dearer["live"] = json!(false);
        shop.club.operator().put("/v1/plans/plus", dearer).await.expect(200);
        shop.hears(&shop.news(&checkout, "succeeded")).await.expect(204);
        assert_eq!((shop.state(&checkout).await.as_str(), shop.standing().await), ("paid", json!("active")));
        let other = joined(&shop.club, B).await;
        let begun = id(&begins(&shop.club, &other, "k2", "gold").await.expect(201));
        let shown = shop.club.operator().get(&format!("/v1/members/{other}/plan-checkouts/{begun}")).await.expect(200);
        assert_eq!(shown["state"], "waiting");
        shop.club.operator().post(&format!("/v1/members/{other}/leaving"), json!({"reason": "asked"})).await.expect(200);
        assert_eq!(count(&shop.club, "plan_checkouts").await, 1);
        shop.hears(&shop.news(&begun, "succeeded")).await.expect(204);
        assert_eq!(shop.strays().await[0]["reason"], "unknown");
    }
}
