//! Instant rewards and draw tickets: in the same answer to the till, never more than there may be, taken back by returns.

use contracts::points::{GrantKind, RewardsGranted, RewardsRevoked};
use futures_util::future::join_all;
use kernel::IdentifierKind;
use serde_json::{Value, json};

use crate::limits::forget_tallies;
use crate::rule_text::read_rule;
use crate::sender::Answer;
use crate::shop::{Shop, basket, member, on_both, programme};

fn said(text: &str) -> Value {
    read_rule(text).unwrap_or_else(|| panic!("no rule: {text}"))
}

/// Rule and quantity of each grant under a field.
fn grants(answer: &Value, field: &str) -> Vec<(String, i64)> {
    let all = answer[field].as_array().into_iter().flatten();
    all.map(|g| (g["rule"].as_str().expect("a code").to_owned(), g["quantity"].as_i64().expect("a number")))
        .collect()
}

fn some(rule: &str, quantity: i64) -> (String, i64) {
    (rule.to_owned(), quantity)
}

/// Brings back so much of receipt R1.
async fn back(shop: &Shop, key: &str, amount: Option<i64>) -> Answer {
    let body = json!({
        "purchase": {"till": "till-1", "receipt": "R1"}, "receipt": key, "currency": "IRR", "amount": amount,
        "occurred_at": crate::shop::START,
    });
    shop.till().give_back(key, &body).await
}

fn phone(n: u32) -> String {
    format!("+98912001{n:04}")
}

const MEMBERS: u32 = 8;

/// A hundred coffees, and no more than twenty for each member, for two hundred and forty purchases at three replicas: how many were
/// answered, how many told, and the most of one member.
async fn rush(shop: &Shop) -> (i64, i64, i64) {
    let coffee = said("coffee: reward espresso; most 100; most 20 per member every day");
    shop.operator().put("/v1/programme", programme(&[coffee])).await.expect(201);
    for n in 0..MEMBERS {
        shop.joined(member(100 + u128::from(n)), &phone(n), IdentifierKind::Phone).await;
    }
    let others = [shop.replica().await, shop.replica().await];
    let senders = [
        shop.till_of("vanak", "till-1"),
        others[0].till_of("tajrish", "till-1"),
        others[1].till_of("isf-1", "till-1"),
    ];
    let all = (0..240_u32).zip((0..senders.len()).cycle()).map(|(n, at)| {
        let sender = senders[at].clone();
        async move {
            let mut body = basket(&format!("R{n}"), 100_000);
            body["member"] = json!({"phone": phone(n / 2 % MEMBERS)});
            let answer = sender.buy(&format!("k{n}"), &body).await.expect(201);
            grants(&answer, "rewards").into_iter().map(|(_, quantity)| quantity).sum::<i64>()
        }
    });
    let answered = join_all(all).await.into_iter().sum();
    let told = shop.told::<RewardsGranted>().await;
    assert!(told.iter().all(|(seq, _)| *seq == 1), "each purchase has facts of its own");
    let most = (0..MEMBERS).map(|n| {
        let own = told.iter().filter(|(_, fact)| fact.member_id == member(100 + u128::from(n)));
        own.flat_map(|(_, fact)| &fact.grants).map(|grant| grant.quantity).sum::<i64>()
    });
    let most = most.max().unwrap_or_default();
    (answered, told.iter().flat_map(|(_, fact)| &fact.grants).map(|grant| grant.quantity).sum(), most)
}

