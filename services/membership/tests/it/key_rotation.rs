//! Members' data keys, and the change of the master keys that wrap them, while the service runs (G6).

use std::sync::Arc;

use kernel::{Ids, MemberId, SessionId};
use membership::{
    Membership,
    commands::rotate_keys::{Rotated, members_behind, rotate_keys},
    queries::verify::verify_sealed,
    store::{
        Vault,
        cipher::{Cell, DEVICE, FIRST_NAME, IDENTIFIER},
        member_seal::load_seal,
        members,
    },
};
use runtime::{AuditRow, SystemIds};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use crate::club::{Club, on_both};

pub const OLD: (u8, [u8; 32]) = (1, [11; 32]);
pub const NEW: (u8, [u8; 32]) = (2, [22; 32]);

fn vault(club: &Club) -> Vault {
    let ids = Arc::new(SystemIds::default()) as Arc<dyn Ids>;
    Membership::vault(club.database.clone(), &club.secrets, ids).expect("good keys")
}

pub async fn rotate(club: &Club) -> Rotated {
    rotate_keys(&vault(club), |_| {}).await.expect("the rotation runs")
}

async fn execute(club: &Club, sql: &str) {
    let on = club.database.connection();
    on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("the SQL runs");
}

async fn number(club: &Club, sql: &str) -> i64 {
    let on = club.database.connection();
    let row =
        on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("it runs");
    row.and_then(|row| row.try_get_by_index(0).ok()).expect("a number")
}

/// How many values were sealed by this key; 0 is members' own.
async fn sealed_by(club: &Club, key: u8) -> i64 {
    let head = format!("01{key:02X}");
    let first_two = match club.database.connection().get_database_backend() {
        DbBackend::Sqlite => |column: &str| format!("hex(substr({column}, 1, 2))"),
        _ => |column: &str| format!("upper(encode(substr({column}, 1, 2), 'hex'))"),
    };
    let mut count = 0;
    for (table, column) in [("members", "first_name"), ("identifiers", "value"), ("sessions", "device")] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {} = '{head}'", first_two(column));
        count += number(club, &sql).await;
    }
    count
}

async fn join(club: &Club, phone: &str, name: &str) -> MemberId {
    let body = json!({"phone": phone, "first_name": name});
    let joined = club.till().post("/v1/members", body).await.expect(201);
    id_of(&joined)
}

