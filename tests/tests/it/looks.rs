//! Who of the staff looks at members says why; an auditor reads who looked, and `vafa verify` that nothing is missing of it.

use std::sync::Arc;

use journeys::{Goods, Stage, in_both_shapes};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(staff_say_why_they_look_and_an_auditor_reads_who_looked);

async fn staff_say_why_they_look_and_an_auditor_reads_who_looked(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 12_000)).await.created();
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let auditor = operator.hire(&[json!({"role": "auditor"})]).await;
    let (profile, balance) = (format!("/v1/members/{member}"), format!("/v1/members/{member}/balance"));
    for path in [&profile, &balance] {
        let look = || Call::get(path.clone());
        agent.send_plain(look()).await.refused(400, "web.look_reason_missing");
        agent.looking("curious", look()).await.refused(400, "web.look_reason_invalid");
        let named = look().header("look-reference", "Zahra");
        agent.looking("complaint", named).await.refused(400, "web.look_reason_invalid");
        let _ = agent.looking("complaint", look().header("look-reference", "T-4711")).await.ok();
        let _ = till.get(path).await.ok();
    }
    for (service, operation) in [("membership", "read_member"), ("points", "read_balance")] {
        let path = format!("/v1/looks/{service}?member_id={member}&staff_id={}", agent.id);
        let looks: Value = auditor.get(path.clone()).await.ok();
        let look = &looks["looks"][0];
        assert_eq!(looks["looks"].as_array().unwrap().len(), 1, "{looks}");
        assert_eq!((&look["operation"], &look["reason"]), (&json!(operation), &json!("complaint")));
        assert_eq!(look["reference"], "T-4711");
        agent.get(path).await.refused(403, "web.access_denied");
    }
    let audit = stage.vafa(&["verify"]).await;
    for service in ["membership", "points"] {
        let sealed = format!("every look in {service} is sealed with the one before");
        assert!(audit.out.contains(&sealed), "{}", audit.out);
    }
}
