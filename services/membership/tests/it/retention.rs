//! What is over is forgotten when it was kept long enough, batch by batch, and counted (J4, G6).

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    leaving::{count, zahra},
};

const DAY: i64 = 86_400;

async fn lines(club: &Club) -> Vec<Value> {
    let table = club.operator().get("/v1/retention").await.expect(200);
    table["lines"].as_array().expect("lines").clone()
}

async fn forgotten(club: &Club, kept: &str) -> u64 {
    let lines = lines(club).await;
    let line = lines.iter().find(|line| line["kept"] == kept).unwrap_or_else(|| panic!("no line {kept}"));
    line["forgotten"].as_u64().expect("a number")
}

/// Waits until the job that runs at the start of a service has looked at every line.
pub(crate) async fn looked(club: &Club) {
    let now = json!(club.now());
    for _ in 0..500 {
        if lines(club).await.iter().all(|line| line["ran_at"] == now) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the job did not run: {:?}", lines(club).await);
}

on_both! {
    async fn each_line_is_forgotten_in_its_own_time(club: Club) {
        let _ = zahra(&club).await;
        let club = club.later(3 * DAY).await;
        looked(&club).await;
        for (table, rows) in [("sign_ins", 0), ("sign_in_messages", 0), ("code_windows", 0), ("card_tokens", 0), ("sessions", 1), ("household_invitations", 2)] {
            assert_eq!(count(&club, table).await, rows, "{table}");
        }
        assert_eq!((forgotten(&club, "sign_in_codes").await, forgotten(&club, "sessions").await), (2, 0));
        let club = club.later(209 * DAY).await;
        looked(&club).await;
        assert_eq!((count(&club, "sessions").await, count(&club, "household_invitations").await), (1, 0), "kept for 30 days after its 180 are over");
        let club = club.later(211 * DAY).await;
        looked(&club).await;
        assert_eq!((count(&club, "sessions").await, count(&club, "refresh_tokens").await), (0, 0));
        assert_eq!((forgotten(&club, "sessions").await, count(&club, "consents").await), (1, 1), "the consents of members stay");
    }

    async fn consents_of_who_left_are_forgotten_years_later(club: Club) {
        let id = zahra(&club).await;
        club.operator().post(&format!("/v1/members/{id}/leaving"), json!({"reason": "asked"})).await.expect(200);
        let club = club.later(1_094 * DAY).await;
        looked(&club).await;
        assert_eq!(count(&club, "consents").await, 2);
        let club = club.later(1_096 * DAY).await;
        looked(&club).await;
        assert_eq!((count(&club, "consents").await, forgotten(&club, "consents_of_those_who_left").await), (0, 2));
    }

    async fn more_than_a_batch_is_forgotten_and_counted(club: Club) {
        let on = club.database.connection();
        for number in 0..1_203 {
            let sql = "INSERT INTO code_windows (subject, since, until, used) VALUES ($1, $2, $3, 1)";
            let values = [vec![7_u8; 16].into(), i64::from(number).into(), i64::from(number).into()];
            on.execute_raw(Statement::from_sql_and_values(on.get_database_backend(), sql, values)).await.expect("a row");
        }
        let club = club.later(2 * DAY).await;
        looked(&club).await;
        assert_eq!((count(&club, "code_windows").await, forgotten(&club, "code_windows").await), (0, 1_203));
    }
}
