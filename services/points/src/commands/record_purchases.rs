//! Records purchases, many in one transaction: the hot path of the platform.
//!
//! One query per kind of row for the whole batch, decisions in memory one after the other, rows written in bulk, one
//! outbox row, one commit. Whatever fails, fails for nobody else: a refusal concerns its own purchase, and a batch that
//! met somebody else's change is decided again on fresh rows.

mod batch;
mod identity;
mod looking;
mod pooling;
mod spending;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use kernel::{
    BranchCode, Clock, Currency, Digest16, Digests, Ids, JournalId, LocalMoment, MemberId, Points,
    RegionCode, TillCode, Timestamp,
};
use runtime::Chain;
use store::{Database, Tx};
use uuid::Uuid;

use crate::{
    domain::{DebtTerms, Details, Line, Programme, Rejection, Shown, Spend},
    store::{ledger::JournalRow, programmes::ProgrammeCache},
};

use self::batch::Care;
use super::{
    persistence::{TRIES, may_go_better},
    pool::Reach,
};

pub(super) use looking::once_each;

pub use identity::{
    fingerprint, idempotency_digest, journal_id, member_digest, operator_digest, partner_digest, staff_digest,
};

/// Who bought, as far as it is known when the purchase arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    /// The member's id.
    Member(MemberId),
    /// The keyed hashes of a phone or card: one, or two while the key of the blind index changes.
    Digest(Digests),
}

impl Identity {
    fn member(self) -> Option<Uuid> {
        match self {
            Self::Member(member) => Some(member.as_uuid()),
            Self::Digest(_) => None,
        }
    }

    /// The member, as far as these know who is behind a hash.
    pub(super) fn known_as(self, members: &HashMap<Digest16, MemberId>) -> Option<MemberId> {
        match self {
            Self::Member(member) => Some(member),
            Self::Digest(digests) => digests.sought().iter().find_map(|digest| members.get(digest)).copied(),
        }
    }

    /// The hashes under which the customer is looked for, in one look.
    pub(super) fn sought(&self) -> impl Iterator<Item = Uuid> {
        let digests = match self {
            Self::Digest(digests) => digests.sought(),
            Self::Member(_) => &[],
        };
        digests.iter().map(|digest| Uuid::from_bytes(digest.0))
    }

    /// The same, by the id of whoever has the account now that went into theirs.
    pub(super) fn as_survivor(self, survivors: &HashMap<MemberId, MemberId>) -> Self {
        match self {
            Self::Member(member) => Self::Member(survivors.get(&member).copied().unwrap_or(member)),
            digest @ Self::Digest(_) => digest,
        }
    }
}

/// A purchase to be recorded, checked in shape.
#[derive(Clone, Debug)]
pub struct RecordPurchase {
    /// The journal that will record it: derived from branch, till, receipt and operation.
    pub journal_id: JournalId,
    /// Digest of the caller and the idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of everything that was asked; under each key of the blind index, the one that is kept first.
    pub fingerprint: Digests,
    /// Who bought.
    pub identity: Identity,
    /// Where.
    pub branch: BranchCode,
    /// The branch's region.
    pub region: RegionCode,
    /// At which till.
    pub till: TillCode,
    /// The receipt's number.
    pub receipt: Arc<str>,
    /// Which operation on it.
    pub operation: Arc<str>,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// The same on the branch's wall clock.
    pub local: LocalMoment,
    /// Paid, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// The receipt's lines; empty when the till sent none.
    pub lines: Arc<[Line]>,
    /// What else the till said.
    pub details: Details,
    /// How much of it is to be paid with points.
    pub spend: Option<Spend>,
    /// What membership says of whoever spends, where it was asked.
    pub shown: Option<Shown>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// A purchase as it was recorded, now or before.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The stored row.
    pub row: Arc<JournalRow>,
    /// The programme version that decided.
    pub programme: Arc<Programme>,
    /// Whether it had been recorded before, and this is the first answer again.
    pub replayed: bool,
}

/// Why a purchase was not recorded.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The identifier leads to nobody that points has heard of.
    UnknownIdentifier,
    /// The member id names nobody that points has heard of.
    UnknownMember,
    /// The idempotency key was used for something else.
    KeyReused,
    /// The receipt was recorded with other contents.
    ReceiptTaken,
    /// Whoever spends has to show more of themselves first, as far as is known here.
    Unproved(MemberId, Rejection),
    /// The business says no.
    Rejected(Rejection),
    /// Our machine broke; nobody knows whether anything of it was recorded.
    Fault(Arc<anyhow::Error>),
}

