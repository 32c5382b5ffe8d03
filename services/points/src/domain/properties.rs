//! What must hold for every account whatever happens to it: random lives of accounts, decided by the code of production.

use std::collections::{BTreeMap, HashMap};

use kernel::{BranchCode, Currency, JournalId, LocalMoment, RegionCode, TillCode, Timestamp, Weekday};
use proptest::prelude::*;

use super::*;

/// One purchase in the life of an account.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Days since the one before.
    pub(super) days: i32,
    pub(super) branch: usize,
    pub(super) amount: i64,
    pub(super) minute: u16,
    /// Under which of two programmes.
    pub(super) programme: usize,
    /// In which of two currencies; the second one is refused.
    pub(super) foreign: bool,
}

fn step() -> impl Strategy<Value = Step> {
    let amount = prop_oneof![4 => 0_i64..5_000_000, 1 => Just(0), 1 => 0_i64..1_000_000_000_000];
    let foreign = prop_oneof![19 => Just(false), 1 => Just(true)];
    (0_i32..200, 0_usize..3, amount, 0_u16..1440, 0_usize..2, foreign).prop_map(
        |(days, branch, amount, minute, programme, foreign)| Step {
            days,
            branch,
            amount,
            minute,
            programme,
            foreign,
        },
    )
}

fn give() -> impl Strategy<Value = Give> {
    let per = (1_i64..50_000, 1_i64..20, 0..3_u8).prop_map(|(amount, points, rounding)| {
        let rounding = [Rounding::Down, Rounding::Nearest, Rounding::Up][usize::from(rounding)];
        Give::PerAmount(PerAmount {
            amount,
            points: kernel::Points::new(points),
            rounding,
            over: Over::Basket,
        })
    });
    let fixed = (1_i64..500).prop_map(|points| Give::Fixed { points: kernel::Points::new(points) });
    let steps = prop::collection::vec((1_i64..3_000_000, 1_i64..300), 1..4).prop_map(|bands| {
        let band = |(from, points)| Band { from, points: kernel::Points::new(points) };
        Give::Steps(Steps { bands: bands.into_iter().map(band).collect(), over: Over::Basket })
    });
    let multiplier = (101_u32..400)
        .prop_map(|percent| Give::Multiplier(Multiplier { percent, of: Vec::new(), rounding: Rounding::Up }));
    prop_oneof![3 => per, 2 => fixed, 1 => steps, 1 => multiplier]
}

/// A group that says the same wherever it is named; multipliers have one of their own.
fn group(multiplies: bool, number: Option<u8>) -> Option<Group> {
    let keep = if number? == 0 { Keep::Best } else { Keep::First };
    Some(Group { code: format!("group-{multiplies}-{}", number?), keep })
}

fn rule() -> impl Strategy<Value = Rule> {
    let when =
        (prop::option::of(1_i64..3_000_000), prop::option::of(0_usize..3)).prop_map(|(least, branch)| {
            let branches = branch.map(branch_code).into_iter().collect();
            When { minimum_basket: least, branches, ..When::default() }
        });
    let order = (-3_i32..3, prop::option::of(0_u8..2));
    (when, give(), prop::option::of(1_u32..24), order).prop_map(
        |(when, give, months, (priority, grouped))| Rule {
            code: "rule".to_owned(),
            name: text(),
            when,
            group: group(give.is_multiplier(), grouped),
            give,
            expiry: months.map(Expiry::months),
            pending: None,
            transferable: true,
            priority,
        },
    )
}

fn document() -> impl Strategy<Value = ProgrammeDocument> {
    (prop::collection::vec(rule(), 1..5), prop::option::of(1_u32..24)).prop_map(|(rules, months)| {
        let expiry = months.map(Expiry::months);
        ProgrammeDocument {
            name: text(),
            currency: currency("IRR"),
            expiry,
            inactivity: None,
            debt: None,
            transfers: None,
            spending: None,
            pooling: None,
            proof: None,
            rules,
            caps: Vec::new(),
            budgets: Vec::new(),
            tiers: None,
            names: None,
            actions: Vec::new(),
        }
    })
}

fn programmes() -> impl Strategy<Value = [Programme; 2]> {
    [document(), document()].prop_map(|[one, two]| {
        [Programme { version: 1, document: one }, Programme { version: 2, document: two }]
    })
}

pub(super) fn text() -> LocalText {
    LocalText { fa: "x".to_owned(), ar: "x".to_owned(), en: "x".to_owned() }
}

pub(super) fn currency(code: &str) -> Currency {
    Currency::parse(code).expect("a currency")
}

pub(super) fn branch_code(number: usize) -> BranchCode {
    BranchCode::parse(["vanak", "tajrish", "isf-1"][number]).expect("a code")
}

pub(super) fn id() -> kernel::MemberId {
    kernel::MemberId::from_uuid(uuid::Uuid::from_u128(7))
}

