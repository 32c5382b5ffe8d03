//! Many transfers at once, also through two services: exactly those that fit succeed, and points are conserved (I3, I4).

use std::sync::Arc;

use futures_util::future::join_all;
use kernel::IdentifierKind;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::shop::{Shop, basket, member, on_both};
use crate::transfers::{gift, rich};

/// The sum of all balances, and how many there are below none.
async fn total(shop: &Shop) -> (i64, i64) {
    let sum = shop.number("SELECT CAST(COALESCE(SUM(balance), 0) AS bigint) FROM accounts").await;
    let lots = shop.number("SELECT CAST(COALESCE(SUM(points), 0) AS bigint) FROM lots").await;
    assert_eq!(sum, lots, "lots add up to balances");
    (sum, shop.number("SELECT COUNT(*) FROM accounts WHERE balance < 0").await)
}

/// So many members with 100 points each, numbered from 1.
async fn members_with_points(shop: &Shop, many: u128) {
    for number in 3..=many {
        shop.joined(member(number), &format!("+98912000{number:04}"), IdentifierKind::Phone).await;
    }
    for number in 1..=many {
        let mut body = basket(&format!("M{number}"), 1_000_000);
        body["member"] = json!({"id": member(number).to_string()});
        shop.till().buy(&format!("m{number}"), &body).await.expect(201);
    }
}

fn from_to(from: u128, to: u128, points: i64) -> Value {
    json!({"from": member(from).to_string(), "to": {"id": member(to).to_string()}, "points": points})
}

on_both! {
    async fn of_twenty_gifts_of_one_balance_one_succeeds(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let other = shop.replica().await;
        let senders = [shop.operator(), other.operator()];
        let keys: Vec<String> = (0..20).map(|n| format!("t{n}")).collect();
        let body = gift(100);
        let answers = join_all(keys.iter().enumerate().map(|(n, key)| senders[n % 2].transfer(key, &body))).await;
        let done = answers.iter().filter(|answer| answer.status == 201).count();
        let refused = answers.iter().filter(|answer| answer.code() == "points.balance_too_low").count();
        assert_eq!((done, refused), (1, 19), "{:?}", answers.iter().map(|a| (a.status, a.code())).collect::<Vec<_>>());
        assert_eq!(total(&shop).await, (100, 0));
        assert_eq!(shop.operator().balance(member(2)).await["points"], 100);
        shop.holds().await;
    }

    async fn one_key_at_both_services_has_one_effect(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let other = shop.replica().await;
        let senders = [shop.operator(), other.operator()];
        let body = gift(10);
        let answers = join_all((0..10).map(|n| senders[n % 2].transfer("t1", &body))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(answers.iter().all(|answer| answer.text == answers[0].text));
        assert_eq!(shop.operator().balance(member(1)).await["points"], 90);
        shop.holds().await;
    }

    async fn gifts_to_and_fro_never_wait_in_a_circle_and_conserve_points(shop: Shop) {
        let shop = shop.transferring(json!({"to": "anyone", "fee": {"fixed": 1}})).await;
        let many: u128 = 6;
        members_with_points(&shop, many).await;
        let other = shop.replica().await;
        let senders = [shop.operator(), other.operator()];
        let wanted: Vec<(String, Value)> = (0..150_u32).map(|n| {
            let (from, to) = (u128::from(n) % many + 1, u128::from(n * 7 + n / 6) % many + 1);
            (format!("t{n}"), from_to(from, to, i64::from(n % 40) + 1))
        }).collect();
        let answers = join_all(wanted.iter().enumerate().map(|(n, (key, body))| senders[n % 2].transfer(key, body))).await;
        let allowed = ["", "points.balance_too_low", "points.transfer_to_self"];
        assert!(answers.iter().all(|answer| allowed.contains(&answer.code())), "{:?}", answers.iter().map(crate::sender::Answer::code).collect::<Vec<_>>());
        let done = answers.iter().filter(|answer| answer.status == 201).count();
        let fees = i64::try_from(done).expect("a number");
        assert!(done > 20, "{done}");
        assert_eq!(total(&shop).await, (600 - fees, 0));
        shop.holds().await;
    }

    async fn many_words_at_once_end_a_transfer_once(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true})).await;
        let other = shop.replica().await;
        let senders = [shop.operator(), other.operator()];
        for round in 0..8 {
            let id = shop.operator().transfer(&format!("t{round}"), &gift(10)).await.expect(201)["transfer"]["transfer_id"].clone();
            let words = ["accept", "recall", "decline", "accept", "recall", "decline"];
            let answers = join_all(words.iter().enumerate().map(|(n, word)| senders[n % 2].says(&id, word, None))).await;
            assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)), "{answers:?}");
            let (sum, below) = total(&shop).await;
            assert_eq!((sum, below), (100, 0), "round {round}");
        }
        shop.holds().await;
    }
}

