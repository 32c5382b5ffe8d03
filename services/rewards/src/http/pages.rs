//! Lists come in pages: a cursor, a limit, and whether more follows; no totals.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::paging::Cursor;
use web::Problem;

use crate::error;

const DEFAULT: u64 = 50;
const MOST: u64 = 200;

/// How many items a page shall have.
pub(super) fn limit(asked: Option<u64>) -> Result<u64, Problem> {
    match asked.unwrap_or(DEFAULT) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Problem::new(&error::LIMIT_OUT_OF_RANGE).arg("most", MOST)),
    }
}

/// Where a page begins: after the item with this id.
#[derive(Serialize, Deserialize)]
struct Place<I> {
    after: I,
}

/// The id after which the page begins.
pub(super) fn after<I: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<I>, Problem> {
    let Some(word) = cursor else { return Ok(None) };
    let place: Place<I> = Cursor::parse(word).map_err(|_| Problem::new(&error::CURSOR_INVALID))?;
    Ok(Some(place.after))
}

/// Cuts a list that was read one longer than the page; the cursor of the next page, where there is one.
pub(super) fn cut<T, I: Serialize>(items: &mut Vec<T>, limit: u64, id: impl Fn(&T) -> I) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more)?;
    Some(Cursor::of(&Place { after: id(last) }).as_str().to_owned())
}
