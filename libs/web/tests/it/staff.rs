//! Staff pass by their roles, and only where their grants reach.

use kernel::{BranchCode, Reach, RegionCode, Role};

use crate::platform::{Call, a_person};

const HERE: &str = "isfahan-1";
const THERE: &str = "shiraz-1";

fn branch(code: &str) -> Reach {
    Reach::Branch(BranchCode::parse(code).unwrap())
}

fn region(code: &str) -> Reach {
    Reach::Region(RegionCode::parse(code).unwrap())
}

async fn status(method: &str, path: &str, grants: &[(Role, Reach)]) -> u16 {
    Call::new(method.parse().unwrap(), path).from(&a_person(grants)).send().await.status.as_u16()
}

#[tokio::test]
async fn a_role_opens_its_routes_and_no_others() {
    for role in Role::ALL {
        let read = status("GET", "/v1/baskets/1", &[(role, branch(HERE))]).await;
        assert_eq!(read, if role == Role::Auditor { 200 } else { 403 }, "{role:?}");
        let dropped = status("DELETE", "/v1/baskets/1", &[(role, Reach::Chain)]).await;
        assert_eq!(dropped, if role == Role::Finance { 200 } else { 403 }, "{role:?}");
        assert_eq!(status("POST", "/v1/baskets", &[(role, Reach::Chain)]).await, 403, "a till's route");
        assert_eq!(status("POST", "/internal/v1/resolve", &[(role, Reach::Chain)]).await, 403, "a service's");
        assert_eq!(status("GET", "/v1/baskets?branch=b", &[(role, Reach::Chain)]).await, 200, "everybody's");
    }
    assert_eq!(status("GET", "/v1/baskets/1", &[]).await, 403, "no role at all");
}

#[tokio::test]
async fn what_concerns_the_whole_chain_takes_a_grant_for_all_of_it() {
    for reach in [region("centre"), branch(HERE)] {
        assert_eq!(status("DELETE", "/v1/baskets/1", &[(Role::Finance, reach)]).await, 403);
    }
}

#[tokio::test]
async fn a_grant_reaches_the_branches_of_its_place_alone() {
    let reaches = [
        (Reach::Chain, [200, 200]),
        (region("centre"), [200, 403]),
        (region("south"), [403, 403]),
        (branch(HERE), [200, 403]),
        (branch(THERE), [403, 200]),
    ];
    for (reach, expected) in reaches {
        for (place, expected) in [HERE, THERE].into_iter().zip(expected) {
            let managed = [(Role::BranchManager, reach.clone())];
            let path = format!("/v1/branches/{place}/staff");
            assert_eq!(status("GET", &path, &managed).await, expected, "{reach:?} {place}");
            let sold = [(Role::Cashier, reach.clone())];
            let path = format!("/v1/receipts/{place}");
            assert_eq!(status("GET", &path, &sold).await, expected, "{reach:?} {place}");
        }
    }
}

#[tokio::test]
async fn grants_of_different_roles_do_not_add_up() {
    let grants =
        [(Role::BranchManager, branch(THERE)), (Role::Cashier, branch(HERE)), (Role::Auditor, Reach::Chain)];
    assert_eq!(status("GET", "/v1/branches/isfahan-1/staff", &grants).await, 403);
    assert_eq!(status("GET", "/v1/branches/shiraz-1/staff", &grants).await, 200);
}

#[tokio::test]
async fn a_thing_of_no_branch_is_the_whole_chains() {
    assert_eq!(status("GET", "/v1/receipts/UNKNOWN", &[(Role::Cashier, branch(HERE))]).await, 403);
    assert_eq!(status("GET", "/v1/receipts/UNKNOWN", &[(Role::Cashier, Reach::Chain)]).await, 200);
}

#[tokio::test]
async fn everybody_reads_what_is_about_themselves_and_nobody_elses_without_a_role() {
    let path = |number: u128| format!("/v1/people/{}", uuid::Uuid::from_u128(number));
    assert_eq!(status("GET", &path(8), &[]).await, 200);
    assert_eq!(status("GET", &path(9), &[]).await, 403);
    assert_eq!(status("GET", &path(9), &[(Role::Administrator, branch(HERE))]).await, 403);
    assert_eq!(status("GET", &path(9), &[(Role::Administrator, Reach::Chain)]).await, 200);
}

#[tokio::test]
async fn a_handler_that_forgets_to_compare_answers_nobody_of_the_staff() {
    let answer =
        Call::get("/v1/forgetful/isfahan-1").from(&a_person(&[(Role::Cashier, Reach::Chain)])).send().await;
    assert_eq!(answer.refusal(), (500, "web.fault"));
}
