//! What is served beside the API: its description, health, metrics (G1, G5).

use std::sync::Arc;

use journeys::{Stage, in_both_shapes};
use vafa::client::Call;

in_both_shapes!(the_api_is_described_whole_and_readable_without_a_network, health_and_metrics_are_shown,);

async fn the_api_is_described_whole_and_readable_without_a_network(stage: Arc<Stage>) {
    let document = stage.call(Call::get("/openapi.json")).await.ok();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/v1/purchases",
        "/v1/members",
        "/v1/members/{member_id}/balance",
        "/v1/programme",
        "/v1/regions/{region}",
    ] {
        assert!(paths.contains_key(path), "{path} is not described");
    }
    assert!(paths.keys().all(|path| path.starts_with("/v1/")), "{:?}", paths.keys());
    let named = document.to_string();
    for reference in named.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name} is named and not described");
    }
    // As `vafa openapi` prints it.
    let printed = stage.vafa(&["openapi"]).await.ended_with(0);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&printed.out).unwrap()["paths"], document["paths"]);

    let mut page = stage.call(Call::get("/docs")).await;
    if page.status() / 100 == 3 {
        page = stage.call(Call::get(page.header("location").to_owned())).await;
    }
    assert_eq!(page.status(), 200);
    let html = page.text();
    assert!(html.contains("<html"), "{html}");
    assert!(!html.contains("http://") && !html.contains("https://"), "the page needs a network: {html}");
}

async fn health_and_metrics_are_shown(stage: Arc<Stage>) {
    for path in ["/healthz", "/readyz"] {
        let _ = stage.call(Call::get(path)).await.ok();
    }
    let till = stage.as_operator().open_shop().await;
    let (_, member) = till.welcome().await;
    let _ = till.balance_of(&member).await;
    let text = stage.call(Call::get("/metrics")).await.text();
    let route = "http_route=\"/v1/members/{member_id}/balance\"";
    let counted = text
        .lines()
        .any(|line| line.starts_with("http_server_request_duration_seconds_count") && line.contains(route));
    assert!(counted, "no duration of {route} in:\n{text}");
    assert!(!text.contains(&member), "a member's id in the metrics");
}
