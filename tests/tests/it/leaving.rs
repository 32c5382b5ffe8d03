//! Leaving, through the gateway: points lapse, nothing leads to the member any more, and a backup does not bring them back
//! (J4; promise 26 in a small size).

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, Shape, SignedIn, Stage, Till, fresh, in_both_shapes};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(a_member_sees_what_ends_leaves_and_is_not_known_any_more);

/// The same member, with a session that a fresh code has raised.
pub(crate) async fn raised(stage: &Stage, me: &SignedIn, phone: &str, messages: usize) -> SignedIn {
    let asked = stage.call(Call::post("/v1/sign-in/codes").json(&json!({"phone": phone}))).await;
    let id = asked.with(202)["sign_in_id"].clone();
    let code = stage.code_for(phone, messages).await;
    let body = json!({"sign_in_id": id, "code": code});
    let answer = me.send(Call::post(me.own("/step-up")).json(&body)).await.ok();
    let mut raised = me.clone();
    raised.tokens["access_token"] = answer["access_token"].clone();
    raised
}

/// Waits until `points` has said that it has done its part; answers the erasure.
async fn confirmed(stage: &Stage, member: &str) -> Value {
    let since = Instant::now();
    loop {
        let listed = stage.as_operator().get("/v1/erasures?limit=500").await.ok();
        let found = listed["erasures"].as_array().unwrap().iter().find(|one| one["member_id"] == member);
        let both = |one: &&Value| one.get("points_at").is_some() && one.get("rewards_at").is_some();
        if let Some(done) = found.filter(both) {
            return done.clone();
        }
        assert!(since.elapsed() < Duration::from_secs(15), "not confirmed: {listed}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_member_sees_what_ends_leaves_and_is_not_known_any_more(stage: Arc<Stage>) {
    let (operator, till) = (stage.as_operator(), stage.as_operator().open_shop().await);
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 12_000)).await.created();
    let me = stage.sign_in(&phone, 1).await;
    let seen = me.get(me.own("/leaving")).await.ok();
    assert_eq!((&seen["points"]["points"], &seen["phones"]), (&json!(12), &json!(1)));
    me.send(Call::post(me.own("/leaving")).json(&json!({}))).await.refused(403, "membership.step_up_needed");
    let (_, other) = till.welcome().await;
    let theirs = Call::post(format!("/v1/members/{other}/leaving")).json(&json!({}));
    let me = raised(&stage, &me, &phone, 2).await;
    me.send(theirs).await.refused(403, "web.access_denied");

    let left = me.send(Call::post(me.own("/leaving")).json(&json!({}))).await.ok();
    assert_eq!((&left["member_id"], &left["reason"]), (&json!(member), &json!("own")));
    let _ = confirmed(&stage, &member).await;
    till.post("/v1/members/lookup", &json!({"phone": phone}))
        .await
        .refused(404, "membership.identifier_unknown");
    operator.get(format!("/v1/members/{member}")).await.refused(404, "membership.member_unknown");
    let balance = operator.get(format!("/v1/members/{member}/balance")).await.ok();
    assert_eq!((&balance["points"], &balance["state"]), (&json!(0), &json!("closed")));
    till.sell(&Goods::by_phone(&phone, 1_000)).await.refused(404, "points.customer_unknown");
    // The session is over within seconds, and the phone is free for somebody new.
    let since = Instant::now();
    while me.get(me.own("/balance")).await.status() != 401 {
        assert!(since.elapsed() < Duration::from_secs(5), "still signed in");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let joined = till.join(&phone, "مریم").await.created();
    assert_ne!(joined["member_id"], json!(member));
    let _ = till.sell(&Goods::by_phone(&phone, 3_000)).await.created();
}

/// Copies the database of a service, with what is not in its main file yet, over another one.
fn copy_database(service: &str, from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for ending in ["", "-wal", "-shm"] {
        let part = format!("{service}.db{ending}");
        let _ = fs::remove_file(to.join(&part));
        if from.join(&part).exists() {
            fs::copy(from.join(&part), to.join(&part)).unwrap();
        }
    }
}

/// What there is after a restore of one service's database of yesterday.
struct Restored {
    stage: Stage,
    /// Who left since.
    phone: String,
    member: String,
    /// Who did not.
    stays: String,
}

/// A member buys and redeems, the database of `service` is copied, the member leaves, and the copy comes back.
async fn restored(service: &'static str) -> Restored {
    let stage = Stage::open(Shape::EmbeddedProcess, &[]).await;
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let (stays, _) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 12_000)).await.created();
    has_a_voucher(&stage, &till, &member).await;
    let (data, backup) = (stage.data_folder(), stage.folder().join("yesterday"));
    let (from, to) = (data.clone(), backup.clone());
    let stage = stage.restart_after(move || copy_database(service, &from, &to)).await;

    let leaving = Call::post(format!("/v1/members/{member}/leaving")).json(&json!({"reason": "asked"}));
    let _ = stage.as_operator().send(leaving).await.ok();
    let _ = confirmed(&stage, &member).await;
    let stage = stage.restart_after(move || copy_database(service, &backup, &data)).await;
    Restored { stage, phone, member, stays }
}

