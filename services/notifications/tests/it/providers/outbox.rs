//! The outbox: what there is before any provider is.

use std::os::unix::fs::PermissionsExt as _;

use notifications::{
    adapters::{Carriers as _, Fleet, Providers},
    domain::{
        channel::Channel,
        sending::{Address, Handed, Receipt},
    },
};
use serde_json::Value;
use uuid::Uuid;

use super::{NOON, hand, message, pii, provider, sms};

/// An id that was given so many milliseconds after noon.
fn given(ms: i64) -> u128 {
    let ms = u64::try_from(NOON.plus_millis(ms).micros() / 1_000).expect("after 1970");
    uuid::Builder::from_unix_timestamp_millis(ms, &[7; 10]).into_uuid().as_u128()
}

#[tokio::test]
async fn a_message_is_one_file_for_its_owner_alone_until_it_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = folder.path().join("outbox");
    let fleet = Fleet::new(Providers::outbox(Some(outbox.clone()), true));
    let (text, letter) = (sms(given(0)), message(given(5_000), Address::Email(pii("zahra@example.com"))));
    for message in [&text, &text, &letter] {
        assert_eq!(hand(&fleet, message).await, Handed::Taken { reference: None, cost: None });
    }
    let files = || std::fs::read_dir(&outbox).expect("a folder").count();
    assert_eq!(files(), 2);
    let file = |id: Uuid| outbox.join(format!("{id}.json"));
    let read =
        |id| -> Value { serde_json::from_slice(&std::fs::read(file(id)).expect("a file")).expect("JSON") };
    let (first, second) = (read(text.id), read(letter.id));
    assert_eq!((&first["channel"], &first["to"]), (&"sms".into(), &"+989121234567".into()));
    assert_eq!(first["text"], text.text.expose().as_str());
    assert_eq!(
        (&second["channel"], &second["title"], &second["language"]),
        (&"email".into(), &"باشگاه".into(), &"fa".into())
    );
    let mode = std::fs::metadata(file(text.id)).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let status = async |id| provider(&fleet).status(id, None).await.expect("a folder");
    assert_eq!(status(text.id).await, Some(Receipt::Delivered));
    assert_eq!(status(Uuid::from_u128(9)).await, Some(Receipt::Unknown));
    provider(&fleet).forget(NOON.plus_millis(2_000)).await.expect("forgotten");
    assert!(files() == 1 && file(letter.id).exists());
}

#[tokio::test]
async fn an_outbox_that_cannot_be_written_has_sent_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("written");
    let fleet = Fleet::new(Providers::outbox(Some(file.join("outbox")), false));
    assert!(matches!(hand(&fleet, &sms(1)).await, Handed::Failed { .. }));
    assert!(fleet.serve(Channel::Sms) && fleet.serve(Channel::Email) && fleet.serve(Channel::Push));
    assert!(!fleet.serve(Channel::Inbox) && fleet.named("outbox").is_some() && fleet.named("x").is_none());
}
