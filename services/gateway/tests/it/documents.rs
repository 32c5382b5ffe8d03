use http::StatusCode;

use crate::chain::{Call, Chain, Shape};

#[tokio::test]
async fn the_description_has_every_public_route_with_its_problems_and_no_other() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let answer = chain.send(Call::get("/openapi.json")).await;
    let document = &answer.body;
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let shown = [
        "/v1/.well-known/jwks.json",
        "/v1/baskets",
        "/v1/baskets/{basket_id}",
        "/v1/echo",
        "/v1/members/{member_id}/baskets",
        "/v1/old/{basket_id}",
        "/v1/origin",
        "/v1/reports",
        "/v1/slow",
    ];
    assert_eq!(paths, shown);
    let own = &document["paths"]["/v1/members/{member_id}/baskets"]["get"]["security"];
    let keys =
        ["member_token", "till_key", "operator_key", "staff_token"].map(|key| serde_json::json!({ key: [] }));
    assert_eq!(*own, serde_json::json!(keys));

    let record = &document["paths"]["/v1/baskets"]["post"];
    assert_eq!(record["security"], serde_json::json!([{ "till_key": [] }]));
    assert_eq!(record["x-vafa-limits"], serde_json::json!({ "body_bytes": 1_000, "lane": "till" }));
    let class = |path: &str, verb: &str| document["paths"][path][verb]["x-vafa-limits"]["rate_class"].clone();
    assert_eq!((class("/v1/origin", "post"), class("/v1/reports", "get")), ("door".into(), "heavy".into()));
    for (status, code) in [
        ("400", "web.field_missing"),
        ("401", "gateway.till_key_revoked"),
        ("403", "web.access_denied"),
        ("408", "web.body_too_slow"),
        ("413", "web.body_too_large"),
        ("429", "gateway.rate_limited"),
        ("503", "gateway.service_down"),
        ("504", "gateway.service_late"),
    ] {
        let content = &record["responses"][status]["content"]["application/problem+json"];
        assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{status}");
        let example = &content["examples"][code]["value"];
        assert_eq!(example["code"], code);
        assert!(example["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        assert!(record["responses"][status]["headers"]["RateLimit"].is_object());
    }
    assert!(record["responses"]["429"]["headers"]["Retry-After"].is_object());
    assert!(document["components"]["securitySchemes"]["operator_key"].is_object());
    let reading = &document["paths"]["/v1/echo"]["get"];
    assert_eq!(reading["security"], serde_json::json!([]));
    assert!(!reading["responses"]["400"].to_string().contains("web.field_missing"));
}

#[tokio::test]
async fn who_has_the_description_already_does_not_get_it_again() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let first = chain.send(Call::get("/openapi.json")).await;
    let tag = first.headers["etag"].to_str().unwrap();
    let second = chain.send(Call::get("/openapi.json").header("if-none-match", tag)).await;
    assert_eq!(second.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_docs_load_nothing_from_outside() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    for start in ["/", "/docs"] {
        assert_eq!(chain.send(Call::get(start)).await.headers["location"], "/docs/");
    }
    let index = chain.send(Call::get("/docs/")).await;
    assert_eq!(index.status, 200);
    assert!(index.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = index.body.as_str().unwrap();
    assert!(!page.contains("//"), "{page}");
    let named = ["src=\"", "href=\""].into_iter().flat_map(|start| page.split(start).skip(1));
    let names: Vec<&str> = named.filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let file = chain.send(Call::get(&format!("/docs/{}", name.trim_start_matches("./")))).await;
        assert_eq!(file.status, 200, "{name}");
    }
    let script = chain.send(Call::get("/docs/swagger-initializer.js")).await;
    let script = script.body.as_str().unwrap();
    assert!(script.contains("/openapi.json") && script.contains("\"validatorUrl\": \"none\""), "{script}");
    assert_eq!(chain.send(Call::get("/docs/nothing")).await.refusal(), (404, "web.route_unknown"));
}
