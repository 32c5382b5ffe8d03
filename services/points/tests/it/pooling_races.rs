//! Members of one household spend at the same time, on two replicas: not one point too many.

use std::{sync::Arc, time::Duration};

use contracts::membership::{HouseholdChanged, HouseholdRole};
use futures_util::future::join_all;
use kernel::{HouseholdId, IdentifierKind};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::shop::{Shop, base, basket, member, on_both, programme};

/// What each of three members has: who spends most has least.
const HAVE: [i64; 3] = [10, 10, 280];
const ALL: i64 = 300;
const TAKES: i64 = 7;

fn phone(who: usize) -> String {
    format!("+98912777000{who}")
}

/// Three members of one household.
async fn family(shop: Shop) -> Shop {
    let mut document = programme(&[base()]);
    document["spending"] = json!({"point_value": 1});
    document["pooling"] = json!({});
    shop.operator().put("/v1/programme", document).await.expect(201);
    for (who, points) in HAVE.into_iter().enumerate() {
        let member_id = member(50 + who as u128);
        shop.joined(member_id, &phone(who), IdentifierKind::Phone).await;
        let household = Some(HouseholdId::from_uuid(uuid::Uuid::from_u128(7)));
        shop.tells(&HouseholdChanged { member_id, household, role: Some(HouseholdRole::Member) }).await;
        earns(&shop, who, &format!("E{who}"), points).await;
    }
    shop
}

async fn earns(shop: &Shop, who: usize, receipt: &str, points: i64) {
    let mut body = basket(receipt, points * 10_000);
    body["member"] = json!({"phone": phone(who)});
    shop.till().buy(receipt, &body).await.expect(201);
}

/// What became of many who spent at once.
#[derive(Debug, Default, PartialEq, Eq)]
struct Spree {
    done: i64,
    /// Refusals that are not the one that is documented.
    undocumented: Vec<String>,
    left: i64,
    /// Accounts that are below nothing.
    negative: i64,
}

impl Spree {
    async fn look(mut self, shop: &Shop) -> Self {
        self.left = shop.number("SELECT CAST(SUM(balance) AS bigint) FROM accounts").await;
        self.negative = shop.number("SELECT COUNT(*) FROM accounts WHERE balance < 0").await;
        self
    }

    /// As many as could be paid were, and not one point more or less is gone.
    fn is_clean(&self) -> bool {
        let sound = self.undocumented.is_empty() && self.negative == 0;
        sound && self.done == ALL / TAKES && self.left == ALL % TAKES
    }
}

/// One of the ways to spend, by turns: a redemption, a hold, a purchase paid with points that earns nothing.
fn asks(n: usize) -> (&'static str, Value) {
    let who = json!({"phone": phone([0, 1, 0, 1, 2][n % 5])});
    match n % 4 {
        0 | 2 => ("/v1/redemptions", json!({"member": who, "points": TAKES})),
        1 => ("/v1/holds", json!({"member": who, "points": TAKES, "lifetime_s": 604_800})),
        _ => {
            let mut body = basket(&format!("P{n}"), TAKES);
            body["member"] = who;
            body["spend"] = json!({"points": TAKES});
            ("/v1/purchases", body)
        }
    }
}

on_both! {
    async fn a_household_that_spends_at_once_on_two_replicas_never_overspends(shop: Shop) {
        let shop = family(shop).await;
        let other = shop.replica().await;
        let tills = [shop.till(), other.till()];
        let all = (0..60_usize).map(|n| {
            let (till, (path, body)) = (&tills[n % 2], asks(n));
            async move { till.keyed(&format!("s{n}"), path, &body).await }
        });
        let mut seen = Spree::default();
        for answer in join_all(all).await {
            match (answer.status, answer.code()) {
                (201, _) => seen.done += 1,
                (422, "points.balance_too_low") => {}
                _ => seen.undocumented.push(answer.text),
            }
        }
        let seen = seen.look(&shop).await;
        assert!(seen.is_clean(), "{seen:?}");
        shop.holds().await;
    }

    async fn a_draw_that_reads_and_writes_without_a_lock_is_found(shop: Shop) {
        let shop = Arc::new(family(shop).await);
        let everybody_read = Arc::new(Barrier::new(60));
        let all = (0..60_usize).map(|n| {
            let (shop, everybody_read) = (Arc::clone(&shop), Arc::clone(&everybody_read));
            async move {
                let funder = format!("receipt = 'E{}'", n % HAVE.len());
                let whose = format!("member_id = (SELECT member_id FROM journals WHERE {funder})");
                let there = shop.number("SELECT CAST(SUM(balance) AS bigint) FROM accounts").await;
                let own = shop.number(&format!("SELECT balance FROM accounts WHERE {whose}")).await;
                everybody_read.wait().await;
                if there < TAKES {
                    return 0;
                }
                let left = own - TAKES;
                shop.execute(&format!("UPDATE accounts SET balance = {left} WHERE {whose}")).await;
                1
            }
        });
        let done = join_all(all).await.into_iter().sum();
        let seen = Spree { done, ..Spree::default() }.look(&shop).await;
        assert!(seen.done * TAKES > ALL && seen.left > 0 && !seen.is_clean(), "{seen:?}");
    }
}

/// A draw that knows the household waits for an account of it; meanwhile another one leaves, and earns. On SQLite nobody comes in
/// between.
#[tokio::test]
async fn what_somebody_earns_who_left_while_a_draw_waited_is_out_of_reach() {
    let shop = family(Shop::on_postgres().await).await;
    let held = shop.database.begin().await.expect("a transaction");
    let sql = format!("SELECT 1 FROM accounts WHERE member_id = '{}' FOR UPDATE", member(51));
    held.connection()
        .execute_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await
        .expect("the SQL runs");
    let meanwhile = async {
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while shop.number(waiting).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let left = HouseholdChanged { member_id: member(52), household: None, role: None };
        shop.hear(&[shop.fact(1, &left)]).await;
        earns(&shop, 2, "L2", 1_000).await;
        held.rollback().await.expect("the end");
    };
    let body = json!({"member": {"phone": phone(0)}, "points": 150});
    let till = shop.till();
    let (answer, ()) = tokio::join!(till.keyed("s1", "/v1/redemptions", &body), meanwhile);
    assert_eq!(answer.refused(422, "points.balance_too_low")["missing"], 130);
    assert_eq!(shop.till().balance(member(52)).await["points"], 1_280);
    shop.holds().await;
}
