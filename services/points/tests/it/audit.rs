//! The audit says nothing about sound books, and names every kind of damage that is planted.

use serde_json::json;

use crate::shop::{ALI, Shop, ZAHRA, base, basket, member, on_both, rule};
use crate::transfers::{gift, rich};

/// Two members, two branches, a lapse, a purchase that earned nothing, a hold.
async fn busy(shop: Shop) -> Shop {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    short["when"] = json!({"minimum_basket": 100_000});
    let shop = shop.selling(&[base(), short]).await;
    let mut ali = basket("R2", 300_000);
    ali["member"] = json!({ "phone": ALI });
    shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
    shop.till_of("isf-1", "till-1").buy("k2", &ali).await.expect(201);
    shop.days_later(31);
    shop.till_of("tajrish", "till-1").buy("k3", &basket("R3", 70_000)).await.expect(201);
    shop.till().buy("k4", &basket("R4", 9_000)).await.expect(201);
    let hold = json!({"member": {"phone": ZAHRA}, "points": 5});
    shop.till().keyed("h1", "/v1/holds", &hold).await.expect(201);
    shop
}

/// What is done to the rows, and the promises that no longer hold then, each by a part of its name.
const PLANTS: &[(&str, &[&str])] = &[
    (
        "UPDATE accounts SET balance = balance + 1 WHERE version = 1",
        &["account equals its entries", "add up to its balance", "sum over all accounts"],
    ),
    (
        "UPDATE lots SET points = points + 1 WHERE funder = 'vanak'",
        &["lot equals its entries", "add up to its balance"],
    ),
    ("UPDATE lots SET expires_on = expires_on + 1 WHERE funder = 'tajrish'", &["lot equals its entries"]),
    ("DELETE FROM lots WHERE funder = 'isf-1'", &["lot equals its entries", "add up to its balance"]),
    (
        "UPDATE journals SET moved = moved + 5 WHERE template = 2",
        &["account equals its entries", "lot equals its entries", "journal equals its entries"],
    ),
    (
        "UPDATE journals SET debit = credit, credit = debit WHERE template = 2",
        &[
            "every posting",
            "account equals its entries",
            "lot equals its entries",
            "journal equals its entries",
        ],
    ),
    ("UPDATE journals SET template = 99 WHERE template = 2", &["every posting"]),
    (
        "UPDATE journals SET funder = 'vanak' WHERE funder = 'isf-1'",
        &["every posting", "lot equals its entries"],
    ),
    (
        "UPDATE journals SET template = NULL WHERE template = 2",
        &["account equals its entries", "lot equals its entries", "journal equals its entries"],
    ),
    (
        "UPDATE journals SET points = points + 1 WHERE kind = 2",
        &["journal equals its entries", "balances follow"],
    ),
    ("UPDATE journals SET balance = balance + 1 WHERE receipt = 'R1'", &["balances follow"]),
    ("UPDATE journals SET balance = balance + 1 WHERE receipt = 'R4'", &["balances follow"]),
    ("DELETE FROM journals WHERE receipt = 'R4'", &["numbered without a gap"]),
    ("DELETE FROM journals WHERE kind = 2", &["account equals its entries", "numbered without a gap"]),
    (
        "UPDATE legs SET points = points + 5",
        &["account equals its entries", "lot equals its entries", "journal equals its entries"],
    ),
    (
        "DELETE FROM legs",
        &["account equals its entries", "lot equals its entries", "journal equals its entries"],
    ),
    ("UPDATE accounts SET debt = debt + 1", &["debt equals its entries"]),
    ("UPDATE asides SET points = points + 1", &["pending and held equals its entries"]),
    ("DELETE FROM asides", &["pending and held equals its entries", "marks say"]),
    (
        "UPDATE asides SET hold_id = x'00000000000000000000000000000000'",
        &["pending and held equals its entries"],
    ),
    ("UPDATE accounts SET marks = 0", &["marks say"]),
    ("UPDATE accounts SET marks = marks + 3", &["marks say"]),
    ("UPDATE accounts SET version = version + 1", &["numbered without a gap"]),
    ("UPDATE accounts SET next_points = next_points + 1", &["says what lapses next"]),
    (
        "UPDATE journals SET template = NULL WHERE member_id IN (SELECT member_id FROM accounts WHERE version = 1)",
        &["account equals its entries", "lot equals its entries", "journal equals its entries"],
    ),
    (
        "DELETE FROM accounts WHERE version = 1",
        &["account equals its entries", "add up to its balance", "numbered without a gap"],
    ),
];

on_both! {
    async fn sound_books_pass_and_everything_was_looked_at(shop: Shop) {
        let shop = busy(shop).await;
        shop.holds().await;
        let examined: Vec<u64> = shop.audited().await.iter().map(|row| row.examined).collect();
        // Entries, accounts, debts, lots, asides, what is bound, accounts, accounts, accounts, journals, accounts, accounts of all, closed
        // days, standings, branches with points on the way, transfers, draws within households.
        assert_eq!(examined, [7, 2, 0, 4, 1, 0, 2, 2, 2, 6, 2, 7, 0, 0, 0, 0, 0, 0]);
        assert_eq!(shop.till().balance(member(1)).await["account_version"], 5);
    }

    async fn an_empty_ledger_is_sound(shop: Shop) {
        shop.holds().await;
    }
}

