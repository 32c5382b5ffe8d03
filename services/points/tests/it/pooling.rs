//! A household spends its points together, where the programme says so (J5).

use contracts::{
    membership::{HouseholdChanged, HouseholdRole},
    points::{PointsExpired, PoolDrawn, PoolGiven},
};
use kernel::{HouseholdId, IdentifierKind, Points};
use serde_json::{Value, json};

use crate::sender::Answer;
use crate::shop::{START, Shop, base, basket, member, on_both, programme, rule};

/// Zahra, Ali and Sara.
const PHONES: [&str; 3] = ["+989121234567", "+989121234568", "+989121234569"];

fn of(who: usize, points: i64) -> Value {
    json!({"member": {"phone": PHONES[who - 1]}, "points": points})
}

/// What membership tells of where somebody belongs.
async fn belongs(shop: &Shop, told: usize, who: u128, household: Option<u128>, role: HouseholdRole) {
    let fact = HouseholdChanged {
        member_id: member(who),
        household: household.map(|number| HouseholdId::from_uuid(uuid::Uuid::from_u128(number))),
        role: household.map(|_| role),
    };
    shop.hear(&[shop.fact(told, &fact)]).await;
}

/// Under these terms, all three in one household, Zahra speaking for it. They have 30, 100 and 50 points: Ali's lapse first, then
/// Sara's, Zahra's last.
async fn family(shop: Shop, pooling: Value) -> Shop {
    let shop = pooling_by(shop, pooling).await;
    shop.joined(member(3), PHONES[2], IdentifierKind::Phone).await;
    for who in 1..=3 {
        let role = if who == 1 { HouseholdRole::Head } else { HouseholdRole::Member };
        belongs(&shop, 3, who, Some(7), role).await;
    }
    for (who, points) in [(2, 100), (3, 50), (1, 30)] {
        earn(&shop, who, points).await;
        shop.days_later(1);
    }
    shop
}

async fn pooling_by(shop: Shop, pooling: Value) -> Shop {
    let mut document = programme(&[base()]);
    document["spending"] = json!({"point_value": 1_000});
    if !pooling.is_null() {
        document["pooling"] = pooling;
    }
    shop.operator().put("/v1/programme", document).await.expect(201);
    shop
}

async fn earn(shop: &Shop, who: usize, points: i64) {
    let receipt = format!("E{who}-{}", shop.rows().await[0]);
    shop.till().buy(&receipt, &bought(who, &receipt, points * 10_000)).await.expect(201);
}

fn bought(who: usize, receipt: &str, amount: i64) -> Value {
    let mut body = basket(receipt, amount);
    body["member"] = json!({"phone": PHONES[who - 1]});
    body
}

async fn has(shop: &Shop) -> [Value; 3] {
    let mut points = [Value::Null, Value::Null, Value::Null];
    for (who, points) in (1..).zip(&mut points) {
        *points = shop.till().balance(member(who)).await["points"].clone();
    }
    points
}

async fn history(shop: &Shop, who: u128) -> Vec<Value> {
    let found = shop.operator().get(&format!("/v1/members/{}/history", member(who))).await.expect(200);
    found["items"].as_array().expect("a list").clone()
}

async fn redeem(shop: &Shop, key: &str, who: usize, points: i64) -> Answer {
    shop.till().keyed(key, "/v1/redemptions", &of(who, points)).await
}

