//! `queries` never write: no transaction that could, no command, no writing statement.

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "queries", check, plants: PLANTS };

const METHODS: &[&str] = &[
    "begin",
    "begin_with_options",
    "begin_with_config",
    "commit",
    "execute",
    "execute_raw",
    "execute_unprepared",
    "exec",
    "exec_with_returning",
    "exec_without_returning",
    "save",
];
const WORDS: &[&str] = &[
    "BulkInsert",
    "BulkUpdate",
    "ActiveModel",
    "insert_many",
    "update_many",
    "delete_many",
    "delete_by_id",
    "shielded",
];
const ROOMS: &[&str] = &["crate::commands", "crate::committer"];
const WRITERS: &[&str] = &["outbox::stage", "outbox::mark_published", "inbox::claim", "dead_letters::record"];
const WRITES: &[&str] =
    &["INSERT ", "UPDATE ", "DELETE ", "MERGE ", "TRUNCATE ", "DROP ", "ALTER ", "CREATE "];

fn check(tree: &Tree) -> Vec<Violation> {
    tree.rust().filter(|file| file.in_room("queries").is_some()).flat_map(check_file).collect()
}

fn check_file(file: &Source) -> Vec<Violation> {
    let code = file.code();
    let mut found = Vec::new();
    let mut refuse = |line, what: &str| {
        found.push(Violation::new(
            file.path(),
            line,
            format!("`{what}`: queries never write; this belongs to a command"),
        ));
    };
    for method in METHODS {
        let sequence = [".", method, "("];
        code.sequences(&sequence).filter(|token| !token.in_test).for_each(|token| refuse(token.line, method));
    }
    for token in code.live_tokens() {
        let sql = token.text.trim_start_matches(['r', '#', '"', '\\', 'n', ' ']);
        let word = WORDS.iter().find(|word| token.text == **word);
        let statement = WRITES.iter().find(|write| token.text.contains('"') && sql.starts_with(**write));
        if let Some(what) = word.or(statement) {
            refuse(token.line, what);
        }
    }
    for path in code.live_paths() {
        // A type that a command answers with is only a shape; a module or a function is its deed.
        let is_deed = !path.name.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase));
        let is_room = is_deed && ROOMS.iter().any(|room| path.begins_with(room));
        if is_room || WRITERS.iter().any(|writer| path.ends_in(writer)) {
            refuse(path.line, &path.name);
        }
    }
    found
}

const PLANTS: &[Plant] = &[Plant {
    bad: &[(
        "services/points/src/queries/balance.rs",
        "use crate::commands::record; // caught\n\
         async fn f(db: &Database) {\n\
         let tx = db.begin().await; // caught\n\
         db.execute_raw( // caught\n\
         \"UPDATE account SET x = 1\" // caught\n\
         ).await;\n\
         account::ActiveModel { balance: Set(1) }; // caught\n\
         account::Entity::find().one(db).await\n}",
    )],
    clean: &[
        (
            "services/points/src/queries/balance.rs",
            "use crate::store::accounts;\n\
             async fn f(db: &Database) {\n\
             let snapshot = db.snapshot().await;\n\
             seen.insert(1);\n\
             db.query_one_raw(\"SELECT updated FROM account\").await\n}",
        ),
        ("services/points/src/commands/earn.rs", "async fn f(db: &Database) { db.begin().await; }"),
    ],
}];
