//! Households: who belongs together.
//!
//! **A member belongs to one household at most**, and a household has no more members than the settings say, which is
//! [`MEMBERS_PER_HOUSEHOLD`] at most. Whoever heads it speaks for it: invites, removes, gives roles, passes the headship on.

use contracts::membership::{HouseholdChanged, HouseholdRole};
use kernel::{HouseholdId, MemberId, Timestamp};
use thiserror::Error;

use super::rejection::Rejection;

/// The most members that any household has.
pub const MEMBERS_PER_HOUSEHOLD: i64 = 10;

/// A member's place in a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belonging {
    /// Who.
    pub member: MemberId,
    /// Where.
    pub household: HouseholdId,
    /// As what.
    pub role: HouseholdRole,
    /// Since when.
    pub since: Timestamp,
}

impl Belonging {
    /// What is told of it.
    #[must_use]
    pub const fn told(&self) -> HouseholdChanged {
        HouseholdChanged { member_id: self.member, household: Some(self.household), role: Some(self.role) }
    }
}

/// What becomes of a member who is put into a household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Nothing: they are there already.
    Known(Belonging),
    /// They are there, and get another role.
    Changed(Belonging),
    /// They come.
    Comes(Belonging),
}

/// Decides what becomes of a member who belongs to `before` and is put into a household as `wanted`.
///
/// # Errors
/// [`Rejection::InOtherHousehold`].
pub fn put_into_household(before: Option<Belonging>, wanted: Belonging) -> Result<Placement, Rejection> {
    match before {
        None => Ok(Placement::Comes(wanted)),
        Some(before) if before.household != wanted.household => Err(Rejection::InOtherHousehold),
        Some(before) if before.role == wanted.role => Ok(Placement::Known(before)),
        Some(before) => Ok(Placement::Changed(Belonging { since: before.since, ..wanted })),
    }
}

/// What members may not do about their household.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HouseholdRefusal {
    /// Only who heads the household may.
    #[error("only the head of the household may")]
    HeadOnly,
    /// Who heads it is neither removed nor given another role; they pass the headship on, or leave.
    #[error("the head of the household stays the head")]
    HeadStays,
    /// A child does not come to head it.
    #[error("a child does not head a household")]
    ChildCannotLead,
    /// Nobody invites themselves.
    #[error("the invitation is to whoever makes it")]
    InvitedSelf,
    /// As many invitations in a day as a member may make.
    #[error("{limit} invitations within a day; the next one in {seconds} s")]
    InvitationsTooMany {
        /// Invitations allowed.
        limit: u64,
        /// When to ask again.
        seconds: u64,
    },
    /// The invitation was used, withdrawn or too old, or who made it speaks for that household no more.
    #[error("the invitation is over")]
    InvitationOver,
}

/// Who heads a household once `leaver` is gone: nobody new while another head is there, otherwise who has been there longest
/// of those who are no children. `members` are in that order.
#[must_use]
pub fn successor(leaver: &Belonging, members: &[Belonging]) -> Option<Belonging> {
    let others = || members.iter().filter(|other| other.member != leaver.member);
    let headed = others().any(|other| other.role == HouseholdRole::Head);
    if leaver.role != HouseholdRole::Head || headed {
        return None;
    }
    let heir = others().find(|other| other.role == HouseholdRole::Member);
    heir.map(|heir| Belonging { role: HouseholdRole::Head, ..*heir })
}

/// Decides whether `head` may take `fellow`, of the same household, out of it.
///
/// # Errors
/// [`HouseholdRefusal::HeadOnly`], [`HouseholdRefusal::HeadStays`].
pub fn remove_fellow(head: &Belonging, fellow: &Belonging) -> Result<(), HouseholdRefusal> {
    match (head.role, fellow.role) {
        (HouseholdRole::Head, HouseholdRole::Head) => Err(HouseholdRefusal::HeadStays),
        (HouseholdRole::Head, _) => Ok(()),
        _ => Err(HouseholdRefusal::HeadOnly),
    }
}

/// Decides what becomes of roles when `head` gives `role` to `fellow`, of the same household: who has another role then.
/// The headship is passed on: whoever had it becomes a member like others.
///
/// # Errors
/// [`HouseholdRefusal::HeadOnly`], [`HouseholdRefusal::HeadStays`], [`HouseholdRefusal::ChildCannotLead`].
pub fn give_role(
    head: &Belonging,
    fellow: &Belonging,
    role: HouseholdRole,
) -> Result<Vec<Belonging>, HouseholdRefusal> {
    use HouseholdRole::{Child, Head, Member};
    match (head.role, fellow.role, role) {
        (Member | Child, ..) => Err(HouseholdRefusal::HeadOnly),
        (Head, before, after) if before == after => Ok(Vec::new()),
        (Head, Head, _) => Err(HouseholdRefusal::HeadStays),
        (Head, Child, Head) => Err(HouseholdRefusal::ChildCannotLead),
        (Head, Member | Child, Member | Child) => Ok(vec![Belonging { role, ..*fellow }]),
        (Head, Member, Head) => {
            Ok(vec![Belonging { role: Member, ..*head }, Belonging { role: Head, ..*fellow }])
        }
    }
}

