//! Who comes to an event of the chain earns by rules about it, once for each event (P1, W7).

use contracts::{FactData as _, rewards::SeatAttended};
use kernel::{BranchCode, EventCode};
use serde_json::json;

use crate::shop::{Shop, base, member, on_both, programme, rule};

on_both! {
    async fn who_comes_to_an_event_earns_once_for_each(shop: Shop) {
        let mut came = rule("came", json!({"fixed": {"points": 30}}));
        came["on"] = json!({"action": "event-attended"});
        let mut document = programme(&[base()]);
        document["actions"] = json!([came]);
        shop.operator().put("/v1/programme", document).await.expect(201);
        let attended = |event: &str| SeatAttended {
            member_id: member(1),
            event: EventCode::parse(event).expect("a code"),
            branch: BranchCode::parse("vanak").expect("a code"),
            ..SeatAttended::sample()
        };
        for event in ["evening", "evening", "workshop"] {
            shop.tells(&attended(event)).await;
        }
        assert_eq!(shop.till().balance(member(1)).await["points"], 60);
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        assert_eq!((&history["items"][0]["action"], &history["items"][0]["reference"]), (&json!("event-attended"), &json!("workshop")));
        shop.holds().await;
    }
}
