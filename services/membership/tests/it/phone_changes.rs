//! Another phone for a member: by themselves, by the back office, and called back (J8; promise 21).

use std::{sync::Arc, time::Duration};

use contracts::membership::{IdentifierLinked, PhoneChanged, PhoneChangedBy};
use futures_util::future::join_all;
use kernel::{Grant, Ids as _, Reach, Role, SessionId, StaffId};
use membership::commands::settle_joining::settle_joining;
use runtime::SystemIds;
use serde_json::{Value, json};
use web::Caller;

use crate::{
    audit::differing_now,
    club::{Answer, Club, Sender, on_both},
    leaving::count,
    sign_in::{join, sign_in},
};

const OLD: &str = "+989121234567";
const NEW: &str = "+989121234568";
const OTHER: &str = "+989121234569";
const DAY_S: i64 = 86_400;

fn path(member: &str) -> String {
    format!("/v1/members/{member}/phone-changes")
}

fn of(change: &Value, member: &str, verb: &str) -> String {
    format!("{}/{}{verb}", path(member), change["change_id"].as_str().expect("an id"))
}

/// A member in a session that a fresh code raised; the same one each time it is used.
fn raised(club: &Club, member: &str) -> Caller {
    let member = member.parse().expect("an id");
    let session = SessionId::from_uuid(SystemIds::default().uuid());
    let stepped_up_until = Some(club.now().plus_millis(300_000));
    Caller::Member { member, session, confirmed: true, stepped_up_until }
}

fn staff(club: &Club, number: u128, role: Role) -> Sender<'_> {
    let grants = Arc::from([Grant { role, reach: Reach::Chain }]);
    let session = SessionId::from_uuid(SystemIds::default().uuid());
    club.sender(Caller::Staff { staff: StaffId::from_uuid(uuid::Uuid::from_u128(number)), session, grants })
}

async fn ask(club: &Club, sender: &Sender<'_>, member: &str, body: Value) -> Value {
    // No two messages of one moment, so that the newest is the newest.
    club.clock.advance_millis(1);
    let asked = sender.post(&path(member), body).await.expect(202);
    assert_eq!(asked["status"], "awaits_code");
    asked
}

async fn confirm(club: &Club, sender: &Sender<'_>, member: &str, change: &Value, phone: &str) -> Answer {
    let code = newest_code(club, phone).await;
    sender.post(&of(change, member, "/confirmation"), json!({"code": code})).await
}

/// Changes a member's phone by themselves.
async fn change(club: &Club, member: &str, phone: &str) -> Value {
    let sender = club.sender(raised(club, member));
    let asked = ask(club, &sender, member, json!({"phone": phone})).await;
    confirm(club, &sender, member, &asked, phone).await.expect(200)
}

/// Changes a member's phone by two people of the back office.
async fn change_by_office(club: &Club, member: &str, phone: &str) -> Value {
    let agent = staff(club, 1, Role::SupportAgent);
    let asked = ask(club, &agent, member, json!({"phone": phone, "reason": "lost"})).await;
    let waits = confirm(club, &agent, member, &asked, phone).await.expect(200);
    assert_eq!(waits["status"], "awaits_approval");
    staff(club, 2, Role::BranchManager).post_nothing(&of(&asked, member, "/approval")).await.expect(200)
}

