//! Why somebody of the chain does something, in their own words.

use web::Problem;

use crate::error::REASON_MISSING;

/// No reason is longer, in characters.
const LONGEST: usize = 500;

/// A reason that says something.
pub(super) fn reason(text: String) -> Result<String, Problem> {
    let says = (1..=LONGEST).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(char::is_control);
    if says { Ok(text) } else { Err(Problem::new(&REASON_MISSING).pointer("/reason")) }
}
