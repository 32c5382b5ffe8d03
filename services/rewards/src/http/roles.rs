//! Which roles of staff do what with rewards: the lists that routes name.

use kernel::Role::{self, Administrator, Auditor, BranchManager, Cashier, Finance, Marketing, SupportAgent};

/// Keep the catalogue.
pub(super) const KEEPERS: &[Role] = &[Marketing, Administrator];
/// Read the catalogue, drafts with it.
pub(super) const READERS: &[Role] =
    &[Cashier, BranchManager, SupportAgent, Marketing, Finance, Auditor, Administrator];
/// Do for members what they ask for.
pub(super) const SUPPORT: &[Role] = &[SupportAgent];
/// Read what members have and had.
pub(super) const MEMBER_READERS: &[Role] = &[SupportAgent, Finance, Auditor];
/// Confirm what marketing enters for draws.
pub(super) const DRAW_WITNESSES: &[Role] = &[Finance];
/// Give tickets of draws.
pub(super) const TICKET_GIVERS: &[Role] = &[SupportAgent, Marketing];
/// Hand prizes over.
pub(super) const HANDERS: &[Role] = &[Cashier, BranchManager];
/// Read who of the back office looked at members.
pub(super) const LOOK_READERS: &[Role] = &[Auditor, Administrator];
/// Read what rewards cost whom.
pub(super) const ACCOUNTANTS: &[Role] = &[Finance, Auditor, Administrator];
/// Close statements of what rewards cost.
pub(super) const BOOKKEEPERS: &[Role] = &[Finance, Administrator];
/// Read what rewards cost, and codes that are given out for them.
pub(super) const MONEY_READERS: &[Role] = &[Marketing, Finance, Auditor, Administrator];
