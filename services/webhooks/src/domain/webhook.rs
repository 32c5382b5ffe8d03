//! A webhook: an address outside of the platform that is told of facts.

use kernel::{BranchCode, PartnerCode, Scope, Timestamp, WebhookId};

use super::{health::Health, public_facts::scope_of, refusal::Refusal};

/// The most characters of an address.
pub const URL_LIMIT: usize = 500;
/// The most branches of a filter.
pub const BRANCHES_PER_WEBHOOK: usize = 200;
/// How long, at most, a replaced secret signs beside the new one, in seconds: seven days.
pub const LONGEST_OVERLAP_S: u32 = 7 * 24 * 60 * 60;

/// Whose a webhook is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The chain's own.
    Chain,
    /// A partner's, who sees it and no other.
    Partner(PartnerCode),
}

impl Owner {
    /// The partner's code; empty for the chain.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Chain => "",
            Self::Partner(code) => code.as_str(),
        }
    }

    /// Whose it is by the word of a row.
    ///
    /// # Errors
    /// A word that is no partner's code.
    pub fn from_word(word: &str) -> Result<Self, kernel::CodeError> {
        if word.is_empty() { Ok(Self::Chain) } else { PartnerCode::parse(word).map(Self::Partner) }
    }
}

/// Whether it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Active,
    /// Its owner switched it off: facts that come meanwhile are not kept for it.
    Off,
    /// Its receiver answered 410: it wants nothing any more.
    Ended,
    /// Its owner removed it; nobody sees it, and what is left of it is deleted.
    Removed,
}

impl State {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Off => "off",
            Self::Ended => "ended",
            Self::Removed => "removed",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Off, Self::Ended, Self::Removed].into_iter().find(|state| state.word() == word)
    }
}

/// What its owner says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Where it is, as it was checked.
    pub url: String,
    /// The kinds of facts that it is told, each once and in order.
    pub kinds: Vec<String>,
    /// The branches whose facts it is told; empty: all of them, and facts of no branch.
    pub branches: Vec<BranchCode>,
}

impl Terms {
    /// Terms with each kind and branch once, in order.
    #[must_use]
    pub fn new(url: String, mut kinds: Vec<String>, mut branches: Vec<BranchCode>) -> Self {
        kinds.sort_unstable();
        kinds.dedup();
        branches.sort_unstable();
        branches.dedup();
        Self { url, kinds, branches }
    }

    /// Whether it is told a fact of this kind, that names this branch or none.
    #[must_use]
    pub fn wants(&self, kind: &str, branch: Option<&str>) -> bool {
        let of_branch = self.branches.is_empty()
            || branch.is_some_and(|branch| self.branches.iter().any(|own| own.as_str() == branch));
        of_branch && self.kinds.iter().any(|own| own == kind)
    }

    /// Refuses a partner who may not read what it wants to hear of.
    ///
    /// # Errors
    /// [`Refusal::ScopeMissing`].
    pub fn fit(&self, scopes: &[Scope]) -> Result<(), Refusal> {
        let needed = self.kinds.iter().filter_map(|kind| scope_of(kind));
        let missing = needed.into_iter().find(|scope| !scopes.contains(scope));
        missing.map_or(Ok(()), |scope| Err(Refusal::ScopeMissing { scope }))
    }
}

/// A webhook, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its name.
    pub id: WebhookId,
    /// Whose it is.
    pub owner: Owner,
    /// What its owner says about it.
    pub terms: Terms,
    /// Whether it is told.
    pub state: State,
    /// How its receiver does.
    pub health: Health,
    /// Since when it is there.
    pub created_at: Timestamp,
}

/// Decides whether an owner with so many webhooks gets one more.
///
/// # Errors
/// [`Refusal::TooMany`].
pub const fn subscribe(has: usize, limit: usize) -> Result<(), Refusal> {
    if has < limit { Ok(()) } else { Err(Refusal::TooMany { limit }) }
}

/// Lets what is asked of a webhook pass unless it has ended.
///
/// # Errors
/// [`Refusal::Ended`].
pub fn still_wanted(webhook: &Webhook) -> Result<(), Refusal> {
    if webhook.state == State::Ended { Err(Refusal::Ended) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use contracts::{FactData as _, membership::MemberJoined, points::PointsEarned};

    use super::*;

    fn terms(branches: &[&str]) -> Terms {
        let branches = branches.iter().map(|code| BranchCode::parse(code).expect("a code")).collect();
        let kinds = vec![PointsEarned::TYPE.to_owned(), MemberJoined::TYPE.to_owned()];
        Terms::new("https://hooks.example/".to_owned(), [kinds.clone(), kinds].concat(), branches)
    }

    #[test]
    fn a_filter_of_branches_lets_no_fact_of_another_or_of_none_pass() {
        for (branches, branch, told) in [
            (&[][..], None, true),
            (&[], Some("vanak"), true),
            (&["vanak"], Some("vanak"), true),
            (&["vanak"], Some("tajrish"), false),
            (&["vanak"], None, false),
        ] {
            assert_eq!(terms(branches).wants(PointsEarned::TYPE, branch), told, "{branches:?} {branch:?}");
        }
        assert!(!terms(&[]).wants("vafa.points.points_expired.v1", None));
        assert_eq!(terms(&[]).kinds.len(), 2, "each kind once");
    }

    #[test]
    fn a_partner_hears_what_it_may_read() {
        let all = [Scope::MembersRead, Scope::HistoryRead];
        assert_eq!(terms(&[]).fit(&all), Ok(()));
        let refused = Err(Refusal::ScopeMissing { scope: Scope::HistoryRead });
        assert_eq!(terms(&[]).fit(&[Scope::MembersRead]), refused);
    }
}
