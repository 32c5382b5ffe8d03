//! The chain's own systems.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::MemberId;
use notifications::{
    adapters::Carriers as _,
    domain::{
        channel::Channel,
        sending::{Address, Handed, Refused},
    },
};
use serde_json::json;
use testkit::scripted::{Reply, ScriptedServer};
use uuid::Uuid;

use super::{fleet, hand, message, pii, provider, sms};

#[tokio::test]
async fn a_call_is_signed_as_standard_webhooks_has_it_and_knows_its_message() {
    let server = ScriptedServer::start(Reply::status(204)).expect("a server");
    let secret = [7; 32];
    let fleet = fleet(&format!(
        "[[provider]]\nname = \"h\"\nkind = \"hook\"\nurl = \"{}/messages\"\nsecret = \"whsec_{}\"\ntimeout_ms = 400",
        server.url(),
        STANDARD.encode(secret)
    ));
    assert!(fleet.serve(Channel::Hook) && !fleet.serve(Channel::Sms));
    let member = MemberId::from_uuid(Uuid::from_u128(3)).to_string();
    let message = message(7, Address::Hook(pii(&member)));
    assert_eq!(hand(&fleet, &message).await, Handed::Taken { reference: None, cost: None });
    let heard = &server.heard()[0];
    assert_eq!((heard.target.as_str(), heard.header("webhook-id")), ("/messages", &*message.id.to_string()));
    assert_eq!(heard.header("webhook-timestamp"), "1795000000");
    let signature = heard.header("webhook-signature").strip_prefix("v1,").expect("a signature");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
    let signed = format!("{}.1795000000.{}", message.id, heard.text());
    ring::hmac::verify(&key, signed.as_bytes(), &STANDARD.decode(signature).expect("base64"))
        .expect("its signature");
    let body = heard.json();
    assert_eq!(body["type"], "message.due");
    let data = json!({"message_id": message.id, "member_id": member, "language": "fa", "title": "باشگاه", "text": message.text.expose()});
    assert_eq!(body["data"], data);

    let provider = provider(&fleet);
    assert!(provider.knows_repetitions() && provider.reaches(&message.to) && !provider.reaches(&sms(1).to));
    for (reply, handed) in [
        (Reply::status(503), Handed::Failed { why: "503".to_owned(), wait_s: None }),
        (Reply::status(422), Handed::Refused(Refused::Content)),
        (Reply::status(410), Handed::Refused(Refused::Account)),
        (Reply::BreaksOff, Handed::Uncertain { why: "it broke off".to_owned() }),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &message).await, handed, "{reply:?}");
    }
}
