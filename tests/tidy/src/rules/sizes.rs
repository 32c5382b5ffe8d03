//! Files stay under 400 lines and functions under 60; a file that must be longer says why at its top.

use crate::{Plant, Rule, Tree, Violation};

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 60;

/// A longer file has these words in a comment of its first lines, with its reason.
const EXCUSE: &str = "longer than 400 lines because";
const TOP: usize = 15;

pub const FILES: Rule = Rule { name: "file-size", check: check_files, plants: FILE_PLANTS };
pub const FUNCTIONS: Rule = Rule { name: "function-size", check: check_functions, plants: FUNCTION_PLANTS };

fn check_files(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let lines = file.text().lines().count();
        let excused = || {
            file.text()
                .lines()
                .take(TOP)
                .any(|line| line.starts_with("//") && line.to_lowercase().contains(EXCUSE))
        };
        if lines > FILE_LINES && !excused() {
            let reason = format!(
                "has {lines} lines, more than {FILE_LINES}: split it, or say at its top that it is \"{EXCUSE} …\""
            );
            found.push(Violation::new(file.path(), 1, reason));
        }
    }
    found
}

fn check_functions(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust() {
        for function in &file.code().functions {
            let lines = function.last - function.first + 1;
            if lines > FUNCTION_LINES {
                let reason =
                    format!("`{}` has {lines} lines, more than {FUNCTION_LINES}: split it", function.name);
                found.push(Violation::new(file.path(), function.first, reason));
            }
        }
    }
    found
}

/// Hundred lines of Rust for plants.
macro_rules! hundred {
    ($line:literal) => {
        concat!(
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line),
            ten!($line)
        )
    };
}

macro_rules! ten {
    ($line:literal) => {
        concat!($line, $line, $line, $line, $line, $line, $line, $line, $line, $line)
    };
}

const FILE_PLANTS: &[Plant] = &[Plant {
    bad: &[(
        "a/src/long.rs",
        concat!(
            "//! caught\n",
            hundred!("// x\n"),
            hundred!("// x\n"),
            hundred!("// x\n"),
            hundred!("// x\n")
        ),
    )],
    clean: &[
        (
            "a/src/just.rs",
            concat!(hundred!("// x\n"), hundred!("// x\n"), hundred!("// x\n"), hundred!("// x\n")),
        ),
        (
            "a/src/excused.rs",
            concat!(
                "//! Longer than 400 lines because it is one table.\n",
                hundred!("// x\n"),
                hundred!("// x\n"),
                hundred!("// x\n"),
                hundred!("// x\n")
            ),
        ),
    ],
}];

const FUNCTION_PLANTS: &[Plant] = &[Plant {
    bad: &[(
        "a/src/lib.rs",
        concat!(
            "impl A {\n    async fn long() { // caught\n",
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            "}\n}\n"
        ),
    )],
    clean: &[(
        "a/src/lib.rs",
        concat!(
            "/// Says\n/// much.\nfn just() {\n",
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            ten!("f();\n"),
            "}\n"
        ),
    )],
}];
