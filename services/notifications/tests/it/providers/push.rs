//! Notifications: of the chain's app by Firebase, and of browsers.

use std::{path::Path, process::Command};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use notifications::{
    adapters::Fleet,
    domain::{
        sending::{Address, Browser, Handed, Refused},
        trigger::Lane,
    },
};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, EphemeralPrivateKey},
    hkdf,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey,
    },
};
use serde_json::{Value, json};
use testkit::scripted::{Reply, ScriptedServer};

use super::{fleet, hand, message, pii, provider, sms};

/// A key file as Google gives it out, and the public half of its key.
pub fn account(folder: &Path) -> Vec<u8> {
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        .output()
        .expect("openssl runs");
    let pem = String::from_utf8(made.stdout).expect("PEM");
    let file = json!({
        "type": "service_account",
        "project_id": "club-1",
        "client_email": "club@club-1.iam.gserviceaccount.com",
        "private_key": pem,
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    std::fs::write(folder.join("account.json"), file.to_string()).expect("written");
    let inner: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(inner).expect("base64")).expect("a key");
    pair.public_key().as_ref().to_vec()
}

fn firebase(folder: &Path, url: &str) -> Fleet {
    fleet(&format!(
        "[[provider]]\nname = \"f\"\nkind = \"fcm\"\nservice_account = \"{}\"\nbase_url = \"{url}\"\ntoken_url = \"{url}/token\"\ntimeout_ms = 400",
        folder.join("account.json").display()
    ))
}

fn granted(token: &str) -> Reply {
    Reply::json(200, &json!({"access_token": token, "expires_in": 3_600, "token_type": "Bearer"}))
}

fn claims(token: &str) -> (String, Value, Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let payload = signed.split_once('.').expect("claims").1;
    let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON");
    (signed.to_owned(), claims, URL_SAFE_NO_PAD.decode(signature).expect("base64"))
}

#[tokio::test]
async fn the_app_is_reached_by_a_token_that_is_asked_for_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let public = account(folder.path());
    let taken = Reply::json(200, &json!({"name": "projects/club-1/messages/77"}));
    let server = ScriptedServer::start(taken).expect("a server");
    let fleet = firebase(folder.path(), &server.url());
    let mut phone = message(7, Address::Device(pii("device-1")));
    server.next([granted("t1")]);
    for _ in 0..2 {
        let handed = hand(&fleet, &phone).await;
        assert_eq!(
            handed,
            Handed::Taken { reference: Some("projects/club-1/messages/77".to_owned()), cost: None }
        );
    }
    let heard = server.heard();
    let targets: Vec<&str> = heard.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["/token", "/v1/projects/club-1/messages:send", "/v1/projects/club-1/messages:send"]);
    let asked: Vec<(String, String)> = form_urlencoded::parse(&heard[0].body).into_owned().collect();
    assert_eq!(asked[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (signed, said, signature) = claims(&asked[1].1);
    let good = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public);
    good.verify(signed.as_bytes(), &signature).expect("its signature");
    assert_eq!(said["iss"], "club@club-1.iam.gserviceaccount.com");
    assert_eq!((&said["iat"], &said["exp"]), (&json!(1_795_000_000), &json!(1_795_003_600)));
    assert_eq!(said["scope"], "https://www.googleapis.com/auth/firebase.messaging");
    assert_eq!(heard[1].header("authorization"), "Bearer t1");
    let sent = &heard[1].json()["message"];
    assert_eq!((&sent["token"], &sent["notification"]["title"]), (&json!("device-1"), &json!("باشگاه")));
    assert_eq!(sent["notification"]["body"], phone.text.expose().as_str());
    let id = json!(phone.id);
    assert_eq!(
        (&sent["android"]["notification"]["tag"], &sent["android"]["priority"]),
        (&id, &json!("HIGH"))
    );
    assert_eq!((&sent["apns"]["headers"]["apns-collapse-id"], &sent["data"]["message_id"]), (&id, &id));

    // It ends, and one that is withdrawn before is asked for again.
    phone.at = phone.at.plus_millis(3_590_000);
    phone.lane = Lane::Campaign;
    server.next([granted("t2"), Reply::status(401), granted("t3")]);
    assert!(matches!(hand(&fleet, &phone).await, Handed::Taken { .. }));
    let heard = server.heard();
    let bearers: Vec<&str> = heard.iter().map(|one| one.header("authorization")).collect();
    assert_eq!(bearers, ["", "Bearer t2", "", "Bearer t3"]);
    assert_eq!(heard[3].json()["message"]["android"]["priority"], "NORMAL");
    let provider = provider(&fleet);
    assert!(provider.knows_repetitions() && provider.reaches(&phone.to) && !provider.reaches(&sms(1).to));
}

