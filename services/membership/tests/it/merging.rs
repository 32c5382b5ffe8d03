//! Two memberships of one person become one: what proves it, what follows, and what stands against it (J1, J8).

use std::{sync::Arc, time::Duration};

use contracts::membership::{ConsentWithdrawn, IdentifierLinked, MembersMerged};
use futures_util::future::join;
use kernel::{Grant, Ids as _, Reach, Role, SessionId, StaffId};
use runtime::SystemIds;
use serde_json::{Value, json};
use web::Caller;

use crate::{
    audit::differing_now,
    club::{Answer, Club, Sender, on_both},
    leaving::count,
    profile::question,
    sign_in::{join as joins, sign_in},
};

const STAYS: &str = "+989121234567";
const GOES: &str = "+989121234568";
const OTHER: &str = "+989121234569";
const DAY_S: i64 = 86_400;

fn path(member: &str) -> String {
    format!("/v1/members/{member}/merges")
}

fn of(merge: &Value, verb: &str) -> String {
    let survivor = merge["survivor"].as_str().expect("an id");
    format!("{}/{}{verb}", path(survivor), merge["merge_id"].as_str().expect("an id"))
}

fn staff(club: &Club, number: u128, role: Role) -> Sender<'_> {
    let grants = Arc::from([Grant { role, reach: Reach::Chain }]);
    let session = SessionId::from_uuid(SystemIds::default().uuid());
    club.sender(Caller::Staff { staff: StaffId::from_uuid(uuid::Uuid::from_u128(number)), session, grants })
}

fn agent(club: &Club) -> Sender<'_> {
    staff(club, 1, Role::SupportAgent)
}

async fn ask(club: &Club, survivor: &str, absorbed: &str, lost: Option<&str>) -> Answer {
    // No two messages of one moment, so that the newest is the newest.
    club.clock.advance_millis(1);
    let body = json!({"absorbed": absorbed, "reason": "joined_twice", "lost_phone": lost});
    agent(club).post(&path(survivor), body).await
}

/// The newest message to this phone that has a code, or fits.
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

