//! Leaving: seen before, done in one step, for good, and again after a restore (J4; promise 26).

use bus::Reaction as _;
use contracts::{
    Fact, FactHead,
    membership::{MemberErased, MemberLeft},
    points, rewards,
};
use kernel::{FactId, Ids as _, MemberId, SessionId, Timestamp};
use membership::{
    commands::mark_occasions::mark_occasions, domain::leaving::Forgetter,
    reactions::member_forgotten::ConfirmErasures,
};
use runtime::SystemIds;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};
use web::Caller;

use crate::{
    club::{Club, on_both},
    profile::question,
};

const HOME: &str = "0192f3a1-7c00-7000-8000-0000000000a1";
const PHONE: &str = "09121234567";

fn session() -> SessionId {
    SessionId::from_uuid(uuid::Uuid::from_u128(7))
}

fn raised(club: &Club, member: MemberId, until: i64) -> Caller {
    let stepped_up_until = Some(club.now().plus_millis(until * 1_000));
    Caller::Member { member, session: session(), confirmed: true, stepped_up_until }
}

pub(crate) async fn count(club: &Club, table: &str) -> i64 {
    let on = club.database.connection();
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let row =
        on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("it runs");
    row.and_then(|row| row.try_get_by_index(0).ok()).expect("a number")
}

