//! Referrals: a member hands a code to a friend, who joins with it (J6).
//!
//! **A member was referred once, when new, by somebody else, and that counts once: with the first purchase that is large enough and
//! in time.** What was promised when the code was given holds, whatever the chain promises others later. Who refers themselves by a
//! second phone is recognised where both use one device, or live in one household.

use contracts::membership::{ReferralMade, ReferralQualified, ReferralUndone};
use kernel::{BranchCode, Currency, JournalId, MemberId, Timestamp};
use thiserror::Error;

use super::{code_window::DAY, referral_terms::ReferralTerms};

/// Within what time a member's referrals are counted against the most that one may make, in microseconds.
pub const REFERRALS_WITHIN: i64 = 30 * DAY;
/// How often somebody may give a code in a day, right or wrong, so that nobody tries out codes.
pub const REFERRAL_ATTEMPTS: u64 = 10;
/// By how much a till's clock may be behind ours when the friend buys, in microseconds.
const TILLS_BEHIND: i64 = DAY;

/// What a friend was promised when they gave the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// The least that the purchase costs, in minor units.
    pub minimum_amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// Until when the friend buys.
    pub until: Timestamp,
}

/// The purchase by which a referral counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedBy {
    /// Which.
    pub purchase: JournalId,
    /// What was paid, in minor units.
    pub amount: i64,
    /// When it was heard of.
    pub at: Timestamp,
}

/// A friend whom a member referred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    /// Who joined.
    pub friend: MemberId,
    /// Whose code it was.
    pub referrer: MemberId,
    /// When the code was given.
    pub made_at: Timestamp,
    /// What was promised.
    pub promise: Promise,
    /// By which purchase it counts.
    pub counted: Option<CountedBy>,
    /// When that purchase was returned.
    pub undone_at: Option<Timestamp>,
}

/// Where a referral stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferralState {
    /// The friend has still time to buy.
    Open,
    /// The friend bought, and both sides have what was promised.
    Counted,
    /// The friend did not buy in time.
    Lapsed,
    /// What the friend bought came back.
    Undone,
}

impl ReferralState {
    /// The word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Counted => "counted",
            Self::Lapsed => "lapsed",
            Self::Undone => "undone",
        }
    }
}

/// Why a code does not count for somebody, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReferralRefusal {
    /// They gave another one before.
    #[error("another code was given before")]
    Given,
    /// The chain wants no referrals now.
    #[error("there are no referrals now")]
    Closed,
    /// They gave as many codes as one may in a day.
    #[error("too many codes; the next one in {seconds} s")]
    Attempts {
        /// When to try again.
        seconds: u64,
    },
    /// It is no member's.
    #[error("nobody has the code")]
    Unknown,
    /// It is their own.
    #[error("the code is their own")]
    Own,
    /// They joined long ago, or bought something before.
    #[error("they are not new")]
    Late,
    /// Both belong to one household.
    #[error("both belong to one household")]
    Household,
    /// Both use the same device.
    #[error("the device is the referrer's")]
    SameDevice,
    /// The member referred as many as one may.
    #[error("{limit} were referred within 30 days")]
    TooMany {
        /// Referrals allowed.
        limit: u16,
    },
}

/// Somebody who gives a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newcomer {
    /// Who.
    pub member: MemberId,
    /// When they joined.
    pub joined_at: Timestamp,
    /// Whether they bought anything yet.
    pub bought: bool,
}

/// What two members have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ties {
    /// They belong to one household.
    pub household: bool,
    /// They were signed in on the same device.
    pub device: bool,
}

impl Ties {
    const fn any(self) -> bool {
        self.household || self.device
    }
}

/// The member whose code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referrer {
    /// Who.
    pub member: MemberId,
    /// How many they referred within [`REFERRALS_WITHIN`].
    pub lately: u64,
    /// What they have in common with the newcomer.
    pub ties: Ties,
}

