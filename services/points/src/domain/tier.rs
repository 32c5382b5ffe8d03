//! Tiers: a ladder of levels by what a member earned, spent or visited in a period (P10).
//!
//! A member's tier is the highest of three: the level that this period's credit reaches, levels of earlier periods that are
//! still assured, and a level that a person granted. All of it follows from the standing and the day, so **the tier is right at
//! any instant, whether or not a job ran**.

mod credit;
mod ladder;
#[cfg(test)]
mod properties;
mod standing;

pub use credit::Credit;
pub use ladder::{Benefit, Downgrade, Ladder, Level, Measure, OnReturn, QualifyingPeriod};
pub use standing::{Assured, MonthCredit, Progress, Standing};
