//! Grants a member a tier by hand, until a day, and ends that before it.

use contracts::{Fact, parcel, points::TierChangeCause};
use kernel::{Day, MemberId, ParcelId, Timestamp};
use store::{
    Tx,
    outbox::{self, ParcelRow},
};

use super::{persistence::persistently, record_purchases::Recorder, tiers::Standings};
use crate::{
    domain::Assured,
    store::tier_grants::{self, GrantEnd, GrantRow},
};

/// A grant to be recorded, checked in shape.
#[derive(Clone, Debug)]
pub struct GrantTier {
    /// To whom.
    pub member: MemberId,
    /// The level's code.
    pub tier: String,
    /// The last day.
    pub until: Day,
    /// Who grants it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Why a tier was not granted.
#[derive(Debug)]
pub enum NotGranted {
    /// The live programme has no tiers.
    NoTiers,
    /// It has no level of this code.
    UnknownTier,
    /// The last day is over.
    Over,
}

/// Grants a tier; answers the grant and whether it is new. The same grant again changes nothing; another one takes its place.
///
/// # Errors
/// [`NotGranted`] within; a fault around it.
pub async fn grant_tier(
    recorder: &Recorder,
    command: &GrantTier,
) -> anyhow::Result<Result<(GrantRow, bool), NotGranted>> {
    persistently("granting a tier", || run(recorder, command)).await
}

async fn run(
    recorder: &Recorder,
    command: &GrantTier,
) -> anyhow::Result<Result<(GrantRow, bool), NotGranted>> {
    let now = recorder.clock.now();
    let today = recorder.chain.local(now, None).day;
    let tx = recorder.database.begin().await?;
    let programme = recorder.programmes.live(tx.connection(), now).await?;
    let member = [command.member.as_uuid()];
    let Some(mut standings) = Standings::load(&tx, programme.as_ref(), member, today).await? else {
        return Ok(Err(NotGranted::NoTiers));
    };
    let Some((standing, ladder)) = standings.on_ladder(command.member) else {
        return Ok(Err(NotGranted::NoTiers));
    };
    if ladder.place(&command.tier).is_none() {
        return Ok(Err(NotGranted::UnknownTier));
    }
    if command.until < today {
        return Ok(Err(NotGranted::Over));
    }
    let last = tier_grants::last_grant(&tx, command.member).await?;
    let grant = GrantRow {
        member: command.member,
        number: last.as_ref().map_or(1, |last| last.number + 1),
        tier: command.tier.clone(),
        until: command.until,
        actor: command.actor.clone(),
        reason: command.reason.clone(),
        granted_at: now,
        ended: None,
    };
    if let Some(last) = last.filter(|last| says_the_same(last, &grant)) {
        return Ok(Ok((last, false)));
    }
    standing.grant = Some(Assured { tier: grant.tier.clone(), until: grant.until });
    let fact = standings.settle(recorder, command.member, TierChangeCause::Grant, now);
    standings.write(&tx).await?;
    tier_grants::insert_grant(&tx, &grant).await?;
    tell(recorder, &tx, fact, now).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(Ok((grant, true)))
}

async fn tell(recorder: &Recorder, tx: &Tx, fact: Option<Fact>, now: Timestamp) -> anyhow::Result<()> {
    let Some(fact) = fact else { return Ok(()) };
    let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
    let payload = parcel::encode(&[fact]);
    Ok(outbox::stage(tx, &ParcelRow { parcel_id, created_at: now, payload }).await?)
}

/// The end of a grant, checked in shape.
#[derive(Clone, Debug)]
pub struct EndGrant {
    /// Whose.
    pub member: MemberId,
    /// Which of the member's grants.
    pub number: u32,
    /// Who ends it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Why a grant was not ended.
#[derive(Debug)]
pub enum NotEnded {
    /// The live programme has no tiers.
    NoTiers,
    /// The member has no such grant.
    Unknown,
    /// Somebody else ended it, or for another reason.
    EndedBefore,
    /// A later grant took its place.
    Replaced,
    /// Its last day is over.
    Over,
}

/// Ends a grant before its day; answers it and whether that is new. The same end again changes nothing.
///
/// # Errors
/// [`NotEnded`] within; a fault around it.
pub async fn end_grant(
    recorder: &Recorder,
    command: &EndGrant,
) -> anyhow::Result<Result<(GrantRow, bool), NotEnded>> {
    persistently("ending a grant", || end(recorder, command)).await
}

async fn end(recorder: &Recorder, command: &EndGrant) -> anyhow::Result<Result<(GrantRow, bool), NotEnded>> {
    let now = recorder.clock.now();
    let today = recorder.chain.local(now, None).day;
    let tx = recorder.database.begin().await?;
    let programme = recorder.programmes.live(tx.connection(), now).await?;
    // The standing is read first: whoever ended the grant meanwhile changed it.
    let member = [command.member.as_uuid()];
    let standings = Standings::load(&tx, programme.as_ref(), member, today).await?;
    let after = command.number.saturating_add(1);
    let found = tier_grants::of_member(&tx, command.member, after, 1).await?.pop();
    let Some(mut grant) = found.filter(|grant| grant.number == command.number) else {
        return Ok(Err(NotEnded::Unknown));
    };
    if let Some(before) = &grant.ended {
        let same = (&before.actor, &before.reason) == (&command.actor, &command.reason);
        return Ok(if same { Ok((grant, false)) } else { Err(NotEnded::EndedBefore) });
    }
    let last = tier_grants::last_grant(&tx, command.member).await?;
    if last.is_some_and(|last| last.number != grant.number) {
        return Ok(Err(NotEnded::Replaced));
    }
    if grant.until < today {
        return Ok(Err(NotEnded::Over));
    }
    let Some(mut standings) = standings else { return Ok(Err(NotEnded::NoTiers)) };
    if let Some((standing, _)) = standings.on_ladder(command.member) {
        standing.grant = None;
    }
    let fact = standings.settle(recorder, command.member, TierChangeCause::Grant, now);
    standings.write(&tx).await?;
    let end = GrantEnd { at: now, actor: command.actor.clone(), reason: command.reason.clone() };
    tier_grants::end_grant(&tx, &grant, &end).await?;
    tell(recorder, &tx, fact, now).await?;
    tx.commit().await?;
    recorder.relay.wake();
    grant.ended = Some(end);
    Ok(Ok((grant, true)))
}

fn says_the_same(last: &GrantRow, grant: &GrantRow) -> bool {
    last.ended.is_none()
        && (&last.tier, last.until, &last.actor, &last.reason)
            == (&grant.tier, grant.until, &grant.actor, &grant.reason)
}
