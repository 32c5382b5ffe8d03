//! A reward: what the catalogue offers, for how many points, to whom and how long.

use std::collections::BTreeSet;

use kernel::{DrawCode, EventCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::{
    audience::Audience,
    limit::{Limit, Period},
    words::Words,
};
use super::{cancellation::LONGEST_HOURS, draw::MOST_TICKETS};

/// No text of a reward is longer, in characters.
pub(super) const LONGEST_TEXT: usize = 1_000;
/// No address of a picture is longer.
const LONGEST_URL: usize = 500;
/// Codes in one list of whom or where a reward is for.
const MOST_CODES: usize = 200;
/// The most that anything costs or is worth.
pub(super) const MOST: i64 = 1_000_000_000_000;
/// The most that a limit lets a member have.
const MOST_TIMES: u32 = 1_000_000;
/// The most points.
const MOST_POINTS: i64 = 1_000_000_000;
/// Limits of one reward.
const MOST_LIMITS: usize = 4;

/// What a discount counts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "of", deny_unknown_fields)]
#[schema(as = DiscountExtent)]
pub enum Extent {
    /// The whole basket.
    Basket {},
    /// Goods of a category.
    Category {
        /// The chain's own code of it.
        category: String,
    },
    /// One article.
    Sku {
        /// Its number.
        sku: String,
    },
}

/// What the member gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum RewardKind {
    /// A voucher that takes an amount off.
    DiscountAmount {
        /// How much, in minor units.
        amount: i64,
        /// What it counts for.
        extent: Extent,
        /// The basket must be worth so much, in minor units.
        #[serde(default)]
        minimum_basket: i64,
    },
    /// A voucher that takes a share off.
    DiscountPercent {
        /// How many hundredths, 1 to 100.
        percent: u8,
        /// What it counts for.
        extent: Extent,
        /// No more than this comes off, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<i64>,
        /// The basket must be worth so much, in minor units.
        #[serde(default)]
        minimum_basket: i64,
    },
    /// An article or a service for nothing.
    FreeItem {
        /// Its number.
        sku: String,
    },
    /// A gift that is fetched at a branch.
    Gift {
        /// Its number.
        sku: String,
    },
    /// Money on a voucher, spent in parts.
    Credit {
        /// How much, in minor units.
        amount: i64,
    },
    /// A code of a partner's, out of a pool that was imported.
    PartnerCoupon {
        /// Whose, as the chain names the partner.
        partner: String,
    },
    /// Money that the chain gives to others for the member.
    Donation {
        /// To whom, as the chain names them.
        to: String,
        /// How much, in minor units.
        amount: i64,
    },
    /// A seat at an event for members. It is booked, and not redeemed as other rewards are.
    EventSeat {
        /// Which event.
        #[schema(value_type = String, example = "barista-evening")]
        event: EventCode,
    },
    /// An article before others can buy it.
    EarlyAccess {
        /// Its number.
        sku: String,
    },
    /// Tickets of a draw.
    DrawTicket {
        /// The draw.
        #[schema(value_type = String, example = "new-year")]
        draw: DrawCode,
        /// How many: 1 to 10,000.
        tickets: u32,
    },
    /// Money on a phone, which a provider sends there.
    TopUp {
        /// How much, in minor units.
        amount: i64,
    },
    /// What people of the chain arrange for the member: a journey, a table.
    Arranged {
        /// What, as the chain names it.
        what: String,
    },
}

