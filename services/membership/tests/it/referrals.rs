//! Members bring friends: a code that counts once, for somebody else, with a real purchase (J6).

use bus::Reaction as _;
use contracts::{
    Fact, FactData, FactHead,
    membership::{ReferralMade, ReferralQualified},
    points::{PointsEarned, PointsReturned},
};
use futures_util::future::join_all;
use kernel::{FactId, Ids as _, JournalId, MemberId, Timestamp};
use membership::{commands::follow_referrals::Referring, reactions::purchases_of_friends::FollowFriends};
use runtime::SystemIds;
use serde_json::{Value, json};

use crate::{
    club::{Answer, Club, on_both},
    leaving::count,
    profile::joined,
    sign_in::ask,
};

const A: &str = "+989121234567";
const B: &str = "+989121234568";
const DAY: i64 = 86_400;

pub fn terms() -> Value {
    let words = json!({"fa": "بیا: {link}", "ar": "انضم: {link}", "en": "Join us: {link}"});
    json!({
        "minimum_amount": 1_000, "currency": "IRR", "days": 30, "join_days": 7, "per_month": 3,
        "link": "https://club.example/join?code={code}", "invitation": words,
    })
}

async fn open(club: &Club) {
    club.operator().put("/v1/referral-terms", terms()).await.expect(201);
}

async fn code_of(club: &Club, member: &str) -> String {
    let made = club.signed_in(member).put_nothing(&format!("/v1/members/{member}/referral-code")).await;
    made.body["code"].as_str().expect("a code").to_owned()
}

async fn gives(club: &Club, friend: &str, code: &str) -> Answer {
    club.signed_in(friend).put(&format!("/v1/members/{friend}/referral"), json!({ "code": code })).await
}

/// A member who has a code, and a friend who gave it.
async fn referred(club: &Club) -> [String; 2] {
    open(club).await;
    let [a, b] = [joined(club, A).await, joined(club, B).await];
    gives(club, &b, &code_of(club, &a).await).await.expect(201);
    [a, b]
}

fn id(text: &str) -> MemberId {
    text.parse().expect("an id")
}

fn journal(number: u128) -> JournalId {
    JournalId::from_uuid(uuid::Uuid::from_u128(number))
}

fn bought(club: &Club, member: &str, purchase: u128, amount: i64) -> Fact {
    let (member_id, occurred_at) = (id(member), club.now());
    let data = PointsEarned {
        member_id,
        journal_id: journal(purchase),
        occurred_at,
        amount,
        ..PointsEarned::sample()
    };
    fact(club.now(), &data)
}

fn returned(club: &Club, member: &str, (purchase, back): (u128, u128), amount: i64) -> Fact {
    let (member_id, purchase_id) = (id(member), journal(purchase));
    let data = PointsReturned {
        member_id,
        journal_id: journal(back),
        purchase_id,
        amount,
        ..PointsReturned::sample()
    };
    fact(club.now(), &data)
}

fn fact<T: FactData>(time: Timestamp, data: &T) -> Fact {
    let head = FactHead {
        id: FactId::from_uuid(SystemIds::default().uuid()),
        source: "points",
        subject: "test".to_owned(),
        seq: 1,
        time,
        traceparent: None,
    };
    Fact::new(head, data)
}

async fn hear(club: &Club, facts: &[Fact]) -> bool {
    let tx = club.database.begin().await.expect("a transaction");
    let (clock, ids) = (club.desk.clock.clone(), club.desk.ids.clone());
    let with = Referring { clock, ids };
    let heard = FollowFriends::new(with).apply(&tx, facts).await;
    heard.is_ok() && tx.commit().await.is_ok()
}

/// What was told of referrals: `referral_made 1`.
async fn told(club: &Club) -> Vec<String> {
    club.told().await.into_iter().filter(|name| name.starts_with("referral")).collect()
}

/// How many friends stand where: open, counted, lapsed, undone.
async fn friends(club: &Club, member: &str) -> [u64; 4] {
    let shown = club.signed_in(member).get(&format!("/v1/members/{member}/referrals")).await.expect(200);
    ["open", "counted", "lapsed", "undone"].map(|state| shown["friends"][state].as_u64().expect("a number"))
}

/// Signs a member in, who has so many messages afterwards, on one installation of the app.
async fn signs_in_on(club: &Club, phone: &str, messages: usize, installation: &str) -> Answer {
    let sign_in = ask(club, phone).await;
    let code = club.code_for(phone, messages).await;
    let body = json!({"sign_in_id": sign_in, "code": code, "installation": installation});
    club.anonymous().post("/v1/sign-in/tokens", body).await
}

