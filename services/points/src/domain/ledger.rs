//! The ledger's templates: which account is debited and which credited by each kind of movement.

use kernel::{BranchCode, Day, MemberId, Points};

/// An account of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LedgerAccount {
    /// A member's points.
    Member(MemberId),
    /// What a branch has issued; its balance is negative by what it owes.
    Issuance(BranchCode),
    /// What lapsed of a branch's points.
    Lapse(BranchCode),
}

/// What a movement is, as an accountant names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// Points earned by a purchase: debit the branch's issuance, credit the member.
    PurchaseEarned,
    /// Points that lapsed: debit the member, credit the branch's lapse account.
    Lapsed,
}

impl Template {
    /// The number in stored rows; never reused.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::PurchaseEarned => 1,
            Self::Lapsed => 2,
        }
    }

    /// The template behind a stored number.
    #[must_use]
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::PurchaseEarned),
            2 => Some(Self::Lapsed),
            _ => None,
        }
    }
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
    /// The lot's last day.
    pub expires_on: Day,
    /// The lot's funder.
    pub funder: BranchCode,
}

impl Movement {
    /// The account that the points leave.
    #[must_use]
    pub fn debit(&self) -> LedgerAccount {
        match self.template {
            Template::PurchaseEarned => LedgerAccount::Issuance(self.funder.clone()),
            Template::Lapsed => LedgerAccount::Member(self.member),
        }
    }

    /// The account that the points reach.
    #[must_use]
    pub fn credit(&self) -> LedgerAccount {
        match self.template {
            Template::PurchaseEarned => LedgerAccount::Member(self.member),
            Template::Lapsed => LedgerAccount::Lapse(self.funder.clone()),
        }
    }

    /// Whether the member has more points afterwards.
    #[must_use]
    pub const fn adds(&self) -> bool {
        matches!(self.template, Template::PurchaseEarned)
    }
}