/// The role's word in rows.
#[must_use]
pub const fn role_word(role: HouseholdRole) -> &'static str {
    match role {
        HouseholdRole::Head => "head",
        HouseholdRole::Member => "member",
        HouseholdRole::Child => "child",
    }
}

/// The role behind a stored word.
#[must_use]
pub fn role_from_word(word: &str) -> Option<HouseholdRole> {
    ROLES.into_iter().find(|role| role_word(*role) == word)
}

const ROLES: [HouseholdRole; 3] = [HouseholdRole::Head, HouseholdRole::Member, HouseholdRole::Child];

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn belonging(household: u128, role: HouseholdRole, since: i64) -> Belonging {
        Belonging {
            member: MemberId::from_uuid(Uuid::from_u128(1)),
            household: HouseholdId::from_uuid(Uuid::from_u128(household)),
            role,
            since: Timestamp::from_micros(since),
        }
    }

    #[test]
    fn a_member_comes_once_changes_roles_and_is_in_one_household_only() {
        let (head, member) = (HouseholdRole::Head, HouseholdRole::Member);
        let there = belonging(7, member, 5);
        assert_eq!(put_into_household(None, there), Ok(Placement::Comes(there)));
        assert_eq!(put_into_household(Some(there), belonging(7, member, 9)), Ok(Placement::Known(there)));
        let promoted = Ok(Placement::Changed(belonging(7, head, 5)));
        assert_eq!(put_into_household(Some(there), belonging(7, head, 9)), promoted);
        let elsewhere = put_into_household(Some(there), belonging(8, member, 9));
        assert_eq!(elsewhere, Err(Rejection::InOtherHousehold));
    }

    fn fellow(member: u128, role: HouseholdRole) -> Belonging {
        Belonging { member: MemberId::from_uuid(Uuid::from_u128(member)), ..belonging(7, role, 5) }
    }

    #[test]
    fn who_has_been_there_longest_follows_the_last_head() {
        use HouseholdRole::{Child, Head, Member};
        let of = |roles: &[HouseholdRole]| -> Vec<Belonging> {
            (1..).zip(roles).map(|(member, role)| fellow(member, *role)).collect()
        };
        let heir = |members: &[Belonging]| successor(&members[0], members).map(|heir| heir.member);
        let third = Some(fellow(3, Head).member);
        assert_eq!(heir(&of(&[Head, Child, Member, Member])), third);
        assert_eq!(
            successor(&of(&[Head, Member])[0], &of(&[Head, Member])).map(|heir| heir.role),
            Some(Head)
        );
        for nobody in [&[Head][..], &[Head, Child], &[Head, Member, Head], &[Member, Member], &[Child, Head]]
        {
            assert_eq!(heir(&of(nobody)), None, "{nobody:?}");
        }
    }

    #[test]
    fn only_a_head_removes_and_gives_roles_and_heads_stay() {
        use HouseholdRole::{Child, Head, Member};
        let (me, other) = (|role| fellow(1, role), |role| fellow(2, role));
        for role in [Member, Child] {
            assert_eq!(remove_fellow(&me(role), &other(Member)), Err(HouseholdRefusal::HeadOnly));
            assert_eq!(give_role(&me(role), &other(Member), Head), Err(HouseholdRefusal::HeadOnly));
            assert_eq!(remove_fellow(&me(Head), &other(role)), Ok(()));
            assert_eq!(give_role(&me(Head), &other(Head), role), Err(HouseholdRefusal::HeadStays));
            assert_eq!(give_role(&me(Head), &other(role), role), Ok(Vec::new()));
        }
        assert_eq!(remove_fellow(&me(Head), &other(Head)), Err(HouseholdRefusal::HeadStays));
        assert_eq!(give_role(&me(Head), &other(Child), Head), Err(HouseholdRefusal::ChildCannotLead));
        assert_eq!(give_role(&me(Head), &other(Child), Member), Ok(vec![other(Member)]));
        assert_eq!(give_role(&me(Head), &other(Member), Head), Ok(vec![me(Member), other(Head)]));
    }

    #[test]
    fn a_role_survives_its_row() {
        for role in ROLES {
            assert_eq!(role_from_word(role_word(role)), Some(role));
        }
        assert_eq!(role_from_word("guest"), None);
    }
}