on_both! {
    async fn a_friend_counts_once_with_the_first_purchase_that_is_large_enough(club: Club) {
        open(&club).await;
        let [a, b] = [joined(&club, A).await, joined(&club, B).await];
        let path = format!("/v1/members/{a}/referral-code");
        let made = club.signed_in(&a).put_nothing(&path).await.expect(201);
        let code = made["code"].as_str().expect("a code");
        assert_eq!((code.len(), &made["link"]), (8, &json!(format!("https://club.example/join?code={code}"))));
        assert_eq!(made["invitation"]["en"], format!("Join us: https://club.example/join?code={code}"));
        assert_eq!(club.till().put_nothing(&path).await.expect(200), made, "it stays");
        let typed = format!(" {}-{} ", &code[..4].to_lowercase(), &code[4..]);
        let given = gives(&club, &b, &typed).await.expect(201);
        assert_eq!((&given["state"], &given["minimum_amount"], &given["until"]), (&json!("open"), &json!(1_000), &json!("2026-12-21T08:00:00Z")));
        assert_eq!(gives(&club, &b, code).await.expect(200), given, "the same again");
        assert_eq!(friends(&club, &a).await, [1, 0, 0, 0]);

        assert!(hear(&club, &[bought(&club, &b, 1, 999), bought(&club, &a, 2, 5_000)]).await);
        assert_eq!(told(&club).await, ["referral_made 1"]);
        assert!(hear(&club, &[bought(&club, &b, 3, 1_000), bought(&club, &b, 4, 9_000)]).await);
        assert!(hear(&club, &[bought(&club, &b, 3, 1_000)]).await, "heard again");
        assert_eq!(told(&club).await, ["referral_made 1", "referral_qualified 2"]);
        let facts = club.facts().await;
        let subject = format!("{b}/referral");
        let of_them: Vec<&Fact> = facts.iter().filter(|fact| fact.subject == subject).collect();
        assert_eq!(of_them[0].read::<ReferralMade>().expect("made"), ReferralMade { referrer: id(&a), friend: id(&b) });
        assert_eq!(of_them[1].read::<ReferralQualified>().expect("qualified").referrer, id(&a));
        assert_eq!(friends(&club, &a).await, [0, 1, 0, 0]);
        let own = club.signed_in(&b).get(&format!("/v1/members/{b}/referrals")).await.expect(200);
        assert_eq!(own["referred"]["state"], "counted");
    }

    async fn members_see_numbers_and_the_back_office_sees_who(club: Club) {
        let [a, b] = referred(&club).await;
        assert!(hear(&club, &[bought(&club, &b, 1, 1_000)]).await);
        for (member, other) in [(&a, &b), (&b, &a)] {
            let shown = club.signed_in(member).get(&format!("/v1/members/{member}/referrals")).await;
            assert!(!shown.text.contains(other.as_str()), "{}", shown.text);
            club.signed_in(member).get(&format!("/v1/members/{other}/referrals")).await.refused(403, "web.access_denied");
            club.signed_in(member).get(&format!("/v1/members/{member}/referred-friends")).await.refused(403, "web.access_denied");
        }
        let listed = club.operator().get(&format!("/v1/members/{a}/referred-friends")).await.expect(200);
        let friend = &listed["friends"][0];
        assert_eq!((&friend["friend"], &friend["state"], &friend["purchase_id"]), (&json!(b), &json!("counted"), &json!(journal(1).to_string())));
        assert!(listed["referred"].is_null());
        let of_b = club.operator().get(&format!("/v1/members/{b}/referred-friends")).await.expect(200);
        assert_eq!((&of_b["referred"]["referrer"], &of_b["friends"]), (&json!(a), &json!([])));
        let nobody = "0192f3a1-7c00-7000-8000-00000000dead";
        for path in ["referrals", "referred-friends"] {
            club.operator().get(&format!("/v1/members/{nobody}/{path}")).await.refused(404, "membership.member_unknown");
        }
        club.till().put_nothing(&format!("/v1/members/{nobody}/referral-code")).await.refused(404, "membership.member_unknown");
        let body = json!({"code": code_of(&club, &a).await});
        club.till().put(&format!("/v1/members/{nobody}/referral"), body).await.refused(404, "membership.member_unknown");
    }

    async fn a_code_is_refused_for_whoever_is_not_a_new_friend(club: Club) {
        let [zahra, ali] = [joined(&club, A).await, joined(&club, B).await];
        let code = code_of(&club, &zahra).await;
        gives(&club, &ali, &code).await.refused(409, "membership.referrals_closed");
        club.operator().get("/v1/referral-terms").await.refused(404, "membership.referral_terms_unknown");
        open(&club).await;
        let wrong = format!("{}{}", &code[..7], if code.ends_with('A') { "B" } else { "A" });
        let refused = gives(&club, &ali, &wrong).await.refused(422, "membership.referral_code_malformed");
        assert_eq!(refused["pointer"], "/code");
        gives(&club, &ali, "1111 1111").await.refused(422, "membership.referral_code_unknown");
        gives(&club, &zahra, &code).await.refused(422, "membership.referral_own");
        gives(&club, &ali, &code).await.expect(201);
        let sara = joined(&club, "+989121234569").await;
        let other = code_of(&club, &sara).await;
        gives(&club, &ali, &other).await.refused(409, "membership.referral_given");
        // Who bought something is not new, nor is who joined long ago.
        let tx = club.database.begin().await.expect("a transaction");
        club.reaction.apply(&tx, &[bought(&club, &sara, 1, 5)]).await.expect("heard");
        tx.commit().await.expect("the commit");
        gives(&club, &sara, &code).await.refused(422, "membership.referral_late");
        let reza = joined(&club, "+989121234570").await;
        club.wait_s(7 * DAY + 1);
        gives(&club, &reza, &code).await.refused(422, "membership.referral_late");
        let mut closed = terms();
        closed["live"] = json!(false);
        club.operator().put("/v1/referral-terms", closed).await.expect(200);
        let nima = joined(&club, "+989121234571").await;
        for (language, word) in [("fa", "معرفی"), ("ar", "دعوة"), ("en", "referred")] {
            let path = format!("/v1/members/{nima}/referral");
            let refused = club.till().speaking(language).put(&path, json!({ "code": code })).await;
            let refused = refused.refused(409, "membership.referrals_closed");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
        assert_eq!(told(&club).await, ["referral_made 1"]);
    }

    async fn nobody_refers_their_household_or_their_own_second_phone(club: Club) {
        open(&club).await;
        let [a, b, c] = [joined(&club, A).await, joined(&club, B).await, joined(&club, "+989121234569").await];
        let code = code_of(&club, &a).await;
        let household = "0192f3a1-7c00-7000-8000-000000000077";
        for member in [&a, &b] {
            club.operator().put(&format!("/v1/households/{household}/members/{member}"), json!({"role": "member"})).await.expect(201);
        }
        gives(&club, &b, &code).await.refused(422, "membership.referral_household");
        let phone = "d6f0c1b29e5a4f7083b1c7a2e94d5f60";
        signs_in_on(&club, A, 1, phone).await.expect(200);
        signs_in_on(&club, "+989121234569", 1, phone).await.expect(200);
        gives(&club, &c, &code).await.refused(422, "membership.referral_same_device");
        // At the till, nothing shows that they are one; it shows when they buy.
        let d = joined(&club, "+989121234570").await;
        gives(&club, &d, &code).await.expect(201);
        signs_in_on(&club, "+989121234570", 1, phone).await.expect(200);
        assert!(hear(&club, &[bought(&club, &d, 1, 9_000)]).await);
        assert_eq!((told(&club).await.len(), friends(&club, &a).await), (1, [1, 0, 0, 0]));
        for bad in ["short", "d6f0c1b29e5a4f70 83b1c7a2e94d5f60"] {
            let body = json!({"sign_in_id": household, "code": "123456", "installation": bad});
            let refused = club.anonymous().post("/v1/sign-in/tokens", body).await.refused(422, "membership.installation_invalid");
            assert_eq!(refused["pointer"], "/installation");
        }
        let leaks = crate::secrecy::leaks(&club, &[phone]).await;
        assert_eq!(leaks, Vec::<String>::new());
    }

    async fn a_member_refers_no_more_than_they_may_however_many_come_at_once(club: Club) {
        open(&club).await;
        let a = joined(&club, A).await;
        let code = code_of(&club, &a).await;
        let mut friends_of_a = Vec::new();
        for number in 10..18 {
            friends_of_a.push(joined(&club, &format!("+9891212345{number}")).await);
        }
        let answers = join_all(friends_of_a.iter().map(|friend| gives(&club, friend, &code))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 3, "{answers:?}");
        let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 409).collect();
        assert_eq!(refused.len(), 5);
        assert!(refused.iter().all(|answer| answer.code() == "membership.referrals_too_many" && answer.body["limit"] == 3));
        club.wait_s(30 * DAY);
        let later = joined(&club, "+989121234599").await;
        gives(&club, &later, &code).await.expect(201);
    }

    async fn one_purchase_that_is_heard_at_once_in_many_places_counts_once(club: Club) {
        let [a, b] = referred(&club).await;
        let facts: Vec<Fact> = (1..9).map(|number| bought(&club, &b, number, 2_000)).collect();
        let mut waiting: Vec<&Fact> = facts.iter().collect();
        while !waiting.is_empty() {
            let heard = waiting.iter().map(|fact| hear(&club, std::slice::from_ref(*fact)));
            let outcomes = join_all(heard).await;
            waiting = waiting.into_iter().zip(outcomes).filter(|(_, ok)| !ok).map(|(fact, _)| fact).collect();
        }
        assert_eq!(told(&club).await, ["referral_made 1", "referral_qualified 2"]);
        assert_eq!(friends(&club, &a).await, [0, 1, 0, 0]);
    }

    async fn nobody_tries_out_codes(club: Club) {
        open(&club).await;
        let b = joined(&club, B).await;
        for _ in 0..10 {
            gives(&club, &b, "1111 1111").await.refused(422, "membership.referral_code_unknown");
        }
        gives(&club, &b, "1111 1111").await.refused(429, "membership.referral_attempts_too_many");
        let good = code_of(&club, &joined(&club, A).await).await;
        gives(&club, &b, &good).await.refused(429, "membership.referral_attempts_too_many");
        club.wait_s(DAY);
        gives(&club, &b, &good).await.expect(201);
    }

    async fn what_comes_back_undoes_a_referral_once(club: Club) {
        let [a, b] = referred(&club).await;
        assert!(hear(&club, &[bought(&club, &b, 1, 1_500), returned(&club, &b, (1, 11), 300)]).await);
        assert!(hear(&club, &[returned(&club, &b, (1, 11), 300), returned(&club, &b, (2, 12), 9_000)]).await);
        assert_eq!(told(&club).await, ["referral_made 1", "referral_qualified 2"], "enough is left");
        assert!(hear(&club, &[returned(&club, &b, (1, 13), 201)]).await);
        assert!(hear(&club, &[returned(&club, &b, (1, 14), 999), bought(&club, &b, 5, 9_000)]).await);
        assert_eq!(told(&club).await, ["referral_made 1", "referral_qualified 2", "referral_undone 3"]);
        assert_eq!(friends(&club, &a).await, [0, 0, 0, 1]);
    }

    async fn what_is_bought_too_late_counts_no_more_and_is_forgotten(club: Club) {
        let [a, b] = referred(&club).await;
        club.wait_s(30 * DAY + 1);
        assert!(hear(&club, &[bought(&club, &b, 1, 9_000)]).await);
        assert_eq!((told(&club).await.len(), friends(&club, &a).await), (1, [0, 0, 1, 0]));
        let club = club.later(431 * DAY).await;
        for _ in 0..500 {
            if count(&club, "referrals").await == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the referral was never forgotten");
    }

    async fn who_left_leads_to_nobody_and_friends_keep_what_they_were_promised(club: Club) {
        let [a, b] = referred(&club).await;
        let code = code_of(&club, &a).await;
        club.operator().post(&format!("/v1/members/{a}/leaving"), json!({"reason": "asked"})).await.expect(200);
        assert_eq!(count(&club, "referral_codes").await, 0);
        let c = joined(&club, "+989121234569").await;
        gives(&club, &c, &code).await.refused(422, "membership.referral_code_unknown");
        assert!(hear(&club, &[bought(&club, &b, 1, 1_000)]).await);
        assert_eq!(told(&club).await, ["referral_made 1", "referral_qualified 2"]);
    }

    async fn terms_are_checked_and_what_was_promised_stays(club: Club) {
        for (field, value) in [
            ("minimum_amount", json!(0)), ("days", json!(366)), ("join_days", json!(0)), ("per_month", json!(1_001)),
            ("link", json!("https://club.example/")), ("invitation", json!({"fa": "بیا", "ar": "انضم", "en": "Join"})),
        ] {
            let mut bad = terms();
            bad[field] = value;
            let refused = club.operator().put("/v1/referral-terms", bad).await.refused(422, "membership.referral_terms_invalid");
            assert_eq!(refused["pointer"], format!("/{field}"));
        }
        let [_, b] = referred(&club).await;
        assert_eq!(club.operator().put("/v1/referral-terms", terms()).await.expect(200)["version"], 1, "the same again");
        let mut dearer = terms();
        dearer["minimum_amount"] = json!(9_000);
        club.wait_s(60);
        assert_eq!(club.operator().put("/v1/referral-terms", dearer).await.expect(200)["version"], 2);
        assert_eq!(club.operator().get("/v1/referral-terms").await.expect(200)["minimum_amount"], 9_000);
        assert!(hear(&club, &[bought(&club, &b, 1, 1_000)]).await);
        assert_eq!(told(&club).await, ["referral_made 1", "referral_qualified 2"]);
        club.till().put("/v1/referral-terms", terms()).await.refused(403, "web.access_denied");
    }
}
