//! Households by members: inviting, accepting, roles, leaving (J5). Nobody learns who is a member.

use contracts::membership::{HouseholdChanged, HouseholdRole};
use futures_util::future::join_all;
use membership::Membership;
use runtime::Service as _;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::club::{Club, Sender, on_both};

const DAY_S: i64 = 24 * 60 * 60;

/// A member, and the one way they do things here.
struct Person {
    id: String,
    phone: String,
}

impl Person {
    async fn joins(club: &Club, phone: &str, name: &str) -> Self {
        let joined: Value =
            club.till().post("/v1/members", json!({"phone": phone, "first_name": name})).await.expect(201);
        Self { id: joined["member_id"].as_str().expect("an id").to_owned(), phone: phone.to_owned() }
    }

    fn at<'a>(&self, club: &'a Club) -> Sender<'a> {
        club.signed_in(&self.id)
    }

    fn own(&self, rest: &str) -> String {
        format!("/v1/members/{}/household{rest}", self.id)
    }

    async fn invites(&self, club: &Club, whom: Value) -> Value {
        self.at(club).post(&self.own("/invitations"), whom).await.expect(201)
    }

    async fn received(&self, club: &Club) -> Vec<Value> {
        let listed = self.at(club).get(&self.own("/invitations")).await.expect(200);
        listed["received"].as_array().expect("a list").clone()
    }

    async fn accepts(&self, club: &Club, invitation: &Value) -> Value {
        self.at(club).post_nothing(&self.answer(invitation, "/acceptance")).await.expect(200)
    }

    fn answer(&self, invitation: &Value, rest: &str) -> String {
        self.own(&format!("/invitations/{}{rest}", invitation["invitation_id"].as_str().expect("an id")))
    }

    fn fellow(&self, other: &Self) -> String {
        self.own(&format!("/members/{}", other.id))
    }
}

/// Zahra heads a household with Ali, who came first, and Sara, a child.
async fn family(club: &Club) -> [Person; 3] {
    let zahra = Person::joins(club, "+989121234567", "Zahra").await;
    let ali = Person::joins(club, "+989121234568", "Ali").await;
    let sara = Person::joins(club, "+989121234569", "Sara").await;
    let to_ali = zahra.invites(club, json!({"phone": ali.phone})).await;
    let to_sara = zahra.invites(club, json!({"member_id": sara.id, "role": "child"})).await;
    ali.accepts(club, &to_ali).await;
    club.clock.advance_millis(1);
    sara.accepts(club, &to_sara).await;
    [zahra, ali, sara]
}

async fn roles(club: &Club, person: &Person) -> Vec<String> {
    let shown = person.at(club).get(&person.own("")).await.expect(200);
    let word = |fellow: &Value| {
        format!("{} {}", fellow["first_name"].as_str().unwrap_or("?"), fellow["role"].as_str().unwrap_or("?"))
    };
    shown["members"].as_array().expect("a list").iter().map(word).collect()
}

async fn rows(club: &Club, table: &str) -> i64 {
    let on = club.database.connection();
    let sql = Statement::from_string(on.get_database_backend(), format!("SELECT COUNT(*) FROM {table}"));
    let row = on.query_one_raw(sql).await.expect("an answer");
    row.and_then(|row| row.try_get_by_index(0).ok()).expect("a count")
}

async fn households_hold(club: &Club) -> bool {
    let rows = Membership.audit(&club.database).await.expect("the audit runs");
    rows.iter().all(runtime::AuditRow::holds)
}

