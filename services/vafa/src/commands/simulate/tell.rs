//! What a simulation came to, on the screen.

use std::time::Instant;

use kernel::{Currency, Points};
use points::domain::{ProgrammeFigures, SimulationFigures};

use super::super::import::{
    amount::written,
    progress::{grouped, per_second},
};

/// Prints it; `unread` rows of the file could not be read.
pub(super) fn tell(
    figures: &SimulationFigures,
    names: &[String],
    unread: u64,
    exponent: u8,
    currency: Currency,
    began: Instant,
) {
    let elapsed = began.elapsed();
    let count = |number: u64| grouped(number.into());
    println!(
        "{} baskets of {} members for {} {currency} in {}.{} s ({}/s)",
        count(figures.purchases),
        count(figures.members),
        written(figures.amount.into(), exponent),
        elapsed.as_secs(),
        elapsed.subsec_millis() / 100,
        count(per_second(figures.purchases, elapsed)),
    );
    if figures.returns + figures.returns_left_out > 0 {
        println!(
            "{} returns, and {} of which no purchase is known",
            count(figures.returns),
            count(figures.returns_left_out)
        );
    }
    if unread > 0 {
        println!("{} rows could not be read", count(unread));
    }
    for (side, name) in figures.programmes.iter().zip(names) {
        println!("\n{name}");
        tell_side(side, exponent, currency);
    }
    for assumed in &figures.assumed {
        println!("Rules ask for what the file does not say: {}", assumed.word());
    }
    if let Some(comparison) = &figures.comparison {
        println!(
            "\n{} members get more points, {} fewer, for {} nothing changes",
            count(comparison.winners),
            count(comparison.losers),
            count(comparison.unchanged)
        );
    }
}

fn tell_side(side: &ProgrammeFigures, exponent: u8, currency: Currency) {
    let count = |number: u64| grouped(number.into());
    let points = |points: Points| written(points.count().into(), 0);
    println!("  points given   {:>16}", points(side.issued));
    if !side.for_actions.is_zero() {
        println!("  for actions    {:>16}", points(side.for_actions));
    }
    println!("  taken back     {:>16}", points(side.taken_back));
    println!("  lapsed         {:>16}", points(side.expired));
    println!("  owed at the end{:>16}", points(side.liability));
    if let Some(money) = &side.money {
        let paid = |minor: i64| written(minor.into(), exponent);
        println!("  cost           {:>16} {currency}", paid(money.cost));
        println!("  owed, in money {:>16} {currency}", paid(money.owed.value));
        println!("  never redeemed {:>16} {currency}", paid(money.owed.breakage));
    }
    for tier in side.tiers.iter().rev() {
        println!(
            "  on {:<12}{:>16}  {:>12} rose, {} fell",
            tier.code,
            count(tier.members),
            count(tier.reached),
            count(tier.lost)
        );
    }
    if side.refused > 0 {
        println!("  refused        {:>16}", count(side.refused));
    }
    for rule in &side.rules {
        println!("    {:<24} {:>16}  {:>12} baskets", rule.code, points(rule.points), count(rule.purchases));
    }
}
