//! The key of the blind index is changed while the service runs, and with replicas of other settings beside it (G6).

use std::sync::Arc;

use contracts::membership::IdentifierLinked;
use futures_util::future::join_all;
use kernel::{Digest16, IdentifierKind, Ids};
use membership::{
    Membership,
    commands::move_blind_index::{Moved, Standing, move_blind_index, standing},
    queries::verify::{verify_rows, verify_sealed},
    store::{Vault, blind_index::begin, members::list_identifiers},
};
use runtime::{BlindKeys, Secrets, SystemIds};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::club::{Club, on_both};

const OLD: (u8, [u8; 32]) = (1, [7; 32]);
const NEW: (u8, [u8; 32]) = (2, [9; 32]);

/// Before anybody thinks of a change.
pub fn old() -> BlindKeys {
    BlindKeys::one(&OLD.1)
}

/// While it changes.
pub fn both() -> BlindKeys {
    BlindKeys::new(&[NEW, OLD], &[]).expect("good keys")
}

/// Afterwards.
pub fn new() -> BlindKeys {
    BlindKeys::new(&[NEW], &[OLD]).expect("good keys")
}

fn vault(club: &Club, blind_keys: BlindKeys) -> Vault {
    let ids = Arc::new(SystemIds::default()) as Arc<dyn Ids>;
    let secrets = Secrets { blind_keys, ..(*club.secrets).clone() };
    Membership::vault(club.database.clone(), &secrets, ids).expect("good keys")
}

/// As `vafa keys rotate` does it, in a process of its own.
pub async fn moved(club: &Club) -> Moved {
    let vault = vault(club, both());
    move_blind_index(&vault, &*club.clock, |_| {}).await.expect("the move runs")
}

async fn stands(club: &Club) -> Standing {
    standing(&vault(club, both())).await.expect("it is known")
}

pub async fn join(club: &Club, phone: &str, name: &str) -> String {
    let body = json!({"phone": phone, "first_name": name});
    let joined = club.till().post("/v1/members", body).await.expect(201);
    joined["member_id"].as_str().expect("an id").to_owned()
}

pub async fn finds(club: &Club, by: Value, member: &str) {
    let found = club.till().post("/v1/members/lookup", by).await.expect(200);
    assert_eq!(found["member_id"], member);
}

async fn card_of(club: &Club, member: &str) -> Value {
    let card = club.till().post(&format!("/v1/members/{member}/cards"), json!({})).await.expect(201);
    card["number"].clone()
}

async fn number(club: &Club, sql: &str) -> i64 {
    let on = club.database.connection();
    let statement = Statement::from_string(on.get_database_backend(), sql);
    let row = on.query_one_raw(statement).await.expect("it runs");
    row.and_then(|row| row.try_get_by_index(0).ok()).expect("a number")
}

