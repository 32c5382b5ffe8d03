//! Returns of any split, in any order, by lines or not, add up to what was earned and no further.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::json;

use super::{
    tests::{TERMS, TODAY, came, member, original, spent},
    *,
};
use crate::domain::{
    Line, Tallies, decide,
    properties::{Step, purchase},
};

/// What is done after a purchase.
#[derive(Clone, Debug)]
enum Deed {
    /// So much of its amount comes back.
    Amount(i64),
    /// These lines come back: which, how many thousandths, how much money.
    Lines(Vec<(usize, Option<i64>, Option<i64>)>),
    /// So many points are spent.
    Spend(i64),
    /// Everything that is left comes back.
    Rest,
}

fn deed() -> impl Strategy<Value = Deed> {
    let part = |most: i64| prop::option::of(prop_oneof![1 => Just(1_i64), 4 => 1..most]);
    let lines = prop::collection::vec((0_usize..7, part(3_000), part(4_000)), 1..3);
    prop_oneof![
        2 => (1_i64..6_000).prop_map(Deed::Amount),
        6 => lines.prop_map(Deed::Lines),
        2 => (1_i64..800).prop_map(Deed::Spend),
        1 => Just(Deed::Rest),
    ]
}

fn receipt() -> impl Strategy<Value = Vec<Line>> {
    let amount = prop_oneof![1 => Just(0_i64), 5 => 1_i64..5_000];
    let line = (0_usize..5, 1_i64..4_000, amount).prop_map(|(sku, quantity_milli, amount)| Line {
        sku: format!("s{sku}"),
        category: None,
        quantity_milli,
        amount,
    });
    prop::collection::vec(line, 1..7)
}

/// Rules of every kind, into lots of two last days, some of them pending.
fn document() -> ProgrammeDocument {
    let text = json!({"fa": "x", "ar": "x", "en": "x"});
    let rule = |code: &str, give: serde_json::Value, skus: &[&str]| {
        let when = if skus.is_empty() { json!({}) } else { json!({"items": {"skus": skus}}) };
        json!({"code": code, "name": text, "give": give, "when": when})
    };
    let per = json!({"per_amount": {"amount": 70, "points": 1, "rounding": "nearest"}});
    let of_items = json!({"per_amount": {"amount": 40, "points": 3, "over": "items"}});
    let mut rules = vec![
        rule("base", per, &[]),
        rule("items", of_items, &["s0", "s1"]),
        rule("pieces", json!({"per_item": {"points": 7, "over": "items"}}), &["s1", "s2"]),
        rule("gift", json!({"fixed": {"points": 25}}), &["s3"]),
        rule("visit", json!({"fixed": {"points": 11}}), &[]),
        rule("more", json!({"multiplier": {"percent": 175, "of": ["items", "pieces"]}}), &[]),
    ];
    rules[2]["expiry"] = json!({"months": 1});
    rules[4]["pending"] = json!({"days": 9});
    let document = json!({"name": text, "currency": "IRR", "expiry": {"months": 12}, "rules": rules});
    serde_json::from_value(document).expect("a document")
}

/// A purchase and what comes after it, with a naive count of what came back.
struct Case {
    account: Account,
    original: Original,
    whole: Points,
    undone: Points,
    recorded: Vec<(i64, Vec<ReturnedLine>)>,
    by_line: HashMap<usize, (i64, i64)>,
    by_amount: i64,
    /// A planted bug: what came back by lines is remembered as an amount.
    forgets_lines: bool,
}

impl Case {
    fn new(lines: Vec<Line>, forgets_lines: bool) -> Self {
        let amount = lines.iter().map(|line| line.amount).sum();
        let step = Step { days: 0, branch: 0, amount, minute: 0, programme: 0, foreign: false };
        let mut asked = purchase(&step, 1, TODAY);
        asked.lines = lines.into();
        let programme = crate::domain::Programme { version: 1, document: document() };
        let mut account = Account::new(member());
        let decision = decide(&mut account, Some(&programme), &asked, &mut Tallies::default());
        let decision = decision.expect("it is decided");
        let whole = decision.earned;
        let original = Original::of_purchase(&programme.document, &asked, decision, 0).expect("it fits");
        let (recorded, by_line) = (Vec::new(), HashMap::new());
        let undone = Points::ZERO;
        Self { account, original, whole, undone, recorded, by_line, by_amount: 0, forgets_lines }
    }

    fn back(&self, deed: &Deed) -> Option<Back> {
        let line = |&(which, quantity_milli, amount): &(usize, Option<i64>, Option<i64>)| LineBack {
            line: u32::try_from(which % self.original.lines.len() + 1).ok(),
            sku: None,
            quantity_milli,
            amount,
        };
        match deed {
            Deed::Amount(amount) => Some(Back::Amount(*amount)),
            Deed::Lines(lines) => Some(Back::Lines(lines.iter().map(line).collect())),
            Deed::Rest => Some(Back::Rest),
            Deed::Spend(_) => None,
        }
    }

