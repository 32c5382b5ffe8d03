//! Arrows between crates (docs/architecture.md): who may depend on whom.
//!
//! `kernel ← contracts ← store ← bus ← runtime`, `kernel ← locale ← web ← runtime`, `libs ← services ← vafa`.
//! A service never depends on another one. `testkit` is for tests, and for `vafa`, whose `bench` starts servers.

use toml::Table;

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

/// Libraries and the crates of ours that each may use.
const LIBS: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("locale", &["kernel"]),
    ("contracts", &["kernel"]),
    ("store", &["kernel", "contracts"]),
    ("bus", &["kernel", "contracts", "store"]),
    ("web", &["kernel", "locale"]),
    ("runtime", &["kernel", "contracts", "locale", "store", "bus", "web"]),
    ("testkit", &[]),
];

/// What a service may use.
const SERVICE: &[&str] = &["kernel", "contracts", "locale", "store", "bus", "web", "runtime"];

/// Crates of others that only some of ours may name, normally or in tests.
const FOREIGN: &[(&str, &[&str])] = &[
    (
        "tokio",
        &[
            "store",
            "bus",
            "web",
            "runtime",
            "testkit",
            "gateway",
            "membership",
            "notifications",
            "points",
            "rewards",
            "webhooks",
            "vafa",
            "journeys",
        ],
    ),
    (
        "axum",
        &[
            "web",
            "testkit",
            "runtime",
            "gateway",
            "membership",
            "notifications",
            "points",
            "rewards",
            "webhooks",
            "vafa",
            "journeys",
        ],
    ),
    (
        "sea-orm",
        &[
            "store",
            "bus",
            "runtime",
            "membership",
            "notifications",
            "points",
            "rewards",
            "webhooks",
            "vafa",
            "journeys",
        ],
    ),
    (
        "sea-orm-migration",
        &["store", "bus", "membership", "notifications", "points", "rewards", "webhooks", "vafa"],
    ),
    ("async-nats", &["bus", "vafa", "journeys"]),
    ("syn", &["tidy"]),
];

pub const RULE: Rule = Rule { name: "arrows", check, plants: PLANTS };

fn check(tree: &Tree) -> Vec<Violation> {
    let ours: Vec<&str> = tree.manifests().filter_map(package).collect();
    tree.manifests().flat_map(|manifest| check_manifest(manifest, &ours)).collect()
}

fn check_manifest(manifest: &Source, ours: &[&str]) -> Vec<Violation> {
    let (Some(name), Ok(table)) = (package(manifest), manifest.text().parse::<Table>()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (section, for_tests) in
        [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
    {
        let Some(dependencies) = table.get(section).and_then(|value| value.as_table()) else { continue };
        for dependency in dependencies.keys() {
            if let Some(reason) = refusal(name, dependency, for_tests, ours) {
                let line = line_in_section(manifest.text(), section, dependency);
                found.push(Violation::new(manifest.path(), line, reason));
            }
        }
    }
    found
}

fn refusal(name: &str, dependency: &str, for_tests: bool, ours: &[&str]) -> Option<String> {
    let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == dependency);
    if let Some((_, allowed)) = foreign {
        let refused = !allowed.contains(&name);
        return refused
            .then(|| format!("`{name}` must not name {dependency}; only {} may", allowed.join(", ")));
    }
    if !ours.contains(&dependency) || dependency == name || name == "vafa" || name == "journeys" {
        return None;
    }
    if dependency == "testkit" {
        return (!for_tests)
            .then(|| format!("`{name}` needs testkit outside of its tests; only vafa's bench may"));
    }
    let allowed = LIBS.iter().find(|(lib, _)| *lib == name).map_or(SERVICE, |(_, allowed)| allowed);
    let refused = !allowed.contains(&dependency);
    refused.then(|| format!("an arrow `{name}` → `{dependency}` is not among those of docs/architecture.md"))
}

/// The name of the crate whose manifest it is; by its folder, so that a crate cannot rename itself into another's rights.
fn package(manifest: &Source) -> Option<&str> {
    match manifest.path() {
        "tests/Cargo.toml" => Some("journeys"),
        "tests/tidy/Cargo.toml" => Some("tidy"),
        path => {
            let folder = path.strip_suffix("/Cargo.toml")?;
            folder.strip_prefix("libs/").or(folder.strip_prefix("services/"))
        }
    }
}

fn line_in_section(text: &str, section: &str, key: &str) -> usize {
    let header = format!("[{section}]");
    let lines = || text.lines().enumerate();
    let begin = lines().find(|(_, line)| line.trim() == header).map_or(0, |(index, _)| index);
    let is_key = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    lines().skip(begin).find(|(_, line)| is_key(line)).map_or(1, |(index, _)| index + 1)
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[
            (
                "services/points/Cargo.toml",
                "[dependencies]\nkernel.workspace = true\nmembership.workspace = true # caught\n",
            ),
            ("services/membership/Cargo.toml", "[dependencies]\n"),
            ("libs/kernel/Cargo.toml", "[dependencies]\ntokio.workspace = true # caught\n"),
        ],
        clean: &[
            (
                "services/vafa/Cargo.toml",
                "[dependencies]\npoints.workspace = true\nmembership.workspace = true\n",
            ),
            (
                "services/points/Cargo.toml",
                "[dependencies]\nkernel.workspace = true\ntokio.workspace = true\n",
            ),
            ("services/membership/Cargo.toml", "[dependencies]\n"),
            ("libs/kernel/Cargo.toml", "[dependencies]\nserde.workspace = true\n"),
        ],
    },
    Plant {
        bad: &[
            (
                "libs/store/Cargo.toml",
                "[dev-dependencies]\nbus.workspace = true # caught\n\n[dependencies]\ntestkit.workspace = true # caught\n",
            ),
            ("libs/bus/Cargo.toml", "[dependencies]\naxum = \"0.8\" # caught\n"),
            ("libs/testkit/Cargo.toml", ""),
        ],
        clean: &[
            (
                "libs/bus/Cargo.toml",
                "[dependencies]\nstore.workspace = true\n\n[dev-dependencies]\ntestkit.workspace = true\n",
            ),
            ("libs/store/Cargo.toml", "[dev-dependencies]\ntestkit.workspace = true\n"),
            ("services/vafa/Cargo.toml", "[dependencies]\ntestkit.workspace = true\n"),
            ("libs/testkit/Cargo.toml", ""),
        ],
    },
];
