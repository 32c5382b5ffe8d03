//! What staff may do, and where: roles, and how far each grant of one reaches.

use serde::{Deserialize, Serialize};

use crate::{BranchCode, RegionCode};

/// What a person of the chain's staff works as. What a role may do is said by the routes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Serves customers at a branch.
    Cashier,
    /// Runs a branch: its tills, and what was bought there.
    BranchManager,
    /// Helps members: looks them up, and does for them what they ask for.
    SupportAgent,
    /// Drafts programmes, chooses segments, runs campaigns.
    Marketing,
    /// Answers for money: rates, liability, second looks at what others did by hand.
    Finance,
    /// Reads everything and changes nothing.
    Auditor,
    /// Sets up places, tills and staff, and makes programmes live.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Cashier,
        Self::BranchManager,
        Self::SupportAgent,
        Self::Marketing,
        Self::Finance,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The word used in stored rows and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cashier => "cashier",
            Self::BranchManager => "branch_manager",
            Self::SupportAgent => "support_agent",
            Self::Marketing => "marketing",
            Self::Finance => "finance",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The role behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// How far a grant reaches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// The whole chain.
    Chain,
    /// One region, with the branches that belong to it.
    Region(RegionCode),
    /// One branch.
    Branch(BranchCode),
}

/// A role, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where it holds.
    pub reach: Reach,
}

impl Reach {
    /// Whether it reaches a branch, which belongs to `region` where that is known: **what is not known is not reached**.
    #[must_use]
    pub fn covers_branch(&self, branch: &BranchCode, region: Option<&RegionCode>) -> bool {
        match self {
            Self::Chain => true,
            Self::Region(reached) => region == Some(reached),
            Self::Branch(reached) => reached == branch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_word_of_its_own() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.word()), Some(role));
            assert_eq!(serde_json::to_string(&role).ok(), Some(format!("\"{}\"", role.word())));
        }
        assert_eq!(Role::from_word("king"), None);
    }

    #[test]
    fn a_grant_reaches_its_place_and_no_other() {
        let branch = |code| BranchCode::parse(code).expect("a code");
        let region = |code| RegionCode::parse(code).expect("a code");
        let (here, there, tehran, fars) = (branch("vanak"), branch("zand"), region("tehran"), region("fars"));
        assert!(Reach::Chain.covers_branch(&here, None));
        assert!(Reach::Region(tehran.clone()).covers_branch(&here, Some(&tehran)));
        assert!(!Reach::Region(tehran.clone()).covers_branch(&here, Some(&fars)));
        assert!(!Reach::Region(tehran.clone()).covers_branch(&here, None));
        assert!(Reach::Branch(here.clone()).covers_branch(&here, None));
        assert!(!Reach::Branch(here).covers_branch(&there, Some(&tehran)));
    }
}