    fn run(&mut self, deed: &Deed) -> Result<(), String> {
        if let Deed::Spend(points) = deed {
            let points = self.account.balance.min(Points::new(*points));
            spent(&mut self.account, points.count());
        }
        let Some(back) = self.back(deed) else { return Ok(()) };
        let before = self.account.clone();
        let Ok(decision) = decide_return(&mut self.account, &self.original, &back, TERMS) else {
            return if self.account == before {
                Ok(())
            } else {
                Err("a refusal changed something".to_owned())
            };
        };
        let told = if self.forgets_lines { &[][..] } else { &decision.lines };
        self.original.note(decision.amount, told);
        let undone = Points::sum([self.undone, decision.taken, decision.owed, decision.lapsed]);
        self.undone = undone.map_err(|_| "a sum")?;
        if decision.lines.is_empty() {
            self.by_amount += decision.amount;
        }
        for line in &decision.lines {
            let place = usize::try_from(line.line).expect("a place") - 1;
            let sum = self.by_line.entry(place).or_default();
            *sum = (sum.0 + line.amount, sum.1 + line.quantity_milli);
        }
        self.recorded.push((decision.amount, decision.lines));
        self.check()
    }

    fn check(&self) -> Result<(), String> {
        let Original { amount, lines, .. } = &self.original;
        let mut of_lines = 0;
        for (place, (money, quantity)) in &self.by_line {
            let sold = &lines[*place];
            if *money > sold.amount || *quantity > sold.quantity_milli {
                let all = (sold.amount, sold.quantity_milli);
                return Err(format!("line {place}: {money} and {quantity} of {all:?} came back"));
            }
            of_lines += money;
        }
        if of_lines + self.by_amount > *amount || self.undone > self.whole {
            return Err(format!("{of_lines} and {} of {amount} came back", self.by_amount));
        }
        let is_back = |place: usize| {
            let (money, quantity) = self.by_line.get(&place).copied().unwrap_or_default();
            let sold = &lines[place];
            if sold.amount == 0 { quantity == sold.quantity_milli } else { money == sold.amount }
        };
        let all = (0..lines.len()).all(is_back);
        let all = all || (self.by_amount > 0 && of_lines + self.by_amount == *amount);
        if all && self.undone != self.whole {
            return Err(format!("all came back, and {} of {} points", self.undone, self.whole));
        }
        // Whole lines alone give back what they earned, to the point.
        let wholly = self.by_line.keys().all(|place| is_back(*place));
        let earned = self.by_line.keys().flat_map(|place| lines[*place].earned.iter().copied());
        let earned = Points::sum(earned).map_err(|_| "a sum")?;
        if self.by_amount == 0 && wholly && self.undone != earned {
            return Err(format!("lines that earned {earned} gave back {}", self.undone));
        }
        if self.account.balance < Points::ZERO || self.account.debt < Points::ZERO {
            return Err("below zero".to_owned());
        }
        Ok(())
    }

