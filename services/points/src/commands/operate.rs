//! Operations on one account that no purchase makes: holds and what becomes of them, redemptions, corrections by hand,
//! freezing and closing.
//!
//! One transaction with the account locked. An operation's id is made from its caller and idempotency key, so the same
//! request cannot be recorded twice. Where a member lacks points, and the programme pools, it is decided again with the accounts of
//! the household locked too.

mod activating;
mod holding;
mod proving;
mod refusal;
mod rows;
mod together;

use std::{iter, sync::Arc};

use kernel::{BranchCode, Digest16, Digests, JournalId, MemberId, Points, RedemptionId};
use store::Tx;
use uuid::{Builder, Uuid};

use super::{
    changes::Changes,
    persistence::{persistently, unless_recorded},
    pool::{self, For, Purse, Reach},
    record_purchases::{Identity, Recorder},
    redemptions,
};
use crate::{
    domain::{
        Account, AccountState, Aside, JournalKind, Lot, Moment, Rejection, Shown, Template, Terms,
        is_of_redemption,
    },
    store::{
        ledger::{self, JournalRow, OperationRow},
        merges,
    },
};
use rows::{decide, note, operation_row};

pub use refusal::Refusal;
pub use together::operate_together;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Set points aside for so long.
    Hold {
        /// How many.
        points: Points,
        /// For how many seconds.
        lifetime_s: u32,
    },
    /// Set points aside for a redemption of a reward; the hold has the redemption's id.
    HoldFor {
        /// The redemption.
        redemption: RedemptionId,
        /// How many.
        points: Points,
        /// For how many seconds.
        lifetime_s: u32,
    },
    /// Redeem what a hold set aside, all or so many of them.
    Capture {
        /// The hold.
        hold: JournalId,
        /// How many; all when left out.
        points: Option<Points>,
    },
    /// Free what a hold set aside.
    Release {
        /// The hold.
        hold: JournalId,
    },
    /// Redeem points at once.
    Redeem {
        /// How many.
        points: Points,
    },
    /// Redeem points at once for a redemption of a reward that is ready.
    RedeemFor {
        /// The redemption.
        redemption: RedemptionId,
        /// How many.
        points: Points,
    },
    /// Undo a redemption at once or a capture.
    Reverse {
        /// The journal that redeemed.
        redemption: JournalId,
    },
    /// Make what is pending of a purchase spendable now.
    Activate {
        /// The purchase.
        purchase: JournalId,
    },
    /// Give points by hand.
    Give(Lot),
    /// Take points by hand.
    Deduct {
        /// How many.
        points: Points,
    },
    /// Freeze the account, or open it again.
    State(AccountState),
    /// Close it for good.
    Close {
        /// Who pays for a debt that is left.
        funder: BranchCode,
    },
}

/// An operation to be recorded, checked in shape.
#[derive(Clone, Debug)]
pub struct Operate {
    /// Whose account; `None` where what it is about says so.
    pub identity: Option<Identity>,
    /// What is to be done.
    pub deed: Deed,
    /// Digest of the caller and the idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of everything that was asked.
    pub fingerprint: Digests,
    /// What membership says of whoever spends, where it was asked.
    pub shown: Option<Shown>,
    /// The branch where it happens.
    pub branch: Option<BranchCode>,
    /// The person who does it.
    pub actor: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

impl Operate {
    /// The journal that will record it.
    #[must_use]
    pub fn journal_id(&self) -> JournalId {
        match self.deed {
            Deed::HoldFor { redemption, .. } => JournalId::from_uuid(redemption.as_uuid()),
            _ => JournalId::from_uuid(Builder::from_custom_bytes(self.idempotency_key.0).into_uuid()),
        }
    }

    /// The redemption of a reward that it pays at once.
    fn paying(&self) -> Option<Uuid> {
        match self.deed {
            Deed::RedeemFor { redemption, .. } => Some(redemption.as_uuid()),
            _ => None,
        }
    }

