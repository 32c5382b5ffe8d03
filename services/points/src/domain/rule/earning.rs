//! All rules together: which of them give what to a purchase, and which stand back for others.
//!
//! **The order is fixed**: every rule is judged by itself; of each group one stays; multipliers then multiply what
//! stayed, and of each group of multipliers one stays. What stays is held to the limits, rule by rule: higher priority first, then
//! by place in the list; multipliers after all others. Nothing depends on anything but what is given here.

use std::cmp::Reverse;

use kernel::{Overflow, Points};

use super::{Give, Keep, Multiplier, Outcome, Rule, Skip};
use crate::domain::{Limit, ProgrammeDocument, Purchase, limit::Using};

/// What each rule makes of a purchase, in the order of the document.
///
/// # Errors
/// [`Overflow`] when the points do not fit.
pub fn evaluate(
    document: &ProgrammeDocument,
    purchase: &Purchase,
    using: &mut Using<'_>,
) -> Result<Vec<Outcome>, Overflow> {
    let rules = &document.rules;
    let mut outcomes = Vec::with_capacity(rules.len());
    let tier = document.tier_code(purchase.tier);
    for rule in rules {
        outcomes.push(rule.judge(purchase, tier)?);
    }
    keep_one_of_each_group(rules, &mut outcomes, adds);
    hold_to_limits(document, &mut outcomes, using, adds)?;
    hold_to_quotas(rules, &mut outcomes, using)?;
    if rules.iter().any(|rule| rule.give.is_multiplier()) {
        multiply(rules, &mut outcomes)?;
        keep_one_of_each_group(rules, &mut outcomes, Give::is_multiplier);
        hold_to_limits(document, &mut outcomes, using, Give::is_multiplier)?;
    }
    Ok(outcomes)
}

const fn adds(give: &Give) -> bool {
    !give.is_multiplier()
}

impl Rule {
    fn judge(&self, purchase: &Purchase, tier: Option<&str>) -> Result<Outcome, Overflow> {
        match self.when.misses(purchase, tier) {
            Some(skip) => Ok(Outcome::Skipped(skip)),
            None => match self.give.units(purchase)? {
                Some(units) => Ok(Outcome::Granted(units, None)),
                None => self.give.points(purchase, self.when.items.as_ref()).map(Outcome::Gave),
            },
        }
    }
}

fn multiply(rules: &[Rule], outcomes: &mut [Outcome]) -> Result<(), Overflow> {
    for i in 0..rules.len() {
        let Give::Multiplier(multiplier) = &rules[i].give else { continue };
        if matches!(outcomes[i], Outcome::Gave(_)) {
            let given = multiplied(multiplier, rules, outcomes)?;
            outcomes[i] = if given.is_positive() {
                Outcome::Gave(multiplier.points(given)?)
            } else {
                Outcome::Skipped(Skip::NothingToMultiply)
            };
        }
    }
    Ok(())
}

/// What the rules that a multiplier is for gave together.
fn multiplied(multiplier: &Multiplier, rules: &[Rule], outcomes: &[Outcome]) -> Result<Points, Overflow> {
    let counting = rules.iter().zip(outcomes).filter(|(rule, _)| multiplier.is_for(rule));
    Points::sum(counting.map(|(_, outcome)| outcome.points()))
}

/// Rules that would give something stand back for the one of their group that stays.
fn keep_one_of_each_group(rules: &[Rule], outcomes: &mut [Outcome], among: fn(&Give) -> bool) {
    let grouped = |i: &usize| rules[*i].group.is_some() && among(&rules[*i].give);
    let candidates: Vec<usize> =
        (0..rules.len()).filter(grouped).filter(|i| outcomes[*i].points().is_positive()).collect();
    let stays = |i: usize| {
        let Some(group) = &rules[i].group else { return true };
        let rivals = candidates
            .iter()
            .copied()
            .filter(|rival| rules[*rival].group.as_ref().is_some_and(|other| other.code == group.code));
        let first = rivals.max_by_key(|rival| {
            let most = match group.keep {
                Keep::Best => outcomes[*rival].points(),
                Keep::First => Points::ZERO,
            };
            (most, rules[*rival].priority, Reverse(*rival))
        });
        first == Some(i)
    };
    let back: Vec<usize> = candidates.iter().copied().filter(|i| !stays(*i)).collect();
    for i in back {
        outcomes[i] = Outcome::Skipped(Skip::OtherOfGroup);
    }
}

/// What rules give is counted against every limit that is for them; the tightest one decides how much is left to give.
fn hold_to_limits(
    document: &ProgrammeDocument,
    outcomes: &mut [Outcome],
    using: &mut Using<'_>,
    among: fn(&Give) -> bool,
) -> Result<(), Overflow> {
    if document.caps.is_empty() && document.budgets.is_empty() {
        return Ok(());
    }
    let rules = &document.rules;
    let mut order: Vec<usize> = (0..rules.len()).filter(|i| among(&rules[*i].give)).collect();
    order.sort_by_key(|i| (Reverse(rules[*i].priority), *i));
    for i in order {
        let full = outcomes[i].points();
        if !full.is_positive() {
            continue;
        }
        outcomes[i] = match take(using, limits(document, &rules[i].code), full)? {
            (_, None) => Outcome::Gave(full),
            (some, Some(reason)) if some.is_positive() => Outcome::Part(some, reason),
            (_, Some(reason)) => Outcome::Skipped(reason),
        };
    }
    Ok(())
}

/// What rules grant is counted against their own limits.
fn hold_to_quotas(rules: &[Rule], outcomes: &mut [Outcome], using: &mut Using<'_>) -> Result<(), Overflow> {
    for (rule, outcome) in rules.iter().zip(outcomes) {
        let Outcome::Granted(units, _) = *outcome else { continue };
        let quotas: Vec<Limit> = rule.quotas().collect();
        let limits = quotas.iter().map(|quota| (quota, Skip::QuotaReached));
        *outcome = match take(using, limits, Points::new(units))? {
            (some, Some(reason)) if !some.is_positive() => Outcome::Skipped(reason),
            (some, short) => Outcome::Granted(some.count(), short),
        };
    }
    Ok(())
}

/// Takes as much of `full` as all of these limits leave; answers how much that is, and which one left less than all of it.
fn take<'a>(
    using: &mut Using<'_>,
    limits: impl Iterator<Item = (&'a Limit, Skip)> + Clone,
    full: Points,
) -> Result<(Points, Option<Skip>), Overflow> {
    let (mut some, mut why) = (full, None);
    for (limit, reason) in limits.clone() {
        let left = using.left(limit)?;
        if left < some {
            (some, why) = (left, Some(reason));
        }
    }
    for (limit, _) in limits.filter(|_| some.is_positive()) {
        using.take(limit, some)?;
    }
    Ok((some, why))
}

/// The limits that count a rule's points, each with the reason that it gives.
fn limits<'a>(
    document: &'a ProgrammeDocument,
    rule: &'a str,
) -> impl Iterator<Item = (&'a Limit, Skip)> + Clone {
    let caps = document.caps.iter().map(|cap| (cap, Skip::CapReached));
    let budgets = document.budgets.iter().map(|budget| (budget, Skip::BudgetSpent));
    caps.chain(budgets).filter(move |(limit, _)| limit.counts(rule))
}
