//! Members: who joined, how they are recognised, and what is told about it.
//!
//! **A phone number or card leads to at most one member, and every fact about a member carries the next number of
//! that member's own sequence, without gaps.** The first half is kept by the unique keyed hash in the store, the
//! second by `Member::version`.

use contracts::membership::{IdentifierLinked, JoinChannel, MemberJoined, PhoneConfirmed};
use kernel::{BranchCode, Language, MemberId, TillCode, Timestamp};

use super::{card_state::CARDS_EVER, identifier::Indexed, name::FirstName, rejection::Rejection};

/// The most cards that lead to one member.
pub const CARDS_PER_MEMBER: usize = 10;

/// Where a membership stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberStatus {
    /// Enrolled, and may earn and spend.
    Active,
    /// Left: nothing of the person is known, and only the id is there.
    Erased,
}

impl MemberStatus {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Erased => "erased",
        }
    }

    /// The status behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Erased].into_iter().find(|status| status.word() == word)
    }
}

/// An enrolled person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The opaque id by which everyone else knows them.
    pub id: MemberId,
    /// Where the membership stands.
    pub status: MemberStatus,
    /// What to call them.
    pub first_name: FirstName,
    /// The language to speak to them.
    pub language: Language,
    /// When they joined.
    pub joined_at: Timestamp,
    /// Where they joined.
    pub joined_by: JoinedBy,
    /// When they showed that their phone is theirs.
    pub confirmed_at: Option<Timestamp>,
    /// The number of facts told about them so far.
    pub version: u64,
}

/// Where a member joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinedBy {
    /// At a till, by the cashier.
    Till(BranchCode, TillCode),
    /// Through the API, without a till.
    Api,
    /// By texting their first name to the club's number.
    Text,
}

impl JoinedBy {
    /// The channel as facts name it.
    #[must_use]
    pub const fn channel(&self) -> JoinChannel {
        match self {
            Self::Till(..) => JoinChannel::Till,
            Self::Api => JoinChannel::Api,
            Self::Text => JoinChannel::Text,
        }
    }

    /// The branch, when it was at one.
    #[must_use]
    pub const fn branch(&self) -> Option<&BranchCode> {
        match self {
            Self::Till(branch, _) => Some(branch),
            Self::Api | Self::Text => None,
        }
    }
}

/// What a person brings to join (J1): a phone and a first name, perhaps a card.
#[derive(Debug, Clone)]
pub struct Joining {
    /// The id the member will have.
    pub id: MemberId,
    /// The phone they are known by.
    pub phone: Indexed,
    /// What to call them.
    pub first_name: FirstName,
    /// The language to speak to them.
    pub language: Language,
    /// A card to link at once.
    pub card: Option<Indexed>,
    /// Where it happens.
    pub joined_by: JoinedBy,
    /// When.
    pub at: Timestamp,
}

/// A new member, with what to store and what to tell.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The member.
    pub member: Member,
    /// The identifiers to link, in the order of their facts.
    pub identifiers: Vec<Indexed>,
    /// Told first.
    pub joined: MemberJoined,
    /// Told next, one per identifier.
    pub linked: Vec<IdentifierLinked>,
}

impl Joined {
    /// Enrols a person whose phone and card lead to nobody yet.
    #[must_use]
    pub fn from(joining: Joining) -> Self {
        let identifiers: Vec<_> = std::iter::once(joining.phone).chain(joining.card).collect();
        let linked: Vec<_> = identifiers.iter().map(|indexed| linked(joining.id, indexed)).collect();
        let told = 1 + u64::try_from(linked.len()).expect("one or two identifiers");
        let joined = MemberJoined {
            member_id: joining.id,
            branch: joining.joined_by.branch().cloned(),
            channel: joining.joined_by.channel(),
            language: joining.language,
        };
        let member = Member {
            id: joining.id,
            status: MemberStatus::Active,
            first_name: joining.first_name,
            language: joining.language,
            joined_at: joining.at,
            joined_by: joining.joined_by,
            confirmed_at: None,
            version: told,
        };
        Self { member, identifiers, joined, linked }
    }
}

/// Decides whether one more card may lead to a member to whom `cards` cards lead, and `ever` ever did.
///
/// # Errors
/// [`Rejection::CardsTooMany`].
pub fn link_card(
    member: MemberId,
    (cards, ever): (usize, usize),
    card: &Indexed,
) -> Result<IdentifierLinked, Rejection> {
    for (count, limit) in [(cards, CARDS_PER_MEMBER), (ever, CARDS_EVER)] {
        if count >= limit {
            return Err(Rejection::CardsTooMany { limit });
        }
    }
    Ok(linked(member, card))
}

/// The member has shown that their phone is theirs; `None` when that happened before.
#[must_use]
pub fn confirm_phone(member: &Member) -> Option<PhoneConfirmed> {
    member.confirmed_at.is_none().then_some(PhoneConfirmed { member_id: member.id })
}

fn linked(member_id: MemberId, indexed: &Indexed) -> IdentifierLinked {
    IdentifierLinked {
        member_id,
        kind: indexed.identifier.kind(),
        digest: indexed.digest,
        active: true,
        former: None,
    }
}

#[cfg(test)]
mod tests {
    use kernel::Digest16;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{card::CardNumber, identifier::Identifier, phone::Phone};

    fn card() -> Indexed {
        let number = CardNumber::parse("4111111111111111").expect("a valid number");
        Indexed { identifier: Identifier::Card(number), digest: Digest16([2; 16]), also: Vec::new() }
    }

    fn joining(card: Option<Indexed>) -> Joining {
        let phone = Phone::parse("+989121234567").expect("a valid number");
        Joining {
            id: MemberId::from_uuid(Uuid::from_u128(7)),
            phone: Indexed {
                identifier: Identifier::Phone(phone),
                digest: Digest16([1; 16]),
                also: Vec::new(),
            },
            first_name: FirstName::parse("زهرا").expect("a name"),
            language: Language::Fa,
            card,
            joined_by: JoinedBy::Till(
                BranchCode::parse("tehran-vanak").expect("a code"),
                TillCode::parse("till-1").expect("a code"),
            ),
            at: Timestamp::from_micros(5),
        }
    }

    #[test]
    fn joining_tells_the_member_first_and_then_each_identifier() {
        let with_card = Joined::from(joining(Some(card())));
        assert_eq!(with_card.member.version, 3);
        let kinds: Vec<_> = with_card.linked.iter().map(|l| l.kind.word()).collect();
        assert_eq!(kinds, ["phone", "card"]);
        assert_eq!(with_card.joined.branch.as_ref().map(BranchCode::as_str), Some("tehran-vanak"));
        assert_eq!(Joined::from(joining(None)).member.version, 2);
    }

    #[test]
    fn nothing_of_a_new_member_shows_itself() {
        let shown = format!("{:?}", Joined::from(joining(Some(card()))));
        for secret in ["زهرا", "9121234567", "4111"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }

    #[test]
    fn an_eleventh_card_is_refused() {
        let member = MemberId::from_uuid(Uuid::from_u128(7));
        assert!(link_card(member, (CARDS_PER_MEMBER - 1, CARDS_EVER - 1), &card()).is_ok());
        assert_eq!(
            link_card(member, (CARDS_PER_MEMBER, CARDS_PER_MEMBER), &card()),
            Err(Rejection::CardsTooMany { limit: CARDS_PER_MEMBER })
        );
        let ever = link_card(member, (0, CARDS_EVER), &card());
        assert_eq!(ever, Err(Rejection::CardsTooMany { limit: CARDS_EVER }));
    }
}