impl Refusal {
    /// Why nothing was recorded for this member.
    fn of(member: MemberId, rejection: Rejection) -> Self {
        if rejection.is_about_proof() { Self::Unproved(member, rejection) } else { Self::Rejected(rejection) }
    }
}

/// What recording needs around it.
pub struct Recorder {
    /// The service's database.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
    /// The chain's wall clock.
    pub chain: Arc<Chain>,
    /// The programme's versions.
    pub programmes: ProgrammeCache,
    /// How many points leave a guarded account.
    pub guarded_points: Points,
    /// Wakes the relay.
    pub relay: bus::Waker,
    /// How many batches are still looked at with full care, since one of late needed it.
    pub wary: AtomicU32,
}

/// After a batch that a light look was not enough for, so many get full care at once: repeats come in swarms.
const WARY: u32 = 32;

impl Recorder {
    /// Records a batch in one transaction; answers in the batch's order.
    ///
    /// Trying again is always safe, even after a commit whose outcome nobody knows: the purchases that were recorded are
    /// found by their ids and answered as before.
    pub async fn record(&self, batch: &[RecordPurchase]) -> Vec<Result<Recorded, Refusal>> {
        self.outcomes(batch, true).await
    }

    /// What recording this purchase would answer; nothing is kept.
    ///
    /// # Errors
    /// As the answer of the real thing.
    pub async fn rehearse(&self, purchase: RecordPurchase) -> Result<Recorded, Refusal> {
        self.outcomes(&[purchase], false).await.pop().expect("one purchase has one outcome")
    }

    async fn outcomes(&self, batch: &[RecordPurchase], keep: bool) -> Vec<Result<Recorded, Refusal>> {
        let mut outcomes = self.reaching(batch, keep, Reach::Own).await;
        self.decide_again_with_households(batch, keep, &mut outcomes).await;
        outcomes
    }

    async fn reaching(
        &self,
        batch: &[RecordPurchase],
        keep: bool,
        reach: Reach,
    ) -> Vec<Result<Recorded, Refusal>> {
        match self.try_hard(batch, keep, reach).await {
            Ok(outcomes) => outcomes,
            Err(fault) => {
                let fault = Arc::new(fault);
                batch.iter().map(|_| Err(Refusal::Fault(Arc::clone(&fault)))).collect()
            }
        }
    }

    async fn try_hard(
        &self,
        batch: &[RecordPurchase],
        keep: bool,
        reach: Reach,
    ) -> anyhow::Result<Vec<Result<Recorded, Refusal>>> {
        let mut last = None;
        for attempt in 1..=TRIES {
            let light = keep && reach == Reach::Own && attempt == 1 && self.is_at_ease();
            let care = if light { Care::Light } else { Care::Full };
            match batch::run(self, batch, (care, reach), keep).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(fault) if may_go_better(&fault) || fault.is::<batch::LookCloser>() => {
                    if care == Care::Light {
                        self.wary.store(WARY, Ordering::Relaxed);
                    }
                    tracing::debug!(
                        attempt,
                        size = batch.len(),
                        fault = format!("{fault:#}"),
                        "deciding again"
                    );
                    last = Some(fault);
                }
                Err(fault) => return Err(fault).context("recording purchases"),
            }
            if attempt > 1 {
                tokio::time::sleep(Duration::from_millis(u64::from(attempt - 1) * 5)).await;
            }
        }
        let last = last.unwrap_or_else(|| anyhow!("not tried"));
        Err(last).with_context(|| format!("recording purchases, {TRIES} tries"))
    }

    /// How debts are recovered, as the live programme says.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn debt_terms(&self, tx: &Tx) -> anyhow::Result<Option<DebtTerms>> {
        let live = self.programmes.live(tx.connection(), self.clock.now()).await?;
        Ok(live.and_then(|programme| programme.document.debt))
    }

    /// Whether no batch of late needed full care.
    fn is_at_ease(&self) -> bool {
        let less = |wary: u32| wary.checked_sub(1);
        self.wary.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_err()
    }
}
