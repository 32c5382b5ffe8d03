//! A personal offer: to whom, from when until when, what has to be done for it, what it gives, and how much there is of it (W8).
//!
//! **No offer gives more than its budget**, neither in number nor in cost: what is taken up is reserved at once, and free again
//! only where nothing came of it. A member takes an offer up so many times at most, and **a purchase fulfils an offer once**.

use contracts::points::{CategoryAmount, PointsEarned};
use kernel::{RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    gift_rule::DAY_MS,
    offer::{Place, Standing},
    reward::{Audience, LONGEST_TEXT, MOST, Words, is_text},
};

/// Members whom one list names at most.
pub const MOST_LISTED: i64 = 200_000;
/// The most of any count.
const MOST_COUNT: i64 = 1_000_000_000;
/// The most often that one member has an offer.
const MOST_TIMES: u32 = 1_000;
/// The longest time to use what was activated: 366 days, in hours.
const LONGEST_HOURS: u16 = 8_784;
/// The longest time that an offer is open: two years.
const LONGEST_MS: i64 = 731 * DAY_MS;
/// Codes in one list of whom or where it is for.
const MOST_CODES: usize = 200;
/// Categories that it is about.
const MOST_CATEGORIES: usize = 20;
/// A till's clock may be so much behind: five minutes.
const SKEW_MS: i64 = 5 * 60 * 1_000;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// Members say that they want it before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferActivation)]
pub struct Activation {
    /// So many activations, of all members, all in all: 1 to 1,000,000,000; as many as the budget has when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<i64>,
    /// The purchase must be made within so many hours, 1 to 8784, and before the offer's end; until its end when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_within_hours: Option<u16>,
}

/// The purchase that brings it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferCondition)]
pub struct Condition {
    /// For so much at least, in minor units: 1 or more.
    #[schema(minimum = 1)]
    pub minimum_amount: i64,
    /// Counting goods of this category alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// How much of it there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferBudget)]
pub struct Budget {
    /// So many, of all members: 1 to 1,000,000,000.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub count: i64,
    /// They cost so much at most, in minor units, by the cost that the reward's terms name; without such a limit when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
}

const fn once() -> u32 {
    1
}

/// An offer as marketing wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonalOfferTerms)]
pub struct OfferTerms {
    /// What it is called, in at least one language.
    pub title: Words,
    /// What is to be said of it.
    #[serde(default)]
    pub about: Words,
    /// From then on.
    pub from: Timestamp,
    /// Until then; two years later at most.
    pub until: Timestamp,
    /// For whom; its branches and regions are where the purchase must be made.
    #[serde(default)]
    pub audience: Audience,
    /// Only for members who are on its list.
    #[serde(default)]
    pub listed: bool,
    /// Whether members activate it; it counts by itself when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// The purchase that brings it; it is given upon activation when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What it gives: a reward, whether the catalogue offers it for points or not.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// So often for each member: 1 to 1000.
    #[serde(default = "once")]
    #[schema(minimum = 1, maximum = 1_000)]
    pub per_member: u32,
    /// How much of it there is.
    pub budget: Budget,
    /// What it is about, by categories of goods: members who buy those see it first. Up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
}

impl Condition {
    /// What of a purchase counts, in minor units: all of it, or what was paid for the category.
    #[must_use]
    pub fn measure(&self, amount: i64, categories: &[CategoryAmount]) -> i64 {
        match &self.category {
            None => amount,
            Some(wanted) => {
                let own = categories.iter().filter(|one| one.category == *wanted);
                own.fold(0, |sum: i64, one| sum.saturating_add(one.amount))
            }
        }
    }
}

impl OfferTerms {
    /// The first mistake in it, by its place; nothing for a good one.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        self.mistake_in_words()
            .or_else(|| self.mistake_in_numbers().map(str::to_owned))
            .or_else(|| self.mistake_in_lists())
    }

    fn mistake_in_words(&self) -> Option<String> {
        if self.title.all().next().is_none() {
            return Some("/title".to_owned());
        }
        for (at, words) in [("title", &self.title), ("about", &self.about)] {
            if let Some((tag, _)) = words.all().find(|(_, text)| !is_text(text, LONGEST_TEXT)) {
                return Some(format!("/{at}/{tag}"));
            }
        }
        None
    }

