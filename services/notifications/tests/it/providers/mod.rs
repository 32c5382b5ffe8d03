//! Providers, against servers that do what real ones do on bad days.

mod file;
mod fleet;
mod generic;
mod hook;
mod kavenegar;
mod outbox;
mod push;
mod smpp;
mod smtp;
mod told;
mod twilio;

use std::sync::Arc;

use kernel::{Language, Pii, Timestamp};
use notifications::{
    adapters::{Carriers as _, Fleet, Provider, Providers},
    domain::{
        sending::{Address, Handed, Outgoing},
        trigger::Lane,
    },
};
use uuid::Uuid;

const NOON: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

fn pii(text: &str) -> Pii<String> {
    Pii::new(text.to_owned())
}

fn message(number: u128, to: Address) -> Outgoing {
    Outgoing {
        id: Uuid::from_u128(number),
        lane: Lane::Told,
        to,
        language: Language::Fa,
        title: pii("باشگاه"),
        text: pii("۵ امتیاز گرفتید: \"سلام\" & {\"a\": 1}\n+۱"),
        unsubscribe: None,
        at: NOON,
    }
}

fn sms(number: u128) -> Outgoing {
    message(number, Address::Phone(pii("+989121234567")))
}

fn fleet(file: &str) -> Fleet {
    Fleet::new(Providers::read(file).unwrap_or_else(|flaws| panic!("{flaws}")))
}

/// The first provider of a fleet.
fn provider(fleet: &Fleet) -> Arc<dyn Provider> {
    fleet.all().into_iter().next().expect("a provider").provider
}

/// Hands a message to the first provider of a fleet.
async fn hand(fleet: &Fleet, message: &Outgoing) -> Handed {
    provider(fleet).hand(message).await
}
