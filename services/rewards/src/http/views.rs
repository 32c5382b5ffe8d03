//! Rewards as answers show them.

use kernel::{Language, RewardCode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{
        offer::{Offer, OfferState},
        reward::{RewardKind, Terms, Words},
    },
    queries::catalogue::Found,
    store::stock::Stock,
};

/// A text in the caller's language, or in another one where there is none.
#[derive(Serialize, ToSchema)]
#[schema(as = SaidText)]
pub struct Said {
    /// The text.
    #[schema(example = "A coffee")]
    pub text: String,
    /// The language that it is in.
    pub language: Language,
}

impl Said {
    pub(super) fn of(words: &Words, language: Language) -> Option<Self> {
        words.told(language).map(|(text, language)| Self { text: text.to_owned(), language })
    }
}

/// A reward that a member can have.
#[derive(Serialize, ToSchema)]
pub struct RewardView {
    /// Its code.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Said>,
    /// What is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Said>,
    /// Where a picture of it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    /// What the member gets.
    pub kind: RewardKind,
    /// What it costs in points.
    pub points: i64,
    /// What is paid besides when it is handed out, in minor units.
    pub money: i64,
    /// For so many days a voucher of it can be used.
    pub voucher_days: u16,
    /// Until when it is offered; absent where that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How many are left; absent where that is not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// How many points the member has too few: 0 where they can have it; absent where points does not say so just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
}

impl RewardView {
    pub(super) fn of(found: &Found, language: Language) -> Self {
        let Offer { code, terms, schedule, .. } = &found.offer;
        Self {
            reward: code.clone(),
            name: Said::of(&terms.name, language),
            about: Said::of(&terms.about, language),
            picture_url: terms.picture_url.clone(),
            kind: terms.kind.clone(),
            points: terms.points,
            money: terms.money,
            voucher_days: terms.voucher_days,
            until: schedule.until,
            left: found.left,
            missing: found.missing,
        }
    }
}

/// A reward as the chain keeps it.
#[derive(Serialize, ToSchema)]
pub struct KeptReward {
    /// Its code.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// Which version of its terms this is, counted from 1.
    pub version: i32,
    /// Where it stands.
    pub state: OfferState,
    /// Since when it is offered; absent for a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_from: Option<Timestamp>,
    /// Until when; absent where that is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live_until: Option<Timestamp>,
    /// Its terms.
    pub terms: Terms,
    /// How many there are; empty where that is not counted.
    pub stock: Vec<StockView>,
}

/// How many of a reward there are at a place.
#[derive(Serialize, ToSchema)]
pub struct StockView {
    /// The branch; absent for the chain's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub branch: Option<kernel::BranchCode>,
    /// All in all.
    pub units: i64,
    /// Reserved for redemptions under way.
    pub reserved: i64,
    /// Given.
    pub issued: i64,
    /// Left.
    pub left: i64,
}

impl KeptReward {
    pub(super) fn of(offer: Offer, stock: Vec<Stock>, now: Timestamp) -> Self {
        let stock = stock.into_iter().map(|one| StockView {
            left: one.left(),
            branch: one.branch,
            units: one.initial,
            reserved: one.reserved,
            issued: one.issued,
        });
        Self {
            reward: offer.code,
            version: offer.version,
            state: offer.schedule.state(now),
            live_from: offer.schedule.from,
            live_until: offer.schedule.until,
            terms: offer.terms,
            stock: stock.collect(),
        }
    }
}
