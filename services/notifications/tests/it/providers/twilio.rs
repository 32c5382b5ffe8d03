//! Twilio, against a server that answers as it does.

use notifications::{
    adapters::Fleet,
    domain::sending::{Handed, Refused},
};
use serde_json::json;
use testkit::scripted::{Reply, ScriptedServer};

use super::{fleet, hand, provider, sms};

fn account(url: &str, more: &str) -> Fleet {
    fleet(&format!(
        "[[provider]]\nname = \"t\"\nkind = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"12345\"\nbase_url = \"{url}\"\ntimeout_ms = 400\n{more}"
    ))
}

#[tokio::test]
async fn a_message_names_its_attempt_for_receipts() {
    let taken = Reply::json(201, &json!({"sid": "SM77", "status": "queued", "price": null}));
    let server = ScriptedServer::start(taken).expect("a server");
    let fleet = account(
        &server.url(),
        "from = \"+15005550006\"\nreceipts_url = \"https://club.example/v1/receipts/t\"",
    );
    let message = sms(7);
    let handed = hand(&fleet, &message).await;
    assert_eq!(handed, Handed::Taken { reference: Some("SM77".to_owned()), cost: None });
    let heard = server.heard();
    assert_eq!(heard[0].target, "/2010-04-01/Accounts/AC1/Messages.json");
    assert_eq!(heard[0].header("authorization"), "Basic QUMxOjEyMzQ1");
    let mut sent: Vec<(String, String)> = form_urlencoded::parse(&heard[0].body).into_owned().collect();
    sent.sort();
    let callback = format!("https://club.example/v1/receipts/t?attempt={}", sms(7).id);
    let expected = [
        ("Body", message.text.expose().as_str()),
        ("From", "+15005550006"),
        ("StatusCallback", callback.as_str()),
        ("To", "+989121234567"),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(!provider(&fleet).knows_repetitions());
    assert_eq!(provider(&fleet).status(sms(7).id, None).await.expect("no answer"), None);

    let fleet = account(&server.url(), "messaging_service_sid = \"MG1\"");
    hand(&fleet, &sms(7)).await;
    let text = server.heard()[0].text();
    assert!(text.contains("MessagingServiceSid=MG1") && !text.contains("StatusCallback"), "{text}");
}

#[tokio::test]
async fn its_codes_are_read_and_silence_is_uncertain() {
    let server = ScriptedServer::start(Reply::status(500)).expect("a server");
    let fleet = account(&server.url(), "from = \"+15005550006\"");
    let code = |status, code: i64| Reply::json(status, &json!({"code": code, "message": "x"}));
    let uncertain = |why: &str| Handed::Uncertain { why: why.to_owned() };
    for (reply, handed) in [
        (code(400, 21_211), Handed::Refused(Refused::Address)),
        (code(400, 21_610), Handed::Refused(Refused::Address)),
        (code(400, 21_617), Handed::Refused(Refused::Content)),
        (code(400, 21_606), Handed::Refused(Refused::Account)),
        (code(401, 20_003), Handed::Refused(Refused::Account)),
        (code(429, 20_429), Handed::Failed { why: "429".to_owned(), wait_s: None }),
        (code(400, 21_611), Handed::Failed { why: "it says: later".to_owned(), wait_s: None }),
        (code(400, 99_999), Handed::Refused(Refused::Content)),
        (Reply::json(201, &json!({})), uncertain("an answer without sense")),
        (code(500, 20_500), uncertain("500")),
        (Reply::BreaksOff, uncertain("it broke off")),
        (Reply::Silent, uncertain("no answer in time")),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &sms(1)).await, handed, "{reply:?}");
        assert_eq!(server.heard().len(), 1, "{reply:?}");
    }
}
