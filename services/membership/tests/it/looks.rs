//! Who of the back office looks at a member's data says why, and it is noted for good (promise 25).

use futures_util::future::join_all;
use kernel::{Grant, MemberId, Reach, Role, SessionId, StaffId};
use membership::queries::looks::looks_at;
use runtime::{LookBook, SystemClock};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};
use web::{Caller, Look, LookReason};

use crate::{
    club::{Club, Sender, on_both},
    leaving::{count, zahra},
};

const DAY: i64 = 86_400;
const STAFF: StaffId = StaffId::from_uuid(uuid::Uuid::from_u128(41));

fn staff(role: Role) -> Caller {
    let session = SessionId::from_uuid(uuid::Uuid::from_u128(42));
    Caller::Staff { staff: STAFF, session, grants: [Grant { role, reach: Reach::Chain }].into() }
}

impl Sender<'_> {
    /// Looks for this reason, or says none.
    fn saying(mut self, reason: Option<&'static str>) -> Self {
        self.reason = reason;
        self
    }
}

async fn page(club: &Club, query: &str) -> Value {
    club.sender(staff(Role::Auditor)).get(&format!("/v1/looks/membership{query}")).await.expect(200)
}

async fn looks(club: &Club, query: &str) -> Vec<Value> {
    page(club, query).await["looks"].as_array().expect("a list").clone()
}

fn told(look: &Value) -> [&str; 3] {
    ["operation", "member_id", "reason"].map(|name| look[name].as_str().unwrap_or_default())
}

fn numbers(looks: &[Value]) -> Vec<i64> {
    looks.iter().map(|look| look["number"].as_i64().expect("a number")).collect()
}

fn book(club: &Club) -> LookBook {
    club.desk.vault.look_book()
}

/// What `vafa verify` finds.
async fn found(club: &Club) -> Vec<String> {
    book(club).audit().await.expect("the audit runs").examples
}

async fn execute(club: &Club, sql: &str) -> Result<(), sea_orm::DbErr> {
    let on = club.database.connection();
    on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.map(drop)
}

/// Whoever owns the database can take its guards away.
async fn tamper(club: &Club, sql: &str) {
    let of = match club.database.connection().get_database_backend() {
        DbBackend::Sqlite => "",
        _ => " ON looks",
    };
    for guard in ["looks_unchanged", "looks_kept"] {
        execute(club, &format!("DROP TRIGGER IF EXISTS {guard}{of}")).await.expect("the guard goes");
    }
    execute(club, sql).await.expect("the SQL runs");
}

async fn looked(club: &Club, times: usize) -> MemberId {
    let id = zahra(club).await;
    for _ in 0..times {
        club.sender(staff(Role::SupportAgent)).get(&format!("/v1/members/{id}")).await.expect(200);
    }
    assert_eq!(found(club).await, Vec::<String>::new());
    id
}

