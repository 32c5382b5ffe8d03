//! Rewards and draw tickets of a recorded purchase, and what returns take back of them (W3).
//!
//! **Partial returns take back exactly what the purchase brought and no more**: of each grant so much is due back as the amount
//! returned so far says, and a return takes the difference to what was due before it. Tickets are due in proportion, rounded down,
//! like points; a reward is due as a whole once the purchase is returned altogether, or so little of it is kept that the rule would
//! not have asked for less.

use contracts::points::{GrantKind, RewardGrant};
use kernel::Overflow;

use super::{DecisionTrace, ProgrammeDocument, Rule};

/// What a purchase brought besides points, by the version that decided.
#[must_use]
pub fn granted(document: &ProgrammeDocument, trace: &DecisionTrace) -> Vec<RewardGrant> {
    each(document, trace).map(|(rule, kind, quantity)| grant(rule, kind, quantity)).collect()
}

/// What a return takes back of it, once `after` of the purchase's `amount` has been returned and `before` had been before.
///
/// # Errors
/// [`Overflow`], which amounts that were recorded do not cause.
pub fn revoked(
    document: &ProgrammeDocument,
    trace: &DecisionTrace,
    amount: i64,
    [before, after]: [i64; 2],
) -> Result<Vec<RewardGrant>, Overflow> {
    let mut all = Vec::new();
    for (rule, kind, quantity) in each(document, trace) {
        let due = |returned| due(rule, kind, quantity, returned, amount);
        let back = due(after)? - due(before)?;
        if back > 0 {
            all.push(grant(rule, kind, back));
        }
    }
    Ok(all)
}

fn each<'a>(
    document: &'a ProgrammeDocument,
    trace: &'a DecisionTrace,
) -> impl Iterator<Item = (&'a Rule, GrantKind, i64)> {
    let made = document.rules.iter().zip(&trace.0);
    made.filter_map(|(rule, outcome)| {
        let (kind, _) = rule.give.grants()?;
        (outcome.units() > 0).then_some((rule, kind, outcome.units()))
    })
}

fn grant(rule: &Rule, kind: GrantKind, quantity: i64) -> RewardGrant {
    let code = rule.give.grants().map_or("", |(_, code)| code).to_owned();
    RewardGrant { rule: rule.code.clone(), kind, code, quantity }
}

/// How much of a grant is due back once so much of the amount has been returned.
fn due(rule: &Rule, kind: GrantKind, quantity: i64, returned: i64, amount: i64) -> Result<i64, Overflow> {
    match kind {
        GrantKind::DrawTickets => {
            let share = i128::from(quantity) * i128::from(returned) / i128::from(amount.max(1));
            i64::try_from(share).map_err(|_| Overflow)
        }
        GrantKind::InstantReward => {
            let kept = amount - returned;
            let lost = kept <= 0 || rule.when.minimum_basket.is_some_and(|least| kept < least);
            Ok(if returned > 0 && lost { quantity } else { 0 })
        }
    }
}

const REWARD: &str = "r";
const TICKETS: &str = "t";

/// Grants as a short text for a stored row: `rule:r:coffee:1,rule:t:new-year:12`. Codes have no colon and no comma.
#[must_use]
pub fn grants_to_text(grants: &[RewardGrant]) -> String {
    let one = |RewardGrant { rule, kind, code, quantity }: &RewardGrant| {
        let kind = match kind {
            GrantKind::InstantReward => REWARD,
            GrantKind::DrawTickets => TICKETS,
        };
        format!("{rule}:{kind}:{code}:{quantity}")
    };
    grants.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Reads the stored text; `None` when it is none.
#[must_use]
pub fn grants_from_text(text: &str) -> Option<Vec<RewardGrant>> {
    let one = |part: &str| {
        let mut parts = part.split(':');
        let mut next = || parts.next();
        let (rule, kind, code) = (next()?.to_owned(), next()?, next()?.to_owned());
        let kind = match kind {
            REWARD => GrantKind::InstantReward,
            TICKETS => GrantKind::DrawTickets,
            _ => return None,
        };
        Some(RewardGrant { rule, kind, code, quantity: next()?.parse().ok()? })
    };
    text.split(',').filter(|part| !part.is_empty()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::Outcome;

    /// A reward from 300 on, and so many tickets.
    fn document() -> ProgrammeDocument {
        let name = json!({"fa": "ف", "ar": "ع", "en": "e"});
        let rules = json!([
            {"code": "gift", "name": name, "when": {"minimum_basket": 300}, "give": {"instant_reward": {"reward": "coffee", "quantity": 2}}},
            {"code": "lot", "name": name, "give": {"draw_tickets": {"draw": "year", "tickets": 7}}},
            {"code": "base", "name": name, "give": {"fixed": {"points": 1}}},
        ]);
        let document = json!({"name": name, "currency": "IRR", "rules": rules});
        serde_json::from_value(document).expect("a document")
    }

    fn trace(tickets: i64) -> DecisionTrace {
        let gave = Outcome::Gave(kernel::Points::new(1));
        DecisionTrace(vec![Outcome::Granted(2, None), Outcome::Granted(tickets, None), gave], None)
    }

    #[test]
    fn a_reward_is_lost_with_the_basket_that_it_was_for() {
        let taken = |amount, part| {
            let revoked = revoked(&document(), &trace(7), amount, part).expect("it fits");
            revoked.into_iter().map(|grant| (grant.rule, grant.quantity)).collect::<Vec<_>>()
        };
        let gift = || ("gift".to_owned(), 2);
        let lot = |quantity| ("lot".to_owned(), quantity);
        assert_eq!(taken(1_000, [0, 100]), [], "nearly everything is kept");
        assert_eq!(taken(1_000, [100, 700]), [lot(4)], "just enough is kept");
        assert_eq!(taken(1_000, [700, 701]), [gift()]);
        assert_eq!(taken(1_000, [701, 1_000]), [lot(3)], "the reward is gone already");
        assert_eq!(taken(300, [0, 300]), [gift(), lot(7)]);
        assert_eq!(granted(&document(), &trace(0)).len(), 1, "no tickets are no grant");
    }

    #[test]
    fn grants_survive_their_row() {
        let grants = granted(&document(), &trace(7));
        assert_eq!(grants_to_text(&grants), "gift:r:coffee:2,lot:t:year:7");
        assert_eq!(grants_from_text(&grants_to_text(&grants)), Some(grants));
        assert_eq!(grants_from_text(""), Some(Vec::new()));
        assert_eq!(grants_from_text("gift:x:coffee:2"), None);
        assert_eq!(grants_from_text("gift:r:coffee"), None);
    }

    proptest! {
        #[test]
        fn parts_take_back_what_was_granted_and_no_more(
            amount in 1_i64..1_000_000,
            tickets in 1_i64..10_000,
            cuts in prop::collection::vec(1_i64..300_000, 0..8),
        ) {
            let (document, trace) = (document(), trace(tickets));
            let (mut returned, mut back) = (0, [0_i64; 2]);
            let mut cuts = cuts.into_iter();
            while returned < amount {
                let after = (returned + cuts.next().unwrap_or(amount)).min(amount);
                for grant in revoked(&document, &trace, amount, [returned, after])? {
                    back[usize::from(grant.kind == GrantKind::DrawTickets)] += grant.quantity;
                }
                prop_assert!(back[0] <= 2 && back[1] <= tickets);
                returned = after;
            }
            prop_assert_eq!(back, [2, tickets]);
        }
    }
}
