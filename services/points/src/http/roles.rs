//! Which roles of staff do what with points: the lists that routes name. `docs/permissions.md` shows them together.

use kernel::Role::{self, Administrator, Auditor, BranchManager, Cashier, Finance, Marketing, SupportAgent};

/// Read what is a member's, and what was bought.
pub(super) const MEMBER_READERS: &[Role] = &[Cashier, BranchManager, SupportAgent, Finance, Auditor];
/// Do for members what they ask for.
pub(super) const SUPPORT: &[Role] = &[SupportAgent];
/// Read what was done for members.
pub(super) const SUPPORT_READERS: &[Role] = &[SupportAgent, Finance, Auditor];
/// What staff may not do: to vouch that a member's code was right, which only who compared it can.
pub(super) const NOBODY: &[Role] = &[];
/// Look a second time at what somebody did by hand.
pub(super) const SECOND_LOOK: &[Role] = &[Finance, Administrator];
/// Grant tiers, and end them.
pub(super) const TIER_HANDS: &[Role] = &[SupportAgent, Marketing];
/// Read which tiers were granted.
pub(super) const TIER_READERS: &[Role] = &[SupportAgent, Marketing, Finance, Auditor];
/// Draft programmes and choose segments.
pub(super) const MARKETING: &[Role] = &[Marketing];
/// Read programmes, those to come and those of the past.
pub(super) const PROGRAMME_READERS: &[Role] = &[BranchManager, Marketing, Finance, Auditor, Administrator];
/// Read who is in a segment.
pub(super) const SEGMENT_READERS: &[Role] = &[Marketing, Auditor];
/// Read what members did.
pub(super) const ACTION_READERS: &[Role] = &[SupportAgent, Marketing, Finance, Auditor];
/// Make programmes live.
pub(super) const HEADS: &[Role] = &[Administrator];
/// Read who of the back office looked at members.
pub(super) const LOOK_READERS: &[Role] = &[Auditor, Administrator];
/// Say what points cost.
pub(super) const FINANCE: &[Role] = &[Finance];
/// Read what points cost and who owes whom.
pub(super) const MONEY_READERS: &[Role] = &[Finance, Auditor];
