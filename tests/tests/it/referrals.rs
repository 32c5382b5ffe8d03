//! Members bring friends: a code that is passed on, a friend who joins with it, and points for both (J6).

use std::time::{Duration, Instant};

use journeys::{Goods, Operator, SignedIn, Stage, Till, alone_in_both_shapes, fresh, now, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_friend_who_buys_earns_for_both_once,
    nobody_brings_themselves,
);

async fn promise(operator: &Operator) {
    let words = json!({"fa": "به باشگاه بیا: {link}", "ar": "انضم إلى النادي: {link}", "en": "Join the club: {link}"});
    let terms = json!({
        "minimum_amount": 5_000, "currency": "IRR", "days": 30, "join_days": 7, "per_month": 10,
        "link": "https://club.example/join?code={code}", "invitation": words,
    });
    let _ = operator.put("/v1/referral-terms", &terms).await.created();
    let name = json!({"fa": "معرفی", "ar": "دعوة", "en": "Referral"});
    let rule = |action: &str, points: u32| json!({"code": action, "name": name, "on": {"action": action}, "give": {"fixed": {"points": points}}});
    let mut document = programme(&[]);
    document["actions"] = json!([rule("referral", 100), rule("referred", 40)]);
    operator.make_live(&document).await;
}

/// Waits until a member has so many points.
async fn comes_to(till: &Till, member: &str, points: i64) {
    let begun = Instant::now();
    loop {
        let balance = till.balance_of(member).await;
        if balance["points"] == points {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "not {points}: {balance}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn code_of(me: &SignedIn) -> Value {
    let made = me.send(Call::put(me.own("/referral-code"))).await.created();
    assert!(made["link"].as_str().unwrap().ends_with(made["code"].as_str().unwrap()));
    json!({"code": made["code"]})
}

async fn a_friend_who_buys_earns_for_both_once(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    promise(&operator).await;
    let (phone, a) = till.welcome().await;
    let me = stage.sign_in(&phone, 1).await;
    let code = code_of(&me).await;

    // One friend gives the code at the till, another one in the app.
    let (at_till, b) = till.welcome().await;
    let path = format!("/v1/members/{b}/referral");
    let _ = till.send(Call::put(path.clone()).json(&code)).await.created();
    assert_eq!(till.send(Call::put(path).json(&code)).await.ok()["state"], "open");
    let (in_app, c) = till.welcome().await;
    let friend = stage.sign_in(&in_app, 1).await;
    let _ = friend.send(Call::put(friend.own("/referral")).json(&code)).await.created();
    friend.get(format!("/v1/members/{a}/referrals")).await.refused(403, "web.access_denied");

    let small = till.sell(&Goods::by_phone(&at_till, 4_000)).await.created();
    assert_eq!(small["points"], 4);
    let goods = Goods::by_phone(&at_till, 6_000);
    let _ = till.sell(&goods).await.created();
    comes_to(&till, &b, 50).await;
    comes_to(&till, &a, 100).await;
    let _ = till.sell(&Goods::by_phone(&at_till, 6_000)).await.created();
    let _ = till.sell(&Goods::by_phone(&in_app, 5_000)).await.created();
    comes_to(&till, &c, 45).await;
    comes_to(&till, &a, 200).await;
    assert_eq!(till.balance_of(&b).await["points"], 56, "once");
    let seen = me.get(me.own("/referrals")).await.ok();
    assert_eq!((&seen["friends"]["counted"], &seen["friends"]["open"]), (&json!(2), &json!(0)));
    assert!(!seen.to_string().contains(&b));

    // What made it count comes back, and both give back what it earned.
    let back = json!({
        "purchase": {"till": till.code, "receipt": goods.0["receipt"]},
        "receipt": fresh("back"), "occurred_at": now(), "currency": goods.0["currency"],
    });
    let _ = till.give_back(&fresh("key"), &back).await.created();
    comes_to(&till, &a, 100).await;
    comes_to(&till, &b, 10).await;
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let listed = agent.get(format!("/v1/members/{a}/referred-friends")).await.ok();
    let mut states: Vec<_> =
        listed["friends"].as_array().unwrap().iter().map(|one| one["state"].to_string()).collect();
    states.sort();
    assert_eq!(states, ["\"counted\"", "\"undone\""]);
    me.get(format!("/v1/members/{a}/referred-friends")).await.refused(403, "web.access_denied");
}

async fn signed_in_on(stage: &Stage, phone: &str, installation: &str) {
    let asked = stage.call(Call::post("/v1/sign-in/codes").json(&json!({"phone": phone}))).await.with(202);
    let code = stage.code_for(phone, 1).await;
    let body = json!({"sign_in_id": asked["sign_in_id"], "code": code, "installation": installation});
    let _ = stage.call(Call::post("/v1/sign-in/tokens").json(&body)).await.ok();
}

async fn nobody_brings_themselves(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    promise(&operator).await;
    let (phone, a) = till.welcome().await;
    let made = till.send(Call::put(format!("/v1/members/{a}/referral-code"))).await.created();
    let code = json!({"code": made["code"]});
    let give =
        async |member: &str| till.send(Call::put(format!("/v1/members/{member}/referral")).json(&code)).await;
    give(&a).await.refused(422, "membership.referral_own");
    // The same phone is the same member, however often it joins.
    let again = till.join(&phone, "Sara").await.ok();
    assert_eq!(again["member_id"], json!(a));
    let (second, b) = till.welcome().await;
    let installation = fresh("installation-of-one-phone");
    signed_in_on(&stage, &phone, &installation).await;
    signed_in_on(&stage, &second, &installation).await;
    give(&b).await.refused(422, "membership.referral_same_device");
    let (third, c) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&third, 6_000)).await.created();
    let begun = Instant::now();
    while till.get(format!("/v1/members/{c}")).await.ok()["activity"].is_null() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the purchase was never heard of");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    give(&c).await.refused(422, "membership.referral_late");
    assert_eq!(till.balance_of(&c).await["points"], 6);
}