fn six_digits(text: &str) -> Option<&str> {
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

async fn confirm(club: &Club, merge: &Value, side: &str, phone: &str) -> Answer {
    let text = newest(club, phone, |text| six_digits(text).is_some()).await;
    let code = six_digits(&text).expect("six digits");
    agent(club).post(&of(merge, "/confirmation"), json!({"side": side, "code": code})).await
}

/// Two memberships become one, with both phones at hand.
pub async fn merge(club: &Club, (survivor, stays): (&str, &str), (absorbed, goes): (&str, &str)) -> Value {
    let before = club.messages_to(stays).len();
    let asked = ask(club, survivor, absorbed, None).await.expect(202);
    // Who merged before has an older code, too.
    for _ in 0..500 {
        if club.messages_to(stays).len() > before {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let first = confirm(club, &asked, "absorbed", goes).await.expect(200);
    assert_eq!((&first["status"], &first["proved"]), (&json!("awaits_codes"), &json!(["absorbed"])));
    let done = confirm(club, &asked, "survivor", stays).await.expect(200);
    assert_eq!(done["status"], "done");
    done
}

async fn found(club: &Club, phone: &str) -> Option<String> {
    let answer = club.till().post("/v1/members/lookup", json!({"phone": phone})).await;
    (answer.status == 200).then(|| answer.body["member_id"].as_str().expect("an id").to_owned())
}

async fn two(club: &Club) -> (String, String) {
    // Not at one moment, so that it is known which phone was linked last.
    let stays = joins(club, STAYS).await;
    club.clock.advance_millis(1);
    (stays, joins(club, GOES).await)
}

on_both! {
    async fn with_both_phones_everything_is_one_members(club: Club) {
        let (stays, goes) = two(&club).await;
        let office = club.operator();
        for (code, born) in [("city", false), ("birthday", true)] {
            let asked = if born { question("birthday", 1) } else { question("text", 2) };
            office.put(&format!("/v1/questions/{code}"), asked).await.expect(201);
        }
        let born = json!({"answer": {"calendar": "jalali", "month": 8, "day": 30}});
        office.put(&format!("/v1/members/{goes}/answers/birthday"), born).await.expect(201);
        for (member, city) in [(&stays, "Tehran"), (&goes, "Shiraz")] {
            office.put(&format!("/v1/members/{member}/answers/city"), json!({"answer": city})).await.expect(201);
        }
        let texts = json!({"texts": {"fa": "پیشنهاد", "ar": "عروض", "en": "Offers"}});
        for purpose in ["offers", "profiling"] {
            office.put(&format!("/v1/consent-purposes/{purpose}"), texts.clone()).await.expect(201);
        }
        let yes = json!({"text_version": 1, "language": "fa"});
        club.till().put(&format!("/v1/members/{stays}/consents/offers"), yes.clone()).await.expect(201);
        for purpose in ["offers", "profiling"] {
            club.till().put(&format!("/v1/members/{goes}/consents/{purpose}"), yes.clone()).await.expect(201);
        }
        club.till().delete(&format!("/v1/members/{goes}/consents/offers")).await;
        let card = club.till().post(&format!("/v1/members/{goes}/cards"), json!({})).await.expect(201);
        club.operator().put(&format!("/v1/members/{goes}/referral-code"), json!({})).await;
        sign_in(&club, GOES, 1).await;

        let seen = agent(&club).get(&format!("/v1/members/{stays}/merge-previews/{goes}")).await.expect(200);
        assert_eq!((&seen["answers_taken"], &seen["answers_dropped"]), (&json!(["birthday"]), &json!(["city"])), "{seen}");
        assert_eq!((&seen["absorbed"]["cards"], &seen["consents_ended"], seen.get("stands_against")), (&json!(1), &json!(["offers"]), None));
        assert_eq!(count(&club, "looks").await, 2, "both were seen");

        merge(&club, (&stays, STAYS), (&goes, GOES)).await;
        assert_eq!((found(&club, STAYS).await, found(&club, GOES).await), (Some(stays.clone()), Some(stays.clone())));
        let by_card = club.till().post("/v1/members/lookup", json!({"card": card["number"]})).await.expect(200);
        assert_eq!(by_card["member_id"], json!(stays));
        let gone = club.operator().get(&format!("/v1/members/{goes}")).await.refused(410, "membership.member_merged");
        assert_eq!(gone["merged_into"], json!(stays));
        let answers = office.get(&format!("/v1/members/{stays}/answers")).await.expect(200).to_string();
        assert!(answers.contains("Tehran") && answers.contains("birthday") && !answers.contains("Shiraz"), "{answers}");
        let consents = office.get(&format!("/v1/members/{stays}/consents")).await.expect(200);
        let given: Vec<_> = consents["consents"].as_array().expect("a list").iter().map(|one| one["given"].clone()).collect();
        assert_eq!(given, [json!(false), json!(true)], "{consents}");
        for (left, rows) in [("sessions", 0), ("merged_members", 1), ("members WHERE data_key IS NULL", 1), ("consents", 6)] {
            assert_eq!(count(&club, left).await, rows, "{left}");
        }
        let facts = club.facts().await;
        let told: Vec<MembersMerged> = facts.iter().filter_map(|fact| fact.read().ok()).collect();
        assert_eq!((told.len(), told[0].survivor.to_string(), told[0].guarded_until), (1, stays.clone(), None));
        let linked = facts.iter().filter_map(|fact| fact.read::<IdentifierLinked>().ok());
        assert_eq!(linked.filter(|told| told.member_id.to_string() == stays && told.active).count(), 3);
        assert_eq!(facts.iter().filter(|fact| fact.read::<ConsentWithdrawn>().is_ok()).count(), 2);
        let words = format!("{facts:?}");
        assert!(!words.contains("912123") && !words.contains("Shiraz"), "{words}");
        assert_eq!(differing_now(&club).await, 0);

        let listed = agent(&club).get(&path(&goes)).await.expect(200);
        assert_eq!(listed["merges"][0]["survivor"], json!(stays));
        ask(&club, &stays, &goes, None).await.refused(410, "membership.member_merged");
        sign_in(&club, GOES, 3).await;
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn where_a_phone_is_lost_a_second_person_looks_and_that_number_rests(club: Club) {
        let (stays, goes) = two(&club).await;
        sign_in(&club, STAYS, 1).await;
        let asked = ask(&club, &stays, &goes, Some("survivor")).await.expect(202);
        assert_eq!(asked["lost_phone"], "survivor");
        let word = newest(&club, STAYS, |text| six_digits(text).is_none()).await;
        assert!(!word.is_empty(), "whoever has the lost phone is told");
        agent(&club).post(&of(&asked, "/confirmation"), json!({"side": "survivor", "code": "123456"})).await.refused(410, "membership.code_spent");
        let second = staff(&club, 2, Role::BranchManager);
        second.post_nothing(&of(&asked, "/approval")).await.refused(410, "membership.merge_over");
        let waits = confirm(&club, &asked, "absorbed", GOES).await.expect(200);
        assert_eq!(waits["status"], "awaits_approval");
        agent(&club).post_nothing(&of(&asked, "/approval")).await.refused(403, "web.access_denied");
        staff(&club, 1, Role::BranchManager).post_nothing(&of(&asked, "/approval")).await.refused(422, "membership.second_person_needed");
        let done = second.post_nothing(&of(&asked, "/approval")).await.expect(200);
        assert_eq!((&done["status"], done["approved_by"].is_string()), (&json!("done"), true));
        assert_eq!((found(&club, GOES).await, found(&club, STAYS).await), (Some(stays.clone()), None));
        assert_eq!(count(&club, "sessions WHERE ended_at IS NULL").await, 0);
        let facts = club.facts().await;
        let told: Vec<MembersMerged> = facts.iter().filter_map(|fact| fact.read().ok()).collect();
        assert!(told[0].guarded_until.is_some());
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn wrong_codes_are_few_and_what_is_given_up_is_over(club: Club) {
        let (stays, goes) = two(&club).await;
        ask(&club, &stays, &stays, None).await.refused(422, "membership.merge_same");
        let nobody = "0192f3a1-7c00-7000-8000-0000000000ff";
        ask(&club, &stays, nobody, None).await.refused(404, "membership.member_unknown");
        let asked = ask(&club, &stays, &goes, None).await.expect(202);
        let nowhere = json!({"merge_id": nobody, "survivor": stays});
        agent(&club).delete(&of(&nowhere, "")).await.refused(404, "membership.merge_unknown");
        let text = newest(&club, GOES, |text| six_digits(text).is_some()).await;
        let wrong = if six_digits(&text) == Some("000000") { "000001" } else { "000000" };
        let refused = agent(&club).post(&of(&asked, "/confirmation"), json!({"side": "absorbed", "code": wrong})).await.refused(422, "membership.code_wrong");
        assert_eq!(refused["tries_left"], 4);
        agent(&club).delete(&of(&asked, "")).await.expect(204);
        agent(&club).delete(&of(&asked, "")).await.refused(410, "membership.merge_over");
        confirm(&club, &asked, "absorbed", GOES).await.refused(410, "membership.code_spent");
        // Another one takes the place of what was asked for, and waits no longer than its codes.
        let second = ask(&club, &stays, &goes, None).await.expect(202);
        club.wait_s(600);
        confirm(&club, &second, "absorbed", GOES).await.refused(410, "membership.code_spent");
        assert_eq!(count(&club, "merged_members").await, 0);
    }

    async fn what_stands_against_it_is_said_before_codes_are_sent(club: Club) {
        let club = club.with_places().await;
        let (stays, goes) = two(&club).await;
        let other = joins(&club, OTHER).await;
        let words = json!({"fa": "ویژه", "ar": "مميز", "en": "Plus"});
        let terms = json!({"name": words, "benefits": words, "period": "month", "price": 500_000, "currency": "IRR", "renew_days": 7, "grace_days": 3});
        club.operator().put("/v1/plans/plus", terms).await.expect(201);
        for (member, receipt) in [(&stays, "R1"), (&goes, "R2")] {
            let body = json!({"plan": "plus", "receipt": receipt, "amount": 500_000, "currency": "IRR"});
            club.till().keyed(receipt).post(&format!("/v1/members/{member}/plan-payments"), body).await.expect(201);
        }
        ask(&club, &stays, &goes, None).await.refused(409, "membership.merge_plans");
        club.wait_s(90 * DAY_S);
        for (home, head) in [("0192f3a1-7c00-7000-8000-00000000aa01", &stays), ("0192f3a1-7c00-7000-8000-00000000aa02", &goes)] {
            club.operator().put(&format!("/v1/households/{home}/members/{head}"), json!({"role": "head"})).await.expect(201);
        }
        let (second, third) = (joins(&club, "+989121234571").await, joins(&club, "+989121234572").await);
        for (home, fellow) in [("0192f3a1-7c00-7000-8000-00000000aa01", &second), ("0192f3a1-7c00-7000-8000-00000000aa02", &third)] {
            club.operator().put(&format!("/v1/households/{home}/members/{fellow}"), json!({"role": "member"})).await.expect(201);
        }
        ask(&club, &stays, &goes, None).await.refused(409, "membership.merge_heads");
        // One household stands; who is left in the other one heads it.
        club.operator().delete(&format!("/v1/households/0192f3a1-7c00-7000-8000-00000000aa01/members/{second}")).await.expect(204);
        let agents = agent(&club);
        let changing = json!({"phone": "+989121234599", "reason": "lost"});
        let change = agents.post(&format!("/v1/members/{other}/phone-changes"), changing).await.expect(202);
        ask(&club, &stays, &other, None).await.refused(409, "membership.merge_phone_changing");
        let seen = agents.get(&format!("/v1/members/{stays}/merge-previews/{other}")).await.expect(200);
        assert_eq!(seen["stands_against"], "membership.merge_phone_changing");
        let id = change["change_id"].as_str().expect("an id");
        agents.delete(&format!("/v1/members/{other}/phone-changes/{id}")).await.expect(204);
        merge(&club, (&stays, STAYS), (&goes, GOES)).await;
        let home = club.operator().get("/v1/households/0192f3a1-7c00-7000-8000-00000000aa02").await.expect(200);
        assert!(home.to_string().contains(&third) && home.to_string().contains("head"), "{home}");
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn a_plan_and_a_household_go_with_whoever_has_one_and_chains_lead_to_the_last(club: Club) {
        let club = club.with_places().await;
        let (stays, goes) = two(&club).await;
        let other = joins(&club, OTHER).await;
        let words = json!({"fa": "ویژه", "ar": "مميز", "en": "Plus"});
        let terms = json!({"name": words, "benefits": words, "period": "month", "price": 500_000, "currency": "IRR", "renew_days": 7, "grace_days": 3});
        club.operator().put("/v1/plans/plus", terms).await.expect(201);
        let body = json!({"plan": "plus", "receipt": "R1", "amount": 500_000, "currency": "IRR"});
        club.till().keyed("R1").post(&format!("/v1/members/{goes}/plan-payments"), body).await.expect(201);
        let home = "0192f3a1-7c00-7000-8000-00000000aa01";
        club.operator().put(&format!("/v1/households/{home}/members/{goes}"), json!({"role": "head"})).await.expect(201);
        merge(&club, (&stays, STAYS), (&goes, GOES)).await;
        let plan = club.signed_in(&stays).get(&format!("/v1/members/{stays}/plan")).await.expect(200);
        assert_eq!(plan["subscription"]["plan"], "plus", "{plan}");
        let household = club.signed_in(&stays).get(&format!("/v1/members/{stays}/household")).await.expect(200);
        assert!(household.to_string().contains("head"), "{household}");
        merge(&club, (&other, OTHER), (&stays, GOES)).await;
        let gone = club.operator().get(&format!("/v1/members/{goes}")).await.refused(410, "membership.member_merged");
        assert_eq!(gone["merged_into"], json!(other));
        for phone in [STAYS, GOES, OTHER] {
            assert_eq!(found(&club, phone).await.as_ref(), Some(&other));
        }
        assert_eq!(differing_now(&club).await, 0);
        // Erasing who is left erases all that leads to them.
        club.operator().post(&format!("/v1/members/{other}/leaving"), json!({"reason": "asked"})).await.expect(200);
        assert_eq!((count(&club, "identifiers").await, count(&club, "members WHERE data_key IS NOT NULL").await), (0, 0));
        assert_eq!(differing_now(&club).await, 0);
    }

    async fn of_two_merges_in_opposite_directions_one_is_done(club: Club) {
        let (stays, goes) = two(&club).await;
        let there = ask(&club, &stays, &goes, None).await.expect(202);
        confirm(&club, &there, "absorbed", GOES).await.expect(200);
        let there_code = newest(&club, STAYS, |text| six_digits(text).is_some()).await;
        let back = ask(&club, &goes, &stays, None).await.expect(202);
        confirm(&club, &back, "absorbed", STAYS).await.expect(200);
        let back_code = newest(&club, GOES, |text| six_digits(text).is_some()).await;
        let last = async |merge: &Value, text: &str| {
            let body = json!({"side": "survivor", "code": six_digits(text).expect("six digits")});
            agent(&club).post(&of(merge, "/confirmation"), body).await.status
        };
        let (one, other) = join(last(&there, &there_code), last(&back, &back_code)).await;
        let mut both = [one, other];
        both.sort_unstable();
        assert_eq!(both[0], 200, "{both:?}");
        assert!(both[1] == 410, "{both:?}");
        assert_eq!(count(&club, "merged_members").await, 1);
        assert_eq!(differing_now(&club).await, 0);
    }
}
