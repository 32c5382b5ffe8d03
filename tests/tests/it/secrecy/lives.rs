//! Marked members who do everything that a member can do, and everything that is done for one.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use journeys::{Goods, Operator, SignedIn, Stage, Till, fresh, now, programme};
use kernel::Language;
use locale::digits::to_local;
use serde_json::{Value, json};
use vafa::client::Call;

use super::{marks::Marks, sink::Sink};
use crate::leaving::raised;

/// A member with a mark.
struct Marked {
    id: String,
    phone: String,
    name: String,
}

impl Marked {
    fn path(&self, rest: &str) -> String {
        format!("/v1/members/{}{rest}", self.id)
    }
}

/// Lets them live; answers their ids.
pub(super) async fn live(stage: &Stage, partner: &Sink, marks: &mut Marks) -> Vec<String> {
    let operator = stage.as_operator();
    let till = open(&operator, partner).await;
    marks.secret(&till.key);
    let zahra = joins_at_till(&till, marks, "Zyxcanaria").await;
    let friend = joins_at_till(&till, marks, "Qovmarkena").await;
    let texting = joins_by_text(&operator, &till, marks).await;
    buys(&till, &zahra, marks).await;
    let me = stage.sign_in(&zahra.phone, 1).await;
    let theirs = stage.sign_in(&friend.phone, 1).await;
    for session in [&me, &theirs] {
        marks.secret(session.text("access_token"));
        marks.secret(session.text("refresh_token"));
    }
    refers(&operator, &till, (&me, &theirs)).await;
    answers(&operator, &me, marks).await;
    agrees_and_pays(&operator, &till, &zahra, &me).await;
    lives_together((&me, &theirs), &friend).await;
    passes_points_on((&me, &theirs), (&zahra, &friend)).await;
    let me = raised(stage, &me, &zahra.phone, 2).await;
    uses_cards(&till, (&me, &friend), marks).await;
    takes_everything_along(stage, &operator, (&me, &zahra), marks).await;
    let zahra = changes_phone(stage, (&me, zahra), marks).await;
    activity(&operator, &zahra).await;
    leaves(stage, &friend).await;
    vec![zahra.id, friend.id, texting.id]
}

/// A shop with everything switched on, and a partner who hears of all of it.
async fn open(operator: &Operator, partner: &Sink) -> Till {
    let till = operator.open_shop().await;
    let name = json!({"fa": "هدیه", "ar": "هدية", "en": "Gift"});
    let rule = |action: &str| json!({"code": action.replace('.', "-"), "name": name, "on": {"action": action}, "give": {"fixed": {"points": 5}}});
    let mut document = programme(&[]);
    document["actions"] =
        json!([rule("profile"), rule("referral"), rule("referred"), rule("profile-completed")]);
    document["transfers"] = json!({"to": "anyone"});
    document["pooling"] = json!({});
    operator.make_live(&document).await;
    let listed = operator.get("/v1/webhook-kinds").await.ok();
    let each = |field: &str| {
        let kinds = listed["kinds"].as_array().expect("kinds").iter();
        kinds.map(|kind| kind[field].as_str().expect("a text").to_owned()).collect::<BTreeSet<_>>()
    };
    let (kinds, mut scopes) = (each("kind"), each("scope"));
    scopes.insert("webhooks:manage".to_owned());
    let bank = operator.befriend(&scopes.iter().map(String::as_str).collect::<Vec<_>>(), &[]).await;
    let body = json!({"url": format!("{}/vafa", partner.url()), "kinds": kinds});
    let _ = bank.send(Call::post("/v1/webhooks").json(&body)).await.created();
    till
}

async fn joins_at_till(till: &Till, marks: &mut Marks, name: &str) -> Marked {
    let (phone, name) = (marks.phone(), marks.word(name));
    let joined = till.join(&phone, &name).await.created();
    let id = joined["member_id"].as_str().expect("an id").to_owned();
    // What is refused is personal, too.
    till.join(&phone, &format!("{name}\u{202e}")).await.refused(422, "membership.first_name_forbidden");
    let broken = format!("{{\"phone\":\"{phone}\",\"first_name\":\"{name}\",}}");
    let _ = till.send(Call::post("/v1/members").raw("application/json", broken)).await.with(400);
    Marked { id, phone, name }
}

