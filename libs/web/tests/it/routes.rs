use http::Method;
use kernel::{Role, Scope};
use web::{Access, Bound, RouteSpec, RouteTable};

use crate::platform::{Call, DROP, SHOW, a_till};

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    for path in ["/", "/v1", "/v1/basket", "/v1/baskets/1/", "/v1/baskets/1/lines", "/v1//baskets"] {
        assert_eq!(
            Call::get(path).from(&a_till()).send().await.refusal(),
            (404, "web.route_unknown"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_wrong_method_names_the_right_ones() {
    let answer = Call::new(Method::PUT, "/v1/baskets/1").send().await;
    assert_eq!(answer.refusal(), (405, "web.method_not_allowed"));
    assert_eq!(answer.headers["allow"], "GET, HEAD, DELETE");
    let odd = Call::new(Method::from_bytes(b"BREW").unwrap(), "/v1/baskets/1").send().await;
    assert_eq!(odd.refusal(), (405, "web.method_not_allowed"));
}

#[tokio::test]
async fn head_is_answered_like_get() {
    let answer = Call::new(Method::HEAD, "/v1/baskets/1").from(&a_till()).send().await;
    assert_eq!(answer.status, 200);
}

#[test]
fn a_route_that_is_there_twice_or_clashes_is_refused() {
    const CLASH: RouteSpec = RouteSpec::get("/v1/baskets/{id}", "show_other", Access::Anyone);
    assert!(RouteTable::new([(&SHOW, ()), (&DROP, ())]).is_ok());
    assert!(RouteTable::new([(&SHOW, ()), (&SHOW, ())]).is_err());
    assert!(RouteTable::new([(&SHOW, ()), (&CLASH, ())]).is_err());
}

#[test]
fn routes_for_services_are_not_public() {
    const INTERNAL: RouteSpec = RouteSpec::post("/internal/v1/x", "x", Access::Operator);
    const DISGUISED: RouteSpec = RouteSpec::post("/v1/x", "x", Access::Services);
    assert!(SHOW.is_public() && !INTERNAL.is_public() && !DISGUISED.is_public());
}

#[test]
fn a_route_without_a_whole_policy_is_noticed() {
    const UNSAID: RouteSpec = RouteSpec::get("/v1/x", "x", Access::Operator);
    const NO_PLACE: RouteSpec = UNSAID.staff(Bound::Branch, &[Role::Cashier]);
    const NOT_THEIRS: RouteSpec =
        RouteSpec::get("/v1/x", "x", Access::Till).staff(Bound::Anywhere, &[Role::Cashier]);
    const NO_OWNER: RouteSpec = RouteSpec::get("/v1/x", "x", Access::Member);
    const NOBODY: RouteSpec = UNSAID.staff(Bound::Chain, &[]);
    const NOBODYS: RouteSpec = UNSAID.staff(Bound::Chain, &[]).or_themselves();
    const EVERYBODYS: RouteSpec = RouteSpec::get("/v1/x", "x", Access::Anyone).partners(Scope::PointsRead);
    const INTERNAL: RouteSpec =
        RouteSpec::get("/internal/v1/x", "x", Access::Services).partners(Scope::PointsRead);
    for flawed in [EVERYBODYS, INTERNAL, NOBODYS, UNSAID, NO_PLACE, NOT_THEIRS, NO_OWNER] {
        assert!(flawed.policy_flaw().is_some(), "{flawed:?}");
    }
    for whole in [SHOW, DROP, NOBODY] {
        assert_eq!(whole.policy_flaw(), None);
    }
}
