//! The money reports as files for spreadsheets.

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap,
    header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE},
};
use kernel::BranchCode;

use crate::{
    domain::{Position, Value, money::RollForward},
    queries::money::Owed,
};

/// The name of what stands for all funders together, or for no branch; no branch can be called so.
pub(super) const ALL: &str = "*";

/// The columns of a roll-forward.
pub(super) const ROLL_FORWARD_COLUMNS: &str = "funder,opening,issued,reversed,redeemed,redemptions_undone,expired,adjusted,fees,\
                                    written_off,debt_recovered,closing,transferred";
/// The columns of a liability.
pub(super) const OWED_COLUMNS: &str =
    "funder,spendable,pending,held,in_transit,points,lapsed,value,breakage,expected";
/// The columns of a clearing.
pub(super) const POSITION_COLUMNS: &str = "branch,issued,redeemed,net,net_value";

/// A funder's row of the roll-forward.
pub(super) fn roll_forward_row(funder: &str, lines: &RollForward) -> String {
    let RollForward {
        opening,
        issued,
        reversed,
        redeemed,
        redemptions_undone,
        expired,
        adjusted,
        fees,
        written_off,
        debt_recovered,
        closing,
        transferred,
    } = lines;
    format!(
        "{funder},{opening},{issued},{reversed},{redeemed},{redemptions_undone},{expired},{adjusted},{fees},\
         {written_off},{debt_recovered},{closing},{transferred}"
    )
}

/// A funder's row of the liability.
pub(super) fn owed_row(funder: &str, owed: &Owed) -> String {
    let Owed { spendable, pending, held, in_transit, points, lapsed, value } = owed;
    let value = value.map_or_else(
        || ",,".to_owned(),
        |Value { value, breakage, expected }| format!("{value},{breakage},{expected}"),
    );
    format!("{funder},{spendable},{pending},{held},{in_transit},{points},{lapsed},{value}")
}

/// A branch's row of the clearing.
pub(super) fn position_row((branch, position): (&Option<BranchCode>, &Position)) -> String {
    let Position { issued, redeemed, net, net_value } = position;
    let (name, value) =
        (branch.as_ref().map_or(ALL, BranchCode::as_str), net_value.map(|value| value.to_string()));
    format!("{name},{issued},{redeemed},{net},{}", value.unwrap_or_default())
}

/// Whether the caller asks for a file.
pub(super) fn wants_csv(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/csv"))
}

/// A table as a file: codes and numbers only, so nothing needs quotes and no cell can be a formula.
pub(super) fn csv(name: &str, columns: &str, rows: impl Iterator<Item = String>) -> Response {
    let lines: Vec<String> = std::iter::once(columns.to_owned()).chain(rows).collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (headers, lines.join("\r\n") + "\r\n").into_response()
}
