//! Points that a household spends together (J5).
//!
//! Members keep their accounts and their lots. Whoever spends more than they have draws what is missing out of the others'
//! accounts, and only that: what is one's own goes first. Of all the others' lots those whose last day comes first are drawn, of
//! one day in the order of the members' ids. Frozen and closed accounts give nothing, nor does one that owes points; what is pending
//! or held is not drawn, nor what is bound to its member, and what has lapsed never.
//!
//! **A draw conserves points**: what the others give is what the member gets, lot by lot, with its last day and its funder.

#[cfg(test)]
mod properties;

use kernel::{Day, MemberId, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Account, AccountState, DebtTerms, Journal, Lot, Moment, Rejection, Settled, Template, Terms, may_spend,
    programme::{Found, MOST_POINTS},
    settle::{journal, movement, settle},
};

/// How the members of a household spend their points together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolingTerms {
    /// Who spends the others' points; left out, everyone.
    #[serde(default)]
    pub drawn_by: DrawnBy,
    /// The most points that a member draws from the others in a day of the chain: 1 to 1,000,000,000; left out, all there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 1_000_000_000)]
    pub most_per_day: Option<Points>,
    /// Members draw, and are drawn from, once they have belonged to the household for so many days: 1 to 366; left out, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 366)]
    pub after_days: Option<u16>,
}

/// Who spends the points of the others in the household.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrawnBy {
    /// Everyone who belongs to it.
    #[default]
    Everyone,
    /// Whoever speaks for it.
    Head,
}

/// A member of a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// Who.
    pub member: MemberId,
    /// Whether they speak for it.
    pub head: bool,
    /// Since which day they belong to it.
    pub since: Day,
}

impl PoolingTerms {
    pub(super) fn check(self, found: &mut Found) {
        let most = self.most_per_day.map_or(1, Points::count);
        found.check((1..=MOST_POINTS).contains(&most), "/pooling/most_per_day", "points_out_of_range");
        let days = self.after_days.unwrap_or(1);
        found.check((1..=366).contains(&days), "/pooling/after_days", "one_to_366_days");
    }

    /// From whom of their household a member may draw on a day, in the order of their ids; nobody where the member may not.
    #[must_use]
    pub fn others(self, household: &[Belonging], member: MemberId, today: Day) -> Vec<MemberId> {
        let after = i32::from(self.after_days.unwrap_or_default());
        let settled_in = |one: &Belonging| today.number().saturating_sub(one.since.number()) >= after;
        let may_draw = |one: &Belonging| one.head || self.drawn_by == DrawnBy::Everyone;
        let draws = household.iter().any(|one| one.member == member && settled_in(one) && may_draw(one));
        let others = household.iter().filter(|one| draws && one.member != member && settled_in(one));
        let mut others: Vec<MemberId> = others.map(|one| one.member).collect();
        others.sort_unstable();
        others
    }

    /// How many points a member may still draw on a day on which they drew so many; `None` for as many as there are.
    #[must_use]
    pub fn left(self, drawn: Points) -> Option<Points> {
        let left = |most: Points| Points::new(most.count().saturating_sub(drawn.count()).max(0));
        self.most_per_day.map(left)
    }
}

impl Account {
    /// What others of the household may draw from a settled account, earliest expiry first: nothing that is bound to the member.
    pub fn drawable(&self, today: Day) -> impl Iterator<Item = Lot> {
        let gives = self.state == AccountState::Open && !self.debt.is_positive();
        let lots = self.lots().iter().filter(move |lot| gives && !lot.lapsed(today));
        let passable = lots.map(|lot| lot.part(lot.passable(), Points::ZERO));
        passable.filter(|lot| lot.points.is_positive())
    }
}

/// The accounts of the others in a household, from which a member may draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    accounts: Vec<Account>,
    left: Option<Points>,
}

/// Points that left an account, because another member of the household spends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Whose they were.
    pub member: MemberId,
    /// What had happened to the account by itself, written first.
    pub settled: Vec<Settled>,
    /// The points that left.
    pub journal: Journal,
}

/// Points that were drawn from the others of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// What had happened by itself to the account that draws, written first.
    pub settled: Vec<Settled>,
    /// Who gave, in the order of their ids; each something.
    pub given: Vec<Given>,
    /// The points that came, just before they are spent.
    pub journal: Journal,
}

impl Pool {
    /// Accounts with their lots, out of which so many points may be drawn; `None` for all.
    #[must_use]
    pub fn new(mut accounts: Vec<Account>, left: Option<Points>) -> Self {
        accounts.sort_unstable_by_key(|account| account.member);
        Self { accounts, left }
    }

