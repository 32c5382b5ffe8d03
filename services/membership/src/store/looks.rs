//! Who of the back office looked at members here; the record itself is the platform's.

use runtime::LookBook;
use store::Database;

use super::Vault;

impl Vault {
    /// The record of looks in this database.
    #[must_use]
    pub fn look_book(&self) -> LookBook {
        self.look_book_of(contracts::membership::SOURCE, &self.database)
    }

    /// The record of looks in the database of a service that has the same installation's key.
    #[must_use]
    pub fn look_book_of(&self, service: &'static str, database: &Database) -> LookBook {
        LookBook::new(service, database, self.blind.keys())
    }
}
