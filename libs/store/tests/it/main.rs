//! The database gear, on both databases.

mod bulk;
mod cancelled_begin;
mod measure;
mod opening;
mod place;
mod tables;
mod together;
mod transactions;
