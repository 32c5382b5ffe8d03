//! What a member has and how it came to be (P3).

use std::sync::Arc;

use journeys::{Goods, Stage, in_both_shapes};
use kernel::MemberId;
use serde_json::json;

in_both_shapes!(
    a_history_comes_in_pages_that_add_up_to_the_balance,
    a_purchase_can_be_read_again_with_its_decision_trace,
    what_is_not_there_is_said_to_be_missing,
);

/// P3.
async fn a_history_comes_in_pages_that_add_up_to_the_balance(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    for thousands in 1..=7 {
        let _ = till.sell(&Goods::by_phone(&phone, thousands * 1_000)).await.created();
    }
    let (mut items, mut cursor, mut pages) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = till.get(format!("/v1/members/{member}/history?limit=3{cursor}")).await.ok();
        let found = page["items"].as_array().unwrap().clone();
        pages.push(found.len());
        items.extend(found);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        assert_eq!(page["has_more"], true);
    }
    assert_eq!(pages, [3, 3, 1]);
    let points: Vec<i64> = items.iter().map(|item| item["points"].as_i64().unwrap()).collect();
    assert_eq!(points, [7, 6, 5, 4, 3, 2, 1], "newest first");
    assert_eq!(till.balance_of(&member).await["points"], points.iter().sum::<i64>());
    assert!(items.iter().all(|item| item["branch"] == till.branch.code && item["kind"] == "purchase"));
    assert!(items.windows(2).all(|two| {
        let before = two[1]["balance"].as_i64().unwrap();
        two[0]["balance"].as_i64().unwrap() == before + two[0]["points"].as_i64().unwrap()
    }));
}

/// "Why did I not get points?"
async fn a_purchase_can_be_read_again_with_its_decision_trace(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, _) = till.welcome().await;
    let sold = till.sell(&Goods::by_phone(&phone, 11_000)).await.created();
    let path = format!("/v1/purchases/{}", sold["purchase_id"].as_str().unwrap());
    for read in [till.get(path.clone()).await, operator.get(path.clone()).await] {
        let read = read.ok();
        assert_eq!((&read["rules"], &read["balance"]), (&sold["rules"], &sold["balance"]));
    }
    // A till of another branch learns nothing of it.
    operator.open_shop().await.get(path).await.refused(404, "points.purchase_unknown");
}

async fn what_is_not_there_is_said_to_be_missing(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (_, member) = till.welcome().await;
    let nobody = MemberId::from_uuid(kernel_uuid());
    for (path, status, code) in [
        (format!("/v1/members/{nobody}/balance"), 404, "points.member_unknown"),
        (format!("/v1/members/{nobody}/history"), 404, "points.member_unknown"),
        (format!("/v1/members/{nobody}"), 404, "membership.member_unknown"),
        (format!("/v1/purchases/{nobody}"), 404, "points.purchase_unknown"),
        ("/v1/members/x/balance".to_owned(), 400, "web.path_invalid"),
        (format!("/v1/members/{member}/history?limit=0"), 400, "points.limit_out_of_range"),
        (format!("/v1/members/{member}/history?limit=201"), 400, "points.limit_out_of_range"),
        (format!("/v1/members/{member}/history?cursor=nonsense"), 400, "points.cursor_invalid"),
        (format!("/v1/members/{member}/history?page=2"), 400, "web.query_parameter_unknown"),
        ("/v1/nothing".to_owned(), 404, "web.route_unknown"),
    ] {
        till.get(path).await.refused(status, code);
    }
    assert_eq!(
        till.get(format!("/v1/members/{member}/history")).await.ok(),
        json!({"items": [], "has_more": false})
    );
}

fn kernel_uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)
}
