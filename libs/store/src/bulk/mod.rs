//! Many rows in one statement, with a text that never changes: the hot path rides on it.
//!
//! On PostgreSQL the rows travel as one array a column (`UNNEST`), whatever their number. SQLite has no arrays, so there
//! the rows are cut into chunks of 256, 64, 16, 4 and 1: five texts at most, which stay prepared.

mod delete;
mod insert;
mod select;
mod texts;
mod together;
mod update;

pub use delete::BulkDelete;
pub use insert::BulkInsert;
pub use select::BulkSelect;
pub use together::BulkTogether;
pub use update::BulkUpdate;
