//! What staff may do with points: by their role, where their grants reach, under their own id (promise 19).

use kernel::{BranchCode, Grant, Reach, RegionCode, Role, SessionId, StaffId};
use serde_json::{Value, json};
use uuid::Uuid;
use web::Caller;

use crate::{
    shop::{START, Shop, base, basket, member, on_both},
    transfers::{gift, rich},
};

fn id(number: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(number))
}

/// Somebody of the staff with one role.
fn staff(number: u128, role: Role, reach: Reach) -> Caller {
    let session = SessionId::from_uuid(Uuid::from_u128(number));
    Caller::Staff { staff: id(number), session, grants: [Grant { role, reach }].into() }
}

fn agent(number: u128) -> Caller {
    staff(number, Role::SupportAgent, Reach::Chain)
}

fn branch(code: &str) -> Reach {
    Reach::Branch(BranchCode::parse(code).expect("a code"))
}

fn region(code: &str) -> Reach {
    Reach::Region(RegionCode::parse(code).expect("a code"))
}

fn adjustments() -> String {
    format!("/v1/members/{}/adjustments", member(1))
}

fn adjustment(points: i64, actor: StaffId) -> Value {
    json!({"points": points, "funder": "vanak", "actor": actor.to_string(), "reason": "a lost receipt"})
}

fn path(of: &Value, kind: &str, name: &str) -> String {
    format!("/v1/{kind}/{}", of[name].as_str().expect("an id"))
}

on_both! {
    async fn what_was_bought_and_returned_is_read_where_a_grant_reaches(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let bought = shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let back = json!({"purchase": {"till": "till-1", "receipt": "R1"}, "receipt": "B1", "occurred_at": START, "currency": "IRR", "amount": 10_000});
        let returned = shop.till().give_back("b1", &back).await.expect(201);
        let mut early = back;
        early["purchase"]["receipt"] = json!("R-later");
        early["receipt"] = json!("B2");
        early["wait"] = json!(true);
        let waiting = shop.till().give_back("b2", &early).await.expect(202);
        let things = [path(&bought, "purchases", "purchase_id"), path(&returned, "returns", "return_id"), path(&waiting, "returns", "return_id")];
        for (reach, reached) in [
            (branch("vanak"), true),
            (region("tehran"), true),
            (Reach::Chain, true),
            (branch("tajrish"), false),
            (region("isfahan"), false),
        ] {
            for thing in &things {
                let cashier = staff(1, Role::Cashier, reach.clone());
                let read = shop.by(cashier).get(thing).await;
                if reached {
                    assert!(read.status < 300, "{reach:?} {thing}: {}", read.text);
                } else {
                    read.refused(403, "web.access_denied");
                }
            }
        }
        for (thing, code) in things.iter().zip(["points.purchase_unknown", "points.return_unknown", "points.return_unknown"]) {
            shop.till_of("tajrish", "till-1").get(thing).await.refused(404, code);
            shop.by(staff(1, Role::Marketing, Reach::Chain)).get(thing).await.refused(403, "web.access_denied");
        }
    }

    async fn staff_act_under_their_own_id(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let one = shop.by(agent(1));
        let other = one.keyed("a1", &adjustments(), &adjustment(40, id(2))).await;
        assert_eq!(other.refused(422, "points.person_other")["pointer"], "/actor");
        one.keyed("a1", &adjustments(), &adjustment(40, id(1))).await.expect(201);
        let account = format!("/v1/members/{}/account/freeze", member(1));
        let hand = |who: StaffId| json!({"actor": who.to_string(), "reason": "a look"});
        one.keyed("f1", &account, &hand(id(2))).await.refused(422, "points.person_other");
        one.keyed("f1", &account, &hand(id(1))).await.expect(201);
        shop.holds().await;
    }

    async fn who_proposes_and_who_approves_are_different_people_in_different_roles(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let proposed = shop.by(agent(1)).keyed("a1", &adjustments(), &adjustment(10_001, id(1))).await.expect(202);
        let approval = format!("{}/approval", path(&proposed, "adjustments", "id"));
        let by = |who: StaffId| json!({"actor": who.to_string()});
        shop.by(agent(2)).keyed("x", &approval, &by(id(2))).await.refused(403, "web.access_denied");
        let finance = |number, reach| shop.by(staff(number, Role::Finance, reach));
        finance(3, branch("vanak")).keyed("x", &approval, &by(id(3))).await.refused(403, "web.access_denied");
        finance(3, Reach::Chain).keyed("x", &approval, &by(id(4))).await.refused(422, "points.person_other");
        finance(1, Reach::Chain).keyed("x", &approval, &by(id(1))).await.refused(422, "points.second_person_needed");
        finance(3, Reach::Chain).keyed("x", &approval, &by(id(3))).await.expect(201);
        shop.holds().await;
    }

    async fn two_people_with_one_key_do_two_things(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        for number in [1, 2] {
            let given = shop.by(agent(number)).keyed("same", &adjustments(), &adjustment(10, id(number))).await;
            assert!(!given.replayed);
            given.expect(201);
        }
        assert!(shop.by(agent(1)).keyed("same", &adjustments(), &adjustment(10, id(1))).await.replayed);
        assert_eq!(shop.till().balance(member(1)).await["points"], 120);
        shop.holds().await;
    }

    async fn an_agent_transfers_on_behalf_and_says_why(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let one = shop.by(agent(1));
        let refused = one.transfer("t1", &gift(10)).await;
        assert_eq!(refused.refused(422, "points.person_other")["pointer"], "/on_behalf");
        let mut body = gift(10);
        body["on_behalf"] = json!({"agent": id(2).to_string(), "reason": "asked by phone"});
        one.transfer("t1", &body).await.refused(422, "points.person_other");
        body["on_behalf"]["agent"] = json!(id(1).to_string());
        let done = one.transfer("t1", &body).await.expect(201);
        let id = done["transfer"]["transfer_id"].clone();
        one.says(&id, "confirm", None).await.refused(403, "web.access_denied");
        for role in [Role::Cashier, Role::BranchManager, Role::Marketing, Role::Finance, Role::Auditor] {
            shop.by(staff(1, role, Reach::Chain)).transfer("t2", &body).await.refused(403, "web.access_denied");
        }
        shop.holds().await;
    }

    async fn nobody_of_the_staff_sells_or_takes_back(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for role in Role::ALL {
            let somebody = shop.by(staff(1, role, Reach::Chain));
            somebody.buy("k1", &basket("R1", 1_000)).await.refused(403, "web.access_denied");
            somebody.give_back("b1", &json!({})).await.refused(403, "web.access_denied");
        }
    }

    async fn money_is_read_for_the_whole_chain_by_who_answers_for_it(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for role in Role::ALL {
            let answers = matches!(role, Role::Finance | Role::Auditor);
            let read = shop.by(staff(1, role, Reach::Chain)).get("/v1/money/rates").await;
            assert_eq!(read.status, if answers { 200 } else { 403 }, "{role:?}");
            shop.by(staff(1, role, region("tehran"))).get("/v1/money/rates").await.refused(403, "web.access_denied");
        }
    }
}
