//! Who of the back office looks at a member's points says why, and it is noted for good (promise 25).

use kernel::{Grant, Reach, Role, SessionId, StaffId};
use runtime::{BlindKeys, LookBook};
use serde_json::{Value, json};
use uuid::Uuid;
use web::Caller;

use crate::shop::{Shop, base, basket, member, on_both};

const STAFF: StaffId = StaffId::from_uuid(Uuid::from_u128(41));

fn staff(role: Role) -> Caller {
    let session = SessionId::from_uuid(Uuid::from_u128(42));
    Caller::Staff { staff: STAFF, session, grants: [Grant { role, reach: Reach::Chain }].into() }
}

async fn looks(shop: &Shop, query: &str) -> Vec<Value> {
    let page = shop.by(staff(Role::Auditor)).get(&format!("/v1/looks/points{query}")).await.expect(200);
    page["looks"].as_array().expect("a list").clone()
}

fn told(look: &Value) -> [&str; 3] {
    ["operation", "member_id", "reason"].map(|name| look[name].as_str().unwrap_or_default())
}

on_both! {
    async fn what_staff_see_of_points_is_noted_at_whom_and_why(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let bought = shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let purchase = format!("/v1/purchases/{}", bought["purchase_id"].as_str().expect("an id"));
        let balance = format!("/v1/members/{}/balance", member(1));
        let agent = || shop.by(staff(Role::SupportAgent));
        for path in [&purchase, &balance] {
            agent().saying(None).get(path).await.refused(400, "web.look_reason_missing");
            agent().saying(Some("curious")).get(path).await.refused(400, "web.look_reason_invalid");
            shop.till().saying(None).get(path).await.expect(200);
        }
        assert_eq!(looks(&shop, "").await.len(), 0, "tills are no lookers, and who is refused sees nothing");
        agent().saying(Some("complaint")).get(&purchase).await.expect(200);
        shop.operator().saying(None).get(&balance).await.expect(200);
        let (hers, noted) = (member(1).to_string(), looks(&shop, &format!("?member_id={}", member(1))).await);
        let noted: Vec<_> = noted.iter().map(told).collect();
        assert_eq!(noted, [["read_balance", &hers, ""], ["read_purchase", &hers, "complaint"]]);
        assert_eq!(looks(&shop, &format!("?staff_id={STAFF}")).await.len(), 1);
        for role in [Role::SupportAgent, Role::Cashier, Role::BranchManager, Role::Finance, Role::Marketing] {
            shop.by(staff(role)).get("/v1/looks/points").await.refused(403, "web.access_denied");
        }
        let auditor = shop.by(staff(Role::Auditor));
        auditor.get("/v1/looks/points?limit=201").await.refused(400, "points.limit_out_of_range");
        auditor.get("/v1/looks/points?cursor=x").await.refused(400, "points.cursor_invalid");
    }

    async fn a_transfer_shows_both_and_what_people_did_by_hand_shows_whose_it_is(shop: Shop) {
        let shop = crate::transfers::rich(shop, json!({"to": "anyone"})).await;
        let mut gift = crate::transfers::gift(10);
        gift["on_behalf"] = json!({"agent": STAFF.to_string(), "reason": "asked by phone"});
        let agent = shop.by(staff(Role::SupportAgent));
        let sent = agent.transfer("t1", &gift).await.expect(201)["transfer"]["transfer_id"].clone();
        agent.get(&format!("/v1/transfers/{}", sent.as_str().expect("an id"))).await.expect(200);
        let adjustment = json!({"points": 10_001, "funder": "vanak", "actor": STAFF.to_string(), "reason": "a lost receipt"});
        let path = format!("/v1/members/{}/adjustments", member(1));
        let proposed = agent.keyed("a1", &path, &adjustment).await.expect(202);
        agent.get(&format!("/v1/adjustments/{}", proposed["id"].as_str().expect("an id"))).await.expect(200);
        let hold = json!({"member": {"id": member(1)}, "points": 5, "lifetime_s": 600});
        let held = agent.keyed("h1", "/v1/holds", &hold).await;
        let id = held.body["hold_id"].as_str().or(held.body["id"].as_str()).unwrap_or_else(|| panic!("{}", held.text)).to_owned();
        agent.get(&format!("/v1/holds/{id}")).await.expect(200);
        let noted = looks(&shop, "").await;
        let mut noted: Vec<_> = noted.iter().map(|look| [told(look)[0], told(look)[1]]).collect();
        noted.sort_unstable();
        let (one, two) = (member(1).to_string(), member(2).to_string());
        assert_eq!(noted, [["read_adjustment", &one], ["read_hold", &one], ["read_transfer", &one], ["read_transfer", &two]]);
    }

    async fn the_record_is_sealed_and_looks_are_forgotten_in_their_time(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let agent = shop.by(staff(Role::SupportAgent));
        let path = format!("/v1/members/{}/history", member(1));
        for _ in 0..3 {
            agent.get(&path).await.expect(200);
        }
        let book = LookBook::new("points", &shop.database, &shop.blind_keys);
        let other = LookBook::new("points", &shop.database, &BlindKeys::one(&[9; 32]));
        assert_eq!(book.audit().await.expect("it runs").differing, 0);
        assert_eq!(other.audit().await.expect("it runs").differing, 4, "by another key nothing is what was sealed");
        shop.days_later(1_096);
        let later = shop.replica().await;
        for _ in 0..500 {
            if looks(&later, "").await.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!((looks(&later, "").await.len(), book.audit().await.expect("it runs").differing), (0, 0));
        later.by(staff(Role::SupportAgent)).get(&path).await.expect(200);
        assert_eq!(looks(&later, "").await[0]["number"], 4);
    }
}
