//! Statements for sponsors: closed once, for ever; what comes back is in a later one, and all together come to what the rewards cost (W2).

use serde_json::{Value, json};

use crate::{
    house::{Answer, House, on_both},
    money::{days_pass, takes_back, uses},
};

const STATEMENTS: &str = "/v1/sponsor-statements";

async fn close(house: &House, body: Value) -> Answer {
    house.operator().post(STATEMENTS, Some(body)).await
}

async fn whole_cost(house: &House) -> Value {
    let report =
        house.operator().get("/v1/reward-money/costs?from=2026-11-01&to=2026-12-30").await.expect(200);
    report["cost"].clone()
}

on_both! {
    async fn a_statement_is_closed_for_ever_and_what_comes_back_is_in_the_next(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 100, "sponsor": "Mahak"})).await;
        house.offers("tea", json!({"cost": 7})).await;
        for (number, key, reward) in [(1, "k1", "coffee"), (2, "k2", "coffee"), (3, "k3", "tea")] {
            house.redeemed(number, key, reward).await;
        }
        let first = uses(&house, "u1", &house.voucher(1).await["code"], json!({})).await.expect(201);
        uses(&house, "u2", &house.voucher(2).await["code"], json!({})).await.expect(201);
        uses(&house, "u3", &house.voucher(3).await["code"], json!({})).await.expect(201);
        let november = json!({"sponsor": "Mahak", "to": "2026-11-21"});
        assert_eq!(close(&house, november.clone()).await.refused(409, "rewards.statement_unready").get("last"), None);
        days_pass(&house, 1).await;
        let draft = "/v1/sponsor-statement-drafts?sponsor=Mahak&to=2026-11-21";
        let drawn = house.operator().get(draft).await.expect(200);
        assert_eq!((&drawn["amount"], drawn.get("closed_at")), (&json!(200), None));
        let closed = close(&house, november.clone()).await.expect(201);
        assert_eq!((&closed["number"], &closed["from"], &closed["amount"]), (&json!(1), &json!("2026-11-21"), &json!(200)));
        let line = json!({"reward": "coffee", "version": 1, "what": "charge", "units": 2, "unit_cost": 100, "amount": 200});
        assert_eq!(closed["lines"], json!([line]));
        assert_eq!(closed["closed_by"], "operator");
        // What changes later, and what comes back, leaves it as it was.
        house.offers("coffee", json!({"cost": 900, "sponsor": "Mahak"})).await;
        takes_back(&house, &first).await;
        days_pass(&house, 1).await;
        assert_eq!(close(&house, november).await.expect(200), closed);
        assert_eq!(house.operator().get(&format!("{STATEMENTS}/1")).await.expect(200), closed);
        let second = close(&house, json!({"sponsor": "Mahak", "to": "2026-11-22"})).await.expect(201);
        assert_eq!((&second["from"], &second["amount"], &second["charge"]), (&json!("2026-11-22"), &json!(-100), &json!(0)));
        assert_eq!((&second["lines"][0]["what"], &second["lines"][0]["units"]), (&json!("correction"), &json!(-1)));
        let own = close(&house, json!({"to": "2026-11-22"})).await.expect(201);
        assert_eq!((own.get("sponsor"), &own["amount"]), (None, &json!(7)));
        let all = house.operator().get(STATEMENTS).await.expect(200);
        let amounts = all["statements"].as_array().expect("statements").iter().map(|one| one["amount"].as_i64().expect("a number"));
        assert_eq!(json!(amounts.sum::<i64>()), whole_cost(&house).await);
        house.holds().await;
    }

    async fn a_statement_is_a_file_and_each_mistake_has_its_code(house: House) {
        house.opens("vanak", "tehran").await;
        house.offers("coffee", json!({"cost": 100, "sponsor": "=Mahak, \"shop\""})).await;
        house.redeemed(1, "k1", "coffee").await;
        uses(&house, "u1", &house.voucher(1).await["code"], json!({})).await.expect(201);
        days_pass(&house, 2).await;
        let body = |to: &str| json!({"sponsor": "=Mahak, \"shop\"", "to": to});
        close(&house, body("2026-11-22")).await.expect(201);
        let file = house.operator().file(&format!("{STATEMENTS}/1")).await.text;
        let lines: Vec<&str> = file.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 3, "{file}");
        assert_eq!(lines[1], "1,\"'=Mahak, \"\"shop\"\"\",2026-11-21,2026-11-22,coffee,1,charge,1,100,100");
        assert_eq!(lines[2], "1,\"'=Mahak, \"\"shop\"\"\",2026-11-21,2026-11-22,*,,total,,,100");
        assert_eq!(close(&house, body("2026-11-21")).await.refused(409, "rewards.statement_closed")["last"], "2026-11-22");
        assert_eq!(close(&house, body("2026-11-28")).await.refused(409, "rewards.statement_unready")["last"], "2026-11-22");
        for wrong in ["Nobody", "a\u{0}b"] {
            close(&house, json!({"sponsor": wrong, "to": "2026-11-22"})).await.refused(404, "rewards.sponsor_unknown");
        }
        for wrong in ["99", "x"] {
            house.operator().get(&format!("{STATEMENTS}/{wrong}")).await.refused(404, "rewards.statement_unknown");
        }
        house.operator().get(&format!("{STATEMENTS}?sponsor=Nobody")).await.refused(404, "rewards.sponsor_unknown");
        house.operator().get(&format!("{STATEMENTS}?limit=0")).await.refused(400, "rewards.limit_out_of_range");
        house.member(1).get(STATEMENTS).await.refused(403, "web.access_denied");
        house.holds().await;
    }

    async fn of_many_who_close_at_once_one_statement_comes(house: House) {
        house.offers("coffee", json!({"cost": 100})).await;
        house.redeemed(1, "k1", "coffee").await;
        days_pass(&house, 1).await;
        let racing = (0..8).map(|_| close(&house, json!({"to": "2026-11-21"})));
        let answers = futures_util::future::join_all(racing).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(answers.iter().all(|answer| [200, 201].contains(&answer.status)), "{answers:?}");
        house.holds().await;
    }
}
