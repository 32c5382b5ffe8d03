//! What can be wrong with rules about actions.

use kernel::Points;

use super::{ActionGive, ActionLimit, ActionRule};
use crate::domain::{
    Places, ProgrammeDocument,
    programme::{Found, MOST_AMOUNT},
    rule::is_code,
};

const MOST_RULES: usize = 100;
const MOST_LIMITS: usize = 10;
const MOST_CATEGORIES: usize = 1_000;
const MOST_TIMES: u32 = 1_000_000_000;

/// Finds every mistake of the rules about actions.
pub fn check(found: &mut Found, document: &ProgrammeDocument, places: &Places<'_>) {
    let rules = &document.actions;
    found.check(rules.len() <= MOST_RULES, "/actions", "more_than_hundred");
    for (i, rule) in rules.iter().enumerate() {
        let at = format!("/actions/{i}");
        let named = |code: &str| code == rule.code;
        let twice = rules[..i].iter().any(|earlier| named(&earlier.code))
            || document.rules.iter().any(|other| named(&other.code));
        found.check(!twice, &format!("{at}/code"), "code_twice");
        found.check(is_code(&rule.code), &format!("{at}/code"), "not_a_rule_code");
        found.local_text(&rule.name, &format!("{at}/name"));
        found.expiry(rule.expiry, &format!("{at}/expiry"));
        found.pending(rule.pending, &format!("{at}/pending"));
        let known = rule.funder.as_ref().is_none_or(|branch| places.branches.contains(branch));
        found.check(known, &format!("{at}/funder"), "unknown_branch");
        on(found, document, rule, &format!("{at}/on"), places);
        give(found, rule.give, &format!("{at}/give"));
        limits(found, &rule.limits, &format!("{at}/limits"));
    }
}

fn on(found: &mut Found, document: &ProgrammeDocument, rule: &ActionRule, at: &str, places: &Places<'_>) {
    let on = &rule.on;
    for (i, branch) in on.branches.iter().enumerate() {
        found.check(places.branches.contains(branch), &format!("{at}/branches/{i}"), "unknown_branch");
    }
    for (i, tier) in on.tiers.iter().enumerate() {
        let known = document.tiers.as_ref().is_some_and(|ladder| ladder.place(tier).is_some());
        found.check(known, &format!("{at}/tiers/{i}"), "unknown_tier");
    }
    found.dates(on.dates, &format!("{at}/dates"));
    found.amount(on.minimum_amount.unwrap_or(1), &format!("{at}/minimum_amount"));
    let few = on.categories.len() <= MOST_CATEGORIES;
    found.check(few, &format!("{at}/categories"), "more_than_thousand");
}

fn give(found: &mut Found, give: ActionGive, at: &str) {
    match give {
        ActionGive::Fixed { points } => found.points(points, &format!("{at}/fixed/points")),
        ActionGive::PerUnits(per) => {
            found.points(per.points, &format!("{at}/per_units/points"));
            found.amount(per.units, &format!("{at}/per_units/units"));
        }
        ActionGive::PerPayment(per) => {
            found.points(per.points, &format!("{at}/per_payment/points"));
            found.amount(per.amount, &format!("{at}/per_payment/amount"));
        }
    }
}

fn limits(found: &mut Found, limits: &[ActionLimit], at: &str) {
    found.check(limits.len() <= MOST_LIMITS, at, "more_than_ten");
    for (i, limit) in limits.iter().enumerate() {
        let at = format!("{at}/{i}");
        let first = limits[..i].iter().all(|other| (other.per, other.every) != (limit.per, limit.every));
        found.check(first, &at, "window_twice");
        found.check(limit.times.is_some() || limit.points.is_some(), &at, "limit_is_empty");
        let times = (1..=MOST_TIMES).contains(&limit.times.unwrap_or(1));
        found.check(times, &format!("{at}/times"), "times_out_of_range");
        let points = limit.points.map_or(1, Points::count);
        let fits = (1..=MOST_AMOUNT).contains(&points);
        found.check(fits, &format!("{at}/points"), "points_out_of_range");
    }
}
