//! A simulation as a page: figures side by side, charts, who wins and who loses.

mod money_and_tiers;

use std::{collections::BTreeSet, fmt::Write as _};

use kernel::{Currency, Language, Points};
use locale::digits;
use web::{
    Texts,
    html::{document, escaped},
};

use super::{
    LOCALES, Words,
    chart::{bars, legend},
};
use crate::domain::{Comparison, Example, ProgrammeFigures, RuleFigures, SimulationFigures};

/// How many branches a chart shows, those with most points first.
const MOST_BRANCHES: usize = 25;

/// The report. `series` names the programmes in the order of the figures, `notes` stand below the heading, and `name` tells
/// what a member is called.
#[must_use]
pub fn report(
    words: &Words<'_>,
    figures: &SimulationFigures,
    series: &[String],
    notes: &[String],
    name: &dyn Fn(&Example) -> String,
) -> String {
    let title = words.say("simulation-title", &[]);
    let mut body = format!("<h1>{}</h1>\n", escaped(&title));
    for note in notes {
        let _ = writeln!(body, "<p class=\"note\">{}</p>", escaped(note));
    }
    for assumed in &figures.assumed {
        let said = words.say(&format!("simulation-assumed-{}", assumed.word()), &[]);
        let _ = writeln!(body, "<p class=\"note\">{}</p>", escaped(&said));
    }
    let counted = [
        ("members", number(words, figures.members)),
        ("purchases", number(words, figures.purchases)),
        ("amount", words.money(figures.amount)),
        ("returns", number(words, figures.returns)),
    ];
    let counted = counted.map(|(arg, text)| (arg, text.into()));
    let _ = writeln!(body, "<p>{}</p>", escaped(&words.say("simulation-counted", &counted)));
    if figures.actions > 0 {
        let counted = [("actions", figures.actions), ("undone", figures.actions_undone)];
        let counted = counted.map(|(arg, count)| (arg, number(words, count).into()));
        let _ = writeln!(body, "<p>{}</p>", escaped(&words.say("simulation-acted", &counted)));
    }
    section(words, &mut body, "figures", &table(words, &figures.programmes, series));
    let tiers = money_and_tiers::tiers(words, &figures.programmes, series);
    if !tiers.is_empty() {
        section(words, &mut body, "tiers", &tiers);
    }
    let charts = [
        ("rules", rules(&figures.programmes, words, |rule| rule.points.count())),
        ("actions", actions(&figures.programmes, words)),
        ("granted", granted(&figures.programmes, words)),
        ("branches", branches(&figures.programmes)),
        ("expiring", expiring(&figures.programmes, words)),
    ];
    for (part, rows) in charts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        section(words, &mut body, part, &format!("{}{}", legend(series), bars(words, &rows, series)));
    }
    if let Some(comparison) = &figures.comparison {
        section(words, &mut body, "comparison", &compared(words, comparison));
        for (group, groups) in [("branch", &comparison.branches), ("segment", &comparison.segments)] {
            if !groups.is_empty() {
                let table = money_and_tiers::by_group(words, group, groups, series);
                section(words, &mut body, &format!("by-{group}"), &table);
            }
        }
        for (part, examples) in [("won", &comparison.most_won), ("lost", &comparison.most_lost)] {
            if !examples.is_empty() {
                section(words, &mut body, part, &named(words, examples, series, name));
            }
        }
    }
    document(words.language, &title, &body)
}

/// The report where there is no service around it: [`report`] with words of its own.
#[must_use]
pub fn report_simulation(
    language: Language,
    currency: Currency,
    figures: &SimulationFigures,
    series: &[String],
    notes: &[String],
    name: &dyn Fn(&Example) -> String,
) -> String {
    let texts = Texts::new(&[LOCALES]);
    report(&Words::new(&texts, language, currency), figures, series, notes, name)
}

fn section(words: &Words<'_>, body: &mut String, part: &str, inside: &str) {
    let title = words.say(&format!("simulation-{part}"), &[]);
    let _ = writeln!(body, "<section id=\"{part}\">\n<h2>{}</h2>\n{inside}</section>", escaped(&title));
}

fn number(words: &Words<'_>, count: u64) -> String {
    digits::number(i64::try_from(count).unwrap_or(i64::MAX), words.language)
}

fn table(words: &Words<'_>, programmes: &[ProgrammeFigures], series: &[String]) -> String {
    type Figure = fn(&ProgrammeFigures) -> Points;
    let rows: [(&str, Figure); 9] = [
        ("issued", |p| p.issued),
        ("for-actions", |p| p.for_actions),
        ("taken-back", |p| p.taken_back),
        ("taken-back-of-actions", |p| p.taken_back_of_actions),
        ("expired", |p| p.expired),
        ("recovered", |p| p.recovered),
        ("liability", |p| p.liability),
        ("pending", |p| p.pending),
        ("debt", |p| p.debt),
    ];
    let mut html = head(std::iter::once("").chain(series.iter().map(String::as_str)));
    // Where nothing is for actions, nothing is said of them.
    let told = |(id, figure): &(&str, Figure)| {
        !id.ends_with("-actions") || programmes.iter().any(|p| !figure(p).is_zero())
    };
    for (id, figure) in rows.into_iter().filter(told) {
        let name = words.say(&format!("simulation-{id}"), &[]);
        let values = programmes.iter().map(|p| digits::number(figure(p).count(), words.language));
        html.push_str(&row(std::iter::once(name).chain(values)));
    }
    html + &money_and_tiers::money(words, programmes) + "</table>\n"
}

