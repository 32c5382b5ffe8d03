//! What a simulation says beyond points: money, tiers, and who wins in which branch.

use std::{cmp::Reverse, iter::once};

use kernel::Points;
use locale::digits;

use super::{Words, head, number, row};
use crate::domain::{GroupSpread, LocalText, MoneyFigures, ProgrammeFigures, TierFigures};

/// How many branches or segments are listed, those first where most changes.
const MOST_GROUPS: usize = 25;

/// Rows of the table of figures that tell the same in money; none where it is not known what points are worth.
pub(super) fn money(words: &Words<'_>, programmes: &[ProgrammeFigures]) -> String {
    type Figure = fn(&MoneyFigures) -> i64;
    let rows: [(&str, Figure); 4] = [
        ("cost", |m| m.cost),
        ("owed", |m| m.owed.value),
        ("breakage", |m| m.owed.breakage),
        ("expected", |m| m.owed.expected),
    ];
    if programmes.iter().all(|side| side.money.is_none()) {
        return String::new();
    }
    let row = |(id, figure): (&str, Figure)| {
        let values = programmes.iter().map(|side| side.money.as_ref().map(figure));
        let values = values.map(|value| value.map_or_else(String::new, |minor| words.money(minor)));
        row(once(words.say(&format!("simulation-{id}"), &[])).chain(values))
    };
    rows.into_iter().map(row).collect()
}

/// How members move on the ladders, highest level first; empty where no programme has one.
pub(super) fn tiers(words: &Words<'_>, programmes: &[ProgrammeFigures], series: &[String]) -> String {
    let mut levels: Vec<(&str, &LocalText)> = Vec::new();
    for level in programmes.iter().flat_map(|side| side.tiers.iter().rev()) {
        if !levels.iter().any(|(code, _)| *code == level.code) {
            levels.push((&level.code, &level.name));
        }
    }
    if levels.is_empty() {
        return String::new();
    }
    let of_each = |side: &String| {
        ["members", "reached", "lost"]
            .map(|id| format!("{side}: {}", words.say(&format!("simulation-tier-{id}"), &[])))
    };
    let heads: Vec<String> =
        once(words.say("simulation-tier", &[])).chain(series.iter().flat_map(of_each)).collect();
    let mut html = head(heads.iter().map(String::as_str));
    for (code, name) in levels {
        let moves = programmes.iter().flat_map(|side| {
            let level = side.tiers.iter().find(|level| level.code == code);
            let counts = level.map(|TierFigures { members, reached, lost, .. }| [*members, *reached, *lost]);
            counts.map_or_else(Default::default, |counts| counts.map(|count| number(words, count)))
        });
        html.push_str(&row(once(name.text(words.language).to_owned()).chain(moves)));
    }
    html + "</table>\n"
}

/// Who wins and who loses in which branch or segment; `group` is the word's name for what they are.
pub(super) fn by_group(words: &Words<'_>, group: &str, groups: &[GroupSpread], series: &[String]) -> String {
    let heads =
        [group, "winners", "losers", "unchanged"].map(|id| words.say(&format!("simulation-{id}"), &[]));
    let mut html = head(heads.iter().chain(series).map(String::as_str));
    let mut groups: Vec<&GroupSpread> = groups.iter().collect();
    let change = |there: &GroupSpread| there.points.count().abs_diff(there.against.count());
    groups.sort_by_key(|there| Reverse(change(there)));
    for there in groups.into_iter().take(MOST_GROUPS) {
        let points = |points: Points| digits::number(points.count(), words.language);
        let members = [there.winners, there.losers, there.unchanged].map(|count| number(words, count));
        let points = [points(there.points), points(there.against)];
        html.push_str(&row(once(words.named(&format!("{group}s"), &there.code))
            .chain(members)
            .chain(points)));
    }
    html + "</table>\n"
}
