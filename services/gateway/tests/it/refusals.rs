use std::sync::Arc;

use http::Method;
use tokio::net::TcpListener;
use web::{Access, RouteSpec, Upstream};

use crate::chain::{Call, Chain, Membership, OPERATOR_KEY, Shape, backend, plan, settings};

const LOST: RouteSpec = RouteSpec::get("/v1/lost", "show_lost", Access::Anyone);

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_told_apart() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    let lost = chain.send(Call::get("/v1/nothing").header("accept-language", "fa")).await;
    assert_eq!(lost.refusal(), (404, "web.route_unknown"));
    assert_eq!(lost.headers["content-language"], "fa");
    let wrong = chain.send(Call::new(Method::DELETE, "/v1/baskets/1")).await;
    assert_eq!(wrong.refusal(), (405, "web.method_not_allowed"));
    assert_eq!(wrong.headers["allow"], "GET, HEAD");
}

#[tokio::test]
async fn routes_for_services_are_unreachable_whatever_the_spelling() {
    for shape in [Shape::OneProcess, Shape::OverHttp] {
        let chain = Chain::start(shape, &[]).await;
        for path in [
            "/internal/v1/secrets",
            "/internal/v1/till-keys/resolve",
            "/v1/../internal/v1/secrets",
            "/v1/%2e%2e/internal/v1/secrets",
            "/v1//internal/v1/secrets",
            "//internal/v1/secrets",
            "/%69nternal/v1/secrets",
            "/v1/baskets/..%2f..%2f..%2finternal%2fv1%2fsecrets",
            "/INTERNAL/v1/secrets",
        ] {
            for method in [Method::GET, Method::POST] {
                let status = chain.send(Call::new(method, path).bearer(OPERATOR_KEY)).await.status;
                assert!(matches!(status.as_u16(), 400 | 404 | 405), "{path}: {status}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_is_late() {
    let chain = Chain::start(Shape::OneProcess, &[]).await;
    assert_eq!(chain.send(Call::get("/v1/slow")).await.refusal(), (504, "gateway.service_late"));
}

#[tokio::test]
async fn a_service_over_http_that_does_not_answer_is_late() {
    let chain = Chain::start(Shape::OverHttp, &[("gateway.till_deadline_ms", "200")]).await;
    assert_eq!(chain.send(Call::get("/v1/slow")).await.refusal(), (504, "gateway.service_late"));
}

fn before(membership: Upstream, lost: Upstream) -> Chain {
    let backends = vec![backend("membership", &[], membership), backend("shop", &[&LOST], lost)];
    let router = gateway::router(plan(backends, settings(&[]))).unwrap();
    Chain { router, membership: Arc::new(Membership::default()) }
}

async fn closed_port() -> Upstream {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    Upstream::http(&format!("http://{address}")).unwrap()
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable_for_a_while() {
    for lost in [Upstream::in_process(Arc::default()), closed_port().await] {
        let chain = before(closed_port().await, lost);
        let answer = chain.send(Call::get("/v1/lost")).await;
        assert_eq!(answer.refusal(), (503, "gateway.service_down"));
        assert_eq!(answer.headers["retry-after"], "1");
    }
}

#[tokio::test]
async fn without_membership_keys_cannot_be_checked() {
    let chain = before(closed_port().await, closed_port().await);
    let answer = chain.send(Call::get("/v1/lost").bearer("vt_any")).await;
    assert_eq!(answer.refusal(), (503, "gateway.keys_unavailable"));
}

#[tokio::test]
async fn a_service_that_hangs_up_has_broken_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Upstream::http(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut buffer).await;
        }
    });
    let chain = before(closed_port().await, upstream);
    assert_eq!(chain.send(Call::get("/v1/lost")).await.refusal(), (502, "gateway.service_broke_off"));
}

#[test]
fn a_gateway_without_membership_or_with_two_owners_of_a_route_does_not_start() {
    let nowhere = || Upstream::in_process(Arc::default());
    assert!(gateway::router(plan(vec![backend("shop", &[&LOST], nowhere())], settings(&[]))).is_err());
    let twice = vec![backend("membership", &[&LOST], nowhere()), backend("shop", &[&LOST], nowhere())];
    assert!(gateway::router(plan(twice, settings(&[]))).is_err());
}
