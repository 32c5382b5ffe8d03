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
    /// What a member owes; its balance is negative by the debt.
    Debt(MemberId),
}

/// What a movement is, as an accountant names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// Points earned by a purchase: debit the branch's issuance, credit the member.
    PurchaseEarned,
    /// Points that lapsed: debit the member, credit the branch's lapse account.
    Lapsed,
    /// Points taken back because what earned them was returned: debit the member, credit the branch's issuance.
    Returned,
    /// The same for points that are no longer there: debit the member's debt, credit the branch's issuance.
    ReturnedOnDebt,
    /// Points that pay a debt: debit the member, credit the member's debt.
    DebtRecovered,
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

impl Template {
    /// The number in stored rows; never reused.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::PurchaseEarned => 1,
            Self::Lapsed => 2,
            Self::Returned => 3,
            Self::ReturnedOnDebt => 4,
            Self::DebtRecovered => 5,
        }
    }

    /// The template behind a stored number.
    #[must_use]
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::PurchaseEarned),
            2 => Some(Self::Lapsed),
            3 => Some(Self::Returned),
            4 => Some(Self::ReturnedOnDebt),
            5 => Some(Self::DebtRecovered),
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
            Template::Lapsed | Template::Returned | Template::DebtRecovered => {
                LedgerAccount::Member(self.member)
            }
            Template::ReturnedOnDebt => LedgerAccount::Debt(self.member),
        }
    }

    /// The account that the points reach.
    #[must_use]
    pub fn credit(&self) -> LedgerAccount {
        match self.template {
            Template::PurchaseEarned => LedgerAccount::Member(self.member),
            Template::Lapsed => LedgerAccount::Lapse(self.funder.clone()),
            Template::Returned | Template::ReturnedOnDebt => LedgerAccount::Issuance(self.funder.clone()),
            Template::DebtRecovered => LedgerAccount::Debt(self.member),
        }
    }

    /// What it does to the member's points.
    #[must_use]
    pub const fn on_points(&self) -> Effect {
        match self.template {
            Template::PurchaseEarned => Effect::Adds,
            Template::Lapsed | Template::Returned | Template::DebtRecovered => Effect::Takes,
            Template::ReturnedOnDebt => Effect::Leaves,
        }
    }

    /// What it does to the member's debt.
    #[must_use]
    pub const fn on_debt(&self) -> Effect {
        match self.template {
            Template::ReturnedOnDebt => Effect::Adds,
            Template::DebtRecovered => Effect::Takes,
            Template::PurchaseEarned | Template::Lapsed | Template::Returned => Effect::Leaves,
        }
    }
}
