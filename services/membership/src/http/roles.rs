//! Which roles of staff do what with members and places: the lists that routes name. `docs/permissions.md` shows them
//! together.

use kernel::Role::{self, Administrator, Auditor, BranchManager, Cashier, Finance, Marketing, SupportAgent};

/// Everybody of the staff.
pub(super) const EVERYBODY: &[Role] = &Role::ALL;
/// Serve members who stand before them, or call.
pub(super) const COUNTER: &[Role] = &[Cashier, BranchManager, SupportAgent];
/// Look members up.
pub(super) const COUNTER_READERS: &[Role] = &[Cashier, BranchManager, SupportAgent, Auditor];
/// Do for members what they ask for.
pub(super) const SUPPORT: &[Role] = &[SupportAgent];
/// Read what was done for members.
pub(super) const SUPPORT_READERS: &[Role] = &[SupportAgent, Auditor];
/// Set up a branch's tills.
pub(super) const BRANCH_HEADS: &[Role] = &[BranchManager, Administrator];
/// Read a branch's tills.
pub(super) const BRANCH_READERS: &[Role] = &[BranchManager, Auditor, Administrator];
/// Set up places and staff.
pub(super) const HEADS: &[Role] = &[Administrator];
/// Read who works here.
pub(super) const HEAD_READERS: &[Role] = &[Auditor, Administrator];
/// Say what the chain asks of its members, and offers them.
pub(super) const MARKETERS: &[Role] = &[Marketing, Administrator];
/// Read it.
pub(super) const MARKETING_READERS: &[Role] = &[Marketing, Auditor, Administrator];
/// Look a second time at what the support does with phones.
pub(super) const SECOND_LOOK: &[Role] = &[BranchManager, Administrator];
/// Give up changes of phones.
pub(super) const PHONE_HANDS: &[Role] = &[SupportAgent, BranchManager, Administrator];
/// Read them.
pub(super) const PHONE_READERS: &[Role] = &[SupportAgent, BranchManager, Auditor, Administrator];
/// Look at money that nobody expected, and say what became of it.
pub(super) const MONEY_HANDS: &[Role] = &[Finance];
/// Read it.
pub(super) const MONEY_READERS: &[Role] = &[Finance, Auditor];
