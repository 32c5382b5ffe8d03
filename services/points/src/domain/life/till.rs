//! Asks the code of production, writes down what it decides, and has it checked.

use std::collections::HashSet;

use kernel::{BranchCode, Day, JournalId, Points, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{
    Bug,
    books::Books,
    buying::Bought,
    commands::{Asked, Command},
    model::{BRANCHES, Model, Slip},
    passing_on::OnTheWay,
};
use crate::domain::{
    Account, AccountState, Book, Decided, Journal, Lot, Moment, Movement, Place, Programme, Rejection,
    Settled, Template, Terms, as_of, decide_capture, decide_deduction, decide_gift, decide_hold,
    decide_redemption, decide_redemption_reversal, decide_release, decide_state,
    properties::id,
    settle::{journal, movement},
};

/// What can be ended once: its lots, and how often that was done.
struct Once {
    id: JournalId,
    lots: Vec<Lot>,
    ends: u32,
}

pub struct Till {
    pub(super) bug: Option<Bug>,
    pub(super) programme: Programme,
    pub account: Account,
    before: Account,
    books: Books,
    pub(super) model: Model,
    pub(super) now: i64,
    number: u128,
    acknowledged: HashSet<u16>,
    pub(super) bought: Vec<Bought>,
    holds: Vec<Once>,
    redemptions: Vec<Once>,
    pub(super) on_the_way: Vec<OnTheWay>,
}

pub(super) const SHARE: i64 = 50;
const DAY_US: i64 = 86_400_000_000;

impl Till {
    pub fn new(bug: Option<Bug>) -> Self {
        let text = json!({"fa": "x", "ar": "x", "en": "x"});
        let document = json!({
            "name": text, "currency": "IRR", "debt": {"recovered_percent": SHARE},
            "spending": {"point_value": 50},
            "rules": [
                {"code": "base", "name": text, "give": {"per_amount": {"amount": 100, "points": 1}}, "expiry": {"months": 2}},
                {"code": "own", "name": text, "give": {"fixed": {"points": 7}}, "when": {"minimum_basket": 2_000},
                 "expiry": {"months": 2}, "transferable": false},
                {"code": "later", "name": text, "give": {"fixed": {"points": 5}}, "when": {"minimum_basket": 3_000},
                 "pending": {"days": 10}, "expiry": {"months": 1}},
                {"code": "later-own", "name": text, "give": {"fixed": {"points": 4}}, "when": {"minimum_basket": 3_000},
                 "pending": {"days": 10}, "expiry": {"months": 1}, "transferable": false},
            ],
            "transfers": {"to": "anyone", "acceptance": true, "fee": {"fixed": 1}},
        });
        let document = serde_json::from_value(document).expect("a programme");
        Self {
            bug,
            programme: Programme { version: 1, document },
            account: Account::new(id()),
            before: Account::new(id()),
            books: Books::default(),
            model: Model::default(),
            now: 20_000 * DAY_US,
            number: 0,
            acknowledged: HashSet::new(),
            bought: Vec::new(),
            holds: Vec::new(),
            redemptions: Vec::new(),
            on_the_way: Vec::new(),
        }
    }

    pub(super) fn today(&self) -> Day {
        Day::from_number(i32::try_from(self.now / DAY_US).expect("not that far"))
    }

    pub(super) fn terms(&self) -> Terms {
        let at = Moment { now: Timestamp::from_micros(self.now), today: self.today() };
        Terms { at, debt: self.programme.document.debt }
    }

    /// Does one thing and checks everything; says which promise was broken.
    pub fn run(&mut self, command: &Command) -> Result<(), String> {
        match command {
            Command::Wait(days, seconds) => {
                self.now += i64::from(*days) * DAY_US + i64::from(*seconds) * 1_000_000;
                self.model.pass(self.today(), self.now, SHARE);
            }
            Command::Ask(key, asked) => {
                if self.acknowledged.contains(key) && self.bug != Some(Bug::ForgetsKeys) {
                    return Ok(());
                }
                let before = self.account.clone();
                if self.ask(asked)? {
                    self.acknowledged.insert(*key);
                    *self.books.of_keys.entry(*key).or_default() += 1;
                } else if self.account != before {
                    return Err("I2: a refusal changed the account".to_owned());
                }
                self.before = before;
            }
        }
        self.check()
    }

    fn check(&self) -> Result<(), String> {
        self.books.check(&self.account)?;
        self.bought.iter().try_for_each(Bought::check)?;
        if let Some(twice) = self.holds.iter().chain(&self.redemptions).find(|once| once.ends > 1) {
            return Err(format!("I5: {} was ended {} times", twice.id, twice.ends));
        }
        let terms = self.terms();
        let (now, _) = as_of(&self.account, terms.at, terms.debt).map_err(|e| format!("I3: {e}"))?;
        let sum = |book| now.sum_aside(book).map_or(-1, Points::count);
        let sums = [now.balance.count(), sum(Book::Pending), sum(Book::Held), now.debt.count()];
        if sums != self.model.sums() {
            return Err(format!("the model has {:?}, the account {sums:?}", self.model.sums()));
        }
        let bound = |lots: &mut dyn Iterator<Item = &Lot>| lots.map(|lot| lot.bound.count()).sum::<i64>();
        let aside = |held: bool| {
            let there = now.asides().iter().filter(move |a| matches!(a.place, Place::Hold { .. }) == held);
            bound(&mut there.map(|aside| &aside.lot))
        };
        let bound = [bound(&mut now.lots().iter()), aside(false), aside(true)];
        if bound == self.model.bound() {
            Ok(())
        } else {
            Err(format!("bound points: the model has {:?}, the account {bound:?}", self.model.bound()))
        }
    }

    pub(super) fn next_id(&mut self) -> JournalId {
        self.number += 1;
        JournalId::from_uuid(Uuid::from_u128(self.number))
    }

    pub(super) fn write(&mut self, settled: &[Settled], journal: &Journal) -> Result<(), String> {
        self.write_settled(settled)?;
        self.books.known += 1;
        self.books.write(journal, self.today())
    }

    pub(super) fn write_settled(&mut self, settled: &[Settled]) -> Result<(), String> {
        let today = self.today();
        for settled in settled {
            self.books.write(&settled.journal, today)?;
            self.books.known += 1;
            if self.bug == Some(Bug::WritesTwice) {
                self.books.write(&settled.journal, today)?;
            }
        }
        Ok(())
    }

    /// Asks; answers whether it was acknowledged.
    fn ask(&mut self, asked: &Asked) -> Result<bool, String> {
        let (today, terms) = (self.today(), self.terms());
        match *asked {
            Asked::Buy(branch, amount) => self.buy(branch, amount, None),
            Asked::Pay(branch, amount, points) => self.buy(branch, amount, Some(points)),
            Asked::Return(which, amount) if !self.bought.is_empty() => {
                self.give_back(which % self.bought.len(), amount)
            }
            Asked::Activate(which) if !self.bought.is_empty() => self.activate(which % self.bought.len()),
            Asked::Hold(points, seconds) => {
                let (id, until) = (self.next_id(), self.now + i64::from(seconds) * 1_000_000);
                let at = Timestamp::from_micros(until);
                let decided = decide_hold(&mut self.account, id, Points::new(points), at, terms);
                let done = self.done(decided)?;
                if let Some(journal) = &done {
                    self.model.hold(id.as_uuid().as_u128(), until, points, today);
                    self.holds.push(Once { id, lots: lots(journal, Template::Held), ends: 0 });
                }
                Ok(done.is_some())
            }
            Asked::Capture(which, points) if !self.holds.is_empty() => {
                self.capture(which % self.holds.len(), points)
            }
            Asked::Release(which) if !self.holds.is_empty() => {
                let which = which % self.holds.len();
                let id = self.holds[which].id;
                let decided = decide_release(&mut self.account, id, terms);
                let done = self.done(decided)?.is_some();
                if done {
                    self.model.release(id.as_uuid().as_u128());
                    self.model.pass(today, self.now, SHARE);
                    self.holds[which].ends += 1;
                }
                Ok(done)
            }
            Asked::Redeem(points) => self.redeem(points),
            Asked::Reverse(which) if !self.redemptions.is_empty() => {
                self.reverse(which % self.redemptions.len())
            }
            Asked::Give(points, days) => self.give(points, days),
            Asked::Deduct(points) => {
                let decided = decide_deduction(&mut self.account, Points::new(points), terms);
                let done = self.done(decided)?.is_some();
                if done {
                    self.model.take(points, today);
                }
                Ok(done)
            }
            Asked::PassOn(points) => self.pass_on(points),
            Asked::ComeBack(which) if !self.on_the_way.is_empty() => {
                self.come_back(which % self.on_the_way.len())
            }
            Asked::Freeze(freeze) => {
                let state = if freeze { AccountState::Frozen } else { AccountState::Open };
                let decided = decide_state(&mut self.account, state, terms);
                Ok(self.done(decided)?.is_some())
            }
            _ => Ok(false),
        }
    }

    /// Writes down what was decided, unless it was refused.
    pub(super) fn done(&mut self, decided: Result<Decided, Rejection>) -> Result<Option<Journal>, String> {
        let Ok(Decided { settled, journal }) = decided else { return Ok(None) };
        self.write(&settled, &journal)?;
        Ok(Some(journal))
    }

    fn capture(&mut self, which: usize, points: Option<i64>) -> Result<bool, String> {
        let (id, terms) = (self.holds[which].id, self.terms());
        let mut decided = decide_capture(&mut self.account, id, points.map(Points::new), terms);
        if self.bug == Some(Bug::CapturesAgain) && decided == Err(Rejection::HoldOver) {
            let journal = journal(&mut self.account, Vec::new());
            decided = Ok(Decided { settled: Vec::new(), journal });
        }
        let Some(journal) = self.done(decided)? else { return Ok(false) };
        self.model.capture(id.as_uuid().as_u128(), points);
        self.model.pass(self.today(), self.now, SHARE);
        self.holds[which].ends += 1;
        let id = self.next_id();
        self.redemptions.push(Once { id, lots: lots(&journal, Template::Captured), ends: 0 });
        Ok(true)
    }

    fn redeem(&mut self, points: i64) -> Result<bool, String> {
        let (today, terms) = (self.today(), self.terms());
        // What is due would make another difference than the one that is meant.
        let may = |till: &Self| till.account.balance.count() >= points && !till.account.is_due(terms.at);
        let decided = match self.bug {
            Some(Bug::SpendsFromASnapshot) if self.account.balance.count() < points => {
                let mut snapshot = self.before.clone();
                snapshot.version = self.account.version;
                decide_redemption(&mut snapshot, Points::new(points), terms)
            }
            Some(Bug::SpendsTheYoungest) if may(self) => {
                Ok(self.spends(points, |lots| lots.sort_by_key(|lot| std::cmp::Reverse(lot.expires_on))))
            }
            Some(Bug::SpendsLapsedPoints) if may(self) => Ok(self.spends(points, |_| {})),
            _ => decide_redemption(&mut self.account, Points::new(points), terms),
        };
        let Some(journal) = self.done(decided)? else { return Ok(false) };
        self.model.take(points, today);
        let id = self.next_id();
        self.redemptions.push(Once { id, lots: lots(&journal, Template::Redeemed), ends: 0 });
        Ok(true)
    }

    /// Spends as the code of production never would.
    fn spends(&mut self, points: i64, order: impl FnOnce(&mut Vec<Lot>)) -> Decided {
        let mut all = self.account.lots().to_vec();
        order(&mut all);
        let (mut left, mut movements) = (points, Vec::new());
        for there in all {
            let some = there.points.count().min(left);
            left -= some;
            if some > 0 {
                let spent = movement(&self.account, Template::Redeemed, &there.spent(Points::new(some)));
                self.account.evolve(&spent).expect("it is there");
                movements.push(spent);
            }
        }
        Decided { settled: Vec::new(), journal: journal(&mut self.account, movements) }
    }

    fn reverse(&mut self, which: usize) -> Result<bool, String> {
        // Whether it was undone before is looked up by the command, as here.
        if self.redemptions[which].ends > 0 {
            return Ok(false);
        }
        let (today, terms) = (self.today(), self.terms());
        let redeemed = self.redemptions[which].lots.clone();
        let decided = decide_redemption_reversal(&mut self.account, &redeemed, terms);
        let Some(journal) = self.done(decided)? else { return Ok(false) };
        self.redemptions[which].ends += 1;
        let came = lots(&journal, Template::RedemptionReversed);
        let alive: i64 = came.iter().filter(|lot| !lot.lapsed(today)).map(|lot| lot.points.count()).sum();
        for lot in came {
            self.model.come(slip(&lot), None);
        }
        self.model.pay(alive, today);
        self.model.pass(today, self.now, SHARE);
        Ok(true)
    }

    fn give(&mut self, points: i64, days: u16) -> Result<bool, String> {
        let (today, terms) = (self.today(), self.terms());
        let given = (today.plus_days(days), 2, points, 0);
        let decided = decide_gift(&mut self.account, &lot(given), terms);
        let done = self.done(decided)?.is_some();
        if done {
            self.model.come(given, None);
            self.model.pay(points * SHARE / 100, today);
        }
        Ok(done)
    }
}

pub(super) fn lot((expires_on, branch, points, bound): Slip) -> Lot {
    let funder = BranchCode::parse(BRANCHES[branch]).expect("a code");
    Lot { bound: Points::new(bound), ..Lot::new(expires_on, funder, Points::new(points)) }
}

pub(super) fn slip(lot: &Lot) -> Slip {
    let branch = BRANCHES.iter().position(|code| *code == lot.funder.as_str()).expect("a branch");
    (lot.expires_on, branch, lot.points.count(), lot.bound.count())
}

/// The lots that a journal moved by a template.
pub(super) fn lots(journal: &Journal, template: Template) -> Vec<Lot> {
    journal.movements.iter().filter(|m| m.template == template).map(Movement::lot).collect()
}