    /// How many points it spends, where it spends any of the balance.
    const fn spends(&self) -> Option<Points> {
        match self.deed {
            Deed::Hold { points, .. }
            | Deed::HoldFor { points, .. }
            | Deed::Redeem { points }
            | Deed::RedeemFor { points, .. } => Some(points),
            _ => None,
        }
    }
}

/// An operation as it was recorded, now or before.
#[derive(Clone, Debug)]
pub struct Operated {
    /// The stored row.
    pub row: Arc<JournalRow>,
    /// Whether it had been recorded before, and this is the first answer again.
    pub replayed: bool,
}

/// Records an operation.
///
/// # Errors
/// [`Refusal`]; nothing was changed then, but for [`Refusal::Fault`].
pub async fn operate(recorder: &Recorder, command: &Operate) -> Result<Operated, Refusal> {
    let within = async |reach| persistently("recording an operation", || run(recorder, command, reach)).await;
    let mut outcome = within(Reach::Own).await;
    let lacks = matches!(&outcome, Ok(Err(Refusal::Rejected(Rejection::BalanceTooLow { .. }))));
    if lacks && matches!(command.deed, Deed::Hold { .. } | Deed::Redeem { .. }) {
        match pool::pools(recorder).await {
            Ok(true) => outcome = within(Reach::Household).await,
            Ok(false) => {}
            Err(fault) => outcome = Err(fault),
        }
    }
    outcome.unwrap_or_else(|fault| Err(Refusal::Fault(fault)))
}

async fn run(
    recorder: &Recorder,
    command: &Operate,
    reach: Reach,
) -> anyhow::Result<Result<Operated, Refusal>> {
    let tx = recorder.database.begin().await?;
    let outcome = reaching(recorder, &tx, command, reach).await?;
    match outcome {
        Ok(operated) if !operated.replayed => {
            tx.commit().await?;
            recorder.relay.wake();
            Ok(Ok(operated))
        }
        outcome => {
            tx.rollback().await?;
            Ok(outcome)
        }
    }
}

/// The same within a transaction, with the points of the household where the member's own do not suffice.
///
/// # Errors
/// A fault of the database, or that somebody else changed an account meanwhile.
pub async fn within_household(
    recorder: &Recorder,
    tx: &Tx,
    command: &Operate,
) -> anyhow::Result<Result<Operated, Refusal>> {
    let outcome = reaching(recorder, tx, command, Reach::Own).await?;
    let lacks = matches!(&outcome, Err(Refusal::Rejected(Rejection::BalanceTooLow { .. })));
    if lacks && pool::pools(recorder).await? {
        return reaching(recorder, tx, command, Reach::Household).await;
    }
    Ok(outcome)
}

/// The same within a transaction, which the caller commits unless it was refused or recorded before.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn within(
    recorder: &Recorder,
    tx: &Tx,
    command: &Operate,
) -> anyhow::Result<Result<Operated, Refusal>> {
    reaching(recorder, tx, command, Reach::Own).await
}

async fn reaching(
    recorder: &Recorder,
    tx: &Tx,
    command: &Operate,
    reach: Reach,
) -> anyhow::Result<Result<Operated, Refusal>> {
    unless_recorded(|| before(tx, command), || afresh(recorder, tx, command, reach)).await
}

