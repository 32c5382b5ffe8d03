//! Names: modules say what they are about; tests are sentences.

use crate::{Plant, Rule, Tree, Violation};

const VAGUE: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "types", "manager", "managers", "handler", "handlers",
    "misc",
];
const WORDS_OF_A_SENTENCE: usize = 3;

pub const MODULES: Rule = Rule { name: "module-names", check: check_modules, plants: MODULE_PLANTS };
pub const TESTS: Rule = Rule { name: "test-names", check: check_tests, plants: TEST_PLANTS };

fn check_modules(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let folders = file.path().rsplit_once('/').map_or("", |(folders, _)| folders);
        let vague = folders.split('/').chain([file.stem()]).find(|name| VAGUE.contains(name));
        if let Some(name) = vague {
            let reason = format!("`{name}` says nothing of what is inside: name the thing that it is about");
            found.push(Violation::new(file.path(), 1, reason));
        }
        for name in VAGUE {
            let sequence = ["mod", name, "{"];
            let inline = file.code().sequences(&sequence);
            found.extend(inline.map(|token| {
                Violation::new(
                    file.path(),
                    token.line,
                    format!("`mod {name}` says nothing of what is inside"),
                )
            }));
        }
    }
    found
}

fn check_tests(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        for test in file.code().functions.iter().filter(|function| function.is_test) {
            let is_sentence =
                test.name.split('_').filter(|word| !word.is_empty()).count() >= WORDS_OF_A_SENTENCE;
            if !is_sentence || test.name.starts_with("test_") {
                let reason = format!(
                    "`{}` is no sentence: say what is so, such as `a_revoked_key_is_refused`",
                    test.name
                );
                found.push(Violation::new(file.path(), test.first, reason));
            }
        }
    }
    found
}

const MODULE_PLANTS: &[Plant] = &[Plant {
    bad: &[
        ("libs/a/src/utils.rs", "// caught"),
        ("libs/a/src/common/money.rs", "// caught"),
        ("libs/a/src/lib.rs", "mod helpers { } // caught"),
    ],
    clean: &[("libs/a/src/money.rs", "fn utils() {}"), ("libs/a/src/uncommon.rs", "mod tests { }")],
}];

const TEST_PLANTS: &[Plant] = &[Plant {
    bad: &[(
        "libs/a/src/lib.rs",
        "#[test]\nfn balance() {} // caught\n#[tokio::test]\nasync fn test_the_balance_here() {} // caught\n",
    )],
    clean: &[("libs/a/src/lib.rs", "#[test]\nfn a_balance_is_never_negative() {}\nfn balance() {}")],
}];
