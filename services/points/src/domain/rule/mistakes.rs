//! What can be wrong with rules.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Points, RegionCode};

use super::{Dates, Give, Group, Items, Joined, Nth, OfMember, Over, Quota, Rule, Steps, When};
use crate::domain::{
    Limit, Per, Places, ProgrammeDocument,
    programme::{Found, MOST_AMOUNT, MOST_POINTS},
};

const MOST_NAMES: usize = 1_000;
const MOST_LIMITS: usize = 20;
const MOST_BANDS: usize = 20;
const MOST_QUOTAS: usize = 10;
const MOST_REWARDS: i64 = 1_000;
const MOST_TICKETS: i64 = 1_000_000;

/// Finds every mistake of the rules, and of the limits that hold them.
pub fn check(found: &mut Found, document: &ProgrammeDocument, places: &Places<'_>) {
    let rules = &document.rules;
    for (i, rule) in rules.iter().enumerate() {
        let at = format!("/rules/{i}");
        let twice = rules[..i].iter().any(|earlier| earlier.code == rule.code);
        found.check(!twice, &format!("{at}/code"), "code_twice");
        found.check(is_code(&rule.code), &format!("{at}/code"), "not_a_rule_code");
        found.local_text(&rule.name, &format!("{at}/name"));
        found.expiry(rule.expiry, &format!("{at}/expiry"));
        found.pending(rule.pending, &format!("{at}/pending"));
        let order = (-1_000..=1_000).contains(&rule.priority);
        found.check(order, &format!("{at}/priority"), "priority_out_of_range");
        when(found, &rule.when, &format!("{at}/when"), places);
        if let Some(member) = &rule.when.member {
            of_member(found, member, &format!("{at}/when/member"));
            belonging(found, member, &format!("{at}/when/member"), document, places);
        }
        give(found, rule, &format!("{at}/give"), rules);
        of_points(found, rule, &at);
    }
    groups(found, rules);
    limits(found, document);
}

/// Whether a text can name a rule, a group or a limit.
pub fn is_code(code: &str) -> bool {
    let letters =
        code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    letters && (1..=40).contains(&code.len())
}

fn when(found: &mut Found, when: &When, at: &str, places: &Places<'_>) {
    found.amount(when.minimum_basket.unwrap_or(1), &format!("{at}/minimum_basket"));
    let most = when.maximum_basket.unwrap_or(MOST_AMOUNT);
    found.amount(most, &format!("{at}/maximum_basket"));
    let order = when.minimum_basket.is_none_or(|least| least <= most);
    found.check(order, &format!("{at}/maximum_basket"), "less_than_the_minimum");
    for (i, branch) in when.branches.iter().enumerate() {
        found.check(places.branches.contains(branch), &format!("{at}/branches/{i}"), "unknown_branch");
    }
    for (i, region) in when.regions.iter().enumerate() {
        let known = |region: &RegionCode| places.regions.contains(region);
        found.check(known(region), &format!("{at}/regions/{i}"), "unknown_region");
    }
    let open = when.hours.is_none_or(|hours| hours.from != hours.to);
    found.check(open, &format!("{at}/hours"), "hours_are_empty");
    found.dates(when.dates, &format!("{at}/dates"));
    if let Some(items) = &when.items {
        self::items(found, items, &format!("{at}/items"));
    }
}

fn of_member(found: &mut Found, member: &OfMember, at: &str) {
    found.check(*member != OfMember::default(), at, "member_is_empty");
    let number = member.purchase.is_none_or(|(Nth::Exactly(nth) | Nth::Every(nth))| nth > 0);
    found.check(number, &format!("{at}/purchase"), "counted_from_one");
    if let Some(visit) = member.visit {
        let days = visit.days.unwrap_or(31);
        found.check((1..=366).contains(&days), &format!("{at}/visit/days"), "one_to_366_days");
        let fits = (1..=u32::from(days)).contains(&visit.nth);
        found.check(fits, &format!("{at}/visit/nth"), "more_visits_than_days");
    }
    if let Some(Joined { from_days, until_days }) = member.joined {
        let some = from_days.is_some() || until_days.is_some();
        let order = from_days.zip(until_days).is_none_or(|(from, until)| from <= until);
        found.check(some && order, &format!("{at}/joined"), "days_are_empty");
    }
    let near = member.anniversary.is_none_or(|around| around.before_days <= 60 && around.after_days <= 60);
    found.check(near, &format!("{at}/anniversary"), "more_than_sixty_days");
}

