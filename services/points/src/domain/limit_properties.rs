//! No limit is ever exceeded: random purchases of several members, by one process and by two that know nothing of each other.

use std::collections::BTreeMap;

use kernel::{Day, MemberId, Points};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use uuid::Uuid;

use super::{
    properties::{Step, currency, purchase, text},
    *,
};

/// One purchase: whose, in which branch, how much, how many days after the one before.
type Bought = (u128, usize, i64, i32);

fn bought() -> impl Strategy<Value = Vec<Bought>> {
    prop::collection::vec((0_u128..3, 0_usize..2, 0_i64..100, 0_i32..2), 1..30)
}

fn limits() -> impl Strategy<Value = (Vec<Limit>, Vec<Limit>)> {
    let every = (0_usize..4).prop_map(|n| [Every::Day, Every::Month, Every::Year, Every::Ever][n]);
    let per = (0_usize..4).prop_map(|n| [Per::Member, Per::Till, Per::Cashier, Per::Branch][n]);
    let rules = prop_oneof![Just(Vec::new()), Just(vec!["one".to_owned()]), Just(vec!["two".to_owned()])];
    let cap = (1_i64..200, per, every.clone(), rules.clone())
        .prop_map(|(points, per, every, rules)| limit(points, Some(per), every, rules));
    let budget = (1_i64..400, prop::option::of(Just(Per::Branch)), every, rules)
        .prop_map(|(points, per, every, rules)| limit(points, per, every, rules));
    let named = |place: &'static str| {
        move |limits: Vec<Limit>| {
            let name = |(i, limit): (usize, Limit)| Limit { code: format!("{place}-{i}"), ..limit };
            limits.into_iter().enumerate().map(name).collect()
        }
    };
    let caps = prop::collection::vec(cap, 0..3).prop_map(named("cap"));
    (caps, prop::collection::vec(budget, 0..3).prop_map(named("budget")))
}

fn limit(points: i64, per: Option<Per>, every: Every, rules: Vec<String>) -> Limit {
    Limit { code: "limit".to_owned(), points: Points::new(points), per, every, rules }
}

/// A point for each unit paid by rule `one`, half of that by rule `two`, and half as many again by a multiplier.
fn programme((caps, budgets): (Vec<Limit>, Vec<Limit>)) -> Programme {
    let rule = |code: &str, give, priority| Rule {
        code: code.to_owned(),
        name: text(),
        when: When::default(),
        give,
        expiry: None,
        pending: None,
        transferable: true,
        priority,
        group: None,
    };
    let per = |amount| {
        let rounding = Rounding::Up;
        Give::PerAmount(PerAmount { amount, points: Points::new(1), rounding, over: Over::Basket })
    };
    let half = Give::Multiplier(Multiplier { percent: 150, of: Vec::new(), rounding: Rounding::Down });
    let rules = vec![rule("half", half, 9), rule("two", per(2), 0), rule("one", per(1), 5)];
    let document = ProgrammeDocument {
        name: text(),
        currency: currency("IRR"),
        expiry: None,
        inactivity: None,
        debt: None,
        transfers: None,
        spending: None,
        pooling: None,
        proof: None,
        rules,
        caps,
        budgets,
        tiers: None,
        names: None,
        actions: Vec::new(),
    };
    Programme { version: 1, document }
}

fn of((member, branch, amount, _): Bought, number: u128, today: Day) -> Purchase {
    let step = Step { days: 0, branch, amount, minute: 0, programme: 0, foreign: false };
    Purchase { member: MemberId::from_uuid(Uuid::from_u128(member)), ..purchase(&step, number, today) }
}

/// How much of a day's text names the period.
const fn characters(every: Every) -> usize {
    match every {
        Every::Day => 10,
        Every::Month => 7,
        Every::Year => 4,
        Every::Ever => 0,
    }
}

/// What decides whether a limit is kept when nobody forgets anything.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Memory {
    Kept,
    /// The planted bug: what was used is not written.
    Lost,
}

