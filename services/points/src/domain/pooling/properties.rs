//! Whatever a household has: a draw conserves points, takes what lapses first, and takes nothing from whom it may not.

use std::collections::BTreeMap;

use kernel::{BranchCode, JournalId, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{Aside, Place, as_of, decide_redemption};

const TODAY: Day = Day::from_number(20_000);
const AT: Moment = Moment { now: Timestamp::from_micros(1_000_000), today: TODAY };
const TERMS: Terms = Terms { at: AT, debt: None };

fn id(number: u8) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(u128::from(number) + 1))
}

fn branch(number: u8) -> BranchCode {
    BranchCode::parse(&format!("b{number}")).expect("a code")
}

/// Of the points of each lot a few are bound, perhaps none.
fn lot((day, funder, points): (i32, u8, i64)) -> Lot {
    let expires_on = if day > 8 { crate::domain::NEVER } else { Day::from_number(20_000 + day) };
    let bound = Points::new((points % 4).min(points));
    Lot { bound, ..Lot::new(expires_on, branch(funder), Points::new(points)) }
}

/// An account as it is stored: lots of which some have lapsed, perhaps a debt, points aside of which some are due.
fn stored(number: u8, lots: &[(i32, u8, i64)], debt: i64, state: AccountState) -> Account {
    let mut unique: BTreeMap<(Day, BranchCode), Lot> = BTreeMap::new();
    for one in lots.iter().copied().map(lot) {
        unique.insert((one.expires_on, one.funder.clone()), one);
    }
    let lots: Vec<Lot> = unique.into_values().collect();
    let balance = Points::sum(lots.iter().map(|lot| lot.points)).expect("it fits");
    let account = Account::from_parts(id(number), 3, balance, Points::new(debt), lots);
    account.with_asides(state, Vec::new())
}

fn account(number: u8) -> impl Strategy<Value = Account> {
    let lots = prop::collection::vec((-3_i32..11, 0_u8..3, 1_i64..60), 0..6);
    let state = prop_oneof![4 => Just(AccountState::Open), 1 => Just(AccountState::Frozen), 1 => Just(AccountState::Closed)];
    let debt = prop_oneof![4 => Just(0_i64), 1 => 1_i64..40];
    let asides = prop::collection::vec((0_u8..4, -2_i32..9, 0_u8..3, 1_i64..60), 0..4);
    (lots, debt, state, asides).prop_map(move |(lots, debt, state, asides)| {
        let mut unique: BTreeMap<(u8, i32, u8), Aside> = BTreeMap::new();
        for (kind, day, funder, points) in asides {
            let hold = |until| Place::Hold { id: JournalId::from_uuid(Uuid::from_u128(7)), until };
            let place = match kind {
                0 => Place::Pending { from: TODAY },
                1 => Place::Pending { from: Day::from_number(20_003) },
                2 => hold(AT.now),
                _ => hold(Timestamp::from_micros(2_000_000)),
            };
            unique.insert((kind, day.min(9), funder), Aside { place, lot: lot((day, funder, points)) });
        }
        stored(number, &lots, debt, state).with_asides(state, unique.into_values().collect())
    })
}

fn others() -> impl Strategy<Value = Vec<Account>> {
    (1_u8..5).prop_flat_map(|many| (1..=many).map(account).collect::<Vec<_>>())
}

fn now(account: &Account) -> Account {
    as_of(account, AT, None).expect("it fits").0
}

/// What there is of each lot in all of these accounts, and how much of it is bound.
fn totals<'a>(accounts: impl Iterator<Item = &'a Account>) -> BTreeMap<(Day, BranchCode), [i64; 2]> {
    let mut sums: BTreeMap<(Day, BranchCode), [i64; 2]> = BTreeMap::new();
    for lot in accounts.map(now).flat_map(|account| account.lots().to_vec()) {
        let sum = sums.entry((lot.expires_on, lot.funder)).or_default();
        sum[0] += lot.points.count();
        sum[1] += lot.bound.count();
    }
    sums
}

fn may_give(account: &Account) -> bool {
    let account = now(account);
    account.state == AccountState::Open && account.debt.is_zero()
}

/// How many points are the member's alone.
fn bound(account: &Account) -> i64 {
    now(account).lots().iter().map(|lot| lot.bound.count()).sum()
}

