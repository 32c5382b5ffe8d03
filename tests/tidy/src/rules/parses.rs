//! Every file can be read as Rust; a file that cannot would escape the other rules.

use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule {
    name: "parses",
    check,
    plants: &[Plant {
        bad: &[("a/src/lib.rs", "fn broken( {}")],
        clean: &[("a/src/lib.rs", "fn whole() {}")],
    }],
};

fn check(tree: &Tree) -> Vec<Violation> {
    let unread = |error: &str| format!("cannot be read as Rust ({error}), so that no other rule sees it");
    let broken = tree.rust().filter_map(|file| Some((file, file.syntax().err()?)));
    broken.map(|(file, error)| Violation::new(file.path(), 1, unread(error))).collect()
}