on_both! {
    async fn what_one_lacks_is_drawn_from_the_others_what_lapses_first(shop: Shop) {
        let shop = family(shop, json!({})).await;
        assert_eq!(shop.till().balance(member(1)).await["household"], json!({"points": 180, "members": 3}));
        let spent = redeem(&shop, "s1", 1, 140).await.expect(201);
        assert_eq!((&spent["change"], &spent["balance"], &spent["account_version"]), (&json!(-140), &json!(0), &json!(3)));
        assert_eq!(has(&shop).await, [json!(0), json!(0), json!(40)], "one's own first, then Ali's hundred, which lapse first");
        assert_eq!(shop.till().balance(member(3)).await["expiring"], json!([{"on": "2027-11-22", "points": 40}]));
        let again = redeem(&shop, "s1", 1, 140).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), spent);
        let given = &history(&shop, 2).await[0];
        assert_eq!((&given["kind"], &given["points"], &given["balance"]), (&json!("pool_given"), &json!(-100), &json!(0)));
        let why = (&given["drawn_by"], &given["about"], &given["reason"]);
        assert_eq!(why, (&json!(member(1)), &spent["id"], &json!("redemption")));
        let drawn = &history(&shop, 1).await[1];
        assert_eq!((&drawn["kind"], &drawn["points"], &drawn["about"]), (&json!("pool_drawn"), &json!(110), &spent["id"]));
        let from = json!([{"member_id": member(2), "points": 100}, {"member_id": member(3), "points": 10}]);
        assert_eq!(drawn["drawn_from"], from);
        let told = shop.told::<PoolGiven>().await;
        let told: Vec<_> = told.iter().map(|(seq, fact)| (*seq, fact.member_id, fact.drawn_by, fact.points, fact.balance)).collect();
        assert_eq!(told, [(2, member(2), member(1), Points::new(100), Points::ZERO), (2, member(3), member(1), Points::new(10), Points::new(40))]);
        let (seq, fact) = &shop.told::<PoolDrawn>().await[0];
        assert_eq!((*seq, fact.points, fact.balance, fact.spent_on.as_str()), (2, Points::new(110), Points::new(140), "redemption"));
        shop.holds().await;
    }

    async fn too_little_counts_what_all_have_and_changes_nothing(shop: Shop) {
        let shop = family(shop, json!({})).await;
        let rows = shop.rows().await;
        for path in ["/v1/redemptions", "/v1/holds"] {
            let refused = shop.till().keyed("s1", path, &of(1, 181)).await.refused(422, "points.balance_too_low");
            assert_eq!(refused["missing"], 1);
        }
        let mut paid = bought(1, "R9", 500_000);
        paid["spend"] = json!({"points": 200});
        assert_eq!(shop.till().buy("k9", &paid).await.refused(422, "points.balance_too_low")["missing"], 20);
        assert_eq!(shop.rows().await, rows);
        redeem(&shop, "s1", 3, 180).await.expect(201);
        assert_eq!(has(&shop).await, [json!(0), json!(0), json!(0)]);
        assert_eq!(redeem(&shop, "s2", 3, 1).await.refused(422, "points.balance_too_low")["missing"], 1);
        shop.holds().await;
    }

    async fn a_purchase_is_paid_with_points_of_the_household(shop: Shop) {
        let shop = family(shop, json!({})).await;
        let rows = shop.rows().await;
        let rehearsed = shop.till().rehearse("k2", &bought(1, "R2", 200_000)).await.expect(200);
        assert_eq!(rehearsed["spendable"], json!({"points": 180, "amount": 180_000, "to_pay": 20_000}));
        let mut body = bought(1, "R2", 200_000);
        body["spend"] = json!({"amount": 60_000});
        let priced = shop.till().rehearse("k2", &body).await.expect(200);
        assert_eq!(priced["spent"], json!({"points": 60, "amount": 60_000, "to_pay": 140_000}));
        assert_eq!(shop.rows().await, rows, "a rehearsal keeps nothing");
        let paid = shop.till().buy("k2", &body).await.expect(201);
        assert_eq!((&paid["spent"], &paid["points"], &paid["balance"]["points"]), (&priced["spent"], &json!(14), &json!(14)));
        assert_eq!((has(&shop).await, &paid["balance"]["account_version"]), ([json!(14), json!(70), json!(50)], &json!(4)));
        assert_eq!(shop.till().buy("k2", &body).await.expect(200), paid);
        let kinds: Vec<Value> = history(&shop, 1).await.iter().map(|item| item["kind"].clone()).collect();
        assert_eq!(kinds, ["purchase", "redemption", "pool_drawn", "purchase"]);
        assert_eq!(history(&shop, 2).await[0]["about"], paid["purchase_id"]);
        // Points that paid come back to whoever spent them.
        let back = json!({"purchase": {"till": "till-1", "receipt": "R2"}, "receipt": "B2", "occurred_at": START, "currency": "IRR", "amount": 200_000});
        let returned = shop.till().give_back("b2", &back).await.expect(201);
        assert_eq!((&returned["points_back"], &returned["money"]), (&json!(60), &json!(140_000)));
        assert_eq!(has(&shop).await, [json!(60), json!(70), json!(50)]);
        shop.holds().await;
    }

    async fn a_hold_sets_points_of_the_household_aside_and_frees_them_for_who_spent(shop: Shop) {
        let shop = family(shop, json!({})).await;
        let hold = shop.till().keyed("h1", "/v1/holds", &of(1, 130)).await.expect(201);
        let id = hold["id"].as_str().expect("an id").to_owned();
        let state = async || shop.till().get(&format!("/v1/holds/{id}")).await.expect(200)["state"].clone();
        assert_eq!((state().await, has(&shop).await), (json!("open"), [json!(0), json!(0), json!(50)]));
        let capture = json!({"points": 100});
        shop.till().keyed("c1", &format!("/v1/holds/{id}/capture"), &capture).await.expect(201);
        assert_eq!((state().await, has(&shop).await), (json!("captured"), [json!(30), json!(0), json!(50)]));
        let spent = redeem(&shop, "s1", 1, 70).await.expect(201);
        let undo = format!("/v1/redemptions/{}/reversal", spent["id"].as_str().expect("an id"));
        shop.till().keyed("u1", &undo, &json!({})).await.expect(201);
        assert_eq!(has(&shop).await, [json!(70), json!(0), json!(10)]);
        shop.holds().await;
    }

    async fn only_open_accounts_give_and_only_what_can_be_spent(shop: Shop) {
        let shop = family(shop, json!({})).await;
        let hand = json!({"actor": "staff-4", "reason": "The phone was stolen"});
        let account = |verb: &str| format!("/v1/members/{}/account/{verb}", member(2));
        shop.operator().keyed("f1", &account("freeze"), &hand).await.expect(201);
        assert_eq!(shop.till().balance(member(1)).await["household"]["points"], 80);
        assert_eq!(redeem(&shop, "s1", 1, 81).await.refused(422, "points.balance_too_low")["missing"], 1);
        assert!(shop.till().balance(member(2)).await.get("household").is_none(), "a frozen account spends nothing");
        redeem(&shop, "s2", 2, 1).await.refused(422, "points.account_frozen");
        shop.operator().keyed("f2", &account("unfreeze"), &hand).await.expect(201);
        // What Sara has set aside is hers; what of Ali's has lapsed is nobody's.
        shop.till().keyed("h1", "/v1/holds", &json!({"member": {"phone": PHONES[2]}, "points": 20, "lifetime_s": 604_800})).await.expect(201);
        assert_eq!(shop.till().balance(member(1)).await["household"]["points"], 160);
        shop.days_later(363);
        assert_eq!(shop.till().balance(member(1)).await["household"]["points"], 80, "Sara's hold is over, Ali's hundred have lapsed");
        redeem(&shop, "s3", 1, 80).await.expect(201);
        assert_eq!(has(&shop).await, [json!(0), json!(0), json!(0)]);
        assert!(shop.told::<PointsExpired>().await.is_empty(), "whoever gives nothing is left as they are");
        shop.holds().await;
    }

    async fn points_for_the_member_alone_are_not_drawn(shop: Shop) {
        let shop = family(shop, json!({})).await;
        let mut own = rule("own", json!({"fixed": {"points": 70}}));
        own["transferable"] = json!(false);
        let mut document = programme(&[base(), own]);
        document["pooling"] = json!({});
        shop.operator().put("/v1/programme", document).await.expect(201);
        earn(&shop, 2, 10).await;
        assert_eq!(has(&shop).await, [json!(30), json!(180), json!(50)]);
        assert_eq!(shop.till().balance(member(1)).await["household"]["points"], 190);
        assert_eq!(redeem(&shop, "s1", 1, 191).await.refused(422, "points.balance_too_low")["missing"], 1);
        redeem(&shop, "s2", 1, 190).await.expect(201);
        assert_eq!(has(&shop).await, [json!(0), json!(70), json!(0)]);
        redeem(&shop, "s3", 2, 70).await.expect(201);
        shop.holds().await;
    }

    async fn who_owes_points_gives_none(shop: Shop) {
        let shop = family(shop, json!({})).await;
        let mut document = programme(&[base()]);
        document["pooling"] = json!({});
        document["debt"] = json!({"recovered_percent": 10});
        shop.operator().put("/v1/programme", document).await.expect(201);
        // Ali spends his hundred, and the purchase that brought them comes back; a tenth of what he earns later pays for it.
        redeem(&shop, "s1", 2, 100).await.expect(201);
        let of = history(&shop, 2).await.last().expect("a purchase")["receipt"].clone();
        let back = json!({"purchase": {"till": "till-1", "receipt": of}, "receipt": "B1", "occurred_at": START, "currency": "IRR", "amount": 1_000_000});
        shop.till().give_back("b1", &back).await.expect(201);
        earn(&shop, 2, 40).await;
        let ali = shop.till().balance(member(2)).await;
        assert_eq!((&ali["points"], &ali["debt"]), (&json!(36), &json!(96)));
        assert_eq!(shop.till().balance(member(1)).await["household"]["points"], 80);
        assert_eq!(redeem(&shop, "s2", 1, 81).await.refused(422, "points.balance_too_low")["missing"], 1);
        shop.holds().await;
    }

    async fn the_terms_say_who_draws_how_much_and_from_when_on(shop: Shop) {
        let shop = family(shop, json!({"drawn_by": "head", "most_per_day": 60, "after_days": 3})).await;
        assert_eq!(shop.till().balance(member(1)).await["household"], json!({"points": 90, "members": 3}));
        assert!(shop.till().balance(member(2)).await.get("household").is_none());
        assert_eq!(redeem(&shop, "s1", 2, 101).await.refused(422, "points.balance_too_low")["missing"], 1);
        redeem(&shop, "s2", 1, 70).await.expect(201);
        assert_eq!((has(&shop).await, shop.till().balance(member(1)).await["household"]["points"].clone()), ([json!(0), json!(60), json!(50)], json!(20)));
        assert_eq!(redeem(&shop, "s3", 1, 25).await.refused(422, "points.balance_too_low")["missing"], 5);
        shop.days_later(1);
        redeem(&shop, "s4", 1, 60).await.expect(201);
        // Another role is no new beginning, another household is one.
        belongs(&shop, 4, 2, Some(7), HouseholdRole::Head).await;
        redeem(&shop, "s5", 2, 20).await.expect(201);
        belongs(&shop, 5, 2, Some(8), HouseholdRole::Head).await;
        belongs(&shop, 6, 2, Some(7), HouseholdRole::Head).await;
        assert!(shop.till().balance(member(2)).await.get("household").is_none());
        shop.days_later(3);
        assert_eq!(shop.till().balance(member(2)).await["household"], json!({"points": 30, "members": 3}));
        shop.holds().await;
    }

    async fn whoever_leaves_keeps_their_own_and_other_households_are_out_of_reach(shop: Shop) {
        let shop = family(shop, json!({})).await;
        belongs(&shop, 4, 2, None, HouseholdRole::Member).await;
        belongs(&shop, 4, 3, Some(9), HouseholdRole::Head).await;
        for who in 1..=3 {
            assert!(shop.till().balance(member(who)).await.get("household").is_none());
        }
        assert_eq!(redeem(&shop, "s1", 1, 31).await.refused(422, "points.balance_too_low")["missing"], 1);
        redeem(&shop, "s2", 2, 100).await.expect(201);
        belongs(&shop, 5, 1, Some(9), HouseholdRole::Member).await;
        redeem(&shop, "s3", 1, 80).await.expect(201);
        assert_eq!(has(&shop).await, [json!(0), json!(0), json!(0)]);
        shop.holds().await;
    }

    async fn a_member_who_never_earned_spends_what_the_others_have(shop: Shop) {
        let shop = family(shop, json!({})).await;
        shop.joined(member(4), "+989121234570", IdentifierKind::Phone).await;
        belongs(&shop, 3, 4, Some(7), HouseholdRole::Member).await;
        assert_eq!(shop.till().balance(member(4)).await["household"], json!({"points": 180, "members": 4}));
        let body = json!({"member": {"id": member(4)}, "points": 120});
        let spent = shop.till().keyed("s1", "/v1/redemptions", &body).await.expect(201);
        assert_eq!((&spent["balance"], &spent["account_version"]), (&json!(0), &json!(2)));
        assert_eq!(has(&shop).await, [json!(30), json!(0), json!(30)]);
        let mut paid = bought(1, "R2", 100_000);
        paid["member"] = json!({"id": member(4)});
        paid["spend"] = json!({"points": 50});
        shop.till().buy("k2", &paid).await.expect(201);
        assert_eq!(has(&shop).await, [json!(10), json!(0), json!(0)]);
        shop.holds().await;
    }

    async fn without_the_section_everybody_spends_their_own(shop: Shop) {
        let shop = family(shop, json!(null)).await;
        assert!(shop.till().balance(member(1)).await.get("household").is_none());
        assert_eq!(redeem(&shop, "s1", 1, 31).await.refused(422, "points.balance_too_low")["missing"], 1);
        let rehearsed = shop.till().rehearse("k2", &bought(1, "R2", 200_000)).await.expect(200);
        assert_eq!(rehearsed["spendable"]["points"], 30);
        let mut wrong = programme(&[base()]);
        wrong["pooling"] = json!({"most_per_day": 0, "after_days": 367});
        let refused = shop.operator().put("/v1/programme", wrong).await.refused(422, "points.programme_invalid");
        let places: Vec<_> = refused["mistakes"].as_array().expect("mistakes").iter().map(|m| (m["pointer"].clone(), m["reason"].clone())).collect();
        assert_eq!(places, [(json!("/pooling/most_per_day"), json!("points_out_of_range")), (json!("/pooling/after_days"), json!("one_to_366_days"))]);
    }

    async fn the_programme_says_so_in_plain_sentences(shop: Shop) {
        let shop = family(shop, json!({"drawn_by": "head", "most_per_day": 60, "after_days": 3})).await;
        let mut all = Vec::new();
        for language in ["en", "fa", "ar"] {
            let page = shop.by(web::Caller::Anonymous).speaking(language).get("/v1/programme").await.expect(200);
            let sections = page["page"]["sections"].as_array().expect("sections").clone();
            let found = sections.into_iter().find(|section| section["part"] == "pooling").expect("a section");
            assert_eq!(found["sentences"].as_array().map(Vec::len), Some(3), "{found}");
            all.push(found);
        }
        let said = all[0]["sentences"].to_string();
        assert!(said.contains("speaks for a household") && said.contains("at most 60 points") && said.contains("3 days after"), "{said}");
        assert!(all[1] != all[0] && all[2] != all[0] && all[1] != all[2]);
    }

    async fn the_audit_names_a_draw_of_which_something_is_missing(shop: Shop) {
        let shop = family(shop, json!({})).await;
        redeem(&shop, "s1", 1, 110).await.expect(201);
        shop.holds().await;
        shop.execute("UPDATE journals SET moved = moved - 1 WHERE kind = 19").await;
        let rows = shop.audited().await;
        let named = rows.iter().filter(|row| !row.holds()).any(|row| format!("{row:?}").contains("was drawn, lot by lot"));
        assert!(named, "{rows:?}");
    }
}
