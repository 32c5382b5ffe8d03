//! The same rooms in every service (docs/architecture.md), and one integration test binary per crate.

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

/// What may stand in `src` of every service.
const ROOMS: &[&str] = &["domain", "commands", "queries", "store", "http", "reactions", "jobs", "adapters"];
const FILES: &[&str] = &["lib.rs", "settings.rs", "error.rs"];

/// Rooms and files that one service has beyond the common ones, and why.
const MORE: &[(&str, &[&str])] = &[
    // The group commit of the hot path is a room of its own, and so is what people read about the programme.
    ("points", &["committer", "pages"]),
    // Owns nothing durable, so it has no commands and no store; these are the stations of a passing request.
    ("gateway", &["callers", "guard", "limits", "openapi", "replicas"]),
];

/// The binary is no service of the flow: it puts services together, and has a file for each thing that a
/// person can ask of it.
const BINARY: &str = "vafa";

/// What may stand beside `src`.
const BESIDE: &[&str] = &["Cargo.toml", "README.md", "src", "tests", "locales", "proptest-regressions"];

pub const RULE: Rule = Rule { name: "rooms", check, plants: PLANTS };

fn check(tree: &Tree) -> Vec<Violation> {
    let mut found: Vec<Violation> = tree.files().filter_map(stray).collect();
    for service in tree.services() {
        for needed in ["README.md", "src/lib.rs"] {
            let path = format!("services/{service}/{needed}");
            if tree.file(&path).is_none() {
                found.push(Violation::new(&path, 1, "is missing; every service has one"));
            }
        }
    }
    found
}

fn stray(file: &Source) -> Option<Violation> {
    let refuse = |reason: String| Some(Violation::new(file.path(), 1, reason));
    if is_second_test_binary(file.path()) {
        return refuse(
            "is a test binary of its own; put tests into the one of `tests/it/main.rs`".to_owned(),
        );
    }
    let (service, rest) = file.in_service()?;
    let first = rest.split('/').next().unwrap_or_default();
    if !BESIDE.contains(&first) {
        return refuse(format!(
            "`{first}` is none of what stands in a service's folder: {}",
            BESIDE.join(", ")
        ));
    }
    if service == BINARY {
        return None;
    }
    let (room, is_file) = match rest.strip_prefix("src/")?.split_once('/') {
        Some((room, _)) => (room, false),
        None => (rest.strip_prefix("src/")?, true),
    };
    let more = MORE.iter().find(|(name, _)| *name == service).map_or(&[] as &[&str], |(_, more)| more);
    let common = if is_file { FILES } else { ROOMS };
    // A room of one file may be that file, and a file that got crowded has a folder.
    let as_room = room.strip_suffix(".rs").unwrap_or(room);
    let crowded = !is_file && FILES.contains(&format!("{room}.rs").as_str());
    if crowded
        || common.contains(&room)
        || ROOMS.contains(&as_room)
        || more.contains(&room)
        || more.contains(&as_room)
    {
        return None;
    }
    refuse(format!("`{room}` is not a room of a service; those are {}", ROOMS.join(", ")))
}

/// `x/tests/y.rs`: Cargo makes a binary of every file there.
fn is_second_test_binary(path: &str) -> bool {
    let Some((folder, file)) = path.rsplit_once('/') else { return false };
    file.rsplit_once('.').is_some_and(|(_, extension)| extension == "rs")
        && folder.ends_with("/tests")
        && !folder.contains("/src/")
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[
            ("services/points/README.md", ""),
            ("services/points/src/lib.rs", ""),
            ("services/points/src/engine/mod.rs", "// caught"),
            ("services/points/src/cache.rs", "// caught"),
            ("services/points/scripts/x.sh", "# caught"),
            ("services/membership/README.md", ""),
            ("services/membership/src/lib.rs", ""),
            ("services/membership/src/committer/mod.rs", "// caught"),
        ],
        clean: &[
            ("services/points/README.md", ""),
            ("services/points/src/lib.rs", ""),
            ("services/points/src/settings.rs", ""),
            ("services/points/src/committer/mod.rs", ""),
            ("services/points/src/domain/lot.rs", ""),
            ("services/points/src/jobs.rs", ""),
            ("services/points/tests/it/main.rs", ""),
            ("services/points/locales/en.ftl", ""),
            ("services/gateway/README.md", ""),
            ("services/gateway/src/lib.rs", ""),
            ("services/gateway/src/limits.rs", ""),
            ("services/vafa/README.md", ""),
            ("services/vafa/src/lib.rs", ""),
            ("services/vafa/src/main.rs", ""),
            ("services/vafa/src/demo/story.rs", ""),
        ],
    },
    Plant {
        bad: &[("services/points/src/lib.rs", "")],
        clean: &[("services/points/src/lib.rs", ""), ("services/points/README.md", "")],
    },
    Plant {
        bad: &[("libs/store/tests/outbox.rs", "// caught")],
        clean: &[("libs/store/tests/it/outbox.rs", ""), ("libs/store/src/tests/outbox.rs", "")],
    },
];
