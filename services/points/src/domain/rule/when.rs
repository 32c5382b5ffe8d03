//! When a rule applies.

use kernel::{BranchCode, Day, PaymentCode, RegionCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Hours, Items, OfMember, Skip, WeekdayName};
use crate::domain::{Channel, Purchase};

/// Conditions on a purchase; each that is given must hold. The first that does not, in this order, is the reason that is
/// told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The least amount paid, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub minimum_basket: Option<i64>,
    /// The largest amount paid, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub maximum_basket: Option<i64>,
    /// Only in these branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchCode>,
    /// Only in branches of these regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionCode>,
    /// Only through these channels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Only when paid by one of these means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<PaymentCode>,
    /// Only on these weekdays of the branch's wall clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<WeekdayName>,
    /// Only between these hours of the branch's wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Only on these days of the branch's wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<Dates>,
    /// Only with articles of these on the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Items>,
    /// Only for such members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<OfMember>,
}

/// From one day to another, both included; an end that is left out is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

impl Dates {
    pub(in crate::domain) fn include(self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl When {
    /// Why the purchase does not meet the conditions; `None` when it does.
    pub(super) fn misses(&self, purchase: &Purchase, tier: Option<&str>) -> Option<Skip> {
        self.amount_misses(purchase.amount)
            .or_else(|| self.place_misses(purchase))
            .or_else(|| self.time_misses(purchase))
            .or_else(|| self.items.as_ref().and_then(|items| items.misses(purchase)))
            .or_else(|| self.member.as_ref().and_then(|member| member.misses(purchase, tier)))
    }

    fn amount_misses(&self, amount: i64) -> Option<Skip> {
        if self.minimum_basket.is_some_and(|least| amount < least) {
            return Some(Skip::BasketTooSmall);
        }
        self.maximum_basket.is_some_and(|most| amount > most).then_some(Skip::BasketTooLarge)
    }

    fn place_misses(&self, purchase: &Purchase) -> Option<Skip> {
        let details = &purchase.details;
        if !allows(&self.branches, &purchase.branch) {
            return Some(Skip::OtherBranch);
        }
        if !allows(&self.regions, &purchase.region) {
            return Some(Skip::OtherRegion);
        }
        if !allows(&self.channels, &details.channel) {
            return Some(Skip::OtherChannel);
        }
        let paid = details.payment.as_ref();
        let by_others = !self.payments.is_empty() && !paid.is_some_and(|by| self.payments.contains(by));
        by_others.then_some(Skip::OtherPayment)
    }

    fn time_misses(&self, purchase: &Purchase) -> Option<Skip> {
        let local = purchase.local;
        if !self.weekdays.is_empty() && !self.weekdays.iter().any(|day| day.is(local.weekday)) {
            return Some(Skip::OtherWeekday);
        }
        if self.hours.is_some_and(|hours| !hours.include(local.minute)) {
            return Some(Skip::OtherHours);
        }
        self.dates.is_some_and(|dates| !dates.include(local.day)).then_some(Skip::OtherDates)
    }
}

/// Whether a list that is empty for "any" has it.
fn allows<T: PartialEq>(list: &[T], it: &T) -> bool {
    list.is_empty() || list.contains(it)
}
