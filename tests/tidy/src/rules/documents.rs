//! What people look up exists: every error code in docs/errors.md, every setting in docs/settings.md, and the other way.
//!
//! Both documents are generated (`vafa errors`, `vafa settings`); a document that is not there yet is not checked.

use std::collections::BTreeMap;

use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "documents", check, plants: PLANTS };

const ERRORS: &str = "docs/errors.md";
const SETTINGS: &str = "docs/settings.md";

/// Where a name is declared.
type Declared<'a> = BTreeMap<String, (&'a str, usize)>;

fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = agree(tree, ERRORS, "error code", &error_codes(tree));
    found.extend(agree(tree, SETTINGS, "setting", &settings(tree)));
    found
}

fn agree(tree: &Tree, document: &str, what: &str, declared: &Declared<'_>) -> Vec<Violation> {
    let Some(page) = tree.file(document) else { return Vec::new() };
    let mut found = Vec::new();
    for (name, (path, line)) in declared {
        if !page.text().contains(&format!("`{name}`")) {
            let reason = format!("the {what} `{name}` is not in {document}: generate it anew");
            found.push(Violation::new(path, *line, reason));
        }
    }
    for (index, line) in page.text().lines().enumerate() {
        if let Some(name) = entry(line).filter(|name| !declared.contains_key(*name)) {
            let reason =
                format!("the {what} `{name}` is described, but no code has it: generate the document anew");
            found.push(Violation::new(document, index + 1, reason));
        }
    }
    found
}

/// The dotted name in backticks that a heading or a table's row begins with.
fn entry(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#').trim_start_matches('|').trim_start();
    let begins = line.starts_with('#') || line.starts_with('|');
    let name = rest.strip_prefix('`')?.split_once('`')?.0;
    (begins && is_dotted(name)).then_some(name)
}

/// All error codes: `ErrorCode::new("…"`, `ErrorCode { code: "…"`, and the rows of `error_codes! { A = "…", …; }`.
pub fn error_codes(tree: &Tree) -> Declared<'_> {
    let mut codes = Declared::new();
    for file in tree.rust() {
        let code = file.code();
        let in_table = code.sequences(&["error_codes", "!"]).next().is_some();
        let tokens: Vec<_> = code.live_tokens().collect();
        for window in tokens.windows(6) {
            let texts: Vec<&str> = window.iter().map(|token| token.text.as_str()).collect();
            let name = match texts.as_slice() {
                ["ErrorCode", "::", "new", "(", name, _] | ["ErrorCode", "{", "code", ":", name, _] => name,
                [_, "=", name, ",", _, ","] if in_table => name,
                _ => continue,
            };
            insert(&mut codes, name, file.path(), window[0].line);
        }
    }
    codes
}

/// All settings: `Setting::new("…"` and `Setting::secret("…"`.
fn settings(tree: &Tree) -> Declared<'_> {
    let mut names = Declared::new();
    for file in tree.rust() {
        let tokens: Vec<_> = file.code().live_tokens().collect();
        for window in tokens.windows(5) {
            let texts: Vec<&str> = window.iter().map(|token| token.text.as_str()).collect();
            if let ["Setting", "::", "new" | "secret", "(", name] = texts.as_slice() {
                insert(&mut names, name, file.path(), window[0].line);
            }
        }
    }
    names
}

fn insert<'a>(declared: &mut Declared<'a>, literal: &str, path: &'a str, line: usize) {
    let name = literal.trim_matches('"');
    if literal.starts_with('"') && is_dotted(name) {
        declared.insert(name.to_owned(), (path, line));
    }
}

fn is_dotted(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.split('.').count() >= 2 && name.split('.').all(|part| !part.is_empty() && part.chars().all(plain))
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[
            (
                "libs/web/src/errors.rs",
                "error_codes! {\n A = \"web.known\", Missing, \"x\";\n B = \"web.unknown\", Missing, \"x\"; // caught\n}",
            ),
            (
                "services/points/src/error.rs",
                "const C: ErrorCode = ErrorCode::new(\"points.new\", K, \"x\"); // caught",
            ),
            ("docs/errors.md", "## `web.known`\n| `points.gone` | caught |\n"),
        ],
        clean: &[
            ("libs/web/src/errors.rs", "error_codes! { A = \"web.known\", Missing, \"x\"; }"),
            (
                "services/points/src/error.rs",
                "#[cfg(test)]\nmod tests { const C: ErrorCode = ErrorCode::new(\"points.test\", K, \"x\"); }",
            ),
            ("docs/errors.md", "## `web.known`\nSee `docs.rs`.\n"),
        ],
    },
    Plant {
        bad: &[
            (
                "libs/a/src/lib.rs",
                "const S: &[Setting] = &[\nSetting::new(\"a.one\", x), // caught\nSetting::secret(\"a.two\", x),\n];",
            ),
            ("docs/settings.md", "| `a.two` | x |\n| `a.three` | caught |\n"),
        ],
        clean: &[
            (
                "libs/a/src/lib.rs",
                "const S: &[Setting] = &[Setting::new(\"a.one\", x), Setting::secret(\"a.two\", x)];",
            ),
            ("docs/settings.md", "| name | x |\n| `a.one` | x |\n| `a.two` | x |\n"),
        ],
    },
    Plant {
        bad: &[
            (
                "libs/a/src/lib.rs",
                "const C: ErrorCode = ErrorCode { code: \"a.code\", kind: K, about: \"x\" }; // caught",
            ),
            ("docs/errors.md", ""),
        ],
        clean: &[(
            "libs/a/src/lib.rs",
            "const C: ErrorCode = ErrorCode { code: \"a.code\", kind: K, about: \"x\" };",
        )],
    },
];