async fn joins_by_text(operator: &Operator, till: &Till, marks: &mut Marks) -> Marked {
    let (phone, name) = (marks.phone(), marks.word("کاناریاژ"));
    let text =
        |body: &str| json!({"phone": phone, "text": body, "message_id": fresh("text"), "received_at": now()});
    let send = |body: Value| operator.send(Call::post("/v1/inbound-texts").json(&body));
    let _ = send(text(&name)).await.ok();
    send(text("لغو")).await.refused(422, "membership.text_no_name");
    let found = till.post("/v1/members/lookup", &json!({"phone": phone})).await.ok();
    Marked { id: found["member_id"].as_str().expect("an id").to_owned(), phone, name }
}

/// By everything that names a member at the till.
async fn buys(till: &Till, who: &Marked, marks: &mut Marks) {
    let card = till.post(&who.path("/cards"), &json!({})).await.created();
    let card = card["number"].as_str().expect("a number").to_owned();
    marks.secret(&card);
    let local = to_local(&who.phone, Language::Fa).into_owned();
    for by in [json!({"phone": who.phone}), json!({"card": card}), json!({"phone": local})] {
        let _ = till.sell(&Goods::by(&by, 50_000)).await.created();
        let _ = till.post("/v1/members/lookup", &by).await.ok();
    }
    let nobody = marks.phone();
    till.sell(&Goods::by_phone(&nobody, 1_000)).await.refused(404, "points.customer_unknown");
    let spend = json!({"member": {"phone": who.phone}, "points": 3});
    let spend = Call::post("/v1/redemptions").idempotency_key(&fresh("key")).json(&spend);
    let _ = till.send(spend).await.created();
}

async fn refers(operator: &Operator, till: &Till, (me, friend): (&SignedIn, &SignedIn)) {
    let words = json!({"fa": "{link}", "ar": "{link}", "en": "{link}"});
    let terms = json!({
        "minimum_amount": 5_000, "currency": "IRR", "days": 30, "join_days": 7, "per_month": 10,
        "link": "https://club.example/join?code={code}", "invitation": words,
    });
    let _ = operator.put("/v1/referral-terms", &terms).await.created();
    let made = me.send(Call::put(me.own("/referral-code"))).await.created();
    let code = json!({"code": made["code"]});
    let _ = till.send(Call::put(friend.own("/referral")).json(&code)).await.created();
}

async fn answers(operator: &Operator, me: &SignedIn, marks: &mut Marks) {
    let words = json!({"fa": "چه؟", "ar": "ما؟", "en": "What?"});
    let born = json!({"calendar": "jalali", "year": 1357, "month": 11, "day": 22});
    let given = [
        ("city", json!(marks.word("Kanarienburgh"))),
        ("email", json!(marks.word("canary.mark@zyx-example.ir"))),
        ("text", json!(marks.word("رازکاناریاژ"))),
        ("birth_date", born),
    ];
    marks.word("\"year\":1357");
    for (kind, answer) in given {
        let code = kind.replace('_', "-");
        let question = json!({"kind": kind, "text": words, "purpose": words, "position": 1});
        let _ = operator.put(format!("/v1/questions/{code}"), &question).await.created();
        let path = me.own(&format!("/answers/{code}"));
        let _ = me.send(Call::put(&path).json(&json!({"answer": answer}))).await.created();
        let wrong = format!("{}\u{202e}", answer.as_str().unwrap_or("Kanarienburgh"));
        let refused = me.send(Call::put(&path).json(&json!({"answer": wrong}))).await;
        refused.refused(422, "membership.answer_invalid");
    }
}

async fn agrees_and_pays(operator: &Operator, till: &Till, who: &Marked, me: &SignedIn) {
    let texts = json!({"fa": "بفرستید.", "ar": "أرسلوا.", "en": "Send."});
    let _ = operator.put("/v1/consent-purposes/offers", &json!({"texts": texts})).await.created();
    let agreed = json!({"text_version": 1, "language": "fa"});
    let _ = till.send(Call::put(who.path("/consents/offers")).json(&agreed)).await.created();
    assert_eq!(me.send(Call::delete(me.own("/consents/offers"))).await.status(), 204);
    let plan = json!({
        "name": texts, "benefits": texts, "period": "year", "price": 500_000, "currency": "IRR", "renew_days": 14, "grace_days": 3,
    });
    let _ = operator.put("/v1/plans/plus", &plan).await.created();
    let paid = json!({"plan": "plus", "receipt": fresh("R"), "amount": 500_000, "currency": "IRR"});
    let pay = Call::post(who.path("/plan-payments")).idempotency_key(&fresh("key")).json(&paid);
    let _ = till.send(pay).await.created();
}

