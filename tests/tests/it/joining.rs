//! A customer becomes a member, and a purchase becomes points (J1, J3, P1, P3).

mod by_text;

use std::sync::Arc;

use journeys::{Goods, Stage, in_both_shapes, phone};
use locale::digits::to_local;
use serde_json::json;
use vafa::client::Call;

in_both_shapes!(
    a_customer_joins_at_the_till_and_the_first_purchase_names_points_and_balance,
    joining_again_in_any_digits_answers_the_same_member,
    a_purchase_right_after_joining_finds_the_member,
    an_unknown_phone_tells_how_to_join,
    a_member_is_known_by_phone_card_and_id,
    a_customer_joins_in_the_app_earns_at_once_and_signs_in,
);

/// J1, P1, P3.
async fn a_customer_joins_at_the_till_and_the_first_purchase_names_points_and_balance(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let phone = phone();
    let joined = till.join(&phone, "زهرا").await.created();
    assert_eq!((&joined["first_name"], &joined["status"]), (&json!("زهرا"), &json!("active")));
    assert_eq!(joined["joined_branch"], till.branch.code);

    let sold = till.sell(&Goods::by_phone(&phone, 125_999)).await.created();
    assert_eq!((&sold["points"], &sold["balance"]["points"]), (&json!(125), &json!(125)));
    assert_eq!(sold["rules"][0]["rule"], "base");
    assert_eq!(sold["balance"]["expires_next"]["points"], 125);
    let balance = till.balance_of(joined["member_id"].as_str().unwrap()).await;
    assert_eq!(balance["points"], 125);
    assert_eq!(balance["account_version"], sold["balance"]["account_version"]);
}

/// J1: idempotent by phone, however it is typed.
async fn joining_again_in_any_digits_answers_the_same_member(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let phone = phone();
    let member = till.join(&phone, "Sara").await.created()["member_id"].clone();
    let national = phone.replace('+', "00");
    let typed = [
        phone.clone(),
        to_local(&phone, kernel::Language::Fa).into_owned(),
        to_local(&national, kernel::Language::Ar).into_owned(),
        format!("{} {}", &phone[..4], &phone[4..]),
    ];
    for way in typed {
        let again = till.join(&way, "Another").await.ok();
        assert_eq!((&again["member_id"], &again["first_name"]), (&member, &json!("Sara")), "{way}");
        let sold = till.sell(&Goods::by_phone(&way, 1_000)).await.created();
        assert_eq!(sold["member_id"], member, "{way}");
    }
}

/// Read your writes: the facts of a customer who joined a moment ago are still on their way.
async fn a_purchase_right_after_joining_finds_the_member(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    for _ in 0..20 {
        let (phone, member) = till.welcome().await;
        let sold = till.sell(&Goods::by_phone(&phone, 3_000)).await.created();
        assert_eq!((&sold["member_id"], &sold["balance"]["points"]), (&json!(member), &json!(3)));
        assert_eq!(till.balance_of(&member).await["points"], 3);
    }
}

/// J1: the till learns what to do about a customer whom nobody knows.
async fn an_unknown_phone_tells_how_to_join(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let phone = phone();
    let goods = Goods::by_phone(&phone, 9_000);
    let problem = till.sell(&goods).await.refused(404, "points.customer_unknown");
    assert_eq!(problem["pointer"], "/member/phone");
    assert_eq!(problem["join"]["path"], "/v1/members");
    let looked_up = till.post("/v1/members/lookup", &json!({"phone": phone})).await;
    looked_up.refused(404, "membership.identifier_unknown");

    // As it was told: join with what it needs, then the same purchase again.
    let (path, needs) = (problem["join"]["path"].as_str().unwrap(), &problem["join"]["needs"]);
    assert_eq!(*needs, json!(["phone", "first_name"]));
    let _ = till.post(path, &json!({"phone": phone, "first_name": "يوسف"})).await.created();
    assert_eq!(till.sell(&goods).await.created()["points"], 9);
}

/// J3.
async fn a_member_is_known_by_phone_card_and_id(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let card = till.post(&format!("/v1/members/{member}/cards"), &json!({})).await.created();
    let card = card["number"].as_str().unwrap();
    let spaced = format!("{} {}", &card[..4], to_local(&card[4..], kernel::Language::Fa));
    for (round, who) in
        [json!({"phone": phone}), json!({"card": card}), json!({"card": spaced}), json!({"id": member})]
            .into_iter()
            .enumerate()
    {
        let sold = till.sell(&Goods::by(&who, 2_000)).await.created();
        assert_eq!(sold["member_id"], member, "{who}");
        assert_eq!(sold["balance"]["points"], 2 * (round + 1), "{who}");
    }
    for who in [json!({"phone": phone}), json!({"card": card})] {
        let found = till.post("/v1/members/lookup", &who).await.ok();
        assert_eq!(found["member_id"], member);
        assert!(!found.to_string().contains(&phone[1..]), "a look-up shows no whole phone: {found}");
    }
}

/// J1, J8: the app asks phone and first name in one step; who buys meanwhile earns.
async fn a_customer_joins_in_the_app_earns_at_once_and_signs_in(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let phone = phone();
    let body = json!({"phone": phone, "first_name": "مریم", "language": "fa"});
    let asked = stage.call(Call::post("/v1/sign-in/codes").json(&body)).await.with(202);
    let code = stage.code_for(&phone, 1).await;
    let sold = till.sell(&Goods::by_phone(&phone, 40_000)).await.created();
    assert_eq!(sold["balance"]["points"], 40);
    let seen = till.post("/v1/members/lookup", &json!({"phone": phone})).await.ok();
    assert_eq!((&seen["first_name"], &seen["phone_confirmed"]), (&json!("مریم"), &json!(false)));
    let typed = json!({"sign_in_id": asked["sign_in_id"], "code": code});
    let me = stage.call(Call::post("/v1/sign-in/tokens").json(&typed)).await.ok();
    assert_eq!(me["member_id"], sold["member_id"]);
    let seen = till.post("/v1/members/lookup", &json!({"phone": phone})).await.ok();
    assert_eq!(seen["phone_confirmed"], true);
    // The same step again is a sign-in like any other.
    let again = json!({"phone": phone, "first_name": "Sara"});
    let _ = stage.call(Call::post("/v1/sign-in/codes").json(&again)).await.with(202);
    stage.code_for(&phone, 2).await;
    let seen = till.post("/v1/members/lookup", &json!({"phone": phone})).await.ok();
    assert_eq!(seen["first_name"], "مریم");
}
