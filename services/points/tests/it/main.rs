//! Points through its HTTP face, on SQLite and on PostgreSQL.

mod audit;
mod concurrency;
mod expiry;
mod history;
mod holds;
mod identity;
mod ledger;
mod limits;
mod money;
mod overload;
mod programme;
mod purchases;
mod refusals;
mod replicas;
mod returns;
mod rule_text;
mod rules;
mod scenario;
mod sender;
mod shop;
mod staff;
mod statements;
mod tiers;
mod upstream;
mod versions;