/// Decides whether a newcomer is referred by a member.
///
/// # Errors
/// [`ReferralRefusal`], from [`ReferralRefusal::Own`] on.
pub fn refer(
    newcomer: &Newcomer,
    referrer: &Referrer,
    terms: &ReferralTerms,
    now: Timestamp,
) -> Result<(Referral, ReferralMade), ReferralRefusal> {
    let age = now.micros().saturating_sub(newcomer.joined_at.micros());
    if newcomer.member == referrer.member {
        return Err(ReferralRefusal::Own);
    }
    if newcomer.bought || age > i64::from(terms.join_days) * DAY {
        return Err(ReferralRefusal::Late);
    }
    if referrer.ties.household {
        return Err(ReferralRefusal::Household);
    }
    if referrer.ties.device {
        return Err(ReferralRefusal::SameDevice);
    }
    if referrer.lately >= u64::from(terms.per_month) {
        return Err(ReferralRefusal::TooMany { limit: terms.per_month });
    }
    let until = Timestamp::from_micros(now.micros().saturating_add(i64::from(terms.days) * DAY));
    let promise = Promise { minimum_amount: terms.minimum_amount, currency: terms.currency, until };
    let (friend, referrer) = (newcomer.member, referrer.member);
    let referral = Referral { friend, referrer, made_at: now, promise, counted: None, undone_at: None };
    Ok((referral, ReferralMade { referrer, friend }))
}

/// A purchase of a friend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// Which.
    pub purchase: JournalId,
    /// What was paid, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// When, by the till's word.
    pub at: Timestamp,
    /// Where.
    pub branch: BranchCode,
}

impl Referral {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ReferralState {
        match (&self.counted, self.undone_at) {
            (_, Some(_)) => ReferralState::Undone,
            (Some(_), None) => ReferralState::Counted,
            (None, None) if now > self.promise.until => ReferralState::Lapsed,
            (None, None) => ReferralState::Open,
        }
    }

    /// Whether this purchase would make it count, if the two have nothing in common.
    #[must_use]
    pub fn may_count(&self, bought: &Bought) -> bool {
        let Promise { minimum_amount, currency, until } = self.promise;
        let begins = self.made_at.micros().saturating_sub(TILLS_BEHIND);
        let in_time = bought.at.micros() >= begins && bought.at <= until;
        self.counted.is_none() && in_time && bought.currency == currency && bought.amount >= minimum_amount
    }

    /// Counts it by this purchase; `None` when that does not make it count.
    #[must_use]
    pub fn count(&self, bought: &Bought, ties: Ties, now: Timestamp) -> Option<(Self, ReferralQualified)> {
        if ties.any() || !self.may_count(bought) {
            return None;
        }
        let counted = CountedBy { purchase: bought.purchase, amount: bought.amount, at: now };
        let (referrer, friend, branch) = (self.referrer, self.friend, bought.branch.clone());
        Some((
            Self { counted: Some(counted), ..self.clone() },
            ReferralQualified { referrer, friend, branch },
        ))
    }

    /// Whether the purchase by which it counts is this one.
    #[must_use]
    pub fn counts_by(&self, purchase: JournalId) -> bool {
        self.undone_at.is_none() && self.counted.is_some_and(|counted| counted.purchase == purchase)
    }

    /// Undoes it when so much of the purchase has come back by now that the rest would not have counted.
    #[must_use]
    pub fn undo(&self, returned: i64, now: Timestamp) -> Option<(Self, ReferralUndone)> {
        let counted = self.counted.filter(|_| self.undone_at.is_none())?;
        if counted.amount.saturating_sub(returned) >= self.promise.minimum_amount {
            return None;
        }
        let told = ReferralUndone { referrer: self.referrer, friend: self.friend };
        Some((Self { undone_at: Some(now), ..self.clone() }, told))
    }

