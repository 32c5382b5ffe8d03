//! `domain` is pure: no async, SQL, HTTP, clock, randomness, floats or lossy casts; it knows no other room.

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

/// Crates that the pure core must not know.
const CRATES: &[&str] = &[
    "sea_orm",
    "sea_orm_migration",
    "sqlx",
    "axum",
    "http",
    "hyper",
    "tower",
    "tokio",
    "tokio_util",
    "async_nats",
    "futures_util",
    "async_trait",
    "rand",
    "ring",
    "tracing",
    "opentelemetry",
    "store",
    "bus",
    "web",
    "runtime",
    "locale",
    "testkit",
    "anyhow",
];

/// Services whose business is words: their core knows how languages write, which is as pure as they are.
const SPEAKERS: &[&str] = &["services/notifications/"];

/// Rooms of the same service that lie around it.
const ROOMS: &[&str] =
    &["store", "http", "commands", "queries", "reactions", "jobs", "adapters", "committer", "settings"];

/// The outside world: the time, chance, the machine.
const WORLD: &[&str] = &[
    "SystemTime",
    "Instant",
    "Utc::now",
    "Local::now",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "Uuid::now_v1",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::io",
    "f32",
    "f64",
];

const NUMBERS: &[&str] =
    &["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];

pub const RULE: Rule = Rule { name: "domain", check, plants: PLANTS };

fn check(tree: &Tree) -> Vec<Violation> {
    tree.rust().filter(|file| file.in_room("domain").is_some()).flat_map(check_file).collect()
}

fn check_file(file: &Source) -> Vec<Violation> {
    let code = file.code();
    let mut found = Vec::new();
    let mut refuse = |line, reason: String| found.push(Violation::new(file.path(), line, reason));
    for path in code.live_paths() {
        let speaks = SPEAKERS.iter().any(|service| file.path().starts_with(service));
        let stranger = |name: &&&str| {
            path.begins_with(name) && path.name.contains("::") && !(speaks && **name == "locale")
        };
        if let Some(name) = CRATES.iter().find(stranger) {
            refuse(path.line, format!("`{}`: the domain is pure and knows no `{name}`", path.name));
        }
        if let Some(room) = ROOMS.iter().find(|room| path.begins_with(&format!("crate::{room}"))) {
            refuse(path.line, format!("`{}`: the domain knows no other room, `{room}` neither", path.name));
        }
        let outside = |name: &&&str| {
            path.ends_in(name) || path.begins_with(name) || path.name.contains(&format!("{name}::"))
        };
        if let Some(name) = WORLD.iter().find(outside) {
            refuse(
                path.line,
                format!(
                    "`{name}` in the domain: time, chance and the machine come in as arguments, amounts are whole numbers"
                ),
            );
        }
    }
    let tokens: Vec<_> = code.live_tokens().collect();
    for pair in tokens.windows(2) {
        let (one, next) = (pair[0].text.as_str(), pair[1].text.as_str());
        if one == "async" || (one == "." && next == "await") {
            refuse(pair[0].line, "the domain is pure: nothing in it waits (async, await)".to_owned());
        }
        if one == "as" && NUMBERS.contains(&next) {
            refuse(
                pair[0].line,
                format!("`as {next}` may lose digits silently: use `{next}::from` or `{next}::try_from`"),
            );
        }
    }
    for token in tokens.iter().filter(|token| is_float(&token.text)) {
        refuse(token.line, format!("`{}` is a float; points and money are whole numbers", token.text));
    }
    found
}

/// A literal such as `1.5`, `2e3`, `1f64`.
fn is_float(text: &str) -> bool {
    let is_number = text.starts_with(|letter: char| letter.is_ascii_digit())
        && !text.starts_with("0x")
        && !text.starts_with("0b");
    is_number
        && (text.contains('.')
            || text.ends_with("f64")
            || text.ends_with("f32")
            || (text.contains('e') && !text.ends_with("size")))
}

const PLANTS: &[Plant] = &[
    Plant {
        bad: &[(
            "services/points/src/domain/lot.rs",
            "use sea_orm::entity::prelude::*; // caught\n\
             use crate::store::rows; // caught\n\
             use std::time::SystemTime; // caught\n\
             pub async fn decide() { // caught\n\
             let now = Utc::now(); // caught\n\
             let id = uuid::Uuid::now_v7(); // caught\n\
             println!(\"{}\", rand::random::<u8>()); // caught\n\
             later().await; // caught\n\
             }",
        )],
        clean: &[
            (
                "services/points/src/domain/lot.rs",
                "use kernel::{Points, Timestamp};\nuse super::account::Account;\nuse crate::domain::rule;\n\
                 /// Reads 1.5 of http://x and async words.\n\
                 pub fn decide(now: Timestamp, http: u8, id: uuid::Uuid) -> &'static str { \"SystemTime::now 1.5\" }\n\
                 #[cfg(test)]\nmod tests { use tokio::time; async fn f() -> f64 { 1.5 as f64 } }",
            ),
            ("services/points/src/commands/earn.rs", "pub async fn earn() { tokio::time::sleep(x).await; }"),
            ("services/notifications/src/domain/words.rs", "use locale::digits;"),
        ],
    },
    Plant {
        bad: &[
            ("services/rewards/src/domain/gift.rs", "use locale::digits; // caught"),
            ("services/notifications/src/domain/words.rs", "use web::Texts; // caught"),
        ],
        clean: &[],
    },
    Plant {
        bad: &[(
            "services/points/src/domain/rule.rs",
            "fn share(amount: i64) -> i64 {\n\
             let rate = 0.15; // caught\n\
             let part: f64 = rate; // caught\n\
             amount as i32; // caught\n\
             0\n}",
        )],
        clean: &[(
            "services/points/src/domain/rule.rs",
            "use kernel::Points as Amount;\nfn share(amount: i64) -> i64 { i64::from(3_i32) + amount * 15 / 100 + 0xfe + 1usize }",
        )],
    },
];