on_both! {
    async fn a_household_comes_about_with_the_first_guest_and_is_told(club: Club) {
        let [zahra, ali, sara] = family(&club).await;
        assert_eq!(roles(&club, &sara).await, ["Zahra head", "Ali member", "Sara child"]);
        let shown = ali.at(&club).get(&ali.own("")).await.expect(200);
        assert_eq!((&shown["role"], &shown["limit"]), (&json!("member"), &json!(10)));
        let household = shown["household_id"].as_str().expect("an id").to_owned();
        let told: Vec<_> = club.facts().await.iter()
            .filter_map(|fact| Some((fact.read::<HouseholdChanged>().ok()?, fact.seq)))
            .map(|(fact, seq)| (fact.member_id.to_string(), fact.household.map(|id| id.to_string()), fact.role, seq))
            .collect();
        let came = |person: &Person, role| (person.id.clone(), Some(household.clone()), Some(role), 3);
        assert_eq!(told, [
            came(&zahra, HouseholdRole::Head), came(&ali, HouseholdRole::Member), came(&sara, HouseholdRole::Child),
        ]);
        assert!(households_hold(&club).await);
    }

    async fn inviting_twice_is_inviting_once_and_a_guest_sees_who_invites(club: Club) {
        let zahra = Person::joins(&club, "+989121234567", "Zahra").await;
        let ali = Person::joins(&club, "+989121234568", "Ali").await;
        let card = ali.at(&club).post(&format!("/v1/members/{}/cards", ali.id), json!({})).await.expect(201);
        let made = zahra.invites(&club, json!({"card": card["number"]})).await;
        let again = zahra.at(&club).post(&zahra.own("/invitations"), json!({"card": card["number"]})).await.expect(200);
        assert_eq!(again, made);
        let received = ali.received(&club).await;
        assert_eq!((received.len(), &received[0]["from"], &received[0]["role"]), (1, &json!("Zahra"), &json!("member")));
        ali.accepts(&club, &made).await;
        assert_eq!(ali.accepts(&club, &made).await["role"], "member", "accepting twice is accepting once");
        assert!(ali.received(&club).await.is_empty());
        let left = zahra.at(&club).get(&zahra.own("/invitations")).await.expect(200);
        assert_eq!(left["made"], json!([]));
    }

    async fn nobody_learns_whether_a_phone_is_a_members(club: Club) {
        let zahra = Person::joins(&club, "+989121234567", "Zahra").await;
        Person::joins(&club, "+989121234568", "Ali").await;
        let known = zahra.invites(&club, json!({"phone": "+989121234568"})).await;
        let unknown = zahra.invites(&club, json!({"phone": "+989121234569"})).await;
        let shape = |view: &Value| view.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(shape(&known), shape(&unknown));
        assert_eq!((&known["to"], &unknown["to"]), (&json!("••••4568"), &json!("••••4569")));
        assert_eq!((&known["made_at"], &known["expires_at"]), (&unknown["made_at"], &unknown["expires_at"]));
        assert_eq!(rows(&club, "household_invitations").await, 2);
        // Whoever joins later finds the invitation.
        let late = Person::joins(&club, "+989121234569", "Reza").await;
        assert_eq!(late.accepts(&club, &unknown).await["members"].as_array().map(Vec::len), Some(2));
    }

    async fn who_invites_does_not_learn_of_a_no_and_cannot_ask_again_soon(club: Club) {
        let zahra = Person::joins(&club, "+989121234567", "Zahra").await;
        let ali = Person::joins(&club, "+989121234568", "Ali").await;
        let made = zahra.invites(&club, json!({"phone": ali.phone})).await;
        let declines = ali.answer(&made, "");
        ali.at(&club).delete(&declines).await.expect(204);
        ali.at(&club).delete(&declines).await.expect(204);
        assert!(ali.received(&club).await.is_empty());
        ali.at(&club).post_nothing(&ali.answer(&made, "/acceptance")).await.refused(410, "membership.invitation_over");
        let listed = zahra.at(&club).get(&zahra.own("/invitations")).await.expect(200);
        assert_eq!(listed["made"], json!([made]));
        zahra.at(&club).post(&zahra.own("/invitations"), json!({"phone": ali.phone})).await.expect(200);
        zahra.at(&club).delete(&zahra.answer(&made, "")).await.expect(204);
        let second = zahra.invites(&club, json!({"phone": ali.phone})).await;
        assert_ne!(second["invitation_id"], made["invitation_id"]);
        assert!(ali.received(&club).await.is_empty(), "what was declined is not asked again");
        club.wait_s(15 * DAY_S);
        zahra.invites(&club, json!({"phone": ali.phone})).await;
        assert_eq!(ali.received(&club).await.len(), 1);
    }

    async fn only_the_head_removes_and_gives_roles(club: Club) {
        let [zahra, ali, sara] = family(&club).await;
        let at_zahra = zahra.at(&club);
        ali.at(&club).delete(&ali.fellow(&sara)).await.refused(422, "membership.household_head_only");
        ali.at(&club).put(&ali.fellow(&sara), json!({"role": "member"})).await.refused(422, "membership.household_head_only");
        ali.at(&club).post(&ali.own("/invitations"), json!({"phone": "09121111111"})).await
            .refused(422, "membership.household_head_only");
        at_zahra.put(&zahra.fellow(&sara), json!({"role": "head"})).await.refused(422, "membership.household_child_head");
        at_zahra.put(&zahra.fellow(&zahra), json!({"role": "child"})).await.refused(422, "membership.household_head_stays");
        let same = at_zahra.put(&zahra.fellow(&ali), json!({"role": "member"})).await.expect(200);
        assert_eq!(same["role"], "head");
        at_zahra.put(&zahra.fellow(&ali), json!({"role": "head"})).await.expect(200);
        assert_eq!(roles(&club, &zahra).await, ["Zahra member", "Ali head", "Sara child"]);
        ali.at(&club).put(&ali.fellow(&sara), json!({"role": "member"})).await.expect(200);
        ali.at(&club).delete(&ali.fellow(&zahra)).await.expect(204);
        ali.at(&club).delete(&ali.fellow(&zahra)).await.refused(404, "membership.household_member_unknown");
        zahra.at(&club).get(&zahra.own("")).await.refused(404, "membership.household_none");
        assert_eq!(roles(&club, &ali).await, ["Ali head", "Sara member"]);
        assert!(households_hold(&club).await);
    }

    async fn when_the_last_head_goes_who_was_there_longest_heads_it(club: Club) {
        let [zahra, ali, sara] = family(&club).await;
        zahra.at(&club).delete(&zahra.own("")).await.expect(204);
        assert_eq!(roles(&club, &sara).await, ["Ali head", "Sara child"]);
        zahra.at(&club).delete(&zahra.own("")).await.refused(404, "membership.household_none");
        ali.at(&club).delete(&ali.fellow(&ali)).await.expect(204);
        assert_eq!(roles(&club, &sara).await, ["Sara child"], "a child does not come to head it");
        let numbers: Vec<u64> = club.facts().await.iter()
            .filter(|fact| fact.subject == ali.id).map(|fact| fact.seq).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert!(households_hold(&club).await);
    }

    async fn invitations_have_limits(club: Club) {
        let club = club.with(&[
            ("household_invitations_day", "2"), ("household_members", "2"), ("household_invitation_days", "1"),
        ]).await;
        let zahra = Person::joins(&club, "+989121234567", "Zahra").await;
        let ali = Person::joins(&club, "+989121234568", "Ali").await;
        let sara = Person::joins(&club, "+989121234569", "Sara").await;
        let to_ali = zahra.invites(&club, json!({"phone": ali.phone})).await;
        let to_sara = zahra.invites(&club, json!({"phone": sara.phone})).await;
        club.wait_s(DAY_S - 10);
        let path = zahra.own("/invitations");
        let third = zahra.at(&club).post(&path, json!({"phone": "09121111111"})).await;
        assert_eq!(third.refused(429, "membership.invitations_too_many")["limit"], 2);
        ali.accepts(&club, &to_ali).await;
        sara.at(&club).post_nothing(&sara.answer(&to_sara, "/acceptance")).await.refused(409, "membership.household_full");
        club.wait_s(10);
        sara.at(&club).post_nothing(&sara.answer(&to_sara, "/acceptance")).await.refused(410, "membership.invitation_over");
        let full = zahra.at(&club).post(&path, json!({"phone": "09121111111"})).await;
        assert_eq!(full.refused(409, "membership.household_full")["limit"], 2);
    }

    async fn whom_it_does_not_concern_is_refused(club: Club) {
        let [zahra, ali, _] = family(&club).await;
        let reza = Person::joins(&club, "+989121234570", "Reza").await;
        let path = reza.own("/invitations");
        for own in [json!({"phone": reza.phone}), json!({"member_id": reza.id})] {
            reza.at(&club).post(&path, own).await.refused(422, "membership.invitation_self");
        }
        for not_one in [json!({}), json!({"phone": "09121234567", "member_id": zahra.id})] {
            reza.at(&club).post(&path, not_one).await.refused(400, "membership.invitation_needs_one");
        }
        reza.at(&club).post(&path, json!({"phone": "12"})).await.refused(422, "membership.phone_invalid");
        reza.at(&club).post(&path, json!({"phone": "09121234567", "role": "head"})).await.refused(400, "web.field_choice");
        let made = reza.invites(&club, json!({"phone": ali.phone})).await;
        let elsewhere = ali.answer(&made, "/acceptance");
        ali.at(&club).post_nothing(&elsewhere).await.refused(409, "membership.household_other");
        zahra.at(&club).post_nothing(&zahra.answer(&made, "/acceptance")).await.refused(404, "membership.invitation_unknown");
        zahra.at(&club).delete(&zahra.answer(&made, "")).await.refused(404, "membership.invitation_unknown");
        reza.at(&club).post_nothing(&reza.answer(&made, "/acceptance")).await.refused(404, "membership.invitation_unknown");
        ali.at(&club).get(&reza.own("")).await.refused(403, "web.access_denied");
        reza.at(&club).put(&reza.fellow(&zahra), json!({"role": "child"})).await.refused(404, "membership.household_none");
        let at = club.unconfirmed(&reza.id);
        at.get(&path).await.refused(403, "membership.phone_not_confirmed");
        at.delete(&reza.own("")).await.refused(403, "membership.phone_not_confirmed");
        club.till().get(&reza.own("")).await.refused(403, "web.access_denied");
        let nobody = "/v1/members/0192f3a1-7c00-7000-8000-000000000002/household";
        club.operator().get(nobody).await.refused(404, "membership.member_unknown");
        club.operator().delete(nobody).await.refused(404, "membership.member_unknown");
    }

    async fn the_back_office_does_it_for_a_member(club: Club) {
        let zahra = Person::joins(&club, "+989121234567", "Zahra").await;
        let ali = Person::joins(&club, "+989121234568", "Ali").await;
        let office = club.operator();
        let made = office.post(&zahra.own("/invitations"), json!({"phone": ali.phone})).await.expect(201);
        office.post_nothing(&ali.answer(&made, "/acceptance")).await.expect(200);
        office.put(&zahra.fellow(&ali), json!({"role": "head"})).await.expect(200);
        office.delete(&ali.own("")).await.expect(204);
        assert_eq!(roles(&club, &zahra).await, ["Zahra head"]);
    }

    async fn an_invitation_ends_with_the_headship_of_who_made_it(club: Club) {
        let [zahra, ali, _] = family(&club).await;
        let reza = Person::joins(&club, "+989121234570", "Reza").await;
        let made = zahra.invites(&club, json!({"phone": reza.phone})).await;
        zahra.at(&club).put(&zahra.fellow(&ali), json!({"role": "head"})).await.expect(200);
        reza.at(&club).post_nothing(&reza.answer(&made, "/acceptance")).await.refused(410, "membership.invitation_over");
    }

    async fn races_of_guests_and_heads_leave_whole_households(club: Club) {
        let zahra = Person::joins(&club, "+989121234500", "Zahra").await;
        let mut guests = Vec::new();
        for n in 1..=10 {
            let guest = Person::joins(&club, &format!("+9891212345{n:02}"), "Guest").await;
            let made = zahra.invites(&club, json!({"member_id": guest.id})).await;
            guests.push((guest, made));
        }
        let office = club.operator();
        let paths: Vec<String> = guests.iter().map(|(guest, made)| guest.answer(made, "/acceptance")).collect();
        let all = join_all(paths.iter().map(|path| office.post_nothing(path))).await;
        let came = all.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(came, 9, "{all:?}");
        assert!(all.iter().all(|answer| matches!(answer.status, 200 | 409)), "{all:?}");
        assert!(households_hold(&club).await);

        // The head and half of the others go at once; whoever is left is headed by one.
        let mut leavers: Vec<String> = guests.iter().take(5).map(|(guest, _)| guest.own("")).collect();
        leavers.push(zahra.own(""));
        let left = join_all(leavers.iter().map(|path| office.delete(path))).await;
        assert!(left.iter().all(|answer| matches!(answer.status, 204 | 404 | 503)), "{left:?}");
        assert!(households_hold(&club).await);
        for (guest, _) in &guests {
            let shown = office.get(&guest.own("")).await;
            if shown.status == 200 {
                let members = shown.body["members"].as_array().expect("a list");
                let heads = members.iter().filter(|member| member["role"] == "head").count();
                assert_eq!(heads, 1, "{}", shown.text);
            }
        }
    }
}
