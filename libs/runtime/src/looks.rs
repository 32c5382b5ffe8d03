//! The record of looks: who of the back office looked at whose data, and why; a chain of seals in each service's database.
//!
//! **A row that is changed, left out, cut off or added later is found by [`LookBook::audit`]**: its seal (HMAC-SHA-256 under a
//! key that is not in the database) covers the row and the seal before it, and the chain's ends have a mark of the same key.
//! Whoever has both the database and the key is not found by it, nor is who puts an older copy of the whole record in its place:
//! against that, the number and the seal of each look are in the log, and the audit names those of the last one.

use std::sync::Arc;

use kernel::{Clock, MemberId, StaffId, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};
use store::{
    Database, StoreError, Tx,
    looks::{self, LookChain, LookFilter, LookRow},
    paging::Cursor,
};
use utoipa::{IntoParams, ToSchema};
use web::{Look, Looks};

use crate::{AuditRow, BlindKeys};

/// Rows that are read at once.
const PAGE: u64 = 1_000;

/// The looks of one service.
#[derive(Clone)]
pub struct LookBook {
    database: Database,
    key: hmac::Key,
    service: &'static str,
}

/// Which looks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LookParams {
    /// At this member alone.
    pub member_id: Option<MemberId>,
    /// By this person of the staff alone.
    pub staff_id: Option<StaffId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Where the page begins: `next_cursor` of the page before; left out for the newest.
    pub cursor: Option<String>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

/// Somebody of the back office looked at a member's data.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookView {
    /// Its place in the record, from 1, without gaps.
    #[schema(example = 4711)]
    pub number: i64,
    /// When.
    pub looked_at: Timestamp,
    /// Who of the staff; absent for the operator's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
    /// What they called.
    #[schema(example = "read_member")]
    pub operation: String,
    /// At whom; the id stays when the member has left, and leads to nobody then.
    pub member_id: MemberId,
    /// Why: `member_asked`, `complaint`, `correction`, `suspicion`, `audit` or `duty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "complaint")]
    pub reason: Option<String>,
    /// What the reason is about, as the looker said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "T-4711")]
    pub reference: Option<String>,
}

/// Looks, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookPage {
    /// They.
    pub looks: Vec<LookView>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl LookParams {
    /// The most looks of a page.
    pub const MOST: u32 = 200;
    const DEFAULT: u32 = 50;

    /// How many are asked for; nothing when that is too few or too many.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        Some(self.limit.unwrap_or(Self::DEFAULT)).filter(|limit| (1..=Self::MOST).contains(limit))
    }

    /// What is asked for.
    ///
    /// # Errors
    /// [`StoreError::Cursor`] for a cursor that was not given out.
    pub fn filter(&self) -> Result<LookFilter, StoreError> {
        Ok(LookFilter {
            member: self.member_id.map(MemberId::as_uuid),
            staff: self.staff_id.map(StaffId::as_uuid),
            from: self.from.map(Timestamp::micros),
            until: self.until.map(Timestamp::micros),
            before: self.cursor.as_deref().map(Cursor::parse).transpose()?,
        })
    }
}

impl LookBook {
    /// The looks in this service's database, sealed with a key of their own that the installation's oldest key of the blind index
    /// leads to: the chain does not break where that changes.
    #[must_use]
    pub fn new(service: &'static str, database: &Database, keys: &BlindKeys) -> Self {
        let key = keys.oldest().derived(&format!("record of looks in {service}"));
        Self { database: database.clone(), key, service }
    }

    /// What a face notes looks by.
    #[must_use]
    pub fn noting(&self, clock: &Arc<dyn Clock>) -> Looks {
        let (book, clock) = (self.clone(), Arc::clone(clock));
        Arc::new(move |look| {
            let (book, clock) = (book.clone(), Arc::clone(&clock));
            Box::pin(async move { Ok(book.note(&look, &*clock).await?) })
        })
    }

