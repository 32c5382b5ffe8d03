//! Members hear from the club: at once after a purchase, in their language, once, and of nobody else (N1–N6).

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use journeys::{Goods, Operator, SignedIn, Stage, alone_in_both_shapes, fresh, programme};
use kernel::{Day, Language};
use locale::{calendar, digits};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[("chain.time_zone", "UTC"), ("notifications.quiet_from", "0"), ("notifications.quiet_until", "0")];
    a_purchase_is_told_in_persian_with_its_digits_and_date,
    what_happens_to_points_is_told_to_whom_it_concerns,
    what_was_sent_is_logged_without_words_and_leaves_with_the_member,
);

/// The day on the wall clock of the chain, which is at UTC in this journey.
fn today(language: Language) -> String {
    calendar::format_date(Day::from_date(journeys::now().to_utc().date_naive()), language)
}

/// N1, N3: one message for a purchase, not one for each rule.
async fn a_purchase_is_told_in_persian_with_its_digits_and_date(stage: Stage) {
    let operator = stage.as_operator();
    let bonus = json!({"code": "bonus", "name": {"fa": "هدیه", "ar": "هدية", "en": "Bonus"}, "give": {"fixed": {"points": 7}}});
    operator.make_live(&programme(&[bonus])).await;
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    assert!(stage.told(&phone, "خوش").await.contains("زهرا"));
    let begun = Instant::now();
    let _ = till.sell(&Goods::by_phone(&phone, 1_250_000)).await.created();
    let text = stage.told(&phone, "۱٬۲۵۷ امتیاز").await;
    let after = begun.elapsed();
    println!("a purchase is told after {after:?}");
    assert!(text.contains(&today(Language::Fa)), "{text}");
    assert!(text.contains(&format!("{} ریال", digits::amount(1_250_000, 2, Language::Fa))), "{text}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let all = stage.sent_to(&phone);
    assert_eq!(all.len(), 2, "one when they joined, one for the purchase: {all:#?}");

    // Members of other languages read theirs.
    for (language, words) in [("ar", "نقطة"), ("en", "points")] {
        let phone = journeys::phone();
        let body = json!({"phone": phone, "first_name": "Sara", "language": language});
        let _ = till.send(Call::post("/v1/members").json(&body)).await.created();
        let _ = till.sell(&Goods::by_phone(&phone, 20_000)).await.created();
        let _ = stage.told(&phone, words).await;
    }
    let log = operator.get(format!("/v1/members/{member}/messages")).await.ok();
    let kinds: BTreeSet<&str> =
        log["messages"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["earned", "joined"]));
}

