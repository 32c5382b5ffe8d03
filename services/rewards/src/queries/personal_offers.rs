//! Which personal offers does a member have, and what became of those that they took up?

use std::collections::BTreeMap;

use kernel::{MemberId, OfferCode, Timestamp, VoucherId};
use store::Database;

use crate::{
    domain::{offer::Standing, taking::TakingState},
    error::Error,
    store::{
        gifts, offers,
        personal_offers::{self, KeptOffer},
        takings::{self, Taking},
    },
};

/// What was taken up, with what it brought.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What was taken up.
    pub taking: Taking,
    /// The voucher, once there is one.
    pub voucher: Option<VoucherId>,
    /// Why nothing came of it.
    pub reason: Option<String>,
}

/// An offer as a member has it.
#[derive(Clone, Debug)]
pub struct MemberOffer {
    /// The offer.
    pub kept: KeptOffer,
    /// Whether they can take it up now, as far as its time goes.
    pub open: bool,
    /// Whether nothing is left of it.
    pub used_up: bool,
    /// How often they can take it up still.
    pub left: u32,
    /// What they took up of it, the first one first.
    pub taken: Vec<Taken>,
}

/// A member's offers, by code: those that are open to them, and those that they activated and can use.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    database: &Database,
    (member, standing): (MemberId, Option<&Standing>),
    now: Timestamp,
) -> Result<Vec<MemberOffer>, Error> {
    let on = database.connection();
    let named = personal_offers::naming(on, member).await?;
    let mut own: BTreeMap<OfferCode, Vec<Taking>> = BTreeMap::new();
    for taking in takings::of_member(on, member, None).await? {
        own.entry(taking.offer.clone()).or_default().push(taking);
    }
    let mut found = Vec::new();
    let theirs =
        |kept: &KeptOffer| kept.is_open(now) && kept.terms.is_for(standing, named.contains(&kept.code));
    for kept in personal_offers::live(on, now).await?.into_iter().filter(theirs) {
        let taken = own.remove(&kept.code).unwrap_or_default();
        found.push(member_offer(database, kept, taken, now).await?);
    }
    for (code, taken) in own {
        let usable = |taking: &Taking| taking.state == TakingState::Active && now < taking.use_by;
        if !taken.iter().any(usable) {
            continue;
        }
        if let Some(kept) = personal_offers::load(on, &code).await? {
            found.push(member_offer(database, kept, taken, now).await?);
        }
    }
    found.sort_by(|one, other| one.kept.code.cmp(&other.kept.code));
    Ok(found)
}

/// One offer, with what a member took up of it.
///
/// # Errors
/// A fault of the database.
pub async fn member_offer(
    database: &Database,
    kept: KeptOffer,
    takings: Vec<Taking>,
    now: Timestamp,
) -> Result<MemberOffer, Error> {
    let on = database.connection();
    let mut taken = Vec::with_capacity(takings.len());
    for taking in takings {
        let gift = match taking.gift {
            Some(id) => gifts::load(on, id).await?,
            None => None,
        };
        let (voucher, reason) = gift.map_or((None, None), |gift| (gift.voucher, gift.reason));
        taken.push(Taken { taking, voucher, reason });
    }
    let cost = offers::cost(on, &kept.terms.reward).await?;
    // What is activated is used up with its number; what counts by itself is free again where nothing came of it.
    let counts = |one: &&Taken| kept.terms.activation.is_some() || one.taking.state.counts();
    let had = u32::try_from(taken.iter().filter(counts).count()).unwrap_or(u32::MAX);
    let open = kept.is_open(now);
    Ok(MemberOffer {
        open,
        used_up: kept.is_used_up(cost),
        left: if open { kept.terms.per_member.saturating_sub(had) } else { 0 },
        taken,
        kept,
    })
}
