//! Two memberships are one person's: everything of the one account goes into the other one (J1, P3, P8).

use contracts::{
    membership::{ActionDone, MemberErased, MemberJoined, MembersMerged, PlanStanding, PlanStandingChanged},
    points::{AccountAbsorbed, AccountMerged, PointsEarned, TierChanged},
};
use kernel::{ActionCode, BranchCode, Clock as _, Day, IdentifierKind, MemberId, PlanCode, Points};
use serde_json::{Value, json};

use crate::shop::{ALI, START, Shop, ZAHRA, base, basket, member, on_both, programme, rule};

fn merged(survivor: u128, absorbed: u128) -> MembersMerged {
    MembersMerged { survivor: member(survivor), absorbed: member(absorbed), guarded_until: None }
}

/// Ali's basket.
fn of_ali(receipt: &str, amount: i64) -> Value {
    let mut goods = basket(receipt, amount);
    goods["member"] = json!({"phone": ALI});
    goods
}

fn by_id(receipt: &str, amount: i64, who: MemberId) -> Value {
    let mut goods = basket(receipt, amount);
    goods["member"] = json!({"id": who});
    goods
}

fn back(receipt: &str, of: &str, amount: Option<i64>) -> Value {
    json!({"purchase": {"till": "till-1", "receipt": of}, "receipt": receipt, "occurred_at": START,
        "currency": "IRR", "amount": amount})
}

async fn points(shop: &Shop, who: u128) -> Value {
    shop.till().balance(member(who)).await["points"].clone()
}