    /// The accounts as they are now.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// How many points may be drawn at a moment.
    ///
    /// # Errors
    /// [`Overflow`] when the sum does not fit.
    pub fn points(&self, at: Moment, debt: Option<DebtTerms>) -> Result<Points, Overflow> {
        let (_, lots) = self.lots(Terms { at, debt })?;
        self.most(&lots)
    }

    /// Does what `act` says with what the account has; where that is too little, draws what is missing first. When that is
    /// refused, the account and those of the others are unchanged.
    ///
    /// # Errors
    /// What `act` refuses; [`Rejection::BalanceTooLow`] where all of them together have too little.
    pub fn spend<T>(
        &mut self,
        account: &mut Account,
        terms: Terms,
        mut act: impl FnMut(&mut Account) -> Result<T, Rejection>,
    ) -> Result<(Option<Drawn>, T), Rejection> {
        let missing = match act(account) {
            Err(Rejection::BalanceTooLow { missing }) => missing,
            outcome => return Ok((None, outcome?)),
        };
        let (mut after, mut pool) = (account.clone(), self.clone());
        let drawn = pool.draw(&mut after, missing, terms)?;
        let done = act(&mut after)?;
        (*account, *self) = (after, pool);
        Ok((Some(drawn), done))
    }

    /// Moves so many points of the others into an account.
    fn draw(&mut self, account: &mut Account, missing: Points, terms: Terms) -> Result<Drawn, Rejection> {
        may_spend(account)?;
        let (mut givers, lots) = self.lots(terms)?;
        let most = self.most(&lots)?;
        if most < missing {
            return Err(Rejection::BalanceTooLow { missing: missing.minus(most)? });
        }
        let settled = settle(account, terms.at, terms.debt)?;
        let mut left = missing.count();
        let mut movements = Vec::new();
        for (giver, lot) in lots {
            let some = lot.points.count().min(left);
            if some == 0 {
                break;
            }
            left -= some;
            let lot = Lot { points: Points::new(some), ..lot };
            givers[giver].gives(&lot)?;
            let came = movement(account, Template::PoolDrawn, &lot);
            account.evolve(&came)?;
            movements.push(came);
        }
        let given = givers.into_iter().zip(&mut self.accounts).filter_map(|(giver, kept)| giver.given(kept));
        let given = given.collect();
        self.left = self.left.map(|left| left.minus(missing)).transpose()?;
        Ok(Drawn { settled, given, journal: journal(account, movements) })
    }

    /// The accounts as they are at that moment, and what may be drawn from them: which of them, and the lot; earliest last day
    /// first, then by member.
    fn lots(&self, terms: Terms) -> Result<(Vec<Giver>, Vec<Drawable>), Overflow> {
        let givers = self.accounts.iter().map(|account| Giver::of(account, terms));
        let givers = givers.collect::<Result<Vec<_>, Overflow>>()?;
        let of = |(at, giver): (usize, &Giver)| {
            let guarded = giver.account.guarded(terms.at.now).is_some();
            let lots = giver.account.drawable(terms.at.today).filter(move |_| !guarded);
            lots.map(move |lot| (at, lot)).collect::<Vec<_>>()
        };
        let mut lots: Vec<Drawable> = givers.iter().enumerate().flat_map(of).collect();
        lots.sort_by(|(a, one), (b, other)| {
            (one.expires_on, a, &one.funder).cmp(&(other.expires_on, b, &other.funder))
        });
        Ok((givers, lots))
    }

    fn most(&self, lots: &[Drawable]) -> Result<Points, Overflow> {
        let there = Points::sum(lots.iter().map(|(_, lot)| lot.points))?;
        Ok(self.left.map_or(there, |left| left.min(there)))
    }
}

/// A lot that may be drawn, and in which account it lies, by its place.
type Drawable = (usize, Lot);

/// An account that may give.
struct Giver {
    account: Account,
    settled: Vec<Settled>,
    movements: Vec<super::Movement>,
}

impl Giver {
    fn of(account: &Account, terms: Terms) -> Result<Self, Overflow> {
        let mut account = account.clone();
        let settled = settle(&mut account, terms.at, terms.debt)?;
        Ok(Self { account, settled, movements: Vec::new() })
    }

    fn gives(&mut self, lot: &Lot) -> Result<(), Overflow> {
        let gone = movement(&self.account, Template::PoolGiven, lot);
        self.account.evolve(&gone)?;
        self.movements.push(gone);
        Ok(())
    }

    /// What left it, with the account as it is now; an account that gave nothing stays as it was stored.
    fn given(mut self, kept: &mut Account) -> Option<Given> {
        if self.movements.is_empty() {
            return None;
        }
        let journal = journal(&mut self.account, self.movements);
        let member = self.account.member;
        *kept = self.account;
        Some(Given { member, settled: self.settled, journal })
    }
}
