//! Against which limit of the gateway a route counts.

use crate::{Access, RouteSpec, Verb};

/// Against which limit a request counts at the gateway, besides its caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// None.
    Usual,
    /// Everybody may knock, and each time costs a message, a slow hash or a try at a secret: counted by address.
    Door,
    /// Reads or writes as much as hundreds of usual ones: counted by caller.
    Heavy,
}

impl RateClass {
    /// Its word in settings, headers and documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Door => "door",
            Self::Heavy => "heavy",
        }
    }
}

impl RouteSpec {
    /// Reads or writes as much as hundreds of others, so callers may do it less often.
    #[must_use]
    pub const fn heavy(mut self) -> Self {
        self.heavy = true;
        self
    }

    /// Is called by machines, many times a second, with a signature or a long secret: **it is no door**, though open to everybody.
    #[must_use]
    pub const fn vouched(mut self) -> Self {
        self.counts = Some(RateClass::Usual);
        self
    }

    /// Against which limit its requests count, besides their callers' own. **What is open to everybody and changes anything is a door.**
    #[must_use]
    pub const fn rate_class(&self) -> RateClass {
        match (self.counts, self.heavy, self.access, self.verb) {
            (Some(class), ..) => class,
            (None, true, _, _) => RateClass::Heavy,
            (None, false, Access::Anyone, Verb::Post | Verb::Put | Verb::Patch | Verb::Delete) => {
                RateClass::Door
            }
            _ => RateClass::Usual,
        }
    }
}
