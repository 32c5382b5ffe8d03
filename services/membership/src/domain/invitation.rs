//! Invitations into a household, and what comes of accepting one.
//!
//! **An invitation is to a keyed hash, and nobody looks up who has it**: making one does the same and answers the same
//! whether a member has the phone or not, and whoever comes to have it finds the invitation. Whoever made it does not learn
//! that it was declined either: that, too, would say that a member has the phone.

use contracts::membership::HouseholdRole;
use kernel::{Digest16, HouseholdId, InvitationId, MemberId, Pii, Timestamp};

use super::{
    code_window::DAY,
    household::{Belonging, HouseholdRefusal},
    identifier::Indexed,
    rejection::Rejection,
};

/// Whom an invitation is to: the keyed hash of a phone or card, or a member's id as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address(pub Digest16);

impl Address {
    /// A member by id.
    #[must_use]
    pub fn of_member(id: MemberId) -> Self {
        Self(Digest16(*id.as_uuid().as_bytes()))
    }

    /// Whoever has the phone or card.
    #[must_use]
    pub const fn of(indexed: &Indexed) -> Self {
        Self(indexed.digest)
    }
}

/// An invitation into a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// By which it is accepted and withdrawn.
    pub id: InvitationId,
    /// Who made it.
    pub inviter: MemberId,
    /// The household that they headed then; nothing while they belonged to none, and it comes about with the first who accepts.
    pub household: Option<HouseholdId>,
    /// Whom it is to.
    pub to: Address,
    /// What who made it may read of that: the last digits.
    pub shown: Pii<String>,
    /// As what the guest comes.
    pub role: HouseholdRole,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it may be accepted.
    pub expires_at: Timestamp,
    /// When the guest declined it.
    pub declined_at: Option<Timestamp>,
    /// What became of it otherwise.
    pub ended: Option<Ending>,
}

/// How an invitation ends that is not declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The guest came.
    Accepted,
    /// Who made it withdrew it.
    Withdrawn,
}

impl Ending {
    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The ending behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Withdrawn].into_iter().find(|ending| ending.word() == word)
    }
}

impl Invitation {
    /// Whether who made it still sees it waiting: as long as nobody came, also when it was declined.
    #[must_use]
    pub fn waits(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at
    }

    /// Whether the guest may still accept or decline it.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.waits(now) && self.declined_at.is_none()
    }
}

/// Somebody who wants to invite somebody.
#[derive(Debug)]
pub struct Inviting<'a> {
    /// Where they belong.
    pub place: Option<Belonging>,
    /// How many belong there, or one.
    pub members: u32,
    /// The most members of a household.
    pub most_members: u32,
    /// What leads to them.
    pub own: &'a [Address],
    /// Whom they invite.
    pub to: Address,
    /// When they made invitations within the last day, earliest first.
    pub made: &'a [Timestamp],
    /// The most within a day.
    pub most_a_day: u64,
    /// Now.
    pub now: Timestamp,
}

/// Decides whether somebody may invite somebody.
///
/// # Errors
/// [`HouseholdRefusal::HeadOnly`], [`HouseholdRefusal::InvitedSelf`], [`Rejection::HouseholdFull`],
/// [`HouseholdRefusal::InvitationsTooMany`].
pub fn invite(asked: &Inviting<'_>) -> Result<(), Rejection> {
    if asked.place.is_some_and(|place| place.role != HouseholdRole::Head) {
        return Err(HouseholdRefusal::HeadOnly.into());
    }
    if asked.own.contains(&asked.to) {
        return Err(HouseholdRefusal::InvitedSelf.into());
    }
    if asked.members >= asked.most_members {
        return Err(Rejection::HouseholdFull { limit: asked.most_members });
    }
    let made = u64::try_from(asked.made.len()).unwrap_or(u64::MAX);
    match asked.made.first() {
        Some(first) if made >= asked.most_a_day => {
            let left = first.micros().saturating_add(DAY).saturating_sub(asked.now.micros()).max(1);
            let seconds = u64::try_from(left).unwrap_or(0).div_ceil(1_000_000);
            Err(HouseholdRefusal::InvitationsTooMany { limit: asked.most_a_day, seconds }.into())
        }
        _ => Ok(()),
    }
}

/// What comes of accepting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// Nothing: the guest belongs there.
    Known,
    /// The guest comes into this household.
    Comes(HouseholdId),
    /// A household comes about, headed by who made the invitation.
    Founds,
}

