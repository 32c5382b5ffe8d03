//! A voucher: how much of it is left, and whether it can be used (W5).
//!
//! **What is used and what is reserved never exceed what the voucher is worth.** A voucher that is used once is worth 1; purchase credit
//! is worth its amount in minor units and is used in parts. A reservation that nobody confirms lapses by itself.

use kernel::{BranchCode, Timestamp, VoucherUseId};

use super::refusal::Refusal;

/// Where a voucher stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is ready, and its points are not redeemed yet: nobody has it.
    Pending,
    /// Its member has it.
    Issued,
    /// Nothing is left of it.
    Used,
    /// It was called back.
    Cancelled,
    /// Its time is over.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Issued, Self::Used, Self::Cancelled, Self::Expired];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Issued => "issued",
            Self::Used => "used",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Where a use of a voucher stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UseState {
    /// So much is set aside for one till, for a while.
    Reserved,
    /// So much is used.
    Used,
    /// It was taken back, or nobody confirmed it.
    Cancelled,
}

impl UseState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Reserved, Self::Used, Self::Cancelled];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Used => "used",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A use that is not taken back, or a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Its id.
    pub id: VoucherUseId,
    /// How much.
    pub amount: i64,
    /// Where it stands.
    pub state: UseState,
    /// Until when a reservation stands.
    pub until: Option<Timestamp>,
}

impl Use {
    /// Whether it takes something off the voucher.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        match self.state {
            UseState::Used => true,
            UseState::Reserved => self.until.is_some_and(|until| now < until),
            UseState::Cancelled => false,
        }
    }
}

/// A voucher with its uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// Where it stands, as it was written down.
    pub state: State,
    /// What it is worth to begin with.
    pub worth: i64,
    /// Until when it can be used.
    pub valid_until: Timestamp,
    /// The branches where it can be used; all of them where none is named.
    pub branches: Vec<BranchCode>,
    /// Its uses.
    pub uses: Vec<Use>,
}

