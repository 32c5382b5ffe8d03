//! What a service keeps of one member, for the archive that members may have of everything.
//!
//! A [`Sheet`] names a table, which of its rows are about a member, and what becomes of each of its columns: shown to people,
//! only in the file, or withheld for a reason. [`Kept`] is all of that for one service, with the tables that it leaves out and
//! why. **A table or a column of a service of which nothing is said is a gap** ([`Kept::gaps`]), and a test looks for gaps in the
//! schema itself. Sheets are read page by page ([`read`]) and told in one language ([`Reading::told`]); what goes from service to
//! service is a [`Part`].
//! Absent on purpose: files and pages for people; whoever hands an archive out makes them.

mod part;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

pub use part::{Head, Part, PartQuestion, Piece, Shape, unsaid};
pub use reading::{Cell, PAGE_BYTES, PAGE_ROWS, Place, Reading, SealedCell, SheetRows, read};

/// How the values of a column are read and told.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// 16 bytes that name something.
    Id,
    /// Bytes; they are never told, and only lead from page to page.
    Bytes,
    /// A whole number.
    Whole,
    /// An amount in minor units, of the currency that the column `currency` of the same row names.
    Money,
    /// Yes or no, as truth or as a number that is not zero.
    Truth,
    /// Microseconds UTC.
    Time,
    /// A day by its number; one that never comes is left out.
    Day,
    /// Text as it is.
    Text,
    /// A word of ours, for which there may be one in the reader's language.
    Word,
    /// The same, stored by number.
    Coded(fn(i64) -> Option<String>),
    /// A JSON document in a text.
    Document,
    /// Sealed text, which the service opens.
    Sealed,
    /// A sealed JSON document.
    SealedDocument,
}

/// Who gets to see a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// People on the page, programs in the file.
    Shown,
    /// Programs in the file alone.
    Filed,
    /// Nobody, and why.
    Withheld(&'static str),
}

/// A column, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the table, and in what is given out.
    pub column: &'static str,
    /// How its values are read.
    pub kind: Kind,
    /// Who gets to see it.
    pub given: Given,
}

impl Field {
    /// A column that people see.
    #[must_use]
    pub const fn shown(column: &'static str, kind: Kind) -> Self {
        Self { column, kind, given: Given::Shown }
    }

    /// A column that is only in the file.
    #[must_use]
    pub const fn filed(column: &'static str, kind: Kind) -> Self {
        Self { column, kind, given: Given::Filed }
    }

    /// A column that is not given out, and why not.
    #[must_use]
    pub const fn withheld(column: &'static str, kind: Kind, why: &'static str) -> Self {
        Self { column, kind, given: Given::Withheld(why) }
    }
}

/// Rows of one table that are about a member.
#[derive(Clone, Copy, Debug)]
pub struct Sheet {
    /// What it is called in what is given out.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// Which rows, as SQL about the member's id, `$1`; `{bytes}` stands for the id's bytes.
    pub whose: &'static str,
    /// The columns by which the member's rows are told apart and ordered.
    pub key: &'static [&'static str],
    /// Whether the highest key comes first.
    pub newest_first: bool,
    /// Whether people read each row as a list of its own, rather than as a line of a table.
    pub wide: bool,
    /// Its columns, all of them.
    pub fields: &'static [Field],
}

/// The rows of a table that are a member's by its column `member_id`, told apart by `key`.
#[must_use]
pub const fn sheet(
    name: &'static str,
    table: &'static str,
    key: &'static [&'static str],
    fields: &'static [Field],
) -> Sheet {
    Sheet { name, table, whose: "member_id = $1", key, newest_first: false, wide: false, fields }
}

/// The column that says whose a row is.
pub const WHOSE: Field =
    Field::withheld("member_id", Kind::Id, "the member's own id, which the file names once");

