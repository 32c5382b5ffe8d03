//! Every text exists in three languages, with the same arguments, and every error code has one.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::documents::error_codes;
use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "texts", check, plants: PLANTS };

const LANGUAGES: [&str; 3] = ["en", "fa", "ar"];

/// The messages of a catalog: line and arguments by id.
type Catalog<'a> = BTreeMap<&'a str, (usize, BTreeSet<&'a str>)>;

fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for folder in folders(tree) {
        let paths = LANGUAGES.map(|language| format!("{folder}/{language}.ftl"));
        let catalogs =
            paths.each_ref().map(|path| tree.file(path).map(|file| catalog(file.text())).unwrap_or_default());
        for (path, own) in paths.iter().zip(&catalogs) {
            for (other_path, other) in paths.iter().zip(&catalogs) {
                found.extend(lacking(path, own, other_path, other));
            }
        }
    }
    found.extend(unsaid_codes(tree));
    found
}

/// What the other catalog says and this one does not, or says with other arguments.
fn lacking(path: &str, own: &Catalog<'_>, other_path: &str, other: &Catalog<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for (id, (line, arguments)) in other {
        match own.get(id) {
            None => found.push(Violation::new(other_path, *line, format!("`{id}` is not said in {path}"))),
            Some((_, others)) if !arguments.is_subset(others) => {
                let reason =
                    format!("`{id}` names arguments that {path} leaves out: say the same in all languages");
                found.push(Violation::new(other_path, *line, reason));
            }
            Some(_) => {}
        }
    }
    found
}

fn unsaid_codes(tree: &Tree) -> Vec<Violation> {
    let said: BTreeSet<&str> = tree
        .files()
        .filter(|file| file.extension() == "ftl")
        .flat_map(|file| catalog(file.text()).into_keys())
        .collect();
    let key = |code: &str| code.replace(['.', '_'], "-");
    let unsaid = error_codes(tree).into_iter().filter(|(code, _)| !said.contains(key(code).as_str()));
    unsaid
        .map(|(code, (path, line))| {
            Violation::new(
                path,
                line,
                format!("the error `{code}` has no words: add `{}` to the crate's locales", key(&code)),
            )
        })
        .collect()
}

/// The folders with catalogs.
fn folders(tree: &Tree) -> BTreeSet<&str> {
    let catalogs = tree.files().filter(|file| file.extension() == "ftl");
    catalogs.filter_map(|file| file.path().rsplit_once('/')).map(|(folder, _)| folder).collect()
}

fn catalog(text: &str) -> Catalog<'_> {
    let mut messages = Catalog::new();
    let mut current = None;
    for (index, line) in text.lines().enumerate() {
        let id = line.split_once('=').map(|(id, _)| id.trim());
        let is_id =
            |id: &&str| line.starts_with(|letter: char| letter.is_ascii_lowercase()) && !id.contains(' ');
        if let Some(id) = id.filter(is_id) {
            current = Some(id);
            messages.insert(id, (index + 1, BTreeSet::new()));
        }
        if let Some((_, arguments)) = current.and_then(|id| messages.get_mut(id)) {
            arguments.extend(named_arguments(line));
        }
    }
    messages
}

/// The names behind `$` in a line.
fn named_arguments(line: &str) -> impl Iterator<Item = &str> {
    let is_end = |letter: char| !(letter.is_ascii_alphanumeric() || letter == '_' || letter == '-');
    line.split('$').skip(1).map(move |rest| rest.split(is_end).next().unwrap_or_default())
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[
            ("libs/web/locales/en.ftl", "web-a = A { $n }\nweb-b = caught\n"),
            ("libs/web/locales/fa.ftl", "web-a = الف { $n }\n"),
            ("libs/web/locales/ar.ftl", "web-a = أ { $n }\nweb-b = caught\n"),
        ],
        clean: &[
            (
                "libs/web/locales/en.ftl",
                "# words\nweb-a = { $n ->\n    [one] A\n   *[other] { $n } A\n }\nweb-b = B\n",
            ),
            ("libs/web/locales/fa.ftl", "web-a = الف { $n }\nweb-b = ب\n"),
            ("libs/web/locales/ar.ftl", "web-a = أ { $n }\nweb-b = ب\n"),
        ],
    },
    Plant {
        bad: &[
            ("libs/web/locales/en.ftl", "web-a = { $n } caught\n"),
            ("libs/web/locales/fa.ftl", "web-a = الف\n"),
            ("libs/web/locales/ar.ftl", "web-a = { $n } caught\n"),
        ],
        clean: &[
            ("libs/web/locales/en.ftl", "web-a = A\n"),
            ("libs/web/locales/fa.ftl", "web-a = الف\n"),
            ("libs/web/locales/ar.ftl", "web-a = أ\n"),
        ],
    },
    Plant {
        bad: &[(
            "libs/web/src/errors.rs",
            "const A: ErrorCode = ErrorCode::new(\"web.not_said\", K, \"x\"); // caught",
        )],
        clean: &[
            ("libs/web/src/errors.rs", "const A: ErrorCode = ErrorCode::new(\"web.not_said\", K, \"x\");"),
            ("libs/web/locales/en.ftl", "web-not-said = A\n"),
            ("libs/web/locales/fa.ftl", "web-not-said = الف\n"),
            ("libs/web/locales/ar.ftl", "web-not-said = أ\n"),
        ],
    },
];
