//! Promise 2: a dropped client never corrupts a pool. The planted bug is a pool without guards, and it must lose.

use std::time::Duration;

use store::{
    Database, DatabaseSettings,
    sea_orm::{ConnectionTrait as _, Statement, TransactionTrait as _},
};
use testkit::{proxy::TcpProxy, servers::Postgres};

use crate::place::{number, run};

/// Small for every build; `VAFA_LONG=1` for the promise's own size: cuts, earns, and the database's delay.
fn sizes() -> (u64, i64, Duration) {
    if std::env::var_os("VAFA_LONG").is_some() {
        (2_000, 10_000, Duration::from_millis(60))
    } else {
        (40, 200, Duration::from_millis(20))
    }
}

struct Rig {
    direct: Database,
    proxied: DatabaseSettings,
    proxy: TcpProxy,
}

async fn rig() -> Rig {
    let server = Postgres::shared();
    let url = server.fresh_database("cancelled").expect("a fresh database");
    let direct = store::connect(&DatabaseSettings::at(&url)).await.expect("opens");
    run(&direct, "CREATE TABLE earned (n bigint PRIMARY KEY)").await;
    let proxy = TcpProxy::start(format!("127.0.0.1:{}", server.port())).await.expect("a proxy");
    let url = url.replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port()));
    let proxied =
        DatabaseSettings { max_connections: 4, acquire_timeout_ms: 20_000, ..DatabaseSettings::at(url) };
    Rig { direct, proxied, proxy }
}

async fn begin_and_commit(pool: &Database, sea_orm_begins: bool) {
    if sea_orm_begins {
        let tx = pool.connection().begin().await.expect("begins");
        tx.commit().await.expect("commits");
    } else {
        let tx = pool.begin().await.expect("begins");
        tx.commit().await.expect("commits");
    }
}

/// Cuts off requests at all moments of a transaction, over a slow way, and some surely while it begins; then earns on the
/// same pool, each in one statement. Answers how many acknowledged earns are missing.
async fn lost_after_cuts(rig: &Rig, pool: &Database, sea_orm_begins: bool) -> i64 {
    let (cuts, earns, delay) = sizes();
    for _ in 0..4 {
        begin_and_commit(pool, sea_orm_begins).await;
    }
    rig.proxy.delay(delay);
    for cut in 0..cuts {
        let patience = delay.mul_f64(f64::from(u32::try_from(cut * 7 % 33).expect("small")) / 10.0);
        let _ = tokio::time::timeout(patience, begin_and_commit(pool, sea_orm_begins)).await;
    }
    for _ in 0..6 {
        // Long enough for connections to be back in the pool, so that what is cut is a `BEGIN` under way.
        tokio::time::sleep(delay * 6).await;
        let _ = tokio::time::timeout(delay, begin_and_commit(pool, sea_orm_begins)).await;
    }
    tokio::time::sleep(delay * 6).await;
    rig.proxy.delay(Duration::ZERO);
    let connection = pool.connection();
    for n in 0..earns {
        let sql = "INSERT INTO earned VALUES ($1)";
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [n.into()]);
        connection.execute_raw(statement).await.expect("acknowledged");
    }
    pool.close().await;
    earns - number(&rig.direct, "SELECT COUNT(*) FROM earned").await
}

#[tokio::test]
async fn without_guards_acknowledged_writes_are_lost() {
    let rig = rig().await;
    let pool = Database::connect_unguarded(&rig.proxied).await.expect("opens");
    assert!(
        lost_after_cuts(&rig, &pool, true).await > 0,
        "the planted bug must bite, or this rig shows nothing"
    );
}

#[tokio::test]
async fn with_the_guard_on_the_pool_nothing_is_lost() {
    let rig = rig().await;
    let pool = store::connect(&rig.proxied).await.expect("opens");
    assert_eq!(lost_after_cuts(&rig, &pool, true).await, 0);
}

#[tokio::test]
async fn with_both_guards_nothing_is_lost_and_nothing_stays_open() {
    let rig = rig().await;
    let pool = store::connect(&rig.proxied).await.expect("opens");
    assert_eq!(lost_after_cuts(&rig, &pool, false).await, 0);
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
               AND datname = current_database()";
    assert_eq!(number(&rig.direct, sql).await, 0);
}
