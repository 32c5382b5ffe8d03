//! `http` speaks to commands and queries; it never touches tables or transactions.

use crate::source::Source;
use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "http", check, plants: PLANTS };

const METHODS: &[&str] = &[
    "begin",
    "commit",
    "rollback",
    "execute",
    "execute_raw",
    "query_one",
    "query_all",
    "query_one_raw",
    "query_all_raw",
];

fn check(tree: &Tree) -> Vec<Violation> {
    tree.rust().filter(|file| file.in_room("http").is_some()).flat_map(check_file).collect()
}

fn check_file(file: &Source) -> Vec<Violation> {
    let code = file.code();
    let tables = code.live_paths().filter(|path| {
        path.begins_with("sea_orm")
            || path.begins_with("crate::store::tables")
            || path.begins_with("store::tables")
    });
    let mut found: Vec<Violation> = tables
        .map(|path| {
            Violation::new(
                file.path(),
                path.line,
                format!("`{}`: handlers never touch tables; ask a query or give a command", path.name),
            )
        })
        .collect();
    for method in METHODS {
        let sequence = [".", method, "("];
        let calls = code.sequences(&sequence).filter(|token| !token.in_test);
        found.extend(calls.map(|token| {
            Violation::new(
                file.path(),
                token.line,
                format!("`.{method}(…)`: transactions and statements belong to commands, queries and store"),
            )
        }));
    }
    found
}

const PLANTS: &[Plant] = &[Plant {
    bad: &[(
        "services/points/src/http/purchases.rs",
        "use crate::store::tables::lot; // caught\n\
         use crate::{\n store::{\n tables, // caught\n }, queries };\n\
         async fn f(db: Database) {\n\
         let tx = db.begin().await; // caught\n\
         sea_orm::Statement::from_string(a, b); // caught\n\
         }",
    )],
    clean: &[
        (
            "services/points/src/http/purchases.rs",
            "use crate::commands::record_purchase;\nasync fn f(state: State) { record_purchase::run(&state.database).await }",
        ),
        (
            "services/points/src/commands/record_purchase.rs",
            "use crate::store::tables::lot;\nasync fn f() { db.begin().await; }",
        ),
    ],
}];
