//! Two memberships of one person become one, through the gateway: the agent asks, both phones answer, points follow (J1, J8, P3).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, Person, Stage, fresh, in_both_shapes, now};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(two_memberships_become_one_and_old_names_lead_there, a_lost_phone_needs_a_second_person);

async fn confirm(stage: &Stage, agent: &Person, merge: &str, (side, phone): (&str, &str)) -> Value {
    let code = stage.code_for(phone, 1).await;
    let body = json!({"side": side, "code": code});
    agent.send(Call::post(format!("{merge}/confirmation")).json(&body)).await.ok()
}

async fn two_memberships_become_one_and_old_names_lead_there(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (stays_phone, stays) = till.welcome().await;
    let (goes_phone, goes) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&stays_phone, 70_000)).await.created();
    let goods = Goods::by_phone(&goes_phone, 30_000);
    let _ = till.sell(&goods).await.created();
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let preview = agent.get(format!("/v1/members/{stays}/merge-previews/{goes}")).await.ok();
    assert_eq!((&preview["absorbed"]["member_id"], preview.get("stands_against")), (&json!(goes), None));
    let merges = format!("/v1/members/{stays}/merges");
    let body = json!({"absorbed": goes, "reason": "joined_twice"});
    let asked = agent.send(Call::post(&merges).json(&body)).await.with(202);
    let merge = format!("{merges}/{}", asked["merge_id"].as_str().expect("an id"));
    let first = confirm(&stage, &agent, &merge, ("absorbed", &goes_phone)).await;
    assert_eq!(first["status"], "awaits_codes");
    let done = confirm(&stage, &agent, &merge, ("survivor", &stays_phone)).await;
    assert_eq!(done["status"], "done");
    let gone = agent.get(format!("/v1/members/{goes}")).await.refused(410, "membership.member_merged");
    assert_eq!(gone["merged_into"], json!(stays));

    // The balances add up, as soon as points has heard.
    let since = Instant::now();
    while till.balance_of(&stays).await["points"] != 100 {
        assert!(since.elapsed() < Duration::from_secs(15), "{}", till.balance_of(&stays).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(till.balance_of(&goes).await["merged_into"], json!(stays));
    // The old phone earns for the one who stays, and so does a till that was offline and names the old id.
    let sold = till.sell(&Goods::by_phone(&goes_phone, 5_000)).await.created();
    assert_eq!((&sold["member_id"], &sold["balance"]["points"]), (&json!(stays), &json!(105)));
    let sold = till.sell(&Goods::by(&json!({"id": goes}), 5_000)).await.created();
    assert_eq!(sold["balance"]["points"], 110);
    // What was bought before comes back, and takes back what it earned.
    let back = json!({
        "purchase": { "branch": till.branch.code, "till": till.code, "receipt": goods.0["receipt"] },
        "receipt": fresh("B"), "occurred_at": now(), "currency": "IRR",
    });
    let answer = till.give_back(&fresh("key"), &back).await.created();
    assert_eq!((&answer["points_taken"], &answer["balance"]), (&json!(30), &json!(80)));
    // They sign in with either phone, and are one.
    let me = stage.sign_in(&goes_phone, 2).await;
    assert_eq!(me.get(me.own("/balance")).await.ok()["member_id"], json!(stays));
}

async fn a_lost_phone_needs_a_second_person(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (stays_phone, stays) = till.welcome().await;
    let (lost_phone, goes) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&lost_phone, 30_000)).await.created();
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let second = operator.hire(&[json!({"role": "branch_manager"})]).await;
    let merges = format!("/v1/members/{stays}/merges");
    let body = json!({"absorbed": goes, "reason": "phone_of_other", "lost_phone": "absorbed"});
    let asked = agent.send(Call::post(&merges).json(&body)).await.with(202);
    let merge = format!("{merges}/{}", asked["merge_id"].as_str().expect("an id"));
    let waits = confirm(&stage, &agent, &merge, ("survivor", &stays_phone)).await;
    assert_eq!((&waits["status"], &waits["lost_phone"]), (&json!("awaits_approval"), &json!("absorbed")));
    agent.send(Call::post(format!("{merge}/approval"))).await.refused(403, "web.access_denied");
    let done = second.send(Call::post(format!("{merge}/approval"))).await.ok();
    assert_eq!((&done["status"], &done["approved_by"]), (&json!("done"), &json!(second.id)));
    let since = Instant::now();
    while till.balance_of(&stays).await["points"] != 30 {
        assert!(since.elapsed() < Duration::from_secs(15), "{}", till.balance_of(&stays).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The lost number leads to nobody.
    let since = Instant::now();
    while till.sell(&Goods::by_phone(&lost_phone, 1_000)).await.status() != 404 {
        assert!(since.elapsed() < Duration::from_secs(15), "it still earns");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
