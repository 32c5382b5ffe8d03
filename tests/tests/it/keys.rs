//! Keys: who may do what, and that a revoked key is refused at once (J8, G1; promise 22 in a small size).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, Stage, fresh, in_both_shapes};
use vafa::client::Call;

in_both_shapes!(
    a_revoked_till_is_refused_within_five_seconds_and_its_neighbour_is_not,
    a_key_opens_what_it_is_for_and_nothing_else,
    a_busy_caller_is_told_its_limit,
);

/// Revocable within 5 s.
async fn a_revoked_till_is_refused_within_five_seconds_and_its_neighbour_is_not(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let neighbour = operator.enrol_till(&till.branch).await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let revoked = operator.send(Call::delete(format!("/v1/till-keys/{}", till.key_id))).await;
    assert_eq!(revoked.status(), 204);
    let since = Instant::now();
    let mut sold = 1;
    loop {
        let reply = till.sell(&Goods::by_phone(&phone, 1_000)).await;
        if reply.status() == 401 {
            reply.refused(401, "gateway.till_key_revoked");
            break;
        }
        let _ = reply.created();
        sold += 1;
        assert!(since.elapsed() < Duration::from_secs(5), "still open after 5 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // It stays refused, and nothing of what was refused was written.
    till.sell(&Goods::by_phone(&phone, 1_000)).await.refused(401, "gateway.till_key_revoked");
    assert_eq!(neighbour.balance_of(&member).await["points"], sold);
    let _ = neighbour.sell(&Goods::by_phone(&phone, 1_000)).await.created();
}

/// Promise 19 in a small size.
async fn a_key_opens_what_it_is_for_and_nothing_else(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let purchase =
        || Call::post("/v1/purchases").idempotency_key(&fresh("key")).json(&Goods::by_phone(&phone, 1).0);
    let balance = || Call::get(format!("/v1/members/{member}/balance"));
    for call in [balance(), purchase(), Call::get("/v1/branches")] {
        stage.call(call.clone()).await.refused(401, "web.caller_required");
        stage
            .call(call.clone().bearer(&format!("vt_{}", "0".repeat(64))))
            .await
            .refused(401, "gateway.key_unknown");
        stage.call(call.clone().bearer("guess")).await.refused(401, "gateway.key_unknown");
        stage
            .call(call.header("authorization", "Basic dm8="))
            .await
            .refused(401, "gateway.authorization_malformed");
    }
    for call in [Call::put("/v1/programme"), Call::put("/v1/regions/x"), Call::put("/v1/branches/x")] {
        till.send(call).await.refused(403, "web.access_denied");
    }
    operator.send(purchase()).await.refused(403, "web.access_denied");
    // What services ask each other is no route from outside, whoever asks, and nobody can claim to be a service.
    for path in ["/internal/v1/till-keys/resolve", "/internal/v1/identifiers/resolve"] {
        operator.send(Call::post(path)).await.refused(404, "web.route_unknown");
    }
    let forged = balance().header("vafa-caller", "operator");
    stage.call(forged).await.refused(401, "web.caller_required");
}

/// G1.
async fn a_busy_caller_is_told_its_limit(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let reply = till.get("/v1/regions?limit=1").await;
    assert!(reply.header("ratelimit-policy").starts_with("\"till\";q="), "{:?}", reply.0.headers);
    assert!(reply.header("ratelimit").starts_with("\"till\";r="), "{:?}", reply.0.headers);
    assert_eq!(reply.header("x-request-id").len(), 32);
    let echoed = till.send(Call::get("/v1/regions?limit=1").header("x-request-id", "till-7.42")).await;
    assert_eq!(echoed.header("x-request-id"), "till-7.42");
}