/// A thousand gifts of one point out of a hundred, through two services on PostgreSQL.
#[tokio::test]
async fn of_a_thousand_gifts_those_that_fit_succeed() {
    let shop = rich(Shop::on_postgres().await, json!({"to": "anyone"})).await;
    let other = shop.replica().await;
    let senders = [shop.operator(), other.operator()];
    let keys: Vec<String> = (0..1000).map(|n| format!("t{n}")).collect();
    let mut pending: Vec<usize> = (0..1000).collect();
    let (mut done, mut refused) = (0, 0);
    let body = gift(1);
    // Whoever is told to come back does so, as an app would.
    for _ in 0..20 {
        let answers = join_all(pending.iter().map(|n| senders[n % 2].transfer(&keys[*n], &body))).await;
        let mut again = Vec::new();
        for (n, answer) in pending.iter().zip(&answers) {
            match (answer.status, answer.code()) {
                (200 | 201, _) => done += 1,
                (422, "points.balance_too_low") => refused += 1,
                (409 | 503, _) => again.push(*n),
                other => panic!("{other:?}: {}", answer.text),
            }
        }
        pending = again;
        if pending.is_empty() {
            break;
        }
    }
    assert_eq!((done, refused, pending.len()), (100, 900, 0));
    assert_eq!(total(&shop).await, (100, 0));
    shop.holds().await;
}

/// A planted bug: a transfer that reads both balances without a lock and writes them without looking at the version.
async fn careless(shop: Arc<Shop>, from: u128, to: u128, points: i64) {
    let on = shop.database.connection();
    let read = async |number: u128| {
        let sql = "SELECT balance FROM accounts WHERE member_id = $1";
        let query =
            Statement::from_sql_and_values(on.get_database_backend(), sql, [member(number).as_uuid().into()]);
        let row = on.query_one_raw(query).await.expect("the SQL runs").expect("an account");
        row.try_get_by_index::<i64>(0).expect("a balance")
    };
    let (has, had) = (read(from).await, read(to).await);
    if has < points {
        return;
    }
    tokio::task::yield_now().await;
    for (number, balance) in [(from, has - points), (to, had + points)] {
        let sql = "UPDATE accounts SET balance = $1 WHERE member_id = $2";
        let values = [balance.into(), member(number).as_uuid().into()];
        let update = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
        on.execute_raw(update).await.expect("the SQL runs");
    }
}

#[tokio::test]
async fn the_check_finds_points_that_carelessness_mints_or_loses() {
    let shop = Shop::on_postgres().await.transferring(json!({"to": "anyone"})).await;
    members_with_points(&shop, 5).await;
    let shop = Arc::new(shop);
    let sum = "SELECT CAST(SUM(balance) AS bigint) FROM accounts";
    assert_eq!(shop.number(sum).await, 500);
    // Twenty gifts of one balance, as those who read without a lock have made them.
    join_all((0..20_u128).map(|n| careless(Arc::clone(&shop), 1, n % 4 + 2, 100))).await;
    assert_ne!(shop.number(sum).await, 500, "points were minted");
    let audited = shop.audited().await;
    assert!(
        audited.iter().any(|row| !row.holds() && row.promise.contains("account equals its entries")),
        "{audited:?}"
    );
}