fn may_be_drawn(others: &[Account]) -> i64 {
    others.iter().filter(|other| may_give(other)).map(|other| now(other).balance.count() - bound(other)).sum()
}

/// What is wrong with a draw of so many points, by the accounts before and after it; the first is the one that draws.
fn wrong(before: &[Account], after: &[Account], points: i64) -> Option<&'static str> {
    if totals(before.iter()) != totals(after.iter()) {
        return Some("conserved");
    }
    if now(&after[0]).balance.count() - now(&before[0]).balance.count() != points {
        return Some("as many as were missing");
    }
    if bound(&after[0]) != bound(&before[0]) {
        return Some("nothing that is bound");
    }
    let pairs = || before.iter().zip(after).skip(1);
    if pairs().any(|(was, is)| !may_give(was) && was != is) {
        return Some("nothing from whom it may not");
    }
    // The last lot from which something was drawn; whatever else may be drawn comes after it.
    let mut gone: Vec<(Day, MemberId)> = Vec::new();
    for (was, is) in pairs() {
        let left = now(is);
        let there =
            |lot: &Lot| left.lot(lot.expires_on, &lot.funder).map_or(Points::ZERO, |left| left.points);
        let less = |lot: &&Lot| there(lot) < lot.points;
        gone.extend(now(was).lots().iter().filter(less).map(|lot| (lot.expires_on, was.member)));
    }
    let last = gone.into_iter().max()?;
    let earlier = |account: &Account| {
        let left = now(account);
        may_give(account) && left.drawable(TODAY).any(|lot| (lot.expires_on, account.member) < last)
    };
    after[1..].iter().any(earlier).then_some("earliest first")
}

fn draw(before: &[Account], points: i64, left: Option<i64>) -> Result<(Vec<Account>, Drawn), Rejection> {
    let mut account = before[0].clone();
    let mut pool = Pool::new(before[1..].to_vec(), left.map(Points::new));
    let drawn = pool.draw(&mut account, Points::new(points), TERMS)?;
    Ok(([vec![account], pool.accounts().to_vec()].concat(), drawn))
}

proptest! {
    #[test]
    fn a_draw_conserves_points_and_takes_what_lapses_first(
        own in prop::collection::vec((-3_i32..11, 0_u8..3, 1_i64..60), 0..4), others in others(),
        points in 1_i64..200, left in prop::option::of(0_i64..250),
    ) {
        let before = [vec![stored(0, &own, 0, AccountState::Open)], others].concat();
        let most = may_be_drawn(&before[1..]).min(left.unwrap_or(i64::MAX));
        match draw(&before, points, left) {
            Ok((after, drawn)) => {
                prop_assert!(points <= most);
                prop_assert_eq!(wrong(&before, &after, points), None);
                let given = drawn.given.iter().flat_map(|given| &given.journal.movements);
                let lots = |m: &crate::domain::Movement| (m.expires_on, m.funder.clone(), m.points);
                let mut given: Vec<_> = given.map(lots).collect();
                let mut came: Vec<_> = drawn.journal.movements.iter().map(lots).collect();
                given.sort();
                came.sort();
                prop_assert_eq!(given, came, "lot by lot");
                for given in &drawn.given {
                    let was = before.iter().find(|account| account.member == given.member).expect("one of them");
                    prop_assert_eq!(given.journal.version, was.version + u64::try_from(given.settled.len()).expect("a few") + 1);
                }
            }
            Err(rejection) => {
                prop_assert_eq!(rejection, Rejection::BalanceTooLow { missing: Points::new(points - most) });
            }
        }
    }

    #[test]
    fn ones_own_points_go_first_and_a_refusal_changes_nothing(
        own in prop::collection::vec((-3_i32..11, 0_u8..3, 1_i64..60), 0..4), others in others(), points in 1_i64..300,
    ) {
        let account = stored(0, &own, 0, AccountState::Open);
        let (mut after, mut pool) = (account.clone(), Pool::new(others.clone(), None));
        let (has, more) = (now(&account).balance.count(), may_be_drawn(&others));
        let redeem = |account: &mut Account| decide_redemption(account, Points::new(points), TERMS);
        let outcome = pool.spend(&mut after, TERMS, redeem);
        if points > has + more {
            let missing = Points::new(points - has - more);
            prop_assert_eq!(outcome, Err(Rejection::BalanceTooLow { missing }));
            prop_assert_eq!((after, pool), (account, Pool::new(others, None)));
            return Ok(());
        }
        let (drawn, _) = outcome.expect("there are enough");
        let came = drawn.map_or(0, |drawn| drawn.journal.movements.iter().map(|m| m.points.count()).sum());
        prop_assert_eq!(came, (points - has).max(0), "no more is drawn than is missing");
        prop_assert_eq!(now(&after).balance.count(), (has - points).max(0));
        prop_assert_eq!(pool.points(AT, None)?.count(), more - came);
    }
}