#[tokio::test]
async fn what_firebase_answers_is_the_devices_the_messages_or_the_accounts() {
    let folder = tempfile::tempdir().expect("a folder");
    account(folder.path());
    let server = ScriptedServer::start(Reply::status(500)).expect("a server");
    let fleet = firebase(folder.path(), &server.url());
    let phone = message(7, Address::Device(pii("device-1")));
    let failed = |why: &str| Handed::Failed { why: why.to_owned(), wait_s: None };
    // Without a token nothing was sent, whatever went wrong.
    for (reply, handed) in [
        (Reply::status(500), failed("no token")),
        (Reply::BreaksOff, failed("no token")),
        (Reply::status(400), Handed::Refused(Refused::Account)),
        (Reply::json(200, &json!({})), failed("a token without sense")),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &phone).await, handed, "{reply:?}");
    }
    let error = |status: u16, detail: Value| {
        Reply::json(status, &json!({"error": {"code": status, "details": [detail]}}))
    };
    let field = |name: &str| json!({"fieldViolations": [{"field": name}]});
    server.next([granted("t")]);
    for (reply, handed) in [
        (error(404, json!({"errorCode": "UNREGISTERED"})), Handed::Refused(Refused::Address)),
        (error(400, field("message.token")), Handed::Refused(Refused::Address)),
        (error(400, field("message.notification")), Handed::Refused(Refused::Content)),
        (error(403, json!({"errorCode": "SENDER_ID_MISMATCH"})), Handed::Refused(Refused::Account)),
        (error(429, json!({"errorCode": "QUOTA_EXCEEDED"})), failed("429")),
        (error(503, json!({"errorCode": "UNAVAILABLE"})), failed("503")),
        (error(500, json!({"errorCode": "INTERNAL"})), Handed::Uncertain { why: "500".to_owned() }),
        (Reply::json(200, &json!({})), Handed::Uncertain { why: "an answer without sense".to_owned() }),
        (Reply::BreaksOff, Handed::Uncertain { why: "it broke off".to_owned() }),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &phone).await, handed, "{reply:?}");
    }
}

/// A sender to browsers, and the public half of its key.
fn sender(services: &str) -> (Fleet, Vec<u8>) {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
    let document = document.as_ref();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document, &random).expect("a key");
    let public = pair.public_key().as_ref().to_vec();
    // In this form the private number stands right behind its tag and length.
    let at = document.windows(2).rposition(|two| two == [0x04, 0x20]).expect("the number") + 2;
    let fleet = fleet(&format!(
        "[[provider]]\nname = \"w\"\nkind = \"web_push\"\npublic_key = \"{}\"\nprivate_key = \"{}\"\nsubject = \"mailto:club@shop.example\"\ntimeout_ms = 400\n{services}",
        URL_SAFE_NO_PAD.encode(&public),
        URL_SAFE_NO_PAD.encode(&document[at..at + 32])
    ));
    (fleet, public)
}

struct Len(usize);

impl hkdf::KeyType for Len {
    fn len(&self) -> usize {
        self.0
    }
}

/// What a browser makes of a body, by RFC 8291 read from its side.
fn opened(own: EphemeralPrivateKey, public: &[u8], auth: &[u8], body: &[u8]) -> Vec<u8> {
    let (salt, theirs, record) = (&body[..16], &body[21..86], &body[86..]);
    let peer = agreement::UnparsedPublicKey::new(&ECDH_P256, theirs);
    let fill = |prk: &hkdf::Prk, info: &[&[u8]], out: &mut [u8]| {
        prk.expand(info, Len(out.len())).expect("a length").fill(out).expect("filled");
    };
    let read = agreement::agree_ephemeral(own, &peer, |shared| {
        let (mut material, mut key, mut nonce) = ([0; 32], [0; 16], [0; 12]);
        let first = hkdf::Salt::new(hkdf::HKDF_SHA256, auth).extract(shared);
        fill(&first, &[b"WebPush: info\0", public, theirs], &mut material);
        let second = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(&material);
        fill(&second, &[b"Content-Encoding: aes128gcm\0"], &mut key);
        fill(&second, &[b"Content-Encoding: nonce\0"], &mut nonce);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).expect("a key"));
        let mut record = record.to_vec();
        let open = key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record);
        open.expect("the record is for this browser").to_vec()
    });
    read.expect("an agreement")
}