fn belonging(
    found: &mut Found,
    member: &OfMember,
    at: &str,
    document: &ProgrammeDocument,
    places: &Places<'_>,
) {
    for (i, tier) in member.tiers.iter().enumerate() {
        let known = document.tiers.as_ref().is_some_and(|ladder| ladder.place(tier).is_some());
        found.check(known, &format!("{at}/tiers/{i}"), "unknown_tier");
    }
    for (i, segment) in member.segments.iter().enumerate() {
        found.check(places.segments.contains(segment), &format!("{at}/segments/{i}"), "unknown_segment");
    }
    for (many, field) in [(member.tiers.len(), "tiers"), (member.segments.len(), "segments")] {
        found.check(many <= MOST_LIMITS, &format!("{at}/{field}"), "more_than_twenty");
    }
    let size = member.household.map_or(1, |household| household.at_least);
    found.check((1..=100).contains(&size), &format!("{at}/household/at_least"), "one_to_hundred_members");
    let near = member.occasion.is_none_or(|after| after.after_days <= 60);
    found.check(near, &format!("{at}/occasion/after_days"), "more_than_sixty_days");
}

fn items(found: &mut Found, items: &Items, at: &str) {
    let some = !items.skus.is_empty() || !items.categories.is_empty();
    found.check(some, at, "items_are_empty");
    for (names, place) in [(&items.skus, "skus"), (&items.categories, "categories")] {
        let at = format!("{at}/{place}");
        found.check(names.len() <= MOST_NAMES, &at, "more_than_thousand");
        for (i, name) in names.iter().enumerate() {
            let fits = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
            found.check(fits, &format!("{at}/{i}"), "one_to_64_characters");
        }
    }
    let share = items.least_percent.unwrap_or(1);
    found.check((1..=100).contains(&share), &format!("{at}/least_percent"), "one_to_hundred_percent");
}

fn give(found: &mut Found, rule: &Rule, at: &str, rules: &[Rule]) {
    match &rule.give {
        Give::Fixed { points } => found.points(*points, &format!("{at}/fixed/points")),
        Give::PerAmount(per) => {
            found.points(per.points, &format!("{at}/per_amount/points"));
            found.amount(per.amount, &format!("{at}/per_amount/amount"));
        }
        Give::PerItem(per) => found.points(per.points, &format!("{at}/per_item/points")),
        Give::Steps(steps) => bands(found, steps, &format!("{at}/steps/bands")),
        Give::Multiplier(multiplier) => {
            let percent = (101..=10_000).contains(&multiplier.percent);
            found.check(percent, &format!("{at}/multiplier/percent"), "percent_out_of_range");
            for (i, code) in multiplier.of.iter().enumerate() {
                let other = rules.iter().find(|other| other.code == *code);
                let at = format!("{at}/multiplier/of/{i}");
                found.check(other.is_some(), &at, "unknown_rule");
                let multiplies = other.is_some_and(|other| other.give.is_multiplier());
                found.check(!multiplies, &at, "multiplies_a_multiplier");
                found.check(!other.is_some_and(grants), &at, "gives_no_points");
            }
        }
        Give::InstantReward(give) => {
            let at = format!("{at}/instant_reward");
            found.check(is_code(&give.reward), &format!("{at}/reward"), "not_a_reward_code");
            let fits = (1..=MOST_REWARDS).contains(&give.quantity);
            found.check(fits, &format!("{at}/quantity"), "quantity_out_of_range");
            quotas(found, &give.at_most, &at);
        }
        Give::DrawTickets(give) => {
            let at = format!("{at}/draw_tickets");
            found.check(is_code(&give.draw), &format!("{at}/draw"), "not_a_draw_code");
            let fits = (1..=MOST_TICKETS).contains(&give.tickets);
            found.check(fits, &format!("{at}/tickets"), "quantity_out_of_range");
            found.amount(give.amount.unwrap_or(1), &format!("{at}/amount"));
            quotas(found, &give.at_most, &at);
        }
    }
    let needs = rule.give.over() == Over::Items && rule.when.items.is_none();
    found.check(!needs, at, "needs_items");
}

fn grants(rule: &Rule) -> bool {
    rule.give.grants().is_some()
}

/// What is said of points says nothing of rewards and tickets.
fn of_points(found: &mut Found, rule: &Rule, at: &str) {
    let said = [
        ("expiry", rule.expiry.is_some()),
        ("pending", rule.pending.is_some()),
        ("group", rule.group.is_some()),
        ("transferable", !rule.transferable),
    ];
    for (field, there) in said {
        found.check(!(there && grants(rule)), &format!("{at}/{field}"), "gives_no_points");
    }
}

