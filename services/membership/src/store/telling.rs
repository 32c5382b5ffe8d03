//! Facts on their way into the outbox: one parcel per transaction.

use contracts::{Fact, FactData, FactHead, membership::SOURCE, parcel};
use kernel::{FactId, Ids, ParcelId, Timestamp};
use store::{
    Tx,
    outbox::{self, ParcelRow},
};
use tracing::Span;
use web::TraceParent;

use crate::error::Error;

/// The facts of one transaction, gathered in order.
pub struct Telling<'a> {
    ids: &'a dyn Ids,
    at: Timestamp,
    traceparent: Option<String>,
    facts: Vec<Fact>,
}

impl<'a> Telling<'a> {
    /// Nothing told yet; what is told carries this time and, when the request is sampled, its trace.
    #[must_use]
    pub fn new(ids: &'a dyn Ids, at: Timestamp) -> Self {
        let traceparent = TraceParent::of_span(&Span::current()).map(|parent| parent.to_text());
        Self { ids, at, traceparent, facts: Vec::new() }
    }

    /// Adds a fact about `subject`, the one with number `seq` of the subject's own.
    pub fn tell<T: FactData>(&mut self, subject: String, seq: u64, data: &T) {
        let head = FactHead {
            id: FactId::from_uuid(self.ids.uuid()),
            source: SOURCE,
            subject,
            seq,
            time: self.at,
            traceparent: self.traceparent.clone(),
        };
        self.facts.push(Fact::new(head, data));
    }

    /// Whether nothing is told.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Puts the facts into the outbox as one parcel.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn stage(self, tx: &Tx) -> Result<(), Error> {
        let parcel_id = ParcelId::from_uuid(self.ids.uuid());
        let row = ParcelRow { parcel_id, created_at: self.at, payload: parcel::encode(&self.facts) };
        Ok(outbox::stage(tx, &row).await?)
    }
}
