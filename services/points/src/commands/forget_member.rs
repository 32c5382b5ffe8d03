//! Does points' part of an erasure, in the transaction of whoever heard of it.
//!
//! What the account had is written off by the template of every closure, and told like it. The ledger stays, under an id
//! that leads to nobody: points that were given and spent do not become untrue.

use contracts::{Fact, FactHead, parcel, points::MemberForgotten, points::SOURCE};
use kernel::{BranchCode, Digests, FactId, MemberId, ParcelId, Timestamp};
use store::{
    Tx,
    outbox::{self, ParcelRow},
};

use super::{
    operate::{self, Deed, Operate, Refusal},
    record_purchases::{Identity, Recorder, fingerprint},
};
use crate::{
    domain::Rejection,
    store::{erasures, merges},
};

/// Whom to forget.
#[derive(Clone, Debug)]
pub struct Forget {
    /// Who.
    pub member: MemberId,
    /// The branch that pays for a debt that is left, where one is known.
    pub branch: Option<BranchCode>,
    /// When they were erased.
    pub erased_at: Timestamp,
    /// Trace context of the request that erased them, when it is sampled.
    pub traceparent: Option<String>,
}

/// Closes the account, forgets by what the member was found, notes it and tells that it is done. Whoever is forgotten
/// already stays so: only what leads to them is looked for again.
///
/// # Errors
/// A fault of the database, or that somebody else changed the account meanwhile.
pub async fn forget_member(recorder: &Recorder, tx: &Tx, forget: Forget) -> anyhow::Result<()> {
    let Forget { member, branch, erased_at, traceparent } = forget;
    // What other names of theirs led to goes with them.
    for name in merges::names_of(tx, member).await?.into_iter().chain([member]) {
        erasures::forget(tx, name).await?;
    }
    if !erasures::note(tx, member, erased_at).await? {
        return Ok(());
    }
    let funder = match branch {
        Some(branch) => Some(branch),
        None => erasures::some_branch(tx).await?,
    };
    // Without a branch there was no purchase, and so there is neither a point nor a debt.
    if let Some(funder) = funder {
        close(recorder, tx, member, funder, traceparent.clone()).await?;
    }
    let now = recorder.clock.now();
    let head = FactHead {
        id: FactId::from_uuid(recorder.ids.uuid()),
        source: SOURCE,
        subject: format!("{member}/erasure"),
        seq: 1,
        time: now,
        traceparent,
    };
    let payload = parcel::encode(&[Fact::new(head, &MemberForgotten { member_id: member })]);
    let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
    outbox::stage(tx, &ParcelRow { parcel_id, created_at: now, payload }).await?;
    recorder.relay.wake();
    Ok(())
}

async fn close(
    recorder: &Recorder,
    tx: &Tx,
    member: MemberId,
    funder: BranchCode,
    traceparent: Option<String>,
) -> anyhow::Result<()> {
    let once = fingerprint(&["member erased", &member.to_string()]);
    let command = Operate {
        identity: Some(Identity::Member(member)),
        deed: Deed::Close { funder },
        idempotency_key: once,
        fingerprint: Digests::one(once),
        shown: None,
        branch: None,
        actor: None,
        reason: None,
        traceparent,
    };
    match operate::within(recorder, tx, &command).await? {
        Ok(_) | Err(Refusal::UnknownMember | Refusal::Rejected(Rejection::AccountClosed)) => Ok(()),
        Err(Refusal::Fault(fault)) => Err(fault),
        Err(refusal) => Err(anyhow::anyhow!("the account of erased member {member}: {refusal:?}")),
    }
}
