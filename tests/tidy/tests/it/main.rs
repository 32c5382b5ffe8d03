//! The rules on this workspace, and the rules on what was planted for them.

use std::collections::BTreeSet;
use std::path::Path;

use tidy::{Plant, RULES, Rule, Tree};

#[test]
fn the_workspace_keeps_every_rule() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tree = Tree::read(&root)?;
    assert!(tree.rust().count() > 20, "the workspace is not where it was looked for");
    let mut lines: Vec<String> = Vec::new();
    for rule in RULES {
        let mut violations = (rule.check)(&tree);
        violations.sort();
        violations.dedup();
        lines.extend(violations.iter().map(|violation| format!("{violation} [{}]", rule.name)));
    }
    assert!(lines.is_empty(), "{} places break a house rule:\n{}\n", lines.len(), lines.join("\n"));
    Ok(())
}

#[test]
fn every_rule_catches_its_planted_violations() {
    for rule in RULES {
        assert!(
            !rule.plants.is_empty(),
            "{} has nothing planted, so nobody knows whether it bites",
            rule.name
        );
        rule.plants.iter().for_each(|plant| expect_caught(rule, plant));
    }
}

#[test]
fn every_rule_leaves_clean_code_alone() {
    for rule in RULES {
        for plant in rule.plants {
            let found = (rule.check)(&Tree::of(plant.clean));
            let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert!(lines.is_empty(), "{} complains about clean code:\n{}", rule.name, lines.join("\n"));
        }
    }
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

/// Something is caught, and where lines are marked, exactly those are.
fn expect_caught(rule: &Rule, plant: &Plant) {
    let found: BTreeSet<(String, usize)> = (rule.check)(&Tree::of(plant.bad))
        .into_iter()
        .map(|violation| (violation.path, violation.line))
        .collect();
    assert!(!found.is_empty(), "{} misses a planted violation in {:?}", rule.name, plant.bad[0].0);
    let marked: BTreeSet<(String, usize)> = plant
        .bad
        .iter()
        .flat_map(|(path, text)| text.lines().enumerate().map(move |(index, line)| (path, index + 1, line)))
        .filter(|(.., line)| line.contains("caught"))
        .map(|(path, line, _)| ((*path).to_owned(), line))
        .collect();
    assert!(marked.is_empty() || marked == found, "{}: planted {marked:?}, caught {found:?}", rule.name);
}
