//! Which of a member's offers and rewards suit them best?

use kernel::{Language, MemberId, Timestamp};
use store::Database;

use super::{
    catalogue::{Found, Search, catalogue},
    personal_offers::{MemberOffer, of_member},
};
use crate::{
    domain::{
        best::{Candidate, Habits, Parts, Why, best},
        offer::Standing,
        reward::{Extent, RewardKind, Words},
        taste::period_of,
    },
    error::Error,
    store::{offers, tastes},
};

/// Something that suits a member, and why.
#[derive(Clone, Debug)]
pub struct Suiting {
    /// What it is.
    pub candidate: Candidate,
    /// What it is called.
    pub title: Words,
    /// How its score adds up.
    pub parts: Parts,
    /// Why it is shown.
    pub why: Why,
}

/// The best of what is open to a member, the best one first.
///
/// # Errors
/// A fault of the database.
pub async fn best_of(
    database: &Database,
    (member, standing): (MemberId, Option<&Standing>),
    (now, language): (Timestamp, Language),
    most: usize,
) -> Result<Vec<Suiting>, Error> {
    let on = database.connection();
    let mut all: Vec<(Candidate, Words)> = Vec::new();
    for found in of_member(database, (member, standing), now).await? {
        if found.open && found.left > 0 && !found.used_up {
            let reward = offers::load(on, &found.kept.terms.reward).await?;
            if let Some(reward) = reward {
                all.push((of_offer(&found, &reward.terms.kind), found.kept.terms.title.clone()));
            }
        }
    }
    let found = catalogue(database, &Search::default(), standing, (now, language)).await?;
    let there = found.iter().filter(|found| found.left != Some(0));
    all.extend(there.map(|found| (of_reward(found), found.offer.terms.name.clone())));
    let current = period_of(now);
    let weights = tastes::of_member(on, member).await?.into_iter();
    let weights = weights.map(|(category, taste)| (category, taste.weight(current)));
    let habits = Habits {
        weights: weights.filter(|(_, weight)| *weight > 0).collect(),
        had: tastes::kinds_had(on, member).await?,
    };
    let candidates = all.iter().map(|(candidate, _)| candidate.clone()).collect();
    let chosen = best(candidates, &habits, (now, most)).into_iter().map(|(candidate, parts, why)| {
        let own = all.iter().find(|(other, _)| *other == candidate);
        Suiting { title: own.map(|(_, title)| title.clone()).unwrap_or_default(), candidate, parts, why }
    });
    Ok(chosen.collect())
}

fn of_offer(found: &MemberOffer, kind: &RewardKind) -> Candidate {
    let terms = &found.kept.terms;
    let asked = terms.condition.iter().filter_map(|condition| condition.category.clone());
    Candidate {
        code: found.kept.code.to_string(),
        offer: true,
        kind: kind.word().to_owned(),
        categories: terms.categories.iter().cloned().chain(asked).chain(extent(kind)).collect(),
        points: 0,
        missing: Some(0),
        until: Some(terms.until),
    }
}

fn of_reward(found: &Found) -> Candidate {
    let terms = &found.offer.terms;
    Candidate {
        code: found.offer.code.to_string(),
        offer: false,
        kind: terms.kind.word().to_owned(),
        categories: extent(&terms.kind).into_iter().collect(),
        points: terms.points,
        missing: found.missing,
        until: found.offer.schedule.until,
    }
}

/// The category that a discount is for.
fn extent(kind: &RewardKind) -> Option<String> {
    match kind {
        RewardKind::DiscountAmount { extent: Extent::Category { category }, .. }
        | RewardKind::DiscountPercent { extent: Extent::Category { category }, .. } => Some(category.clone()),
        _ => None,
    }
}
