//! Another phone for a member, through the gateway: by themselves, by two people of the back office, and called back (J8, P8).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, Person, Reply, Stage, Till, fresh, in_both_shapes, phone};
use serde_json::{Value, json};
use vafa::client::Call;

use crate::leaving::raised;

in_both_shapes!(
    a_member_changes_the_phone_and_goes_on_with_the_new_one,
    the_office_changes_a_lost_phone_and_the_former_one_calls_it_back,
);

async fn redeem(till: &Till, member: &str, points: i64) -> Reply {
    let body = json!({"member": {"id": member}, "points": points});
    till.send(Call::post("/v1/redemptions").idempotency_key(&fresh("key")).json(&body)).await
}

/// Until the former number earns nothing: as long as facts take.
async fn earns_no_more(till: &Till, phone: &str) {
    let since = Instant::now();
    loop {
        let sold = till.sell(&Goods::by_phone(phone, 1_000)).await;
        if sold.status() == 404 {
            let _ = sold.refused(404, "points.customer_unknown");
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(15), "it still earns: {}", sold.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Until the account is guarded: as long as facts take.
async fn guarded(till: &Till, member: &str) -> Value {
    let since = Instant::now();
    loop {
        let refused = redeem(till, member, 600).await;
        if refused.status() == 422 && refused.value()["code"] == "points.account_guarded" {
            return refused.value();
        }
        assert!(since.elapsed() < Duration::from_secs(15), "not guarded: {}", refused.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn a_member_changes_the_phone_and_goes_on_with_the_new_one(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (old, member) = till.welcome().await;
    let (new, (taken, _)) = (phone(), till.welcome().await);
    let _ = till.sell(&Goods::by_phone(&old, 12_000)).await.created();
    let me = stage.sign_in(&old, 1).await;
    let body = json!({"phone": new});
    let changes = me.own("/phone-changes");
    me.send(Call::post(&changes).json(&body)).await.refused(403, "membership.step_up_needed");
    let elsewhere = stage.sign_in(&old, 2).await;
    let me = raised(&stage, &me, &old, 3).await;

    // A number of somebody else is answered alike, until its code came back.
    let other = me.send(Call::post(&changes).json(&json!({"phone": taken}))).await.with(202);
    let code = json!({"code": stage.code_for(&taken, 1).await});
    let confirmation =
        |change: &Value| format!("{changes}/{}/confirmation", change["change_id"].as_str().unwrap());
    me.send(Call::post(confirmation(&other)).json(&code)).await.refused(409, "membership.phone_of_other");

    let asked = me.send(Call::post(&changes).json(&body)).await.with(202);
    let code = json!({"code": stage.code_for(&new, 1).await});
    let done = me.send(Call::post(confirmation(&asked)).json(&code)).await.ok();
    assert_eq!((&done["status"], done.get("guarded_until")), (&json!("done"), None));
    // At once, whatever points has heard.
    let sold = till.sell(&Goods::by_phone(&new, 3_000)).await.created();
    assert_eq!(sold["balance"]["points"], 15);
    earns_no_more(&till, &old).await;
    assert_eq!(me.get(me.own("/balance")).await.ok()["member_id"], json!(member));
    let since = Instant::now();
    while elsewhere.get(elsewhere.own("/balance")).await.status() != 401 {
        assert!(since.elapsed() < Duration::from_secs(5), "other sessions go on");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    till.join(&old, "مریم").await.refused(409, "membership.phone_resting");
}

/// A support agent asks, the customer reads out the code, and another person approves.
async fn changed_by_two(stage: &Stage, (agent, second): (&Person, &Person), member: &str, new: &str) {
    let changes = format!("/v1/members/{member}/phone-changes");
    agent
        .send(Call::post(&changes).json(&json!({"phone": new})))
        .await
        .refused(422, "membership.phone_change_reason");
    let body = json!({"phone": new, "reason": "lost"});
    let asked = agent.send(Call::post(&changes).json(&body)).await.with(202);
    let change = format!("{changes}/{}", asked["change_id"].as_str().unwrap());
    let code = json!({"code": stage.code_for(new, 1).await});
    let waits = agent.send(Call::post(format!("{change}/confirmation")).json(&code)).await.ok();
    assert_eq!(waits["status"], "awaits_approval");
    agent.send(Call::post(format!("{change}/approval"))).await.refused(403, "web.access_denied");
    let done = second.send(Call::post(format!("{change}/approval"))).await.ok();
    assert_eq!((&done["status"], &done["approved_by"]), (&json!("done"), &json!(second.id)));
}

async fn the_office_changes_a_lost_phone_and_the_former_one_calls_it_back(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (old, member) = till.welcome().await;
    let new = phone();
    let _ = till.sell(&Goods::by_phone(&old, 50_000_000)).await.created();
    let me = stage.sign_in(&old, 1).await;
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let second = operator.hire(&[json!({"role": "branch_manager"})]).await;
    changed_by_two(&stage, (&agent, &second), &member, &new).await;

    let _ = till.sell(&Goods::by_phone(&new, 1_000)).await.created();
    assert_eq!(guarded(&till, &member).await["left"], 500);
    let _ = redeem(&till, &member, 100).await.created();
    let (_, friend) = till.welcome().await;
    let gift = json!({"from": member, "to": {"id": friend}, "points": 10, "on_behalf": {"agent": agent.id, "reason": "asked"}});
    let sent = agent.send(Call::post("/v1/transfers").idempotency_key(&fresh("key")).json(&gift)).await;
    assert!(
        ["points.account_guarded", "points.transfers_off"]
            .contains(&sent.value()["code"].as_str().unwrap_or_default()),
        "{}",
        sent.text()
    );
    let since = Instant::now();
    while me.get(me.own("/balance")).await.status() != 401 {
        assert!(since.elapsed() < Duration::from_secs(5), "still signed in");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    // Whoever has the former phone is told, and calls it back without signing in.
    let text = stage.text_for(&old, 2).await;
    let code = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').find(|word| word.len() == 14);
    let recall = json!({"code": code.unwrap_or_else(|| panic!("no code in {text}"))});
    let back = stage.call(Call::post("/v1/phone-recalls").json(&recall)).await.ok();
    assert!(back["guarded_until"].is_string(), "{back}");
    stage
        .call(Call::post("/v1/phone-recalls").json(&recall))
        .await
        .refused(410, "membership.phone_recall_refused");
    earns_no_more(&till, &new).await;
    let since = Instant::now();
    while till.sell(&Goods::by_phone(&old, 1_000)).await.status() != 201 {
        assert!(since.elapsed() < Duration::from_secs(15), "the former number does not earn");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let again = stage.sign_in(&old, 3).await;
    let listed = again.get(again.own("/phone-changes")).await.ok();
    assert_eq!(listed["changes"][0]["status"], "recalled");
    redeem(&till, &member, 401).await.refused(422, "points.account_guarded");
}
