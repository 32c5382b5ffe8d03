//! Households: who belongs together.
//!
//! **A member belongs to one household at most**, and a household has no more members than [`MEMBERS_PER_HOUSEHOLD`].

use contracts::membership::{HouseholdChanged, HouseholdRole};
use kernel::{HouseholdId, MemberId, Timestamp};

use super::rejection::Rejection;

/// The most members of one household.
pub const MEMBERS_PER_HOUSEHOLD: u32 = 10;

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

/// The role's word in rows.
#[must_use]
pub const fn role_word(role: HouseholdRole) -> &'static str {
    match role {
        HouseholdRole::Head => "head",
        HouseholdRole::Member => "member",
    }
}

/// The role behind a stored word.
#[must_use]
pub fn role_from_word(word: &str) -> Option<HouseholdRole> {
    [HouseholdRole::Head, HouseholdRole::Member].into_iter().find(|role| role_word(*role) == word)
}

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

    #[test]
    fn a_role_survives_its_row() {
        for role in [HouseholdRole::Head, HouseholdRole::Member] {
            assert_eq!(role_from_word(role_word(role)), Some(role));
        }
        assert_eq!(role_from_word("guest"), None);
    }
}
