//! Many redemptions begun in one transaction: one look at everything they need, decisions in memory one after the other, one write.
//!
//! That goes for rewards that take nothing but points and a voucher with a code of our own. Everything else begins alone, and so does
//! what was asked for before: it is answered from the rows.

use std::collections::{HashMap, HashSet};

use kernel::{BranchCode, Digest16, MemberId, RewardCode};
use store::Tx;

use super::{
    Desk, Telling,
    redeem::{
        Redeemed, Wish, fresh, may_ask, mint, named_places, remind_at, tell_requested, usual_end, waiting,
    },
};
use crate::{
    domain::{
        offer::{self, Place},
        refusal::Refusal,
    },
    error::Error,
    store::{
        beginnings::{self, Begun, Looked, Sought},
        stock::{self, Change},
        tallies::{self, More, Name},
    },
};

/// What became of a wish; nothing for one that must begin alone.
pub type Begin = Option<Result<Redeemed, Error>>;

/// Begins redemptions; answers in their order. Each is as by [`super::redeem::redeem`].
pub async fn redeem_together(desk: &Desk, wishes: &[Wish]) -> Vec<Begin> {
    match together(desk, wishes).await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::debug!(size = wishes.len(), ?error, "each begins alone");
            wishes.iter().map(|_| None).collect()
        }
    }
}

async fn together(desk: &Desk, wishes: &[Wish]) -> Result<Vec<Begin>, Error> {
    let tx = desk.database.begin().await?;
    let mut batch = Batch::load(desk, &tx, wishes).await?;
    let mut outcomes = Vec::with_capacity(wishes.len());
    for wish in wishes {
        outcomes.push(match batch.decide(wish) {
            Ok(begun) => begun.map(Ok),
            Err(error) => Some(Err(error)),
        });
    }
    let Batch { begun, changes, counted, telling, .. } = batch;
    if begun.is_empty() {
        tx.rollback().await?;
        return Ok(outcomes);
    }
    tallies::count_all(&tx, &counted).await?;
    stock::change_all(&tx, changes).await?;
    beginnings::insert(&tx, &begun).await?;
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(outcomes)
}

/// What was looked up, evolving as wishes are decided, and what is to be written.
struct Batch<'a> {
    desk: &'a Desk,
    looked: Looked,
    /// Keys that were seen, in rows and in this batch.
    keys: HashSet<Digest16>,
    counted: HashMap<Name, More>,
    changes: Vec<Change>,
    begun: Vec<Begun>,
    telling: Telling<'a>,
}

impl<'a> Batch<'a> {
    async fn load(desk: &'a Desk, tx: &Tx, wishes: &'a [Wish]) -> Result<Self, Error> {
        let telling = Telling::new(&desk.teller, None);
        let sought = Sought {
            keys: wishes.iter().map(|wish| wish.request.key).collect(),
            members: wishes.iter().map(|wish| wish.member).collect(),
            rewards: wishes.iter().map(|wish| &wish.reward).collect(),
            branches: wishes.iter().filter_map(|wish| wish.branch.as_ref()).collect(),
        };
        let mut looked = beginnings::look(tx, &sought).await?;
        let today = desk.chain.local(telling.now(), None).day;
        let limited = wishes.iter().flat_map(|wish| {
            let limits =
                looked.offers.get(&wish.reward).map(|offer| offer::counted(&offer.terms.limits, today));
            let member = looked.member(wish.member);
            let name = move |(period, _)| (member, wish.reward.clone(), period);
            limits.into_iter().flatten().map(name)
        });
        let names: HashSet<Name> = limited.collect();
        looked.used = tallies::used(tx, &names).await?;
        // Last, since everybody wants the same rows.
        looked.stock =
            stock::left(tx, wishes.iter().map(|wish| (&wish.reward, wish.branch.as_ref()))).await?;
        let keys = looked.asked.clone();
        let (counted, changes, begun) = (HashMap::new(), Vec::new(), Vec::new());
        Ok(Self { desk, looked, keys, counted, changes, begun, telling })
    }

    /// Decides one wish; nothing where it must begin alone.
    fn decide(&mut self, wish: &'a Wish) -> Result<Option<Redeemed>, Error> {
        let now = self.telling.now();
        let member = self.looked.member(wish.member);
        let Some(offer) = self.looked.offers.get(&wish.reward).cloned() else { return Ok(None) };
        let Some(usable_at) = named_places(&offer, wish.branch.as_ref()) else { return Ok(None) };
        let asks = offer.terms.audience.asks_standing() && wish.standing.is_none();
        let plain = offer.terms.kind.is_plain() && wish.seat.is_none() && !asks;
        if !self.keys.insert(wish.request.key) || !plain || self.looked.erased.contains(&member) {
            return Ok(None);
        }
        let place = wish.branch.as_ref().map(|branch| self.place(branch));
        may_ask(&offer, wish, place.as_ref(), now)?;
        let counted = offer::counted(&offer.terms.limits, self.desk.chain.local(now, None).day);
        self.within((member, &wish.reward), &counted)?;
        let taken = self.looked.stock.take(&wish.reward, wish.branch.as_ref())?;
        self.count((member, &wish.reward), &counted);
        let mut redemption = fresh(self.desk, &offer, wish, (member, taken, &counted), now);
        self.telling.about(wish.traceparent.as_deref());
        tell_requested(self.desk, &offer, wish, &mut redemption, &mut self.telling);
        let until = usual_end(&offer, &redemption);
        let voucher =
            waiting(self.desk, &redemption, offer.terms.kind.worth().unwrap_or(1), until, usable_at);
        let code = mint(self.desk, voucher.id)?;
        self.changes.extend(Change::reserved(&redemption));
        let remind_at = remind_at(self.desk, &voucher, now);
        let request = wish.request;
        self.begun.push(Begun { redemption: redemption.clone(), request, voucher, code, remind_at });
        Ok(Some(Redeemed { redemption, replayed: false }))
    }

    fn place(&self, branch: &BranchCode) -> Place {
        Place { branch: branch.clone(), region: self.looked.regions.get(branch).cloned() }
    }

    /// Whether one more may be counted under each of these names.
    fn within(
        &self,
        (member, reward): (MemberId, &RewardCode),
        counted: &[(String, u32)],
    ) -> Result<(), Refusal> {
        for (period, most) in counted {
            let name = (member, reward.clone(), period.clone());
            let before = self.looked.used.get(&name).copied().unwrap_or_default();
            let now = self.counted.get(&name).map_or(0, |more| more.count);
            if before + now >= i64::from(*most) {
                return Err(Refusal::LimitReached { most: *most });
            }
        }
        Ok(())
    }

    fn count(&mut self, (member, reward): (MemberId, &RewardCode), counted: &[(String, u32)]) {
        for (period, most) in counted {
            let name = (member, reward.clone(), period.clone());
            self.counted.entry(name).or_insert(More { count: 0, most: *most }).count += 1;
        }
    }
}
