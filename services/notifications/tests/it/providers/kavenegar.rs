//! Kavenegar, against a server that answers as it does.

use notifications::{
    adapters::Fleet,
    domain::sending::{Handed, Notice, Receipt, Refused},
};
use serde_json::{Value, json};
use testkit::scripted::{Reply, ScriptedServer};

use super::{fleet, hand, provider, sms};

fn account(url: &str) -> Fleet {
    fleet(&format!(
        "[[provider]]\nname = \"k\"\nkind = \"kavenegar\"\napi_key = \"KEY1\"\nsender = \"10008\"\nbase_url = \"{url}/\"\ntimeout_ms = 400"
    ))
}

fn says(status: i64, entries: &Value) -> Reply {
    let http = u16::try_from(status).expect("a status");
    Reply::json(http, &json!({"return": {"status": status, "message": "x"}, "entries": entries}))
}

fn pairs(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn a_message_goes_with_a_number_by_which_it_is_asked_for() {
    let taken = says(200, &json!([{"messageid": 8_792_343, "status": 1, "cost": 120}]));
    let server = ScriptedServer::start(taken).expect("a server");
    let fleet = account(&server.url());
    let handed = hand(&fleet, &sms(7)).await;
    assert_eq!(handed, Handed::Taken { reference: Some("8792343".to_owned()), cost: Some(120_000) });
    let heard = server.heard();
    assert_eq!((heard[0].method.as_str(), heard[0].target.as_str()), ("POST", "/v1/KEY1/sms/send.json"));
    let sent = pairs(&heard[0].text());
    let at = |name: &str| sent.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!((at("receptor").as_deref(), at("sender").as_deref()), (Some("09121234567"), Some("10008")));
    assert_eq!(at("message").as_deref(), Some(sms(7).text.expose().as_str()));
    let number = at("localid").expect("a number");

    let provider = provider(&fleet);
    assert!(!provider.knows_repetitions());
    for (status, receipt) in [
        (1, Some(Receipt::Underway)),
        (5, Some(Receipt::Underway)),
        (10, Some(Receipt::Delivered)),
        (6, Some(Receipt::Failed)),
        (11, Some(Receipt::Failed)),
        (14, Some(Receipt::Failed)),
        (100, Some(Receipt::Unknown)),
        (77, None),
    ] {
        server.next([says(200, &json!([{"messageid": 8_792_343, "localid": number, "status": status}]))]);
        assert_eq!(provider.status(sms(7).id, None).await.expect("an answer"), receipt, "{status}");
        let heard = server.heard();
        assert_eq!(heard[0].target, "/v1/KEY1/sms/statuslocalmessageid.json");
        assert_eq!(pairs(&heard[0].text()), [("localid".to_owned(), number.clone())]);
    }
    provider.status(sms(7).id, Some("8792343")).await.expect("an answer");
    let heard = server.heard();
    assert_eq!(
        (heard[0].target.as_str(), heard[0].text().as_str()),
        ("/v1/KEY1/sms/status.json", "messageid=8792343")
    );
    let entries = json!([{"messageid": 5, "status": 10}, {"messageid": 6, "status": 77}, {"messageid": 7, "status": 11}]);
    server.next([says(200, &entries)]);
    let asked = ["5", "6", "7"].map(str::to_owned);
    let notice = |name: &str, receipt| Notice { attempt: None, reference: Some(name.to_owned()), receipt };
    assert_eq!(
        provider.ask_about(&asked).await.expect("an answer"),
        [notice("5", Receipt::Delivered), notice("7", Receipt::Failed)]
    );
    assert_eq!(server.heard()[0].text(), "messageid=5%2C6%2C7");
    server.next([says(403, &Value::Null)]);
    assert!(provider.status(sms(7).id, None).await.is_err());
}

#[tokio::test]
async fn its_numbers_are_read_and_silence_is_uncertain() {
    let server = ScriptedServer::start(Reply::status(500)).expect("a server");
    let fleet = account(&server.url());
    let later = || Handed::Failed { why: "it says: later".to_owned(), wait_s: None };
    let uncertain = |why: &str| Handed::Uncertain { why: why.to_owned() };
    for (reply, handed) in [
        (says(411, &Value::Null), Handed::Refused(Refused::Address)),
        (says(200, &json!([{"messageid": 1, "status": 14}])), Handed::Refused(Refused::Address)),
        (says(413, &Value::Null), Handed::Refused(Refused::Content)),
        (says(422, &Value::Null), Handed::Refused(Refused::Content)),
        (says(409, &Value::Null), later()),
        (says(451, &Value::Null), later()),
        (says(418, &Value::Null), Handed::Refused(Refused::Account)),
        (says(403, &Value::Null), Handed::Refused(Refused::Account)),
        (says(412, &Value::Null), Handed::Refused(Refused::Account)),
        (says(200, &json!([])), uncertain("an answer without sense")),
        (Reply::status(503), Handed::Failed { why: "503".to_owned(), wait_s: None }),
        (Reply::status(500), uncertain("500")),
        (Reply::BreaksOff, uncertain("it broke off")),
        (Reply::Silent, uncertain("no answer in time")),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &sms(1)).await, handed, "{reply:?}");
        assert_eq!(server.heard().len(), 1, "{reply:?}");
    }
}
