//! What partners of the chain may do: scopes, which the chain gives to each of them.

use serde::{Deserialize, Serialize};

/// One thing that a partner's keys open. What it opens is said by the routes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum Scope {
    /// Finds members by phone or card, and reads their first names and how their phones and cards end.
    #[serde(rename = "members:read")]
    MembersRead,
    /// Reads what members have: balance and tier.
    #[serde(rename = "points:read")]
    PointsRead,
    /// Reads what members' points came from and went to.
    #[serde(rename = "history:read")]
    HistoryRead,
    /// Reports what members did at the partner's: a payment, a booking, a survey.
    #[serde(rename = "actions:record")]
    ActionsRecord,
    /// Reads the chain's regions and branches.
    #[serde(rename = "places:read")]
    PlacesRead,
    /// Has webhooks of its own, for facts of what its other scopes let it read.
    #[serde(rename = "webhooks:manage")]
    WebhooksManage,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::MembersRead,
        Self::PointsRead,
        Self::HistoryRead,
        Self::ActionsRecord,
        Self::PlacesRead,
        Self::WebhooksManage,
    ];

    /// The word used in requests, stored rows and messages: `members:read`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MembersRead => "members:read",
            Self::PointsRead => "points:read",
            Self::HistoryRead => "history:read",
            Self::ActionsRecord => "actions:record",
            Self::PlacesRead => "places:read",
            Self::WebhooksManage => "webhooks:manage",
        }
    }

    /// The scope behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_a_word_of_its_own() {
        for scope in Scope::ALL {
            assert_eq!(Scope::from_word(scope.word()), Some(scope));
            assert_eq!(serde_json::to_string(&scope).ok(), Some(format!("\"{}\"", scope.word())));
        }
        assert_eq!(Scope::from_word("members:write"), None);
    }
}