#[tokio::test]
async fn a_browser_alone_reads_what_it_is_sent_and_knows_by_whom() {
    let kept = Reply::Says(201, vec![("location", "/m/1".to_owned())], Vec::new());
    let server = ScriptedServer::start(kept).expect("a server");
    let url = server.url();
    let (fleet, public) = sender(&format!("services = [\"{url}\"]"));
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("a key");
    let point = own.compute_public_key().expect("a point");
    let browser = Browser {
        endpoint: format!("{url}/push/abc"),
        p256dh: URL_SAFE_NO_PAD.encode(point.as_ref()),
        auth: URL_SAFE_NO_PAD.encode([5; 16]),
    };
    let message = message(7, Address::Browser(kernel::Pii::new(browser)));
    assert_eq!(
        hand(&fleet, &message).await,
        Handed::Taken { reference: Some("/m/1".to_owned()), cost: None }
    );
    let heard = &server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/push/abc"));
    assert_eq!(
        (heard.header("content-encoding"), heard.header("ttl"), heard.header("urgency")),
        ("aes128gcm", "86400", "high")
    );
    assert_eq!(heard.header("topic"), message.id.simple().to_string());
    let text = opened(own, point.as_ref(), &[5; 16], &heard.body);
    let (end, text) = text.split_last().expect("a record");
    assert_eq!(*end, 2);
    let said: Value = serde_json::from_slice(text).expect("JSON");
    let expected = json!({"message_id": message.id, "title": "باشگاه", "body": message.text.expose(), "lang": "fa", "dir": "rtl"});
    assert_eq!(said, expected);
    let vapid = heard.header("authorization").strip_prefix("vapid t=").expect("VAPID");
    let (token, key) = vapid.split_once(", k=").expect("a key");
    assert_eq!(key, URL_SAFE_NO_PAD.encode(&public));
    let (signed, said, signature) = claims(token);
    let good = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public);
    good.verify(signed.as_bytes(), &signature).expect("its signature");
    let expected = json!({"aud": url, "exp": 1_795_000_000 + 43_200, "sub": "mailto:club@shop.example"});
    assert_eq!(said, expected);

    for (reply, handed) in [
        (Reply::status(410), Handed::Refused(Refused::Address)),
        (Reply::status(404), Handed::Refused(Refused::Address)),
        (Reply::status(413), Handed::Refused(Refused::Content)),
        (Reply::status(403), Handed::Refused(Refused::Account)),
        (Reply::status(429), Handed::Failed { why: "429".to_owned(), wait_s: None }),
        (Reply::BreaksOff, Handed::Uncertain { why: "it broke off".to_owned() }),
    ] {
        server.next([reply.clone()]);
        assert_eq!(hand(&fleet, &message).await, handed, "{reply:?}");
    }
    let mut long = message.clone();
    long.text = pii(&"x".repeat(4_000));
    assert_eq!(hand(&fleet, &long).await, Handed::Refused(Refused::Content));
}

#[tokio::test]
async fn nobody_is_called_whom_only_a_browser_named() {
    let server = ScriptedServer::start(Reply::status(201)).expect("a server");
    let (fleet, _) = sender("");
    let url = server.url();
    for (endpoint, reached) in [
        ("https://fcm.googleapis.com/fcm/send/abc", true),
        ("https://web.push.apple.com/abc", true),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", true),
        ("https://db5p.notify.windows.com/w/?token=abc", true),
        ("http://fcm.googleapis.com/fcm/send/abc", false),
        ("https://fcm.googleapis.com:8443/abc", false),
        ("https://fcm.googleapis.com@10.0.0.1/abc", false),
        ("https://evil.example/?fcm.googleapis.com", false),
        ("https://notify.windows.com.evil.example/", false),
        ("https://.push.apple.com/", false),
        ("https://169.254.169.254/latest", false),
        (&*url, false),
        ("", false),
    ] {
        let browser = Browser { endpoint: endpoint.to_owned(), p256dh: String::new(), auth: String::new() };
        let to = Address::Browser(kernel::Pii::new(browser));
        assert_eq!(provider(&fleet).reaches(&to), reached, "{endpoint}");
        if !reached {
            assert_eq!(hand(&fleet, &message(1, to)).await, Handed::Refused(Refused::Address), "{endpoint}");
        }
    }
    assert!(server.heard().is_empty() && !provider(&fleet).reaches(&Address::Device(pii("x"))));
}
