//! Whoever of the back office looks at members says why, and it is noted before anything is shown.

use std::sync::{Arc, Mutex};

use axum::Router;
use http::{Method, header};
use kernel::{MemberId, Reach, Role, StaffId};
use uuid::Uuid;
use web::{Access, Bound, Caller, Face, Look, LookReason, PathParams, RouteSpec, Shown, Texts};

use crate::platform::{Answer, Call, a_person, a_till, caller_key};

static ONE: RouteSpec = RouteSpec::get("/v1/members/{member_id}", "read_member", Access::TillOrOperator)
    .staff(Bound::Anywhere, &[Role::Auditor]);
static FOUND: RouteSpec = RouteSpec::post("/v1/members/lookup", "look_up_member", Access::TillOrOperator)
    .staff(Bound::Anywhere, &[Role::Auditor])
    .showing_members();
static SILENT: RouteSpec = RouteSpec::get("/v1/receipts/{receipt_id}", "read_receipt", Access::Operator)
    .staff(Bound::Anywhere, &[Role::Auditor])
    .showing_members();
static NONE: RouteSpec =
    RouteSpec::get("/v1/things", "list_things", Access::Operator).staff(Bound::Anywhere, &[Role::Auditor]);

fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number))
}

async fn one(PathParams(_): PathParams<MemberId>) -> &'static str {
    "Zahra"
}

async fn found(shown: Shown) -> &'static str {
    shown.members([member(3), member(2), member(3)]);
    "Zahra and Maryam"
}

async fn silent() -> &'static str {
    "what she bought"
}

async fn none() -> &'static str {
    "things"
}

type Noted = Arc<Mutex<Vec<Look>>>;

/// A service that notes looks, unless its book cannot be written.
fn router(book: Option<Noted>) -> Router {
    Face::new("shop", caller_key(), Texts::new(&[]))
        .looks(Arc::new(move |look| {
            let book = book.clone();
            Box::pin(async move {
                let book = book.ok_or_else(|| anyhow::anyhow!("the book is closed"))?;
                book.lock().unwrap().push(look);
                Ok(())
            })
        }))
        .route(&ONE, one)
        .route(&FOUND, found)
        .route(&SILENT, silent)
        .route(&NONE, none)
        .finish(())
}

fn auditor() -> Caller {
    a_person(&[(Role::Auditor, Reach::Chain)])
}

fn read() -> Call {
    Call::get(&format!("/v1/members/{}", member(1)))
}

#[tokio::test]
async fn staff_say_why_and_it_is_noted_at_whom_they_looked() {
    let noted = Noted::default();
    let send = async |call: Call| call.send_to(router(Some(Arc::clone(&noted)))).await;
    let missing = send(read().from(&auditor())).await;
    assert_eq!(missing.refusal(), (400, "web.look_reason_missing"));
    for (name, value) in [("look-reason", "curious"), ("look-reference", "Zahra")] {
        let call = read().from(&auditor()).header(name, value);
        let call = if name == "look-reason" { call } else { call.header("look-reason", "audit") };
        assert_eq!(send(call).await.refusal(), (400, "web.look_reason_invalid"), "{name}");
    }
    assert!(noted.lock().unwrap().is_empty(), "who is refused sees nothing");
    let call = read().from(&auditor()).header("look-reason", "complaint").header("look-reference", "T-1");
    assert_eq!(send(call).await.body, "Zahra");
    let call = Call::new(Method::POST, "/v1/members/lookup").from(&auditor());
    assert_eq!(send(call.header("look-reason", "audit")).await.status, 200);
    assert_eq!(send(read().from(&Caller::Operator)).await.status, 200, "the operator's key may leave it out");
    let look = |staff, operation, members: &[u128], reason, reference: Option<&str>| Look {
        staff,
        operation,
        members: members.iter().copied().map(member).collect(),
        reason,
        reference: reference.map(str::to_owned),
    };
    let person = Some(StaffId::from_uuid(Uuid::from_u128(8)));
    let expected = [
        look(person, "read_member", &[1], Some(LookReason::Complaint), Some("T-1")),
        look(person, "look_up_member", &[2, 3], Some(LookReason::Audit), None),
        look(None, "read_member", &[1], None, None),
    ];
    assert_eq!(*noted.lock().unwrap(), expected);
}

#[tokio::test]
async fn tills_are_no_lookers_and_what_shows_nobody_is_no_look() {
    let noted = Noted::default();
    let send = async |call: Call| call.send_to(router(Some(Arc::clone(&noted)))).await.status;
    assert_eq!(send(read().from(&a_till())).await, 200);
    assert_eq!(send(Call::get("/v1/things").from(&auditor())).await, 200);
    let wrong = Call::get("/v1/members/zahra").from(&auditor()).header("look-reason", "audit");
    assert_eq!(send(wrong).await, 400);
    assert!(noted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_look_that_cannot_be_noted_shows_nothing() {
    let answer: Answer = read().from(&auditor()).header("look-reason", "audit").send_to(router(None)).await;
    assert_eq!(answer.refusal(), (503, "web.look_unrecorded"));
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    assert!(!answer.body.to_string().contains("Zahra"));
    let face = Face::new("shop", caller_key(), Texts::new(&[])).route(&ONE, one).finish(());
    let answer = read().from(&auditor()).header("look-reason", "audit").send_to(face).await;
    assert_eq!(answer.refusal(), (500, "web.fault"), "a service that notes no looks shows nobody");
}

#[tokio::test]
async fn a_handler_that_forgets_to_say_whom_it_shows_answers_nobody_of_the_back_office() {
    let call = Call::get("/v1/receipts/1").from(&auditor()).header("look-reason", "audit");
    assert_eq!(call.send_to(router(Some(Noted::default()))).await.refusal(), (500, "web.fault"));
}
