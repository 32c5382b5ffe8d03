//! One way in: a code that was asked for, and what becomes of the attempts to guess it.
//!
//! **A code is good once, for a short time, and for a few attempts; each attempt is counted in the transaction that
//! compares it.** A sign-in for a number that nobody has is kept and answers like any other; no code fits it.

use kernel::{Digest16, MemberId, SignInId, Timestamp};

use super::rejection::Rejection;

/// A code that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// By which the answer names it; unguessable.
    pub id: SignInId,
    /// The keyed hash of the phone.
    pub phone: Digest16,
    /// The member whom the phone led to; nobody for a number that no member has.
    pub member: Option<MemberId>,
    /// The keyed hash of the code; randomness where there is none.
    pub code: [u8; 32],
    /// When it was asked for.
    pub made_at: Timestamp,
    /// Until when the code is good.
    pub expires_at: Timestamp,
    /// How many attempts are left.
    pub tries_left: u32,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The code of this member.
    Right(MemberId),
    /// Another code; so many attempts are left.
    Wrong {
        /// Attempts left.
        left: u32,
    },
}

/// Judges an attempt; `fits` says whether the code is the one that was sent.
///
/// # Errors
/// [`Rejection::CodeSpent`]: used, too old, or tried too often.
pub fn attempt(sign_in: &SignIn, fits: bool, now: Timestamp) -> Result<Attempt, Rejection> {
    if sign_in.used_at.is_some() || now >= sign_in.expires_at || sign_in.tries_left == 0 {
        return Err(Rejection::CodeSpent);
    }
    match sign_in.member {
        Some(member) if fits => Ok(Attempt::Right(member)),
        _ => Ok(Attempt::Wrong { left: sign_in.tries_left - 1 }),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn sign_in() -> SignIn {
        SignIn {
            id: SignInId::from_uuid(Uuid::from_u128(1)),
            phone: Digest16([1; 16]),
            member: Some(MemberId::from_uuid(Uuid::from_u128(2))),
            code: [3; 32],
            made_at: Timestamp::from_micros(0),
            expires_at: Timestamp::from_micros(100),
            tries_left: 2,
            used_at: None,
        }
    }

    #[test]
    fn a_code_is_good_once_in_time_and_within_its_attempts() {
        let at = Timestamp::from_micros;
        let member = sign_in().member.expect("a member");
        assert_eq!(attempt(&sign_in(), true, at(99)), Ok(Attempt::Right(member)));
        assert_eq!(attempt(&sign_in(), false, at(99)), Ok(Attempt::Wrong { left: 1 }));
        let spent = [
            (SignIn { used_at: Some(at(1)), ..sign_in() }, at(2)),
            (sign_in(), at(100)),
            (SignIn { tries_left: 0, ..sign_in() }, at(2)),
        ];
        for (sign_in, now) in spent {
            assert_eq!(attempt(&sign_in, true, now), Err(Rejection::CodeSpent));
        }
    }

    #[test]
    fn nobodys_number_answers_like_a_wrong_code() {
        let nobody = SignIn { member: None, ..sign_in() };
        assert_eq!(attempt(&nobody, true, Timestamp::from_micros(1)), Ok(Attempt::Wrong { left: 1 }));
    }
}
