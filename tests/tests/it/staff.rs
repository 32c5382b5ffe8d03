//! Staff are taken in, sign in with a password and a second factor, and do what their roles allow where they hold (J8;
//! promise 19 in a small size).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use journeys::{Goods, Person, Stage, fresh, in_both_shapes};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(
    the_back_office_takes_people_in_and_gives_them_roles,
    a_person_signs_in_and_does_what_their_role_allows_where_it_holds,
    a_role_that_is_taken_away_and_a_person_who_is_shut_out_open_nothing,
    a_stolen_refresh_token_ends_its_session,
    an_agent_acts_under_their_own_id_and_another_role_looks_at_it,
    the_first_administrator_is_made_by_a_command,
);

/// Waits until calls of this person are refused, five seconds at most.
async fn is_refused(person: &Person, path: &str, status: u16, code: &str) {
    let since = Instant::now();
    loop {
        let reply = person.get(path).await;
        if reply.status() == status {
            reply.refused(status, code);
            return;
        }
        let _ = reply.ok();
        assert!(since.elapsed() < Duration::from_secs(5), "still let in after 5 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn the_back_office_takes_people_in_and_gives_them_roles(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let branch = operator.open_branch().await;
    let user_name = fresh("z.karimi");
    let body = json!({"user_name": user_name, "name": "زهرا کریمی"});
    let person = operator.send(Call::post("/v1/staff").json(&body)).await.created();
    let path = format!("/v1/staff/{}", person["staff_id"].as_str().unwrap());
    operator.send(Call::post("/v1/staff").json(&body)).await.refused(409, "membership.user_name_taken");
    let role = json!({"role": "cashier", "branch": branch.code});
    let given = operator.send(Call::post(format!("{path}/grants")).json(&role)).await.created();
    assert_eq!(operator.get(path.clone()).await.ok()["grants"][0]["branch"], branch.code.as_str());
    let grant = format!("{path}/grants/{}", given["grant_id"].as_str().unwrap());
    assert_eq!(operator.send(Call::delete(grant)).await.status(), 204);
    assert_eq!(operator.get(path).await.ok()["grants"], json!([]));
    stage.call(Call::get("/v1/staff")).await.refused(401, "web.caller_required");
    let till = operator.enrol_till(&branch).await;
    till.get("/v1/staff").await.refused(403, "web.access_denied");
}

async fn a_person_signs_in_and_does_what_their_role_allows_where_it_holds(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let elsewhere = operator.open_branch().await;
    let (phone, _) = till.welcome().await;
    let bought = till.sell(&Goods::by_phone(&phone, 12_000)).await.created();
    let purchase = format!("/v1/purchases/{}", bought["purchase_id"].as_str().unwrap());
    let here = operator.hire(&[json!({"role": "cashier", "branch": till.branch.code})]).await;
    let region = operator.hire(&[json!({"role": "branch_manager", "region": till.branch.region})]).await;
    let there = operator.hire(&[json!({"role": "branch_manager", "branch": elsewhere.code})]).await;
    let lookup = || Call::post("/v1/members/lookup").json(&json!({"phone": phone}));
    let _ = here.send(lookup()).await.ok();
    let _ = here.get(purchase.clone()).await.ok();
    let _ = region.get(purchase.clone()).await.ok();
    there.get(purchase).await.refused(403, "web.access_denied");
    let tills = format!("/v1/branches/{}/tills", till.branch.code);
    let _ = region.get(tills.clone()).await.ok();
    for person in [&here, &there] {
        person.get(tills.clone()).await.refused(403, "web.access_denied");
    }
    here.get("/v1/money/rates").await.refused(403, "web.access_denied");
    let _ = here.get(format!("/v1/staff/{}", here.id)).await.ok();
    here.get(format!("/v1/staff/{}", there.id)).await.refused(403, "web.access_denied");
}

async fn a_role_that_is_taken_away_and_a_person_who_is_shut_out_open_nothing(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let person = operator.hire(&[json!({"role": "auditor"})]).await;
    let rates = "/v1/money/rates";
    let _ = person.get(rates).await.ok();
    let staff = format!("/v1/staff/{}", person.id);
    let grants = operator.get(staff.clone()).await.ok()["grants"].clone();
    let grant = format!("{staff}/grants/{}", grants[0]["grant_id"].as_str().unwrap());
    assert_eq!(operator.send(Call::delete(grant)).await.status(), 204);
    is_refused(&person, rates, 403, "web.access_denied").await;
    assert_eq!(operator.send(Call::post(format!("{staff}/disable"))).await.status(), 204);
    is_refused(&person, &staff, 401, "gateway.session_ended").await;
    person.refresh().await.refused(401, "membership.refresh_refused");
    person.sign_in(1).await.refused(401, "membership.sign_in_refused");
}

async fn a_stolen_refresh_token_ends_its_session(stage: Arc<Stage>) {
    let stolen = stage.as_operator().hire(&[json!({"role": "auditor"})]).await;
    let mut person = stolen.clone();
    person.tokens = person.refresh().await.ok();
    let _ = person.get("/v1/staff").await.ok();
    stolen.refresh().await.refused(401, "membership.refresh_reused");
    is_refused(&person, "/v1/staff", 401, "gateway.session_ended").await;
}

async fn an_agent_acts_under_their_own_id_and_another_role_looks_at_it(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let (_, member) = till.welcome().await;
    let agent = operator.hire(&[json!({"role": "support_agent"})]).await;
    let finance = operator.hire(&[json!({"role": "finance"})]).await;
    let path = format!("/v1/members/{member}/adjustments");
    let adjust = |points: i64, actor: &str| {
        let body =
            json!({"points": points, "funder": till.branch.code, "actor": actor, "reason": "a lost receipt"});
        Call::post(path.clone()).idempotency_key(&fresh("key")).json(&body)
    };
    agent.send(adjust(10, &finance.id)).await.refused(422, "points.person_other");
    let _ = agent.send(adjust(10, &agent.id)).await.created();
    let proposed: Value = agent.send(adjust(1_000_000, &agent.id)).await.with(202);
    let approval = format!("/v1/adjustments/{}/approval", proposed["id"].as_str().unwrap());
    let by = |actor: &str| Call::post(approval.clone()).json(&json!({"actor": actor}));
    agent.send(by(&agent.id)).await.refused(403, "web.access_denied");
    finance.send(by(&agent.id)).await.refused(422, "points.person_other");
    let _ = finance.send(by(&finance.id)).await.created();
    finance.send(adjust(10, &finance.id)).await.refused(403, "web.access_denied");
}

async fn the_first_administrator_is_made_by_a_command(stage: Arc<Stage>) {
    let user_name = fresh("head");
    let done = stage.vafa(&["staff", "administrator", &user_name, "مدیر"]).await.ended_with(0);
    let invitation = done.out.split_whitespace().find(|word| word.starts_with("vi_")).unwrap();
    let head = stage.as_operator().follow(&user_name, &json!(invitation)).await;
    let _ = head.get("/v1/staff").await.ok();
    let own = Call::post(format!("/v1/staff/{}/grants", head.id)).json(&json!({"role": "finance"}));
    head.send(own).await.refused(422, "membership.staff_own_affair");
}
