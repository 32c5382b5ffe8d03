//! Draws: tickets by points, purchases, rules and by hand; closed, settled by two persons, claimed, passed on (W6).

use std::sync::Arc;

use contracts::{
    FactData as _,
    membership::MemberErased,
    points::{
        GrantKind, PointsEarned, PointsReturned, RewardGrant, RewardsGranted, RewardsRevoked, WhyRefused,
    },
    rewards::{DrawSettled, DrawWon, GiftGiven},
};
use kernel::{Grant, Ids as _, JournalId, Reach, Role, SessionId, StaffId, Timestamp};
use rewards::draw_record::{Check, DrawRecord};
use runtime::SystemIds;
use serde_json::{Value, json};
use uuid::Uuid;
use web::Caller;

use crate::house::{House, START, member, on_both};

pub const DRAW: &str = "/v1/draws/new-year";

/// A week of tickets from now on.
pub fn terms(more: Value) -> Value {
    let mut terms = json!({
        "title": {"en": "New Year", "fa": "نوروز"}, "opens_at": START, "closes_at": "2026-11-28T08:00:00Z",
        "prizes": [{"title": {"en": "A bicycle"}, "units": 1, "what": {"type": "handed_over"}}],
        "entropy_source": "drand quicknet, round 21000000", "claim_days": 10,
    });
    let Value::Object(more) = more else { panic!("fields") };
    terms.as_object_mut().expect("fields").extend(more);
    terms
}

pub async fn publishes(house: &House, more: Value) -> Value {
    house.operator().put(DRAW, terms(more)).await.expect(200);
    house.operator().post(&format!("{DRAW}/publication"), None).await.expect(200)
}

fn staff(number: u128, role: Role) -> Caller {
    Caller::Staff {
        staff: StaffId::from_uuid(Uuid::from_u128(number)),
        session: SessionId::from_uuid(Uuid::from_u128(number)),
        grants: Arc::from([Grant { role, reach: Reach::Chain }]),
    }
}

fn purchase(number: u128) -> JournalId {
    JournalId::from_uuid(Uuid::from_u128(1_000 + number))
}

pub async fn buys(house: &House, who: u128, number: u128, amount: i64, at: &str) {
    let occurred_at = Timestamp::parse(at).expect("a time");
    let journal_id = purchase(number);
    let bought =
        PointsEarned { member_id: member(who), journal_id, amount, occurred_at, ..PointsEarned::sample() };
    house.hear("points", &bought).await;
}

async fn returns(house: &House, who: u128, number: u128, amount: i64) {
    let purchase_id = purchase(number);
    let journal_id = JournalId::from_uuid(SystemIds::default().uuid());
    let returned = PointsReturned {
        member_id: member(who),
        journal_id,
        purchase_id,
        amount,
        ..PointsReturned::sample()
    };
    house.hear("points", &returned).await;
}

pub async fn tickets(house: &House, who: u128) -> i64 {
    let page = house.member(who).get(&format!("/v1/members/{}/draws", member(who))).await.expect(200);
    page["draws"][0]["tickets"].as_i64().expect("a number")
}

pub async fn gives(house: &House, who: u128, tickets: u32) {
    let body = json!({"member": {"id": member(who)}, "tickets": tickets, "reason": "invited"});
    house.operator().keyed(&format!("g{who}"), &format!("{DRAW}/tickets"), body).await.expect(200);
}

/// Waits until the list is closed.
async fn closes(house: &House) {
    house.wait_s(7 * 86_400 + 900);
    let closed = || async { house.operator().get(DRAW).await.expect(200)["state"] == "closed" };
    house.until("the list is closed", closed).await;
}

async fn settles(house: &House) -> Value {
    let value = json!({"value": "5b7c-round"});
    house.operator().put(&format!("{DRAW}/entropy"), value.clone()).await.expect(200);
    let finance = house.calling(staff(7, Role::Finance));
    finance.post(&format!("{DRAW}/entropy/confirmation"), Some(value)).await.expect(200)
}

