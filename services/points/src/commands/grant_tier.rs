//! Grants a member a tier by hand, until a day.

use contracts::{parcel, points::TierChangeCause};
use kernel::{Day, MemberId, ParcelId};
use store::outbox::{self, ParcelRow};

use super::{persistence::persistently, record_purchases::Recorder, tiers::Standings};
use crate::{
    domain::Assured,
    store::standings::{self, GrantRow},
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
    let last = standings::last_grant(&tx, command.member).await?;
    let grant = GrantRow {
        member: command.member,
        number: last.as_ref().map_or(1, |last| last.number + 1),
        tier: command.tier.clone(),
        until: command.until,
        actor: command.actor.clone(),
        reason: command.reason.clone(),
        granted_at: now,
    };
    if let Some(last) = last.filter(|last| says_the_same(last, &grant)) {
        return Ok(Ok((last, false)));
    }
    standing.grant = Some(Assured { tier: grant.tier.clone(), until: grant.until });
    let fact = standings.settle(recorder, command.member, TierChangeCause::Grant, now);
    standings.write(&tx).await?;
    standings::insert_grant(&tx, &grant).await?;
    if let Some(fact) = fact {
        let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
        let payload = parcel::encode(&[fact]);
        outbox::stage(&tx, &ParcelRow { parcel_id, created_at: now, payload }).await?;
    }
    tx.commit().await?;
    recorder.relay.wake();
    Ok(Ok((grant, true)))
}

fn says_the_same(last: &GrantRow, grant: &GrantRow) -> bool {
    (&last.tier, last.until, &last.actor, &last.reason)
        == (&grant.tier, grant.until, &grant.actor, &grant.reason)
}
