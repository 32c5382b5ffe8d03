//! Paid plans: every payment buys one period, and where a plan stands is told once (J7).

use contracts::membership::PlanStandingChanged;
use futures_util::future::join_all;
use membership::commands::end_plan::pass_plans;
use serde_json::{Value, json};

use crate::{
    club::{Answer, Club, Sender, on_both},
    leaving::count,
    profile::joined,
};

const A: &str = "+989121234567";
const DAY: i64 = 86_400;
const PRICE: i64 = 500_000;

fn terms() -> Value {
    let words = json!({"fa": "ویژه", "ar": "مميز", "en": "Plus"});
    json!({
        "name": words, "benefits": words, "period": "month", "price": PRICE, "currency": "IRR",
        "renew_days": 7, "grace_days": 3,
    })
}

/// A member of a chain that sells a plan.
impl Sender<'_> {
    /// With an `Idempotency-Key`.
    fn keyed(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }
}

async fn selling(club: Club) -> (Club, String) {
    let club = club.with_places().await;
    club.operator().put("/v1/plans/plus", terms()).await.expect(201);
    let member = joined(&club, A).await;
    (club, member)
}

fn payment(receipt: &str) -> Value {
    json!({"plan": "plus", "receipt": receipt, "amount": PRICE, "currency": "IRR"})
}

async fn pays(club: &Club, member: &str, key: &str, body: Value) -> Answer {
    club.till().keyed(key).post(&format!("/v1/members/{member}/plan-payments"), body).await
}

async fn plan_of(club: &Club, member: &str) -> Value {
    club.signed_in(member).get(&format!("/v1/members/{member}/plan")).await.expect(200)["subscription"]
        .clone()
}

async fn days_pass(club: &Club, days: i64) {
    club.wait_s(days * DAY);
    pass_plans(&club.desk, &club.chain).await.expect("told");
}

/// What was told of plans: number, standing, last day.
async fn told(club: &Club) -> Vec<(u64, Value, String)> {
    let facts = club.facts().await.into_iter();
    let of_plans = facts.filter(|fact| fact.kind.contains("plan_standing"));
    let read = of_plans.map(|fact| (fact.seq, fact.read::<PlanStandingChanged>().expect("a standing")));
    read.map(|(seq, one)| (seq, json!(one.standing), one.through.to_string())).collect()
}

fn standings(told: &[(u64, Value, String)]) -> Vec<&str> {
    assert!((1..).zip(told).all(|(number, one)| number == one.0), "without a gap: {told:?}");
    told.iter().filter_map(|one| one.1.as_str()).collect()
}

