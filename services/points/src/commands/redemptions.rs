//! What points does for redemptions of rewards, each in the transaction of whoever heard of it: sets points aside or redeems them at
//! once, redeems what was set aside, frees it, gives it back.
//!
//! **What was refused or released once is never set aside again**, in whatever order and however often facts come: its id is kept.
//! Of each redemption it is told once at most that points cannot be had.

use std::collections::HashSet;

use contracts::{
    Fact, FactData, FactHead, parcel,
    points::{RedemptionRefunded, RedemptionRefused, RefundRefused, SOURCE, WhyRefused},
};
use kernel::{
    BranchCode, Digest16, Digests, FactId, JournalId, MemberId, ParcelId, Points, RedemptionId, Timestamp,
};
use store::{
    Tx,
    outbox::{self, ParcelRow},
};
use uuid::Builder;

use super::{
    operate::{self, Deed, Operate, Refusal},
    record_purchases::{Identity, Recorder, fingerprint, once_each},
};
use crate::{
    domain::{Rejection, Shown},
    store::{projections, redemptions},
};

/// Points that a redemption needs.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The redemption.
    pub redemption: RedemptionId,
    /// Whose points.
    pub member: MemberId,
    /// How many.
    pub points: Points,
    /// From then on it is too late.
    pub until: Timestamp,
    /// How long they are set aside, in seconds; nothing where they are redeemed at once.
    pub hold_s: Option<u32>,
    /// Where, when a branch was named.
    pub branch: Option<BranchCode>,
    /// What the member showed of themselves there.
    pub shown: Shown,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// Which redemption is meant, and what its fact says of its origin.
