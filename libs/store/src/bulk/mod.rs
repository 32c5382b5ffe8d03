//! Many rows in one statement, with a text that never changes: the hot path rides on it.
//!
//! On PostgreSQL the rows travel as one array a column (`UNNEST`), whatever their number. SQLite has no arrays, so there
//! a statement has places for a power of two of rows, up to 256, and those that are too many stay empty: nine texts at
//! most, which stay prepared. Each statement is a walk to the connection's own thread and back, so one with empty places
//! costs less than two without.

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
