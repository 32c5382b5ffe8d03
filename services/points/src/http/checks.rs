//! Checks that every receipt goes through, of a purchase or a return.

use kernel::{Currency, Timestamp};
use web::Problem;

use super::Shared;
use crate::error;

const LONGEST_RECEIPT: usize = 64;
const LONGEST_OPERATION: usize = 32;

/// A receipt's number and operation, below the place `at`.
pub(super) fn receipt_text(receipt: &str, operation: &str, at: &str) -> Result<(), Problem> {
    text(receipt, LONGEST_RECEIPT, &format!("{at}/receipt"))?;
    text(operation, LONGEST_OPERATION, &format!("{at}/operation"))
}

/// The currency of this code, when it is the chain's.
pub(super) fn currency_of(shared: &Shared, code: &str) -> Result<Currency, Problem> {
    let wrong = |code| Problem::new(code).pointer("/currency").arg("expected", shared.chain.currency.code());
    let currency = Currency::parse(code).map_err(|_| wrong(&error::CURRENCY_UNKNOWN))?;
    if currency == shared.chain.currency { Ok(currency) } else { Err(wrong(&error::CURRENCY_OTHER)) }
}

/// A till's clock may be a little ahead; a receipt from the past is always taken.
pub(super) fn check_clock(shared: &Shared, occurred_at: Timestamp) -> Result<(), Problem> {
    let ahead = occurred_at.millis_since(shared.clock.now());
    if ahead <= shared.settings.clock_skew_ms {
        return Ok(());
    }
    let problem = Problem::new(&error::CLOCK_AHEAD).pointer("/occurred_at");
    Err(problem.arg("seconds", ahead / 1000).arg("most", shared.settings.clock_skew_ms / 1000))
}

/// A text of the till's own: some characters, none of them invisible.
pub(super) fn text(value: &str, most: usize, pointer: &str) -> Result<(), Problem> {
    // Bytes bound the characters, so that most values need no second look.
    let fits = !value.is_empty() && (value.len() <= most || value.chars().count() <= most);
    if fits && !value.chars().any(char::is_control) {
        return Ok(());
    }
    Err(Problem::new(&error::TEXT_INVALID).pointer(pointer).arg("most", most))
}