#[derive(Clone, Debug)]
pub struct Meant {
    /// The redemption.
    pub redemption: RedemptionId,
    /// Whose.
    pub member: MemberId,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// Whether a command captures, releases or gives back what a redemption costs because rewards told so.
#[must_use]
pub fn is_told(command: &Operate, hold: JournalId) -> bool {
    ["capture", "release", "refund"].into_iter().any(|deed| command.idempotency_key == key(deed, hold))
}

/// The digest under which something is done with the points of a redemption; no caller's key leads to it.
fn key(deed: &str, hold: JournalId) -> Digest16 {
    fingerprint(&["redemption of a reward", deed, &hold.to_string()])
}

/// What rewards told.
#[derive(Clone, Debug)]
pub enum Told {
    /// Points are needed.
    Requested(Wanted),
    /// What they are for is ready.
    Fulfilled(Meant),
    /// They are not needed any more.
    Released(Meant),
    /// What they were spent on is given back.
    Cancelled(Meant),
}

impl Told {
    const fn redemption(&self) -> RedemptionId {
        match self {
            Self::Requested(wanted) => wanted.redemption,
            Self::Fulfilled(meant) | Self::Released(meant) | Self::Cancelled(meant) => meant.redemption,
        }
    }
}

/// Does what was told, for each redemption in the order of what was told of it: what goes well at once, and the rest one by one.
///
/// # Errors
/// A fault of the database, or that somebody else changed an account meanwhile.
pub async fn follow(recorder: &Recorder, tx: &Tx, told: Vec<Told>) -> anyhow::Result<()> {
    let done = together(recorder, tx, &told).await?;
    for (told, _) in told.into_iter().zip(done).filter(|(_, done)| !done) {
        match told {
            Told::Requested(wanted) => take(recorder, tx, wanted).await?,
            Told::Fulfilled(meant) => capture(recorder, tx, &meant).await?,
            Told::Released(meant) => release(recorder, tx, &meant).await?,
            Told::Cancelled(meant) => refund(recorder, tx, &meant).await?,
        }
    }
    Ok(())
}

/// Does what can be done at once; answers for each whether it is done.
async fn together(recorder: &Recorder, tx: &Tx, told: &[Told]) -> anyhow::Result<Vec<bool>> {
    let now = recorder.clock.now();
    let requested = || {
        told.iter().filter_map(|told| match told {
            Told::Requested(wanted) => Some(wanted),
            _ => None,
        })
    };
    let ended =
        redemptions::ended(tx, &once_each(requested().map(|wanted| wanted.redemption.as_uuid()))).await?;
    // Whom rewards speaks of is a member, even where the fact of joining has not been applied yet.
    let members: Vec<_> = requested().map(|wanted| (wanted.member, None)).collect();
    projections::insert_members(tx, &members).await?;
    let mut known = HashSet::new();
    let (mut places, mut commands) = (Vec::new(), Vec::new());
    for (place, told) in told.iter().enumerate() {
        if !known.insert(told.redemption()) {
            continue;
        }
        let command = match told {
            Told::Requested(wanted) if wanted.until > now && !ended.contains(&wanted.redemption) => {
                asked(wanted)
            }
            Told::Fulfilled(meant) => captured(meant),
            _ => continue,
        };
        places.push(place);
        commands.push(command);
    }
    let mut done = vec![false; told.len()];
    for (place, is_done) in places.into_iter().zip(operate::operate_together(recorder, tx, &commands).await?)
    {
        done[place] = is_done;
    }
    Ok(done)
}

/// What a redemption asks for: a hold, or its points at once. What is redeemed at once is recorded as what was captured would be.
fn asked(wanted: &Wanted) -> Operate {
    let Wanted { redemption, member, points, hold_s, ref branch, shown, ref traceparent, .. } = *wanted;
    let meant = Meant { redemption, member, traceparent: traceparent.clone() };
    let (deed, name) = match hold_s {
        Some(lifetime_s) => (Deed::HoldFor { redemption, points, lifetime_s }, "hold"),
        None => (Deed::RedeemFor { redemption, points }, "capture"),
    };
    Operate { shown: Some(shown), ..command(&meant, deed, name, branch.clone()) }
}

/// The capture of what was set aside for a redemption.
fn captured(meant: &Meant) -> Operate {
    let hold = JournalId::from_uuid(meant.redemption.as_uuid());
    command(meant, Deed::Capture { hold, points: None }, "capture", None)
}

/// Sets points aside, under the redemption's own id, or redeems them at once, or tells why not.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn take(recorder: &Recorder, tx: &Tx, wanted: Wanted) -> anyhow::Result<()> {
    let command = asked(&wanted);
    let Wanted { redemption, member, until, traceparent, .. } = wanted;
    let meant = Meant { redemption, member, traceparent };
    if redemptions::has_ended(tx, redemption).await? {
        return Ok(());
    }
    // Whom rewards speaks of is a member, even where the fact of joining has not been applied yet.
    projections::insert_members(tx, &[(member, None)]).await?;
    if until <= recorder.clock.now() && !operate::is_recorded(tx, &command).await? {
        return refuse(recorder, tx, &meant, WhyRefused::TooLate, None).await;
    }
    match operate::within_household(recorder, tx, &command).await? {
        Ok(_) => Ok(()),
        Err(Refusal::Rejected(rejection) | Refusal::Unproved(_, rejection)) => {
            let (why, missing) = told(rejection)?;
            refuse(recorder, tx, &meant, why, missing).await
        }
        Err(refusal) => Err(broken(&meant, refusal)),
    }
}

/// Redeems what was set aside, or tells why not.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn capture(recorder: &Recorder, tx: &Tx, meant: &Meant) -> anyhow::Result<()> {
    match operate::within(recorder, tx, &captured(meant)).await? {
        Ok(_) => Ok(()),
        Err(Refusal::UnknownHold) => refuse(recorder, tx, meant, WhyRefused::HoldOver, None).await,
        Err(Refusal::Rejected(rejection)) => {
            let (why, missing) = told(rejection)?;
            refuse(recorder, tx, meant, why, missing).await
        }
        Err(refusal) => Err(broken(meant, refusal)),
    }
}

/// Frees what was set aside, if anything is, and sees to it that nothing will be.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn release(recorder: &Recorder, tx: &Tx, meant: &Meant) -> anyhow::Result<()> {
    redemptions::end(tx, meant.redemption, "released", recorder.clock.now()).await?;
    let hold = JournalId::from_uuid(meant.redemption.as_uuid());
    let command = command(meant, Deed::Release { hold }, "release", None);
    match operate::within(recorder, tx, &command).await? {
        Ok(_) | Err(Refusal::UnknownHold | Refusal::Rejected(Rejection::HoldOver)) => Ok(()),
        Err(refusal) => Err(broken(meant, refusal)),
    }
}

