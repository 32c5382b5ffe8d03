//! The money reports as files for spreadsheets.

use axum::{
    http::{
        HeaderMap,
        header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::IntoResponse as _,
};
use web::Response;

/// Whether the caller asks for a file.
pub(super) fn wants_csv(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/csv"))
}

/// A cell of text: in quotes, and never a formula.
pub(super) fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

/// A table as a file.
pub(super) fn csv(name: &str, columns: &str, rows: impl Iterator<Item = String>) -> Response {
    let lines: Vec<String> = std::iter::once(columns.to_owned()).chain(rows).collect();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (headers, lines.join("\r\n") + "\r\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("Mahak, \"the\" shop"), "\"Mahak, \"\"the\"\" shop\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
    }
}
