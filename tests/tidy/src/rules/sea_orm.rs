//! SeaORM is known to the room `store` alone; the rest of a service speaks to that room.

use crate::{Plant, Rule, Tree, Violation};

pub const RULE: Rule = Rule { name: "sea-orm", check, plants: PLANTS };

fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test_file() && file.in_room("store").is_none()) {
        let Some((service, _)) = file.in_service() else { continue };
        if service == "vafa" {
            // The audit reads every database from outside of the services.
            continue;
        }
        let strangers = file.code().live_paths().filter(|path| {
            path.name.contains("::") && (path.begins_with("sea_orm") || path.begins_with("sea_orm_migration"))
        });
        // The map of a service hands its migrations on.
        let is_map = file.path().ends_with("/src/lib.rs");
        let strangers = strangers.filter(|path| !(is_map && path.ends_in("MigrationTrait")));
        found.extend(strangers.map(|path| {
            Violation::new(
                file.path(),
                path.line,
                format!("`{}`: only the room `store` knows SeaORM", path.name),
            )
        }));
    }
    found
}

const PLANTS: &[Plant] = &[Plant {
    bad: &[
        ("services/points/src/commands/earn.rs", "use sea_orm::EntityTrait; // caught\n"),
        ("services/points/src/lib.rs", "use sea_orm::EntityTrait; // caught\n"),
    ],
    clean: &[
        ("services/points/src/store/accounts.rs", "use sea_orm::EntityTrait;\n"),
        ("services/points/src/commands/earn.rs", "use crate::store::accounts;\n"),
        ("services/points/src/lib.rs", "use sea_orm_migration::MigrationTrait;\n"),
        ("services/points/tests/it/main.rs", "use sea_orm::EntityTrait;\n"),
    ],
}];