/// Decides what comes of a guest accepting, by where both belong now.
///
/// # Errors
/// [`HouseholdRefusal::InvitationOver`], [`Rejection::InOtherHousehold`].
pub fn accept(
    invitation: &Invitation,
    inviter: Option<Belonging>,
    guest: Option<Belonging>,
    now: Timestamp,
) -> Result<Acceptance, Rejection> {
    let there =
        guest.is_some_and(|guest| inviter.is_some_and(|inviter| inviter.household == guest.household));
    if there {
        return Ok(Acceptance::Known);
    }
    if !invitation.is_open(now) {
        return Err(HouseholdRefusal::InvitationOver.into());
    }
    let accepted = match (invitation.household, inviter) {
        (None, None) => Acceptance::Founds,
        (Some(into), Some(inviter)) if inviter.household == into && inviter.role == HouseholdRole::Head => {
            Acceptance::Comes(into)
        }
        _ => return Err(HouseholdRefusal::InvitationOver.into()),
    };
    if guest.is_some() { Err(Rejection::InOtherHousehold) } else { Ok(accepted) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LATE: i64 = 100;

    fn place(member: u128, household: u128, role: HouseholdRole) -> Belonging {
        Belonging {
            member: MemberId::from_uuid(Uuid::from_u128(member)),
            household: HouseholdId::from_uuid(Uuid::from_u128(household)),
            role,
            since: Timestamp::from_micros(0),
        }
    }

    fn invitation(household: Option<u128>) -> Invitation {
        Invitation {
            id: InvitationId::from_uuid(Uuid::from_u128(9)),
            inviter: MemberId::from_uuid(Uuid::from_u128(1)),
            household: household.map(|id| HouseholdId::from_uuid(Uuid::from_u128(id))),
            to: Address(Digest16([2; 16])),
            shown: Pii::new("••••4567".to_owned()),
            role: HouseholdRole::Member,
            made_at: Timestamp::from_micros(0),
            expires_at: Timestamp::from_micros(LATE),
            declined_at: None,
            ended: None,
        }
    }

    fn asked(made: &[Timestamp]) -> Inviting<'_> {
        Inviting {
            place: None,
            members: 1,
            most_members: 3,
            own: &[],
            to: Address(Digest16([2; 16])),
            made,
            most_a_day: 2,
            now: Timestamp::from_micros(DAY - 1_500_000),
        }
    }

    #[test]
    fn who_heads_a_household_or_belongs_to_none_invites_others_within_limits() {
        let at = Timestamp::from_micros;
        assert_eq!(invite(&asked(&[at(0)])), Ok(()));
        let head = Inviting { place: Some(place(1, 7, HouseholdRole::Head)), members: 2, ..asked(&[]) };
        assert_eq!(invite(&head), Ok(()));
        for role in [HouseholdRole::Member, HouseholdRole::Child] {
            let other = Inviting { place: Some(place(1, 7, role)), ..asked(&[]) };
            assert_eq!(invite(&other), Err(HouseholdRefusal::HeadOnly.into()));
        }
        let own = Inviting { own: &[Address(Digest16([1; 16])), Address(Digest16([2; 16]))], ..asked(&[]) };
        assert_eq!(invite(&own), Err(HouseholdRefusal::InvitedSelf.into()));
        assert_eq!(
            invite(&Inviting { members: 3, ..asked(&[]) }),
            Err(Rejection::HouseholdFull { limit: 3 })
        );
        let too_many = HouseholdRefusal::InvitationsTooMany { limit: 2, seconds: 2 };
        assert_eq!(invite(&asked(&[at(0), at(5)])), Err(too_many.into()));
    }

    #[test]
    fn a_guest_comes_while_who_invited_them_heads_that_household() {
        use HouseholdRole::{Head, Member};
        let now = Timestamp::from_micros(LATE - 1);
        let try_it = |invitation: &Invitation, inviter, guest| accept(invitation, inviter, guest, now);
        let (first, later) = (invitation(None), invitation(Some(7)));
        let home = HouseholdId::from_uuid(Uuid::from_u128(7));
        assert_eq!(try_it(&first, None, None), Ok(Acceptance::Founds));
        assert_eq!(try_it(&later, Some(place(1, 7, Head)), None), Ok(Acceptance::Comes(home)));
        let over = Err(HouseholdRefusal::InvitationOver.into());
        for inviter in [None, Some(place(1, 7, Member)), Some(place(1, 8, Head))] {
            assert_eq!(try_it(&later, inviter, None), over, "{inviter:?}");
        }
        assert_eq!(try_it(&first, Some(place(1, 7, Head)), None), over);
        assert_eq!(try_it(&first, None, Some(place(2, 8, Member))), Err(Rejection::InOtherHousehold));
    }

    #[test]
    fn what_is_over_is_not_accepted_and_coming_twice_is_coming_once() {
        let at = Timestamp::from_micros;
        let over: Result<_, Rejection> = Err(HouseholdRefusal::InvitationOver.into());
        let declined = Invitation { declined_at: Some(at(1)), ..invitation(None) };
        assert!(declined.waits(at(2)) && !declined.is_open(at(2)));
        assert_eq!(accept(&declined, None, None, at(2)), over);
        assert_eq!(accept(&invitation(None), None, None, at(LATE)), over);
        let accepted = Invitation { ended: Some(Ending::Accepted), ..invitation(Some(7)) };
        let there = Some(place(2, 7, HouseholdRole::Member));
        let head = Some(place(1, 7, HouseholdRole::Head));
        assert_eq!(accept(&accepted, head, there, at(2)), Ok(Acceptance::Known));
        assert_eq!(accept(&accepted, head, None, at(2)), over);
        for ending in [Ending::Accepted, Ending::Withdrawn] {
            assert_eq!(Ending::from_word(ending.word()), Some(ending));
        }
    }
}
