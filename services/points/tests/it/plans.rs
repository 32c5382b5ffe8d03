//! Members who pay for a plan are in its segment, and rules ask for it (J7).

use contracts::membership::{MemberErased, PlanStanding, PlanStandingChanged};
use kernel::{Day, PlanCode};
use serde_json::json;

use crate::shop::{Shop, base, basket, member, on_both, rule};

fn told(plan: &str, standing: PlanStanding) -> PlanStandingChanged {
    let plan = PlanCode::parse(plan).expect("a code");
    PlanStandingChanged { member_id: member(1), plan, standing, through: Day::from_number(20_700) }
}

async fn members_of(shop: &Shop, segment: &str) -> u64 {
    let listed = shop.operator().get("/v1/segments").await.expect(200);
    let of = |one: &&serde_json::Value| one["segment"] == segment;
    listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(of)
        .map_or(0, |one| one["members"].as_u64().expect("a number"))
}

on_both! {
    async fn a_plan_is_a_segment_as_long_as_it_gives_anything(shop: Shop) {
        shop.operator().put("/v1/segments/plan-plus", json!({})).await;
        let mut more = rule("plus", json!({"fixed": {"points": 7}}));
        more["when"] = json!({"member": {"segments": ["plan-plus"]}});
        let shop = shop.selling(&[base(), more]).await;
        let earned = async |receipt: &str| shop.till().buy(receipt, &basket(receipt, 10_000)).await.expect(201)["points"].clone();
        let without = earned("R1").await;
        let seven = json!(without.as_i64().expect("points") + 7);
        for (seq, (standing, points)) in (0..).zip([
            (PlanStanding::Active, &seven),
            (PlanStanding::RenewalDue, &seven),
            (PlanStanding::Grace, &seven),
            (PlanStanding::Lapsed, &without),
            (PlanStanding::Active, &seven),
            (PlanStanding::Cancelled, &without),
        ]) {
            shop.hear(&[shop.fact(seq, &told("plus", standing))]).await;
            assert_eq!(&earned(&format!("S{seq}")).await, points, "{standing:?}");
        }
        shop.holds().await;
    }

    async fn what_is_heard_late_changes_nothing_and_another_plan_is_another_segment(shop: Shop) {
        shop.hear(&[shop.fact(3, &told("plus", PlanStanding::Lapsed))]).await;
        shop.hear(&[shop.fact(0, &told("plus", PlanStanding::Active))]).await;
        assert_eq!(members_of(&shop, "plan-plus").await, 0);
        shop.hear(&[shop.fact(4, &told("plus", PlanStanding::Active)), shop.fact(5, &told("gold", PlanStanding::Active))]).await;
        assert_eq!((members_of(&shop, "plan-plus").await, members_of(&shop, "plan-gold").await), (0, 1));
        shop.tells(&MemberErased { member_id: member(1), branch: None }).await;
        assert_eq!(members_of(&shop, "plan-gold").await, 0);
    }
}