on_both! {
    async fn everything_goes_to_the_one_who_stays_and_old_names_lead_there(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        shop.till().buy("k2", &of_ali("R2", 500_000)).await.expect(201);
        shop.tells(&merged(1, 2)).await;
        let gone = shop.till().balance(member(2)).await;
        assert_eq!((&gone["points"], &gone["state"], &gone["merged_into"]), (&json!(0), &json!("closed"), &json!(member(1))));
        assert_eq!(points(&shop, 1).await, 150);
        let (_, absorbed) = &shop.told::<AccountAbsorbed>().await[0];
        assert_eq!((absorbed.member_id, absorbed.into, absorbed.points), (member(2), member(1), Points::new(50)));
        let (_, came) = &shop.told::<AccountMerged>().await[0];
        assert_eq!((came.absorbed, came.points, came.balance), (member(2), Points::new(50), Points::new(150)));
        let both = [("merged_in", 1), ("merged_out", 2)];
        for (kind, who) in both {
            let history = shop.operator().get(&format!("/v1/members/{}/history", member(who))).await.expect(200);
            assert_eq!(history["items"][0]["kind"], kind, "{history}");
        }
        // Told again nothing happens, and neither when it is told the other way round.
        shop.tells(&merged(1, 2)).await;
        shop.tells(&merged(2, 1)).await;
        assert_eq!(shop.told::<AccountMerged>().await.len(), 1);
        // The old phone, the old id of a till that was offline, and a return of what was bought before.
        let sold = shop.till().buy("k3", &of_ali("R3", 100_000)).await.expect(201);
        assert_eq!((&sold["member_id"], &sold["balance"]["points"]), (&json!(member(1)), &json!(160)));
        let sold = shop.till().buy("k4", &by_id("R4", 100_000, member(2))).await.expect(201);
        assert_eq!(sold["balance"]["points"], 170);
        assert!(shop.till().buy("k2", &of_ali("R2", 500_000)).await.replayed, "the first answer again");
        let answer = shop.till().give_back("b1", &back("B1", "R2", None)).await.expect(201);
        assert_eq!((&answer["points_taken"], &answer["balance"]), (&json!(50), &json!(120)));
        let earned = shop.told::<PointsEarned>().await;
        assert!(earned.iter().rev().take(2).all(|(_, fact)| fact.member_id == member(1)));
        shop.holds().await;
    }

    async fn what_waits_is_held_or_owed_goes_along(shop: Shop) {
        let mut later = rule("later", json!({"fixed": {"points": 30}}));
        later["pending"] = json!({"days": 7});
        let shop = shop.selling(&[base(), later]).await;
        shop.till().buy("k1", &basket("R1", 400_000)).await.expect(201);
        shop.till().buy("k2", &of_ali("R2", 1_000_000)).await.expect(201);
        let held = json!({"member": {"phone": ALI}, "points": 60});
        let hold = shop.till().keyed("h1", "/v1/holds", &held).await.expect(201);
        // Zahra owes what she spent and brought back.
        let spent = json!({"member": {"phone": ZAHRA}, "points": 40});
        shop.till().keyed("s1", "/v1/redemptions", &spent).await.expect(201);
        shop.till().give_back("b1", &back("B1", "R1", None)).await.expect(201);
        let owes = shop.till().balance(member(1)).await;
        assert_eq!((&owes["points"], &owes["debt"]), (&json!(0), &json!(40)), "{owes}");
        shop.tells(&merged(1, 2)).await;
        let has = shop.till().balance(member(1)).await;
        assert_eq!((&has["points"], &has["held"], &has["pending"]["points"]), (&json!(0), &json!(60), &json!(30)), "{has}");
        assert_eq!(has.get("debt"), None, "the other one's points paid it");
        shop.holds().await;
        let capture = format!("/v1/holds/{}/capture", hold["id"].as_str().expect("an id"));
        shop.till().keyed("c1", &capture, &json!({"points": 50})).await.expect(201);
        assert_eq!(points(&shop, 1).await, 10);
        let early = format!("/v1/purchases/{}/activation", shop.told::<PointsEarned>().await[1].1.journal_id);
        shop.till().keyed("a1", &early, &json!({})).await.expect(201);
        assert_eq!(points(&shop, 1).await, 40);
        shop.holds().await;
    }

    async fn a_debt_of_the_one_who_goes_is_paid_by_the_one_who_stays(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &of_ali("R1", 300_000)).await.expect(201);
        let spent = json!({"member": {"phone": ALI}, "points": 30});
        let redeemed = shop.till().keyed("s1", "/v1/redemptions", &spent).await.expect(201);
        shop.till().give_back("b1", &back("B1", "R1", Some(200_000))).await.expect(201);
        shop.till().buy("k2", &basket("R2", 150_000)).await.expect(201);
        shop.tells(&merged(1, 2)).await;
        let owes = shop.till().balance(member(1)).await;
        assert_eq!((&owes["points"], &owes["debt"]), (&json!(0), &json!(5)), "{owes}");
        shop.holds().await;
        // What Ali had redeemed comes back to whoever has the account.
        let undo = format!("/v1/redemptions/{}/reversal", redeemed["id"].as_str().expect("an id"));
        shop.till().keyed("u1", &undo, &json!({})).await.expect(201);
        assert_eq!(points(&shop, 1).await, 25);
        shop.holds().await;
    }

    async fn chains_lead_to_the_last_and_erasing_it_erases_all(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.joined(member(50), "+989121230050", IdentifierKind::Phone).await;
        shop.till().buy("k1", &of_ali("R1", 100_000)).await.expect(201);
        let written = json!({"points": 5, "funder": "vanak", "actor": "staff-1", "reason": "Ali called"});
        let path = format!("/v1/members/{}/adjustments", member(2));
        shop.operator().keyed("give-2", &path, &written).await.expect(201);
        shop.tells(&merged(1, 2)).await;
        shop.tells(&merged(50, 1)).await;
        // A merge that is heard late finds whoever has the account.
        shop.joined(member(51), "+989121230051", IdentifierKind::Phone).await;
        shop.tells(&merged(2, 51)).await;
        assert_eq!(shop.till().balance(member(2)).await["merged_into"], json!(member(50)));
        let sold = shop.till().buy("k2", &by_id("R2", 100_000, member(51))).await.expect(201);
        assert_eq!((&sold["member_id"], &sold["balance"]["points"]), (&json!(member(50)), &json!(25)));
        shop.holds().await;
        shop.tells(&MemberErased { member_id: member(50), branch: None }).await;
        assert_eq!(shop.number("SELECT COUNT(*) FROM identifiers").await, 0);
        assert_eq!(shop.number("SELECT COUNT(*) FROM journals WHERE reason LIKE '%Ali%'").await, 0);
        shop.till().buy("k3", &by_id("R3", 100_000, member(2))).await.refused(422, "points.account_closed");
        shop.holds().await;
    }

    async fn transfers_on_their_way_come_back_or_arrive_at_the_one_who_stays(shop: Shop) {
        let shop = shop.transferring(json!({"to": "anyone", "acceptance": true})).await;
        shop.joined(member(50), "+989121230050", IdentifierKind::Phone).await;
        shop.till().buy("k1", &of_ali("R1", 1_000_000)).await.expect(201);
        shop.till().buy("k2", &by_id("R2", 1_000_000, member(50))).await.expect(201);
        let send = async |key: &str, from: u128, to: u128, points: i64| {
            let body = json!({"from": member(from), "to": {"id": member(to)}, "points": points});
            shop.operator().keyed(key, "/v1/transfers", &body).await.expect(201)["transfer"]["transfer_id"].as_str().expect("an id").to_owned()
        };
        let (out, to_them) = (send("t1", 2, 50, 40).await, send("t2", 50, 2, 30).await);
        let between = send("t3", 2, 1, 10).await;
        shop.tells(&merged(1, 2)).await;
        let status = async |id: &str| shop.operator().get(&format!("/v1/transfers/{id}")).await.expect(200)["status"].clone();
        assert_eq!((status(&out).await, status(&between).await, status(&to_them).await), (json!("recalled"), json!("recalled"), json!("acceptance")));
        assert_eq!(points(&shop, 1).await, 100);
        shop.operator().post(&format!("/v1/transfers/{to_them}/accept"), json!({})).await.expect(200);
        assert_eq!((points(&shop, 1).await, points(&shop, 50).await), (json!(130), json!(70)));
        // A transfer to the old id is one to whoever has the account; one to oneself is none.
        let late = send("t4", 50, 2, 5).await;
        shop.operator().post(&format!("/v1/transfers/{late}/accept"), json!({})).await.expect(200);
        assert_eq!(points(&shop, 1).await, 135);
        shop.holds().await;
    }

    async fn caps_do_not_double_and_what_is_done_once_is_done_once(shop: Shop) {
        let mut survey = rule("survey", json!({"fixed": {"points": 10}}));
        survey["on"] = json!({"action": "survey"});
        survey["funder"] = "vanak".into();
        survey["limits"] = json!([{"points": 25, "per": "member", "every": "ever"}]);
        let mut document = programme(&[base()]);
        document["caps"] = json!([{"code": "daily", "points": 100, "per": "member", "every": "day"}]);
        document["actions"] = json!([survey]);
        shop.operator().put("/v1/programme", document).await.expect(201);
        let done = |who: u128, reference: &str| ActionDone {
            member_id: member(who),
            action: ActionCode::parse("survey").expect("a code"),
            reference: reference.to_owned(),
            occurred_at: shop.clock.now(),
            branch: Some(BranchCode::parse("vanak").expect("a code")),
            value: None,
        };
        shop.till().buy("k1", &basket("R1", 700_000)).await.expect(201);
        shop.till().buy("k2", &of_ali("R2", 700_000)).await.expect(201);
        shop.tells(&done(1, "a")).await;
        shop.tells(&done(2, "b")).await;
        shop.tells(&merged(1, 2)).await;
        assert_eq!(points(&shop, 1).await, 160);
        let sold = shop.till().buy("k3", &basket("R3", 700_000)).await.expect(201);
        assert_eq!(sold["points"], 0, "both have used the day's cap");
        // The same survey, told of either, is recorded already; another one earns what is left of the rule's limit.
        for again in [done(1, "b"), done(2, "b"), done(2, "a")] {
            shop.tells(&again).await;
        }
        assert_eq!(points(&shop, 1).await, 160);
        shop.tells(&done(2, "c")).await;
        assert_eq!(points(&shop, 1).await, 165);
        shop.holds().await;
    }

    async fn credit_for_tiers_adds_up_and_the_first_purchase_was_made_once(shop: Shop) {
        let name = |text: &str| json!({"fa": text, "ar": text, "en": text});
        let mut first = rule("first", json!({"fixed": {"points": 500}}));
        first["when"] = json!({"member": {"purchase": {"exactly": 1}}});
        let mut document = programme(&[base(), first]);
        document["tiers"] = json!({"measure": "spend", "period": "year",
            "levels": [{"code": "silver", "name": name("Silver"), "from": 300_000}]});
        shop.operator().put("/v1/programme", document).await.expect(201);
        shop.joined(member(50), "+989121230050", IdentifierKind::Phone).await;
        shop.till().buy("k1", &basket("R1", 200_000)).await.expect(201);
        shop.till().buy("k2", &of_ali("R2", 200_000)).await.expect(201);
        shop.tells(&merged(1, 2)).await;
        let (_, tier) = &shop.told::<TierChanged>().await[0];
        assert_eq!((tier.member_id, tier.tier.as_deref()), (member(1), Some("silver")));
        let stands = shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200);
        assert_eq!(stands["credit"], 400_000);
        shop.holds().await;
        // One who never bought anything takes in one who did.
        shop.tells(&merged(50, 1)).await;
        let sold = shop.till().buy("k3", &by_id("R3", 10_000, member(50))).await.expect(201);
        assert_eq!(sold["points"], 1, "it is not the first");
        shop.till().give_back("b1", &back("B1", "R2", None)).await.expect(201);
        shop.holds().await;
    }

    async fn segments_and_guards_follow_and_a_frozen_account_stays_frozen(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.operator().put("/v1/segments/gold", json!({})).await;
        shop.operator().post("/v1/segments/gold/members", json!({"add": [member(2)], "remove": []})).await.expect(200);
        let plan = PlanCode::parse("plus").expect("a code");
        let told = PlanStandingChanged { member_id: member(2), plan, standing: PlanStanding::Active, through: Day::from_number(20_700) };
        shop.tells(&told).await;
        shop.till().buy("k1", &of_ali("R1", 2_000_000)).await.expect(201);
        let freeze = json!({"actor": "staff-1", "reason": "a suspicion"});
        shop.operator().keyed("f1", &format!("/v1/members/{}/account/freeze", member(2)), &freeze).await.expect(201);
        let until = shop.clock.now().plus_millis(24 * 3_600 * 1_000);
        shop.tells(&MembersMerged { guarded_until: Some(until), ..merged(1, 2) }).await;
        let members = |segment: &str| format!("SELECT COUNT(*) FROM segment_members WHERE segment = '{segment}'");
        assert_eq!((shop.number(&members("gold")).await, shop.number(&members("plan-plus")).await), (1, 0));
        assert_eq!(shop.till().balance(member(1)).await["state"], "frozen");
        let opened = format!("/v1/members/{}/account/unfreeze", member(2));
        shop.operator().keyed("u1", &opened, &freeze).await.expect(201);
        let spent = json!({"member": {"phone": ALI}, "points": 150});
        shop.till().keyed("s1", "/v1/redemptions", &spent).await.expect(201);
        assert_eq!(shop.number("SELECT points_left FROM guards").await, 350);
        shop.holds().await;
    }

    async fn purchases_at_the_same_moment_are_neither_lost_nor_doubled(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for round in 0..6_u128 {
            let (stays, goes) = (member(100 + round), member(200 + round));
            shop.tells(&MemberJoined { member_id: stays, ..contracts::FactData::sample() }).await;
            shop.tells(&MemberJoined { member_id: goes, ..contracts::FactData::sample() }).await;
            let till = shop.till();
            let goods: Vec<(String, Value)> = (0..6).map(|n| (format!("k{round}-{n}"), by_id(&format!("R{round}-{n}"), 100_000, if n % 2 == 0 { goes } else { stays }))).collect();
            let buying = goods.iter().map(|(key, goods)| till.buy(key, goods));
            let merge = merged(100 + round, 200 + round);
            let (sold, ()) = futures_util::future::join(futures_util::future::join_all(buying), merging(&shop, &merge)).await;
            for answer in sold {
                answer.expect(201);
            }
            assert_eq!(points(&shop, 100 + round).await, 60, "round {round}");
        }
        shop.holds().await;
    }

    async fn an_audit_finds_what_was_left_behind(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &of_ali("R1", 100_000)).await.expect(201);
        shop.tells(&merged(1, 2)).await;
        shop.holds().await;
        shop.execute("UPDATE accounts SET marks = 0 WHERE marks = 2").await;
        let found: Vec<_> = shop.audited().await.into_iter().filter(|row| row.differing > 0).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].examples[0].contains("open or not empty"), "{found:?}");
    }
}

/// Hears of the merge as a consumer does: again, when somebody else was faster.
async fn merging(shop: &Shop, merge: &MembersMerged) {
    for _ in 0..50 {
        if shop.try_to_hear(&[shop.fact(0, merge)]).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the merge is refused again and again");
}