/// Gives back what a redemption that is cancelled cost, or tells why that cannot be. Once: that it is over is noted first.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn refund(recorder: &Recorder, tx: &Tx, meant: &Meant) -> anyhow::Result<()> {
    if !redemptions::end(tx, meant.redemption, "cancelled", recorder.clock.now()).await? {
        return Ok(());
    }
    let captured = key("capture", JournalId::from_uuid(meant.redemption.as_uuid()));
    let captured = JournalId::from_uuid(Builder::from_custom_bytes(captured.0).into_uuid());
    let command = command(meant, Deed::Reverse { redemption: captured }, "refund", None);
    let (redemption_id, member_id) = (meant.redemption, meant.member);
    let reason = match operate::within(recorder, tx, &command).await? {
        Ok(operated) => {
            let points = operated.row.points;
            return tell(recorder, tx, meant, &RedemptionRefunded { redemption_id, member_id, points }).await;
        }
        Err(Refusal::UnknownRedemption) => WhyRefused::HoldOver,
        Err(Refusal::Rejected(rejection)) => told(rejection)?.0,
        Err(refusal) => return Err(broken(meant, refusal)),
    };
    tell(recorder, tx, meant, &RefundRefused { redemption_id, member_id, reason }).await
}

fn command(meant: &Meant, deed: Deed, name: &str, branch: Option<BranchCode>) -> Operate {
    let once = key(name, JournalId::from_uuid(meant.redemption.as_uuid()));
    Operate {
        identity: Some(Identity::Member(meant.member)),
        deed,
        idempotency_key: once,
        fingerprint: Digests::one(once),
        branch,
        actor: None,
        reason: None,
        shown: None,
        traceparent: meant.traceparent.clone(),
    }
}

fn told(rejection: Rejection) -> anyhow::Result<(WhyRefused, Option<Points>)> {
    Ok(match rejection {
        Rejection::BalanceTooLow { missing } => (WhyRefused::BalanceTooLow, Some(missing)),
        Rejection::AccountFrozen => (WhyRefused::AccountFrozen, None),
        Rejection::AccountClosed => (WhyRefused::AccountClosed, None),
        Rejection::Guarded { .. } => (WhyRefused::AccountGuarded, None),
        Rejection::HoldOver => (WhyRefused::HoldOver, None),
        Rejection::PhoneUnconfirmed => (WhyRefused::PhoneUnconfirmed, None),
        Rejection::CodeNeeded { .. } => (WhyRefused::CodeNeeded, None),
        other => anyhow::bail!("points of a redemption: {other:?}"),
    })
}

fn broken(meant: &Meant, refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Fault(fault) => fault,
        refusal => anyhow::anyhow!("points of redemption {}: {refusal:?}", meant.redemption),
    }
}

async fn refuse(
    recorder: &Recorder,
    tx: &Tx,
    meant: &Meant,
    reason: WhyRefused,
    missing: Option<Points>,
) -> anyhow::Result<()> {
    if !redemptions::end(tx, meant.redemption, "refused", recorder.clock.now()).await? {
        return Ok(());
    }
    let (redemption_id, member_id) = (meant.redemption, meant.member);
    tell(recorder, tx, meant, &RedemptionRefused { redemption_id, member_id, reason, missing }).await
}

/// Tells what became of a redemption: once, so it is the first that is told of it.
async fn tell(recorder: &Recorder, tx: &Tx, meant: &Meant, data: &impl FactData) -> anyhow::Result<()> {
    let now = recorder.clock.now();
    let head = FactHead {
        id: FactId::from_uuid(recorder.ids.uuid()),
        source: SOURCE,
        subject: meant.redemption.to_string(),
        seq: 1,
        time: now,
        traceparent: meant.traceparent.clone(),
    };
    let payload = parcel::encode(&[Fact::new(head, data)]);
    let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
    Ok(outbox::stage(tx, &ParcelRow { parcel_id, created_at: now, payload }).await?)
}