    /// How many facts were told about it: the number of the last one.
    #[must_use]
    pub fn told(&self) -> u64 {
        1 + u64::from(self.counted.is_some()) + u64::from(self.undone_at.is_some())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::referral_terms::tests::terms;

    const fn member(number: u128) -> MemberId {
        MemberId::from_uuid(Uuid::from_u128(number))
    }

    fn at(days: i64) -> Timestamp {
        Timestamp::from_micros(days * DAY)
    }

    fn newcomer(days: i64) -> Newcomer {
        Newcomer { member: member(2), joined_at: at(-days), bought: false }
    }

    fn referrer() -> Referrer {
        Referrer { member: member(1), lately: 0, ties: Ties::default() }
    }

    fn made() -> Referral {
        refer(&newcomer(0), &referrer(), &terms(), at(0)).expect("referred").0
    }

    fn bought(amount: i64, days: i64) -> Bought {
        Bought {
            purchase: JournalId::from_uuid(Uuid::from_u128(7)),
            amount,
            currency: Currency::parse("IRR").expect("a currency"),
            at: at(days),
            branch: BranchCode::parse("vanak").expect("a code"),
        }
    }

    #[test]
    fn a_code_counts_for_a_newcomer_and_is_refused_in_order() {
        let refused =
            |newcomer: Newcomer, referrer: Referrer| refer(&newcomer, &referrer, &terms(), at(0)).err();
        let all = Ties { household: true, device: true };
        assert_eq!(refused(newcomer(7), referrer()), None);
        let own = Referrer { member: member(2), lately: 99, ties: all };
        assert_eq!(refused(newcomer(99), own), Some(ReferralRefusal::Own));
        let tied = Referrer { lately: 99, ties: all, ..referrer() };
        assert_eq!(refused(newcomer(8), tied), Some(ReferralRefusal::Late));
        let bought = Newcomer { bought: true, ..newcomer(0) };
        assert_eq!(refused(bought, tied), Some(ReferralRefusal::Late));
        assert_eq!(refused(newcomer(0), tied), Some(ReferralRefusal::Household));
        let device = Referrer { ties: Ties { household: false, device: true }, ..tied };
        assert_eq!(refused(newcomer(0), device), Some(ReferralRefusal::SameDevice));
        let many = |lately| Referrer { lately, ..referrer() };
        assert_eq!(refused(newcomer(0), many(3)), Some(ReferralRefusal::TooMany { limit: 3 }));
        assert_eq!(refused(newcomer(0), many(2)), None);
    }

    #[test]
    fn it_counts_once_by_a_purchase_that_is_large_enough_and_in_time() {
        let counts =
            |referral: &Referral, bought: Bought, ties| referral.count(&bought, ties, at(1)).is_some();
        let none = Ties::default();
        assert!(counts(&made(), bought(1_000, 30), none));
        assert!(counts(&made(), bought(1_000, -1), none), "the till's clock is behind");
        assert!(!counts(&made(), bought(1_000, -2), none));
        assert!(!counts(&made(), bought(999, 1), none));
        assert!(!counts(&made(), bought(1_000, 31), none));
        let other = Bought { currency: Currency::parse("USD").expect("a currency"), ..bought(1_000, 1) };
        assert!(!counts(&made(), other, none));
        for ties in [Ties { household: true, device: false }, Ties { household: false, device: true }] {
            assert!(!counts(&made(), bought(1_000, 1), ties));
        }
        let (done, told) = made().count(&bought(1_000, 1), none, at(1)).expect("it counts");
        assert_eq!((told.referrer, told.friend, done.told()), (member(1), member(2), 2));
        assert!(!counts(&done, bought(5_000, 2), none));
    }

    #[test]
    fn it_is_undone_once_by_what_comes_back() {
        assert!(made().undo(1_000, at(2)).is_none(), "nothing was bought");
        let (done, _) = made().count(&bought(1_500, 1), Ties::default(), at(1)).expect("it counts");
        assert!(done.undo(500, at(2)).is_none(), "enough is left");
        let (undone, _) = done.undo(501, at(2)).expect("too little is left");
        assert!(undone.undo(1_500, at(3)).is_none());
        assert!(undone.count(&bought(5_000, 4), Ties::default(), at(4)).is_none(), "it counted once");
        assert_eq!((undone.told(), undone.counts_by(bought(0, 0).purchase)), (3, false));
    }

    #[test]
    fn it_says_where_it_stands() {
        assert_eq!(
            (made().state(at(30)), made().state(at(31))),
            (ReferralState::Open, ReferralState::Lapsed)
        );
        let (done, _) = made().count(&bought(1_000, 1), Ties::default(), at(1)).expect("it counts");
        assert_eq!(done.state(at(99)), ReferralState::Counted);
        assert_eq!(done.undo(1, at(2)).expect("undone").0.state(at(99)), ReferralState::Undone);
    }
}
