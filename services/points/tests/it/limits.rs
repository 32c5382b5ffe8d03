//! Caps and budgets: kept by two replicas at once, told in the trace, refused where they make no sense.

use futures_util::future::join_all;
use kernel::IdentifierKind;
use serde_json::{Value, json};
use store::Backend;

use crate::shop::{Shop, base, basket, member, on_both, programme, rule};

const MEMBERS: u32 = 4;

/// A programme with these caps and budgets.
fn limited(rules: &[Value], caps: Value, budgets: Value) -> Value {
    let mut document = programme(rules);
    document["caps"] = caps;
    document["budgets"] = budgets;
    document
}

/// Five members' worth of points for a budget of three: every purchase is worth 10 points.
async fn sells_with_limits(shop: &Shop) {
    let caps = json!([{"code": "daily", "points": 45, "per": "member", "every": "day"}]);
    let budgets = json!([{"code": "launch", "points": 123, "every": "ever", "rules": ["base"]}]);
    shop.operator().put("/v1/programme", limited(&[base()], caps, budgets)).await.expect(201);
    for n in 0..MEMBERS {
        shop.joined(member(100 + u128::from(n)), &phone(n), IdentifierKind::Phone).await;
    }
}

fn phone(n: u32) -> String {
    format!("+98912000{n:04}")
}

/// Forty purchases at once at two replicas; whether both limits hold afterwards.
async fn rush(shop: &Shop, round: usize) -> bool {
    let other = shop.replica().await;
    let senders = [shop.till_of("vanak", "till-1"), other.till_of("tajrish", "till-1")];
    let all = (0..40_u32).map(|n| {
        let sender = senders[usize::from(n % 2 == 1)].clone();
        async move {
            let mut body = basket(&format!("R{round}-{n}"), 100_000);
            body["member"] = json!({"phone": phone(n / 2 % MEMBERS)});
            sender.buy(&format!("k{round}-{n}"), &body).await.expect(201)
        }
    });
    join_all(all).await;
    let most = shop.number("SELECT CAST(MAX(balance) AS bigint) FROM accounts").await;
    let sum = shop.number("SELECT CAST(SUM(balance) AS bigint) FROM accounts").await;
    most <= 45 && sum <= 123
}

/// The planted bug: what a transaction counts is not there when the next one looks.
pub async fn forget_tallies(shop: &Shop) {
    let planted: &[&str] = match shop.database.backend() {
        Backend::Sqlite => &[
            "CREATE TRIGGER forget AFTER INSERT ON tallies BEGIN UPDATE tallies SET used = 0 WHERE id = NEW.id; END",
            "CREATE TRIGGER forget_more AFTER UPDATE ON tallies WHEN NEW.used > 0 BEGIN UPDATE tallies SET used = 0 WHERE id = NEW.id; END",
        ],
        Backend::Postgres => &[
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.used := 0; RETURN NEW; END'",
            "CREATE TRIGGER forget BEFORE INSERT OR UPDATE ON tallies FOR EACH ROW EXECUTE FUNCTION forget()",
        ],
    };
    for sql in planted {
        shop.execute(sql).await;
    }
}

