//! The database of points: the only room that knows SeaORM.

pub mod actions;
pub mod auditing;
pub mod clocks;
pub mod erasures;
pub mod guards;
pub mod history;
pub mod households;
pub mod kept;
pub mod ledger;
pub mod merges;
mod migrations;
pub mod money;
pub mod occasions;
pub mod phones;
pub mod places;
pub mod plans;
pub mod programmes;
pub mod projections;
pub mod proposals;
pub mod rates;
pub mod reading;
pub mod redemptions;
mod rows;
pub mod segments;
pub mod simulations;
pub mod standings;
pub mod statement;
pub mod tables;
pub mod tallies;
pub mod tier_grants;
pub mod transfers;
pub mod waiting;

pub use migrations::migrations;