/// The record as everybody reads it, and what a check of it finds.
async fn checked(house: &House) -> (DrawRecord, Vec<String>) {
    let anybody = house.calling(Caller::Anonymous);
    let record: DrawRecord =
        serde_json::from_value(anybody.get(&format!("{DRAW}/record")).await.expect(200)).expect("a record");
    let (mut check, mut after) = (Check::new(&record), 0);
    loop {
        let page = anybody.get(&format!("{DRAW}/entries?limit=2&after={after}")).await.expect(200);
        for line in page["lines"].as_array().expect("lines") {
            check.line(line.as_str().expect("text"));
        }
        let Some(next) = page["next_after"].as_u64() else { break };
        after = next;
    }
    let flaws = check.flaws();
    (record, flaws)
}

fn own(who: u128) -> String {
    format!("/v1/members/{}/draws/new-year/claim", member(who))
}

on_both! {
    async fn tickets_come_by_points_purchases_rules_and_by_hand_and_the_winners_recompute(house: House) {
        let published = publishes(&house, json!({
            "by_purchase": {"minimum": 1_000, "tickets": 2}, "alternates": 9,
            "prizes": [{"title": {"en": "A bicycle"}, "units": 2, "what": {"type": "handed_over"}}],
        })).await;
        house.offers("ticket", json!({"kind": {"type": "draw_ticket", "draw": "new-year", "tickets": 3}})).await;
        house.redeemed(1, "k1", "ticket").await;
        let inside = "2026-11-22T08:00:00Z";
        buys(&house, 2, 1, 1_000, inside).await;
        buys(&house, 2, 2, 999, inside).await;
        buys(&house, 2, 3, 5_000, "2026-11-20T08:00:00Z").await;
        let grant = RewardGrant { rule: "big".to_owned(), kind: GrantKind::DrawTickets, code: "new-year".to_owned(), quantity: 4 };
        let granted = RewardsGranted { member_id: member(3), purchase_id: purchase(4), occurred_at: Timestamp::parse(inside).expect("a time"), grants: vec![grant.clone()], ..RewardsGranted::sample() };
        for _ in 0..2 {
            house.hear("points", &granted).await;
        }
        gives(&house, 4, 5).await;
        gives(&house, 4, 5).await;
        for (who, has) in [(1, 3), (2, 2), (3, 4), (4, 5)] {
            assert_eq!(tickets(&house, who).await, has, "{who}");
        }
        closes(&house).await;
        let (closed, flaws) = checked(&house).await;
        assert_eq!((closed.tickets, closed.entries, closed.seed.is_none(), flaws.len()), (Some(14), Some(4), true, 1));
        let settled = settles(&house).await;
        let (record, flaws) = checked(&house).await;
        assert_eq!((flaws, record.winners.len(), &record.digest), (Vec::<String>::new(), 4, &closed.digest));
        assert_eq!(published["commitment"], json!(record.commitment));
        // Nobody stands in the record under an id that leads anywhere.
        let text = serde_json::to_string(&record).expect("JSON");
        assert!((1..5).all(|who| !text.contains(&member(who).to_string())));
        let won = house.told::<DrawWon>().await;
        assert_eq!((won.len(), won[0].place, won[1].prize, house.told::<DrawSettled>().await[0].tickets), (2, 1, 1, 14));
        let mine = house.member(1).get(&format!("/v1/members/{}/draws", member(1))).await.expect(200);
        assert!(record.winners.iter().any(|pick| mine["draws"][0]["holder"] == json!(pick.holder)));
        let deeds: Vec<&str> = settled["history"].as_array().expect("a list").iter().filter_map(|deed| deed["deed"].as_str()).collect();
        assert_eq!(deeds, ["settled", "entropy_confirmed", "entropy_entered", "closed", "granted", "published", "written"]);
        house.holds().await;
    }

    async fn what_is_brought_back_takes_its_tickets_along_until_the_list_is_closed(house: House) {
        publishes(&house, json!({"by_purchase": {"minimum": 1_000, "tickets": 1}})).await;
        let inside = "2026-11-22T08:00:00Z";
        for number in 1..=3 {
            buys(&house, 1, number, 1_500, inside).await;
        }
        returns(&house, 1, 1, 400).await;
        assert_eq!(tickets(&house, 1).await, 3);
        returns(&house, 1, 1, 400).await;
        returns(&house, 1, 2, 1_500).await;
        assert_eq!(tickets(&house, 1).await, 1);
        let grant = |quantity| RewardGrant { rule: "big".to_owned(), kind: GrantKind::DrawTickets, code: "new-year".to_owned(), quantity };
        let at = Timestamp::parse(inside).expect("a time");
        let granted = RewardsGranted { member_id: member(1), purchase_id: purchase(3), occurred_at: at, grants: vec![grant(4)], ..RewardsGranted::sample() };
        house.hear("points", &granted).await;
        let revoked = RewardsRevoked { member_id: member(1), purchase_id: purchase(3), grants: vec![grant(3)], ..RewardsRevoked::sample() };
        house.hear("points", &revoked).await;
        assert_eq!(tickets(&house, 1).await, 2);
        closes(&house).await;
        // Too late to come, and too late to go.
        buys(&house, 1, 9, 1_500, inside).await;
        returns(&house, 1, 3, 1_500).await;
        let draw = house.operator().get(DRAW).await.expect(200);
        assert_eq!((&draw["tickets"], &draw["late"]), (&json!(2), &json!(1)));
        settles(&house).await;
        assert_eq!(checked(&house).await.1, Vec::<String>::new());
        house.holds().await;
    }

    async fn nobody_pays_for_a_ticket_that_is_not_drawn_from(house: House) {
        publishes(&house, json!({"per_member": 3})).await;
        house.offers("ticket", json!({"kind": {"type": "draw_ticket", "draw": "new-year", "tickets": 2}})).await;
        let path = "/v1/reward-redemptions";
        let refused = house.asked(1, "k1", "ticket").await;
        let body = || json!({"reward": "ticket"});
        assert_eq!(house.member(1).keyed("k2", path, body()).await.refused(409, "rewards.limit_reached")["most"], 3);
        house.refused(&refused, WhyRefused::BalanceTooLow).await;
        assert_eq!(tickets(&house, 1).await, 0);
        house.wait_s(7 * 86_400 - 10);
        let late = house.asked(1, "k3", "ticket").await;
        // Points set it aside in time, and take longer than the list waits.
        house.held(&late).await;
        house.wait_s(910);
        house.member(2).keyed("k4", path, body()).await.refused(409, "rewards.draw_not_open");
        house.until("the sweep ran", || async { house.operator().get(DRAW).await.status == 200 }).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert_eq!(house.operator().get(DRAW).await.expect(200)["state"], "published", "it waits for the points");
        house.captured(&late).await;
        let closed = || async { house.operator().get(DRAW).await.expect(200)["state"] == "closed" };
        house.until("the list is closed", closed).await;
        assert_eq!(house.operator().get(DRAW).await.expect(200)["tickets"], 2);
        house.holds().await;
    }

    async fn a_value_is_entered_by_one_and_confirmed_by_another(house: House) {
        publishes(&house, json!({})).await;
        gives(&house, 1, 1).await;
        let (enter, confirm) = (format!("{DRAW}/entropy"), format!("{DRAW}/entropy/confirmation"));
        let value = || json!({"value": "round 5"});
        house.operator().put(&enter, value()).await.refused(409, "rewards.draw_not_closed");
        house.operator().post(&confirm, Some(value())).await.refused(409, "rewards.draw_not_closed");
        closes(&house).await;
        house.operator().post(&confirm, Some(value())).await.refused(409, "rewards.draw_not_closed");
        house.operator().put(&enter, json!({"value": " "})).await.refused(422, "rewards.entropy_invalid");
        let marketing = house.calling(staff(1, Role::Marketing));
        marketing.put(&enter, value()).await.expect(200);
        marketing.post(&confirm, Some(value())).await.refused(403, "web.access_denied");
        // A person with both roles is one person.
        let both = Arc::from([Role::Marketing, Role::Finance].map(|role| Grant { role, reach: Reach::Chain }));
        let Caller::Staff { staff: who, session, .. } = staff(1, Role::Marketing) else { return };
        let both = house.calling(Caller::Staff { staff: who, session, grants: both });
        both.post(&confirm, Some(value())).await.refused(422, "rewards.second_person_needed");
        let finance = house.calling(staff(2, Role::Finance));
        finance.post(&confirm, Some(json!({"value": "round 6"}))).await.refused(409, "rewards.entropy_differs");
        assert_eq!(house.calling(Caller::Anonymous).get(&format!("{DRAW}/record")).await.expect(200).get("entropy"), None);
        finance.post(&confirm, Some(value())).await.expect(200);
        finance.post(&confirm, Some(value())).await.expect(200);
        marketing.put(&enter, value()).await.refused(409, "rewards.draw_not_closed");
        assert_eq!(house.told::<DrawWon>().await.len(), 1);
        house.holds().await;
    }

    async fn what_nobody_claims_goes_to_the_next_one(house: House) {
        publishes(&house, json!({"alternates": 1})).await;
        for who in 1..=3 {
            gives(&house, who, 1).await;
        }
        closes(&house).await;
        settles(&house).await;
        let first = house.told::<DrawWon>().await[0].clone();
        let number = |won: &DrawWon| (1..=3).find(|who| member(*who) == won.member_id).expect("one of them");
        let other = (1..=3).find(|who| *who != number(&first)).expect("another one");
        house.member(other).post(&own(other), None).await.refused(404, "rewards.prize_unknown");
        house.wait_s(10 * 86_400);
        house.until("it is told to the next one", || async { house.told::<DrawWon>().await.len() == 2 }).await;
        house.member(number(&first)).post(&own(number(&first)), None).await.refused(409, "rewards.claim_over");
        let second = house.told::<DrawWon>().await[1].clone();
        assert_eq!((second.place, second.prize), (2, 1));
        let who = number(&second);
        for _ in 0..2 {
            assert_eq!(house.member(who).post(&own(who), None).await.expect(200)["state"], "claimed");
        }
        let path = "/v1/branches/vanak/draw-handovers";
        let body = json!({"draw": "new-year", "member": {"id": member(who)}});
        let manager = house.calling(staff(3, Role::BranchManager));
        for _ in 0..2 {
            let handed = manager.post(path, Some(body.clone())).await.expect(200);
            assert_eq!((&handed["state"], &handed["handed_branch"]), (&json!("handed_over"), &json!("vanak")));
        }
        // It was claimed, so it passes on to nobody; and the record stays as it was drawn.
        house.wait_s(30 * 86_400);
        assert_eq!((house.told::<DrawWon>().await.len(), checked(&house).await.1.len()), (2, 0));
        house.holds().await;
    }

    async fn a_prize_of_the_catalogue_is_a_voucher_once(house: House) {
        house.offers("coffee", json!({})).await;
        house.stocks("coffee", None, 1).await;
        let prize = |reward: &str| json!({"prizes": [{"title": {"en": "A coffee"}, "units": 1, "what": {"type": "voucher", "reward": reward}}]});
        house.operator().put(DRAW, terms(prize("nothing"))).await.expect(200);
        house.operator().post(&format!("{DRAW}/publication"), None).await.refused(404, "rewards.reward_unknown");
        publishes(&house, prize("coffee")).await;
        gives(&house, 1, 1).await;
        closes(&house).await;
        settles(&house).await;
        let handover = json!({"draw": "new-year", "member": {"id": member(1)}});
        house.operator().post("/v1/branches/vanak/draw-handovers", Some(handover)).await.refused(404, "rewards.prize_unknown");
        for _ in 0..2 {
            house.member(1).post(&own(1), None).await.expect(200);
        }
        house.until("the voucher is there", || async { !house.voucher(1).await.is_null() }).await;
        house.member(1).post(&own(1), None).await.expect(200);
        assert_eq!((house.told::<GiftGiven>().await.len(), house.left("coffee").await), (1, 0));
        house.holds().await;
    }

    async fn whoever_is_erased_has_no_ticket_and_no_prize(house: House) {
        publishes(&house, json!({"alternates": 1})).await;
        for who in 1..=3 {
            gives(&house, who, 1).await;
        }
        let erased = |who| MemberErased { member_id: member(who), ..MemberErased::sample() };
        house.hear("membership", &erased(1)).await;
        closes(&house).await;
        settles(&house).await;
        let won = house.told::<DrawWon>().await[0].clone();
        assert_ne!(won.member_id, member(1));
        let winner = if won.member_id == member(2) { 2 } else { 3 };
        house.hear("membership", &erased(winner)).await;
        house.until("it is told to the next one", || async { house.told::<DrawWon>().await.len() == 2 }).await;
        let (record, flaws) = checked(&house).await;
        assert_eq!((record.tickets, flaws), (Some(2), Vec::new()));
        house.holds().await;
    }

    async fn each_mistake_in_a_draw_is_named_and_what_is_published_stays(house: House) {
        for (more, pointer) in [
            (json!({"title": {}}), "/title"),
            (json!({"about": {"fa": ""}}), "/about/fa"),
            (json!({"closes_at": START}), "/closes_at"),
            (json!({"prizes": []}), "/prizes"),
            (json!({"prizes": [{"title": {"en": "x"}, "units": 1_001, "what": {"type": "handed_over"}}]}), "/prizes"),
            (json!({"prizes": [{"title": {"en": "x"}, "units": 0, "what": {"type": "handed_over"}}]}), "/prizes/0/units"),
            (json!({"prizes": [{"title": {}, "units": 1, "what": {"type": "handed_over"}}]}), "/prizes/0/title"),
            (json!({"alternates": 1_001}), "/alternates"),
            (json!({"per_member": 0}), "/per_member"),
            (json!({"by_purchase": {"minimum": 0, "tickets": 1}}), "/by_purchase/minimum"),
            (json!({"by_purchase": {"minimum": 1, "tickets": 10_001}}), "/by_purchase/tickets"),
            (json!({"entropy_source": " "}), "/entropy_source"),
            (json!({"claim_days": 366}), "/claim_days"),
        ] {
            let refused = house.operator().put(DRAW, terms(more)).await.refused(422, "rewards.draw_terms_invalid");
            assert_eq!(refused["pointer"], pointer);
        }
        house.operator().get(DRAW).await.refused(404, "rewards.draw_unknown");
        let publication = format!("{DRAW}/publication");
        house.operator().post(&publication, None).await.refused(404, "rewards.draw_unknown");
        house.operator().put(DRAW, terms(json!({"opens_at": "2026-11-01T00:00:00Z", "closes_at": "2026-11-02T00:00:00Z"}))).await.expect(200);
        house.operator().post(&publication, None).await.refused(409, "rewards.draw_over");
        let anybody = house.calling(Caller::Anonymous);
        anybody.get(&format!("{DRAW}/record")).await.refused(404, "rewards.draw_unknown");
        anybody.get(&format!("{DRAW}/entries")).await.refused(404, "rewards.draw_unknown");
        let published = publishes(&house, json!({})).await;
        house.operator().put(DRAW, terms(json!({"claim_days": 3}))).await.refused(409, "rewards.draw_published");
        assert_eq!(house.operator().post(&publication, None).await.expect(200)["commitment"], published["commitment"]);
        anybody.get(&format!("{DRAW}/entries?limit=10001")).await.refused(400, "rewards.limit_out_of_range");
        assert_eq!(anybody.get(&format!("{DRAW}/entries")).await.expect(200)["lines"], json!([]));
        let give = |tickets: u32, reason: &str| json!({"member": {"id": member(1)}, "tickets": tickets, "reason": reason});
        let path = format!("{DRAW}/tickets");
        house.operator().keyed("k", &path, give(0, "x")).await.refused(422, "rewards.tickets_invalid");
        house.operator().keyed("k", &path, give(1, "")).await.refused(422, "rewards.tickets_invalid");
        house.operator().keyed("k", &path, give(1, "x")).await.expect(200);
        house.operator().keyed("k", &path, give(2, "x")).await.refused(422, "rewards.key_reused");
        assert_eq!(house.operator().get("/v1/draws").await.expect(200)["draws"][0]["state"], "published");
        house.operator().get("/v1/draws?limit=0").await.refused(400, "rewards.limit_out_of_range");
        house.operator().get("/v1/draws?cursor=b3Bz").await.refused(400, "rewards.cursor_invalid");
        house.holds().await;
    }
}