/// N2: a table of what is told of what.
async fn what_happens_to_points_is_told_to_whom_it_concerns(stage: Stage) {
    let operator = stage.as_operator();
    let mut document = programme(&[]);
    document["transfers"] = json!({"to": "anyone", "acceptance": true});
    let gold = json!({"code": "gold", "name": {"fa": "طلایی", "ar": "ذهبي", "en": "Gold"}, "from": 100});
    document["tiers"] = json!({"measure": "points", "period": "year", "levels": [gold]});
    operator.make_live(&document).await;
    let till = operator.open_shop().await;
    let (phone, zahra) = till.welcome().await;
    let (other, _) = till.welcome().await;
    let goods = Goods::by_phone(&phone, 500_000);
    let _ = till.sell(&goods).await.created();
    assert!(stage.told(&phone, "طلایی").await.contains("Vafa"), "a tier goes by its name");

    // Points are set aside, redeemed, and come back.
    let spend = |points: i64| json!({"member": {"phone": phone}, "points": points});
    let post =
        |path: &str, body: Value| till.send(Call::post(path).idempotency_key(&fresh("key")).json(&body));
    let _ = post("/v1/holds", spend(33)).await.created();
    let _ = stage.told(&phone, "۳۳").await;
    let spent = post("/v1/redemptions", spend(41)).await.created();
    let _ = stage.told(&phone, "۴۱").await;
    let undo = format!("/v1/redemptions/{}/reversal", spent["id"].as_str().unwrap());
    let before = stage.sent_to(&phone).len();
    let _ = post(&undo, json!({})).await.created();
    told_more(&stage, &phone, before).await;
    let back = json!({
        "purchase": {"branch": till.branch.code, "till": till.code, "receipt": goods.0["receipt"]},
        "receipt": fresh("B"), "occurred_at": journeys::now(), "currency": "IRR", "amount": 100_000,
    });
    let _ = till.give_back(&fresh("key"), &back).await.created();
    let _ = stage.told(&phone, "۱٬۰۰۰ ریال").await;

    // A transfer waits for the other one's word.
    let mut me = stage.sign_in(&phone, 1).await;
    stage.raise(&mut me, &phone, 2).await;
    let gift = json!({"from": zahra, "to": {"phone": other}, "points": 61});
    let sent =
        me.send(Call::post("/v1/transfers").idempotency_key(&fresh("key")).json(&gift)).await.created();
    let _ = stage.told(&other, "۶۱").await;
    let _ = stage.told(&phone, "۶۱").await;
    let (mine, theirs) = (stage.sent_to(&phone).len(), stage.sent_to(&other).len());
    let friend = stage.sign_in(&other, 1).await;
    let id = sent["transfer"]["transfer_id"].as_str().unwrap().to_owned();
    let _ = friend.send(Call::post(format!("/v1/transfers/{id}/accept"))).await.ok();
    told_more(&stage, &phone, mine).await;
    told_more(&stage, &other, theirs).await;

    redeems_a_mug(&operator, &me).await;
    // A reward goes by its name.
    let _ = stage.told(&phone, "ماگ سفالی").await;
    super::redemptions::audit_is_clean(&stage).await;
}

async fn redeems_a_mug(operator: &Operator, me: &SignedIn) {
    let mug = json!({
        "name": {"fa": "ماگ سفالی", "en": "A mug"}, "kind": {"type": "free_item", "sku": "mug"},
        "points": 100, "voucher_days": 30,
    });
    let _ = operator.put("/v1/rewards/mug", &mug).await.ok();
    let live = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put("/v1/rewards/mug/schedule", &live).await.ok();
    let wish = Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key"));
    let asked = me.send(wish.json(&json!({"reward": "mug"}))).await;
    assert!([201, 202].contains(&asked.status()), "{}", asked.text());
}

/// Waits until a phone was told more than so much.
async fn told_more(stage: &Stage, phone: &str, before: usize) {
    let begun = Instant::now();
    while stage.sent_to(phone).len() <= before {
        assert!(begun.elapsed() < Duration::from_secs(20), "{:#?}", stage.sent_to(phone));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// N6: the log says what, when and how, and never the words; erasure takes it along.
async fn what_was_sent_is_logged_without_words_and_leaves_with_the_member(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 20_000)).await.created();
    let _ = stage.told(&phone, "۲۰ امتیاز").await;
    let path = format!("/v1/members/{member}/messages");
    let log = until(&stage, &path, |log| {
        let all = log["messages"].as_array().unwrap();
        all.len() == 2 && all.iter().all(|one| one["state"] == "sent")
    })
    .await;
    assert!(!log.to_string().contains(&phone[4..]) && !log.to_string().contains("امتیاز"), "{log}");
    let queue = operator.get("/v1/message-queue").await.ok();
    assert_eq!((&queue["dead"], &queue["lanes"][0]["lane"]), (&json!(0), &json!("code")));
    let costs = operator.get("/v1/message-costs").await.ok();
    assert_eq!(costs["costs"][0]["provider"], "outbox");
    till.get(path.clone()).await.refused(403, "web.access_denied");

    super::redemptions::audit_is_clean(&stage).await;
}

async fn until(stage: &Stage, path: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let found = stage.as_operator().get(path).await.ok();
        if is_it(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