on_both! {
    async fn a_plan_is_paid_renewed_and_lapses(club: Club) {
        let (club, member) = selling(club).await;
        assert!(plan_of(&club, &member).await.is_null());
        let paid = pays(&club, &member, "k1", payment("R1")).await.expect(201);
        assert_eq!((&paid["from"], &paid["through"], &paid["branch"]), (&json!("2026-11-21"), &json!("2026-12-20"), &json!("tehran-vanak")));
        let plan = plan_of(&club, &member).await;
        assert_eq!((&plan["standing"], &plan["running"], &plan["renewable_from"]), (&json!("active"), &json!(true), &json!("2026-12-14")));
        let early = pays(&club, &member, "k2", payment("R2")).await.refused(409, "membership.plan_not_due");
        assert_eq!(early["renewable_from"], "2026-12-14");
        days_pass(&club, 23).await;
        assert_eq!(plan_of(&club, &member).await["standing"], "renewal_due");
        days_pass(&club, 8).await;
        assert_eq!(plan_of(&club, &member).await["standing"], "grace");
        let late = pays(&club, &member, "k3", payment("R3")).await.expect(201);
        assert_eq!((&late["from"], &late["through"]), (&json!("2026-12-21"), &json!("2027-01-20")));
        days_pass(&club, 100).await;
        let plan = plan_of(&club, &member).await;
        assert_eq!((&plan["standing"], &plan["running"]), (&json!("lapsed"), &json!(false)));
        let told = told(&club).await;
        assert_eq!(standings(&told), ["active", "renewal_due", "grace", "active", "lapsed"]);
        assert_eq!(told[3].2, "2027-01-20");
        let anew = pays(&club, &member, "k4", payment("R4")).await.expect(201);
        assert_eq!(anew["from"], "2027-04-01");
        let listed = club.operator().get(&format!("/v1/members/{member}/plan-payments")).await.expect(200);
        let receipts: Vec<_> = listed["payments"].as_array().expect("a list").iter().map(|one| one["receipt"].clone()).collect();
        assert_eq!(receipts, ["R4", "R3", "R1"]);
    }

    async fn a_payment_counts_once_whatever_comes_again(club: Club) {
        let (club, member) = selling(club).await;
        let first = pays(&club, &member, "k1", payment("R1")).await.expect(201);
        assert_eq!(pays(&club, &member, "k1", payment("R1")).await.expect(200), first);
        assert_eq!(pays(&club, &member, "k2", payment("R1")).await.expect(200), first, "the receipt names it");
        pays(&club, &member, "k1", payment("R2")).await.refused(422, "membership.idempotency_key_reused");
        let other = joined(&club, "+989121234568").await;
        pays(&club, &other, "k3", payment("R1")).await.refused(409, "membership.receipt_taken");
        pays(&club, &other, "k1", payment("R1")).await.refused(422, "membership.idempotency_key_reused");
        club.till().post(&format!("/v1/members/{member}/plan-payments"), payment("R1")).await.refused(400, "web.idempotency_key_missing");
        // Many at once: the same receipt, and then many receipts for one period.
        let third = joined(&club, "+989121234569").await;
        let same = join_all((0..6).map(|_| pays(&club, &third, "s", payment("S")))).await;
        let ids: Vec<_> = same.iter().map(|answer| answer.body["payment_id"].clone()).collect();
        assert!(ids.iter().all(|id| id.is_string() && *id == ids[0]), "{same:?}");
        assert_eq!(same.iter().filter(|answer| answer.status == 201).count(), 1);
        let fourth = joined(&club, "+989121234570").await;
        let keys: Vec<String> = (0..6).map(|number| format!("m{number}")).collect();
        let many = join_all(keys.iter().map(|key| pays(&club, &fourth, key, payment(key)))).await;
        assert_eq!(many.iter().filter(|answer| answer.status == 201).count(), 1, "{many:?}");
        assert_eq!(many.iter().filter(|answer| answer.code() == "membership.plan_not_due").count(), 5);
        assert_eq!((count(&club, "plan_payments").await, told(&club).await.len()), (3, 3));
    }

    async fn money_that_does_not_fit_is_refused(club: Club) {
        let (club, member) = selling(club).await;
        for (field, value) in [("amount", json!(PRICE - 1)), ("amount", json!(-PRICE)), ("currency", json!("USD"))] {
            let mut wrong = payment("R1");
            wrong[field] = value;
            let refused = pays(&club, &member, "k1", wrong).await.refused(422, "membership.plan_amount_wrong");
            assert_eq!((&refused["price"], &refused["currency"]), (&json!(PRICE), &json!("IRR")));
        }
        for receipt in ["", "a\nb", &"r".repeat(65)] {
            pays(&club, &member, "k1", payment(receipt)).await.refused(422, "membership.receipt_invalid");
        }
        let mut unknown = payment("R1");
        unknown["plan"] = json!("gold");
        pays(&club, &member, "k1", unknown.clone()).await.refused(404, "membership.plan_unknown");
        club.operator().put("/v1/plans/gold", terms()).await.expect(201);
        pays(&club, &member, "k1", payment("R1")).await.expect(201);
        pays(&club, &member, "k2", unknown).await.refused(409, "membership.receipt_taken");
        let mut other = payment("R2");
        other["plan"] = json!("gold");
        pays(&club, &member, "k2", other).await.refused(409, "membership.plan_other");
        let mut retired = terms();
        retired["live"] = json!(false);
        assert_eq!(club.operator().put("/v1/plans/plus", retired).await.expect(200)["version"], 2);
        club.wait_s(25 * DAY);
        pays(&club, &member, "k3", payment("R3")).await.refused(409, "membership.plan_closed");
        assert!(plan_of(&club, &member).await["price"].is_null());
        let nobody = "0192f3a1-7c00-7000-8000-00000000dead";
        pays(&club, nobody, "k4", payment("R4")).await.refused(404, "membership.member_unknown");
        club.operator().get(&format!("/v1/members/{nobody}/plan")).await.refused(404, "membership.member_unknown");
        assert_eq!(count(&club, "plan_payments").await, 1);
    }

    async fn a_plan_is_cancelled_at_the_end_of_what_is_paid(club: Club) {
        let (club, member) = selling(club).await;
        let path = format!("/v1/members/{member}/plan/cancellation");
        let me = club.signed_in(&member);
        for (language, word) in [("fa", "طرح"), ("ar", "خطة"), ("en", "plan")] {
            let refused = club.signed_in(&member).speaking(language).put_nothing(&path).await.refused(409, "membership.plan_none");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
        me.delete(&path).await.refused(409, "membership.plan_none");
        pays(&club, &member, "k1", payment("R1")).await.expect(201);
        let cancelled = me.put_nothing(&path).await.expect(200);
        assert_eq!(me.put_nothing(&path).await.expect(200), cancelled);
        assert_eq!(cancelled["subscription"]["standing"], "active");
        let kept = me.delete(&path).await.expect(200);
        assert!(kept["subscription"]["cancelled_at"].is_null());
        me.put_nothing(&path).await.expect(200);
        days_pass(&club, 29).await;
        assert_eq!(plan_of(&club, &member).await["running"], true, "it is paid for");
        days_pass(&club, 1).await;
        let plan = plan_of(&club, &member).await;
        assert_eq!((&plan["standing"], &plan["running"]), (&json!("cancelled"), &json!(false)));
        assert_eq!(standings(&told(&club).await), ["active", "cancelled"]);
        let other = joined(&club, "+989121234568").await;
        club.signed_in(&other).put_nothing(&path).await.refused(403, "web.access_denied");
    }

    async fn replicas_tell_once_that_time_has_passed(club: Club) {
        let (club, member) = selling(club).await;
        pays(&club, &member, "k1", payment("R1")).await.expect(201);
        for days in [23, 8, 3] {
            club.wait_s(days * DAY);
            let passes = join_all((0..4).map(|_| pass_plans(&club.desk, &club.chain))).await;
            // Who waited too long for the database looks again.
            if passes.iter().any(Result::is_err) {
                pass_plans(&club.desk, &club.chain).await.expect("told");
            }
        }
        assert_eq!(standings(&told(&club).await), ["active", "renewal_due", "grace", "lapsed"]);
        assert_eq!(pass_plans(&club.desk, &club.chain).await.expect("told"), 0);
    }

    async fn who_leaves_has_no_plan_and_what_was_paid_stays_in_the_books(club: Club) {
        let (club, member) = selling(club).await;
        pays(&club, &member, "k1", payment("R1")).await.expect(201);
        club.operator().post(&format!("/v1/members/{member}/leaving"), json!({"reason": "asked"})).await.expect(200);
        assert_eq!((count(&club, "subscriptions").await, count(&club, "plan_payments").await), (0, 1));
        days_pass(&club, 100).await;
        assert_eq!(told(&club).await.len(), 1);
        pays(&club, &member, "k2", payment("R2")).await.refused(404, "membership.member_unknown");
    }

    async fn plans_are_checked_and_listed_for_anybody(club: Club) {
        let put = async |code: &str, body: Value| club.operator().put(&format!("/v1/plans/{code}"), body).await;
        for (field, value) in [("price", json!(0)), ("renew_days", json!(28)), ("grace_days", json!(61)), ("name", json!({"fa": " ", "ar": "ا", "en": "a"}))] {
            let mut bad = terms();
            bad[field] = value;
            assert_eq!(put("plus", bad).await.refused(422, "membership.plan_terms_invalid")["pointer"], format!("/{field}"));
        }
        let long = put(&"p".repeat(25), terms()).await.refused(422, "membership.plan_code_too_long");
        assert_eq!(long["limit"], 24);
        for number in 0..50 {
            put(&format!("p{number}"), terms()).await.expect(201);
        }
        assert_eq!(put("plus", terms()).await.refused(409, "membership.plans_too_many")["limit"], 50);
        assert_eq!(put("p7", terms()).await.expect(200)["version"], 1, "the same again");
        let listed = club.anonymous().get("/v1/plans").await.expect(200);
        assert_eq!((listed["plans"].as_array().map(Vec::len), &listed["plans"][0]["price"]), (Some(50), &json!(PRICE)));
        club.till().put("/v1/plans/plus", terms()).await.refused(403, "web.access_denied");
    }
}