/// The record of looks, which every service that shows members has; its table `look_chain` is apart.
pub const LOOKS: Sheet = Sheet {
    newest_first: true,
    ..sheet(
        "looks",
        "looks",
        &["number"],
        &[
            WHOSE,
            Field::shown("looked_at", Kind::Time),
            Field::shown("reason", Kind::Word),
            Field::filed("operation", Kind::Text),
            Field::filed("reference", Kind::Text),
            Field::filed("number", Kind::Whole),
            Field::withheld("staff_id", Kind::Id, "who of the staff it was is about them"),
            Field::withheld("seal", Kind::Bytes, "a seal over the whole record"),
        ],
    )
};

/// What a service keeps of a member, and what it leaves out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// What is given out, in the order in which people read it.
    pub sheets: &'static [&'static Sheet],
    /// Tables of which nothing is given out, and why not.
    pub apart: &'static [(&'static str, &'static str)],
}

/// The tables that every service has, and why nothing of them is given out.
const EVERYWHERE: [(&str, &str); 5] = [
    ("outbox", "facts on their way, which say with ids what the other tables say"),
    ("inbox", "which facts of others were heard, by their ids"),
    ("dead_letters", "facts that could not be heard, waiting for a person; they hold ids, never names"),
    ("leases", "which replica does which job"),
    ("seaql_migrations", "the steps of the schema"),
];

impl Kept {
    /// What is not said of tables with these columns, and what is said of none: empty where everything is spoken for.
    #[must_use]
    pub fn gaps(&self, tables: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
        let apart: BTreeMap<&str, &str> = EVERYWHERE.into_iter().chain(self.apart.iter().copied()).collect();
        let mut gaps = Vec::new();
        for (table, columns) in tables {
            let mut sheets = self.sheets.iter().filter(|sheet| sheet.table == table).peekable();
            match (sheets.peek().is_some(), apart.contains_key(table.as_str())) {
                (false, false) => gaps.push(format!("{table}: neither given out nor left out for a reason")),
                (true, true) => gaps.push(format!("{table}: both given out and left out")),
                _ => {}
            }
            for sheet in sheets {
                let named: BTreeSet<String> =
                    sheet.fields.iter().map(|field| field.column.to_owned()).collect();
                let said = |column: &String, what| format!("{}.{column}: {what}", sheet.name);
                gaps.extend(columns.difference(&named).map(|column| said(column, "nothing is said of it")));
                gaps.extend(named.difference(columns).map(|column| said(column, "there is no such column")));
            }
        }
        let unknown =
            self.sheets.iter().map(|sheet| sheet.table).chain(self.apart.iter().map(|(table, _)| *table));
        gaps.extend(
            unknown
                .filter(|table| !tables.contains_key(*table))
                .map(|table| format!("{table}: no such table")),
        );
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PETS: Sheet = Sheet {
        name: "pets",
        table: "pets",
        whose: "member_id = $1",
        key: &["name"],
        newest_first: false,
        wide: false,
        fields: &[
            Field::shown("name", Kind::Text),
            Field::withheld("member_id", Kind::Id, "the same in all rows"),
        ],
    };
    const KEPT: Kept = Kept { sheets: &[&PETS], apart: &[("moods", "of nobody")] };

    fn tables(found: &[(&str, &[&str])]) -> BTreeMap<String, BTreeSet<String>> {
        let owned = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect();
        found.iter().map(|(table, columns)| ((*table).to_owned(), owned(columns))).collect()
    }

    #[test]
    fn what_nothing_is_said_of_is_a_gap() {
        let whole: &[(&str, &[&str])] =
            &[("pets", &["name", "member_id"]), ("moods", &["mood"]), ("outbox", &["id"])];
        assert!(KEPT.gaps(&tables(whole)).is_empty());
        let grown = [
            ("pets", &["name", "member_id", "age"] as &[&str]),
            ("moods", &["mood"]),
            ("toys", &["member_id"]),
        ];
        let gaps = KEPT.gaps(&tables(&grown));
        assert_eq!(
            gaps,
            ["pets.age: nothing is said of it", "toys: neither given out nor left out for a reason"]
        );
        let shrunk = KEPT.gaps(&tables(&[("pets", &["member_id"])]));
        assert_eq!(shrunk, ["pets.name: there is no such column", "moods: no such table"]);
    }
}
