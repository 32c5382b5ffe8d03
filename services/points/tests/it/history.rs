//! How a balance came to be, page by page.

use serde_json::{Value, json};

use crate::shop::{Shop, base, basket, member, on_both};

async fn page(shop: &Shop, query: &str) -> Value {
    shop.till().get(&format!("/v1/members/{}/history{query}", member(1))).await.expect(200)
}

fn versions(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().expect("a list").iter();
    items.map(|item| item["account_version"].as_u64().expect("a version")).collect()
}

on_both! {
    async fn pages_follow_each_other_without_gap_or_overlap(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for n in 1..=7 {
            shop.till().buy(&format!("k{n}"), &basket(&format!("R{n}"), n * 10_000)).await.expect(201);
        }
        let first = page(&shop, "?limit=3").await;
        assert_eq!((versions(&first), &first["has_more"]), (vec![7, 6, 5], &json!(true)));
        // What happens meanwhile does not move the pages.
        shop.till().buy("k8", &basket("R8", 10_000)).await.expect(201);
        let cursor = first["next_cursor"].as_str().expect("a cursor");
        let second = page(&shop, &format!("?limit=3&cursor={cursor}")).await;
        assert_eq!(versions(&second), [4, 3, 2]);
        let cursor = second["next_cursor"].as_str().expect("a cursor");
        let third = page(&shop, &format!("?limit=3&cursor={cursor}")).await;
        assert_eq!((versions(&third), &third["has_more"]), (vec![1], &json!(false)));
        assert!(third.get("next_cursor").is_none());
        assert_eq!(versions(&page(&shop, "").await), [8, 7, 6, 5, 4, 3, 2, 1]);
        let item = &third["items"][0];
        assert_eq!((&item["branch"], &item["till"], &item["receipt"]), (&json!("vanak"), &json!("till-1"), &json!("R1")));
        assert_eq!((&item["amount"], &item["points"], &item["balance"]), (&json!(10_000), &json!(1), &json!(1)));
    }

    async fn a_member_without_purchases_has_an_empty_history_and_no_points(shop: Shop) {
        let empty = page(&shop, "").await;
        assert_eq!(empty, json!({"items": [], "has_more": false}));
        let balance = shop.till().balance(member(1)).await;
        assert_eq!(balance, json!({"member_id": member(1).to_string(), "points": 0, "account_version": 0, "expiring": []}));
    }

    async fn who_is_no_member_has_none(shop: Shop) {
        for what in ["balance", "history"] {
            let path = format!("/v1/members/{}/{what}", member(9));
            shop.till().get(&path).await.refused(404, "points.member_unknown");
        }
        shop.membership.with(|known| known.members.push(member(9).to_string()));
        assert_eq!(shop.till().balance(member(9)).await["points"], 0);
    }

    async fn a_page_that_cannot_be_is_refused(shop: Shop) {
        let path = format!("/v1/members/{}/history", member(1));
        for limit in ["0", "201"] {
            let answer = shop.till().get(&format!("{path}?limit={limit}")).await;
            answer.refused(400, "points.limit_out_of_range");
        }
        for cursor in ["x", "AAAA", "%20", "bm9wZQ"] {
            let answer = shop.till().get(&format!("{path}?cursor={cursor}")).await;
            answer.refused(400, "points.cursor_invalid");
        }
        shop.till().get(&format!("{path}?limit=ten")).await.refused(400, "web.query_parameter_invalid");
        shop.till().get(&format!("{path}?page=2")).await.refused(400, "web.query_parameter_unknown");
        shop.till().get("/v1/members/42/history").await.refused(400, "web.path_invalid");
    }
}
