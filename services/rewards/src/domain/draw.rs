//! A draw: prizes among tickets, drawn so that anyone can check it (W6). The choice itself is [`super::selection`].
//!
//! **What was published is never changed, and a draw gives no more prizes than there are.** A draft can be rewritten; from publication on
//! its terms, its secret seed's hash and the name of its public source of chance are fixed. It takes tickets of what happened between its
//! opening and its closing time, and none once its list is closed.

use kernel::{RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reward::{LONGEST_TEXT, MOST, Words, is_text};

/// Sorts of prizes of one draw.
const MOST_PRIZES: usize = 50;
/// Prizes of one draw, all sorts together.
const MOST_PLACES: u64 = 1_000;
/// Alternates of one draw.
const MOST_ALTERNATES: u32 = 1_000;
/// Tickets that one purchase brings, or one reward, or one grant.
pub const MOST_TICKETS: u32 = 10_000;
/// The longest value of a source of chance.
pub const LONGEST_ENTROPY: usize = 500;

/// What the winner of a prize gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
#[schema(as = DrawPrizeKind)]
pub enum PrizeKind {
    /// A reward of the catalogue, as a voucher.
    Voucher {
        /// The reward.
        #[schema(value_type = String, example = "coffee")]
        reward: RewardCode,
    },
    /// A thing that is handed over at a branch.
    HandedOver {},
}

/// A sort of prizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrawPrize)]
pub struct Prize {
    /// What it is called, in at least one language.
    pub title: Words,
    /// How many there are: 1 to 1000.
    pub units: u32,
    /// What it is.
    pub what: PrizeKind,
}

/// Tickets that come with purchases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrawPurchaseTickets)]
pub struct ByPurchase {
    /// A purchase is worth so much at least, in minor units, less what was brought back.
    pub minimum: i64,
    /// So many tickets for it.
    pub tickets: u32,
}

/// What is fixed when a draw is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DrawTerms)]
pub struct DrawTerms {
    /// What it is called, in at least one language.
    pub title: Words,
    /// What is to be said of it.
    #[serde(default)]
    pub about: Words,
    /// From then on it takes tickets.
    pub opens_at: Timestamp,
    /// From then on it takes none.
    pub closes_at: Timestamp,
    /// The prizes, in the order in which they are drawn.
    pub prizes: Vec<Prize>,
    /// How many are drawn besides, for prizes that nobody claims: none to 1000.
    #[serde(default)]
    pub alternates: u32,
    /// The most tickets of one member; without it there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_member: Option<u32>,
    /// Tickets with purchases; without it, purchases bring tickets by rules of the programme alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_purchase: Option<ByPurchase>,
    /// The public source of chance, named before anybody can know its value: a round of drand, the closing figure of an exchange on a day.
    pub entropy_source: String,
    /// For so many days a prize can be claimed: 1 to 365.
    pub claim_days: u16,
}

impl DrawTerms {
    /// The first mistake in it, by its place; nothing for good terms.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        for (at, words, needed) in [("title", &self.title, true), ("about", &self.about, false)] {
            if let Some(wrong) = mistake_in(words, needed) {
                return Some(format!("/{at}{wrong}"));
            }
        }
        if self.prizes.is_empty() || self.prizes.len() > MOST_PRIZES || self.places() > MOST_PLACES {
            return Some("/prizes".to_owned());
        }
        for (at, prize) in self.prizes.iter().enumerate() {
            if let Some(wrong) = mistake_in(&prize.title, true) {
                return Some(format!("/prizes/{at}/title{wrong}"));
            }
            if prize.units == 0 {
                return Some(format!("/prizes/{at}/units"));
            }
        }
        let tickets = 1..=MOST_TICKETS;
        let by_purchase = self.by_purchase;
        for (at, fits) in [
            ("closes_at", self.opens_at < self.closes_at),
            ("alternates", self.alternates <= MOST_ALTERNATES),
            ("per_member", self.per_member != Some(0)),
            ("by_purchase/minimum", by_purchase.is_none_or(|by| (1..=MOST).contains(&by.minimum))),
            ("by_purchase/tickets", by_purchase.is_none_or(|by| tickets.contains(&by.tickets))),
            ("entropy_source", is_text(&self.entropy_source, LONGEST_ENTROPY)),
            ("claim_days", (1..=365).contains(&self.claim_days)),
        ] {
            if !fits {
                return Some(format!("/{at}"));
            }
        }
        None
    }

    /// How many prizes there are, all sorts together.
    #[must_use]
    pub fn places(&self) -> u64 {
        self.prizes.iter().map(|prize| u64::from(prize.units)).sum()
    }

    /// Which prize is at a place of the order in which is drawn, both from 1; nothing for an alternate's.
    #[must_use]
    pub fn prize_at(&self, place: u64) -> Option<u32> {
        let mut last = 0;
        for (number, prize) in (1..).zip(&self.prizes) {
            last += u64::from(prize.units);
            if (1..=last).contains(&place) {
                return Some(number);
            }
        }
        None
    }

    /// A prize by its number, from 1.
    #[must_use]
    pub fn prize(&self, number: u32) -> Option<&Prize> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.prizes.get(place)
    }

    /// Whether it takes tickets of what happens at an instant.
    #[must_use]
    pub fn takes(&self, at: Timestamp) -> bool {
        self.opens_at <= at && at < self.closes_at
    }

    /// How many tickets a purchase brings of which so much was paid, and so much was brought back.
    #[must_use]
    pub fn of_purchase(&self, amount: i64, returned: i64) -> u32 {
        let left = amount.saturating_sub(returned);
        self.by_purchase.filter(|by| left >= by.minimum).map_or(0, |by| by.tickets)
    }
}

