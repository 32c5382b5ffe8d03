//! What is over is given up, and what was kept long enough is forgotten.

use sea_orm::{ConnectionTrait as _, Statement};
use webhooks::{commands::forget_kept::forget_kept, queries::backlog::backlog};

use crate::{
    house::{House, on_both},
    receiver::{Receiver, Reply},
};

async fn number(house: &House, sql: &str) -> i64 {
    let on = house.database.connection();
    let row =
        on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("a question");
    row.expect("a row").try_get_by_index(0).expect("a number")
}

const DAY: i64 = 24 * 3_600;

on_both! {
    async fn what_was_taken_loses_its_words_at_once_and_its_row_after_a_week(house: House) {
        let receiver = Receiver::start().await;
        house.subscribed(&receiver).await;
        house.purchases(3).await;
        assert_eq!(backlog(&house.database).await.expect("it is counted").0, 3);
        house.send().await;
        assert_eq!(backlog(&house.database).await.expect("it is counted"), (0, None));
        assert_eq!(number(&house, "SELECT COUNT(*) FROM deliveries WHERE body IS NOT NULL").await, 0);
        house.wait_s(7 * DAY);
        assert_eq!(forget_kept(&house.desk).await.expect("it runs").deleted, 0);
        house.wait_s(1);
        assert_eq!(forget_kept(&house.desk).await.expect("it runs").deleted, 3);
        assert_eq!(number(&house, "SELECT COUNT(*) FROM attempts").await, 0);
    }

    async fn what_waits_for_a_paused_receiver_is_given_up_in_time_and_forgotten_after_a_month(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, _) = house.subscribed(&receiver).await;
        receiver.answers(&[Reply::Status(500)]);
        house.purchases(30).await;
        house.send().await;
        house.wait_s(3 * DAY + 120);
        assert_eq!(forget_kept(&house.desk).await.expect("it runs").given_up, 30);
        let dead = house.operator().get(&format!("/v1/webhooks/{webhook}/deliveries?state=dead&limit=500")).await;
        let dead = dead.expect(200);
        let untried = dead["deliveries"].as_array().expect("a list").iter().filter(|one| one["last_outcome"] == "out_of_time");
        assert!(untried.count() >= 15, "{dead}");
        assert_eq!(house.differences().await, Vec::<String>::new());
        house.wait_s(30 * DAY + 1);
        assert_eq!(forget_kept(&house.desk).await.expect("it runs").deleted, 30);
    }

    async fn a_removed_webhook_leaves_nothing(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, _) = house.subscribed(&receiver).await;
        house.purchases(3).await;
        house.operator().delete(&format!("/v1/webhooks/{webhook}")).await.expect(204);
        house.send().await;
        assert!(receiver.calls().is_empty());
        forget_kept(&house.desk).await.expect("it runs");
        forget_kept(&house.desk).await.expect("it runs");
        for table in ["webhooks", "deliveries", "attempts"] {
            assert_eq!(number(&house, &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn the_audit_names_a_message_that_keeps_what_it_said(house: House) {
        let receiver = Receiver::start().await;
        house.subscribed(&receiver).await;
        house.purchases(1).await;
        house.send().await;
        assert_eq!(house.differences().await, Vec::<String>::new());
        let on = house.database.connection();
        let sql = "UPDATE deliveries SET body = '{}', attempts = 2";
        on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("it is planted");
        assert_eq!(house.differences().await.len(), 2);
    }
}