fn look_up(phone: &str) -> Call {
    Call::post("/v1/members/lookup").json(&json!({"phone": phone}))
}

/// Yesterday's database of membership comes back, with the member in it; the start erases them again.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_of_membership_brings_nobody_back() {
    let Restored { stage, phone, member, stays } = restored("membership").await;
    let since = Instant::now();
    let office = stage.as_operator();
    while office.get(format!("/v1/members/{member}")).await.status() != 404 {
        assert!(since.elapsed() < Duration::from_secs(30), "the member is back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let listed = office.get("/v1/erasures").await.ok();
    assert_eq!(
        (&listed["erasures"][0]["member_id"], &listed["erasures"][0]["reason"]),
        (&json!(member), &json!("restored"))
    );
    office.send(look_up(&phone)).await.refused(404, "membership.identifier_unknown");
    let _ = office.send(look_up(&stays)).await.ok();
    let balance = office.get(format!("/v1/members/{member}/balance")).await.ok();
    assert_eq!((&balance["points"], &balance["state"]), (&json!(0), &json!("closed")));
}

/// Yesterday's database of points comes back, with the member's account open; membership tells again that they left.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_of_points_brings_nobody_back() {
    let Restored { stage, phone, member, stays } = restored("points").await;
    let since = Instant::now();
    let office = stage.as_operator();
    loop {
        let balance = office.get(format!("/v1/members/{member}/balance")).await.ok();
        if balance["state"] == "closed" {
            assert_eq!(balance["points"], json!(0));
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "the account is open again: {balance}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let till = office.open_shop().await;
    till.sell(&Goods::by_phone(&phone, 1_000)).await.refused(404, "points.customer_unknown");
    let _ = till.sell(&Goods::by_phone(&stays, 1_000)).await.created();
}

/// Yesterday's database of rewards comes back, with the member's voucher; membership tells again that they left.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_of_rewards_brings_nobody_back() {
    let Restored { stage, member, .. } = restored("rewards").await;
    voucher_becomes(&stage, &member, "cancelled").await;
    let _ = confirmed(&stage, &member).await;
}

async fn voucher_becomes(stage: &Stage, member: &str, state: &str) {
    let since = Instant::now();
    loop {
        let listed = stage.as_operator().get(format!("/v1/members/{member}/vouchers")).await.ok();
        if listed["vouchers"][0]["state"] == state {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(30), "{listed}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A till redeems a coffee for the member, who has its voucher then.
async fn has_a_voucher(stage: &Stage, till: &Till, member: &str) {
    let office = stage.as_operator();
    let coffee = json!({
        "name": {"en": "A coffee"}, "kind": {"type": "free_item", "sku": "coffee"}, "points": 1, "voucher_days": 30,
    });
    let _ = office.put("/v1/rewards/coffee", &coffee).await.ok();
    let live = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = office.put("/v1/rewards/coffee/schedule", &live).await.ok();
    let body = json!({"reward": "coffee", "member": {"id": member}});
    let answer =
        till.send(Call::post("/v1/reward-redemptions").idempotency_key(&fresh("key")).json(&body)).await;
    assert!([201, 202].contains(&answer.status()), "{}", answer.text());
    voucher_becomes(stage, member, "issued").await;
}