fn id_of(body: &serde_json::Value) -> MemberId {
    body["member_id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

/// Three members with two identifiers each, one of them signed in on a device with a name.
async fn busy(club: &Club) -> Vec<MemberId> {
    let mut ids = Vec::new();
    for (phone, name) in [("09121234561", "Zahra"), ("09121234562", "زهرا"), ("09121234563", "فاطمة")]
    {
        let id = join(club, phone, name).await;
        club.till().post(&format!("/v1/members/{id}/cards"), json!({})).await.expect(201);
        ids.push(id);
    }
    sign_in(club, "+989121234561", 1).await;
    ids
}

async fn sign_in(club: &Club, phone: &str, messages: usize) -> SessionId {
    let asked = club.anonymous().post("/v1/sign-in/codes", json!({"phone": phone})).await.expect(202);
    let code = club.code_for(phone, messages).await;
    let body = json!({"sign_in_id": asked["sign_in_id"], "code": code, "device": "Zahra's phone"});
    let tokens = club.anonymous().post("/v1/sign-in/tokens", body).await.expect(200);
    tokens["session_id"].as_str().and_then(|id| id.parse().ok()).expect("a session")
}

/// Takes everybody back to the time before data keys: what is theirs is sealed by the master key itself.
async fn before_data_keys(club: &Club) {
    let vault = vault(club);
    let on = club.database.connection();
    let direct = |column, member, row: &[u8], value: &str| {
        let mut nonce = [0; 12];
        vault.ids.secret(&mut nonce);
        vault.cipher.seal(Cell { column, member, row }, value, nonce)
    };
    for sealed in members::list_identifiers(on, None, 100).await.expect("a page") {
        let seal = load_seal(on, &vault, sealed.member).await.expect("it unwraps").expect("a member");
        let opened = seal.open_identifier(&sealed).expect("it opens");
        let value = direct(IDENTIFIER, sealed.member, &sealed.digest.0, opened.normal());
        let digest = sealed.digest.0.to_vec();
        set(club, "UPDATE identifiers SET value = $1 WHERE digest = $2", [value.into(), digest.into()]).await;
    }
    for (id, member) in members::list_members(on, &vault, None, 100).await.expect("a page") {
        let name = direct(FIRST_NAME, id, &[], member.expect("it opens").first_name.text());
        let sql = "UPDATE members SET first_name = $1, data_key = NULL, master_key = NULL WHERE id = $2";
        set(club, sql, [name.into(), id.as_uuid().into()]).await;
    }
    let sql = "SELECT id, member_id FROM sessions";
    let rows =
        on.query_all_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("it runs");
    for row in rows {
        let (id, member): (Uuid, Uuid) =
            (row.try_get_by_index(0).expect("an id"), row.try_get_by_index(1).expect("an id"));
        let device = direct(DEVICE, MemberId::from_uuid(member), id.as_bytes(), "Zahra's phone");
        set(club, "UPDATE sessions SET device = $1 WHERE id = $2", [device.into(), id.into()]).await;
    }
}

async fn set(club: &Club, sql: &str, values: [Value; 2]) {
    let on = club.database.connection();
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    on.execute_raw(statement).await.expect("the SQL runs");
}

async fn all_show(club: &Club, ids: &[MemberId]) {
    for (id, name) in ids.iter().zip(["Zahra", "زهرا", "فاطمة"]) {
        let shown = club.till().get(&format!("/v1/members/{id}")).await.expect(200);
        assert_eq!((&shown["first_name"], shown["cards"].as_array().map(Vec::len)), (&json!(name), Some(1)));
    }
    let listed = club.operator().get(&format!("/v1/members/{}/sessions", ids[0])).await.expect(200);
    assert_eq!(listed["sessions"][0]["device"], "Zahra's phone");
}

fn differing(rows: &[AuditRow]) -> u64 {
    rows.iter().map(|row| row.differing).sum()
}

on_both! {
    async fn everything_of_a_member_is_sealed_with_a_key_of_their_own(club: Club) {
        busy(&club).await;
        assert_eq!((sealed_by(&club, 0).await, sealed_by(&club, 1).await), (10, 0));
        assert_eq!(number(&club, "SELECT COUNT(DISTINCT data_key) FROM members WHERE master_key = 1").await, 3);
        assert_eq!(members_behind(&vault(&club)).await.expect("a count"), 0);
    }

    async fn a_member_without_a_data_key_is_lost_for_ever_and_alone(club: Club) {
        let ids = busy(&club).await;
        let sql = "UPDATE members SET data_key = NULL, master_key = NULL WHERE id = $1 AND status = $2";
        set(&club, sql, [ids[0].as_uuid().into(), "active".into()]).await;
        let lost = club.till().get(&format!("/v1/members/{}", ids[0])).await;
        assert!(!lost.text.contains("Zahra"));
        lost.refused(500, "web.fault");
        club.till().get(&format!("/v1/members/{}", ids[1])).await.expect(200);
        // The rotation cannot help either, and says of whom.
        let done = rotate(&club).await;
        assert_eq!((done.members, done.broken, done.broken_members), (0, 1, vec![ids[0]]));
        assert!(differing(&verify_sealed(&vault(&club)).await.expect("the audit runs")) > 0);
    }

    async fn a_rotation_leaves_nothing_to_the_old_key(club: Club) {
        let ids = busy(&club).await;
        let club = club.restarted(vec![NEW, OLD]).await;
        let late = join(&club, "09121234564", "Maryam").await;
        all_show(&club, &ids).await;
        assert_eq!(members_behind(&vault(&club)).await.expect("a count"), 3);
        let mut heard = Vec::new();
        let done = rotate_keys(&vault(&club), |looked_at| heard.push(looked_at)).await.expect("it runs");
        assert_eq!((done.master_key, done.members, done.broken, heard), (2, 3, 0, vec![3]));
        assert!(done.others > 0, "the key for access tokens was sealed anew");
        assert_eq!(number(&club, "SELECT COUNT(*) FROM members WHERE master_key = 2").await, 4);
        assert_eq!(rotate(&club).await, Rotated { master_key: 2, ..Rotated::default() });

        let club = club.restarted(vec![NEW]).await;
        all_show(&club, &ids).await;
        club.till().get(&format!("/v1/members/{late}")).await.expect(200);
        assert_eq!(differing(&verify_sealed(&vault(&club)).await.expect("the audit runs")), 0);
    }

    async fn members_from_before_data_keys_open_and_the_rotation_gives_them_keys(club: Club) {
        let ids = busy(&club).await;
        before_data_keys(&club).await;
        assert_eq!((sealed_by(&club, 0).await, sealed_by(&club, 1).await), (0, 10));
        all_show(&club, &ids).await;
        // What they get before the rotation opens as well, before and after.
        club.till().post(&format!("/v1/members/{}/cards", ids[2]), json!({"number": "9970918273645549"})).await.expect(201);
        assert_eq!(differing(&verify_sealed(&vault(&club)).await.expect("the audit runs")), 0);
        let done = rotate(&club).await;
        assert_eq!((done.members, done.broken), (3, 0));
        assert_eq!((sealed_by(&club, 0).await, sealed_by(&club, 1).await), (11, 0));
        all_show(&club, &ids[..2]).await;
        assert_eq!(differing(&verify_sealed(&vault(&club)).await.expect("the audit runs")), 0);
    }

    async fn members_are_read_and_join_while_keys_are_rotated(club: Club) {
        let ids = busy(&club).await;
        before_data_keys(&club).await;
        let club = club.restarted(vec![NEW, OLD]).await;
        let vault = vault(&club);
        let reading = async {
            for turn in 0..40 {
                all_show(&club, &ids).await;
                join(&club, &format!("0912200{turn:04}"), "Maryam").await;
            }
        };
        let rotating = async {
            for _ in 0..5 {
                rotate_keys(&vault, |_| {}).await.expect("the rotation runs");
            }
        };
        futures_util::join!(reading, rotating);
        assert_eq!(sealed_by(&club, 0).await, 10 + 80);
        assert_eq!(members_behind(&vault).await.expect("a count"), 0);
    }

    async fn a_data_key_of_another_member_opens_nothing(club: Club) {
        let ids = busy(&club).await;
        execute(&club, "UPDATE members SET data_key = (SELECT data_key FROM members ORDER BY id LIMIT 1)").await;
        let answers = [&ids[0], &ids[1], &ids[2]].map(|id| format!("/v1/members/{id}"));
        let mut open = 0;
        for path in answers {
            open += u32::from(club.till().get(&path).await.status == 200);
        }
        assert_eq!(open, 1);
    }
}
