//! Staff are taken in and given roles, and what they may do stands in one table (J8).

use std::sync::Arc;

use journeys::{Stage, fresh, in_both_shapes};
use serde_json::json;
use vafa::client::Call;

in_both_shapes!(the_back_office_takes_people_in_and_gives_them_roles);

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