    /// The same parts, last to come first.
    fn in_reverse(&self, lines: Vec<Line>) -> Result<Points, String> {
        let mut again = Self::new(lines, false);
        for (amount, lines) in self.recorded.iter().rev() {
            let line = |line: &ReturnedLine| LineBack {
                line: Some(line.line),
                sku: Some(line.sku.clone()),
                quantity_milli: Some(line.quantity_milli),
                amount: Some(line.amount),
            };
            let back = match lines.as_slice() {
                [] => Back::Amount(*amount),
                lines => Back::Lines(lines.iter().map(line).collect()),
            };
            let decided = decide_return(&mut again.account, &again.original, &back, TERMS);
            let decision = decided.map_err(|rejection| format!("refused in reverse: {rejection:?}"))?;
            again.original.note(decision.amount, &decision.lines);
            let undone = Points::sum([again.undone, decision.taken, decision.owed, decision.lapsed]);
            again.undone = undone.map_err(|_| "a sum")?;
        }
        Ok(again.undone)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn any_split_by_lines_and_amounts_adds_up_in_any_order(
        lines in receipt(), deeds in prop::collection::vec(deed(), 1..14),
    ) {
        let mut case = Case::new(lines.clone(), false);
        let of_lines = case.original.lines.iter().flat_map(|line| line.earned.iter().copied());
        prop_assert_eq!(Points::sum(of_lines)?, case.whole, "lines earn what was given");
        for deed in &deeds {
            prop_assert_eq!(case.run(deed), Ok(()));
        }
        prop_assert_eq!(case.in_reverse(lines), Ok(case.undone));
        // There is no tier: what counts for one goes back as the points do, to the whole.
        let credit = case.original.credit_back()?;
        prop_assert!((0..=case.whole.count()).contains(&credit.points));
        let Original { amount, returned, .. } = case.original;
        if returned < amount {
            prop_assert_eq!(case.run(&Deed::Rest), Ok(()));
            prop_assert_eq!(case.undone, case.whole);
            let all = Credit::of_purchase(case.whole, amount);
            prop_assert_eq!(case.original.credit_back(), Ok(all));
        }
    }
}

/// Two lines of which the second could pay for the first.
fn two_lines() -> Vec<Line> {
    let line =
        |sku: &str, amount| Line { sku: sku.to_owned(), category: None, quantity_milli: 1_000, amount };
    vec![line("s0", 1_000), line("s4", 5_000)]
}

#[test]
fn a_planted_bug_that_forgets_lines_is_found() {
    let again = Deed::Lines(vec![(0, None, None)]);
    let mut sound = Case::new(two_lines(), false);
    assert_eq!((sound.run(&again), sound.run(&again)), (Ok(()), Ok(())));
    assert_eq!(sound.recorded.len(), 1, "a line comes back once");
    let mut forgetful = Case::new(two_lines(), true);
    let found = forgetful.run(&again).and_then(|()| forgetful.run(&again));
    assert!(found.as_ref().is_err_and(|why| why.starts_with("line 0: 2000")), "{found:?}");
}

#[test]
fn a_line_takes_back_what_it_earned_and_nothing_of_the_others() {
    let mut case = Case::new(two_lines(), false);
    // 86 of the base by amount: 14 and 72; 75 of the items; 56 more of them; 11 for the visit by amount: 1 and 10.
    let earned = |line: &SoldLine| Points::sum(line.earned.iter().copied());
    assert_eq!(
        case.original.lines.iter().map(earned).collect::<Vec<_>>(),
        [Ok(Points::new(14 + 75 + 56 + 1)), Ok(Points::new(72 + 10))]
    );
    case.run(&Deed::Lines(vec![(1, None, None)])).expect("it holds");
    assert_eq!(case.undone, Points::new(82));
    // Half the money of what is left takes half of what is left of each movement: of 145, and of 1 that is pending.
    case.run(&Deed::Amount(500)).expect("it holds");
    assert_eq!(case.undone, Points::new(82 + 72));
}

proptest! {
    #[test]
    fn parts_add_up_to_the_whole_and_the_balance_is_never_negative(
        amount in 1_i64..100_000,
        lots in prop::collection::vec((0_i32..200, 1_i64..10_000), 1..4),
        cuts in prop::collection::vec(1_i64..50_000, 0..8),
        spends in prop::collection::vec(0_i64..8_000, 0..8),
    ) {
        let mut account = Account::new(member());
        let mut earned: Vec<EarnedLot> = Vec::new();
        for (days, points) in lots {
            let day = 20_000 + days;
            came(&mut account, day, "vanak", points);
            match earned.iter_mut().find(|earned| earned.lot.expires_on.number() == day) {
                Some(earned) => earned.lot.points = earned.lot.points.plus(Points::new(points))?,
                None => earned.extend(original(&[(day, "vanak", points)]).earned),
            }
        }
        let whole = Points::sum(earned.iter().map(|earned| earned.lot.points))?;
        let (counted, paid_so) = (Credit::default(), PaidSo::default());
        let mut original = Original { member: member(), amount, returned: 0, earned, counted, lines: Vec::new(), paid_so };
        let (mut taken, mut owed, mut spend) = (Points::ZERO, Points::ZERO, spends.into_iter());
        let mut part = cuts.into_iter();
        while original.returned < amount {
            if let Some(points) = spend.next() {
                let points = account.balance.min(Points::new(points)).count();
                spent(&mut account, points);
            }
            let left = amount - original.returned;
            let some = part.next().unwrap_or(left).min(left);
            let decision = decide_return(&mut account, &original, &Back::Amount(some), TERMS).expect("so much is left");
            original.returned = decision.returned;
            taken = taken.plus(decision.taken)?;
            owed = owed.plus(decision.owed)?;
            prop_assert!(account.balance >= Points::ZERO && account.debt >= Points::ZERO);
            prop_assert_eq!(account.debt, owed);
            prop_assert!(account.debt.is_zero() || account.balance.is_zero(), "no debt while there are points");
            let lots = Points::sum(account.lots().iter().map(|lot| lot.points))?;
            prop_assert_eq!(lots, account.balance);
        }
        prop_assert_eq!(taken.plus(owed)?, whole, "taken and owed are what was earned");
    }
}
