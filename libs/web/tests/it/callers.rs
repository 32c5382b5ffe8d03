use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use http::{HeaderMap, HeaderValue};
use kernel::{BranchCode, Reach, RegionCode, Role};
use web::{Caller, CallerKey};

use crate::platform::{Call, HandClock, SECRET, a_person, a_till, caller_key};

fn headers(value: HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([(web::CALLER_HEADER, value)])
}

#[test]
fn every_sort_of_caller_survives_its_signed_header() {
    let key = caller_key();
    let everywhere = [
        (Role::Finance, Reach::Chain),
        (Role::Cashier, Reach::Branch(BranchCode::parse("b.r-1_x").unwrap())),
        (Role::BranchManager, Reach::Region(RegionCode::parse("centre").unwrap())),
    ];
    let staff = [a_person(&[]), a_person(&everywhere[..1]), a_person(&everywhere)];
    let others = [Caller::Anonymous, a_till(), Caller::Operator, Caller::Service("points".into())];
    for caller in others.into_iter().chain(staff) {
        let signed = key.sign(&caller, Duration::from_secs(10));
        assert_eq!(key.verify(&headers(signed)).unwrap(), caller);
    }
    assert_eq!(key.verify(&HeaderMap::new()).unwrap(), Caller::Anonymous);
}

#[test]
fn a_signature_lapses() {
    let clock = Arc::new(HandClock::default());
    let key = CallerKey::new(SECRET, clock.clone());
    let signed = headers(key.sign(&Caller::Operator, Duration::from_secs(10)));
    clock.0.store(10_000_000, Ordering::SeqCst);
    assert!(key.verify(&signed).is_ok());
    clock.0.store(10_001_000, Ordering::SeqCst);
    assert_eq!(key.verify(&signed).unwrap_err().code().code, "web.caller_forged");
}

#[tokio::test]
async fn a_forged_altered_or_doubled_caller_is_refused() {
    let signed = caller_key().sign(&a_till(), Duration::from_secs(10));
    let text = signed.to_str().unwrap();
    let other_key = CallerKey::new(b"another secret", Arc::new(HandClock::default()));
    let stranger = other_key.sign(&Caller::Operator, Duration::from_secs(10));
    let (head, seal) = text.rsplit_once('|').unwrap();
    let forgeries = [
        "o".to_owned(),
        String::new(),
        "|||".to_owned(),
        stranger.to_str().unwrap().to_owned(),
        text.replace("isfahan-1", "isfahan-2"),
        format!("o|99999999999999|{seal}"),
        format!("{head}|{}", "0".repeat(64)),
        format!("{head}|{}", seal.to_uppercase()),
        format!("{head}|{}", &seal[..62]),
    ];
    for forgery in forgeries {
        let answer = Call::get("/v1/baskets?branch=b").header("vafa-caller", &forgery).send().await;
        assert_eq!(answer.refusal(), (401, "web.caller_forged"), "{forgery}");
    }
    let twice = Call::get("/v1/baskets?branch=b").from(&a_till()).from(&a_till()).send().await;
    assert_eq!(twice.refusal(), (401, "web.caller_forged"));
}

#[tokio::test]
async fn each_route_lets_in_whom_its_access_names_and_nobody_else() {
    let callers = [Caller::Anonymous, a_till(), Caller::Operator, Caller::Service("points".into())];
    let table = [
        ("GET", "/v1/baskets?branch=b", [true, true, true, true]),
        ("POST", "/v1/baskets", [false, true, false, false]),
        ("GET", "/v1/baskets/1", [false, true, true, false]),
        ("DELETE", "/v1/baskets/1", [false, false, true, false]),
        ("POST", "/internal/v1/resolve", [false, false, false, true]),
    ];
    for (method, path, allowed) in table {
        for (caller, allowed) in callers.iter().zip(allowed) {
            let call = Call::new(method.parse().unwrap(), path)
                .from(caller)
                .json(r#"{"currency":"IRR","lines":[]}"#);
            let answer = call.send().await;
            let expected = match (allowed, caller) {
                (true, _) => 200,
                (false, Caller::Anonymous) => 401,
                (false, _) => 403,
            };
            assert_eq!(answer.status, expected, "{method} {path} {caller:?}");
        }
    }
}

#[test]
fn neither_the_key_nor_a_signed_header_shows_itself_in_logs() {
    let signed = caller_key().sign(&a_till(), Duration::from_secs(10));
    assert!(!format!("{:?}", caller_key()).contains("secret"));
    assert_eq!(format!("{signed:?}"), "Sensitive");
}
