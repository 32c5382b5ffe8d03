//! Manifests: every dependency is chosen once, in the root, with a word on what it is for; none is left over.

use toml::{Table, Value};

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "manifests", check, plants: PLANTS };

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

fn check(tree: &Tree) -> Vec<Violation> {
    let crates = tree.manifests().filter(|manifest| manifest.path() != "Cargo.toml");
    let mut found: Vec<Violation> = crates.flat_map(check_crate).collect();
    if let Some(root) = tree.file("Cargo.toml") {
        found.extend(check_root(root, tree));
    }
    found
}

fn check_crate(manifest: &Source) -> Vec<Violation> {
    let Ok(table) = manifest.text().parse::<Table>() else {
        return vec![Violation::new(manifest.path(), 1, "cannot be read as TOML")];
    };
    let mut found = Vec::new();
    for dependencies in SECTIONS.iter().filter_map(|section| table.get(*section)?.as_table()) {
        for (name, value) in dependencies {
            let is_chosen = value.get("workspace") == Some(&Value::Boolean(true));
            // A crate may name itself, to test itself with a feature on.
            let is_itself = value.get("path") == Some(&Value::from("."));
            if !is_chosen && !is_itself {
                let reason = format!(
                    "`{name}` is chosen here; choose it in the root and write `{name}.workspace = true`"
                );
                found.push(Violation::new(manifest.path(), manifest.line_with(name), reason));
            }
        }
    }
    let inherits = table.get("lints").and_then(|lints| lints.get("workspace")) == Some(&Value::Boolean(true));
    if !inherits {
        let reason = "does not take the workspace's lints: add `[lints]` with `workspace = true`";
        found.push(Violation::new(manifest.path(), 1, reason));
    }
    found
}

fn check_root(root: &Source, tree: &Tree) -> Vec<Violation> {
    let Ok(table) = root.text().parse::<Table>() else {
        return vec![Violation::new("Cargo.toml", 1, "cannot be read as TOML")];
    };
    let chosen = table.get("workspace").and_then(|workspace| workspace.get("dependencies")?.as_table());
    let mut found = Vec::new();
    for (name, value) in chosen.into_iter().flatten() {
        let is_ours = value.get("path").is_some();
        let starts =
            |line: &str| line.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with([' ', '=']));
        let Some(index) = root.text().lines().position(starts) else { continue };
        let line = root.text().lines().nth(index).unwrap_or_default();
        if !is_ours && !line.contains(" # ") {
            let reason = format!("`{name}` has no word on what it is for: add a comment behind it");
            found.push(Violation::new("Cargo.toml", index + 1, reason));
        }
        if !is_ours && !is_used(name, tree) {
            found.push(Violation::new(
                "Cargo.toml",
                index + 1,
                format!("`{name}` is chosen, but no crate uses it"),
            ));
        }
    }
    found
}

fn is_used(name: &str, tree: &Tree) -> bool {
    let takes = |line: &str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']));
    tree.manifests()
        .filter(|manifest| manifest.path() != "Cargo.toml")
        .any(|manifest| manifest.text().lines().any(takes))
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[(
            "libs/a/Cargo.toml",
            "[package] # caught\nname = \"a\"\n[dependencies]\nserde = \"1\" # caught\n",
        )],
        clean: &[(
            "libs/a/Cargo.toml",
            "[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n",
        )],
    },
    Plant {
        bad: &[
            (
                "Cargo.toml",
                "[workspace.dependencies]\nserde = \"1\"#caught\nserde_json = \"1\" # caught: words\n",
            ),
            ("libs/a/Cargo.toml", "[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n"),
        ],
        clean: &[
            (
                "Cargo.toml",
                "[workspace.dependencies]\na = { path = \"libs/a\" }\nserde = \"1\" # wire shapes\n",
            ),
            ("libs/a/Cargo.toml", "[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n"),
        ],
    },
];
