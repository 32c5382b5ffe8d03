//! Latencies and other figures in numbers that people compare.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

const LONGEST_US: u64 = 120_000_000;

/// Latencies as they come in, in microseconds with three digits.
pub struct Latencies(Histogram<u64>);

/// Latencies of one run, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "a number in JSON says its unit")]
pub struct Percentiles {
    /// Half were faster.
    pub p50_ms: f64,
    /// Nine of ten were faster.
    pub p90_ms: f64,
    /// 99 of 100 were faster.
    pub p99_ms: f64,
    /// 999 of 1,000 were faster.
    pub p99_9_ms: f64,
    /// The slowest.
    pub max_ms: f64,
}

impl Default for Latencies {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST_US, 3);
        Self(
            histogram.expect("two minutes in microseconds with three digits are within a histogram's bounds"),
        )
    }
}

impl Latencies {
    /// Adds one; what is longer than two minutes counts as two minutes.
    pub fn add(&mut self, taken: std::time::Duration) {
        self.0.saturating_record(u64::try_from(taken.as_micros()).unwrap_or(LONGEST_US).max(1));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The percentiles; zeros when there is nothing.
    #[must_use]
    pub fn percentiles(&self) -> Percentiles {
        if self.0.is_empty() {
            return Percentiles::default();
        }
        let at = |quantile| real(self.0.value_at_quantile(quantile)) / 1000.0;
        Percentiles {
            p50_ms: at(0.5),
            p90_ms: at(0.9),
            p99_ms: at(0.99),
            p99_9_ms: at(0.999),
            max_ms: real(self.0.max()) / 1000.0,
        }
    }
}

/// A count as a number to calculate with; exact up to 2^53, which no bench reaches.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts and microseconds of a bench are far below 2^53")]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// The middle of some figures, of an even number of them the mean of the two in the middle; `None` of none.
#[must_use]
pub fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    if sorted.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(sorted[middle - 1], upper)) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn percentiles_are_of_all_that_was_added() {
        let mut latencies = Latencies::default();
        for millisecond in 1..=1000 {
            latencies.add(Duration::from_millis(millisecond));
        }
        let found = latencies.percentiles();
        let near = |measured: f64, expected: f64| (measured - expected).abs() <= expected * 0.002;
        assert!(near(found.p50_ms, 500.0) && near(found.p90_ms, 900.0), "{found:?}");
        assert!(near(found.p99_ms, 990.0) && near(found.p99_9_ms, 999.0), "{found:?}");
        assert!(near(found.max_ms, 1000.0), "{found:?}");
        assert_eq!(latencies.count(), 1000);
    }

    #[test]
    fn nothing_has_no_percentiles_and_an_hour_counts_as_two_minutes() {
        assert_eq!(Latencies::default().percentiles(), Percentiles::default());
        let mut latencies = Latencies::default();
        latencies.add(Duration::from_hours(1));
        assert!((latencies.percentiles().max_ms - 120_000.0).abs() < 200.0);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
