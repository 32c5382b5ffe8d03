//! Staff: who works here, which roles they have, and what each role opens (J8).

use std::sync::Arc;

use kernel::{BranchCode, Grant, Ids as _, Reach, RegionCode, Role, SessionId, StaffId};
use runtime::SystemIds;
use serde_json::{Value, json};
use web::Caller;

use crate::{
    club::{Answer, Club, on_both},
    secrecy::leaks,
    sign_in::join,
};

const PHONE: &str = "+989121234567";
const NOBODY: &str = "0192f3a1-7c00-7000-8000-00000000dead";

/// A person with these roles, as the gateway signs them.
fn person(staff: StaffId, grants: &[(Role, Reach)]) -> Caller {
    let grants: Arc<[Grant]> =
        grants.iter().map(|(role, reach)| Grant { role: *role, reach: reach.clone() }).collect();
    Caller::Staff { staff, session: SessionId::from_uuid(SystemIds::default().uuid()), grants }
}

fn somebody(role: Role, reach: Reach) -> Caller {
    person(StaffId::from_uuid(SystemIds::default().uuid()), &[(role, reach)])
}

fn branch(code: &str) -> Reach {
    Reach::Branch(BranchCode::parse(code).expect("a code"))
}

fn region(code: &str) -> Reach {
    Reach::Region(RegionCode::parse(code).expect("a code"))
}

async fn enrol(club: &Club, user_name: &str) -> Value {
    let body = json!({"user_name": user_name, "name": "زهرا کریمی"});
    club.operator().post("/v1/staff", body).await.expect(201)
}

async fn grant(club: &Club, staff: &Value, body: Value) -> Answer {
    let path = format!("/v1/staff/{}/grants", staff["staff_id"].as_str().expect("an id"));
    club.operator().post(&path, body).await
}

fn path(staff: &Value, rest: &str) -> String {
    format!("/v1/staff/{}{rest}", staff["staff_id"].as_str().expect("an id"))
}

