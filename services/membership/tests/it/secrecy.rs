//! Names, phones and cards stay where they belong (G6; promises 25): sealed columns and nowhere else.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::MemberId;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};
use testkit::servers::Postgres;

use crate::club::{Club, on_both};

const NAME: &str = "Canarybird";
const PERSIAN: &str = "قناری‌بانو";
const PHONE: &str = "+989191827364";
const CARD: &str = "9970918273645549";

/// What must be found nowhere; the phone in the forms in which people and programs write it.
const CANARIES: [&str; 6] = [NAME, PERSIAN, PHONE, "9191827364", "۹۱۹۱۸۲۷۳۶۴", CARD];

fn finds<'n>(bytes: &[u8], needles: &[&'n str]) -> Option<&'n str> {
    // What is no text becomes a mark, and a needle between marks stays whole.
    let text = String::from_utf8_lossy(bytes);
    needles.iter().find(|needle| text.contains(**needle)).copied()
}

/// Where the club's database has its files: on PostgreSQL its own folder, and the log of all.
async fn folders(club: &Club) -> Vec<PathBuf> {
    let on = club.database.connection();
    if on.get_database_backend() == DbBackend::Sqlite {
        return vec![club.folder.path().to_owned()];
    }
    execute(club, "CHECKPOINT").await;
    let sql = "SELECT oid::bigint FROM pg_database WHERE datname = current_database()";
    let row = on.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("an answer");
    let oid: i64 = row.and_then(|row| row.try_get_by_index(0).ok()).expect("the database's number");
    let data = Postgres::shared().data_folder();
    vec![data.join("base").join(oid.to_string()), data.join("pg_wal")]
}

/// Every file of the club's database that holds one of the needles.
pub async fn leaks(club: &Club, needles: &[&str]) -> Vec<String> {
    let (mut open, mut leaks, mut files) = (folders(club).await, Vec::new(), 0);
    while let Some(path) = open.pop() {
        if let Ok(entries) = fs::read_dir(&path) {
            open.extend(entries.flatten().map(|entry| entry.path()));
        } else if let Ok(bytes) = fs::read(&path) {
            files += 1;
            leaks.extend(finds(&bytes, needles).map(|needle| format!("{}: {needle}", path.display())));
        }
    }
    assert!(files > 0);
    leaks
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// All that a till does with a member, the mistakes included; every level of the log is kept.
async fn journey(club: &Club) -> Vec<u8> {
    let log = Log::default();
    let kept = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || kept.clone());
    let guard = tracing::subscriber::set_default(subscriber.finish());
    tracing::info!("the log is kept");
    let till = club.till();
    let join = json!({"phone": PHONE, "first_name": NAME, "card": CARD});
    let joined: Value = till.post("/v1/members", join.clone()).await.expect(201);
    till.post("/v1/members", join).await.expect(200);
    till.post("/v1/members", json!({"phone": "+989191827365", "first_name": PERSIAN})).await.expect(201);
    let taken = json!({"phone": "+989191827366", "first_name": NAME, "card": CARD});
    till.post("/v1/members", taken).await.refused(409, "membership.card_taken");
    till.post("/v1/members/lookup", json!({"phone": "۰۹۱۹۱۸۲۷۳۶۴"})).await.expect(200);
    till.post("/v1/members/lookup", json!({"card": CARD})).await.expect(200);
    let id = joined["member_id"].as_str().expect("an id");
    till.get(&format!("/v1/members/{id}")).await.expect(200);
    let invitation = json!({"phone": "+989191827365"});
    club.operator().post(&format!("/v1/members/{id}/household/invitations"), invitation).await.expect(201);
    let half = format!("{{\"phone\": \"{PHONE}\", \"first_name\": \"{NAME}\"");
    till.send("POST", "/v1/members", Some(half)).await.refused(400, "web.body_malformed");
    till.post("/v1/members", json!({"phone": PHONE, "first_name": format!("{NAME}\u{202E}")}))
        .await
        .expect(422);
    drop(guard);
    let bytes = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(String::from_utf8_lossy(&bytes).contains("the log is kept"));
    bytes
}

async fn execute(club: &Club, sql: &str) {
    let on = club.database.connection();
    on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("the SQL runs");
}

on_both! {
    async fn no_canary_is_in_logs_facts_or_database_files(club: Club) {
        let log = journey(&club).await;
        assert_eq!(finds(&log, &CANARIES), None, "in the log");
        let facts = serde_json::to_vec(&club.facts().await).expect("facts are JSON");
        assert_eq!(finds(&facts, &CANARIES), None, "in the facts");
        assert_eq!(leaks(&club, &CANARIES).await, Vec::<String>::new());
    }

    async fn the_search_would_find_a_canary(club: Club) {
        execute(&club, "CREATE TABLE spilled (text TEXT)").await;
        execute(&club, "INSERT INTO spilled VALUES ('planted-leak-for-the-search')").await;
        assert!(!leaks(&club, &["planted-leak-for-the-search"]).await.is_empty());
    }

    async fn older_keys_still_open_and_the_new_one_seals(club: Club) {
        let (old, new) = ((1, [11; 32]), (2, [22; 32]));
        let before = club.till().post("/v1/members", json!({"phone": PHONE, "first_name": NAME})).await.expect(201);
        let before = before["member_id"].as_str().expect("an id").to_owned();
        let club = club.restarted(vec![new, old]).await;
        let shown = club.till().get(&format!("/v1/members/{before}")).await.expect(200);
        assert_eq!((&shown["first_name"], &shown["phone"]), (&json!(NAME), &json!("••••7364")));
        let body = json!({"phone": "+989191827365", "first_name": NAME});
        let after = club.till().post("/v1/members", body).await.expect(201);
        let after = after["member_id"].as_str().expect("an id").to_owned();

        let club = club.restarted(vec![new]).await;
        club.till().get(&format!("/v1/members/{after}")).await.expect(200);
        // The key is gone, and with it the name; the answer is a fault, not nonsense.
        let lost = club.till().get(&format!("/v1/members/{before}")).await;
        assert!(!lost.text.contains(NAME));
        lost.refused(500, "web.fault");
    }

    async fn a_name_moved_to_another_member_does_not_open(club: Club) {
        let mut ids: Vec<MemberId> = Vec::new();
        for phone in ["+989191827364", "+989191827365"] {
            let joined = club.till().post("/v1/members", json!({"phone": phone, "first_name": NAME})).await.expect(201);
            ids.push(joined["member_id"].as_str().and_then(|id| id.parse().ok()).expect("an id"));
        }
        let on = club.database.connection();
        let sql = "UPDATE members SET first_name = (SELECT first_name FROM members WHERE id = $1) WHERE id = $2";
        let values = [ids[0].as_uuid().into(), ids[1].as_uuid().into()];
        on.execute_raw(Statement::from_sql_and_values(on.get_database_backend(), sql, values)).await.expect("moved");
        club.till().get(&format!("/v1/members/{}", ids[0])).await.expect(200);
        club.till().get(&format!("/v1/members/{}", ids[1])).await.refused(500, "web.fault");
    }
}