async fn all_is_well(club: &Club) {
    let sealed = verify_sealed(&club.desk.vault).await.expect("the audit runs");
    let rows = verify_rows(&club.database).await.expect("the audit runs");
    let wrong: Vec<_> = sealed.iter().chain(&rows).filter(|row| !row.holds()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

async fn digests(club: &Club) -> Vec<Digest16> {
    let page = list_identifiers(club.database.connection(), None, 1_000).await.expect("a page");
    page.into_iter().map(|sealed| sealed.digest).collect()
}

/// Each phone joins at both at once; every one of them becomes one member.
async fn race(one: &Club, other: &Club, phones: std::ops::Range<u32>) {
    let body = |phone: u32| json!({"phone": format!("0912300{phone:04}"), "first_name": "Sara"});
    let attempts = phones.clone().map(async |phone| {
        let (till, beside) = (one.till(), other.till());
        let both = futures_util::join!(
            till.post("/v1/members", body(phone)),
            beside.post("/v1/members", body(phone))
        );
        let [first, second] =
            [both.0, both.1].map(|answer| (answer.status, answer.body["member_id"].clone()));
        assert_eq!(first.1, second.1, "one member: {first:?} {second:?}");
        let mut statuses = [first.0, second.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201]);
    });
    let count = i64::try_from(join_all(attempts).await.len()).expect("few");
    let sql = "SELECT COUNT(*) FROM identifiers";
    let sql_of_members = "SELECT COUNT(DISTINCT member_id) FROM identifiers";
    assert_eq!(number(one, sql).await, number(one, sql_of_members).await);
    assert!(number(one, sql).await >= count);
}

on_both! {
    async fn members_join_and_are_found_while_the_key_changes(club: Club) {
        let zahra = join(&club, "09121234567", "Zahra").await;
        let card = card_of(&club, &zahra).await;
        let before = digests(&club).await;
        let club = club.hashing(both()).await;
        assert_eq!((stands(&club).await.state.current, stands(&club).await.left()), (1, 2), "nothing changes by settings alone");
        let shopping = async {
            for n in 0..40 {
                finds(&club, json!({"phone": "09121234567"}), &zahra).await;
                finds(&club, json!({"card": card}), &zahra).await;
                let sara = join(&club, &format!("0912200{n:04}"), "Sara").await;
                finds(&club, json!({"phone": format!("0912200{n:04}")}), &sara).await;
                card_of(&club, &sara).await;
            }
        };
        let moving = async {
            for _ in 0..5 {
                moved(&club).await;
            }
        };
        futures_util::join!(shopping, moving);
        moved(&club).await;
        let stands = stands(&club).await;
        assert_eq!((stands.state.current, stands.state.former, stands.left()), (2, Some(1), 0));
        let after = digests(&club).await;
        assert!(after.len() == 82 && before.iter().all(|digest| !after.contains(digest)));
        assert_eq!(moved(&club).await, Moved { key: 2, ..Moved::default() }, "a second one has nothing to do");
        all_is_well(&club).await;

        let facts = club.facts().await;
        let told: Vec<IdentifierLinked> =
            facts.iter().filter(|fact| fact.kind.contains("identifier_linked")).map(|fact| fact.read().expect("a link")).collect();
        let of_zahra = told.iter().filter(|told| told.former.is_some_and(|former| before.contains(&former)));
        assert_eq!(of_zahra.filter(|told| told.active && after.contains(&told.digest)).count(), 2);

        let club = club.hashing(new()).await;
        assert_eq!(number(&club, "SELECT COUNT(*) FROM blind_index WHERE former_key IS NULL").await, 1);
        finds(&club, json!({"phone": "09121234567"}), &zahra).await;
        finds(&club, json!({"card": card}), &zahra).await;
        all_is_well(&club).await;
    }

    async fn a_phone_is_one_members_whatever_settings_the_replicas_have(club: Club) {
        let with_both = club.beside(both()).await;
        race(&club, &with_both, 0..25).await;
        // The move runs between, beside the ones that join.
        let another = club.beside(both()).await;
        futures_util::join!(race(&with_both, &another, 25..60), moved(&another));
        assert_eq!(moved(&another).await.broken, 0);
        // Who was there before the change is nobody new after it, and none that the other one has just made.
        race(&with_both, &another, 60..80).await;
        let with_new = club.beside(new()).await;
        race(&with_both, &with_new, 80..110).await;
        for phone in 0..110 {
            let body = json!({"phone": format!("0912300{phone:04}"), "first_name": "Sara"});
            with_new.till().post("/v1/members", body).await.expect(200);
        }
        all_is_well(&with_both).await;
    }

    async fn a_replica_without_the_key_makes_no_second_member(club: Club) {
        join(&club, "09121234567", "Zahra").await;
        moved(&club).await;
        // It still runs with the old settings: it finds nobody who was moved, and must not make them anew.
        let body = json!({"phone": "09121234567", "first_name": "Zahra"});
        club.till().post("/v1/members", body.clone()).await.refused(500, "web.fault");
        assert_eq!(number(&club, "SELECT COUNT(*) FROM members").await, 1);
        club.beside(both()).await.till().post("/v1/members", body).await.expect(200);
    }

    async fn a_move_that_is_stopped_goes_on(club: Club) {
        for n in 0..120 {
            join(&club, &format!("0912400{n:04}"), "Sara").await;
        }
        let club = club.hashing(both()).await;
        let stopping = tokio::sync::Notify::new();
        let vault = vault(&club, both());
        tokio::select! {
            biased;
            () = stopping.notified() => {}
            done = move_blind_index(&vault, &*club.clock, |_| stopping.notify_one()) => panic!("it was not stopped: {done:?}"),
        }
        let left = stands(&club).await.left();
        assert!((1..120).contains(&left), "{left}");
        for n in 0..120 {
            club.till().post("/v1/members/lookup", json!({"phone": format!("0912400{n:04}")})).await.expect(200);
        }
        let done = moved(&club).await;
        assert_eq!((done.members, done.broken), (left, 0));
        assert_eq!(stands(&club).await.left(), 0);
        all_is_well(&club).await;
    }

    async fn a_key_that_is_missing_or_another_one_is_said_at_the_start(club: Club) {
        join(&club, "09121234567", "Zahra").await;
        let refusal = async |keys: BlindKeys| format!("{:#}", begin(&vault(&club, keys)).await.expect_err("it does not start"));
        let lost = refusal(new()).await;
        assert!(lost.contains("key 1 of the blind index") && lost.contains("1 phones and cards"), "{lost}");
        let other = refusal(BlindKeys::one(&[3; 32])).await;
        assert!(other.contains("not the key 1"), "{other}");
        let club_of_both = club.beside(both()).await;
        // Turned, and half the way: the old one is still needed, and so is the new one.
        let sql = "UPDATE identifiers SET blind_key = 1";
        moved(&club_of_both).await;
        let on = club.database.connection();
        on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("the SQL runs");
        let early = refusal(new()).await;
        assert!(early.contains("hang on key 1") && early.contains("vafa keys rotate"), "{early}");
        let late = refusal(old()).await;
        assert!(late.contains("key 2 of the blind index"), "{late}");
    }

    async fn a_hash_under_an_unknown_key_is_found_by_the_audit(club: Club) {
        join(&club, "09121234567", "Zahra").await;
        let on = club.database.connection();
        let sql = "UPDATE identifiers SET blind_key = 5";
        on.execute_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("the SQL runs");
        let sealed = verify_sealed(&club.desk.vault).await.expect("the audit runs");
        let said = format!("{sealed:?}");
        assert!(said.contains("hangs on key 5"), "{said}");
    }

    async fn it_goes_back_the_same_way(club: Club) {
        let zahra = join(&club, "09121234567", "Zahra").await;
        let before = digests(&club).await;
        let club = club.hashing(both()).await;
        moved(&club).await;
        let back = BlindKeys::new(&[OLD, NEW], &[]).expect("good keys");
        let done = move_blind_index(&vault(&club, back), &*club.clock, |_| {}).await.expect("it goes back");
        assert_eq!((done.key, done.members), (1, 1));
        assert_eq!(digests(&club).await, before);
        let club = club.hashing(old()).await;
        finds(&club, json!({"phone": "09121234567"}), &zahra).await;
        all_is_well(&club).await;
    }

    async fn services_ask_under_both_keys_and_hear_which_one_it_is(club: Club) {
        let zahra = join(&club, "09121234567", "Zahra").await;
        let club = club.hashing(both()).await;
        let phone = both().digests(IdentifierKind::Phone, "+989121234567");
        for moves in [false, true] {
            if moves {
                moved(&club).await;
            }
            let question = json!({"digest": phone.sought()[0], "also": [phone.sought()[1]], "kind": "phone"});
            let found = club.service().post("/internal/v1/identifiers/resolve", question).await.expect(200);
            assert_eq!((&found["member_id"], &found["digest"]), (&json!(zahra), &json!(phone.sought()[usize::from(moves)])));
        }
    }
}