on_both! {
    async fn a_reward_goes_with_the_lines_that_it_was_for(shop: Shop) {
        let mut coffee = said("coffee: reward espresso");
        let mut tea = said("tea: 5 tickets of spring");
        for rule in [&mut coffee, &mut tea] {
            rule["when"]["items"] = json!({"skus": ["tea"]});
        }
        let each = said("each: 1 ticket of spring per 100000");
        shop.operator().put("/v1/programme", programme(&[coffee, tea, each])).await.expect(201);
        let mut body = basket("R1", 1_000_000);
        let line = |sku: &str, quantity: i64, amount: i64| json!({"sku": sku, "quantity_milli": quantity, "amount": amount});
        body["lines"] = json!([line("milk", 1_000, 400_000), line("tea", 3_000, 600_000)]);
        let bought = shop.till().buy("k1", &body).await.expect(201);
        assert_eq!(grants(&bought, "rewards"), [some("coffee", 1), some("tea", 5), some("each", 10)]);
        let brings = async |key: &str, lines: Value| {
            let body = json!({"purchase": {"till": "till-1", "receipt": "R1"}, "receipt": key, "currency": "IRR", "lines": lines,
                "occurred_at": crate::shop::START});
            let answer = shop.till().give_back(key, &body).await.expect(201);
            grants(&answer, "rewards_revoked")
        };
        assert_eq!(brings("b1", json!([{"sku": "milk"}])).await, [some("each", 4)], "milk brought no coffee");
        assert_eq!(brings("b2", json!([{"sku": "tea", "quantity_milli": 2_000}])).await, [some("tea", 3), some("each", 4)]);
        assert_eq!(brings("b3", json!([{"sku": "tea"}])).await, [some("coffee", 1), some("tea", 2), some("each", 2)]);
        let told: i64 = shop.told::<RewardsRevoked>().await.iter().flat_map(|(_, fact)| &fact.grants).map(|grant| grant.quantity).sum();
        assert_eq!(told, 16, "all of it, and no more");
        shop.holds().await;
    }

    async fn exactly_as_many_are_given_as_there_may_be(shop: Shop) {
        let (answered, told, most) = rush(&shop).await;
        assert_eq!((answered, told), (100, 100));
        assert!(most <= 20, "one member got {most}");
        shop.holds().await;
    }

    async fn a_reward_that_is_given_twice_is_noticed(shop: Shop) {
        forget_tallies(&shop).await;
        let (answered, told, most) = rush(&shop).await;
        assert!(answered > 100 && told > 100 && most > 20, "the test does not see the planted bug");
    }

    async fn rewards_come_with_the_answer_and_are_told_once(shop: Shop) {
        let shop = shop.selling(&[
            said("gift: reward coffee 2; from 50000; most 3 per branch every month"),
            said("lot: 3 tickets of new-year per 20000; most 10"),
            said("base: 1 point per 10000"),
            said("double: times 200"),
        ]).await;
        let rehearsed = shop.till().rehearse("k1", &basket("R1", 50_000)).await.expect(200);
        assert_eq!(grants(&rehearsed, "rewards"), [some("gift", 2), some("lot", 6)]);
        let answer = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let expected = json!([
            {"rule": "gift", "kind": "instant_reward", "code": "coffee", "quantity": 2},
            {"rule": "lot", "kind": "draw_tickets", "code": "new-year", "quantity": 6},
        ]);
        assert_eq!((&answer["rewards"], &answer["points"]), (&expected, &json!(10)));
        let again = shop.till().buy("k1", &basket("R1", 50_000)).await;
        assert!(again.replayed);
        assert_eq!(again.body["rewards"], expected);
        let path = format!("/v1/purchases/{}", answer["purchase_id"].as_str().expect("an id"));
        assert_eq!(shop.operator().get(&path).await.expect(200)["rewards"], expected, "as it is kept");
        // The rest of a limit is given, and the trace says why not more.
        let answer = shop.till().buy("k2", &basket("R2", 60_000)).await.expect(201);
        assert_eq!(grants(&answer, "rewards"), [some("gift", 1), some("lot", 4)]);
        assert_eq!((&answer["rules"][0]["skipped"], &answer["rules"][1]["skipped"]), (&json!("quota_reached"), &json!("quota_reached")));
        let answer = shop.till().buy("k3", &basket("R3", 60_000)).await.expect(201);
        assert!(answer.get("rewards").is_none());
        assert_eq!(answer["rules"][0]["reason"], "As many of this reward as there may be have been given.");
        // Another branch has coffees of its own; tickets are counted together.
        let mut there = basket("R4", 50_000);
        there["member"] = json!({"id": member(2).to_string()});
        let answer = shop.till_of("tajrish", "till-1").buy("k4", &there).await.expect(201);
        assert_eq!(grants(&answer, "rewards"), [some("gift", 2)]);
        // Too little for a ticket is no ticket, and no reason either.
        let answer = shop.till().buy("k5", &basket("R5", 10_000)).await.expect(201);
        assert_eq!((&answer["rules"][0]["skipped"], answer["rules"][1].get("skipped")), (&json!("basket_too_small"), None));
        let told: Vec<_> = shop.told::<RewardsGranted>().await.into_iter().map(|(_, fact)| fact.grants.len()).collect();
        assert_eq!(told, [2, 2, 1], "a fact for each purchase that brought any");
        shop.holds().await;
    }

    async fn returns_take_rewards_and_tickets_back(shop: Shop) {
        let shop = shop.selling(&[
            said("gift: reward coffee; from 50000"), said("lot: 1 ticket of new-year per 10000"), said("base: 1 point per 10000"),
        ]).await;
        shop.till().buy("k1", &basket("R1", 100_000)).await.expect(201);
        let first = back(&shop, "B1", Some(45_000)).await.expect(201);
        assert_eq!((grants(&first, "rewards_revoked"), &first["points_taken"]), (vec![some("lot", 4)], &json!(4)));
        let second = back(&shop, "B2", Some(10_000)).await.expect(201);
        assert_eq!(grants(&second, "rewards_revoked"), [some("gift", 1), some("lot", 1)], "too little is kept for the coffee");
        let path = format!("/v1/returns/{}", second["return_id"].as_str().expect("an id"));
        assert_eq!(shop.operator().get(&path).await.expect(200)["rewards_revoked"], second["rewards_revoked"]);
        let again = back(&shop, "B2", Some(10_000)).await;
        assert!(again.replayed && again.body["rewards_revoked"] == second["rewards_revoked"]);
        let third = back(&shop, "B3", None).await.expect(201);
        assert_eq!(grants(&third, "rewards_revoked"), [some("lot", 5)]);
        let told = shop.told::<RewardsRevoked>().await;
        let seqs: Vec<u64> = told.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(seqs, [2, 3, 4], "the purchase was the first");
        let tickets = told.iter().flat_map(|(_, fact)| &fact.grants).filter(|g| g.kind == GrantKind::DrawTickets);
        assert_eq!(tickets.map(|grant| grant.quantity).sum::<i64>(), 10);
        shop.holds().await;
    }

    async fn a_return_of_a_plain_purchase_tells_of_no_rewards(shop: Shop) {
        let shop = shop.selling(&[said("base: 1 point per 10000"), said("gift: reward coffee; from 900000")]).await;
        shop.till().buy("k1", &basket("R1", 100_000)).await.expect(201);
        let answer = back(&shop, "B1", None).await.expect(201);
        assert!(answer.get("rewards_revoked").is_none());
        assert!(shop.told::<RewardsGranted>().await.is_empty() && shop.told::<RewardsRevoked>().await.is_empty());
    }

    async fn mistakes_of_rewards_are_found_at_once(shop: Shop) {
        let mut wrong = said("a: reward coffee 1001; lasts 3 months; best of offer; most 0; most 5 per member; most 6 per member");
        wrong["give"]["instant_reward"]["reward"] = "No Code".into();
        wrong["pending"] = json!({"days": 3});
        let rules = [wrong, said("b: 0 tickets of Draw"), said("c: times 200 of a"), said("d: 1 point")];
        let mut document = programme(&rules);
        document["rules"][1]["give"]["draw_tickets"]["amount"] = 0.into();
        document["caps"] = json!([{"code": "day", "points": 5, "per": "member", "every": "day", "rules": ["a"]}]);
        let problem = shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
        let mistakes = problem["mistakes"].as_array().expect("a list").iter();
        let found: Vec<_> = mistakes.map(|m| (m["pointer"].as_str().expect("text"), m["reason"].as_str().expect("text"))).collect();
        assert_eq!(found, [
            ("/rules/0/give/instant_reward/reward", "not_a_reward_code"),
            ("/rules/0/give/instant_reward/quantity", "quantity_out_of_range"),
            ("/rules/0/give/instant_reward/at_most/0/units", "quantity_out_of_range"),
            ("/rules/0/give/instant_reward/at_most/2", "quota_twice"),
            ("/rules/0/expiry", "gives_no_points"),
            ("/rules/0/pending", "gives_no_points"),
            ("/rules/0/group", "gives_no_points"),
            ("/rules/1/give/draw_tickets/draw", "not_a_draw_code"),
            ("/rules/1/give/draw_tickets/tickets", "quantity_out_of_range"),
            ("/rules/1/give/draw_tickets/amount", "amount_out_of_range"),
            ("/rules/2/give/multiplier/of/0", "gives_no_points"),
            ("/caps/0/rules/0", "gives_no_points"),
        ]);
    }
}
