//! What can be done, one verb a file: load, decide, record, commit.

pub mod absorb_member;
pub mod book_seats;
pub mod call_off;
pub mod cancel_redemption;
pub mod cancel_voucher;
pub mod challenges;
pub mod close_cost_days;
pub mod close_statement;
mod codes;
pub mod draws;
pub mod end_uses;
pub mod expire_vouchers;
pub mod follow;
pub mod follow_seats;
pub mod follow_together;
pub mod forget_member;
pub mod fulfil;
pub mod give;
pub mod give_up;
pub mod import_coupons;
pub mod keep_catalogue;
pub mod keep_events;
pub mod keep_gift_rules;
pub mod make_codes;
pub mod note_guess;
mod persistence;
pub mod personal_offers;
pub mod promise_gifts;
pub mod redeem;
pub mod redeem_together;
pub mod remind_members;
pub mod reseal_codes;
mod ticket;
pub mod use_code;
pub mod use_voucher;

use std::sync::Arc;

use bus::Waker;
use contracts::{Fact, FactData, FactHead, parcel, rewards::SOURCE};
use kernel::{Clock, Digest16, FactId, Ids, ParcelId, Timestamp};
use ring::digest::{Context, SHA256};
use runtime::{Chain, Seal, SealNonce};
use store::{
    Database, Tx,
    outbox::{self, ParcelRow},
};
use web::Peer;

use crate::{adapters::top_ups::TopUps, error::Error, settings::Settings};

pub use codes::Codes;

/// What facts are told with.
#[derive(Clone)]
pub struct Teller {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// Wakes the relay.
    pub relay: Waker,
}

/// What commands are done with.
#[derive(Clone)]
pub struct Desk {
    /// The rows.
    pub database: Database,
    /// Time, ids, and the way out of facts.
    pub teller: Teller,
    /// The chain's own facts.
    pub chain: Arc<Chain>,
    /// The service's settings.
    pub settings: Settings,
    /// Makes, finds and opens codes of vouchers.
    pub codes: Arc<Codes>,
    /// Seals the seeds of draws.
    pub seeds: Arc<Seal>,
    /// The provider of top-ups, where there is one.
    pub top_ups: Option<Arc<TopUps>>,
    /// Who knows members' phones.
    pub membership: Peer,
}

impl Desk {
    fn nonce(&self) -> SealNonce {
        let mut nonce = SealNonce::default();
        self.teller.ids.secret(&mut nonce);
        nonce
    }
}

/// Facts of one transaction, in order.
pub(crate) struct Telling<'a> {
    teller: &'a Teller,
    now: Timestamp,
    traceparent: Option<&'a str>,
    facts: Vec<Fact>,
}

impl<'a> Telling<'a> {
    pub(crate) fn new(teller: &'a Teller, traceparent: Option<&'a str>) -> Self {
        Self { teller, now: teller.clock.now(), traceparent, facts: Vec::new() }
    }

    /// What is told from now on is about a request with this trace context.
    pub(crate) const fn about(&mut self, traceparent: Option<&'a str>) {
        self.traceparent = traceparent;
    }

    /// The moment of the transaction.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Tells a fact about a thing of which so many were told before, and counts it.
    pub(crate) fn tell<T: FactData>(&mut self, subject: String, told: &mut u64, data: &T) {
        *told += 1;
        let head = FactHead {
            id: FactId::from_uuid(self.teller.ids.uuid()),
            source: SOURCE,
            subject,
            seq: *told,
            time: self.now,
            traceparent: self.traceparent.map(str::to_owned),
        };
        self.facts.push(Fact::new(head, data));
    }

    /// Stages what was told, in the transaction of the change.
    pub(crate) async fn stage(self, tx: &Tx) -> Result<(), Error> {
        if self.facts.is_empty() {
            return Ok(());
        }
        let parcel_id = ParcelId::from_uuid(self.teller.ids.uuid());
        let payload = parcel::encode(&self.facts);
        Ok(outbox::stage(tx, &ParcelRow { parcel_id, created_at: self.now, payload }).await?)
    }
}

/// The digest of texts in their order; no two lists of texts have the same.
#[must_use]
pub fn digest(purpose: &str, parts: &[&str]) -> Digest16 {
    let mut context = Context::new(&SHA256);
    for part in std::iter::once(&purpose).chain(parts) {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    Digest16::first_of(context.finish().as_ref()).expect("SHA-256 has 32 bytes")
}
