//! Rewards and draw tickets of a recorded purchase, and what returns take back of them (W3).
//!
//! **Partial returns take back exactly what the purchase brought and no more**: of each grant so much is due back as the amount
//! returned so far says, and the lines that came back by name, and a return takes the difference to what was due before it. Tickets
//! are due in proportion or by their lines, rounded down, like points; a reward is due as a whole once the purchase is returned
//! altogether, or all lines that it was for, or so little is kept that the rule would not have asked for less.

use contracts::points::{GrantKind, RewardGrant};
use kernel::Overflow;

use super::{DecisionTrace, Line, Original, ProgrammeDocument, Rule};

/// What a purchase brought besides points, by the version that decided.
#[must_use]
pub fn granted(document: &ProgrammeDocument, trace: &DecisionTrace) -> Vec<RewardGrant> {
    each(document, trace).map(|(rule, kind, quantity)| grant(rule, kind, quantity)).collect()
}

/// What a return takes back of it: `before` and `after` are the purchase with all that came back before it, and with it. `lines`
/// are those that were bought; none where nothing came back by lines.
///
/// # Errors
/// [`Overflow`], which amounts that were recorded do not cause.
pub fn revoked(
    document: &ProgrammeDocument,
    trace: &DecisionTrace,
    lines: &[Line],
    [before, after]: [&Original; 2],
) -> Result<Vec<RewardGrant>, Overflow> {
    let mut all = Vec::new();
    for (rule, kind, quantity) in each(document, trace) {
        let weights = rule.weights(lines);
        let due = |original| due(rule, kind, quantity, &weights, original);
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

/// How much of a grant is due back of a purchase with what came back of it.
fn due(
    rule: &Rule,
    kind: GrantKind,
    quantity: i64,
    weights: &[i64],
    original: &Original,
) -> Result<i64, Overflow> {
    match kind {
        GrantKind::DrawTickets => original.tickets_due(quantity, weights),
        GrantKind::InstantReward => {
            let kept = original.amount - original.returned;
            let too_little = kept <= 0 || rule.when.minimum_basket.is_some_and(|least| kept < least);
            let lost = (original.returned > 0 && too_little) || original.all_came_back(weights);
            Ok(if lost { quantity } else { 0 })
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
    use contracts::points::ReturnedLine;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::domain::{Credit, Outcome, PaidSo, SoldLine};

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

    /// A purchase of these lines, if any, of which nothing came back.
    fn bought(amount: i64, lines: &[Line]) -> Original {
        let sold = |line: &Line| SoldLine {
            sku: line.sku.clone(),
            quantity_milli: line.quantity_milli,
            amount: line.amount,
            earned: Vec::new(),
            counted: kernel::Points::ZERO,
            returned_milli: 0,
            returned: 0,
        };
        Original {
            member: kernel::MemberId::from_uuid(uuid::Uuid::nil()),
            amount,
            returned: 0,
            earned: Vec::new(),
            counted: Credit::default(),
            lines: lines.iter().map(sold).collect(),
            paid_so: PaidSo::default(),
        }
    }

    fn line(sku: &str, amount: i64) -> Line {
        Line { sku: sku.to_owned(), category: None, quantity_milli: 2_000, amount }
    }

    /// So much of a line came back.
    fn of_line(original: &Original, place: usize, amount: i64) -> Original {
        let mut after = original.clone();
        let line = u32::try_from(place + 1).expect("few lines");
        let sku = original.lines[place].sku.clone();
        after.note(amount, &[ReturnedLine { line, sku, quantity_milli: 0, amount }]);
        after
    }

    /// A coffee for tea, and tickets for it; tickets for each hundred of anything.
    fn for_tea() -> ProgrammeDocument {
        let name = json!({"fa": "ف", "ar": "ع", "en": "e"});
        let tea = json!({"items": {"skus": ["tea"]}});
        let rules = json!([
            {"code": "gift", "name": name, "when": tea, "give": {"instant_reward": {"reward": "coffee"}}},
            {"code": "lot", "name": name, "when": tea, "give": {"draw_tickets": {"draw": "year", "tickets": 7}}},
            {"code": "each", "name": name, "when": tea, "give": {"draw_tickets": {"draw": "year", "tickets": 1, "amount": 100}}},
        ]);
        serde_json::from_value(json!({"name": name, "currency": "IRR", "rules": rules})).expect("a document")
    }

    fn for_tea_trace() -> DecisionTrace {
        let granted = [1, 7, 10].map(|units| Outcome::Granted(units, None));
        DecisionTrace(granted.to_vec(), None)
    }

    #[test]
    fn lines_that_come_back_take_what_they_brought() {
        let lines = [line("milk", 400), line("tea", 600)];
        let taken = |before: &Original, after: &Original| {
            let revoked = revoked(&for_tea(), &for_tea_trace(), &lines, [before, after]).expect("it fits");
            revoked.into_iter().map(|grant| (grant.rule, grant.quantity)).collect::<Vec<_>>()
        };
        let some = |rule: &str, quantity| (rule.to_owned(), quantity);
        let whole = bought(1_000, &lines);
        let no_milk = of_line(&whole, 0, 400);
        assert_eq!(
            taken(&whole, &no_milk),
            [some("each", 4)],
            "milk brought neither the coffee nor its tickets"
        );
        let half_tea = of_line(&no_milk, 1, 300);
        assert_eq!(taken(&no_milk, &half_tea), [some("lot", 3), some("each", 3)], "some tea is kept");
        assert_eq!(
            taken(&half_tea, &of_line(&half_tea, 1, 300)),
            [some("gift", 1), some("lot", 4), some("each", 3)]
        );
        let no_tea = of_line(&whole, 1, 600);
        assert_eq!(taken(&whole, &no_tea), [some("gift", 1), some("lot", 7), some("each", 6)]);
        assert_eq!(taken(&no_tea, &of_line(&no_tea, 0, 400)), [some("each", 4)]);
    }

    #[test]
    fn a_reward_is_lost_with_the_basket_that_it_was_for() {
        let taken = |amount, part: [i64; 2]| {
            let [before, after] = part.map(|returned| Original { returned, ..bought(amount, &[]) });
            let revoked = revoked(&document(), &trace(7), &[], [&before, &after]).expect("it fits");
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
        fn lines_and_amounts_in_any_order_take_back_what_was_granted_and_no_more(
            deeds in prop::collection::vec((0_usize..4, 1_i64..400), 0..12),
        ) {
            let lines = [line("milk", 400), line("tea", 350), line("tea", 250)];
            let (mut now, mut back) = (bought(1_000, &lines), [0_i64; 3]);
            let ends = (0..4).chain(0..4).map(|place| (place, i64::MAX));
            for (place, most) in deeds.into_iter().chain(ends) {
                let left = now.amount - now.returned;
                let after = match now.lines.get(place) {
                    Some(line) => of_line(&now, place, most.min(line.amount - line.returned).min(left)),
                    None => Original { returned: now.returned + most.min(left), ..now.clone() },
                };
                for grant in revoked(&for_tea(), &for_tea_trace(), &lines, [&now, &after])? {
                    let place = ["gift", "lot", "each"].iter().position(|rule| **rule == *grant.rule);
                    back[place.expect("one of them")] += grant.quantity;
                }
                let due = |of: &Original| revoked(&for_tea(), &for_tea_trace(), &lines, [&bought(1_000, &lines), of]);
                let due: Vec<i64> = due(&after)?.into_iter().map(|grant| grant.quantity).collect();
                prop_assert_eq!(due.iter().sum::<i64>(), back.iter().sum::<i64>(), "as if it came back at once");
                now = after;
            }
            prop_assert_eq!(back, [1, 7, 10]);
        }

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
                let [was, is] = [returned, after].map(|returned| Original { returned, ..bought(amount, &[]) });
                for grant in revoked(&document, &trace, &[], [&was, &is])? {
                    back[usize::from(grant.kind == GrantKind::DrawTickets)] += grant.quantity;
                }
                prop_assert!(back[0] <= 2 && back[1] <= tickets);
                returned = after;
            }
            prop_assert_eq!(back, [2, tickets]);
        }
    }
}
