//! Which roles of staff do what with messages: the lists that routes name.

use kernel::Role::{self, Administrator, Auditor, Finance, Marketing, SupportAgent};

/// Read what was sent to members.
pub(super) const MEMBER_READERS: &[Role] = &[SupportAgent, Auditor];
/// Do for members what they ask for.
pub(super) const SUPPORT: &[Role] = &[SupportAgent];
/// Read what waits, and what could not be sent.
pub(super) const WATCHERS: &[Role] = &[SupportAgent, Marketing, Auditor, Administrator];
/// Send again what could not be sent.
pub(super) const MENDERS: &[Role] = &[Administrator];
/// Write, try and publish what messages say.
pub(super) const WRITERS: &[Role] = &[Marketing, Administrator];
/// Read what messages say.
pub(super) const WORD_READERS: &[Role] = &[SupportAgent, Marketing, Auditor, Administrator];
/// Read what messages cost.
pub(super) const COST_READERS: &[Role] = &[Marketing, Finance, Auditor, Administrator];
/// Read who of the back office looked at members.
pub(super) const LOOK_READERS: &[Role] = &[Auditor, Administrator];
/// Write campaigns, and send them.
pub(super) const CAMPAIGN_KEEPERS: &[Role] = &[Marketing];
/// Read campaigns, and what came of them.
pub(super) const CAMPAIGN_READERS: &[Role] = &[Marketing, Auditor];
/// Fill lists of calls.
pub(super) const CALL_KEEPERS: &[Role] = &[Marketing];
/// Call members, and say what came of it.
pub(super) const CALLERS: &[Role] = &[Marketing, SupportAgent];
/// Read whom the chain calls.
pub(super) const CALL_READERS: &[Role] = &[Marketing, SupportAgent, Auditor];