fn quotas(found: &mut Found, quotas: &[Quota], at: &str) {
    found.check(quotas.len() <= MOST_QUOTAS, &format!("{at}/at_most"), "more_than_ten");
    for (i, quota) in quotas.iter().enumerate() {
        let at = format!("{at}/at_most/{i}");
        let fits = (1..=MOST_AMOUNT).contains(&quota.units);
        found.check(fits, &format!("{at}/units"), "quantity_out_of_range");
        let same = |other: &Quota| (other.per, other.every) == (quota.per, quota.every);
        found.check(!quotas[..i].iter().any(same), &at, "quota_twice");
    }
}

fn bands(found: &mut Found, steps: &Steps, at: &str) {
    found.check((1..=MOST_BANDS).contains(&steps.bands.len()), at, "one_to_twenty_bands");
    for (i, band) in steps.bands.iter().enumerate() {
        found.amount(band.from, &format!("{at}/{i}/from"));
        found.points(band.points, &format!("{at}/{i}/points"));
        let rises = i == 0 || steps.bands[i - 1].from < band.from;
        found.check(rises, &format!("{at}/{i}/from"), "bands_do_not_rise");
    }
}

/// A group says the same in all of its rules, and has either multipliers or others.
fn groups(found: &mut Found, rules: &[Rule]) {
    let mut first: BTreeMap<&str, (&Group, bool)> = BTreeMap::new();
    for (i, rule) in rules.iter().enumerate() {
        let Some(group) = &rule.group else { continue };
        let at = format!("/rules/{i}/group");
        found.check(is_code(&group.code), &format!("{at}/code"), "not_a_group_code");
        let multiplies = rule.give.is_multiplier();
        let (same, mixed) = *first.entry(&group.code).or_insert((group, multiplies));
        found.check(same.keep == group.keep, &format!("{at}/keep"), "group_differs");
        found.check(mixed == multiplies, &at, "group_mixes_multipliers");
    }
}

/// Caps are for somebody; budgets are for everybody, or for a branch.
fn limits(found: &mut Found, document: &ProgrammeDocument) {
    let mut codes = BTreeSet::new();
    for (limits, place) in [(&document.caps, "caps"), (&document.budgets, "budgets")] {
        found.check(limits.len() <= MOST_LIMITS, &format!("/{place}"), "more_than_twenty");
        for (i, limit) in limits.iter().enumerate() {
            let at = format!("/{place}/{i}");
            found.check(codes.insert(&limit.code), &format!("{at}/code"), "code_twice");
            self::limit(found, limit, &at, &document.rules);
            let (fits, wrong) = if place == "caps" {
                (limit.per.is_some(), "cap_of_nobody")
            } else {
                (matches!(limit.per, None | Some(Per::Branch)), "budget_of_a_person")
            };
            found.check(fits, &format!("{at}/per"), wrong);
        }
    }
}

fn limit(found: &mut Found, limit: &Limit, at: &str, rules: &[Rule]) {
    found.check(is_code(&limit.code), &format!("{at}/code"), "not_a_limit_code");
    let fits = (1..=MOST_AMOUNT).contains(&limit.points.count());
    found.check(fits, &format!("{at}/points"), "points_out_of_range");
    for (i, code) in limit.rules.iter().enumerate() {
        let rule = rules.iter().find(|rule| rule.code == *code);
        let at = format!("{at}/rules/{i}");
        found.check(rule.is_some(), &at, "unknown_rule");
        found.check(!rule.is_some_and(grants), &at, "gives_no_points");
    }
}

impl Found {
    pub(in crate::domain) fn dates(&mut self, dates: Option<Dates>, at: &str) {
        let Some(dates) = dates else { return };
        let some = dates.from.is_some() || dates.until.is_some();
        self.check(some, at, "dates_are_empty");
        let order = dates.from.zip(dates.until).is_none_or(|(from, until)| from <= until);
        self.check(order, &format!("{at}/until"), "ends_before_it_begins");
    }

    pub(in crate::domain) fn amount(&mut self, amount: i64, at: &str) {
        self.check((1..=MOST_AMOUNT).contains(&amount), at, "amount_out_of_range");
    }

    pub(in crate::domain) fn points(&mut self, points: Points, at: &str) {
        self.check((1..=MOST_POINTS).contains(&points.count()), at, "points_out_of_range");
    }
}