/// One plant after the other, each on fresh books: SQLite is quick at that.
#[tokio::test]
async fn each_damage_to_the_books_is_named() {
    let mut unnamed = Vec::new();
    for (sql, promises) in PLANTS {
        let shop = busy(Shop::on_sqlite().await).await;
        shop.execute(sql).await;
        let rows = shop.audited().await;
        let wrong: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
        for promise in *promises {
            if !wrong.iter().any(|row| row.promise.contains(promise)) {
                unnamed.push(format!("{sql}: {promise}"));
            }
        }
        let of_accounts = wrong.iter().filter(|row| !row.promise.contains("sum over all"));
        let examples = of_accounts.flat_map(|row| &row.examples);
        let members = [member(1).to_string(), member(2).to_string()];
        for example in examples {
            assert!(members.iter().any(|member| example.contains(member)), "names the account: {example}");
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

/// What is done to the rows of transfers, and the promise that no longer holds then.
const TRANSFER_PLANTS: &[(&str, &str)] = &[
    ("DELETE FROM transfers WHERE ended_at IS NULL", "on the way"),
    ("UPDATE transfers SET ended_at = 1, ended_version = 1 WHERE ended_at IS NULL", "on the way"),
    ("UPDATE transfers SET sent_version = 1 WHERE ended_at IS NULL", "on the way"),
    ("UPDATE transfers SET points = points + 1", "arrived or came back"),
    ("UPDATE transfers SET fee = fee + 1 WHERE status = 7", "arrived or came back"),
    ("UPDATE transfers SET status = 5 WHERE status = 7", "arrived or came back"),
    ("UPDATE transfers SET ended_version = ended_version + 1", "arrived or came back"),
    ("UPDATE journals SET expires_on = expires_on + 365 WHERE template = 18", "arrived or came back"),
    ("UPDATE journals SET moved = moved + 1 WHERE template = 18", "arrived or came back"),
    ("UPDATE journals SET funder = 'isf-1' WHERE template = 19", "arrived or came back"),
];

/// One transfer that arrived, one that came back, one on its way.
async fn gave(shop: Shop) -> Shop {
    let shop = rich(shop, json!({"to": "anyone", "acceptance": true, "fee": {"fixed": 1}})).await;
    for (key, word) in [("t1", "accept"), ("t2", "recall"), ("t3", "")] {
        let answer = shop.operator().transfer(key, &gift(20)).await.expect(201);
        if !word.is_empty() {
            shop.operator().says(&answer["transfer"]["transfer_id"], word, None).await.expect(200);
        }
    }
    shop
}

#[tokio::test]
async fn each_damage_to_transfers_is_named() {
    let mut unnamed = Vec::new();
    for (sql, promise) in TRANSFER_PLANTS {
        let shop = gave(Shop::on_sqlite().await).await;
        shop.holds().await;
        shop.execute(sql).await;
        let rows = shop.audited().await;
        if !rows.iter().any(|row| !row.holds() && row.promise.contains(promise)) {
            unnamed.push(*sql);
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

/// The same on PostgreSQL, all at once.
#[tokio::test]
async fn damage_is_named_on_postgres_too() {
    let shop =
        busy(Shop::on_postgres().await).await.transferring(json!({"to": "anyone", "acceptance": true})).await;
    shop.operator().transfer("t1", &gift(5)).await.expect(201);
    shop.operator().transfer("t2", &gift(6)).await.expect(201);
    shop.execute("DELETE FROM transfers WHERE points = 5").await;
    shop.execute("UPDATE transfers SET points = 7").await;
    shop.execute("UPDATE accounts SET balance = balance + 1, debt = 7, marks = 3").await;
    shop.execute("UPDATE asides SET points = points + 1").await;
    shop.execute("UPDATE lots SET points = points + 2, bound = 1").await;
    shop.execute("UPDATE journals SET template = 99 WHERE template IN (1, 2)").await;
    shop.execute("UPDATE journals SET kind = 19, template = 24 WHERE receipt = 'R2'").await;
    shop.execute("UPDATE journals SET balance = balance + 1 WHERE kind = 2").await;
    shop.execute("DELETE FROM journals WHERE receipt = 'R4'").await;
    shop.execute("INSERT INTO closed_days VALUES (99999, 9000000000000000, 9000000000000001, 0)").await;
    shop.execute(
        "INSERT INTO standings SELECT member_id, 1, NULL, '{\"d\":1,\"b\":1,\"o\":{\"v\":1}}' FROM accounts",
    )
    .await;
    shop.execute(
        "INSERT INTO merged_members SELECT member_id, '00000000-0000-0000-0000-000000000009', 0 FROM accounts",
    )
    .await;
    let rows = shop.audited().await;
    assert!(rows.iter().all(|row| !row.holds()), "{rows:?}");
}