on_both! {
    async fn a_person_is_taken_in_given_roles_and_listed(club: Club) {
        let club = club.with_places().await;
        let (zahra, ali) = (enrol(&club, "Z.Karimi").await, enrol(&club, "ali-17").await);
        assert_eq!((&zahra["user_name"], &zahra["grants"]), (&json!("z.karimi"), &json!([])));
        let here = grant(&club, &zahra, json!({"role": "cashier", "branch": "tehran-vanak"})).await.expect(201);
        let again = grant(&club, &zahra, json!({"role": "cashier", "branch": "tehran-vanak"})).await.expect(200);
        assert_eq!(here["grant_id"], again["grant_id"]);
        grant(&club, &zahra, json!({"role": "branch_manager", "region": "tehran"})).await.expect(201);
        grant(&club, &ali, json!({"role": "auditor"})).await.expect(201);
        let first = club.operator().get("/v1/staff?limit=1").await.expect(200);
        assert_eq!((&first["has_more"], first["staff"].as_array().map(Vec::len)), (&json!(true), Some(1)));
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        let second = club.operator().get(&format!("/v1/staff?cursor={cursor}")).await.expect(200);
        let all = [&first["staff"][0], &second["staff"][0]];
        let listed = all.into_iter().find(|staff| staff["staff_id"] == zahra["staff_id"]).expect("she is listed");
        assert_eq!(listed["name"], "زهرا کریمی");
        let roles: Vec<&Value> = listed["grants"].as_array().expect("grants").iter().map(|g| &g["role"]).collect();
        assert_eq!(roles, ["cashier", "branch_manager"]);
        assert_eq!((&listed["grants"][0]["branch"], &listed["grants"][1]["region"]), (&json!("tehran-vanak"), &json!("tehran")));
        assert_eq!(club.operator().get(&path(&zahra, "")).await.expect(200), *listed);
    }

    async fn a_role_is_taken_away_and_can_be_given_again(club: Club) {
        let club = club.with_places().await;
        let zahra = enrol(&club, "zahra").await;
        let given = grant(&club, &zahra, json!({"role": "finance"})).await.expect(201);
        let one = path(&zahra, &format!("/grants/{}", given["grant_id"].as_str().expect("an id")));
        club.operator().delete(&one).await.expect(204);
        club.operator().delete(&one).await.expect(204);
        assert_eq!(club.operator().get(&path(&zahra, "")).await.expect(200)["grants"], json!([]));
        let anew = grant(&club, &zahra, json!({"role": "finance"})).await.expect(201);
        assert_ne!(anew["grant_id"], given["grant_id"]);
        let ali = enrol(&club, "ali").await;
        let others = path(&ali, &format!("/grants/{}", anew["grant_id"].as_str().expect("an id")));
        club.operator().delete(&others).await.refused(404, "membership.grant_unknown");
    }

    async fn what_cannot_be_is_refused_and_nothing_is_written(club: Club) {
        let club = club.with_places().await;
        let zahra = enrol(&club, "zahra").await;
        let operator = club.operator();
        operator.post("/v1/staff", json!({"user_name": "ZAHRA", "name": "Z"})).await.refused(409, "membership.user_name_taken");
        operator.post("/v1/staff", json!({"user_name": "z", "name": "Z"})).await.refused(422, "membership.user_name_invalid");
        operator.post("/v1/staff", json!({"user_name": "zah", "name": " "})).await.refused(422, "membership.staff_name_invalid");
        grant(&club, &zahra, json!({"role": "cashier", "branch": "none"})).await.refused(404, "membership.branch_unknown");
        grant(&club, &zahra, json!({"role": "cashier", "region": "none"})).await.refused(422, "membership.region_unknown");
        let both = json!({"role": "cashier", "region": "tehran", "branch": "tehran-vanak"});
        grant(&club, &zahra, both).await.refused(400, "membership.place_twice");
        grant(&club, &zahra, json!({"role": "king"})).await.refused(400, "web.field_choice");
        let stranger = json!({"staff_id": NOBODY});
        grant(&club, &stranger, json!({"role": "cashier"})).await.refused(404, "membership.staff_unknown");
        for verb in ["disable", "enable"] {
            operator.post_nothing(&path(&stranger, &format!("/{verb}"))).await.refused(404, "membership.staff_unknown");
        }
        operator.get(&path(&stranger, "")).await.refused(404, "membership.staff_unknown");
        let listed = operator.get("/v1/staff").await.expect(200);
        assert_eq!((listed["staff"].as_array().map(Vec::len), &listed["staff"][0]["grants"]), (Some(1), &json!([])));
    }

    async fn a_person_has_twenty_roles_at_most(club: Club) {
        let club = club.with_places().await;
        let zahra = enrol(&club, "zahra").await;
        for number in 0..20 {
            let code = format!("/v1/branches/b{number}");
            club.operator().put(&code, json!({"region": "tehran", "names": {"en": "B"}})).await.expect(201);
            let body = json!({"role": "cashier", "branch": format!("b{number}")});
            grant(&club, &zahra, body).await.expect(201);
        }
        let refused = grant(&club, &zahra, json!({"role": "finance"})).await;
        assert_eq!(refused.refused(409, "membership.grants_too_many")["limit"], 20);
    }

    async fn who_is_shut_out_gets_no_role_until_they_are_let_in_again(club: Club) {
        let zahra = enrol(&club, "zahra").await;
        for _ in 0..2 {
            club.operator().post_nothing(&path(&zahra, "/disable")).await.expect(204);
        }
        assert!(club.operator().get(&path(&zahra, "")).await.expect(200)["disabled_at"].is_string());
        grant(&club, &zahra, json!({"role": "finance"})).await.refused(409, "membership.staff_disabled");
        for _ in 0..2 {
            club.operator().post_nothing(&path(&zahra, "/enable")).await.expect(204);
        }
        assert!(club.operator().get(&path(&zahra, "")).await.expect(200)["disabled_at"].is_null());
        grant(&club, &zahra, json!({"role": "finance"})).await.expect(201);
    }

    async fn nobody_changes_what_concerns_themselves(club: Club) {
        let (zahra, ali) = (enrol(&club, "zahra").await, enrol(&club, "ali").await);
        let id: StaffId = zahra["staff_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let head = person(id, &[(Role::Administrator, Reach::Chain)]);
        let sender = || club.sender(head.clone());
        let wanted = json!({"role": "finance"});
        sender().post(&path(&zahra, "/grants"), wanted.clone()).await.refused(422, "membership.staff_own_affair");
        for verb in ["/disable", "/enable"] {
            sender().post_nothing(&path(&zahra, verb)).await.refused(422, "membership.staff_own_affair");
        }
        let given = sender().post(&path(&ali, "/grants"), wanted.clone()).await.expect(201);
        assert_eq!(given["granted_by"], zahra["staff_id"]);
        let own = grant(&club, &zahra, wanted).await.expect(201);
        assert!(own["granted_by"].is_null(), "the operator's key is nobody");
        let own = path(&zahra, &format!("/grants/{}", own["grant_id"].as_str().expect("an id")));
        sender().delete(&own).await.refused(422, "membership.staff_own_affair");
    }

    async fn names_lie_sealed(club: Club) {
        enrol(&club, "zahra-canary").await;
        assert_eq!(leaks(&club, &["زهرا کریمی"]).await, Vec::<String>::new());
        assert_ne!(leaks(&club, &["zahra-canary"]).await, Vec::<String>::new(), "what is not sealed is found");
    }

    async fn a_manager_sets_up_tills_of_their_own_branches_alone(club: Club) {
        let club = club.with_places().await;
        club.operator().put("/v1/regions/fars", json!({"names": {"en": "Fars"}})).await.expect(201);
        club.operator().put("/v1/branches/shiraz", json!({"region": "fars", "names": {"en": "Shiraz"}})).await.expect(201);
        let key = club.operator().post_nothing("/v1/branches/tehran-vanak/tills/till-1/keys").await.expect(201);
        let key = format!("/v1/till-keys/{}", key["key_id"].as_str().expect("an id"));
        for (reach, here, there) in [
            (branch("tehran-vanak"), true, false),
            (region("tehran"), true, false),
            (branch("shiraz"), false, true),
            (region("fars"), false, true),
            (Reach::Chain, true, true),
        ] {
            let manager = somebody(Role::BranchManager, reach.clone());
            for (place, reached) in [("tehran-vanak", here), ("shiraz", there)] {
                let till = format!("/v1/branches/{place}/tills/till-9");
                let set_up = club.sender(manager.clone()).put_nothing(&till).await;
                assert_eq!(set_up.status < 300, reached, "{reach:?} {place}: {}", set_up.text);
                let listed = club.sender(manager.clone()).get(&format!("/v1/branches/{place}/tills")).await;
                assert_eq!(listed.status, if reached { 200 } else { 403 }, "{reach:?} {place}");
            }
            let revoked = club.sender(manager).delete(&key).await;
            assert_eq!(revoked.status, if here { 204 } else { 403 }, "{reach:?}");
        }
    }

    async fn who_serves_members_looks_them_up_and_who_does_not_does_not(club: Club) {
        join(&club, PHONE).await;
        let here = branch("tehran-vanak");
        for role in Role::ALL {
            let looked_up = club.sender(somebody(role, here.clone())).post("/v1/members/lookup", json!({"phone": PHONE})).await;
            let serves = matches!(role, Role::Cashier | Role::BranchManager | Role::SupportAgent | Role::Auditor);
            assert_eq!(looked_up.status, if serves { 200 } else { 403 }, "{role:?} {}", looked_up.text);
            let region = club.sender(somebody(role, here.clone())).put("/v1/regions/r", json!({"names": {"en": "R"}})).await;
            assert_eq!(region.status, 403, "{role:?} at one branch opens no region");
        }
        club.sender(somebody(Role::Administrator, Reach::Chain)).put("/v1/regions/r", json!({"names": {"en": "R"}})).await.expect(201);
    }
}