    /// Adds a look to the record, a row for each member that it showed. Looks wait for each other, on all replicas, so that there
    /// is one chain.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note(&self, look: &Look, clock: &dyn Clock) -> Result<(), StoreError> {
        let tx = self.database.begin().await?;
        let mut chain = looks::hold(&tx).await?;
        let now = clock.now();
        for member in &look.members {
            let mut row = LookRow {
                number: chain.last + 1,
                looked_at: now.micros(),
                staff_id: look.staff.map(StaffId::as_uuid),
                operation: look.operation.to_owned(),
                member_id: member.as_uuid(),
                reason: look.reason.map(|reason| reason.word().to_owned()),
                reference: look.reference.clone(),
                seal: Vec::new(),
            };
            row.seal = self.seal(&chain.last_seal, &row);
            looks::append(&tx, &row).await?;
            (chain.last, chain.last_seal) = (row.number, row.seal);
        }
        chain.mark = self.mark(&chain);
        looks::note_ends(&tx, &chain).await?;
        tx.commit().await?;
        let (service, number, seal) = (self.service, chain.last, shortened(&chain.last_seal));
        tracing::info!(service, number, seal, "a look at a member was noted");
        Ok(())
    }

    /// Up to `limit` looks that the filter asks for, the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn list(&self, filter: &LookFilter, limit: u32) -> Result<LookPage, StoreError> {
        let mut rows = looks::newest(&self.database, filter, u64::from(limit) + 1).await?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > most;
        rows.truncate(most);
        let last = rows.last().filter(|_| has_more);
        let next_cursor = last.map(|row| Cursor::of(&row.number).as_str().to_owned());
        Ok(LookPage { looks: rows.into_iter().map(LookView::from).collect(), has_more, next_cursor })
    }

    /// Forgets up to `limit` of the oldest looks that are older than `before`, and notes where the chain begins now. Answers
    /// how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn forget(&self, tx: &Tx, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let mut chain = looks::hold(tx).await?;
        let oldest = looks::page(tx, chain.after, limit).await?;
        let over = oldest.into_iter().take_while(|row| row.looked_at < before.micros());
        let Some(last) = over.last() else { return Ok(0) };
        (chain.after, chain.after_seal) = (last.number, last.seal);
        chain.mark = self.mark(&chain);
        looks::note_ends(tx, &chain).await?;
        looks::drop_forgotten(tx, chain.after).await
    }

    /// Recomputes every seal, for `vafa verify`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit(&self) -> Result<AuditRow, StoreError> {
        loop {
            let chain = looks::ends(&self.database).await?;
            let row = self.audited(&chain).await?;
            // What is forgotten while this runs is missed by it, and by nobody else.
            if looks::ends(&self.database).await?.after == chain.after {
                return Ok(row);
            }
        }
    }

    async fn audited(&self, chain: &LookChain) -> Result<AuditRow, StoreError> {
        let (service, last, known) = (self.service, chain.last, shortened(&chain.last_seal));
        let mut row = AuditRow::new(format!(
            "every look in {service} is sealed with the one before, to the last, {last} ({known})"
        ));
        let begun = chain.mark.is_empty() && chain.last == 0 && chain.after == 0;
        if !begun && self.mark(chain) != chain.mark {
            row.differs("where the looks begin and end is not what was noted");
        }
        let (mut number, mut seal) = (chain.after, chain.after_seal.clone());
        let mut ends_with = seal.clone();
        loop {
            let page = looks::page(self.database.connection(), number, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for look in page {
                row.examined += 1;
                if look.number != number + 1 {
                    row.differs(format!("looks {} to {} are missing", number + 1, look.number - 1));
                }
                if look.seal != self.seal(&seal, &look) {
                    row.differs(format!("look {} is not what was sealed", look.number));
                }
                if look.number == last {
                    ends_with.clone_from(&look.seal);
                }
                (number, seal) = (look.number, look.seal);
            }
        }
        // What is looked at while this runs comes behind the end that was read before.
        if number < last || ends_with != chain.last_seal {
            row.differs(format!("the record ends with look {number}, and was noted to end with {last}"));
        }
        Ok(row)
    }

    /// Over the seal before and every field, each with its length, so that no two rows read alike.
    fn seal(&self, before: &[u8], row: &LookRow) -> Vec<u8> {
        self.signed(&[
            Some(b"look"),
            Some(before),
            Some(&row.number.to_be_bytes()),
            Some(&row.looked_at.to_be_bytes()),
            row.staff_id.as_ref().map(|id| id.as_bytes().as_slice()),
            Some(row.operation.as_bytes()),
            Some(row.member_id.as_bytes()),
            row.reason.as_deref().map(str::as_bytes),
            row.reference.as_deref().map(str::as_bytes),
        ])
    }

    /// Over where the chain begins and ends.
    fn mark(&self, chain: &LookChain) -> Vec<u8> {
        self.signed(&[
            Some(b"ends"),
            Some(&chain.after.to_be_bytes()),
            Some(&chain.after_seal),
            Some(&chain.last.to_be_bytes()),
            Some(&chain.last_seal),
        ])
    }

    fn signed(&self, fields: &[Option<&[u8]>]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        for field in fields {
            let length = field.map_or(u64::MAX, |bytes| bytes.len() as u64);
            context.update(&length.to_be_bytes());
            context.update(field.unwrap_or_default());
        }
        context.sign().as_ref().to_vec()
    }
}

/// The beginning of a seal, by which people compare it.
fn shortened(seal: &[u8]) -> String {
    let mut first = [0; 8];
    first.iter_mut().zip(seal).for_each(|(to, byte)| *to = *byte);
    format!("{:016x}", u64::from_be_bytes(first))
}

impl From<LookRow> for LookView {
    fn from(row: LookRow) -> Self {
        Self {
            number: row.number,
            looked_at: Timestamp::from_micros(row.looked_at),
            staff_id: row.staff_id.map(StaffId::from_uuid),
            operation: row.operation,
            member_id: MemberId::from_uuid(row.member_id),
            reason: row.reason,
            reference: row.reference,
        }
    }
}