/// The text of the newest message to this phone, once there is one that `fits`.
async fn newest(club: &Club, phone: &str, fits: impl Fn(&str) -> bool) -> String {
    for _ in 0..500 {
        let messages = club.messages_to(phone);
        if let Some(text) = messages.last().and_then(|message| message["text"].as_str())
            && fits(text)
            && count(club, "sign_in_messages").await == 0
        {
            return text.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no such message came to {phone}: {:?}", club.messages_to(phone));
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
}

async fn newest_code(club: &Club, phone: &str) -> String {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let text = newest(club, phone, |text| words(text).any(|word| is_code(&word))).await;
    words(&text).find(is_code).expect("six digits").to_owned()
}

async fn recall_code(club: &Club, phone: &str) -> String {
    let is_code = |word: &&str| word.len() == 14 && word.matches('-').count() == 2;
    let text = newest(club, phone, |text| words(text).any(|word| is_code(&word))).await;
    words(&text).find(is_code).expect("a code").to_owned()
}

async fn found(club: &Club, phone: &str) -> Option<String> {
    let answer = club.till().post("/v1/members/lookup", json!({"phone": phone})).await;
    if answer.status == 200 {
        return answer.body["member_id"].as_str().map(str::to_owned);
    }
    answer.refused(404, "membership.identifier_unknown");
    None
}

async fn live_sessions(club: &Club) -> i64 {
    count(club, "sessions WHERE ended_at IS NULL").await
}

on_both! {
    async fn a_member_changes_the_phone_with_both_at_hand(club: Club) {
        let member = join(&club, OLD).await;
        sign_in(&club, OLD, 1).await;
        assert_eq!(live_sessions(&club).await, 1);
        let done = change(&club, &member, NEW).await;
        assert_eq!((&done["status"], &done["phone"], &done["former"]), (&json!("done"), &json!("••••4568"), &json!("••••4567")));
        assert_eq!((done.get("guarded_until"), &done["reason"]), (None, &json!("own")));
        assert_eq!((found(&club, NEW).await, found(&club, OLD).await), (Some(member.clone()), None));
        assert_eq!(live_sessions(&club).await, 0, "but for the one that asked, which is none of the rows");
        let facts = club.facts().await;
        let linked: Vec<bool> = facts.iter().filter_map(|fact| fact.read::<IdentifierLinked>().ok()).map(|told| told.active).collect();
        assert_eq!(linked, [true, false, true]);
        let changed: Vec<PhoneChanged> = facts.iter().filter_map(|fact| fact.read().ok()).collect();
        assert_eq!((changed.len(), changed[0].by, changed[0].guarded_until), (1, PhoneChangedBy::Member, None));
        let told = format!("{facts:?}");
        assert!(!told.contains("912123") && !told.contains("4568"), "{told}");
        // A code that is asked for with the former number opens nothing.
        let asked = club.anonymous().post("/v1/sign-in/codes", json!({"phone": OLD})).await.expect(202);
        let body = json!({"sign_in_id": asked["sign_in_id"], "code": "000000"});
        club.anonymous().post("/v1/sign-in/tokens", body).await.refused(422, "membership.code_wrong");
        let seen = club.sender(raised(&club, &member)).get(&path(&member)).await.expect(200);
        assert_eq!(seen["changes"].as_array().map(Vec::len), Some(1));
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn the_answer_does_not_tell_whether_a_member_has_the_number(club: Club) {
        let (member, other) = (join(&club, OLD).await, join(&club, OTHER).await);
        let sender = club.sender(raised(&club, &member));
        let asked = ask(&club, &sender, &member, json!({"phone": NEW})).await;
        let rows = count(&club, "phone_changes").await;
        let taken = ask(&club, &sender, &member, json!({"phone": OTHER})).await;
        let shape = |answer: &Value| answer.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!((shape(&asked), rows, count(&club, "phone_changes").await), (shape(&taken), 1, 2));
        // The first one was given up for the second.
        let over = sender.post(&of(&asked, &member, "/confirmation"), json!({"code": "000000"})).await;
        over.refused(410, "membership.code_spent");
        // The code shows that the phone is at hand: then it may be told, and nothing is taken over.
        confirm(&club, &sender, &member, &taken, OTHER).await.refused(409, "membership.phone_of_other");
        confirm(&club, &sender, &member, &taken, OTHER).await.refused(410, "membership.code_spent");
        assert_eq!((found(&club, OLD).await, found(&club, OTHER).await), (Some(member.clone()), Some(other)));
        sender.post(&path(&member), json!({"phone": OLD})).await.refused(409, "membership.phone_own");
        let last = sender.get(&path(&member)).await.expect(200)["changes"][0]["status"].clone();
        assert_eq!((last, differing_now(&club).await), (json!("of_other"), 0));
    }

    async fn a_members_change_needs_a_raised_session_and_the_code_within_five_attempts(club: Club) {
        let member = join(&club, OLD).await;
        let body = json!({"phone": NEW});
        club.signed_in(&member).post(&path(&member), body.clone()).await.refused(403, "membership.step_up_needed");
        let sender = club.sender(raised(&club, &member));
        sender.post(&path(&member), json!({"phone": "+14155552671"})).await.refused(422, "membership.phone_country_closed");
        let asked = ask(&club, &sender, &member, body).await;
        let code = newest_code(&club, NEW).await;
        let right = json!({"code": code});
        let confirmation = of(&asked, &member, "/confirmation");
        let elsewhere = club.sender(raised(&club, &member));
        elsewhere.post(&confirmation, right.clone()).await.refused(404, "membership.phone_change_unknown");
        club.operator().post(&confirmation, right.clone()).await.refused(404, "membership.phone_change_unknown");
        sender.post(&confirmation, json!({"code": "12"})).await.refused(422, "membership.code_malformed");
        let wrong = json!({"code": format!("{:06}", (code.parse::<u32>().expect("digits") + 1) % 1_000_000)});
        let guesses = join_all((0..20).map(|_| sender.post(&confirmation, wrong.clone()))).await;
        let judged = guesses.iter().filter(|answer| answer.code() == "membership.code_wrong").count();
        assert_eq!(judged, 5, "twenty at once are five attempts");
        sender.post(&confirmation, right).await.refused(410, "membership.code_spent");
        assert_eq!((found(&club, OLD).await, found(&club, NEW).await), (Some(member.clone()), None));
        // It is no code to sign in with, either.
        let sign_in = json!({"sign_in_id": asked["change_id"], "code": code});
        club.anonymous().post("/v1/sign-in/tokens", sign_in).await.refused(410, "membership.code_spent");
    }

    async fn a_session_sends_no_more_codes_in_a_day_than_a_phone_gets(club: Club) {
        let club = club.with(&[("codes_per_phone_day", "3")]).await;
        let member = join(&club, OLD).await;
        let sender = club.sender(raised(&club, &member));
        for number in 0..3 {
            ask(&club, &sender, &member, json!({"phone": format!("+98912123460{number}")})).await;
        }
        let refused = sender.post(&path(&member), json!({"phone": "+989121234603"})).await;
        refused.refused(429, "membership.codes_too_many");
        assert_eq!(count(&club, "phone_changes").await, 3);
    }

    async fn the_office_needs_a_reason_the_code_and_a_second_person(club: Club) {
        let member = join(&club, OLD).await;
        sign_in(&club, OLD, 1).await;
        let agent = staff(&club, 1, Role::SupportAgent);
        agent.post(&path(&member), json!({"phone": NEW})).await.refused(422, "membership.phone_change_reason");
        let asked = ask(&club, &agent, &member, json!({"phone": NEW, "reason": "stolen"})).await;
        let approval = of(&asked, &member, "/approval");
        let second = staff(&club, 2, Role::Administrator);
        second.post_nothing(&approval).await.refused(410, "membership.phone_change_over");
        confirm(&club, &agent, &member, &asked, NEW).await.expect(200);
        assert_eq!((found(&club, OLD).await, live_sessions(&club).await), (Some(member.clone()), 1), "nothing happened yet");
        let both_roles = Arc::from([Role::SupportAgent, Role::Administrator].map(|role| Grant { role, reach: Reach::Chain }));
        let alone = Caller::Staff { staff: StaffId::from_uuid(uuid::Uuid::from_u128(1)), session: SessionId::from_uuid(SystemIds::default().uuid()), grants: both_roles };
        club.sender(alone).post_nothing(&approval).await.refused(422, "membership.second_person_needed");
        agent.post_nothing(&approval).await.refused(403, "web.access_denied");
        let done = second.post_nothing(&approval).await.expect(200);
        let week = json!(club.now().plus_millis(7 * DAY_S * 1_000));
        assert_eq!((&done["status"], &done["guarded_until"], &done["recall_until"]), (&json!("done"), &week, &week));
        assert_eq!((found(&club, NEW).await, found(&club, OLD).await, live_sessions(&club).await), (Some(member.clone()), None, 0));
        second.post_nothing(&approval).await.refused(410, "membership.phone_change_over");
        let nobody = of(&json!({"change_id": "0192f3a1-7c00-7000-8000-00000000dead"}), &member, "/approval");
        second.post_nothing(&nobody).await.refused(404, "membership.phone_change_unknown");
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn who_has_the_former_phone_calls_a_change_back_once(club: Club) {
        let member = join(&club, OLD).await;
        change_by_office(&club, &member, NEW).await;
        let code = recall_code(&club, OLD).await;
        // Whoever took it over goes on to another number, and their code comes later.
        change(&club, &member, OTHER).await;
        let theirs = recall_code(&club, NEW).await;
        let typed = json!({"code": code.to_lowercase().replace('-', " ")});
        let back = club.anonymous().post("/v1/phone-recalls", typed.clone()).await.expect(200);
        assert!(back["guarded_until"].is_string(), "{back}");
        assert_eq!((found(&club, OLD).await, found(&club, NEW).await, found(&club, OTHER).await), (Some(member.clone()), None, None));
        for spent in [typed, json!({"code": theirs}), json!({"code": "no code"}), json!({"code": "0000-0000-0000"})] {
            club.anonymous().post("/v1/phone-recalls", spent).await.refused(410, "membership.phone_recall_refused");
        }
        let told: Vec<PhoneChangedBy> = club.facts().await.iter().filter_map(|fact| fact.read::<PhoneChanged>().ok()).map(|told| told.by).collect();
        assert_eq!(told, [PhoneChangedBy::Office, PhoneChangedBy::Member, PhoneChangedBy::Recall]);
        // The next change of the back office is final: a stolen phone calls nothing back twice.
        let done = change_by_office(&club, &member, "+989121234570").await;
        assert_eq!(done.get("recall_until"), None);
        let last = newest(&club, OLD, |text| !text.contains("0-") && words(text).all(|word| word.len() != 14)).await;
        assert!(!last.is_empty());
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn a_former_number_rests_and_is_free_afterwards(club: Club) {
        let member = join(&club, OLD).await;
        change(&club, &member, NEW).await;
        let code = recall_code(&club, OLD).await;
        let joining = json!({"phone": OLD, "first_name": "Maryam"});
        club.till().post("/v1/members", joining.clone()).await.refused(409, "membership.phone_resting");
        // An app learns nothing of it, and no message goes out.
        let before = club.messages_to(OLD).len();
        let asked = club.anonymous().post("/v1/sign-in/codes", joining.clone()).await.expect(202);
        let asked = serde_json::from_value(asked["sign_in_id"].clone()).expect("an id");
        assert_eq!(settle_joining(&club.desk, asked).await.expect("an answer"), None);
        assert_eq!((club.messages_to(OLD).len(), count(&club, "joinings").await), (before, 0));
        // The member may have it back meanwhile, and it rests for nobody else.
        let other = join(&club, OTHER).await;
        let sender = club.sender(raised(&club, &other));
        let asked = ask(&club, &sender, &other, json!({"phone": OLD})).await;
        confirm(&club, &sender, &other, &asked, OLD).await.refused(409, "membership.phone_resting");
        let club = club.later(8 * DAY_S).await;
        crate::retention::looked(&club).await;
        let joined = club.till().post("/v1/members", joining).await.expect(201);
        assert_ne!(joined["member_id"], json!(member));
        club.anonymous().post("/v1/phone-recalls", json!({"code": code})).await.refused(410, "membership.phone_recall_refused");
        assert_eq!(count(&club, "phone_changes").await, 1, "what did not come about is forgotten after a day");
        assert_eq!(differing_now(&club).await, 0);
        let club = club.later(366 * DAY_S).await;
        crate::retention::looked(&club).await;
        assert_eq!(count(&club, "phone_changes").await, 0);
    }

    async fn a_member_takes_a_resting_number_back(club: Club) {
        let member = join(&club, OLD).await;
        change(&club, &member, NEW).await;
        change(&club, &member, OLD).await;
        assert_eq!((found(&club, OLD).await, found(&club, NEW).await), (Some(member.clone()), None));
        assert_eq!(count(&club, "identifiers").await, 2);
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn what_waits_is_given_up(club: Club) {
        let member = join(&club, OLD).await;
        let agent = staff(&club, 1, Role::SupportAgent);
        let asked = ask(&club, &agent, &member, json!({"phone": NEW, "reason": "number_gone"})).await;
        let change = of(&asked, &member, "");
        club.sender(raised(&club, &member)).delete(&change).await.expect(204);
        agent.delete(&change).await.refused(410, "membership.phone_change_over");
        confirm(&club, &agent, &member, &asked, NEW).await.refused(410, "membership.code_spent");
        assert_eq!((found(&club, OLD).await, found(&club, NEW).await), (Some(member), None));
    }

    async fn who_left_leaves_no_history_of_numbers(club: Club) {
        let member = join(&club, OLD).await;
        change_by_office(&club, &member, NEW).await;
        let code = recall_code(&club, OLD).await;
        let leaving = format!("/v1/members/{member}/leaving");
        club.operator().post(&leaving, json!({"reason": "asked"})).await.expect(200);
        for table in ["phone_changes", "identifiers", "sign_in_messages"] {
            assert_eq!(count(&club, table).await, 0, "{table}");
        }
        club.anonymous().post("/v1/phone-recalls", json!({"code": code})).await.refused(410, "membership.phone_recall_refused");
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn two_who_want_one_number_get_it_once(club: Club) {
        let members = [join(&club, OLD).await, join(&club, OTHER).await];
        let senders = [0, 1].map(|at: usize| club.sender(raised(&club, &members[at])));
        let mut calls = Vec::new();
        for at in [0, 1] {
            let asked = ask(&club, &senders[at], &members[at], json!({"phone": NEW})).await;
            let code = newest_code(&club, NEW).await;
            calls.push((at, of(&asked, &members[at], "/confirmation"), json!({"code": code})));
        }
        let answers = join_all(calls.iter().map(|(at, path, body)| senders[*at].post(path, body.clone()))).await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{answers:?}");
        assert_eq!((found(&club, NEW).await.is_some(), differing_now(&club).await), (true, 0));
    }
}