/// A draw that goes wrong in one way, on accounts that are settled.
fn careless(before: &[Account], points: i64, bug: &str) -> Vec<Account> {
    let mut lots: Vec<(usize, Lot)> = Vec::new();
    for (at, other) in before.iter().enumerate().skip(1) {
        let gives = may_give(other) || bug == "asks nobody's state";
        lots.extend(other.lots().iter().filter(|_| gives).map(|lot| (at, lot.clone())));
    }
    lots.sort_by_key(|(at, lot)| (lot.expires_on, *at));
    if bug == "takes the last first" {
        lots.reverse();
    }
    let mut after = before.to_vec();
    let mut left = if bug == "takes one too few" { points - 1 } else { points };
    for (at, lot) in lots {
        let there = if bug == "takes bound points" { lot.points } else { lot.passable() };
        let some = there.count().min(left);
        left -= some;
        let mut lot = lot.part(Points::new(some), Points::ZERO);
        if some == 0 {
            continue;
        }
        let gone = movement(&after[at], Template::PoolGiven, &lot);
        if bug != "leaves the points with who gave" {
            after[at].evolve(&gone).expect("it is there");
        }
        if bug == "dates the points anew" {
            lot.expires_on = crate::domain::NEVER;
        }
        let came = movement(&after[0], Template::PoolDrawn, &lot);
        after[0].evolve(&came).expect("it fits");
    }
    after
}

#[test]
fn each_bug_that_is_planted_is_found() {
    let open = AccountState::Open;
    let before = [
        stored(0, &[(4, 0, 5)], 0, open),
        stored(1, &[(5, 0, 10)], 0, open),
        stored(2, &[(2, 1, 6), (7, 1, 10)], 0, open),
        stored(3, &[(1, 0, 10)], 0, AccountState::Frozen),
    ];
    assert_eq!(wrong(&before, &careless(&before, 12, "none"), 12), None);
    for (bug, found) in [
        ("takes the last first", "earliest first"),
        ("takes bound points", "nothing that is bound"),
        ("takes one too few", "as many as were missing"),
        ("leaves the points with who gave", "conserved"),
        ("dates the points anew", "conserved"),
        ("asks nobody's state", "nothing from whom it may not"),
    ] {
        assert_eq!(wrong(&before, &careless(&before, 12, bug), 12), Some(found), "{bug}");
    }
}

#[test]
fn who_may_draw_and_from_whom_follows_from_role_and_time() {
    let one =
        |number, head, days| Belonging { member: id(number), head, since: Day::from_number(20_000 - days) };
    let household = [one(3, false, 40), one(1, true, 90), one(2, false, 5)];
    let others = |terms: PoolingTerms, member| terms.others(&household, id(member), TODAY);
    let all = PoolingTerms { drawn_by: DrawnBy::Everyone, most_per_day: None, after_days: None };
    assert_eq!(others(all, 2), [id(1), id(3)]);
    assert_eq!(others(all, 9), [], "who belongs elsewhere draws on nobody");
    let head = PoolingTerms { drawn_by: DrawnBy::Head, ..all };
    assert_eq!((others(head, 1), others(head, 3)), (vec![id(2), id(3)], vec![]));
    let late = PoolingTerms { after_days: Some(40), ..all };
    assert_eq!((others(late, 1), others(late, 3), others(late, 2)), (vec![id(3)], vec![id(1)], vec![]));
    let most = PoolingTerms { most_per_day: Some(Points::new(50)), ..all };
    assert_eq!(most.left(Points::new(20)), Some(Points::new(30)));
    assert_eq!((most.left(Points::new(70)), all.left(Points::new(70))), (Some(Points::ZERO), None));
}