/// Zahra, with a card, a session, a consent, a household of two, a number on her phone, an invitation by her and one to her.
pub(crate) async fn zahra(club: &Club) -> MemberId {
    let office = club.operator();
    let mut ids = Vec::new();
    for (phone, role) in [(PHONE, "head"), ("09121234568", "member")] {
        let joined =
            club.till().post("/v1/members", json!({"phone": phone, "first_name": "Zahra"})).await.expect(201);
        let id: MemberId = joined["member_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        office.put(&format!("/v1/households/{HOME}/members/{id}"), json!({"role": role})).await.expect(201);
        ids.push(id);
    }
    club.till().post(&format!("/v1/members/{}/cards", ids[0]), json!({})).await.expect(201);
    let texts = json!({"fa": "پیشنهاد", "ar": "عروض", "en": "Offers"});
    office.put("/v1/consent-purposes/offers", json!({"texts": texts})).await.expect(201);
    let consent = format!("/v1/members/{}/consents/offers", ids[0]);
    club.till().put(&consent, json!({"text_version": 1, "language": "fa"})).await.expect(201);
    let asked = club.anonymous().post("/v1/sign-in/codes", json!({"phone": PHONE})).await.expect(202);
    let code = club.code_for("+989121234567", 1).await;
    let body = json!({"sign_in_id": asked["sign_in_id"], "code": code, "device": "Zahra's phone"});
    club.anonymous().post("/v1/sign-in/tokens", body).await.expect(200);
    let hers = club.member(ids[0], session());
    hers.post(&format!("/v1/members/{}/virtual-card", ids[0]), json!({})).await.expect(201);
    let guest = json!({"phone": "09121234569", "role": "member"});
    hers.post(&format!("/v1/members/{}/household/invitations", ids[0]), guest).await.expect(201);
    let body = json!({"phone": "09121234570", "first_name": "Maryam"});
    let host = club.till().post("/v1/members", body).await.expect(201)["member_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let to_her = json!({"phone": PHONE, "role": "member"});
    let invitations = format!("/v1/members/{host}/household/invitations");
    club.signed_in(&host).post(&invitations, to_her).await.expect(201);
    // A code on its way when she leaves.
    club.anonymous().post("/v1/sign-in/codes", json!({"phone": PHONE})).await.expect(202);
    ids[0]
}

fn told_of(facts: &[Fact], member: MemberId) -> Vec<(u64, String)> {
    let hers = facts.iter().filter(|fact| fact.subject == member.to_string());
    hers.map(|fact| (fact.seq, fact.kind.rsplit('.').nth(1).unwrap_or_default().to_owned())).collect()
}

on_both! {
    async fn what_ends_is_seen_before_and_nothing_happens(club: Club) {
        let id = zahra(&club).await;
        let facts = club.facts().await.len();
        let seen = club.member(id, session()).get(&format!("/v1/members/{id}/leaving")).await.expect(200);
        assert_eq!((&seen["cards"], &seen["phones"], &seen["consents"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!((&seen["household"]["role"], &seen["household"]["others"]), (&json!("head"), &json!(1)));
        assert_eq!((seen.get("points"), club.facts().await.len()), (None, facts));
    }

    async fn who_left_is_not_known_any_more(club: Club) {
        let id = zahra(&club).await;
        club.operator().put("/v1/questions/birthday", question("birthday", 1)).await.expect(201);
        let born = json!({"answer": {"calendar": "jalali", "month": 8, "day": 30}});
        club.operator().put(&format!("/v1/members/{id}/answers/birthday"), born).await.expect(201);
        let path = format!("/v1/members/{id}/leaving");
        let left = club.sender(raised(&club, id, 60)).post(&path, json!({})).await.expect(200);
        assert_eq!((&left["reason"], left.get("points_at")), (&json!("own"), None));
        for (table, rows) in [
            ("identifiers", 2),
            ("sessions", 0),
            ("refresh_tokens", 0),
            ("card_tokens", 0),
            ("profile_answers", 0),
            ("occasions", 0),
            ("household_invitations", 0),
            ("consents", 2),
            ("sign_ins", 0),
            ("sign_in_messages", 0),
            ("household_members WHERE role = 'head'", 1),
        ] {
            assert_eq!(count(&club, table).await, rows, "{table}");
        }
        let nothing = "members WHERE length(first_name) = 0 AND data_key IS NULL AND branch IS NULL AND status = 'erased'";
        assert_eq!(count(&club, nothing).await, 1);
        let office = club.operator();
        assert_eq!(mark_occasions(&club.desk, &club.chain).await.expect("marked"), 0, "it is her birthday");
        for path in [format!("/v1/members/{id}"), path.clone(), format!("/v1/members/{id}/answers"), format!("/v1/members/{id}/consents"), format!("/v1/members/{id}/sessions")] {
            office.get(&path).await.refused(404, "membership.member_unknown");
        }
        club.till().post("/v1/members/lookup", json!({"phone": PHONE})).await.refused(404, "membership.identifier_unknown");
        club.till().post(&format!("/v1/members/{id}/cards"), json!({})).await.refused(404, "membership.member_unknown");
        office.put(&format!("/v1/households/{HOME}/members/{id}"), json!({})).await.refused(404, "membership.member_unknown");
        let told = told_of(&club.facts().await, id);
        let names: Vec<&str> = told.iter().rev().take(4).map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["member_erased", "member_left", "consent_withdrawn", "household_changed"]);
        let facts = club.facts().await;
        let erased: Vec<MemberErased> = facts.iter().filter_map(|fact| fact.read().ok()).collect();
        assert_eq!((erased[0].member_id, erased[0].branch.as_ref().map(kernel::BranchCode::as_str)), (id, Some("tehran-vanak")));
        assert_eq!(facts.iter().filter_map(|fact| fact.read::<MemberLeft>().ok()).count(), 1);
        // The phone is free for somebody new.
        let joined = club.till().post("/v1/members", json!({"phone": PHONE, "first_name": "Maryam"})).await.expect(201);
        assert_ne!(joined["member_id"], json!(id));
        assert_eq!(crate::audit::differing_now(&club).await, 0);
    }

    async fn a_member_needs_a_fresh_code_and_the_office_a_reason(club: Club) {
        let id = zahra(&club).await;
        let path = format!("/v1/members/{id}/leaving");
        club.member(id, session()).post(&path, json!({})).await.refused(403, "membership.step_up_needed");
        club.sender(raised(&club, id, -1)).post(&path, json!({})).await.refused(403, "membership.step_up_needed");
        let refused = club.operator().post(&path, json!({})).await.refused(422, "membership.leaving_reason_missing");
        assert_eq!(refused["pointer"], "/reason");
        club.operator().post(&path, json!({"reason": "bored"})).await.refused(400, "web.field_choice");
        club.till().post(&path, json!({"reason": "asked"})).await.refused(403, "web.access_denied");
        club.operator().get(&format!("/v1/members/{id}")).await.expect(200);
        club.operator().post(&path, json!({"reason": "deceased"})).await.expect(200);
        club.operator().post(&path, json!({"reason": "deceased"})).await.refused(404, "membership.member_unknown");
        for (language, word) in [("fa", "کد"), ("ar", "رمز"), ("en", "code")] {
            let path = format!("/v1/members/{id}/leaving");
            let refused = club.member(id, session()).speaking(language).post(&path, json!({})).await;
            let refused = refused.refused(403, "membership.step_up_needed");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
    }

    async fn the_list_says_who_left_and_what_points_said(club: Club) {
        let mut ids = Vec::new();
        for number in 0..3 {
            let body = json!({"phone": format!("0912123450{number}"), "first_name": "Zahra"});
            let joined = club.till().post("/v1/members", body).await.expect(201);
            let id: MemberId = joined["member_id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
            club.operator().post(&format!("/v1/members/{id}/leaving"), json!({"reason": "asked"})).await.expect(200);
            club.wait_s(1);
            ids.push(id);
        }
        let at = club.now();
        confirm(&club, ids[1], at).await;
        confirm(&club, ids[1], at.plus_millis(5_000)).await;
        let page = club.operator().get("/v1/erasures?limit=2").await.expect(200);
        let listed: Vec<&Value> = page["erasures"].as_array().expect("a list").iter().collect();
        assert_eq!([&listed[0]["member_id"], &listed[1]["member_id"]], [&json!(ids[0]), &json!(ids[1])]);
        assert_eq!((listed[0].get("points_at"), &listed[1]["points_at"]), (None, &json!(at)));
        assert_eq!((listed[0].get("rewards_at"), &listed[1]["rewards_at"]), (None, &json!(at.plus_millis(1))));
        let next = format!("/v1/erasures?limit=2&cursor={}", page["next_cursor"].as_str().expect("a cursor"));
        let rest = club.operator().get(&next).await.expect(200);
        assert_eq!((&rest["erasures"][0]["member_id"], &rest["has_more"]), (&json!(ids[2]), &json!(false)));
        club.operator().get("/v1/erasures?limit=0").await.refused(400, "membership.limit_out_of_range");
        club.operator().get("/v1/erasures?cursor=x").await.refused(400, "membership.cursor_invalid");
    }
}

/// Both services say that they are done: points now, rewards a millisecond later.
async fn confirm(club: &Club, member: MemberId, at: Timestamp) {
    let head = |source, time| FactHead {
        id: FactId::from_uuid(SystemIds::default().uuid()),
        source,
        subject: format!("{member}/erasure"),
        seq: 1,
        time,
        traceparent: None,
    };
    let of_points = points::MemberForgotten { member_id: member };
    let of_rewards = rewards::MemberForgotten { member_id: member };
    let told = [
        (Forgetter::Points, Fact::new(head(points::SOURCE, at), &of_points)),
        (Forgetter::Rewards, Fact::new(head(rewards::SOURCE, at.plus_millis(1)), &of_rewards)),
    ];
    for (by, fact) in told {
        let tx = club.database.begin().await.expect("a transaction");
        ConfirmErasures(by).apply(&tx, &[fact]).await.expect("heard");
        tx.commit().await.expect("the commit");
    }
}
