//! Questions, one a file; none of them writes.

pub mod action;
pub mod archive;
pub mod balance;
pub mod guard;
pub mod history;
pub mod holds;
pub mod household;
pub mod member;
pub mod money;
pub mod occasions;
pub mod programme;
pub mod projections;
pub mod purchase;
pub mod segments;
pub mod simulation;
pub mod statement;
pub mod tier;
pub mod transfers;
pub mod verify;