impl RewardKind {
    /// Its word, as in the document.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::DiscountAmount { .. } => "discount_amount",
            Self::DiscountPercent { .. } => "discount_percent",
            Self::FreeItem { .. } => "free_item",
            Self::Gift { .. } => "gift",
            Self::Credit { .. } => "credit",
            Self::PartnerCoupon { .. } => "partner_coupon",
            Self::Donation { .. } => "donation",
            Self::EarlyAccess { .. } => "early_access",
            Self::DrawTicket { .. } => "draw_ticket",
            Self::TopUp { .. } => "top_up",
            Self::Arranged { .. } => "arranged",
            Self::EventSeat { .. } => "event_seat",
        }
    }

    /// Every word.
    pub const WORDS: [&'static str; 12] = [
        "discount_amount",
        "discount_percent",
        "free_item",
        "gift",
        "credit",
        "partner_coupon",
        "donation",
        "early_access",
        "draw_ticket",
        "top_up",
        "arranged",
        "event_seat",
    ];

    /// What a voucher of it is worth to begin with: minor units of credit, 1 of what is used once. Nothing where there is no voucher.
    #[must_use]
    pub const fn worth(&self) -> Option<i64> {
        match self {
            Self::Credit { amount } => Some(*amount),
            Self::Donation { .. } | Self::DrawTicket { .. } | Self::TopUp { .. } | Self::Arranged { .. } => {
                None
            }
            _ => Some(1),
        }
    }

    /// Whether its codes come out of a pool.
    #[must_use]
    pub const fn is_pooled(&self) -> bool {
        matches!(self, Self::PartnerCoupon { .. })
    }

    /// Whether all that it takes is points and a voucher with a code of our own: no partner's code, no seat, no ticket, nobody's
    /// delivery.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.worth().is_some() && !self.is_pooled() && !matches!(self, Self::EventSeat { .. })
    }

    /// Whether the member can pay a part of it in money when it is handed out.
    const fn takes_money(&self) -> bool {
        matches!(self, Self::FreeItem { .. } | Self::Gift { .. } | Self::EarlyAccess { .. })
    }

    fn amounts(&self) -> Vec<(&'static str, i64, i64)> {
        match self {
            Self::DiscountAmount { amount, minimum_basket, .. } => {
                vec![("amount", *amount, 1), ("minimum_basket", *minimum_basket, 0)]
            }
            Self::DiscountPercent { most, minimum_basket, .. } => {
                vec![("most", most.unwrap_or(1), 1), ("minimum_basket", *minimum_basket, 0)]
            }
            Self::Credit { amount } | Self::Donation { amount, .. } | Self::TopUp { amount } => {
                vec![("amount", *amount, 1)]
            }
            Self::DrawTicket { tickets, .. } => vec![("tickets", i64::from(*tickets), 1)],
            _ => Vec::new(),
        }
    }

    fn names(&self) -> Vec<(&'static str, &str)> {
        let extent = match self {
            Self::DiscountAmount { extent, .. } | Self::DiscountPercent { extent, .. } => Some(extent),
            _ => None,
        };
        let of_extent = extent.and_then(|extent| match extent {
            Extent::Basket {} => None,
            Extent::Category { category } => Some(("extent/category", category.as_str())),
            Extent::Sku { sku } => Some(("extent/sku", sku.as_str())),
        });
        let own = match self {
            Self::FreeItem { sku } | Self::Gift { sku } | Self::EarlyAccess { sku } => {
                Some(("sku", sku.as_str()))
            }
            Self::PartnerCoupon { partner } => Some(("partner", partner.as_str())),
            Self::Donation { to, .. } => Some(("to", to.as_str())),
            Self::Arranged { what } => Some(("what", what.as_str())),
            _ => None,
        };
        own.into_iter().chain(of_extent).collect()
    }
}

/// A reward as the chain wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RewardTerms)]
pub struct Terms {
    /// What it is called, in at least one language.
    pub name: Words,
    /// What is to be said of it.
    #[serde(default)]
    pub about: Words,
    /// Where a picture of it is: `https://`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_url: Option<String>,
    /// What the member gets.
    pub kind: RewardKind,
    /// What it costs in points.
    pub points: i64,
    /// What is paid besides when it is handed out, in minor units; only for what is handed out.
    #[serde(default)]
    pub money: i64,
    /// For so many days a voucher of it can be used, from the moment of redemption: 1 to 3650.
    pub voucher_days: u16,
    /// For so many hours a member may give it back for its points while nothing of it is used: 1 to 8784; never where it is left
    /// out. Not for codes of partners and what has no voucher: nobody can give that back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 8_784)]
    pub cancel_hours: Option<u16>,
    /// How often one member may have it.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// For whom and where it is.
    #[serde(default)]
    pub audience: Audience,
    /// Who pays for it, where that is not the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<String>,
    /// What one of it costs who pays for it, in minor units.
    #[serde(default)]
    pub cost: i64,
}

