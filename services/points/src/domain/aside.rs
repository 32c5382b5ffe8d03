//! Points that belong to a member and cannot be spent now: earned and pending, or held for a redemption.

use kernel::{Day, JournalId, Overflow, Points, Timestamp};

use super::{Account, Book, Effect, Lot, Movement, Settled};

/// Where points are that cannot be spent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Earned, and spendable from a day on.
    Pending {
        /// The first day on which they can be spent.
        from: Day,
    },
    /// Set aside for a redemption.
    Hold {
        /// The journal that set them aside.
        id: JournalId,
        /// From this instant on they are free again by themselves.
        until: Timestamp,
    },
}

impl Place {
    const fn book(self) -> Book {
        match self {
            Self::Pending { .. } => Book::Pending,
            Self::Hold { .. } => Book::Held,
        }
    }
}

/// Points of one lot in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Where.
    pub place: Place,
    /// Which points, and how many.
    pub lot: Lot,
}

impl Aside {
    /// What there is at most one of in an account.
    pub(super) fn key(&self) -> (Place, Day, &str) {
        (self.place, self.lot.expires_on, self.lot.funder.as_str())
    }
}

/// What an account may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Everything.
    #[default]
    Open,
    /// It earns, and nothing is spent or passed on.
    Frozen,
    /// Nothing any more.
    Closed,
}

impl AccountState {
    /// The number in stored rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Open => 0,
            Self::Frozen => 1,
            Self::Closed => 2,
        }
    }

    /// The state behind a stored number.
    #[must_use]
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            0 => Some(Self::Open),
            1 => Some(Self::Frozen),
            2 => Some(Self::Closed),
            _ => None,
        }
    }
}

/// An instant, and the day that it is on the chain's wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub now: Timestamp,
    /// The day.
    pub today: Day,
}

impl Account {
    /// The account with its state and everything that is aside, as it was stored; in any order.
    #[must_use]
    pub fn with_asides(mut self, state: super::AccountState, mut asides: Vec<Aside>) -> Self {
        asides.sort_by(|a, b| a.key().cmp(&b.key()));
        self.state = state;
        self.stored.clone_from(&asides);
        self.asides = asides;
        self
    }

    /// What cannot be spent now, by place, then by lot.
    #[must_use]
    pub fn asides(&self) -> &[Aside] {
        &self.asides
    }

    /// What changed of it since it was read: places and lots with how many points are in them now, perhaps none.
    #[must_use]
    pub fn aside_changes(&self) -> Vec<Aside> {
        let now = self.asides.iter().filter(|aside| !self.stored.contains(aside)).cloned();
        let gone = self.stored.iter().filter(|old| !self.asides.iter().any(|aside| aside.key() == old.key()));
        let gone = gone.map(|old| Aside { lot: old.lot.part(Points::ZERO, Points::ZERO), ..*old });
        now.chain(gone).collect()
    }

    /// Whether anything was aside when it was read.
    #[must_use]
    pub fn had(&self, aside: &Aside) -> bool {
        self.stored.iter().any(|old| old.key() == aside.key())
    }

    /// The points that are pending, or held.
    ///
    /// # Errors
    /// [`Overflow`], which stored rows cannot cause.
    pub fn sum_aside(&self, book: Book) -> Result<Points, Overflow> {
        Points::sum(
            self.asides.iter().filter(|aside| aside.place.book() == book).map(|aside| aside.lot.points),
        )
    }

    /// The lots that a hold set aside; none when it is over.
    #[must_use]
    pub fn hold(&self, hold: JournalId) -> Vec<Aside> {
        let held = |aside: &&Aside| matches!(aside.place, Place::Hold { id, .. } if id == hold);
        self.asides.iter().filter(held).cloned().collect()
    }

    /// Whether something is aside that must move before anything else is decided.
    #[must_use]
    pub fn is_due(&self, at: Moment) -> bool {
        self.asides.iter().any(|aside| aside.place.is_due(at))
    }

    /// Applies a movement into a place or out of it.
    ///
    /// # Errors
    /// As [`Account::evolve`]; nothing is changed then.
    pub fn evolve_aside(&mut self, movement: &Movement, place: Place) -> Result<(), Overflow> {
        let mut asides = self.asides.clone();
        let coming = Aside { place, lot: movement.lot() };
        let found = asides.binary_search_by(|aside| aside.key().cmp(&coming.key()));
        match (movement.effect_on(place.book()), found) {
            (Effect::Adds, Err(i)) => asides.insert(i, coming),
            (effect @ (Effect::Adds | Effect::Takes), Ok(i)) => {
                asides[i].lot = asides[i].lot.after(effect, movement)?;
                if asides[i].lot.points.is_zero() {
                    asides.remove(i);
                }
            }
            (Effect::Takes, Err(_)) | (Effect::Leaves, _) => return Err(Overflow),
        }
        self.apply(movement)?;
        self.asides = asides;
        Ok(())
    }
}

impl Place {
    /// Whether the points are free by themselves.
    #[must_use]
    pub fn is_due(self, at: Moment) -> bool {
        match self {
            Self::Pending { from } => from <= at.today,
            Self::Hold { until, .. } => until <= at.now,
        }
    }
}

/// The account as it is at a moment, whatever has been written down of it.
///
/// # Errors
/// [`Overflow`], which stored rows cannot cause.
pub fn as_of(
    account: &Account,
    at: Moment,
    debt: Option<super::DebtTerms>,
) -> Result<(Account, Vec<Settled>), Overflow> {
    let mut after = account.clone();
    let settled = super::settle(&mut after, at, debt)?;
    Ok((after, settled))
}
