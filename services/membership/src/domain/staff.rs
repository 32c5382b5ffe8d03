//! Staff: who works for the chain, and which roles they have where.
//!
//! A role is granted at a place and taken away again; both stay in the books. **Nobody gives or takes a role of their own**:
//! whoever may do what is always another person's word.

use kernel::{Grant, GrantId, Pii, StaffId, Timestamp};

use super::{
    line::{LineFlaw, read_line},
    rejection::Rejection,
};

/// The most roles that one person has at a time.
pub const GRANTS_PER_PERSON: usize = 20;
/// The most characters of a person's name.
pub const STAFF_NAME_LIMIT: usize = 60;

/// The name by which a person signs in: 3 to 32 characters of `a-z`, `0-9`, `.`, `_`, `-`, the first one a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

/// Why a text is no user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 3 to 32 characters of a-z, 0-9, '.', '_' and '-', and begins with a letter")]
pub struct UserNameFlaw;

impl UserName {
    /// Reads a user name; capital letters are read as small ones, as people type them.
    ///
    /// # Errors
    /// [`UserNameFlaw`].
    pub fn parse(text: &str) -> Result<Self, UserNameFlaw> {
        let name = text.trim().to_ascii_lowercase();
        let fits = (3..=32).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_lowercase());
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if fits && name.chars().all(allowed) { Ok(Self(name)) } else { Err(UserNameFlaw) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What colleagues call a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffName(Pii<String>);

impl StaffName {
    /// Reads a name: one line of at most [`STAFF_NAME_LIMIT`] characters.
    ///
    /// # Errors
    /// A [`LineFlaw`].
    pub fn parse(text: &str) -> Result<Self, LineFlaw> {
        read_line(text, STAFF_NAME_LIMIT).map(|line| Self(Pii::new(line)))
    }

    /// The name.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.expose()
    }
}

/// A person of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: StaffId,
    /// By which they sign in.
    pub user_name: UserName,
    /// What they are called.
    pub name: StaffName,
    /// Since when they are known.
    pub since: Timestamp,
    /// Since when they may not come in any more.
    pub disabled_at: Option<Timestamp>,
}

/// A role that a person was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// By which it is taken away.
    pub id: GrantId,
    /// Who has it.
    pub staff: StaffId,
    /// What it is.
    pub grant: Grant,
    /// When it was given.
    pub granted_at: Timestamp,
    /// By whom; nobody of the staff when the operator's key did it.
    pub granted_by: Option<StaffId>,
    /// When and by whom it was taken away.
    pub revoked: Option<(Timestamp, Option<StaffId>)>,
}

/// Refuses a person who changes what concerns themselves; the operator's key is nobody's own.
///
/// # Errors
/// [`Rejection::StaffOwnAffair`].
pub fn of_another(person: StaffId, by: Option<StaffId>) -> Result<(), Rejection> {
    if by == Some(person) { Err(Rejection::StaffOwnAffair) } else { Ok(()) }
}

/// Decides whether a person who has these roles gets one more; the one that they have already, when it is that.
///
/// # Errors
/// [`Rejection::StaffOwnAffair`], [`Rejection::StaffDisabled`], [`Rejection::GrantsTooMany`].
pub fn give<'g>(
    person: &Person,
    known: &'g [Granted],
    wanted: &Grant,
    by: Option<StaffId>,
) -> Result<Option<&'g Granted>, Rejection> {
    of_another(person.id, by)?;
    if person.disabled_at.is_some() {
        return Err(Rejection::StaffDisabled);
    }
    if let Some(same) = known.iter().find(|granted| granted.grant == *wanted) {
        return Ok(Some(same));
    }
    if known.len() >= GRANTS_PER_PERSON {
        return Err(Rejection::GrantsTooMany { limit: GRANTS_PER_PERSON });
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use kernel::{Reach, Role};
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> Person {
        Person {
            id: StaffId::from_uuid(Uuid::from_u128(number)),
            user_name: UserName::parse("zahra").expect("a name"),
            name: StaffName::parse("Zahra").expect("a name"),
            since: Timestamp::from_micros(0),
            disabled_at: None,
        }
    }

    fn granted(grant: Grant) -> Granted {
        Granted {
            id: GrantId::from_uuid(Uuid::from_u128(9)),
            staff: person(1).id,
            grant,
            granted_at: Timestamp::from_micros(0),
            granted_by: None,
            revoked: None,
        }
    }

    #[test]
    fn a_user_name_is_plain() {
        assert_eq!(UserName::parse(" Zahra.K "), UserName::parse("zahra.k"));
        for wrong in ["", "ab", "1abc", "a b c", "زهرا", "a|b", &"x".repeat(33)] {
            assert_eq!(UserName::parse(wrong), Err(UserNameFlaw), "{wrong}");
        }
    }

    #[test]
    fn nobody_gives_themselves_a_role() {
        let grant = Grant { role: Role::Administrator, reach: Reach::Chain };
        let (one, other) = (person(1), person(2));
        assert_eq!(give(&one, &[], &grant, Some(one.id)), Err(Rejection::StaffOwnAffair));
        assert_eq!(give(&one, &[], &grant, Some(other.id)), Ok(None));
        assert_eq!(give(&one, &[], &grant, None), Ok(None));
    }

    #[test]
    fn a_role_is_given_once_and_not_without_end() {
        let grant = Grant { role: Role::Cashier, reach: Reach::Chain };
        let have = [granted(grant.clone())];
        assert_eq!(give(&person(1), &have, &grant, None), Ok(Some(&have[0])));
        let many = vec![granted(grant.clone()); GRANTS_PER_PERSON];
        let another = Grant { role: Role::Finance, reach: Reach::Chain };
        let limit = GRANTS_PER_PERSON;
        assert_eq!(give(&person(1), &many, &another, None), Err(Rejection::GrantsTooMany { limit }));
        assert_eq!(give(&person(1), &many, &grant, None), Ok(Some(&many[0])), "what they have, they have");
        let gone = Person { disabled_at: Some(Timestamp::from_micros(1)), ..person(1) };
        assert_eq!(give(&gone, &[], &grant, None), Err(Rejection::StaffDisabled));
    }
}
