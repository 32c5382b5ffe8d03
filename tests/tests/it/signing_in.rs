//! Members sign in with a one-time code, see what is their own, and sign out (J8; promises 19 and 21 in a small size).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, SignedIn, Stage, in_both_shapes};
use serde_json::json;
use vafa::client::Call;

in_both_shapes!(
    a_member_joins_signs_in_and_sees_their_balance_until_the_session_ends,
    a_stolen_refresh_token_ends_its_session_and_no_other,
    a_member_reads_what_is_their_own_and_nothing_else,
    a_fresh_code_raises_a_session,
);

/// Waits until calls of this session are refused, five seconds at most.
async fn is_over(stage: &Stage, member: &SignedIn) {
    let since = Instant::now();
    loop {
        let reply = member.get(member.own("/balance")).await;
        if reply.status() == 401 {
            reply.refused(401, "gateway.session_ended");
            return;
        }
        let _ = reply.ok();
        assert!(since.elapsed() < Duration::from_secs(5), "still open after 5 s: {:?}", stage.shape());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_member_joins_signs_in_and_sees_their_balance_until_the_session_ends(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 12_000)).await.created();
    let mut me = stage.sign_in(&phone, 1).await;
    assert_eq!(me.text("member_id"), member);
    assert_eq!(me.get(me.own("/balance")).await.ok()["points"], 12);
    let profile = me.get(me.own("")).await.ok();
    assert_eq!((&profile["first_name"], &profile["phone_confirmed"]), (&json!("زهرا"), &json!(true)));
    me.tokens = me.refresh().await.ok();
    assert_eq!(me.get(me.own("/balance")).await.ok()["points"], 12);
    let listed = me.get(me.own("/sessions")).await.ok();
    assert_eq!(listed["sessions"][0]["current"], true);
    let ended = me.send(Call::delete(me.own(&format!("/sessions/{}", me.text("session_id"))))).await;
    assert_eq!(ended.status(), 204);
    me.refresh().await.refused(401, "membership.refresh_refused");
    is_over(&stage, &me).await;
}

async fn a_stolen_refresh_token_ends_its_session_and_no_other(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, _) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let stolen = stage.sign_in(&phone, 1).await;
    let elsewhere = stage.sign_in(&phone, 2).await;
    let mut me = stolen.clone();
    me.tokens = me.refresh().await.ok();
    stolen.refresh().await.refused(401, "membership.refresh_reused");
    me.refresh().await.refused(401, "membership.refresh_refused");
    is_over(&stage, &me).await;
    let _ = elsewhere.get(elsewhere.own("/balance")).await.ok();
    let _ = elsewhere.refresh().await.ok();
}

async fn a_member_reads_what_is_their_own_and_nothing_else(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, _) = till.welcome().await;
    let (_, other) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 1_000)).await.created();
    let me = stage.sign_in(&phone, 1).await;
    let nobody = "0192f3a1-7c00-7000-8000-00000000dead";
    for own in ["", "/balance", "/history", "/tier", "/transfers", "/sessions"] {
        let status = me.get(me.own(own)).await.status();
        assert!(matches!(status, 200 | 404), "{own}: {status}");
        for stranger in [other.as_str(), nobody] {
            me.get(format!("/v1/members/{stranger}{own}")).await.refused(403, "web.access_denied");
        }
    }
    let lookup = Call::post("/v1/members/lookup").json(&json!({"phone": phone}));
    me.send(lookup).await.refused(403, "web.access_denied");
    me.get("/v1/branches").await.refused(403, "web.access_denied");
    stage.call(Call::get(me.own("/balance"))).await.refused(401, "web.caller_required");
    let spoilt = format!("{}x", me.text("access_token"));
    stage.call(Call::get(me.own("/balance")).bearer(&spoilt)).await.refused(401, "gateway.token_invalid");
}

async fn a_fresh_code_raises_a_session(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, _) = till.welcome().await;
    let mut me = stage.sign_in(&phone, 1).await;
    stage.raise(&mut me, &phone, 2).await;
    let _ = me.get(me.own("")).await.ok();
}
