//! Members are reminded of vouchers whose time is over soon: once for each step, whoever looks how often (W5).

use contracts::rewards::VoucherExpiring;
use kernel::Clock as _;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

use crate::house::{House, on_both};

const DAY_S: i64 = 24 * 60 * 60;

/// Waits until whatever is to be looked at by now was looked at.
async fn remind(house: &House) {
    let now = house.clock.now().micros();
    let sql = format!("SELECT 1 FROM vouchers WHERE state = 'issued' AND remind_at <= {now} LIMIT 1");
    let on = house.database.connection();
    house
        .until("all are looked at", || async {
            let statement = Statement::from_string(on.get_database_backend(), sql.clone());
            on.query_all_raw(statement).await.expect("rows").is_empty()
        })
        .await;
}

async fn days(house: &House) -> Vec<u16> {
    house.told::<VoucherExpiring>().await.iter().map(|told| told.days).collect()
}

on_both! {
    async fn each_step_is_told_once(house: House) {
        house.offers("coffee", json!({"voucher_days": 10})).await;
        house.redeemed(1, "k1", "coffee").await;
        for (wait, expected) in [(3 * DAY_S - 1, vec![]), (1, vec![7]), (DAY_S, vec![7]), (5 * DAY_S, vec![7, 1]), (DAY_S, vec![7, 1])] {
            house.wait_s(wait);
            remind(&house).await;
            remind(&house).await;
            assert_eq!(days(&house).await, expected);
        }
        house.holds().await;
    }

    async fn what_was_missed_is_told_once_and_nobody_is_reminded_of_what_was_always_short_or_is_used(house: House) {
        house.offers("coffee", json!({"voucher_days": 10})).await;
        house.offers("tea", json!({"voucher_days": 3})).await;
        house.redeemed(1, "k1", "coffee").await;
        house.redeemed(2, "k1", "tea").await;
        house.redeemed(3, "k1", "coffee").await;
        let code = house.voucher(3).await["code"].clone();
        house.till("vanak").keyed("u1", "/v1/voucher-uses", json!({"voucher": {"code": code}})).await.expect(201);
        remind(&house).await;
        assert_eq!(days(&house).await, [0; 0]);
        // Nobody looked for nine days and a half: the nearest step alone is told.
        house.wait_s(9 * DAY_S + DAY_S / 2);
        remind(&house).await;
        assert_eq!(days(&house).await, [1]);
        house.wait_s(DAY_S);
        remind(&house).await;
        assert_eq!(days(&house).await, [1]);
        house.holds().await;
    }

    async fn many_are_reminded_in_batches(house: House) {
        house.offers("coffee", json!({"voucher_days": 10})).await;
        for number in 1..=250 {
            house.redeemed(number, "k1", "coffee").await;
        }
        house.wait_s(3 * DAY_S);
        remind(&house).await;
        remind(&house).await;
        assert_eq!(days(&house).await, [7; 250]);
        house.holds().await;
    }
}