async fn afresh(
    recorder: &Recorder,
    tx: &Tx,
    command: &Operate,
    reach: Reach,
) -> anyhow::Result<Result<Operated, Refusal>> {
    let mut subject = match subject(tx, command).await? {
        Ok(subject) => subject,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let now = recorder.clock.now();
    let at = Moment { now, today: recorder.chain.local(now, None).day };
    let live = recorder.programmes.live(tx.connection(), now).await?;
    let document = live.as_deref().map(|programme| &programme.document);
    let terms = Terms { at, debt: document.and_then(|document| document.debt) };
    let pooling = document.and_then(|document| document.pooling).filter(|_| reach == Reach::Household);
    let member = subject.member;
    let Some((mut account, mut purse)) = holding::held(recorder, tx, member, pooling, at).await? else {
        return Ok(Err(Refusal::UnknownMember));
    };
    let read = account.version;
    // Looked up with the account locked, so that nobody else undoes it at the same time.
    if subject.redeemed.is_some() && ledger::reversed(tx, subject.about).await? {
        return Ok(Err(Refusal::ReversedBefore));
    }
    if let Deed::Activate { purchase } = command.deed {
        if ledger::activated(tx, purchase).await? {
            return Ok(Err(Refusal::ActivatedBefore));
        }
        subject.own = activating::own_pending(recorder, tx, purchase).await?;
    }
    let proof = proving::proof(tx, command, member, document).await?;
    let act = |account: &mut Account| {
        let decided = decide(account, command, &subject, terms)?;
        proof.map_or(Ok(()), proving::Proof::allow)?;
        Ok(decided)
    };
    let (drawn, decided) = match pool::spend(purse.as_mut(), &mut account, terms, act) {
        Ok(decided) => decided,
        Err(rejection) => return Ok(Err(Refusal::of(member, rejection))),
    };
    let traceparent = command.traceparent.as_deref();
    let mut changes = Changes::default();
    if let Some(drawn) = &drawn {
        let kind = operation_row(command, &subject, now).kind;
        let what = For { member, about: command.journal_id(), kind, now, traceparent };
        pool::record(&mut changes, recorder, drawn, what)?;
    }
    let row = note(&mut changes, recorder, command, &subject, &decided, now)?;
    let others = purse.iter().flat_map(Purse::changed);
    changes.write(recorder, tx, iter::once((&account, read)).chain(others), now).await?;
    Ok(Ok(Operated { row, replayed: false }))
}

/// Whether an operation was recorded before.
///
/// # Errors
/// When the database refuses.
pub async fn is_recorded(tx: &Tx, command: &Operate) -> anyhow::Result<bool> {
    Ok(before(tx, command).await?.is_some())
}

async fn before(tx: &Tx, command: &Operate) -> anyhow::Result<Option<Result<Operated, Refusal>>> {
    let rows = ledger::purchases(
        tx,
        &[command.journal_id().as_uuid()],
        &[Uuid::from_bytes(command.idempotency_key.0)],
    )
    .await?;
    let same = |row: &JournalRow| row.request().is_some_and(|(_, asked)| command.fingerprint.has(asked));
    Ok(rows
        .into_iter()
        .next()
        .map(|row| if same(&row) { Ok(Operated { row, replayed: true }) } else { Err(Refusal::KeyReused) }))
}

/// Whose account it is, and what it is about.
struct Subject {
    member: MemberId,
    about: Option<Uuid>,
    /// The lots that a redemption took.
    redeemed: Option<Vec<Lot>>,
    /// What is pending of a purchase, as far as nothing else is known of its account.
    own: Vec<Aside>,
}

async fn subject(tx: &Tx, command: &Operate) -> anyhow::Result<Result<Subject, Refusal>> {
    let about = match command.deed {
        Deed::Capture { hold, .. } | Deed::Release { hold } => Some((hold, JournalKind::Hold)),
        Deed::Reverse { redemption } => Some((redemption, JournalKind::Redemption)),
        Deed::Activate { purchase } => Some((purchase, JournalKind::Purchase)),
        _ => None,
    };
    if let Some((id, kind)) = about {
        // What is set aside for a redemption is captured and released by what rewards tells, and by nobody's call.
        if kind == JournalKind::Hold && is_of_redemption(id) && !redemptions::is_told(command, id) {
            return Ok(Err(Refusal::UnknownHold));
        }
        let found = ledger::purchases(tx, &[id.as_uuid()], &[]).await?.into_iter().next();
        let captured =
            |row: &JournalRow| kind == JournalKind::Redemption && row.kind() == JournalKind::Capture;
        // A till knows the purchases of its own branch.
        let foreign = |row: &JournalRow| {
            let bought = row.purchase().map(|purchase| &purchase.asked.branch);
            command.branch.as_ref().is_some_and(|branch| bought.is_some_and(|bought| bought != branch))
        };
        // What a reward cost comes back by what becomes of the reward, and in no other way.
        let rewarded = |row: &JournalRow| {
            let of = row.pays_reward().map(|of| JournalId::from_uuid(of.as_uuid()));
            of.is_some_and(|of| !redemptions::is_told(command, of))
        };
        let meant =
            |row: &Arc<JournalRow>| (row.kind() == kind || captured(row)) && !foreign(row) && !rewarded(row);
        let Some(row) = found.filter(meant) else {
            return Ok(Err(match kind {
                JournalKind::Hold => Refusal::UnknownHold,
                JournalKind::Purchase => Refusal::UnknownPurchase,
                _ => Refusal::UnknownRedemption,
            }));
        };
        if let Some(purchase) = row.operation().and_then(OperationRow::paid_for)
            && kind == JournalKind::Redemption
        {
            return Ok(Err(Refusal::PaidForPurchase(purchase)));
        }
        let redeemed = if kind == JournalKind::Redemption {
            let moved = ledger::moved(tx, row.member, row.version).await?.into_iter();
            let redeemed = |template| matches!(template, Template::Redeemed | Template::Captured);
            Some(moved.filter(|(template, _)| redeemed(*template)).map(|(_, lot)| lot).collect())
        } else {
            None
        };
        let (member, about) = (merges::survivor_of(tx, row.member).await?, Some(id.as_uuid()));
        return Ok(Ok(Subject { member, about, redeemed, own: Vec::new() }));
    }
    let member = match command.identity {
        Some(Identity::Member(member)) => Some(merges::survivor_of(tx, member).await?),
        Some(identity @ Identity::Digest(_)) => {
            let sought: Vec<Uuid> = identity.sought().collect();
            identity.known_as(&ledger::members_behind(tx, &sought).await?)
        }
        None => None,
    };
    let of = |member| Subject { member, about: command.paying(), redeemed: None, own: Vec::new() };
    Ok(member.map(of).ok_or(Refusal::UnknownIdentifier))
}
