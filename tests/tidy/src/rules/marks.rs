//! No marks of unfinished work: what is to be done stands in an issue.

use crate::{Plant, Rule, Tree, Violation};

const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("HA", "CK")];

pub const RULE: Rule = Rule { name: "marks", check, plants: PLANTS };

fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files() {
        for (index, line) in file.text().lines().enumerate() {
            let words = line.split(|letter: char| !letter.is_alphanumeric());
            if let Some(mark) = words.into_iter().find(|word| MARKS.contains(word)) {
                let reason = format!("`{mark}`: do it now, or open an issue");
                found.push(Violation::new(file.path(), index + 1, reason));
            }
        }
    }
    found
}

const PLANTS: &[Plant] = &[Plant {
    bad: &[
        ("a/src/lib.rs", concat!("fn f() {} // caught ", "TO", "DO: later\n")),
        ("README.md", concat!("(", "FIX", "ME) caught\n")),
    ],
    clean: &[("a/src/lib.rs", "// todos os pontos; the_todo_list; METODO\n")],
}];