async fn lives_together((me, guest): (&SignedIn, &SignedIn), friend: &Marked) {
    let invite = Call::post(me.own("/household/invitations")).json(&json!({"phone": friend.phone}));
    let made = me.send(invite).await.created();
    let id = made["invitation_id"].as_str().expect("an id");
    let accept = Call::post(guest.own(&format!("/household/invitations/{id}/acceptance")));
    let household = guest.send(accept).await.ok();
    assert_eq!(household["members"].as_array().map(Vec::len), Some(2));
    assert_eq!(guest.send(Call::delete(guest.own("/household"))).await.status(), 204);
}

async fn passes_points_on((me, theirs): (&SignedIn, &SignedIn), (zahra, friend): (&Marked, &Marked)) {
    let gift = json!({"from": zahra.id, "to": {"phone": friend.phone}, "points": 20});
    let _ = me.send(Call::post("/v1/transfers/quotes").json(&gift)).await.ok();
    let sent =
        me.send(Call::post("/v1/transfers").idempotency_key(&fresh("key")).json(&gift)).await.created();
    assert_eq!(sent["transfer"]["status"], "completed", "{sent}");
    let _ = theirs.get(theirs.own("/transfers")).await.ok();
    let _ = theirs.get(theirs.own("/history")).await.ok();
}

async fn uses_cards(till: &Till, (me, friend): (&SignedIn, &Marked), marks: &mut Marks) {
    let shown = me.send(Call::post(me.own("/virtual-card"))).await.created();
    let number = shown["number"].as_str().expect("a number");
    marks.secret(number);
    let _ = till.sell(&Goods::by(&json!({"card": number}), 7_000)).await.created();
    let cards = me.get(me.own("/cards")).await.ok();
    let card = cards["cards"][0]["card_id"].as_str().expect("an id").to_owned();
    let replace = me.own(&format!("/cards/{card}/replacement"));
    let replaced = till.post(&replace, &json!({"reason": "damaged"})).await.created();
    let next = replaced["card_id"].as_str().expect("an id");
    marks.secret(replaced["number"].as_str().expect("a number"));
    let hand_over = me.own(&format!("/cards/{next}/hand-over"));
    let _ = me.send(Call::post(hand_over).json(&json!({"member_id": friend.id}))).await.ok();
}

/// The archive, and the office that looks at the member.
async fn takes_everything_along(
    stage: &Stage,
    operator: &Operator,
    (me, who): (&SignedIn, &Marked),
    marks: &mut Marks,
) {
    let archive = me.send(Call::post(me.own("/archives"))).await;
    assert_eq!(archive.status(), 200, "{}", archive.text());
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let seen = agent.send(Call::get(who.path(""))).await.ok();
    assert_eq!(seen["first_name"], json!(who.name));
    let _ = agent.send(Call::post("/v1/members/lookup").json(&json!({"phone": who.phone}))).await.ok();
    marks.secret(agent.text("access_token"));
    let person = json!({"user_name": "zyxcashier", "name": marks.word("Wexnamecanary")});
    let staff = operator.send(Call::post("/v1/staff").json(&person)).await.created();
    let invited = format!("/v1/staff/{}/invitations", staff["staff_id"].as_str().expect("an id"));
    let invited = operator.send(Call::post(invited)).await.created();
    marks.secret(invited["invitation"].as_str().expect("a secret"));
    let wrong =
        json!({"user_name": "zyxcashier", "password": marks.word("Kanarienpasswort"), "code": "000000"});
    let refused = stage.call(Call::post("/v1/staff-sign-in/tokens").json(&wrong)).await;
    assert!((400..500).contains(&refused.status()), "{}", refused.text());
}

async fn changes_phone(stage: &Stage, (me, who): (&SignedIn, Marked), marks: &mut Marks) -> Marked {
    let phone = marks.phone();
    let changes = me.own("/phone-changes");
    let asked = me.send(Call::post(&changes).json(&json!({"phone": phone}))).await.with(202);
    let code = json!({"code": stage.code_for(&phone, 1).await});
    let path = format!("{changes}/{}/confirmation", asked["change_id"].as_str().expect("an id"));
    assert_eq!(me.send(Call::post(path).json(&code)).await.ok()["status"], "done");
    Marked { phone, ..who }
}

/// Waits until the last consumer has heard of the purchases.
async fn activity(operator: &Operator, who: &Marked) {
    let begun = Instant::now();
    loop {
        let profile = operator.get(who.path("")).await.ok();
        if profile["activity"]["purchases"] == 4 {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "membership has not heard: {profile}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn leaves(stage: &Stage, who: &Marked) {
    let me = stage.sign_in(&who.phone, 2).await;
    let me = raised(stage, &me, &who.phone, 3).await;
    let _ = me.send(Call::post(me.own("/leaving")).json(&json!({}))).await.ok();
}
