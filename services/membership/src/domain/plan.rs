//! Paid plans: what the chain sells for a month or a year, and for how much (J7).

use kernel::{Currency, PlanCode};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::question::Words;

/// The most plans of a chain.
pub const PLANS_LIMIT: usize = 50;
/// The most characters of a plan's code, so that the segment of its members can be named by it.
pub const PLAN_CODE_LIMIT: usize = 24;
/// The longest grace, in days.
pub const GRACE_DAYS_LIMIT: u16 = 60;
/// The earliest renewal, in days before the end: never as long as the shortest period.
pub const RENEW_DAYS_LIMIT: u16 = 27;
/// The highest price, in minor units.
const PRICE_LIMIT: i64 = 1_000_000_000_000;

/// What is paid for at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanPeriod {
    /// A month.
    Month,
    /// A year.
    Year,
}

impl PlanPeriod {
    /// How many months it has.
    #[must_use]
    pub const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Year => 12,
        }
    }
}

/// What a chain says of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTerms {
    /// What it is called.
    pub name: Words,
    /// What it gives, as members read it.
    pub benefits: Words,
    /// What is paid for at a time.
    pub period: PlanPeriod,
    /// For how much, in minor units.
    pub price: i64,
    /// Of this currency.
    pub currency: Currency,
    /// How many days before the end the next period can be paid.
    pub renew_days: u16,
    /// How many days after the end the benefits go on without being paid for.
    pub grace_days: u16,
    /// Whether it is sold; one that is not is neither begun nor renewed.
    pub live: bool,
}

/// A plan, as it is sold now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// By which it is named.
    pub code: PlanCode,
    /// From 1; goes up with each change of its terms.
    pub version: u32,
    /// What is said of it.
    pub terms: PlanTerms,
}

/// Why a plan cannot be sold like this: the field that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} cannot be used")]
pub struct PlanFlaw(pub &'static str);

impl PlanTerms {
    /// Checks terms as they were written.
    ///
    /// # Errors
    /// [`PlanFlaw`], the first field that is wrong.
    pub fn checked(self) -> Result<Self, PlanFlaw> {
        let name = self.name.checked().ok_or(PlanFlaw("name"))?;
        let benefits = self.benefits.checked().ok_or(PlanFlaw("benefits"))?;
        let whole = |field, good: bool| if good { Ok(()) } else { Err(PlanFlaw(field)) };
        whole("price", (1..=PRICE_LIMIT).contains(&self.price))?;
        whole("renew_days", (1..=RENEW_DAYS_LIMIT).contains(&self.renew_days))?;
        whole("grace_days", self.grace_days <= GRACE_DAYS_LIMIT)?;
        Ok(Self { name, benefits, ..self })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A plan that is paid for by the month.
    pub fn plan(code: &str) -> Plan {
        let words = |text: &str| Words { fa: text.to_owned(), ar: text.to_owned(), en: text.to_owned() };
        let terms = PlanTerms {
            name: words("Plus"),
            benefits: words("Twice the points"),
            period: PlanPeriod::Month,
            price: 500_000,
            currency: Currency::parse("IRR").expect("a currency"),
            renew_days: 7,
            grace_days: 3,
            live: true,
        };
        Plan { code: PlanCode::parse(code).expect("a code"), version: 1, terms }
    }

    #[test]
    fn terms_are_checked_field_by_field() {
        let good = || plan("plus").terms;
        assert_eq!(good().checked(), Ok(good()));
        let empty = || Words { en: " ".to_owned(), ..good().name };
        for (bad, field) in [
            (PlanTerms { name: empty(), price: 0, ..good() }, "name"),
            (PlanTerms { benefits: empty(), ..good() }, "benefits"),
            (PlanTerms { price: 0, ..good() }, "price"),
            (PlanTerms { price: i64::MAX, ..good() }, "price"),
            (PlanTerms { renew_days: 0, ..good() }, "renew_days"),
            (PlanTerms { renew_days: 28, ..good() }, "renew_days"),
            (PlanTerms { grace_days: 61, ..good() }, "grace_days"),
        ] {
            assert_eq!(bad.checked(), Err(PlanFlaw(field)));
        }
    }
}
