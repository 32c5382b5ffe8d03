//! The tables as SeaORM entities, for everything that is not the hot path.

pub mod account;
pub mod branch;
pub mod identifier;
pub mod journal;
pub mod lot;
pub mod member;
pub mod programme;
pub mod region;
