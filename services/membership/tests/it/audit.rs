//! The self-audit says nothing about a sound database, and names what is planted.

use std::sync::Arc;

use contracts::points::SOURCE;
use kernel::{Ids, MemberId};
use membership::{
    Membership,
    queries::{
        list_projected::{list_projected_branches, list_projected_identifiers},
        verify::{verify_rows, verify_sealed},
    },
};
use runtime::{AuditRow, Service as _, SystemIds};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use crate::club::{Club, on_both};

async fn audited(club: &Club) -> Vec<AuditRow> {
    let ids = Arc::new(SystemIds::default()) as Arc<dyn Ids>;
    let vault = Membership::vault(club.database.clone(), &club.secrets, ids).expect("good keys");
    let mut rows = verify_rows(&club.database).await.expect("the audit runs");
    rows.extend(verify_sealed(&vault).await.expect("the audit runs"));
    rows
}

fn differing(rows: &[AuditRow]) -> Vec<(&str, u64)> {
    rows.iter().filter(|row| !row.holds()).map(|row| (row.promise.as_str(), row.differing)).collect()
}

/// How many differences an audit of everything finds.
pub(crate) async fn differing_now(club: &Club) -> u64 {
    audited(club).await.iter().map(|row| row.differing).sum()
}

async fn execute(club: &Club, sql: &str) {
    let on = club.database.connection();
    on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("the SQL runs");
}

/// Places, a till key issued and revoked, three members with cards.
async fn busy(club: Club) -> Club {
    let club = club.with_places().await;
    let key = club.operator().post_nothing("/v1/branches/tehran-vanak/tills/till-1/keys").await.expect(201);
    let path = format!("/v1/till-keys/{}", key["key_id"].as_str().expect("an id"));
    club.operator().delete(&path).await.expect(204);
    for phone in ["09121234561", "09121234562", "09121234563"] {
        let body = json!({"phone": phone, "first_name": "Zahra"});
        let joined = club.till().post("/v1/members", body).await.expect(201);
        let id = joined["member_id"].as_str().expect("an id");
        club.till().post(&format!("/v1/members/{id}/cards"), json!({})).await.expect(201);
    }
    club
}

on_both! {
    async fn a_sound_database_passes(club: Club) {
        let club = busy(club).await;
        let rows = audited(&club).await;
        assert_eq!(differing(&rows), [], "{rows:?}");
        let examined: Vec<u64> = rows.iter().map(|row| row.examined).collect();
        assert_eq!(examined, [13, 6, 0, 0, 3, 6]);
        assert_eq!(Membership.audit(&club.database).await.expect("the audit runs").len(), 4);
        assert_eq!(Membership.hears()[0].stream, SOURCE);
    }

    async fn each_planted_damage_is_named(club: Club) {
        let club = busy(club).await;
        let plants = [
            ("UPDATE members SET version = version + 1", "every version of a member", 3),
            ("UPDATE branches SET version = 9", "every version of a member", 4),
            ("UPDATE identifiers SET value = first_name FROM members WHERE members.id = member_id AND kind = 'card'",
             "every identifier opens", 3),
            ("DELETE FROM identifiers WHERE kind = 'phone'", "every member's name opens", 3),
        ];
        for (sql, promise, differing) in plants {
            execute(&club, sql).await;
            let rows = audited(&club).await;
            let row = rows.iter().find(|row| row.promise.starts_with(promise)).expect("a row");
            assert_eq!(row.differing, differing, "{sql}: {rows:?}");
        }
    }

    async fn activity_of_a_stranger_is_named(club: Club) {
        let stranger = MemberId::from_uuid(SystemIds::default().uuid());
        let on = club.database.connection();
        let sql = "INSERT INTO activity (member_id, purchases, first_at, last_at, last_branch, seen, gaps, revision) \
                   VALUES ($1, 5, 9, 1, 'b1', 3, '', 1)";
        let insert = Statement::from_sql_and_values(on.get_database_backend(), sql, [stranger.as_uuid().into()]);
        on.execute_raw(insert).await.expect("planted");
        let rows = verify_rows(&club.database).await.expect("the audit runs");
        assert_eq!(differing(&rows), [("every activity is of a member and consistent with itself", 2)]);
    }

    async fn projections_are_listed_in_pages(club: Club) {
        let club = busy(club).await;
        let mut listed = Vec::new();
        let mut after = None;
        loop {
            let page = list_projected_identifiers(&club.database, after, 4).await.expect("a page");
            let Some(last) = page.last() else { break };
            after = Some(last.digest);
            listed.extend(page);
        }
        assert_eq!((listed.len(), listed.iter().filter(|row| row.active).count()), (6, 6));
        let branches = list_projected_branches(&club.database, None, 10).await.expect("a page");
        assert_eq!((branches.len(), branches[0].region.as_str()), (1, "tehran"));
    }
}
