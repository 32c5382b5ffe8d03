//! Households: one for each member, never too many in one, and told in order.

use contracts::membership::{HouseholdChanged, HouseholdRole};
use futures_util::future::join_all;
use membership::Membership;
use runtime::Service as _;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::club::{Club, on_both};

const HOME: &str = "0192f3a1-7c00-7000-8000-0000000000a1";
const AWAY: &str = "0192f3a1-7c00-7000-8000-0000000000a2";

async fn member(club: &Club, phone: &str) -> String {
    let body = json!({"phone": phone, "first_name": "Zahra"});
    let joined: Value = club.till().post("/v1/members", body).await.expect(201);
    joined["member_id"].as_str().expect("an id").to_owned()
}

fn place(household: &str, member: &str) -> String {
    format!("/v1/households/{household}/members/{member}")
}

on_both! {
    async fn members_come_change_roles_and_leave(club: Club) {
        let (zahra, ali) = (member(&club, "09121234567").await, member(&club, "09121234568").await);
        let office = club.operator();
        office.get(&format!("/v1/households/{HOME}")).await.refused(404, "membership.household_unknown");
        let head = office.put(&place(HOME, &zahra), json!({"role": "head"})).await.expect(201);
        assert_eq!(head["role"], "head");
        assert_eq!(office.put(&place(HOME, &zahra), json!({"role": "head"})).await.expect(200), head, "the same again");
        office.put(&place(HOME, &ali), json!({})).await.expect(201);
        office.put(&place(HOME, &ali), json!({"role": "head"})).await.expect(200);
        office.put(&place(AWAY, &ali), json!({})).await.refused(409, "membership.household_other");
        let shown = office.get(&format!("/v1/households/{HOME}")).await.expect(200);
        let roles: Vec<_> = shown["members"].as_array().expect("a list").iter().map(|m| m["role"].clone()).collect();
        assert_eq!(roles, ["head", "head"]);
        office.delete(&place(HOME, &zahra)).await.expect(204);
        office.delete(&place(HOME, &zahra)).await.refused(404, "membership.household_member_unknown");
        office.put(&place(AWAY, &zahra), json!({})).await.expect(201);
        let told: Vec<(u64, HouseholdChanged)> = club.facts().await.iter()
            .filter_map(|fact| Some((fact.seq, fact.read::<HouseholdChanged>().ok()?))).collect();
        let of_zahra: Vec<_> = told.iter().filter(|(_, fact)| fact.member_id.to_string() == zahra)
            .map(|(seq, fact)| (*seq, fact.household.map(|id| id.to_string()), fact.role)).collect();
        assert_eq!(of_zahra, [
            (3, Some(HOME.to_owned()), Some(HouseholdRole::Head)),
            (4, None, None),
            (5, Some(AWAY.to_owned()), Some(HouseholdRole::Member)),
        ]);
        club.till().put(&place(HOME, &zahra), json!({})).await.refused(403, "web.access_denied");
        let nobody = place(HOME, "0192f3a1-7c00-7000-8000-000000000002");
        office.put(&nobody, json!({})).await.refused(404, "membership.member_unknown");
        office.put(&place(HOME, &ali), json!({"role": "guest"})).await.refused(400, "web.field_choice");
    }

    async fn no_more_come_in_than_may_however_many_come_at_once(club: Club) {
        let mut members = Vec::new();
        for n in 0..14 {
            members.push(member(&club, &format!("091212345{n:02}")).await);
        }
        let office = club.operator();
        let paths: Vec<String> = members.iter().map(|member| place(HOME, member)).collect();
        let all = join_all(paths.iter().map(|path| office.put(path, json!({})))).await;
        let came = all.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(came, 10);
        let full: Vec<_> = all.into_iter().filter(|answer| answer.status != 201).collect();
        for answer in full {
            assert_eq!(answer.refused(409, "membership.household_full")["limit"], 10);
        }
        let shown = office.get(&format!("/v1/households/{HOME}")).await.expect(200);
        assert_eq!(shown["members"].as_array().map(Vec::len), Some(10));
        let audited = async || {
            let rows = Membership.audit(&club.database).await.expect("the audit runs");
            let row = rows.into_iter().find(|row| row.promise == "every household counts its members").expect("a row");
            row.holds()
        };
        assert!(audited().await);
        let on = club.database.connection();
        let damage = Statement::from_string(on.get_database_backend(), "UPDATE households SET members = members - 1");
        on.execute_raw(damage).await.expect("the SQL runs");
        assert!(!audited().await, "a household that says something else is named");
    }
}
