//! The audit's table.

use std::fmt::Write as _;

use super::Section;

/// The table as text: a line a promise, the first differences below it, a verdict at the end.
pub(super) fn render(sections: &[Section]) -> String {
    let rows = || sections.iter().flat_map(|section| &section.rows);
    let width = rows().map(|row| row.promise.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for section in sections {
        let _ = writeln!(out, "{}", section.name);
        for row in &section.rows {
            let mark = if row.holds() { "holds  " } else { "DIFFERS" };
            let count = if row.holds() { String::new() } else { format!(", {} differ", row.differing) };
            let _ = writeln!(out, "  {mark}  {:width$}  {} looked at{count}", row.promise, row.examined);
            for example in &row.examples {
                let _ = writeln!(out, "             {example}");
            }
        }
    }
    let broken = rows().filter(|row| !row.holds()).count();
    let all = rows().count();
    let _ = match broken {
        0 => writeln!(out, "\nAll {all} promises hold."),
        broken => writeln!(out, "\n{broken} of {all} promises do not hold."),
    };
    out
}

#[cfg(test)]
mod tests {
    use runtime::AuditRow;

    use super::*;

    #[test]
    fn a_difference_is_shown_with_its_example_and_counted() {
        let mut broken = AuditRow::new("every account equals its entries");
        broken.examined = 7;
        broken.differs("m1: balance 5, entries 4");
        let sections = [Section { name: "points", rows: vec![broken, AuditRow::new("no dead letters")] }];
        let text = render(&sections);
        assert!(text.contains("DIFFERS  every account equals its entries  7 looked at, 1 differ"), "{text}");
        assert!(
            text.contains("m1: balance 5, entries 4") && text.contains("1 of 2 promises do not hold."),
            "{text}"
        );
    }
}