on_both! {
    async fn staff_say_why_they_look_and_it_is_noted(club: Club) {
        let id = zahra(&club).await;
        let (path, agent) = (format!("/v1/members/{id}"), || club.sender(staff(Role::SupportAgent)));
        agent().saying(None).get(&path).await.refused(400, "web.look_reason_missing");
        agent().saying(Some("curious")).get(&path).await.refused(400, "web.look_reason_invalid");
        for (language, word) in [("fa", "دلیل"), ("ar", "سبب"), ("en", "why")] {
            let refused = agent().saying(None).speaking(language).get(&path).await;
            let refused = refused.refused(400, "web.look_reason_missing");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
        assert_eq!(looks(&club, "").await.len(), 0, "who is refused sees nothing");
        agent().saying(Some("complaint")).get(&path).await.expect(200);
        let phone = json!({"phone": "09121234567"});
        agent().saying(Some("suspicion")).post("/v1/members/lookup", phone.clone()).await.expect(200);
        club.operator().saying(None).get(&format!("{path}/cards")).await.expect(200);
        // Who is no looker: the member, the till; and what was not found shows nobody.
        club.signed_in(&id.to_string()).saying(None).get(&path).await.expect(200);
        club.till().saying(None).post("/v1/members/lookup", phone).await.expect(200);
        agent().post("/v1/members/lookup", json!({"phone": "09129999999"})).await.expect(404);
        let noted = looks(&club, &format!("?member_id={id}")).await;
        let hers = id.to_string();
        let told: Vec<_> = noted.iter().map(told).collect();
        assert_eq!(told, [["list_cards", &hers, ""], ["look_up_member", &hers, "suspicion"], ["read_member", &hers, "complaint"]]);
        assert_eq!((&noted[0]["staff_id"], &noted[1]["staff_id"]), (&Value::Null, &json!(STAFF)));
        assert_eq!(noted[2]["looked_at"], json!(club.now()));
        let hers = looks_at(&club.desk.vault, id, 2).await.expect("they are listed");
        assert_eq!((hers.looks.len(), hers.has_more), (2, true));
    }

    async fn a_join_that_shows_somebody_known_is_a_look(club: Club) {
        let id = zahra(&club).await;
        let cashier = club.sender(staff(Role::Cashier));
        let join = |phone: &str| json!({"phone": phone, "first_name": "Zahra"});
        cashier.post("/v1/members", join("09121239999")).await.expect(201);
        assert_eq!(looks(&club, "").await.len(), 0, "a new member is not looked at");
        cashier.post("/v1/members", join("09121234567")).await.expect(200);
        assert_eq!(told(&looks(&club, "").await[0]), ["join_member", &id.to_string(), "member_asked"]);
    }

    async fn a_household_is_a_look_at_everybody_in_it(club: Club) {
        let id = zahra(&club).await;
        let agent = club.sender(staff(Role::SupportAgent));
        for path in [format!("/v1/members/{id}/household"), "/v1/households/0192f3a1-7c00-7000-8000-0000000000a1".to_owned()] {
            let before = count(&club, "looks").await;
            agent.get(&path).await.expect(200);
            assert_eq!(count(&club, "looks").await - before, 2, "{path}");
        }
        assert_eq!(looks(&club, &format!("?member_id={id}")).await.len(), 2);
    }

    async fn the_record_is_read_by_few_and_page_by_page(club: Club) {
        let id = looked(&club, 3).await;
        club.wait_s(60);
        club.operator().get(&format!("/v1/members/{id}")).await.expect(200);
        let first = club.sender(staff(Role::Administrator)).get("/v1/looks/membership?limit=2").await.expect(200);
        let next = format!("?limit=2&cursor={}", first["next_cursor"].as_str().expect("a cursor"));
        let second = page(&club, &next).await;
        assert_eq!(numbers(first["looks"].as_array().expect("looks")), [4, 3]);
        assert_eq!((numbers(second["looks"].as_array().expect("looks")), &second["has_more"]), (vec![2, 1], &json!(false)));
        let now = club.now();
        for (query, expected) in [
            (format!("?staff_id={STAFF}"), vec![3, 2, 1]),
            (format!("?staff_id={}", StaffId::from_uuid(uuid::Uuid::from_u128(5))), vec![]),
            (format!("?member_id={STAFF}"), vec![]),
            (format!("?member_id={id}&from={now}"), vec![4]),
            (format!("?until={now}&staff_id={STAFF}&limit=1"), vec![3]),
        ] {
            assert_eq!(numbers(&looks(&club, &query).await), expected, "{query}");
        }
        for role in [Role::SupportAgent, Role::Cashier, Role::BranchManager, Role::Finance, Role::Marketing] {
            club.sender(staff(role)).get("/v1/looks/membership").await.refused(403, "web.access_denied");
        }
        let auditor = club.sender(staff(Role::Auditor));
        for limit in ["0", "201"] {
            auditor.get(&format!("/v1/looks/membership?limit={limit}")).await.refused(400, "membership.limit_out_of_range");
        }
        auditor.get("/v1/looks/membership?cursor=x").await.refused(400, "membership.cursor_invalid");
    }

    async fn the_database_itself_takes_no_change_and_no_deletion(club: Club) {
        let _ = looked(&club, 2).await;
        for sql in ["UPDATE looks SET reason = 'audit' WHERE number = 1", "DELETE FROM looks WHERE number = 2"] {
            assert!(execute(&club, sql).await.is_err(), "{sql}");
        }
        assert_eq!(found(&club).await, Vec::<String>::new());
    }

    async fn a_planted_change_is_found(club: Club) {
        let _ = looked(&club, 3).await;
        tamper(&club, "UPDATE looks SET reason = 'audit' WHERE number = 2").await;
        assert_eq!(found(&club).await, ["look 2 is not what was sealed"]);
    }

    async fn a_look_that_is_taken_out_is_found(club: Club) {
        let _ = looked(&club, 3).await;
        tamper(&club, "DELETE FROM looks WHERE number = 2").await;
        assert_eq!(found(&club).await, ["looks 2 to 2 are missing", "look 3 is not what was sealed"]);
    }

    async fn a_record_that_is_cut_off_is_found(club: Club) {
        let _ = looked(&club, 3).await;
        tamper(&club, "DELETE FROM looks WHERE number = 3").await;
        assert_eq!(found(&club).await, ["the record ends with look 2, and was noted to end with 3"]);
        // And so it is when what is noted of its end is brought into line.
        let ends = "UPDATE look_chain SET last_number = 2, last_seal = (SELECT seal FROM looks WHERE number = 2)";
        tamper(&club, ends).await;
        assert_eq!(found(&club).await, ["where the looks begin and end is not what was noted"]);
    }

    async fn a_record_whose_beginning_is_gone_is_found(club: Club) {
        let _ = looked(&club, 3).await;
        tamper(&club, "DELETE FROM looks WHERE number = 1").await;
        assert_eq!(found(&club).await, ["looks 1 to 1 are missing", "look 2 is not what was sealed"]);
    }

    async fn a_look_that_is_added_by_hand_is_found(club: Club) {
        let id = looked(&club, 1).await;
        tamper(&club, "INSERT INTO looks (number, looked_at, operation, member_id, seal) SELECT 2, looked_at, operation, member_id, seal FROM looks").await;
        assert_eq!(found(&club).await, ["look 2 is not what was sealed"]);
        assert_eq!(looks(&club, &format!("?member_id={id}")).await.len(), 2);
    }

    async fn replicas_that_note_at_the_same_time_make_one_chain(club: Club) {
        let id = zahra(&club).await;
        let settings = club.database.settings();
        let (one, two) = tokio::try_join!(store::connect(settings), store::connect(settings)).expect("both connect");
        let vault = &club.desk.vault;
        let books = [&one, &two].map(|database| vault.look_book_of("membership", database));
        let look = Look { staff: Some(STAFF), operation: "read_member", members: vec![id], reason: Some(LookReason::Audit), reference: None };
        let noted = join_all((0..60).map(|n| books[n % 2].note(&look, &SystemClock))).await;
        assert!(noted.iter().all(Result::is_ok), "{noted:?}");
        assert_eq!((count(&club, "looks").await, found(&club).await), (60, vec![]));
    }

    async fn looks_at_who_left_stay_and_name_an_id_alone(club: Club) {
        let id = looked(&club, 1).await;
        club.operator().post(&format!("/v1/members/{id}/leaving"), json!({"reason": "asked"})).await.expect(200);
        assert_eq!((looks(&club, &format!("?member_id={id}")).await.len(), found(&club).await), (1, vec![]));
    }

    async fn looks_are_forgotten_years_later_and_the_chain_goes_on(club: Club) {
        let id = looked(&club, 2).await;
        let club = club.later(1_000 * DAY).await;
        club.sender(staff(Role::SupportAgent)).get(&format!("/v1/members/{id}")).await.expect(200);
        let club = club.later(1_096 * DAY).await;
        for _ in 0..500 {
            if count(&club, "looks").await == 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(numbers(&looks(&club, "").await), [3]);
        assert_eq!(found(&club).await, Vec::<String>::new());
        club.sender(staff(Role::SupportAgent)).get(&format!("/v1/members/{id}")).await.expect(200);
        assert_eq!((numbers(&looks(&club, "").await), found(&club).await), (vec![4, 3], vec![]));
        // Where it begins cannot be moved on by others.
        tamper(&club, "UPDATE look_chain SET after_number = 3, after_seal = (SELECT seal FROM looks WHERE number = 3)").await;
        assert_eq!(found(&club).await, ["where the looks begin and end is not what was noted"]);
    }
}
