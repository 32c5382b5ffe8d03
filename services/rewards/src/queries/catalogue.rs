//! What can a member have, what can they afford, and what are they near to?

use kernel::{Language, Timestamp};
use locale::digits;
use store::Database;

use crate::{
    domain::{
        offer::{Offer, Place, Standing},
        reward::RewardKind,
    },
    error::Error,
    store::{
        offers,
        stock::{self, Stock},
    },
};

/// The most rewards that are offered at a time and shown.
pub const MOST: u64 = 2_000;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Of this kind.
    pub kind: Option<String>,
    /// With these letters in a name or in what is said of it, in any language.
    pub text: Option<String>,
    /// There.
    pub place: Option<Place>,
    /// What the member can pay, or nearly can.
    pub affordable: Affordable,
    /// In this order.
    pub order: Order,
}

/// How a price compares with what a member has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Affordable {
    /// However it does.
    #[default]
    Any,
    /// It can be paid.
    Now,
    /// It cannot, and a quarter of it is missing at most.
    Nearly,
}

/// In which order rewards are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The cheapest first.
    #[default]
    Points,
    /// The dearest first.
    PointsDown,
    /// By name.
    Name,
}

/// A reward with how many are left.
#[derive(Clone, Debug)]
pub struct Found {
    /// The reward.
    pub offer: Offer,
    /// How many are left there, as far as that is counted.
    pub left: Option<i64>,
    /// How many points there are too few; none where it can be paid, nothing where that is not known.
    pub missing: Option<i64>,
}

/// How many a stock lets go at a place; without one, at the branch that has most.
#[must_use]
pub fn left(stock: &[Stock], place: Option<&Place>) -> Option<i64> {
    let chain = stock.iter().find(|one| one.branch.is_none()).map(Stock::left);
    let here = |one: &&Stock| place.is_none_or(|place| one.branch.as_ref() == Some(&place.branch));
    let kept_at_branches = stock.iter().any(|one| one.branch.is_some());
    let branches = stock.iter().filter(|one| one.branch.is_some()).filter(here).map(Stock::left).max();
    let branches = branches.or(kept_at_branches.then_some(0));
    chain.into_iter().chain(branches).min()
}

/// What a member who stands so can have now, as it was searched for.
///
/// # Errors
/// A fault of the database.
pub async fn catalogue(
    database: &Database,
    search: &Search,
    standing: Option<&Standing>,
    (now, language): (Timestamp, Language),
) -> Result<Vec<Found>, Error> {
    let on = database.connection();
    let mut found = Vec::new();
    // What is no kind of ours is not asked for.
    if search.kind.as_deref().is_some_and(|kind| !RewardKind::WORDS.contains(&kind)) {
        return Ok(found);
    }
    for offer in offers::list(on, search.kind.as_deref(), Some(now), "", MOST).await? {
        let audience = &offer.terms.audience;
        let suits = audience.is_for(standing) && audience.is_at(search.place.as_ref());
        let missing = standing.map(|standing| (offer.terms.points - standing.points.count()).max(0));
        if suits
            && fits(search.affordable, offer.terms.points, missing)
            && says(&offer, search.text.as_deref())
        {
            let left = left(&stock::of(on, &offer.code).await?, search.place.as_ref());
            found.push(Found { offer, left, missing });
        }
    }
    let name = |found: &Found| found.offer.terms.name.told(language).map(|(name, _)| name.to_lowercase());
    match search.order {
        Order::Points => found.sort_by_key(|found| (found.offer.terms.points, found.offer.code.clone())),
        Order::PointsDown => found.sort_by_key(|found| (-found.offer.terms.points, found.offer.code.clone())),
        Order::Name => found.sort_by_key(|found| (name(found), found.offer.code.clone())),
    }
    Ok(found)
}

/// Of whom nothing is known can afford nothing for sure.
fn fits(wanted: Affordable, points: i64, missing: Option<i64>) -> bool {
    match wanted {
        Affordable::Any => true,
        Affordable::Now => missing == Some(0),
        Affordable::Nearly => missing.is_some_and(|missing| missing > 0 && missing <= points / 4),
    }
}

fn says(offer: &Offer, text: Option<&str>) -> bool {
    let Some(text) = text else { return true };
    let wanted = plain(text);
    let terms = &offer.terms;
    let texts = Language::ALL
        .iter()
        .flat_map(|language| [terms.name.in_language(*language), terms.about.in_language(*language)]);
    texts.flatten().any(|said| plain(said).contains(&wanted))
}

/// Letters as they are compared: small, with Arabic forms and digits like Persian and Latin ones.
fn plain(text: &str) -> String {
    let latin = digits::to_latin(text);
    latin
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'ي' | 'ى' => 'ی',
            'ك' => 'ک',
            other => other,
        })
        .collect()
}
