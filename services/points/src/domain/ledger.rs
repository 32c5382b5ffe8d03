//! The ledger's templates: which account is debited and which credited by each kind of movement.

use kernel::{BranchCode, Day, MemberId, Points};

use super::{Lot, numbered::numbered};

/// A kind of account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Book {
    /// A member's points that can be spent.
    Member,
    /// A member's points that cannot be spent yet.
    Pending,
    /// A member's points that are set aside for a redemption under way.
    Held,
    /// What a member owes; its balance is negative by the debt.
    Debt,
    /// What a branch has issued; its balance is negative by what it owes.
    Issuance,
    /// What lapsed of a branch's points.
    Lapse,
    /// What was redeemed of a branch's points.
    Redemption,
    /// What people corrected by hand of a branch's points; negative by what they gave.
    Adjustment,
    /// A branch's points that are on the way from one member to another.
    Transit,
    /// A branch's points that were paid as fees.
    Fee,
    /// A branch's points that were given up when an account was closed, and debts that were forgiven.
    WriteOff,
}

impl Book {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Member,
        Self::Pending,
        Self::Held,
        Self::Debt,
        Self::Issuance,
        Self::Lapse,
        Self::Redemption,
        Self::Adjustment,
        Self::Transit,
        Self::Fee,
        Self::WriteOff,
    ];

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|book| book.name() == name)
    }

    /// Whether every member has one of their own; otherwise every branch has.
    #[must_use]
    pub const fn is_members(self) -> bool {
        matches!(self, Self::Member | Self::Pending | Self::Held | Self::Debt)
    }

    /// The name in the ids of its accounts, and in reports; never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Debt => "debt",
            Self::Issuance => "issuance",
            Self::Lapse => "lapse",
            Self::Redemption => "redemption",
            Self::Adjustment => "adjustment",
            Self::Transit => "transit",
            Self::Fee => "fee",
            Self::WriteOff => "write_off",
        }
    }
}

/// Whose an account is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A member's.
    Member(MemberId),
    /// A branch's, which pays for the points.
    Funder(BranchCode),
}

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LedgerAccount {
    /// Which kind.
    pub book: Book,
    /// Whose.
    pub owner: Owner,
}

impl LedgerAccount {
    /// A member's account of a kind that members have.
    #[must_use]
    pub const fn of_member(book: Book, member: MemberId) -> Self {
        Self { book, owner: Owner::Member(member) }
    }
}

/// What a movement does to one side of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// More.
    Adds,
    /// Less.
    Takes,
    /// As before.
    Leaves,
}

