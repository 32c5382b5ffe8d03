//! Bar charts as SVG, drawn here: no script, no font, nothing fetched.

use std::fmt::Write as _;

use kernel::Language;
use web::html::escaped;

use super::Words;

const WIDTH: i64 = 720;
const NAMES: i64 = 200;
const VALUES: i64 = 110;
const BAR: i64 = 14;
const GAP: i64 = 10;
const COLOURS: [&str; 2] = ["#2563eb", "#94a3b8"];

/// A bar for each value of each row, rows one below the other, the greatest value as long as there is room.
#[must_use]
pub fn bars(words: &Words<'_>, rows: &[(String, Vec<i64>)], series: &[String]) -> String {
    let greatest =
        rows.iter().flat_map(|(_, values)| values).map(|v| v.unsigned_abs()).max().unwrap_or(0).max(1);
    let high = |values: usize| i64::try_from(values).unwrap_or(1) * (BAR + 2) + GAP;
    let height: i64 = rows.iter().map(|(_, values)| high(values.len())).sum::<i64>() + GAP;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" width=\"100%\" font-size=\"12\" font-family=\"inherit\">\n"
    );
    let mut top = GAP;
    for (name, values) in rows {
        let middle = top + high(values.len()) / 2 - GAP / 2 + 4;
        let at = across(words, NAMES - 8);
        let _ = writeln!(
            svg,
            "<text x=\"{at}\" y=\"{middle}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
            escaped(name)
        );
        for (place, value) in values.iter().enumerate() {
            let colour = COLOURS[place % COLOURS.len()];
            let room = u64::try_from(WIDTH - NAMES - VALUES).unwrap_or(1);
            let long = u128::from(value.unsigned_abs()) * u128::from(room) / u128::from(greatest);
            let long = i64::try_from(long).unwrap_or(0).max(1);
            let left = if words.language == Language::En { NAMES } else { WIDTH - NAMES - long };
            let title = series.get(place).map_or("", String::as_str);
            let _ = writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{long}\" height=\"{BAR}\" rx=\"2\" fill=\"{colour}\"><title>{}</title></rect>",
                escaped(title)
            );
            let (at, base) = (across(words, NAMES + long + 6), top + BAR - 3);
            let number = locale::digits::number(*value, words.language);
            let _ = writeln!(
                svg,
                "<text x=\"{at}\" y=\"{base}\" text-anchor=\"start\" fill=\"currentColor\">{number}</text>"
            );
            top += BAR + 2;
        }
        top += GAP;
    }
    svg.push_str("</svg>\n");
    svg
}

/// The same place counted from where lines begin in the reader's script.
fn across(words: &Words<'_>, from_start: i64) -> i64 {
    if words.language == Language::En { from_start } else { WIDTH - from_start }
}

/// What the colours stand for.
#[must_use]
pub fn legend(series: &[String]) -> String {
    let mut html = String::from("<p class=\"note\">");
    for (name, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let _ = write!(html, "<span style=\"color:{colour}\">■</span> {} &nbsp; ", escaped(name));
    }
    html.push_str("</p>\n");
    html
}
