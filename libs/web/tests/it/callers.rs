use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use http::{HeaderMap, HeaderValue};
use kernel::{BranchCode, Reach, RegionCode, Role, Scope};
use web::{Caller, CallerKey};

use crate::platform::{Call, HandClock, SECRET, a_partner, a_person, a_till, caller_key};

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
    let partners = [a_partner(&[]), a_partner(&Scope::ALL[..1]), a_partner(&Scope::ALL)];
    let others = [Caller::Anonymous, a_till(), Caller::Operator, Caller::Service("points".into())];
    for caller in others.into_iter().chain(staff).chain(partners) {
        let signed = key.sign(&caller, "shop", Duration::from_secs(10));
        assert_eq!(key.verify(&headers(signed), "shop").unwrap(), caller);
    }
    assert_eq!(key.verify(&HeaderMap::new(), "shop").unwrap(), Caller::Anonymous);
}

#[test]
fn a_signature_lapses() {
    let clock = Arc::new(HandClock::default());
    let key = CallerKey::new(SECRET, clock.clone());
    let signed = headers(key.sign(&Caller::Operator, "shop", Duration::from_secs(10)));
    clock.0.store(10_000_000, Ordering::SeqCst);
    assert!(key.verify(&signed, "shop").is_ok());
    clock.0.store(10_001_000, Ordering::SeqCst);
    assert_eq!(key.verify(&signed, "shop").unwrap_err().code().code, "web.caller_forged");
}

#[tokio::test]
async fn a_forged_altered_or_doubled_caller_is_refused() {
    let signed = caller_key().sign(&a_till(), "shop", Duration::from_secs(10));
    let text = signed.to_str().unwrap();
    let other_key = CallerKey::new(b"another secret", Arc::new(HandClock::default()));
    let stranger = other_key.sign(&Caller::Operator, "shop", Duration::from_secs(10));
    let (head, seal) = text.rsplit_once('|').unwrap();
    let forgeries = [
        "o".to_owned(),
        String::new(),
        "|||".to_owned(),
        stranger.to_str().unwrap().to_owned(),
        text.replace("isfahan-1", "isfahan-2"),
        format!("o|shop|1|99999999999999|{seal}"),
        text.replace("|shop|1|", "|shop|2|"),
        text.replace("|shop|1|", "|points|1|"),
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
async fn a_caller_who_was_signed_for_another_service_is_refused() {
    let address = "192.0.2.7".parse().unwrap();
    for (audience, status) in [("shop", 200), ("points", 401), ("", 401), ("shop|1", 401)] {
        let signed = caller_key().sign(&Caller::Operator, audience, Duration::from_secs(10));
        let call = Call::get("/v1/baskets/1").header("vafa-caller", signed.to_str().unwrap());
        let answer = call.send().await;
        assert_eq!(answer.status, status, "{audience}");
        let origin = caller_key().sign_origin(address, audience, Duration::from_secs(10));
        let origin = HeaderMap::from_iter([(web::ORIGIN_HEADER, origin)]);
        let read = caller_key().verify_origin(&origin, "shop");
        assert_eq!(read, (status == 200).then_some(address), "{audience}");
    }
}

#[test]
fn keys_take_turns_without_anybody_being_refused() {
    let ring = |keys: &[(u8, [u8; 32])]| CallerKey::ring(keys, Arc::new(HandClock::default())).unwrap();
    let (old, new) = ((1, [1; 32]), (2, [2; 32]));
    // What each step of a change signs, the step before it and the one after it verify.
    let steps = [ring(&[old]), ring(&[old, new]), ring(&[new, old]), ring(&[new])];
    let understands = |signs: &CallerKey, reads: &CallerKey| {
        let signed = signs.sign(&Caller::Operator, "shop", Duration::from_secs(10));
        reads.verify(&headers(signed), "shop").is_ok()
    };
    for (at, step) in steps.iter().enumerate() {
        for neighbour in &steps[at.saturating_sub(1)..(at + 2).min(steps.len())] {
            assert!(understands(step, neighbour), "step {at}");
        }
    }
    assert!(!understands(&steps[0], &steps[3]) && !understands(&steps[3], &steps[0]));
    let renamed = ring(&[(2, [1; 32])]);
    assert!(!understands(&steps[0], &renamed), "a key is known by its id");
    assert!(CallerKey::ring(&[], Arc::new(HandClock::default())).is_none());
    assert!(CallerKey::ring(&[old, (1, [3; 32])], Arc::new(HandClock::default())).is_none());
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

#[tokio::test]
async fn a_scope_opens_the_routes_that_name_it_and_no_others() {
    for scope in Scope::ALL {
        let send =
            |method: &str, path| Call::new(method.parse().unwrap(), path).from(&a_partner(&[scope])).send();
        let shown = send("GET", "/v1/baskets/1").await;
        if scope == Scope::PointsRead {
            assert_eq!(shown.status, 200);
        } else {
            assert_eq!(shown.refusal(), (403, "web.scope_missing"));
            assert_eq!(shown.body["scope"], "points:read");
        }
        assert_eq!(send("DELETE", "/v1/baskets/1").await.refusal(), (403, "web.access_denied"));
        assert_eq!(send("POST", "/internal/v1/resolve").await.refusal(), (403, "web.access_denied"));
        assert_eq!(send("GET", "/v1/baskets?branch=b").await.status, 200, "everybody's");
    }
    let nothing = Call::get("/v1/baskets/1").from(&a_partner(&[])).send().await;
    assert_eq!(nothing.refusal(), (403, "web.scope_missing"));
}

#[test]
fn neither_the_key_nor_a_signed_header_shows_itself_in_logs() {
    let signed = caller_key().sign(&a_till(), "shop", Duration::from_secs(10));
    assert!(!format!("{:?}", caller_key()).contains("secret"));
    assert_eq!(format!("{signed:?}"), "Sensitive");
}
