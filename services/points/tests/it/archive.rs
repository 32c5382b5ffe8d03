//! What points keeps of a member, told to membership for the archive: all of it, in pages, and nothing of anybody else.

use std::collections::BTreeMap;

use contracts::membership::{HouseholdChanged, HouseholdRole, Occasion};
use kernel::HouseholdId;
use serde_json::{Value, json};
use web::Caller;

use crate::{
    belonging::{chosen, opened},
    sender::Answer,
    shop::{Shop, ZAHRA, basket, member, on_both},
    transfers::{gift, rich},
};

async fn asked(shop: &Shop, number: u128, question: Value) -> Answer {
    let path = format!("/internal/v1/members/{}/archive", member(number));
    shop.by(Caller::Service("membership".into())).post(&path, question).await
}

/// All rows by sheet, and how many pages they took.
async fn everything(shop: &Shop, number: u128, language: &str) -> (BTreeMap<String, Vec<Value>>, usize) {
    let (mut sheets, mut pages, mut from) = (BTreeMap::<String, Vec<Value>>::new(), 0, None);
    loop {
        let mut question = json!({"language": language});
        if let Some(from) = from {
            question["from"] = from;
        }
        let part = asked(shop, number, question).await.expect(200);
        pages += 1;
        for piece in part["pieces"].as_array().expect("pieces") {
            let rows = sheets.entry(piece["sheet"].as_str().expect("a name").to_owned()).or_default();
            rows.extend(piece["rows"].as_array().expect("rows").iter().cloned());
        }
        from = part.get("next").cloned();
        if from.is_none() {
            return (sheets, pages);
        }
    }
}

on_both! {
    async fn a_member_is_told_of_everything_and_of_nobody_else(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        shop.operator().transfer("t1", &gift(20)).await.expect(201);
        let hold = json!({"member": {"phone": ZAHRA}, "points": 10});
        shop.till().keyed("h1", "/v1/holds", &hold).await.expect(201);
        let adjustment = json!({"points": 5, "funder": "vanak", "actor": "agent-7", "reason": "Zahra called"});
        let path = format!("/v1/members/{}/adjustments", member(1));
        shop.operator().keyed("a1", &path, &adjustment).await.expect(201);
        let large = json!({"points": 10_001, "funder": "vanak", "actor": "agent-7", "reason": "a prize"});
        shop.operator().keyed("a2", &path, &large).await.expect(202);
        assert_eq!((opened(&shop, "regulars").await, chosen(&shop, "regulars", &[1], &[]).await["members"].as_u64()), (201, Some(1)));
        shop.occasion(member(1), Occasion::Birthday).await;
        let household = Some(HouseholdId::from_uuid(uuid::Uuid::from_u128(77)));
        shop.tells(&HouseholdChanged { member_id: member(1), household, role: Some(HouseholdRole::Head) }).await;

        let (hers, _) = everything(&shop, 1, "en").await;
        let of = |sheet: &str| hers[sheet].as_slice();
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&of("account")[0]["balance"], &of("account")[0]["marks"]), (&balance["points"], &json!("open")));
        assert_eq!((of("holds").len(), &of("holds")[0]["points"]), (1, &json!(10)));
        let kinds: Vec<&str> = of("history").iter().filter_map(|row| row["kind"].as_str()).collect();
        assert_eq!(kinds, ["adjustment", "hold", "transfer_sent", "purchase"], "the latest first");
        assert_eq!((&of("history")[0]["reason"], of("history")[0].get("actor")), (&json!("Zahra called"), None));
        let bought = &of("history")[3];
        assert!(bought.get("trace").is_some_and(|trace| !trace.is_null()), "{bought}");
        assert_eq!((&bought["currency"], bought.get("fingerprint")), (&json!("IRR"), None));
        assert_eq!((&of("transfers_sent")[0]["points"], &of("transfers_sent")[0]["status"]), (&json!(20), &json!("completed")));
        assert_eq!((&of("proposals")[0]["state"], of("proposals")[0].get("actor")), (&json!("waiting"), None));
        assert_eq!((&of("segments")[0]["segment"], &of("occasions")[0]["occasion"]), (&json!("regulars"), &json!("birthday")));
        assert_eq!((&of("household")[0]["head"], of("identifiers").len()), (&json!(true), 2));
        assert!(of("known")[0]["joined_at"].is_string() && of("transfers_received").is_empty(), "{:?}", of("known"));

        let (his, _) = everything(&shop, 2, "fa").await;
        assert_eq!((&his["transfers_received"][0]["points"], his["history"].len()), (&json!(20), 1));
        assert!(his["segments"].is_empty() && his["household"].is_empty() && his["proposals"].is_empty());
        let (nobodys, pages) = everything(&shop, 99, "ar").await;
        assert_eq!((nobodys.values().flatten().count(), pages), (0, 1));
    }

    async fn a_long_history_comes_in_pages_without_gap_or_overlap(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let already = everything(&shop, 1, "en").await.0["history"].len();
        for number in 1..=230 {
            shop.till().buy(&format!("p{number}"), &basket(&format!("P{number}"), 10_000)).await.expect(201);
        }
        let (sheets, pages) = everything(&shop, 1, "en").await;
        assert!(pages >= 3, "{pages}");
        let versions: Vec<u64> = sheets["history"].iter().filter_map(|row| row["version"].as_u64()).collect();
        let all: Vec<u64> = (1..=u64::try_from(230 + already).expect("few")).rev().collect();
        assert_eq!(versions, all);
    }

    async fn it_is_told_in_the_readers_language_and_to_services_alone(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let part = asked(&shop, 1, json!({"language": "fa"})).await.expect(200);
        assert_eq!(part["title"], "امتیازها");
        let pieces = part["pieces"].as_array().expect("pieces");
        let history = pieces.iter().find(|piece| piece["sheet"] == "history").expect("a history");
        assert_eq!(history["words"]["kind"]["purchase"], "خرید");
        assert!(history["heads"].as_array().expect("heads").iter().any(|head| head["name"] == "amount" && head["as"].is_null() && head["shape"] == "money"));
        let place = json!({"sheet": "nothing", "after": []});
        asked(&shop, 1, json!({"language": "fa", "from": place})).await.refused(400, "points.cursor_invalid");
        let place = json!({"sheet": "history", "after": []});
        asked(&shop, 1, json!({"language": "fa", "from": place})).await.refused(400, "points.cursor_invalid");
        let path = format!("/internal/v1/members/{}/archive", member(1));
        shop.operator().post(&path, json!({"language": "fa"})).await.refused(403, "web.access_denied");
    }
}
