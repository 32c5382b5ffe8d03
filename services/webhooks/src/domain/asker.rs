//! Who asks about webhooks: partners about their own, the back office about all of them.

use std::sync::Arc;

use kernel::{PartnerCode, Scope};

use super::webhook::{Owner, Webhook};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// The back office.
    Chain,
    /// A partner, with what its key opens.
    Partner(PartnerCode, Arc<[Scope]>),
}

impl Asker {
    /// Whose webhooks it makes.
    #[must_use]
    pub fn owner(&self) -> Owner {
        match self {
            Self::Chain => Owner::Chain,
            Self::Partner(code, _) => Owner::Partner(code.clone()),
        }
    }

    /// Whose webhooks it sees; nothing for all of them.
    #[must_use]
    pub fn sees_only(&self) -> Option<Owner> {
        match self {
            Self::Chain => None,
            Self::Partner(..) => Some(self.owner()),
        }
    }

    /// Whether it sees a webhook; another's is as unknown as one that never was.
    #[must_use]
    pub fn sees(&self, webhook: &Webhook) -> bool {
        self.sees_only().is_none_or(|owner| owner == webhook.owner)
    }
}
