//! Conditions on the receipt's lines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Line, Purchase};

use super::Skip;

/// Articles, by number or by category: a line matches when it is one of either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Items {
    /// Articles, up to 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub skus: Vec<String>,
    /// Categories, up to 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub categories: Vec<String>,
    /// The least share of the amount paid that the matching lines must make up, in per cent: 1 to 100. Left out, one
    /// matching line is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub least_percent: Option<u8>,
}

impl Items {
    /// Whether a line is one of these.
    #[must_use]
    pub fn include(&self, line: &Line) -> bool {
        let category = line.category.as_ref();
        self.skus.contains(&line.sku) || category.is_some_and(|name| self.categories.contains(name))
    }

    /// Why a purchase has not got enough of them; `None` when it has.
    pub(super) fn misses(&self, purchase: &Purchase) -> Option<Skip> {
        if !purchase.lines.iter().any(|line| self.include(line)) {
            return Some(Skip::NoSuchItems);
        }
        let least = i128::from(self.least_percent?);
        // The lines of a purchase add up to its amount, so the sum fits.
        let matching: i128 =
            purchase.lines.iter().filter(|line| self.include(line)).map(|line| i128::from(line.amount)).sum();
        (matching * 100 < i128::from(purchase.amount) * least).then_some(Skip::TooFewSuchItems)
    }
}