    fn mistake_in_numbers(&self) -> Option<&'static str> {
        let (activation, condition) = (self.activation.as_ref(), self.condition.as_ref());
        let length = self.until.millis_since(self.from);
        let hours = activation.and_then(|activation| activation.use_within_hours);
        let at_places = !self.audience.branches.is_empty() || !self.audience.regions.is_empty();
        // Who a member is, is asked when they activate it, and never when a purchase is heard of.
        let asked = activation.is_some() || (condition.is_some() && !self.audience.asks_standing());
        [
            ("/until", (1..=LONGEST_MS).contains(&length)),
            ("/activation", asked),
            (
                "/activation/most",
                activation.and_then(|it| it.most).is_none_or(|most| (1..=MOST_COUNT).contains(&most)),
            ),
            (
                "/activation/use_within_hours",
                hours.is_none_or(|hours| (1..=LONGEST_HOURS).contains(&hours) && condition.is_some()),
            ),
            ("/condition/minimum_amount", condition.is_none_or(|it| (1..=MOST).contains(&it.minimum_amount))),
            (
                "/condition/category",
                condition.and_then(|it| it.category.as_ref()).is_none_or(|text| is_text(text, 64)),
            ),
            ("/audience/branches", condition.is_some() || !at_places),
            ("/audience/occasion/after_days", self.audience.is_near_enough()),
            ("/per_member", (1..=MOST_TIMES).contains(&self.per_member)),
            ("/budget/count", (1..=MOST_COUNT).contains(&self.budget.count)),
            ("/budget/cost", self.budget.cost.is_none_or(|cost| (0..=MOST).contains(&cost))),
        ]
        .into_iter()
        .find_map(|(at, fits)| (!fits).then_some(at))
    }

    fn mistake_in_lists(&self) -> Option<String> {
        let Audience { tiers, segments, branches, regions, .. } = &self.audience;
        for (at, length, most) in [
            ("audience/tiers", tiers.len(), MOST_CODES),
            ("audience/segments", segments.len(), MOST_CODES),
            ("audience/branches", branches.len(), MOST_CODES),
            ("audience/regions", regions.len(), MOST_CODES),
            ("categories", self.categories.len(), MOST_CATEGORIES),
        ] {
            if length > most {
                return Some(format!("/{at}"));
            }
        }
        let wrong = |texts: &[String]| texts.iter().position(|text| !is_text(text, 64));
        wrong(tiers)
            .map(|place| format!("/audience/tiers/{place}"))
            .or_else(|| wrong(&self.categories).map(|place| format!("/categories/{place}")))
    }

    /// Whether it is the same but for its texts, its end, its budget and what it is about: those may change while it is live.
    #[must_use]
    pub fn is_about_as(&self, other: &Self) -> bool {
        let plain = |terms: &Self| Self {
            title: Words::default(),
            about: Words::default(),
            until: terms.from,
            budget: Budget { count: 1, cost: None },
            categories: Vec::new(),
            ..terms.clone()
        };
        plain(self) == plain(other)
    }

    /// Whether it is open at a time.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether it is for a member who stands so and is on its list, or not.
    #[must_use]
    pub fn is_for(&self, standing: Option<&Standing>, listed: bool) -> bool {
        self.audience.is_for(standing) && (listed || !self.listed)
    }

    /// Until when the purchase can be made, where it is activated then.
    #[must_use]
    pub fn use_by(&self, activated: Timestamp) -> Timestamp {
        let hours = self.activation.and_then(|activation| activation.use_within_hours);
        hours.map_or(self.until, |hours| activated.plus_millis(i64::from(hours) * HOUR_MS).min(self.until))
    }

    /// What of a purchase at a place fulfils it, in minor units; nothing where it does not.
    #[must_use]
    pub fn met_by(&self, bought: &PointsEarned, place: &Place) -> Option<i64> {
        let condition = self.condition.as_ref()?;
        let measure = condition.measure(bought.amount, &bought.categories);
        (self.audience.is_at(Some(place)) && measure >= condition.minimum_amount).then_some(measure)
    }

    /// Whether so much is enough still.
    #[must_use]
    pub fn is_met_still(&self, measure: i64) -> bool {
        self.condition.as_ref().is_none_or(|condition| measure >= condition.minimum_amount)
    }
}

/// Whether a purchase was made while what was activated could be used; the till's clock may be five minutes behind.
#[must_use]
pub fn in_time((activated, use_by): (Timestamp, Timestamp), bought: Timestamp) -> bool {
    activated.plus_millis(-SKEW_MS) <= bought && bought < use_by
}

