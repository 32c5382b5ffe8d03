//! Who does something by hand: staff act under their own id and no other, and their keys are theirs alone.

use kernel::Digest16;
use web::{Caller, Problem};

use super::checks::text;
use crate::{
    commands::record_purchases::{member_digest, operator_digest, partner_digest, staff_digest},
    error,
};

const LONGEST_PERSON: usize = 64;

/// The person whom a request names at `pointer`: 1 to 64 characters; for staff their own id.
pub(super) fn check_person(caller: &Caller, named: &str, pointer: &str) -> Result<(), Problem> {
    text(named, LONGEST_PERSON, pointer)?;
    match caller {
        Caller::Staff { staff, .. } if named != staff.to_string() => {
            Err(Problem::new(&error::PERSON_OTHER).pointer(pointer))
        }
        _ => Ok(()),
    }
}

/// The digest of an idempotency key in the scope of whoever sent it, tills apart; a partner's are theirs whichever key of theirs
/// opens. A member's keys are theirs for ever, not those
/// of one session: a request whose answer was lost can be sent again after the next sign-in.
pub(super) fn hand_digest(caller: &Caller, key: &str) -> Digest16 {
    match caller {
        Caller::Staff { staff, .. } => staff_digest(*staff, key),
        Caller::Member { member, .. } => member_digest(*member, key),
        Caller::Partner { partner, .. } => partner_digest(partner, key),
        _ => operator_digest(key),
    }
}
