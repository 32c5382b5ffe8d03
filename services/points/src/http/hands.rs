//! Who does something by hand: staff act under their own id and no other, and their keys are theirs alone.

use kernel::Digest16;
use web::{Caller, Problem};

use super::checks::text;
use crate::{
    commands::record_purchases::{operator_digest, staff_digest},
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

/// The digest of an idempotency key in the scope of the back office's caller who sent it.
pub(super) fn hand_digest(caller: &Caller, key: &str) -> Digest16 {
    match caller {
        Caller::Staff { staff, .. } => staff_digest(*staff, key),
        _ => operator_digest(key),
    }
}
