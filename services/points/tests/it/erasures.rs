//! A member is erased: the account is closed, the points lapse, and nothing leads to them any more (J4).

use contracts::{
    membership::{HouseholdChanged, MemberErased, Occasion},
    points::{AccountStateChanged, MemberForgotten},
};
use kernel::{BranchCode, IdentifierKind};
use serde_json::json;

use crate::shop::{Shop, base, basket, member, on_both};

fn erased(who: u128) -> MemberErased {
    MemberErased { member_id: member(who), branch: Some(BranchCode::parse("vanak").expect("a code")) }
}

async fn identifiers(shop: &Shop) -> i64 {
    shop.number("SELECT COUNT(*) FROM identifiers").await
}

on_both! {
    async fn an_account_is_closed_once_and_nothing_leads_to_it(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.joined(member(50), "+989121230050", IdentifierKind::Phone).await;
        shop.links(member(50), "9970918273645549", IdentifierKind::Card, true).await;
        let known = identifiers(&shop).await;
        let mut goods = basket("R-1", 100_000);
        goods["member"] = json!({"phone": "+989121230050"});
        shop.till().buy("k1", &goods).await.expect(201);
        shop.occasion(member(50), Occasion::Birthday).await;
        let written = json!({"points": 5, "funder": "vanak", "actor": "staff-1", "reason": "Zahra called"});
        let path = format!("/v1/members/{}/adjustments", member(50));
        shop.operator().keyed("give-50", &path, &written).await.expect(201);
        shop.tells(&erased(50)).await;
        assert_eq!(identifiers(&shop).await, known - 2);
        for nothing in ["occasions", "journals WHERE reason LIKE '%Zahra%'", "segment_members"] {
            assert_eq!(shop.number(&format!("SELECT COUNT(*) FROM {nothing}")).await, 0, "{nothing}");
        }
        let states: Vec<_> = shop.told::<AccountStateChanged>().await;
        assert_eq!(states.len(), 1);
        let (_, closed) = &states[0];
        assert_eq!((closed.member_id, closed.state.as_str(), closed.balance.count()), (member(50), "closed", 0));
        let forgotten = shop.told::<MemberForgotten>().await;
        assert_eq!(forgotten, [(1, MemberForgotten { member_id: member(50) })]);
        shop.holds().await;

        // Told again, after a restore of membership: nothing more happens, and nothing comes back.
        shop.tells(&erased(50)).await;
        assert_eq!((shop.told::<MemberForgotten>().await.len(), shop.told::<AccountStateChanged>().await.len()), (1, 1));
        goods["receipt"] = json!("R-2");
        goods["member"] = json!({"id": member(50)});
        shop.till().buy("k2", &goods).await.refused(422, "points.account_closed");
        shop.holds().await;
    }

    async fn who_never_bought_anything_and_whose_account_was_closed_by_hand_are_forgotten_too(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.joined(member(51), "+989121230051", IdentifierKind::Phone).await;
        shop.joined(member(52), "+989121230052", IdentifierKind::Phone).await;
        let closure = json!({"funder": "vanak", "actor": "staff-1", "reason": "Left"});
        let path = format!("/v1/members/{}/account/closure", member(52));
        shop.operator().keyed("close-52", &path, &closure).await.expect(201);
        for who in [51, 52, 53] {
            shop.tells(&MemberErased { branch: None, ..erased(who) }).await;
        }
        assert_eq!(shop.told::<MemberForgotten>().await.len(), 3);
        assert_eq!(shop.number("SELECT COUNT(*) FROM erased_members").await, 3);
        shop.holds().await;
    }

    async fn others_ask_who_was_erased_and_nobody_else_may(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for who in [60, 61, 62] {
            shop.joined(member(who), &format!("+98912123{who:04}"), IdentifierKind::Phone).await;
            shop.tells(&HouseholdChanged { member_id: member(who), household: None, role: None }).await;
            shop.tells(&erased(who)).await;
        }
        let service = shop.by(web::Caller::Service("membership".into()));
        let path = "/internal/v1/erasures/list";
        let listed = service.post(path, json!({})).await.expect(200);
        let ids: Vec<String> = listed["erased"].as_array().expect("a list").iter()
            .map(|one| one["member_id"].as_str().expect("an id").to_owned()).collect();
        assert_eq!(ids, [60, 61, 62].map(|who| member(who).to_string()));
        let rest = service.post(path, json!({"after": ids[1]})).await.expect(200);
        assert_eq!(rest["erased"].as_array().map(Vec::len), Some(1));
        shop.operator().post(path, json!({})).await.refused(403, "web.access_denied");
        let asked = service.get(&format!("/internal/v1/members/{}/balance", member(60))).await.expect(200);
        assert_eq!((&asked["points"], &asked["state"]), (&json!(0), &json!("closed")));
    }
}
