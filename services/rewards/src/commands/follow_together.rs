//! What was heard about many redemptions, followed at once: one look at all of them, decisions in memory, one write.
//!
//! That goes for rewards that take nothing but points and a voucher with a code of our own, and for what goes well. Everything else is
//! followed one by one, and so is whatever else was heard of the same redemption.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kernel::{MemberId, Points, RedemptionId};
use store::Tx;
use uuid::Uuid;

use super::{
    Teller, Telling,
    follow::{follow, tell_completed, tell_issued},
};
use crate::{
    domain::{
        redemption::{Heard, Step, decide},
        reward::RewardKind,
    },
    error::Error,
    store::{
        erasures,
        redemptions::Redemption,
        sagas::{self, Waiting},
        stock::{self, Change},
    },
};

/// What was heard about a redemption.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Which one.
    pub redemption: RedemptionId,
    /// What.
    pub heard: Heard,
    /// How many points there were too few.
    pub missing: Option<Points>,
    /// Trace context of the request, when it is sampled.
    pub traceparent: Option<&'a str>,
}

/// Lets redemptions go on by what was heard, each in the order of what was heard about it. What is no redemption of ours is another's
/// hold.
///
/// # Errors
/// A fault of the database.
pub async fn follow_all(teller: &Teller, tx: &Tx, told: &[Told<'_>]) -> Result<(), Error> {
    for place in together(teller, tx, told).await? {
        let Told { redemption, heard, missing, traceparent } = told[place];
        follow(teller, tx, redemption, heard, (missing, traceparent)).await?;
    }
    Ok(())
}

/// Follows what can be followed at once; answers the places of the rest, in order.
async fn together(teller: &Teller, tx: &Tx, told: &[Told<'_>]) -> Result<Vec<usize>, Error> {
    let mut known = HashSet::new();
    let (first, mut alone): (Vec<usize>, Vec<usize>) = (0..told.len()).partition(|place| {
        let Told { redemption, heard, .. } = told[*place];
        known.insert(redemption) && heard == Heard::Captured
    });
    let plain: Vec<Told<'_>> = first.iter().map(|place| told[*place]).collect();
    let mut batch = Batch::load(teller, tx, &plain).await?;
    for place in first {
        if !batch.follow(&told[place]) {
            alone.push(place);
        }
    }
    batch.write(tx).await?;
    alone.sort_unstable();
    Ok(alone)
}

/// What was loaded, and what is to be written.
struct Batch<'a> {
    redemptions: BTreeMap<RedemptionId, Redemption>,
    kinds: sagas::Kinds,
    vouchers: BTreeMap<RedemptionId, Waiting>,
    erased: HashSet<MemberId>,
    telling: Telling<'a>,
    changed: Vec<Redemption>,
    issued: Vec<Waiting>,
    stock: Vec<Change>,
}

impl<'a> Batch<'a> {
    async fn load(teller: &'a Teller, tx: &Tx, told: &[Told<'a>]) -> Result<Self, Error> {
        let ids: Vec<RedemptionId> = told.iter().map(|told| told.redemption).collect();
        let redemptions = sagas::hold(tx, &ids).await?;
        let members: BTreeSet<Uuid> = redemptions.values().map(|one| one.member.as_uuid()).collect();
        let members: Vec<Uuid> = members.into_iter().collect();
        Ok(Self {
            kinds: sagas::kinds(tx, redemptions.values()).await?,
            vouchers: sagas::waiting(tx, &ids).await?,
            erased: erasures::among(tx, &members).await?,
            redemptions,
            telling: Telling::new(teller, None),
            changed: Vec::new(),
            issued: Vec::new(),
            stock: Vec::new(),
        })
    }

    /// Lets one go on; answers whether it is done with.
    fn follow(&mut self, told: &Told<'a>) -> bool {
        let Some(redemption) = self.redemptions.get_mut(&told.redemption) else { return true };
        let step = decide(redemption.state, told.heard);
        let is_plain = self.kinds.of(redemption).is_some_and(RewardKind::is_plain)
            && !self.erased.contains(&redemption.member);
        self.telling.about(told.traceparent);
        match (step, self.vouchers.remove(&told.redemption)) {
            (Step::Stay, _) => return true,
            (Step::Complete, Some(mut voucher)) if is_plain => {
                tell_completed(redemption, Some(voucher.id), &mut self.telling);
                let what = (voucher.id, voucher.valid_until);
                tell_issued(redemption, what, &mut voucher.told, &mut self.telling);
                self.stock.extend(Change::issued(redemption));
                redemption.ended_at = Some(self.telling.now());
                self.issued.push(voucher);
            }
            _ => return false,
        }
        redemption.state = step.leads_to(redemption.state);
        self.changed.push(redemption.clone());
        true
    }

    async fn write(self, tx: &Tx) -> Result<(), Error> {
        if self.changed.is_empty() {
            return Ok(());
        }
        stock::change_all(tx, self.stock).await?;
        sagas::update(tx, &self.changed).await?;
        sagas::issue(tx, &self.issued, self.telling.now()).await?;
        self.telling.stage(tx).await
    }
}