/// What is wrong with texts in languages: the place within.
fn mistake_in(words: &Words, needed: bool) -> Option<String> {
    if needed && words.all().next().is_none() {
        return Some(String::new());
    }
    words.all().find(|(_, text)| !is_text(text, LONGEST_TEXT)).map(|(tag, _)| format!("/{tag}"))
}

/// Where a draw stands in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Only the chain sees it, and can change it.
    Draft,
    /// Its terms are fixed; it takes tickets while it is open.
    Published,
    /// Its list of tickets is fixed.
    Closed,
    /// Its winners are chosen.
    Settled,
    /// The chain cancelled it before it closed: nobody is drawn.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Published, Self::Closed, Self::Settled, Self::Cancelled];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Closed => "closed",
            Self::Settled => "settled",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether tickets can be taken out of its list: until that is closed, and for good where it never is.
    #[must_use]
    pub const fn gives_back(self) -> bool {
        matches!(self, Self::Published | Self::Cancelled)
    }
}

/// Where tickets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A reward of the catalogue was redeemed for them.
    Redemption,
    /// A purchase brought them.
    Purchase,
    /// A rule of the programme brought them with a purchase.
    Rule,
    /// Staff gave them.
    Staff,
    /// A contest was won, or a challenge reached.
    Contest,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::Redemption, Self::Purchase, Self::Rule, Self::Staff, Self::Contest];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Redemption => "redemption",
            Self::Purchase => "purchase",
            Self::Rule => "rule",
            Self::Staff => "staff",
            Self::Contest => "contest",
        }
    }
}

/// Where tickets stand that came from one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryState {
    /// Points are on their way for them.
    Pending,
    /// They count.
    Live,
    /// They were taken away again.
    Gone,
}

impl EntryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Live, Self::Gone];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Live => "live",
            Self::Gone => "gone",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Where a prize stands that was drawn for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WinState {
    /// An alternate, for whom there is no prize as yet.
    Waiting,
    /// It can be claimed.
    Offered,
    /// It was claimed.
    Claimed,
    /// It was handed over.
    HandedOver,
    /// Nobody claimed it in time.
    Lapsed,
}

impl WinState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Offered, Self::Claimed, Self::HandedOver, Self::Lapsed];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Claimed => "claimed",
            Self::HandedOver => "handed_over",
            Self::Lapsed => "lapsed",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(units: &[u32]) -> DrawTerms {
        let title = Words { en: Some("A prize".to_owned()), ..Words::default() };
        let prize =
            |units: &u32| Prize { title: title.clone(), units: *units, what: PrizeKind::HandedOver {} };
        DrawTerms {
            title: title.clone(),
            about: Words::default(),
            opens_at: Timestamp::from_micros(10),
            closes_at: Timestamp::from_micros(20),
            prizes: units.iter().map(prize).collect(),
            alternates: 0,
            per_member: None,
            by_purchase: Some(ByPurchase { minimum: 100, tickets: 2 }),
            entropy_source: "drand".to_owned(),
            claim_days: 30,
        }
    }

    proptest! {
        /// As many places have a prize as it has units, and no place has two.
        #[test]
        fn a_draw_gives_no_more_prizes_than_there_are(units in prop::collection::vec(1_u32..30, 1..10)) {
            let terms = terms(&units);
            let mut given = vec![0; units.len()];
            for place in 1..=terms.places() {
                let number = terms.prize_at(place).expect("a prize");
                given[usize::try_from(number).expect("small") - 1] += 1;
            }
            prop_assert_eq!(given, units);
            prop_assert_eq!((terms.prize_at(0), terms.prize_at(terms.places() + 1)), (None, None));
        }

        #[test]
        fn a_purchase_counts_with_what_was_not_brought_back(amount in 0_i64..300, returned in 0_i64..300) {
            let expected = if amount - returned >= 100 { 2 } else { 0 };
            prop_assert_eq!(terms(&[1]).of_purchase(amount, returned), expected);
        }
    }

    #[test]
    fn a_draw_is_open_from_its_opening_to_its_closing() {
        let terms = terms(&[1]);
        let open: Vec<bool> = [9, 10, 19, 20].map(|at| terms.takes(Timestamp::from_micros(at))).to_vec();
        assert_eq!(open, [false, true, true, false]);
    }

    #[test]
    fn words_survive_their_rows() {
        assert!(State::ALL.into_iter().all(|state| State::from_word(state.word()) == Some(state)));
        assert!(EntryState::ALL.into_iter().all(|state| EntryState::from_word(state.word()) == Some(state)));
        assert!(WinState::ALL.into_iter().all(|state| WinState::from_word(state.word()) == Some(state)));
    }
}