pub(super) fn purchase(step: &Step, number: u128, today: kernel::Day) -> Purchase {
    let at = Timestamp::from_micros(i64::from(today.number()) * 86_400_000_000);
    Purchase {
        journal_id: JournalId::from_uuid(uuid::Uuid::from_u128(number)),
        member: id(),
        branch: branch_code(step.branch),
        region: RegionCode::parse("tehran").expect("a code"),
        till: TillCode::parse("till-1").expect("a code"),
        receipt: "R".into(),
        operation: "sale".into(),
        occurred_at: at,
        local: LocalMoment { day: today, weekday: Weekday::Fri, minute: step.minute },
        amount: step.amount,
        currency: currency(if step.foreign { "EUR" } else { "IRR" }),
        lines: Vec::new().into(),
        details: Details::default(),
        history: History::default(),
        tier: None,
        recorded_at: at,
        today,
    }
}

/// An account's life: after every step the account, the day, and what was decided.
fn live(
    steps: &[Step],
    programmes: &[Programme; 2],
) -> Vec<(Account, kernel::Day, Result<Decision, Rejection>)> {
    let mut account = Account::new(id());
    let mut today = kernel::Day::from_number(20_000);
    let mut life = Vec::new();
    for (number, step) in (1..).zip(steps) {
        today = kernel::Day::from_number(today.number() + step.days);
        let purchase = purchase(step, number, today);
        let decided =
            decide(&mut account, Some(&programmes[step.programme]), &purchase, &mut Tallies::default());
        life.push((account.clone(), today, decided));
    }
    life
}

fn journals(decision: &Decision) -> impl Iterator<Item = &Journal> {
    decision.settled.iter().map(|settled| &settled.journal).chain([&decision.purchase])
}