/// What each limit counted, reckoned from the traces alone; fails where it is more than the limit.
fn limits_hold(bought: &[Bought], programme: &Programme, memory: Memory) -> Result<(), TestCaseError> {
    let document = &programme.document;
    let mut tallies = Tallies::default();
    let mut counted: BTreeMap<(TallyKey, String), i64> = BTreeMap::new();
    let mut day = Day::from_number(20_000);
    for (number, step) in (1..).zip(bought) {
        day = Day::from_number(day.number() + step.3);
        let purchase = of(*step, number, day);
        let decision = decide(&mut Account::new(purchase.member), Some(programme), &purchase, &mut tallies)
            .expect("nothing is wrong with it");
        for limit in document.caps.iter().chain(&document.budgets) {
            let period = day.to_string()[..characters(limit.every)].to_owned();
            let sum = counted.entry((limit.key(&purchase), period)).or_default();
            for (rule, outcome) in document.rules.iter().zip(&decision.trace.0) {
                *sum += if limit.counts(&rule.code) { outcome.points().count() } else { 0 };
            }
            prop_assert!(*sum <= limit.points.count(), "{}: {} of {}", limit.code, sum, limit.points);
        }
        let held = decision
            .trace
            .0
            .iter()
            .any(|o| matches!(o.skipped(), Some(Skip::CapReached | Skip::BudgetSpent)));
        let full = document.caps.iter().chain(&document.budgets).any(|limit| {
            counted.iter().any(|((key, _), sum)| key.limit == limit.code && *sum == limit.points.count())
        });
        prop_assert!(!held || full, "what is left of a limit is given");
        if memory == Memory::Lost {
            tallies = Tallies::default();
        }
    }
    Ok(())
}

/// Two processes count towards one limit: each reads, decides and writes when its turn comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    /// In the transaction: what was read must still be there when it is written.
    Inside,
    /// The planted bug: before the transaction.
    Outside,
}

fn two_hold_one_limit(turns: &[bool], most: i64, check: Check) -> Result<(), TestCaseError> {
    let programme = programme((Vec::new(), vec![limit(most, None, Every::Ever, Vec::new())]));
    let purchase = of((1, 0, 7, 0), 1, Day::from_number(20_000));
    let (mut stored, mut given) = (Tallies::default(), 0);
    let mut under_way: [Option<(Tallies, Tallies, i64)>; 2] = [None, None];
    for turn in turns {
        let replica = &mut under_way[usize::from(*turn)];
        match replica.take() {
            None => {
                let mut after = stored.clone();
                let decided =
                    decide(&mut Account::new(purchase.member), Some(&programme), &purchase, &mut after);
                *replica = Some((stored.clone(), after, decided.expect("fine").earned.count()));
            }
            Some((read, after, points)) if check == Check::Outside || read == stored => {
                (stored, given) = (after, given + points);
            }
            // Somebody else counted meanwhile: it is decided again.
            Some(_) => {}
        }
        prop_assert!(given <= most, "{} of {}", given, most);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_limit_is_exceeded(bought in bought(), limits in limits()) {
        limits_hold(&bought, &programme(limits), Memory::Kept)?;
    }

    #[test]
    fn two_processes_exceed_no_limit(turns in prop::collection::vec(any::<bool>(), 0..60), most in 1_i64..60) {
        two_hold_one_limit(&turns, most, Check::Inside)?;
    }
}

#[test]
fn a_limit_that_forgets_what_was_used_is_found() {
    let found = TestRunner::new(Config::default()).run(&(bought(), limits()), |(bought, limits)| {
        limits_hold(&bought, &programme(limits), Memory::Lost)
    });
    assert!(found.is_err(), "the property does not see the planted bug");
}

#[test]
fn a_limit_that_is_checked_outside_of_the_transaction_is_found() {
    let turns = prop::collection::vec(any::<bool>(), 0..60);
    let found = TestRunner::new(Config::default())
        .run(&(turns, 1_i64..60), |(turns, most)| two_hold_one_limit(&turns, most, Check::Outside));
    assert!(found.is_err(), "the property does not see the planted bug");
}