#[cfg(test)]
mod tests {
    use kernel::BranchCode;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn terms(more: &serde_json::Value) -> OfferTerms {
        let mut terms = json!({
            "title": {"en": "Coffee on us"}, "from": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z", "reward": "coffee",
            "activation": {}, "condition": {"minimum_amount": 100, "category": "coffee"}, "budget": {"count": 10},
        });
        for (name, value) in more.as_object().expect("fields") {
            terms[name] = value.clone();
        }
        serde_json::from_value(terms).expect("terms")
    }

    #[test]
    fn what_cannot_be_is_named_by_its_place() {
        assert_eq!(terms(&json!({})).mistake(), None);
        for (more, at) in [
            (json!({"title": {}}), "/title"),
            (json!({"about": {"en": " "}}), "/about/en"),
            (json!({"until": "2026-11-01T00:00:00Z"}), "/until"),
            (json!({"until": "2030-11-01T00:00:00Z"}), "/until"),
            (json!({"activation": null, "condition": null}), "/activation"),
            (json!({"activation": null, "audience": {"segments": ["vip"]}}), "/activation"),
            (json!({"activation": {"most": 0}}), "/activation/most"),
            (json!({"activation": {"use_within_hours": 0}}), "/activation/use_within_hours"),
            (
                json!({"condition": null, "activation": {"use_within_hours": 5}}),
                "/activation/use_within_hours",
            ),
            (json!({"condition": {"minimum_amount": 0}}), "/condition/minimum_amount"),
            (json!({"condition": {"minimum_amount": 1, "category": ""}}), "/condition/category"),
            (json!({"condition": null, "audience": {"branches": ["vanak"]}}), "/audience/branches"),
            (json!({"per_member": 0}), "/per_member"),
            (json!({"budget": {"count": 0}}), "/budget/count"),
            (json!({"budget": {"count": 1, "cost": -1}}), "/budget/cost"),
            (json!({"audience": {"tiers": [""]}}), "/audience/tiers/0"),
            (json!({"categories": ["a", ""]}), "/categories/1"),
        ] {
            assert_eq!(terms(&more).mistake().as_deref(), Some(at), "{more}");
        }
    }

    fn bought(amount: i64, coffee: i64) -> PointsEarned {
        use contracts::FactData as _;
        let categories = vec![CategoryAmount { category: "coffee".to_owned(), amount: coffee }];
        PointsEarned { amount, categories, ..PointsEarned::sample() }
    }

    fn vanak() -> Place {
        Place { branch: BranchCode::parse("vanak").expect("a code"), region: None }
    }

    #[test]
    fn a_purchase_counts_where_it_is_made_and_by_its_category() {
        let coffee = terms(&json!({}));
        assert_eq!(coffee.met_by(&bought(500, 100), &vanak()), Some(100));
        assert_eq!(coffee.met_by(&bought(500, 99), &vanak()), None);
        let any = terms(&json!({"condition": {"minimum_amount": 400}}));
        assert_eq!(any.met_by(&bought(500, 0), &vanak()), Some(500));
        let elsewhere = terms(&json!({"audience": {"branches": ["tajrish"]}}));
        assert_eq!(elsewhere.met_by(&bought(500, 100), &vanak()), None);
        assert_eq!(terms(&json!({"condition": null})).met_by(&bought(500, 100), &vanak()), None);
    }

    #[test]
    fn texts_end_and_budget_change_and_nothing_else() {
        let (old, later) =
            (terms(&json!({})), json!({"until": "2026-12-05T00:00:00Z", "budget": {"count": 20, "cost": 5}}));
        assert!(old.is_about_as(&terms(&later)));
        for other in [json!({"reward": "tea"}), json!({"per_member": 2}), json!({"listed": true})] {
            assert!(!old.is_about_as(&terms(&other)));
        }
    }

    proptest! {
        #[test]
        fn what_is_activated_ends_with_the_offer_at_the_latest(hours in 1_u16..9_000, after in 0_i64..2_000_000_000) {
            let terms = terms(&json!({"activation": {"use_within_hours": hours}}));
            let activated = terms.from.plus_millis(after);
            let by = terms.use_by(activated);
            prop_assert!(by <= terms.until && by <= activated.plus_millis(i64::from(hours) * HOUR_MS));
            prop_assert!(!in_time((activated, by), by) && !in_time((activated, by), activated.plus_millis(-SKEW_MS - 1)));
        }
    }
}
