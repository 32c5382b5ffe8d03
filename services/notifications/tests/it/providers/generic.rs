//! Providers that are called as the file says.

use std::time::{Duration, Instant};

use notifications::{
    adapters::Fleet,
    domain::sending::{Handed, Refused},
};
use serde_json::json;
use testkit::scripted::{Reply, ScriptedServer};

use super::{fleet, hand, provider, sms};

const TEXT: &str = "۵ امتیاز گرفتید: \"سلام\" & {\"a\": 1}\n+۱";

fn with_json(url: &str) -> Fleet {
    fleet(&format!(
        r#"
        [[provider]]
        name = "sms"
        kind = "http"
        url = "{url}/send"
        headers = {{ authorization = "Bearer key-1" }}
        json = {{ to = "{{{{ digits }}}}", body = {{ text = "{{{{ text }}}}", parts = [1, "x {{{{ id }}}}"] }}, lang = "{{{{language}}}}" }}
        timeout_ms = 400
        knows_ids = true
        [provider.answer]
        reference = "/data/0/id"
        cost = "/data/0/cost"
        taken = [{{ at = "/status", is = ["ok", 0] }}]
        address = [{{ at = "/error", is = ["no_such_number", 21211] }}, {{ status = 404 }}]
        content = [{{ at = "/error", is = ["bad_words"] }}]
        account = [{{ status = 200, at = "/error", is = ["no_credit"] }}]
        later = [{{ at = "/error", is = ["busy"] }}]
        "#
    ))
}

fn taken() -> Reply {
    Reply::json(200, &json!({"status": "ok", "data": [{"id": 77, "cost": "1.5"}]}))
}

#[tokio::test]
async fn what_a_message_says_cannot_leave_its_place_in_json() {
    let server = ScriptedServer::start(taken()).expect("a server");
    let fleet = with_json(&server.url());
    let handed = hand(&fleet, &sms(7)).await;
    assert_eq!(handed, Handed::Taken { reference: Some("77".to_owned()), cost: Some(1_500) });
    let heard = server.heard();
    let id = "00000000-0000-0000-0000-000000000007";
    assert_eq!(
        heard[0].json(),
        json!({"to": "989121234567", "body": {"text": TEXT, "parts": [1, format!("x {id}")]}, "lang": "fa"})
    );
    assert_eq!((heard[0].method.as_str(), heard[0].target.as_str()), ("POST", "/send"));
    assert_eq!(heard[0].header("authorization"), "Bearer key-1");
    assert_eq!(heard[0].header("content-type"), "application/json");
    assert!(provider(&fleet).knows_repetitions());
}

#[tokio::test]
async fn nor_in_a_form_or_an_address() {
    let server = ScriptedServer::start(Reply::status(202)).expect("a server");
    let url = server.url();
    let form = fleet(&format!(
        "[[provider]]\nname = \"a\"\nkind = \"http\"\nurl = \"{url}/x\"\nform = {{ To = \"{{{{ to }}}}\", Text = \"{{{{ text }}}}\", key = \"k&k\" }}"
    ));
    assert_eq!(hand(&form, &sms(1)).await, Handed::Taken { reference: None, cost: None });
    let address = fleet(&format!(
        "[[provider]]\nname = \"a\"\nkind = \"http\"\nmethod = \"GET\"\nurl = \"{url}/x/{{{{ to }}}}?t={{{{ text }}}}&k=1\""
    ));
    assert_eq!(hand(&address, &sms(1)).await, Handed::Taken { reference: None, cost: None });
    let heard = server.heard();
    let pairs = heard[0].text();
    assert!(pairs.contains("To=%2B989121234567") && pairs.contains("key=k%26k"), "{pairs}");
    assert_eq!(pairs.matches('&').count(), 2);
    let target = &heard[1].target;
    assert!(target.starts_with("/x/%2B989121234567?t=") && target.ends_with("%2B%DB%B1&k=1"), "{target}");
    assert!(!target.contains('+') && target.contains("%20"), "{target}");
    assert_eq!((heard[1].method.as_str(), heard[1].body.len()), ("GET", 0));
}

#[tokio::test]
async fn answers_are_read_as_the_file_says_and_else_as_http_means_them() {
    let server = ScriptedServer::start(taken()).expect("a server");
    let fleet = with_json(&server.url());
    let failed = |why: &str, wait_s| Handed::Failed { why: why.to_owned(), wait_s };
    let uncertain = |why: &str| Handed::Uncertain { why: why.to_owned() };
    let wait = |text: &str| Reply::Says(429, vec![("retry-after", text.to_owned())], Vec::new());
    for (reply, handed) in [
        (Reply::json(400, &json!({"error": 21211})), Handed::Refused(Refused::Address)),
        (Reply::status(404), Handed::Refused(Refused::Address)),
        (Reply::json(200, &json!({"error": "bad_words"})), Handed::Refused(Refused::Content)),
        (Reply::json(200, &json!({"error": "no_credit"})), Handed::Refused(Refused::Account)),
        (Reply::json(200, &json!({"error": "busy"})), failed("it says: later", None)),
        (Reply::json(200, &json!({"error": "what?"})), uncertain("an answer without sense")),
        (Reply::Says(200, Vec::new(), b"<html>".to_vec()), uncertain("an answer without sense")),
        (Reply::status(400), Handed::Refused(Refused::Content)),
        (Reply::status(401), Handed::Refused(Refused::Account)),
        (Reply::Says(302, vec![("location", server.url())], Vec::new()), Handed::Refused(Refused::Account)),
        (Reply::status(503), failed("503", None)),
        (wait("17"), failed("429", Some(17))),
        (wait("999999"), failed("429", Some(3_600))),
        (wait("Fri, 31 Dec 1999 23:59:59 GMT"), failed("429", Some(0))),
        (Reply::status(500), uncertain("500")),
        (Reply::status(502), uncertain("502")),
        (Reply::BreaksOff, uncertain("it broke off")),
        (Reply::BreaksOffWhileAnswering, uncertain("its answer broke off, or is too long")),
        (Reply::Says(200, Vec::new(), vec![b' '; 70_000]), uncertain("its answer broke off, or is too long")),
        (Reply::Silent, uncertain("no answer in time")),
        (Reply::After(Duration::from_secs(2), Box::new(taken())), uncertain("no answer in time")),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &sms(1)).await, handed, "{reply:?}");
        // Nothing is sent twice by itself.
        assert_eq!(server.heard().len(), 1, "{reply:?}");
    }
}

#[tokio::test]
async fn who_is_not_reached_was_sent_nothing() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let fleet = with_json(&format!("http://127.0.0.1:{port}"));
    let begun = Instant::now();
    assert_eq!(hand(&fleet, &sms(1)).await, Handed::Failed { why: "not reached".to_owned(), wait_s: None });
    assert!(begun.elapsed() < Duration::from_secs(2));
}
