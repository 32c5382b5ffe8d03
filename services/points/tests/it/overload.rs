//! What a till hears when the service has too much to do, stops, or waits for its database.

use futures_util::future::join_all;
use kernel::IdentifierKind;
use serde_json::json;
use store::{Backend, Tx};

use crate::shop::{Shop, base, basket, member, on_both};

/// Holds the rows that purchases write, as somebody who takes long would.
async fn hold(shop: &Shop) -> Tx {
    let tx = shop.database.begin().await.expect("a transaction");
    if shop.database.backend() == Backend::Postgres {
        let lock = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "LOCK TABLE journals");
        sea_orm::ConnectionTrait::execute_raw(tx.connection(), lock).await.expect("locked");
    }
    tx
}

on_both! {
    async fn a_full_queue_sends_tills_away_and_nothing_of_theirs_is_done(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let tight = shop.with(&[("points.queue", "1"), ("points.batch", "1")], |_| {}).await;
        let till = tight.till();
        let bodies: Vec<_> = (0..8).map(|n| (format!("k{n}"), basket(&format!("R{n}"), 10_000))).collect();
        let answers = join_all(bodies.iter().map(|(key, body)| till.buy(key, body))).await;
        let served = answers.iter().filter(|a| a.status == 201).count();
        let sent_away = answers.iter().filter(|a| a.code() == "points.too_busy" && a.status == 503 && a.retry_after);
        assert_eq!((served, served + sent_away.count()), (1, 8));
        assert_eq!(shop.rows().await[0], 1);
        for (key, body) in &bodies {
            assert!(matches!(till.buy(key, body).await.status, 200 | 201), "all are served in their turn");
        }
        assert_eq!(shop.rows().await[0], 8);
        shop.holds().await;
    }

    async fn a_service_that_stops_finishes_what_it_took_and_takes_nothing_more(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let till = shop.till();
        let bodies: Vec<_> = (0..5).map(|n| (format!("k{n}"), basket(&format!("R{n}"), 10_000))).collect();
        let taken = join_all(bodies.iter().map(|(key, body)| till.buy(key, body)));
        let stop = async { shop.tasks.stop(std::time::Duration::from_secs(10)).await };
        let (answers, clean) = tokio::join!(taken, stop);
        assert!(clean && answers.iter().all(|a| a.status == 201), "{answers:?}");
        let late = till.buy("k9", &basket("R9", 10_000)).await;
        assert!(late.retry_after);
        late.refused(503, "points.stopping");
        assert_eq!(shop.rows().await[0], 5);
        shop.holds().await;
    }

    async fn an_answer_that_came_too_late_is_there_for_the_next_try(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let held = hold(&shop).await;
        let impatient = shop.till().within_ms(300);
        let body = basket("R1", 10_000);
        let answer = impatient.buy("k1", &body).await;
        assert!(answer.retry_after);
        answer.refused(409, "points.still_running");
        held.rollback().await.expect("let go");
        let again = shop.till().buy("k1", &body).await;
        assert!(matches!((again.status, again.replayed), (200, true) | (201, false)), "{}", again.text);
        assert_eq!(shop.till().balance(member(1)).await["points"], 1);
        assert_eq!(shop.rows().await[0], 1);
    }

    async fn a_deadline_that_has_passed_does_nothing(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().within_ms(0).buy("k1", &basket("R1", 10_000)).await.refused(504, "web.deadline_passed");
        assert_eq!(shop.rows().await[0], 0);
    }

    async fn a_database_that_does_not_answer_in_time_is_told_as_such(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let hasty = shop.with(&[], |settings| settings.busy_timeout_ms = 60).await;
        let held = hold(&shop).await;
        let answer = hasty.till().buy("k1", &basket("R1", 10_000)).await;
        assert!(answer.retry_after);
        answer.refused(503, "points.database_busy");
        held.rollback().await.expect("let go");
        hasty.till().buy("k1", &basket("R1", 10_000)).await.expect(201);
        shop.holds().await;
    }

    async fn a_till_that_hangs_up_changes_nothing_about_its_purchase(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let held = hold(&shop).await;
        let body = basket("R1", 10_000);
        let till = shop.till();
        let hung_up = tokio::time::timeout(std::time::Duration::from_millis(100), till.buy("k1", &body)).await;
        assert!(hung_up.is_err());
        held.rollback().await.expect("let go");
        let again = till.buy("k1", &body).await;
        assert!(matches!(again.status, 200 | 201), "{}", again.text);
        assert_eq!(shop.rows().await[0], 1);
        shop.holds().await;
    }

    async fn more_points_than_can_be_counted_are_refused(shop: Shop) {
        let rich = crate::shop::rule("rich", json!({"per_amount": {"amount": 1, "points": 1_000_000_000}}));
        let shop = shop.selling(&[rich]).await;
        shop.joined(member(3), "+989120000003", IdentifierKind::Phone).await;
        let body = basket("R1", 1_000_000_000_000);
        shop.till().buy("k1", &body).await.refused(422, "points.too_many_points");
        // Just below, once; the second one would not fit.
        shop.till().buy("k2", &basket("R2", 9_000_000_000)).await.expect(201);
        shop.till().buy("k3", &basket("R3", 9_000_000_000)).await.refused(422, "points.too_many_points");
        shop.holds().await;
    }
}
