//! The decision about an action: what it earns.

use contracts::membership::ActionValue;
use kernel::{ActionCode, BranchCode, Day, MemberId, Points};

use super::ActionRule;
use crate::domain::{
    Account, AccountState, DecisionTrace, Journal, Lot, Moment, Movement, Place, ProgrammeDocument,
    Rejection, Settled, Tallies, TallyKey, Template,
    limit::Counting,
    purchase::{Brought, Coming, add, bring},
    settle::{journal, settle},
};

/// An action of a known member, as it is to be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Who did it.
    pub member: MemberId,
    /// What.
    pub action: ActionCode,
    /// The day on which it was done, on the chain's wall clock, which rules go by.
    pub day: Day,
    /// The branch, when it was done at one.
    pub branch: Option<BranchCode>,
    /// How much of it.
    pub value: Option<ActionValue>,
    /// The code of the member's tier before it.
    pub tier: Option<String>,
}

impl Action {
    /// How much of it there is to undo: its units, what was paid, or one for an action without a value.
    #[must_use]
    pub fn measure(&self) -> i64 {
        measure_of(self.value.as_ref())
    }
}

/// How much there is to undo of an action with this value.
#[must_use]
pub fn measure_of(value: Option<&ActionValue>) -> i64 {
    match value {
        None => 1,
        Some(ActionValue::Units(much) | ActionValue::Payment { amount: much, .. }) => *much,
    }
}

/// What was decided about an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionDecision {
    /// What had happened by itself before, written first.
    pub settled: Vec<Settled>,
    /// The action itself; its movements may be none.
    pub journal: Journal,
    /// What it earned, pending or not.
    pub granted: Points,
    /// How much of that is pending.
    pub pending: Points,
    /// How much of it counts for tiers.
    pub qualifying: Points,
    /// What each rule about this action made of it, in the order of the document.
    pub trace: DecisionTrace,
}

impl ProgrammeDocument {
    /// The rules about an action, in the order of the document.
    pub fn rules_about<'a>(&'a self, action: &'a ActionCode) -> impl Iterator<Item = &'a ActionRule> {
        self.actions.iter().filter(move |rule| rule.on.action == *action)
    }

    /// The tallies that an action may count towards.
    #[must_use]
    pub fn action_keys(&self, action: &Action) -> Vec<TallyKey> {
        let rules = self.rules_about(&action.action);
        rules.flat_map(|rule| rule.tally_keys(action.member, rule.funder(action))).collect()
    }
}

/// Decides what an action earns, and evolves the account and the tallies of limits accordingly.
///
/// Points run from the day they are recorded, as those of purchases do, and a debt takes its share of them in the same way.
///
/// # Errors
/// [`Rejection::OtherCurrency`], [`Rejection::AccountClosed`], [`Rejection::TooManyPoints`]; account and tallies are unchanged then.
pub fn decide_action(
    account: &mut Account,
    document: &ProgrammeDocument,
    action: &Action,
    tallies: &mut Tallies,
    at: Moment,
) -> Result<ActionDecision, Rejection> {
    let mut after = account.clone();
    if let Some(ActionValue::Payment { currency, .. }) = action.value
        && currency != document.currency
    {
        return Err(Rejection::OtherCurrency { expected: document.currency });
    }
    if after.state == AccountState::Closed {
        return Err(Rejection::AccountClosed);
    }
    let settled = settle(&mut after, at, document.debt)?;
    let mut counting = Counting::new(tallies, at.today);
    let (mut outcomes, mut comings) = (Vec::new(), Vec::new());
    let mut qualifying = Points::ZERO;
    for rule in document.rules_about(&action.action) {
        let outcome = rule.judge(action, &mut counting)?;
        let points = outcome.points();
        if points.is_positive() {
            come(&mut comings, document, rule, action, (points, at.today))?;
        }
        if rule.qualifying {
            qualifying = qualifying.plus(points)?;
        }
        outcomes.push(outcome);
    }
    let used = counting.used();
    let Brought { movements, earned: granted, pending, .. } =
        bring(&mut after, comings, document.debt, at.today)?;
    let journal = journal(&mut after, movements);
    *account = after;
    tallies.add(used);
    Ok(ActionDecision {
        settled,
        journal,
        granted,
        pending,
        qualifying,
        trace: DecisionTrace(outcomes, None),
    })
}

/// Points of a rule, which the branch that it names pays for.
fn come(
    comings: &mut Vec<Coming>,
    document: &ProgrammeDocument,
    rule: &ActionRule,
    action: &Action,
    (points, today): (Points, Day),
) -> Result<(), Rejection> {
    // A rule without one gave nothing.
    let Some(funder) = rule.funder(action).cloned() else { return Ok(()) };
    let from = rule.pending.map(|pending| today.plus_days(pending.days));
    let expires_on = document.last_day(rule.expiry, from.unwrap_or(today));
    let template = if from.is_some() { Template::EarnedPending } else { Template::Bonus };
    let bound = if rule.transferable { Points::ZERO } else { points };
    let movement = Movement::of(template, action.member, Lot { expires_on, funder, points, bound });
    Ok(add(comings, movement, from.map(|from| Place::Pending { from }))?)
}
