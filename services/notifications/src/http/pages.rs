//! Lists come in pages: a cursor, a limit, and whether more follows; no totals.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::paging::Cursor;
use utoipa::IntoParams;
use web::Problem;

use crate::error;

const DEFAULT: u64 = 100;
const MOST: u64 = 500;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items, 1 to 500; 100 when it is not said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

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

/// The cursor of the page that begins after this id.
pub(super) fn next<I: Serialize>(after: I) -> String {
    Cursor::of(&Place { after }).as_str().to_owned()
}