fn head<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells = joined("th", cells);
    format!("<table>\n<tr>{cells}</tr>\n")
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("<tr>{}</tr>\n", joined("td", cells))
}

fn joined<T: AsRef<str>>(tag: &str, cells: impl Iterator<Item = T>) -> String {
    cells.fold(String::new(), |mut html, cell| {
        let _ = write!(html, "<{tag}>{}</{tag}>", escaped(cell.as_ref()));
        html
    })
}

/// Rows of a chart by a key: the keys of all programmes in the order in which they come up.
fn side_by_side<'a>(
    programmes: &'a [ProgrammeFigures],
    keys: impl Fn(&'a ProgrammeFigures) -> Vec<(&'a str, i64)>,
) -> Vec<(&'a str, Vec<i64>)> {
    let mut seen = BTreeSet::new();
    let all: Vec<Vec<(&str, i64)>> = programmes.iter().map(keys).collect();
    let order = all.iter().flatten().map(|(key, _)| *key).filter(|key| seen.insert(*key));
    let value = |side: &[(&str, i64)], key: &str| side.iter().find(|(k, _)| *k == key).map_or(0, |(_, v)| *v);
    order.map(|key| (key, all.iter().map(|side| value(side, key)).collect())).collect()
}

fn granted(programmes: &[ProgrammeFigures], words: &Words<'_>) -> Vec<(String, Vec<i64>)> {
    let mut rows = rules(programmes, words, |rule| rule.granted);
    rows.retain(|(_, values)| values.iter().any(|granted| *granted != 0));
    rows
}

fn rules(
    programmes: &[ProgrammeFigures],
    words: &Words<'_>,
    figure: fn(&RuleFigures) -> i64,
) -> Vec<(String, Vec<i64>)> {
    let rows = side_by_side(programmes, |p| p.rules.iter().map(|r| (r.code.as_str(), figure(r))).collect());
    let name = |code: &str| {
        let rule = programmes.iter().flat_map(|p| &p.rules).find(|rule| rule.code == code);
        rule.map_or(code, |rule| rule.name.text(words.language)).to_owned()
    };
    rows.into_iter().map(|(code, values)| (name(code), values)).collect()
}

fn actions(programmes: &[ProgrammeFigures], words: &Words<'_>) -> Vec<(String, Vec<i64>)> {
    let rows = side_by_side(programmes, |p| {
        p.actions.iter().map(|rule| (rule.code.as_str(), rule.points.count())).collect()
    });
    let name = |code: &str| {
        let rule = programmes.iter().flat_map(|p| &p.actions).find(|rule| rule.code == code);
        rule.map_or(code, |rule| rule.name.text(words.language)).to_owned()
    };
    rows.into_iter().map(|(code, values)| (name(code), values)).collect()
}

fn branches(programmes: &[ProgrammeFigures]) -> Vec<(String, Vec<i64>)> {
    let mut rows = side_by_side(programmes, |p| {
        p.branches.iter().map(|b| (b.branch.as_str(), b.points.count())).collect()
    });
    rows.sort_by_key(|(_, values)| std::cmp::Reverse(values.iter().max().copied()));
    rows.into_iter().take(MOST_BRANCHES).map(|(branch, values)| (branch.to_owned(), values)).collect()
}

fn expiring(programmes: &[ProgrammeFigures], words: &Words<'_>) -> Vec<(String, Vec<i64>)> {
    let mut rows = side_by_side(programmes, |p| {
        p.expiring.iter().map(|m| (m.month.as_str(), m.points.count())).collect()
    });
    rows.sort_unstable();
    let mut rows: Vec<_> = rows.into_iter().map(|(month, values)| (words.digits(month), values)).collect();
    let never: Vec<i64> = programmes.iter().map(|p| p.never_expiring.count()).collect();
    if never.iter().any(|points| *points != 0) {
        rows.push((words.say("simulation-never", &[]), never));
    }
    rows
}

fn compared(words: &Words<'_>, comparison: &Comparison) -> String {
    let counted =
        [("winners", comparison.winners), ("losers", comparison.losers), ("unchanged", comparison.unchanged)];
    let counted = counted.map(|(arg, count)| (arg, number(words, count).into()));
    let bands = comparison.distribution.iter().map(|band| {
        let percent =
            |edge: Option<i64>| edge.map_or_else(String::new, |e| digits::number(e, words.language));
        let name = match (band.from_percent, band.to_percent) {
            (Some(0), Some(0)) => words.say("simulation-same", &[]),
            (from, to) => format!("{} … {} %", percent(from), percent(to)).trim().to_owned(),
        };
        (name, vec![i64::try_from(band.members).unwrap_or(i64::MAX)])
    });
    let rows: Vec<_> = bands.collect();
    let members = [words.say("simulation-members", &[])];
    format!("<p>{}</p>\n{}", escaped(&words.say("simulation-spread", &counted)), bars(words, &rows, &members))
}

fn named(
    words: &Words<'_>,
    examples: &[Example],
    series: &[String],
    name: &dyn Fn(&Example) -> String,
) -> String {
    let (member, difference) = (words.say("simulation-member", &[]), words.say("simulation-difference", &[]));
    let heads = std::iter::once(member.as_str()).chain(series.iter().map(String::as_str));
    let mut html = head(heads.chain([difference.as_str()]));
    for example in examples {
        let points = [example.points, example.against, example.difference];
        let points = points.map(|points| digits::number(points.count(), words.language));
        html.push_str(&row(std::iter::once(name(example)).chain(points)));
    }
    html.push_str("</table>\n");
    html
}