fn signed(movement: &Movement) -> i64 {
    match movement.on_points() {
        Effect::Adds => movement.points.count(),
        Effect::Takes => -movement.points.count(),
        Effect::Leaves => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn lots_equal_the_balance(steps in prop::collection::vec(step(), 1..25), programmes in programmes()) {
        for (account, today, _) in live(&steps, &programmes) {
            let sum: i64 = account.lots().iter().map(|lot| lot.points.count()).sum();
            prop_assert_eq!(sum, account.balance.count());
            prop_assert!(account.lots().iter().all(|lot| lot.points.is_positive()), "no lot is empty or negative");
            let keys: Vec<_> = account.lots().iter().map(|lot| (lot.expires_on, &lot.funder)).collect();
            prop_assert!(keys.is_sorted_by(|a, b| a < b), "one lot for each day and funder, in order");
            prop_assert!(account.available(today)? <= account.balance);
        }
    }

    #[test]
    fn the_books_balance_by_construction(steps in prop::collection::vec(step(), 1..25), programmes in programmes()) {
        let mut books: HashMap<LedgerAccount, i64> = HashMap::new();
        for (account, _, decided) in live(&steps, &programmes) {
            for movement in decided.iter().flat_map(journals).flat_map(|journal| &journal.movements) {
                prop_assert!(movement.points.is_positive() && movement.debit() != movement.credit());
                *books.entry(movement.debit()).or_default() -= movement.points.count();
                *books.entry(movement.credit()).or_default() += movement.points.count();
            }
            prop_assert_eq!(books.values().sum::<i64>(), 0);
            let of_member = books.get(&LedgerAccount::of_member(Book::Member, id())).copied().unwrap_or_default();
            prop_assert_eq!(of_member, account.balance.count(), "the sum of movements is the balance");
        }
        let negative = books.iter().filter(|(account, sum)| **sum < 0 && account.book != Book::Issuance);
        prop_assert_eq!(negative.count(), 0, "only what was issued is owed");
    }

    #[test]
    fn versions_and_balances_follow_on(steps in prop::collection::vec(step(), 1..25), programmes in programmes()) {
        let (mut version, mut balance) = (0, 0);
        for (account, _, decided) in live(&steps, &programmes) {
            for journal in decided.iter().flat_map(journals) {
                version += 1;
                balance += journal.movements.iter().map(signed).sum::<i64>();
                prop_assert_eq!((journal.version, journal.balance.count()), (version, balance));
                prop_assert!(balance >= 0);
            }
            prop_assert_eq!((account.version, account.balance.count()), (version, balance));
        }
    }

    #[test]
    fn points_count_up_to_their_last_day_and_not_a_day_longer(steps in prop::collection::vec(step(), 1..25), programmes in programmes()) {
        // Reckoned without lots: every earning with its last day, added up anew each time.
        let mut earned: BTreeMap<kernel::Day, i64> = BTreeMap::new();
        for (account, today, decided) in live(&steps, &programmes) {
            for movement in decided.iter().flat_map(|decision| &decision.purchase.movements) {
                prop_assert!(movement.expires_on > today, "nothing is born lapsed");
                *earned.entry(movement.expires_on).or_default() += movement.points.count();
            }
            let counts: i64 = earned.range(today..).map(|(_, points)| points).sum();
            prop_assert_eq!(account.available(today)?.count(), counts);
            let next = earned.range(today..NEVER).next().map(|(day, points)| (*day, kernel::Points::new(*points)));
            prop_assert_eq!(account.expires_next(today), next);
            if let Ok(decision) = decided {
                prop_assert_eq!(account.balance.count(), counts, "a purchase has written off what lapsed before");
                prop_assert_eq!(decision.expires_next, next);
                let lapsed = decision.settled.iter().flat_map(|settled| &settled.journal.movements);
                prop_assert!(lapsed.into_iter().all(|movement| movement.expires_on < today), "nothing lapses early");
            }
        }
    }

    #[test]
    fn the_trace_adds_up_to_what_was_earned(steps in prop::collection::vec(step(), 1..10), programmes in programmes()) {
        for ((_, _, decided), step) in live(&steps, &programmes).into_iter().zip(&steps) {
            let Ok(decision) = decided else { continue };
            let gave = decision.trace.0.iter().map(|outcome| outcome.points().count());
            prop_assert_eq!(gave.sum::<i64>(), decision.earned.count());
            prop_assert_eq!(decision.trace.0.len(), programmes[step.programme].document.rules.len());
            prop_assert_eq!(DecisionTrace::from_text(&decision.trace.to_text()), Some(decision.trace.clone()));
        }
    }

    #[test]
    fn of_each_group_one_rule_gives_points(steps in prop::collection::vec(step(), 1..10), programmes in programmes()) {
        for ((_, _, decided), step) in live(&steps, &programmes).into_iter().zip(&steps) {
            let Ok(decision) = decided else { continue };
            let rules = &programmes[step.programme].document.rules;
            let gave = |(_, outcome): &(&Rule, &Outcome)| outcome.points().is_positive();
            let mut groups: BTreeMap<&str, u32> = BTreeMap::new();
            for (rule, _) in rules.iter().zip(&decision.trace.0).filter(gave) {
                *groups.entry(rule.group.as_ref().map_or("", |group| &group.code)).or_default() += 1;
            }
            prop_assert!(groups.iter().all(|(group, rules)| group.is_empty() || *rules == 1), "{:?}", groups);
            let back = |(rule, outcome): &(&Rule, &Outcome)| outcome.skipped() == Some(Skip::OtherOfGroup) && rule.group.is_none();
            prop_assert!(!rules.iter().zip(&decision.trace.0).any(|pair| back(&pair)), "nobody stands back alone");
        }
    }

    #[test]
    fn the_same_life_is_decided_the_same_way(steps in prop::collection::vec(step(), 1..15), programmes in programmes()) {
        prop_assert_eq!(live(&steps, &programmes), live(&steps, &programmes));
    }

    #[test]
    fn movements_alone_make_the_account(steps in prop::collection::vec(step(), 1..25), programmes in programmes()) {
        let mut replayed = Account::new(id());
        for (account, _, decided) in live(&steps, &programmes) {
            for journal in decided.iter().flat_map(journals) {
                for movement in &journal.movements {
                    replayed.evolve(movement)?;
                }
                replayed.version = journal.version;
            }
            prop_assert_eq!(&replayed, &account);
            let (version, balance) = (account.version, account.balance);
            let lots = account.lots().iter().rev().cloned().collect();
            prop_assert_eq!(Account::from_parts(id(), version, balance, account.debt, lots), account, "however rows come back");
        }
    }

    #[test]
    fn a_refusal_changes_nothing(steps in prop::collection::vec(step(), 1..10), programmes in programmes(), days in 0_i32..900) {
        let (before, today, _) = live(&steps, &programmes).pop().expect("one step at least");
        let today = kernel::Day::from_number(today.number() + days);
        let foreign = purchase(&Step { foreign: true, ..steps[0].clone() }, 99, today);
        let mut account = before.clone();
        let refused = decide(&mut account, Some(&programmes[0]), &foreign, &mut Tallies::default());
        prop_assert_eq!(refused, Err(Rejection::OtherCurrency { expected: currency("IRR") }));
        prop_assert_eq!(decide(&mut account, None, &foreign, &mut Tallies::default()), Err(Rejection::NoProgramme));
        let mut rich = programmes[0].clone();
        let most = kernel::Points::new(1_000_000_000);
        rich.document.rules = vec![Rule {
            when: When::default(),
            give: Give::PerAmount(PerAmount { amount: 1, points: most, rounding: Rounding::Down, over: Over::Basket }),
            ..rich.document.rules[0].clone()
        }];
        let vast = purchase(&Step { amount: 1_000_000_000_000, foreign: false, ..steps[0].clone() }, 99, today);
        prop_assert_eq!(decide(&mut account, Some(&rich), &vast, &mut Tallies::default()), Err(Rejection::TooManyPoints));
        prop_assert_eq!(account, before);
    }

    #[test]
    fn no_movement_takes_more_than_there_is(points in 1_i64..1_000, taken in 1_i64..2_000) {
        let lot = |points| Lot::new(kernel::Day::from_number(20_100), branch_code(0), kernel::Points::new(points));
        let movement = |template, points| Movement::of(template, id(), lot(points));
        let mut account = Account::new(id());
        account.evolve(&movement(Template::PurchaseEarned, points))?;
        let before = account.clone();
        let outcome = account.evolve(&movement(Template::Lapsed, taken));
        prop_assert_eq!(outcome.is_ok(), taken <= points);
        if outcome.is_err() {
            prop_assert_eq!(account, before);
        }
    }
}
