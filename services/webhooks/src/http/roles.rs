//! Which roles of staff do what with webhooks: the lists that routes name.

use kernel::Role::{self, Administrator, Auditor};

/// Set up webhooks.
pub(super) const HEADS: &[Role] = &[Administrator];
/// Read what is sent where.
pub(super) const READERS: &[Role] = &[Auditor, Administrator];