/// Defines the templates: name, stored number, what the numbers and the accounts are in docs/ledger.md.
macro_rules! templates {
    ($($(#[$doc:meta])* $name:ident = $number:literal: $debit:ident => $credit:ident,)*) => {
        numbered! {
            /// What a movement is, as an accountant names it.
            Template {
                $($(#[$doc])* $name = $number,)*
            }
        }

        impl Template {
            /// The kinds of account that it debits and credits.
            #[must_use]
            pub const fn books(self) -> (Book, Book) {
                match self {
                    $(Self::$name => (Book::$debit, Book::$credit),)*
                }
            }
        }
    };
}

templates! {
    /// Points earned by a purchase.
    PurchaseEarned = 1: Issuance => Member,
    /// Points whose last day was over.
    Lapsed = 2: Member => Lapse,
    /// Points taken back because what earned them was returned.
    Returned = 3: Member => Issuance,
    /// The same for points that are no longer there.
    ReturnedOnDebt = 4: Debt => Issuance,
    /// Points that pay a debt.
    DebtRecovered = 5: Member => Debt,
    /// Points given for something else than a purchase: an action, a referral, an occasion.
    Bonus = 6: Issuance => Member,
    /// Points earned that cannot be spent yet.
    EarnedPending = 7: Issuance => Pending,
    /// Pending points that can be spent now.
    Activated = 8: Pending => Member,
    /// Pending points taken back because what earned them was returned.
    PendingReturned = 9: Pending => Issuance,
    /// Points set aside for a redemption.
    Held = 10: Member => Held,
    /// Points set aside and free again.
    Released = 11: Held => Member,
    /// Points redeemed that were set aside.
    Captured = 12: Held => Redemption,
    /// Points redeemed at once.
    Redeemed = 13: Member => Redemption,
    /// A redemption undone.
    RedemptionReversed = 14: Redemption => Member,
    /// Points given by hand.
    AdjustedUp = 15: Adjustment => Member,
    /// Points taken by hand.
    AdjustedDown = 16: Member => Adjustment,
    /// Points that left for another member.
    TransferSent = 17: Member => Transit,
    /// Points that came from another member.
    TransferReceived = 18: Transit => Member,
    /// Points that were on the way and came back.
    TransferReturned = 19: Transit => Member,
    /// What a transfer cost.
    TransferFee = 20: Member => Fee,
    /// Points given up when an account was closed.
    WrittenOff = 21: Member => WriteOff,
    /// A debt that was forgiven.
    DebtForgiven = 22: WriteOff => Debt,
    /// What a transfer cost that did not come about.
    FeeReturned = 23: Fee => Member,
    /// Points that another member of the household spends.
    PoolGiven = 24: Member => Transit,
    /// Points of others in the household, just before they are spent.
    PoolDrawn = 25: Transit => Member,
    /// Points that lapsed before their last day, since nothing happened to the account for long.
    LapsedIdle = 26: Member => Lapse,
    /// Points that go into another account of the same person.
    MergedOut = 27: Member => Transit,
    /// Points of another account of the same person.
    MergedIn = 28: Transit => Member,
    /// Pending points that go into another account of the same person.
    PendingMergedOut = 29: Pending => Transit,
    /// Pending points of another account of the same person.
    PendingMergedIn = 30: Transit => Pending,
    /// Points set aside that go into another account of the same person.
    HeldMergedOut = 31: Held => Transit,
    /// Points set aside in another account of the same person.
    HeldMergedIn = 32: Transit => Held,
    /// A debt that another account of the same person takes over.
    DebtMergedOut = 33: Transit => Debt,
    /// The debt of another account of the same person.
    DebtMergedIn = 34: Debt => Transit,
}

/// One movement: so many points of one lot, from the debited account to the credited one.
///
/// **The books balance by construction**: a movement is one row with both accounts, so the sum over all accounts
/// is zero whatever happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// What it is.
    pub template: Template,
    /// Whose lot moves.
    pub member: MemberId,
    /// How many points, more than none.
    pub points: Points,
    /// How many of them are bound, as the lot's.
    pub bound: Points,
    /// The lot's last day.
    pub expires_on: Day,
    /// The lot's funder.
    pub funder: BranchCode,
}

impl Movement {
    /// Points of one of a member's lots that move.
    #[must_use]
    pub fn of(template: Template, member: MemberId, lot: Lot) -> Self {
        let Lot { expires_on, funder, points, bound } = lot;
        Self { template, member, points, bound, expires_on, funder }
    }

    /// The points that move, as a lot.
    #[must_use]
    pub fn lot(&self) -> Lot {
        let Self { points, bound, expires_on, .. } = *self;
        Lot { expires_on, funder: self.funder.clone(), points, bound }
    }

    /// The account that the points leave.
    #[must_use]
    pub fn debit(&self) -> LedgerAccount {
        self.account(self.template.books().0)
    }

    /// The account that the points reach.
    #[must_use]
    pub fn credit(&self) -> LedgerAccount {
        self.account(self.template.books().1)
    }

    fn account(&self, book: Book) -> LedgerAccount {
        let owner =
            if book.is_members() { Owner::Member(self.member) } else { Owner::Funder(self.funder.clone()) };
        LedgerAccount { book, owner }
    }

    /// What it does to the balance of one of the member's accounts; a debt grows by what leaves its account.
    #[must_use]
    pub fn effect_on(&self, book: Book) -> Effect {
        Self::effect(self.template, book)
    }

    /// What movements of a template do to the balance of one of a member's accounts.
    #[must_use]
    pub fn effect(template: Template, book: Book) -> Effect {
        let (debit, credit) = template.books();
        let (more, less) = if book == Book::Debt { (debit, credit) } else { (credit, debit) };
        if more == book {
            Effect::Adds
        } else if less == book {
            Effect::Takes
        } else {
            Effect::Leaves
        }
    }

    /// What it does to the points that the member can spend.
    #[must_use]
    pub fn on_points(&self) -> Effect {
        self.effect_on(Book::Member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_a_number_of_its_own_and_two_different_accounts() {
        for (i, template) in Template::ALL.iter().enumerate() {
            assert_eq!(usize::try_from(template.number()), Ok(i + 1), "{template:?}");
            assert_eq!(Template::from_number(template.number()), Some(*template));
            let (debit, credit) = template.books();
            assert_ne!(debit, credit, "{template:?}");
        }
        assert_eq!(Template::from_number(0), None);
    }

    #[test]
    fn the_accountants_page_names_every_template_with_its_accounts() {
        let page = include_str!("../../../../docs/ledger.md");
        for template in Template::ALL {
            let (debit, credit) = template.books();
            let found = page.lines().any(|line| {
                let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                cells.len() > 5
                    && cells[1] == template.number().to_string()
                    && cells[3].starts_with(&debit.name().replace('_', "-"))
                    && cells[4].starts_with(&credit.name().replace('_', "-"))
            });
            assert!(found, "docs/ledger.md lacks a row for {template:?}: {debit:?} to {credit:?}");
        }
    }
}
