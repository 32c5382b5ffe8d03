//! A voucher is used at a till, or reserved while the till finishes its receipt.

use contracts::rewards::VoucherRedeemed;
use kernel::{BranchCode, TillCode, VoucherId, VoucherUseId};

use super::{Desk, Telling, follow_seats::attend, persistence::persistently};
use crate::{
    domain::voucher::{Use, UseState},
    error::{Error, Missing},
    store::{
        redemptions::Request,
        uses::{self, KeptUse},
        vouchers::{self, Kept},
    },
};

/// What a till wants.
#[derive(Clone, Debug)]
pub struct Usage {
    /// Which voucher.
    pub voucher: VoucherId,
    /// How much of it; all that is left when it is not said.
    pub amount: Option<i64>,
    /// For how many seconds it is only reserved.
    pub reserve_s: Option<u32>,
    /// Where.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// On which receipt.
    pub receipt: Option<String>,
    /// Under which key it was asked.
    pub request: Request,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<String>,
}

/// A use with its voucher, and whether it had been asked for before.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The use.
    pub own: KeptUse,
    /// The voucher as it is now.
    pub voucher: Kept,
    /// Whether it is the first answer again.
    pub replayed: bool,
}

/// Uses a voucher, or reserves so much of it.
///
/// # Errors
/// [`Missing::Voucher`], [`crate::domain::refusal::Refusal`], [`Error::KeyReused`], or a fault of the database.
pub async fn use_voucher(desk: &Desk, usage: &Usage) -> Result<Taken, Error> {
    persistently(|| once(desk, usage)).await
}

async fn once(desk: &Desk, usage: &Usage) -> Result<Taken, Error> {
    let tx = desk.database.begin().await?;
    let mut voucher = vouchers::hold(&tx, usage.voucher).await?.ok_or(Missing::Voucher)?;
    // With the voucher held, so that the same request twice at once is one after the other.
    if let Some((own, fingerprint)) = uses::asked(&tx, usage.request.key).await? {
        if fingerprint != usage.request.fingerprint {
            return Err(Error::KeyReused);
        }
        tx.rollback().await?;
        return Ok(Taken { own, voucher, replayed: true });
    }
    if voucher.issued_at.is_none() {
        return Err(Missing::Voucher.into());
    }
    let mut telling = Telling::new(&desk.teller, usage.traceparent.as_deref());
    let now = telling.now();
    let amount = usage.amount.unwrap_or_else(|| voucher.voucher.left(now));
    let until = usage.reserve_s.map(|seconds| now.plus_millis(i64::from(seconds) * 1_000));
    let id = VoucherUseId::from_uuid(desk.teller.ids.uuid());
    voucher.voucher.take((id, amount), until, &usage.branch, now)?;
    let state = if until.is_some() { UseState::Reserved } else { UseState::Used };
    let own = KeptUse {
        voucher: voucher.id,
        own: Use { id, amount, state, until },
        branch: usage.branch.clone(),
        till: usage.till.clone(),
        receipt: usage.receipt.clone(),
        made_at: now,
    };
    uses::insert(&tx, &own, usage.request).await?;
    if state == UseState::Used {
        tell_use(&mut voucher, &own, &mut telling);
        attend(&tx, &voucher, &mut telling).await?;
    }
    vouchers::update(&tx, &voucher).await?;
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(Taken { own, voucher, replayed: false })
}

pub(super) fn tell_use(voucher: &mut Kept, own: &KeptUse, telling: &mut Telling<'_>) {
    let told = VoucherRedeemed {
        voucher_id: voucher.id,
        member_id: voucher.member,
        reward: voucher.reward.clone(),
        use_id: own.own.id,
        branch: own.branch.clone(),
        amount: own.own.amount,
        left: voucher.voucher.left(telling.now()),
    };
    telling.tell(voucher.id.to_string(), &mut voucher.told, &told);
}
