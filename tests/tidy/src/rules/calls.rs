//! Disallowed calls: time, chance and tasks come from `runtime`; only the command line prints; nothing panics by design.

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "calls", check, plants: PLANTS };

/// Paths and why not; allowed in the places named.
const PATHS: &[(&str, &str, &[&str])] = &[
    ("Utc::now", "take the time from a Clock", RUNTIME),
    ("Local::now", "take the time from a Clock", RUNTIME),
    ("SystemTime::now", "take the time from a Clock", RUNTIME),
    ("Uuid::now_v7", "take ids from Ids", RUNTIME),
    ("Uuid::new_v4", "take ids from Ids", RUNTIME),
    ("thread_rng", "take chance from Ids", RUNTIME),
    ("rand::random", "take chance from Ids", RUNTIME),
    ("rand::rng", "take chance from Ids", RUNTIME),
    ("SystemRandom", "take secrets from Ids", SECRETS),
    ("OsRng", "take secrets from Ids", RUNTIME),
    ("tokio::spawn", SPAWN, SPAWNERS),
    ("task::spawn", SPAWN, SPAWNERS),
    ("task::spawn_local", SPAWN, SPAWNERS),
    ("std::process::exit", "only the command line ends the process; answer an error", &["services/vafa/"]),
    ("mem::forget", "what is forgotten leaks", &[]),
];
const RUNTIME: &[&str] = &["libs/runtime/src/"];
// Trace ids are random by their standard, and nothing is decided by them. Keys and signatures for push are made by `ring`'s own.
const SECRETS: &[&str] =
    &["libs/runtime/src/", "libs/web/src/trace.rs", "services/notifications/src/adapters/chance.rs"];
const SPAWN: &str = "a task that nobody waits for is lost at a stop: use runtime's tracked tasks";
// The shield is the one task that must outlive its caller.
const SPAWNERS: &[&str] = &["libs/runtime/src/", "libs/store/src/shield.rs"];

/// Token sequences and why not; allowed in the places named. These hold in live code.
const SEQUENCES: &[(&[&str], &str, &[&str])] = &[
    (&["println", "!"], "only the command line prints; use tracing", COMMAND_LINE),
    (&["print", "!"], "only the command line prints; use tracing", COMMAND_LINE),
    (&["eprintln", "!"], "only the command line prints; use tracing", COMMAND_LINE),
    (&["eprint", "!"], "only the command line prints; use tracing", COMMAND_LINE),
    (&[".", "unwrap", "(", ")"], "say why it cannot happen with `expect`, or answer an error", &[]),
    (&[".", "unwrap_err", "(", ")"], "say why it cannot happen with `expect_err`, or answer an error", &[]),
];
const COMMAND_LINE: &[&str] = &["services/vafa/src/"];

/// Token sequences that no code may have, tests included.
const NOWHERE: &[(&[&str], &str)] = &[
    (&["dbg", "!"], "is for the moment only"),
    (&["todo", "!"], "unfinished work is not committed"),
    (&["unimplemented", "!"], "unfinished work is not committed"),
    (&["unsafe", "{"], "unsafe is forbidden in this workspace"),
    (&["unsafe", "fn"], "unsafe is forbidden in this workspace"),
    (&["unsafe", "impl"], "unsafe is forbidden in this workspace"),
];

fn check(tree: &Tree) -> Vec<Violation> {
    tree.rust().flat_map(check_file).collect()
}

fn check_file(file: &Source) -> Vec<Violation> {
    let code = file.code();
    let allowed = |places: &[&str]| places.iter().any(|place| file.path().starts_with(place));
    let mut found = Vec::new();
    let mut refuse = |line, what: &str, why: &str| {
        found.push(Violation::new(file.path(), line, format!("`{what}`: {why}")));
    };
    for path in code.live_paths() {
        for (name, why, places) in PATHS {
            if path.ends_in(name) && !allowed(places) {
                refuse(path.line, name, why);
            }
        }
    }
    for (sequence, why, places) in SEQUENCES {
        let here = code.sequences(sequence).filter(|token| !token.in_test && !allowed(places));
        here.for_each(|token| refuse(token.line, &sequence.concat(), why));
    }
    for (sequence, why) in NOWHERE {
        code.sequences(sequence).for_each(|token| refuse(token.line, &sequence.join(" "), why));
    }
    found
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[(
            "services/points/src/commands/earn.rs",
            "use std::time::SystemTime;\nuse tokio::spawn; // caught\n\
             fn f() {\n\
             let at = chrono::Utc::now(); // caught\n\
             let at = SystemTime::now(); // caught\n\
             let ids = [Uuid::now_v7()]; // caught\n\
             let luck = rand::random::<u8>(); // caught\n\
             tokio::spawn(async {}); // caught\n\
             tokio::task::spawn(async {}); // caught\n\
             println!(\"x\"); // caught\n\
             info!(\"{}\", x.unwrap()); // caught\n\
             std::process::exit(1); // caught\n\
             }",
        )],
        clean: &[
            (
                "services/points/src/commands/earn.rs",
                "// Utc::now() in words\n\
                 fn f(clock: &dyn Clock) { clock.now(); let x = \"Utc::now()\"; tasks.spawn(y); z.unwrap_or(1); w.expect(\"why\"); }\n\
                 #[cfg(test)]\nmod tests { fn t() { Utc::now(); x.unwrap(); tokio::spawn(y); println!(); } }",
            ),
            ("libs/runtime/src/clock.rs", "fn now() { SystemTime::now(); Uuid::now_v7(); tokio::spawn(x); }"),
            ("libs/store/src/shield.rs", "fn shielded() { tokio::spawn(x); }"),
            ("services/vafa/src/commands/demo.rs", "fn say() { println!(\"x\"); }"),
            ("libs/testkit/src/proxy.rs", "fn f() { tokio::spawn(x); }"),
            ("libs/bus/tests/it/main.rs", "fn f() { tokio::spawn(x); Utc::now(); y.unwrap(); }"),
        ],
    },
    Plant {
        bad: &[(
            "services/vafa/tests/it/main.rs",
            "fn f() {\n dbg!(1); // caught\n todo!(); // caught\n unimplemented!(); // caught\n unsafe { g() } // caught\n}\nunsafe fn h() {} // caught",
        )],
        clean: &[("services/vafa/tests/it/main.rs", "fn f() { let dbg = 1; \"todo!()\"; }")],
    },
    Plant {
        bad: &[
            ("libs/store/src/outbox.rs", "fn f() { tokio::spawn(x); } // caught"),
            ("libs/web/src/serve.rs", "fn f() { eprintln!(\"x\"); } // caught"),
        ],
        clean: &[("libs/web/src/serve.rs", "fn f() { tracing::info!(\"x\"); }")],
    },
];