on_both! {
    async fn limits_hold_when_two_replicas_sell_at_once(shop: Shop) {
        sells_with_limits(&shop).await;
        for round in 0..3 {
            assert!(rush(&shop, round).await, "a limit is exceeded");
        }
        let sum = shop.number("SELECT CAST(SUM(balance) AS bigint) FROM accounts").await;
        assert_eq!((sum, shop.rows().await[0]), (123, 120), "all of the budget is given, and every purchase is recorded");
        shop.holds().await;
    }

    async fn a_count_that_is_lost_is_noticed(shop: Shop) {
        sells_with_limits(&shop).await;
        forget_tallies(&shop).await;
        assert!(!rush(&shop, 0).await, "the test does not see the planted bug");
    }

    async fn the_rest_of_a_limit_is_given_and_the_trace_says_why_not_more(shop: Shop) {
        let gift = rule("gift", json!({"fixed": {"points": 30}}));
        let caps = json!([
            {"code": "seat", "points": 70, "per": "cashier", "every": "day"},
            {"code": "till", "points": 1_000, "per": "till", "every": "month"},
        ]);
        let budgets = json!([{"code": "gifts", "points": 50, "per": "branch", "every": "ever", "rules": ["gift"]}]);
        shop.operator().put("/v1/programme", limited(&[base(), gift], caps, budgets)).await.expect(201);
        let mut body = basket("R1", 200_000);
        body["cashier"] = "c-1".into();
        let told = async |receipt: &str, body: &Value| {
            let mut body = body.clone();
            body["receipt"] = receipt.into();
            let answer = shop.till().buy(receipt, &body).await.expect(201);
            let rules = answer["rules"].as_array().expect("rules").iter();
            let told: Vec<_> = rules.map(|r| (r["points"].as_i64(), r["skipped"].as_str().map(str::to_owned))).collect();
            (answer["points"].as_i64(), told)
        };
        let (cap, budget) = (Some("cap_reached".to_owned()), Some("budget_spent".to_owned()));
        assert_eq!(told("R1", &body).await, (Some(50), vec![(Some(20), None), (Some(30), None)]));
        assert_eq!(told("R2", &body).await, (Some(20), vec![(Some(20), None), (Some(0), cap.clone())]));
        assert_eq!(told("R3", &body).await, (Some(0), vec![(Some(0), cap.clone()), (Some(0), cap)]));
        // Another cashier goes on, but for the budget of the branch.
        body["cashier"] = "c-2".into();
        assert_eq!(told("R4", &body).await, (Some(40), vec![(Some(20), None), (Some(20), budget)]));
        // Who names no cashier counts with the till.
        body.as_object_mut().expect("an object").remove("cashier");
        assert_eq!(told("R5", &body).await.0, Some(20));
        // A repetition counts nothing, and a new day is a new cap.
        body["cashier"] = "c-1".into();
        body["receipt"] = "R3".into();
        assert!(shop.till().buy("R3", &body).await.replayed);
        shop.days_later(1);
        assert_eq!(told("R6", &body).await.0, Some(20));
        shop.holds().await;
    }

    async fn a_rehearsal_uses_nothing(shop: Shop) {
        let caps = json!([{"code": "daily", "points": 15, "per": "member", "every": "day"}]);
        shop.operator().put("/v1/programme", limited(&[base()], caps, json!([]))).await.expect(201);
        for _ in 0..3 {
            let rehearsed = shop.till().rehearse("k1", &basket("R1", 100_000)).await.expect(200);
            assert_eq!(rehearsed["points"], 10);
        }
        shop.till().buy("k1", &basket("R1", 100_000)).await.expect(201);
        assert_eq!(shop.till().rehearse("k2", &basket("R2", 100_000)).await.expect(200)["points"], 5);
        assert_eq!(shop.number("SELECT CAST(SUM(used) AS bigint) FROM tallies").await, 10);
    }

    async fn limits_that_make_no_sense_are_refused(shop: Shop) {
        let caps = json!([
            {"code": "a", "points": 0, "every": "day"},
            {"code": "No Code", "points": 1, "per": "till", "every": "ever", "rules": ["nobody"]},
        ]);
        let budgets = json!([{"code": "a", "points": 1, "per": "member", "every": "day"}]);
        let refused = shop.operator().put("/v1/programme", limited(&[base()], caps, budgets)).await;
        let problem = refused.refused(422, "points.programme_invalid");
        let mistakes = problem["mistakes"].as_array().expect("a list").iter();
        let told: Vec<_> = mistakes.map(|m| (m["pointer"].as_str().expect("text"), m["reason"].as_str().expect("text"))).collect();
        assert_eq!(told, [
            ("/caps/0/points", "points_out_of_range"),
            ("/caps/0/per", "cap_of_nobody"),
            ("/caps/1/code", "not_a_limit_code"),
            ("/caps/1/rules/0", "unknown_rule"),
            ("/budgets/0/code", "code_twice"),
            ("/budgets/0/per", "budget_of_a_person"),
        ]);
    }
}
