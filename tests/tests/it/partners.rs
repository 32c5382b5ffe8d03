//! Partners' programs call with keys of their own: what their scopes open, from where, and until when.
//!
//! The platform's own callers are signed by the newer one of two keys here, as in the middle of a change of keys.

use std::time::{Duration, Instant};

use journeys::{Partner, Stage, alone_in_both_shapes, fresh, programme};
use serde_json::json;
use vafa::client::Call;

alone_in_both_shapes!(
    &[(
        "secrets.service_key",
        concat!(
            "2:5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e,",
            "1:2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b",
        ),
    )];
    a_bank_reports_payments_by_a_key_that_opens_nothing_else,
);

const MEMBERS: &str = "/v1/members/lookup";

async fn a_bank_reports_payments_by_a_key_that_opens_nothing_else(stage: Stage) {
    let operator = stage.as_operator();
    let name = json!({"fa": "هدیه", "ar": "هدية", "en": "Gift"});
    let till = operator.open_shop().await;
    let mut document = programme(&[]);
    document["actions"] = json!([{
        "code": "survey", "name": name, "on": {"action": "survey"}, "give": {"fixed": {"points": 50}},
        "funder": till.branch.code,
    }]);
    operator.make_live(&document).await;
    let (phone, member) = till.welcome().await;
    let at = journeys::now();
    let survey = |reference: &str| json!({"member": {"phone": phone}, "action": "survey", "reference": reference, "occurred_at": at});
    let act =
        |key: &str, reference: &str| Call::post("/v1/actions").idempotency_key(key).json(&survey(reference));

    let bank = operator.befriend(&["actions:record"], &[]).await;
    let key = fresh("key");
    let recorded = bank.send(act(&key, "autumn")).await.created();
    assert_eq!((&recorded["member_id"], &recorded["points"]), (&json!(member), &json!(50)));
    assert_eq!(bank.send(act(&key, "autumn")).await.ok(), recorded, "the same again changes nothing");
    let other = operator.befriend(&["actions:record", "points:read"], &["127.0.0.0/8", "::1"]).await;
    let _ = other.send(act(&key, "winter")).await.created();
    assert_eq!(other.get(format!("/v1/members/{member}/balance")).await.ok()["points"], 100);
    let lookup = || Call::post(MEMBERS).json(&json!({"phone": phone}));
    let lacking = bank.send(lookup()).await.refused(403, "web.scope_missing");
    assert_eq!(lacking["scope"], "members:read");
    bank.get(format!("/v1/members/{member}/balance")).await.refused(403, "web.scope_missing");
    bank.get("/v1/partners").await.refused(403, "web.access_denied");

    let afar = operator.befriend(&["members:read"], &["192.0.2.0/24"]).await;
    afar.send(lookup()).await.refused(403, "gateway.address_not_listed");

    let rotate = Call::post(format!("/v1/partner-keys/{}/rotation", bank.key_id));
    let issued = operator.send(rotate.json(&json!({"overlap_s": 2}))).await.created();
    let renewed = bank.with(&issued);
    let _ = renewed.send(act(&key, "autumn")).await.ok();
    is_over(&bank).await;
    let everything = Call::delete(format!("/v1/partners/{}/keys", bank.code));
    assert_eq!(operator.send(everything).await.status(), 204);
    is_over(&renewed).await;
}

/// Waits until the partner's key opens nothing: within seven seconds, five and the overlap.
async fn is_over(partner: &Partner) {
    let since = Instant::now();
    loop {
        let reply = partner.send(Call::post(MEMBERS).json(&json!({}))).await;
        if reply.status() == 401 {
            reply.refused(401, "gateway.partner_key_revoked");
            return;
        }
        reply.refused(403, "web.scope_missing");
        assert!(since.elapsed() < Duration::from_secs(7), "the key still opens");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
