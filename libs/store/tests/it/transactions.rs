//! Transactions.

use std::time::Duration;

use store::{StoreError, sea_orm::ConnectionTrait as _, shielded};

use crate::place::{both, number, run};

#[tokio::test]
async fn what_is_committed_stays_and_what_is_dropped_does_not() {
    for place in both().await {
        let database = &place.database;
        run(database, "CREATE TABLE t (n bigint PRIMARY KEY)").await;
        let tx = database.begin().await.expect("begins");
        tx.execute_unprepared("INSERT INTO t VALUES (1)").await.expect("inserts");
        tx.commit().await.expect("commits");
        let tx = database.begin().await.expect("begins");
        tx.execute_unprepared("INSERT INTO t VALUES (2)").await.expect("inserts");
        drop(tx);
        let tx = database.begin().await.expect("begins after a drop");
        tx.execute_unprepared("INSERT INTO t VALUES (4)").await.expect("inserts");
        tx.commit().await.expect("commits");
        assert_eq!(number(database, "SELECT CAST(SUM(n) AS bigint) FROM t").await, 5);
    }
}

#[tokio::test]
async fn a_transaction_with_a_failed_statement_is_not_committed_as_if_it_were_good() {
    for place in both().await {
        let database = &place.database;
        run(database, "CREATE TABLE t (n bigint PRIMARY KEY)").await;
        let tx = database.begin().await.expect("begins");
        tx.execute_unprepared("INSERT INTO t VALUES (1)").await.expect("inserts");
        let twice = tx.execute_unprepared("INSERT INTO t VALUES (1)").await.map_err(StoreError::from);
        assert!(twice.is_err_and(|error| error.is_unique_violation() && !error.is_transient()));
        let kept = tx.commit().await.is_ok();
        let rows = number(database, "SELECT COUNT(*) FROM t").await;
        assert_eq!(kept, rows == 1, "the answer of the commit is the truth");
    }
}

#[tokio::test]
async fn a_savepoint_undoes_a_failure_and_leaves_the_transaction_good() {
    for place in both().await {
        let database = &place.database;
        run(database, "CREATE TABLE t (n bigint PRIMARY KEY)").await;
        let tx = database.begin().await.expect("begins");
        for n in [1, 1, 2] {
            tx.savepoint().await.expect("marks");
            match tx.execute_unprepared(&format!("INSERT INTO t VALUES ({n})")).await {
                Ok(_) => tx.release_savepoint().await.expect("keeps"),
                Err(_) => tx.rollback_to_savepoint().await.expect("undoes"),
            }
        }
        tx.commit().await.expect("commits");
        assert_eq!(number(database, "SELECT COUNT(*) FROM t").await, 2);
    }
}

#[tokio::test]
async fn forty_writers_at_once_all_get_their_turn() {
    for place in both().await {
        let database = &place.database;
        run(database, "CREATE TABLE t (n bigint NOT NULL)").await;
        run(database, "INSERT INTO t VALUES (0)").await;
        let writers = (0..40).map(|_| {
            let database = database.clone();
            shielded(async move {
                let tx = database.begin().await.expect("begins");
                tx.execute_unprepared("UPDATE t SET n = n + 1").await.expect("updates");
                tx.commit().await.expect("commits");
            })
        });
        futures_join(writers.collect()).await;
        assert_eq!(number(database, "SELECT n FROM t").await, 40);
    }
}

async fn futures_join<F: Future<Output = ()> + Send + 'static>(work: Vec<F>) {
    let mut set = tokio::task::JoinSet::new();
    for one in work {
        set.spawn(one);
    }
    while let Some(done) = set.join_next().await {
        done.expect("no writer panics");
    }
}

#[tokio::test]
async fn shielded_work_ends_though_its_caller_is_gone() {
    for place in both().await {
        let database = place.database.clone();
        run(&database, "CREATE TABLE t (n bigint NOT NULL)").await;
        let write = shielded(async move {
            let tx = database.begin().await.expect("begins");
            tokio::time::sleep(Duration::from_millis(30)).await;
            tx.execute_unprepared("INSERT INTO t VALUES (1)").await.expect("inserts");
            tx.commit().await.expect("commits");
        });
        assert!(tokio::time::timeout(Duration::from_millis(5), write).await.is_err(), "the caller went");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(number(&place.database, "SELECT COUNT(*) FROM t").await, 1);
    }
}

#[tokio::test]
async fn a_snapshot_sees_one_state_throughout() {
    for place in both().await {
        let database = &place.database;
        run(database, "CREATE TABLE t (n bigint NOT NULL)").await;
        run(database, "INSERT INTO t VALUES (1)").await;
        let snapshot = database.snapshot().await.expect("begins");
        let count = async |tx: &store::Tx| -> i64 {
            let sql = "SELECT COUNT(*) FROM t";
            let statement = store::sea_orm::Statement::from_string(tx.get_database_backend(), sql);
            let row = tx.query_one_raw(statement).await.expect("reads").expect("a row");
            row.try_get_by_index(0).expect("a number")
        };
        assert_eq!(count(&snapshot).await, 1);
        run(database, "INSERT INTO t VALUES (2)").await;
        assert_eq!(count(&snapshot).await, 1);
        snapshot.rollback().await.expect("ends");
        assert_eq!(number(database, "SELECT COUNT(*) FROM t").await, 2);
    }
}
