//! The rows, as `SeaORM` sees them.

pub mod activity;
pub mod branches;
pub mod household_members;
pub mod households;
pub mod identifiers;
pub mod members;
pub mod regions;
pub mod till_keys;
pub mod tills;
