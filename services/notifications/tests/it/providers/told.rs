//! What providers say by themselves, and who is believed.

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use notifications::{
    adapters::{
        Fleet,
        told::{Told, ToldFlaw},
    },
    domain::sending::{Notice, Receipt},
};
use uuid::Uuid;

use super::{fleet, provider};

fn told(address: &str, headers: &[(&str, &str)], body: &str) -> Told {
    let mut request = Request::post(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, _) = request.body(Body::empty()).expect("a request").into_parts();
    Told::new(&head, &Bytes::copy_from_slice(body.as_bytes()))
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
const JSON: (&str, &str) = ("content-type", "application/json");

fn by_reference(reference: &str, receipt: Receipt) -> Notice {
    Notice { attempt: None, reference: Some(reference.to_owned()), receipt }
}

fn twilio(url: &str) -> Fleet {
    fleet(&format!(
        "[[provider]]\nname = \"t\"\nkind = \"twilio\"\naccount_sid = \"AC1\"\nauth_token = \"12345\"\nfrom = \"+1\"\nreceipts_url = \"{url}\""
    ))
}

/// The example that Twilio publishes of its signature.
#[test]
fn a_signature_of_twilio_is_for_one_address_and_one_form() {
    let provider = provider(&twilio("https://mycompany.com/myapp.php"));
    let form =
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    let signature = ("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    let address = "/v1/receipts/t?foo=1&bar=2";
    // It is signed, and is no receipt.
    assert_eq!(provider.receipts(&told(address, &[FORM, signature], form)), Err(ToldFlaw::Unreadable));
    let other = form.replace("1234&From", "1235&From");
    for (address, headers, body) in [
        ("/v1/receipts/t?foo=1&bar=3", &[FORM, signature][..], form),
        (address, &[FORM, signature][..], &*other),
        (address, &[FORM][..], form),
        (address, &[FORM, ("x-twilio-signature", "")][..], form),
    ] {
        assert_eq!(provider.receipts(&told(address, headers, body)), Err(ToldFlaw::Forged), "{address}");
    }
}

#[test]
fn twilio_names_the_attempt_and_itself() {
    let id = Uuid::from_u128(7);
    let provider = provider(&twilio("https://club.example/v1/receipts/t"));
    let sign = |address: &str, pairs: &str| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345");
        let tag = ring::hmac::sign(&key, format!("https://club.example{address}{pairs}").as_bytes());
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, tag)
    };
    let address = format!("/v1/receipts/t?attempt={id}");
    for (word, receipt) in [
        ("sent", Some(Receipt::Underway)),
        ("delivered", Some(Receipt::Delivered)),
        ("undelivered", Some(Receipt::Failed)),
        ("read", Some(Receipt::Read)),
        ("danced", None),
    ] {
        let signature = sign(&address, &format!("MessageSidSM7MessageStatus{word}"));
        let body = format!("MessageStatus={word}&MessageSid=SM7");
        let said = provider.receipts(&told(&address, &[FORM, ("x-twilio-signature", &*signature)], &body));
        let notice = |receipt| Notice { attempt: Some(id), reference: Some("SM7".to_owned()), receipt };
        assert_eq!(said, Ok(receipt.map(notice).into_iter().collect()), "{word}");
    }
}

#[test]
fn kavenegar_has_a_secret_in_the_address() {
    let without = provider(&fleet("[[provider]]\nname = \"k\"\nkind = \"kavenegar\"\napi_key = \"K\""));
    let with = provider(&fleet(
        "[[provider]]\nname = \"k\"\nkind = \"kavenegar\"\napi_key = \"K\"\nreceipts_key = \"0123456789abcdef\"",
    ));
    let address = "/v1/receipts/k?key=0123456789abcdef";
    let form = told(address, &[FORM], "messageid=8792343&status=10");
    assert_eq!(with.receipts(&form), Ok(vec![by_reference("8792343", Receipt::Delivered)]));
    assert_eq!(without.receipts(&form), Err(ToldFlaw::Forged));
    let by_address = told(&format!("{address}&messageid=1&status=11"), &[], "");
    assert_eq!(with.receipts(&by_address), Ok(vec![by_reference("1", Receipt::Failed)]));
    assert_eq!(with.receipts(&told(address, &[FORM], "messageid=1&status=50")), Ok(Vec::new()));
    assert_eq!(with.receipts(&told(address, &[FORM], "messageid=x&status=10")), Err(ToldFlaw::Unreadable));
    for wrong in ["/v1/receipts/k", "/v1/receipts/k?key=", "/v1/receipts/k?key=0123456789abcdeg"] {
        assert_eq!(
            with.receipts(&told(wrong, &[FORM], "messageid=1&status=10")),
            Err(ToldFlaw::Forged),
            "{wrong}"
        );
    }
}

#[test]
fn others_say_it_as_the_file_describes() {
    let table = |more: &str| {
        provider(&fleet(&format!(
            "[[provider]]\nname = \"x\"\nkind = \"http\"\nurl = \"https://sms.example\"\n[provider.receipts]\nkey = \"0123456789abcdef\"\n\
             delivered = [\"DELIVRD\", 2]\nfailed = [\"UNDELIV\"]\nread = [\"SEEN\"]\nunderway = [\"ACCEPTD\"]\n{more}"
        )))
    };
    let address = "/v1/receipts/x?key=0123456789abcdef";
    let list = table("each = \"/results\"\nreference = \"id\"\nid = \"/mine/ref\"\nstatus = \"/state/name\"");
    let id = Uuid::from_u128(9);
    let body = format!(
        r#"{{"results": [{{"id": 5, "state": {{"name": "DELIVRD"}}}}, {{"id": 6, "state": {{"name": "LOST"}}}},
            {{"mine": {{"ref": "{id}"}}, "state": {{"name": 2}}}}]}}"#
    );
    let own = Notice { attempt: Some(id), reference: None, receipt: Receipt::Delivered };
    assert_eq!(
        list.receipts(&told(address, &[JSON], &body)),
        Ok(vec![by_reference("5", Receipt::Delivered), own])
    );
    for bad in [
        "",
        "{}",
        r#"{"results": 3}"#,
        r#"{"results": [{"id": 5}]}"#,
        r#"{"results": [{"state": {"name": 2}}]}"#,
    ] {
        assert_eq!(list.receipts(&told(address, &[JSON], bad)), Err(ToldFlaw::Unreadable), "{bad}");
    }
    let flat = table("reference = \"msg\"\nstatus = \"stat\"");
    for (address, headers, body) in [
        (address, &[FORM][..], "msg=7&stat=SEEN"),
        (address, &[JSON][..], r#"{"msg": 7, "stat": "SEEN"}"#),
        ("/v1/receipts/x?key=0123456789abcdef&msg=7&stat=SEEN", &[][..], ""),
    ] {
        assert_eq!(
            flat.receipts(&told(address, headers, body)),
            Ok(vec![by_reference("7", Receipt::Read)]),
            "{address} {body}"
        );
    }
    assert_eq!(flat.receipts(&told("/v1/receipts/x", &[FORM], "msg=7&stat=SEEN")), Err(ToldFlaw::Forged));
}
