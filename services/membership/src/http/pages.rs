//! Lists come in pages: a cursor, a limit, and whether more follows; no totals.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::paging::Cursor;
use web::Problem;

use crate::error;

const DEFAULT: u64 = 100;
const MOST: u64 = 500;

/// How many items a page shall have.
pub(super) fn limit(asked: Option<u64>) -> Result<u64, Problem> {
    match asked.unwrap_or(DEFAULT) {
        limit @ 1..=MOST => Ok(limit),
        _ => Err(Problem::new(&error::LIMIT_OUT_OF_RANGE).arg("most", MOST)),
    }
}

/// Where a page begins: after the item with this code.
#[derive(Serialize, Deserialize)]
pub(super) struct After<C> {
    after: C,
}

/// The code after which the page begins.
pub(super) fn after<C: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<C>, Problem> {
    let Some(word) = cursor else { return Ok(None) };
    let place: After<C> = Cursor::parse(word).map_err(|_| Problem::new(&error::CURSOR_INVALID))?;
    Ok(Some(place.after))
}

/// The cursor of the page that begins after this code.
pub(super) fn next<C: Serialize>(after: C) -> String {
    Cursor::of(&After { after }).as_str().to_owned()
}