impl Terms {
    /// The first mistake in it, by its place; nothing for good terms.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        self.mistake_in_words().or_else(|| self.mistake_in_numbers()).or_else(|| self.mistake_in_lists())
    }

    fn mistake_in_words(&self) -> Option<String> {
        let named = self.name.all().next().is_some();
        if !named {
            return Some("/name".to_owned());
        }
        for (at, words) in [("name", &self.name), ("about", &self.about)] {
            if let Some((tag, _)) = words.all().find(|(_, text)| !is_text(text, LONGEST_TEXT)) {
                return Some(format!("/{at}/{tag}"));
            }
        }
        let fits = |url: &String| {
            url.len() <= LONGEST_URL
                && url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty())
                && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
        };
        if self.picture_url.as_ref().is_some_and(|url| !fits(url)) {
            return Some("/picture_url".to_owned());
        }
        if self.sponsor.as_ref().is_some_and(|sponsor| !is_text(sponsor, 64)) {
            return Some("/sponsor".to_owned());
        }
        let names = self.kind.names();
        names.iter().find(|(_, name)| !is_text(name, 64)).map(|(at, _)| format!("/kind/{at}"))
    }

    fn mistake_in_numbers(&self) -> Option<String> {
        if let RewardKind::DiscountPercent { percent, .. } = self.kind
            && !(1..=100).contains(&percent)
        {
            return Some("/kind/percent".to_owned());
        }
        if matches!(self.kind, RewardKind::DrawTicket { tickets, .. } if tickets > MOST_TICKETS) {
            return Some("/kind/tickets".to_owned());
        }
        if let Some((at, ..)) =
            self.kind.amounts().iter().find(|(_, value, least)| !(*least..=MOST).contains(value))
        {
            return Some(format!("/kind/{at}"));
        }
        let longest = if self.kind.comes_back() { LONGEST_HOURS } else { 0 };
        let money = if self.kind.takes_money() { 0..=MOST } else { 0..=0 };
        for (at, fits) in [
            ("points", (1..=MOST_POINTS).contains(&self.points)),
            ("money", money.contains(&self.money)),
            ("voucher_days", (1..=3_650).contains(&self.voucher_days)),
            ("cancel_hours", self.cancel_hours.is_none_or(|hours| (1..=longest).contains(&hours))),
            ("cost", (0..=MOST).contains(&self.cost)),
        ] {
            if !fits {
                return Some(format!("/{at}"));
            }
        }
        None
    }

    fn mistake_in_lists(&self) -> Option<String> {
        let periods: BTreeSet<Period> = self.limits.iter().map(|limit| limit.per).collect();
        if self.limits.len() > MOST_LIMITS || periods.len() < self.limits.len() {
            return Some("/limits".to_owned());
        }
        if let Some(wrong) = self.limits.iter().position(|limit| !(1..=MOST_TIMES).contains(&limit.most)) {
            return Some(format!("/limits/{wrong}/most"));
        }
        let Audience { tiers, segments, branches, regions, .. } = &self.audience;
        for (at, length) in [
            ("tiers", tiers.len()),
            ("segments", segments.len()),
            ("branches", branches.len()),
            ("regions", regions.len()),
        ] {
            if length > MOST_CODES {
                return Some(format!("/audience/{at}"));
            }
        }
        if !self.audience.is_near_enough() {
            return Some("/audience/occasion/after_days".to_owned());
        }
        let wrong = tiers.iter().position(|tier| !is_text(tier, 64));
        wrong.map(|place| format!("/audience/tiers/{place}"))
    }
}

/// Some characters, none of them invisible.
pub(super) fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}