impl Voucher {
    /// Where it stands at an instant: its time passes by itself.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> State {
        match self.state {
            State::Issued if self.valid_until <= now => State::Expired,
            state => state,
        }
    }

    /// How much is neither used nor reserved.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> i64 {
        let taken: i64 = self.uses.iter().filter(|own| own.counts(now)).map(|own| own.amount).sum();
        self.worth - taken
    }

    /// Whether so much of it can be taken there and then.
    ///
    /// # Errors
    /// [`Refusal::NotUsable`], [`Refusal::Elsewhere`], [`Refusal::AmountInvalid`].
    pub fn may_take(&self, amount: i64, branch: &BranchCode, now: Timestamp) -> Result<(), Refusal> {
        match self.stands(now) {
            State::Issued => {}
            state => return Err(Refusal::NotUsable(state)),
        }
        if !self.branches.is_empty() && !self.branches.contains(branch) {
            return Err(Refusal::Elsewhere);
        }
        let left = self.left(now);
        if (1..=left).contains(&amount) { Ok(()) } else { Err(Refusal::AmountInvalid { left }) }
    }

    /// Takes so much off it, for good or until an instant; the voucher is unchanged when that is refused.
    ///
    /// # Errors
    /// As [`Voucher::may_take`].
    pub fn take(
        &mut self,
        (id, amount): (VoucherUseId, i64),
        until: Option<Timestamp>,
        branch: &BranchCode,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.may_take(amount, branch, now)?;
        let state = if until.is_some() { UseState::Reserved } else { UseState::Used };
        self.uses.push(Use { id, amount, state, until });
        self.settle();
        Ok(())
    }

    /// Makes a reservation a use; a use stays one.
    ///
    /// # Errors
    /// [`Refusal::UseOver`] where it was taken back or lapsed.
    pub fn confirm(&mut self, id: VoucherUseId, now: Timestamp) -> Result<(), Refusal> {
        let own = self.uses.iter_mut().find(|own| own.id == id && own.counts(now)).ok_or(Refusal::UseOver)?;
        (own.state, own.until) = (UseState::Used, None);
        self.settle();
        Ok(())
    }

    /// Takes a use or a reservation back; what was taken back stays so.
    pub fn give_back(&mut self, id: VoucherUseId) {
        for own in self.uses.iter_mut().filter(|own| own.id == id) {
            (own.state, own.until) = (UseState::Cancelled, None);
        }
        self.settle();
    }

    /// A voucher of which everything is used is used; one of which something came back is not.
    fn settle(&mut self) {
        let used: i64 =
            self.uses.iter().filter(|own| own.state == UseState::Used).map(|own| own.amount).sum();
        self.state = match self.state {
            State::Issued | State::Used if used == self.worth => State::Used,
            State::Used => State::Issued,
            state => state,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> VoucherUseId {
        VoucherUseId::from_uuid(Uuid::from_u128(number))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn voucher(worth: i64) -> Voucher {
        Voucher { state: State::Issued, worth, valid_until: at(100), branches: Vec::new(), uses: Vec::new() }
    }

    fn vanak() -> BranchCode {
        BranchCode::parse("vanak").expect("a code")
    }

    #[test]
    fn a_voucher_is_used_once_where_and_while_it_is_good() {
        let mut own = voucher(1);
        assert_eq!(own.take((id(1), 1), None, &vanak(), at(100)), Err(Refusal::NotUsable(State::Expired)));
        own.branches = vec![BranchCode::parse("zand").expect("a code")];
        assert_eq!(own.take((id(1), 1), None, &vanak(), at(1)), Err(Refusal::Elsewhere));
        own.branches.push(vanak());
        assert_eq!(own.take((id(1), 1), None, &vanak(), at(1)), Ok(()));
        assert_eq!(own.take((id(2), 1), None, &vanak(), at(2)), Err(Refusal::NotUsable(State::Used)));
        own.give_back(id(1));
        assert_eq!((own.stands(at(3)), own.left(at(3))), (State::Issued, 1));
        assert_eq!(own.confirm(id(1), at(3)), Err(Refusal::UseOver));
    }

    #[test]
    fn a_reservation_keeps_others_away_until_it_lapses() {
        let mut own = voucher(1_000);
        assert_eq!(own.take((id(1), 800), Some(at(10)), &vanak(), at(1)), Ok(()));
        assert_eq!(own.take((id(2), 300), None, &vanak(), at(2)), Err(Refusal::AmountInvalid { left: 200 }));
        assert_eq!(own.take((id(2), 300), None, &vanak(), at(10)), Ok(()));
        assert_eq!(own.confirm(id(1), at(10)), Err(Refusal::UseOver));
        assert_eq!(own.left(at(10)), 700);
    }

    proptest! {
        #[test]
        fn what_is_used_and_reserved_never_exceeds_the_worth(
            worth in 1_i64..500,
            deeds in prop::collection::vec((0_u8..4, 0_u128..8, -5_i64..600, 0_i64..20), 0..80),
        ) {
            let (mut own, mut now, mut fresh) = (voucher(worth), 0, 100_u128);
            for (deed, which, amount, later) in deeds {
                now += later / 10;
                let before = own.clone();
                let known = own.uses.get(usize::try_from(which).unwrap_or_default()).map_or(id(0), |one| one.id);
                let done = match deed {
                    0 => { fresh += 1; own.take((id(fresh), amount), None, &vanak(), at(now)) }
                    1 => { fresh += 1; own.take((id(fresh), amount), Some(at(now + later)), &vanak(), at(now)) }
                    2 => own.confirm(known, at(now)),
                    _ => { own.give_back(known); Ok(()) }
                };
                if done.is_err() {
                    prop_assert_eq!(&own, &before);
                }
                let used: i64 = own.uses.iter().filter(|one| one.state == UseState::Used).map(|one| one.amount).sum();
                prop_assert!((0..=worth).contains(&own.left(at(now))));
                prop_assert_eq!(own.state == State::Used, used == worth);
            }
        }
    }
}
